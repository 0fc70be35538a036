"""What ``/api/`` offers, as OpenAPI 3.1: written from what layers and columns declare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import atlas
from atlas.dataset import Dataset
from atlas.export import FORMATS
from atlas.fields import TEXT, Field, Type, field_of, labelled
from atlas.filters import WHERE_KEYS
from atlas.geo.frames import FRAMES
from atlas.i18n import LANGUAGES, N_, _
from atlas.labels import label
from atlas.layers.options import Option
from atlas.model import STATUSES, Kind, Level, Viewer
from atlas.sensitivity import finest_level
from atlas.vocab import vocabulary_table
from atlas.web.api.api_parameters import (
    AFTER,
    FORMAT,
    LIMIT,
    PLANS,
    SNAPSHOT,
    known_words,
)  # fmt: skip
from atlas.web.api.api_tables import API_TABLES, ApiTable
from atlas.web.guard import API_PATH
from atlas.web.page_state import PageScene

TITLE = N_("Atlas du Mali : qui fait quoi, où")
_ABOUT = N_(
    "Lecture seule. Les réponses sont celles de la page et de la commande « atlas layer », sous "
    "les mêmes filtres et réglages, telles que l'on peut les lire : une case vide (null) est une "
    "valeur inconnue, jamais un zéro. Les lignes réservées (_national, _coarser, "
    "_not_convertible, _unplaced) complètent les unités : avec elles, les colonnes s'additionnent."
)
_WORDS: Mapping[str, str] = {
    "kind": N_("Nature ; par défaut activités et présences"),
    "source": N_("Source"),
    "sector": N_("Secteur"),
    "donor": N_("Bailleur : identifiant ou nom tel qu'écrit"),
    "organisation": N_("Organisation responsable ou partenaire : identifiant ou nom tel qu'écrit"),
    "status": N_("Statut"),
    "nexus": N_("Étiquette du nexus"),
    "unit": N_("Unité, par son identifiant"),
    "year": N_("Année que touche l'activité"),
    "at": N_("En cours ce jour-là"),
    "since": N_("Depuis ce jour"),
    "until": N_("Jusqu'à ce jour"),
    PLANS: N_("Compter aussi les plans"),
    "frame": N_("Découpage ; par défaut celui qui place le plus d'activités"),
    "level": N_("Niveau des unités"),
    "lang": N_("Langue des mots et des phrases"),
    "state": N_("État publié auparavant, par le début de son empreinte (éditeurs)"),
    FORMAT: N_("Format ; sans lui, celui que demande l'en-tête Accept, sinon json"),
    LIMIT: N_("Nombre de lignes d'une page ; sans lui, toutes"),
    AFTER: N_("Lignes à passer"),
    SNAPSHOT: N_("État de la première page ; s'il n'est plus publié, la suite est refusée (409)"),
}
"""What each parameter is that no layer declares."""
_REPEATED = WHERE_KEYS
_ANSWERS: Mapping[str, str] = {
    "304": N_("Rien n'a changé depuis la réponse qui portait cet ETag"),
    "400": N_("Paramètre inconnu ou valeur refusée"),
    "403": N_("Détail qui n'est pas ouvert à qui demande"),
    "409": N_("L'état publié a changé entre deux pages"),
    "503": N_("Les données ne peuvent pas être lues"),
}


def api_index(scene: PageScene) -> dict[str, Any]:
    """What ``/api/`` itself says: the state published now, and every address."""
    data: Dataset | None = scene.data
    tables = [
        {"path": f"{API_PATH}{one.path}", "title": _(one.title), "formats": one.formats}
        for one in API_TABLES.values()
    ]
    return {
        "title": _(TITLE),
        "snapshot": data.snapshot.hash if data else None,
        "as_of": data.as_of.isoformat() if data and data.as_of else None,
        "viewer": scene.viewer.value,
        "description": f"{API_PATH}openapi.json",
        "tables": tables,
    }


def api_description() -> dict[str, Any]:
    """The OpenAPI document, in the language in force."""
    return {
        "openapi": "3.1.0",
        "info": {"title": _(TITLE), "version": atlas.__version__, "description": _(_ABOUT)},
        "servers": [{"url": "/"}],
        "paths": {f"{API_PATH}{one.path}": _path_item(one) for one in API_TABLES.values()},
        "components": {
            "schemas": {
                "Error": _object(error={"type": "string"}, parameter={"type": ["string", "null"]}),
                "About": {"type": "object"},
                **{_schema_name(one): _row_schema(one) for one in API_TABLES.values()},
            },
            "parameters": {name: _shared_parameter(name) for name in _WORDS if name != FORMAT},
            "responses": {
                code: {"description": _(words)} | (_error_content() if code != "304" else {})
                for code, words in _ANSWERS.items()
            },
        },
    }


def _schema_name(table: ApiTable) -> str:
    return table.path.replace("/", "-")


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _error_content() -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}


def _path_item(table: ApiTable) -> dict[str, Any]:
    row = {"$ref": f"#/components/schemas/{_schema_name(table)}"}
    page = _object(
        about={"$ref": "#/components/schemas/About"},
        count={"type": "integer"},
        next={"type": ["string", "null"]},
        rows={"type": "array", "items": row},
    )
    content: dict[str, Any] = {
        FORMATS[fmt].mime.partition(";")[0]: {"schema": page if fmt == "json" else {}}
        for fmt in table.formats
    }
    refused = {code: {"$ref": f"#/components/responses/{code}"} for code in _ANSWERS}
    operation = {
        "summary": _(table.title),
        "operationId": _schema_name(table),
        "parameters": [_parameter(table, name) for name in known_words(table)],
        "responses": {"200": {"description": _(table.title), "content": content}, **refused},
    }
    if table.place_words:
        finest = {viewer.value: finest_level(viewer, table.layer).value for viewer in Viewer}
        operation["x-finest-level"] = finest
    return {"get": operation}


def _parameter(table: ApiTable, name: str) -> dict[str, Any]:
    if name in table.options:
        return _option_parameter(name, table.options[name])
    if name == FORMAT:
        return _query_parameter(name, _(_WORDS[name]), {"enum": list(table.formats)})
    return {"$ref": f"#/components/parameters/{name}"}


def _query_parameter(name: str, words: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": words, "schema": dict(schema)}


def _shared_parameter(name: str) -> dict[str, Any]:
    made = _VALUES.get(name)
    schema: dict[str, Any] = made() if made else {"type": "string"}
    if name in _REPEATED:
        schema = {"type": "array", "items": schema}
    return _query_parameter(name, _(_WORDS[name]), schema)


def _coded(kind: str, codes: Iterable[str]) -> dict[str, Any]:
    """Codes, with the word of each."""
    known = list(codes)
    return {"type": "string", "enum": known, "x-words": {one: label(kind, one) for one in known}}


def _vocabulary(name: str) -> Callable[[], dict[str, Any]]:
    return lambda: _coded(name, vocabulary_table(name)["id"].to_list())


def _choice(codes: Sequence[str]) -> Callable[[], dict[str, Any]]:
    return lambda: {"type": "string", "enum": list(codes)}


_DAY = {"type": "string", "format": "date"}
_VALUES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "kind": lambda: _coded("kinds", [str(one) for one in Kind]),
    "source": _vocabulary("sources"),
    "nexus": _vocabulary("nexus"),
    "sector": _vocabulary("sectors"),
    "status": lambda: _coded("statuses", STATUSES),
    "year": lambda: {"type": "integer"},
    **{name: lambda: dict(_DAY) for name in ("at", "since", "until")},
    PLANS: _choice(["1"]),
    "frame": lambda: _coded("frame", FRAMES),
    "level": lambda: {**_coded("level", [str(one) for one in Level]), "default": Level.REGION},
    "lang": lambda: {**_choice(LANGUAGES)(), "default": LANGUAGES[0]},
    LIMIT: lambda: {"type": "integer", "minimum": 1},
    AFTER: lambda: {"type": "integer", "minimum": 0, "default": 0},
}
"""What each parameter may be."""


def _option_parameter(name: str, option: Option) -> dict[str, Any]:
    """A setting of a layer, as it declares it."""
    schema: dict[str, Any] = {"type": "string"}
    if option.form == "choice":
        words = {value: _(word) for value, word in option.choices.items()}
        schema |= {"enum": list(option.choices), "x-words": words}
    elif option.form == "day":
        schema |= _DAY
    elif option.form == "number":
        bounds = {"minimum": option.lowest, "maximum": option.highest}
        schema["type"] = "number"
        schema |= {key: value for key, value in bounds.items() if value is not None}
    if option.default:
        is_number = option.form == "number"
        schema["default"] = float(option.default) if is_number else option.default
    return _query_parameter(name, _(option.label), schema)


def _row_schema(table: ApiTable) -> dict[str, Any]:
    """A row; of columns whose name has an ending, all that begin so."""
    exact, begun = {}, {}
    for name in table.columns():
        told = labelled(table.declared_as, name) or field_of(table.declared_as, name)
        schema = _column_schema(table, name, told)
        if name.endswith("*"):
            begun[f"^{name[:-1]}"] = schema
        else:
            exact[name] = schema
    schema = {"type": "object", "title": _(table.title), "properties": exact}
    return schema | ({"patternProperties": begun} if begun else {})


def _column_schema(table: ApiTable, name: str, told: Field | None) -> dict[str, Any]:
    if told is None:
        return {}
    schema = _type_schema(TEXT if table.lists_joined and told.type.dtype == "List" else told.type)
    if told.label:
        schema["title"] = _(told.label).replace("{what}", "…")
    if told.hxl:
        schema["x-hxl"] = told.hxl
    if told.vocab:
        schema["x-vocabulary"] = told.vocab
    closed = field_of(table.declared_as, name)
    if closed is not None and closed.opens is not Viewer.PUBLIC:
        schema["x-open-to"] = closed.opens.value
    return schema


def _type_schema(of: Type) -> dict[str, Any]:
    if of.dtype == "List":
        return {"type": ["array", "null"], "items": {"type": "string"}}
    if of.form == "date":
        return {"type": ["string", "null"], "format": "date"}
    kinds = {"text": "string", "flag": "boolean"}
    return {"type": [kinds.get(of.form, "number"), "null"]}

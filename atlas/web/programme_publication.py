"""The definition of a programme: as published, as drafted, and how a draft is published."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256

import polars as pl
from flask import Flask, Response, jsonify

from atlas.errors import ChangedError, UsageError
from atlas.i18n import N_, _
from atlas.ingest.parsing.dates import parse_date
from atlas.layers import LAYERS
from atlas.layers.options import all_settings
from atlas.layers.perimeter import (
    COMPONENTS,
    ENTERED,
    PERIMETER,
    Programme,
    defined_programme,
    programme_ids,
)
from atlas.model import Outcome, Reader, Tables
from atlas.store import Snapshot, Store
from atlas.vocab import entries_by_id, entry_label, vocabulary_table
from atlas.vocab.programmes import programme_id
from atlas.web.guard import guarded_blueprint, localised_view, request_object
from atlas.web.imports import publication
from atlas.web.page_state import DatasetProvider, PageScene

PROGRAMME_LAYER = "programme"
DRAFT_SETTINGS = ("perimeter", "components")
CLEARED_DRAFT = {f"{PROGRAMME_LAYER}.{name}": "" for name in DRAFT_SETTINGS}
"""Changes of the URL that give a draft up."""


def shown_programme(scene: PageScene) -> Programme:
    """The programme as the page shows it, the draft included.

    Raises
    ------
    UsageError
        The URL names a programme that nobody knows.
    """
    return _defined_programme(scene, scene.view.layer_options(PROGRAMME_LAYER))


def published_programme(scene: PageScene) -> Programme:
    """The programme as the snapshot defines it."""
    options = scene.view.layer_options(PROGRAMME_LAYER)
    return _defined_programme(scene, {k: v for k, v in options.items() if k not in DRAFT_SETTINGS})


def is_drafting(scene: PageScene) -> bool:
    """Whether what the page shows is not what is published."""
    drafted, published_plan = shown_programme(scene), published_programme(scene)
    return (
        set(drafted.units) != set(published_plan.units) or drafted.sectors != published_plan.sectors
    )


def programme_names(scene: PageScene) -> dict[str, str]:
    """Programmes that the page may show: id → what people call it."""
    assert scene.data is not None
    facts = scene.tables.context.filter(pl.col("kind").is_in(["programme", "components"]))
    words = {programme_id(name): name for name in facts["indicator"].drop_nulls().unique().sort()}
    known = {one: entry_label("programmes", one) for one in programme_ids(scene.tables.context)}
    return {one: words.get(one, one) if name == one else name for one, name in known.items()}


def _defined_programme(scene: PageScene, options: dict[str, str]) -> Programme:
    assert scene.data is not None
    day = scene.view.filters.at or scene.data.as_of
    return defined_programme(
        scene.tables.context, day, all_settings(LAYERS[PROGRAMME_LAYER].options, options)
    )


ENTRY_NOTE = N_("programme saisi dans la page")
"""Note of a snapshot in which the office said what a programme is."""
_NO_COMPONENT = "aucune"


def publish_programme(
    store: Store, plan: Programme, as_of: date, *, seen: str | None = None
) -> Snapshot:
    """Publish a programme as the office says it is, in place of what it said before.

    Parameters
    ----------
    as_of
        The day from which this holds, as the person says: never the day of the click.
    seen
        What the person saw of it (`definition_version`); ``None``: whatever stands gives way.

    Raises
    ------
    UsageError
        Nothing is published yet, or the perimeter names no unit.
    ChangedError
        Somebody else said something of this programme since the person saw it.
    StoreError
        The store cannot be written; what was published stands.
    """
    if not plan.units:
        raise UsageError(_("Périmètre vide"), "", _("Choisissez au moins une zone."))
    with store.exclusive_writing():
        now = store.current_snapshot()
        if now is None:
            raise UsageError(
                _("Rien n'est publié"), "", _("Importez d'abord une liste d'activités.")
            )
        if seen is not None and seen != definition_version(now.tables, plan.id):
            raise ChangedError(
                _("Programme non publié"),
                _("quelqu'un d'autre l'a publié depuis que cette page l'a montré"),
                _("Votre essai est gardé : affichez les nouvelles données, puis publiez."),
            )
        document_tables = programme_tables(plan, as_of, is_sample=now.tables.is_sample)
        return store.add_documents(
            [document_tables], _(ENTRY_NOTE), without=_earlier_documents(now.tables, plan.id)
        )


def definition_version(tables: Tables, programme: str) -> str:
    """A mark of all that is said of a programme: it changes when any of it does."""
    definition = tables.context.filter(pl.col("kind").is_in([PERIMETER, COMPONENTS]))
    programme_rows = [
        row
        for row in definition.rows(named=True)
        if programme_id(row["indicator"] or "") == programme
    ]
    lines = sorted(json.dumps(row, default=str, sort_keys=True) for row in programme_rows)
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


def parsed_day(written: str) -> date:
    """The day that a person wrote: 30/06/2017 or 2017-06-30.

    Raises
    ------
    UsageError
        It is no day.
    """
    found = parse_date(written.strip(), "date").value if written.strip() else None
    if found is None:
        raise UsageError(
            _("Date « {date} » illisible", date=written), "", _("Écrivez-la ainsi : 30/06/2017.")
        )
    return found


def programme_tables(plan: Programme, as_of: date, *, is_sample: bool = False) -> Tables:
    """Tables of one document: a fact for each unit and its components, one for each sector.

    The same words make the same document, whoever says them and whenever.

    Parameters
    ----------
    is_sample
        Whether it goes with the embedded examples.
    """
    facts = [*_perimeter_facts(plan), *_component_facts(plan)]
    content = json.dumps([plan.id, as_of.isoformat(), facts], ensure_ascii=False, sort_keys=True)
    document = sha256(content.encode()).hexdigest()[:12]
    name = entries_by_id("programmes").get(plan.id, {}).get("fr", plan.id)
    common = {"document": document, "indicator": name, "source": ENTERED, "as_of": as_of}
    return Tables.of(
        documents=[
            {
                "document": document,
                "file": f"saisie-{plan.id}",
                "reader": str(Reader.ENTRY),
                "title": name,
                "as_of": as_of,
                "rows_read": len(facts),
                "origin": ENTERED,
                "is_sample": is_sample,
            }
        ],
        rows=[
            {"document": document, "locator": str(n), "outcome": str(Outcome.CONTEXT)}
            for n in range(1, len(facts) + 1)
        ],
        context=[{**common, **fact} for fact in facts],
    )


def _perimeter_facts(plan: Programme) -> list[dict[str, str | None]]:
    return [
        {"kind": PERIMETER, "unit_id": unit, "text": _french_name(one) if one else None}
        for unit in sorted(plan.units)
        for one in (sorted(plan.meant[unit]) if unit in plan.meant else [None])
    ]


def _component_facts(plan: Programme) -> list[dict[str, str | None]]:
    named = [
        {"kind": COMPONENTS, "sector": None, "text": _french_name(one)}
        for one in sorted(plan.results)
    ]
    mapped: list[dict[str, str | None]] = [
        {"kind": COMPONENTS, "sector": sector, "text": _french_name(plan.sectors.get(sector))}
        for sector in vocabulary_table("sectors")["id"]
    ]
    return [*named, *mapped]


def _french_name(component: str | None) -> str:
    if component is None:
        return _NO_COMPONENT
    return entries_by_id("programme_components").get(component, {}).get("fr", component)


def _earlier_documents(tables: Tables, programme: str) -> list[str]:
    """Documents in which the office has spoken of this programme before."""
    entered = tables.context.filter(pl.col("source") == ENTERED).select("document", "indicator")
    return sorted(
        {doc for doc, name in entered.iter_rows() if programme_id(name or "") == programme}
    )


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the routes to the server: for the person at this machine, and no one else."""
    only = N_("seule la personne devant cette machine peut modifier un programme")
    routes = guarded_blueprint("programme", provider, N_("Modification refusée"), only)

    @routes.post("/publish")
    @localised_view
    def publish() -> Response:
        answers = request_object()
        with provider.scene_of_query(str(answers.get("question", ""))) as scene:
            if scene.data is None:
                raise UsageError(_("Rien n'est publié"))
            day = parsed_day(str(answers.get("as_of", "")))
            seen = str(answers.get("seen", ""))
            snapshot = publish_programme(provider.store, shown_programme(scene), day, seen=seen)
        return jsonify(published=snapshot.hash)

    @routes.post("/undo")
    @localised_view
    def undo() -> Response:
        snapshot = publication.undo_publication(
            provider.store, str(request_object().get("snapshot", ""))
        )
        return jsonify(published=snapshot.hash)

    server.register_blueprint(routes)

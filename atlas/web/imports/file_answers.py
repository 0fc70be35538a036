"""What a person may answer about a file, by value and label, and the check of an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from atlas.corrections import EnteredOrganisation, WordingCorrection
from atlas.errors import ChangedError, UsageError
from atlas.fields import labelled
from atlas.geo.frames import check_frame, shipped_frames
from atlas.i18n import N_, _, current_language
from atlas.ingest.context.figure_columns import figure_of, table_kinds
from atlas.ingest.control_totals import PublishedTotal, checked_total, totals_as_rows
from atlas.ingest.sources.registry import all_sources
from atlas.labels import label
from atlas.model import Level
from atlas.review.queue import place_label
from atlas.vocab import entries_by_id
from atlas.web.imports.drafts import CONTEXT_PREFIX, FileAnswers

CONTEXT_KINDS = table_kinds()
"""Tables of context, in the order in which they are offered."""
_FIELD_LABELS = {
    "title": N_("Titre de l'activité"),
    "code": N_("Code du projet"),
    "region_code": N_("Code de la région"),
    "cercle_code": N_("Code du cercle"),
    "commune_code": N_("Code de la commune"),
    "locality": N_("Localité"),
    "place": N_("Lieu (texte libre)"),
    "country": N_("Pays"),
    "lead": N_("Organisation chef de file"),
    "implementers": N_("Partenaire d'exécution"),
    "donor": N_("Bailleur"),
    "budget": N_("Budget"),
    "committed": N_("Montant engagé"),
    "spent": N_("Montant dépensé"),
    "period": N_("Période"),
    "duration": N_("Durée"),
    "quarter": N_("Trimestre ou mois coché"),
    "target": N_("Personnes ciblées"),
    "beneficiaries": N_("Bénéficiaires"),
    "people": N_("Bénéficiaires par sexe ou âge"),
    "people_target": N_("Personnes ciblées, par sexe ou âge"),
    "people_reached": N_("Personnes atteintes, par sexe ou âge"),
    "progress": N_("Avancement"),
    "coordinates": N_("Coordonnées (une colonne)"),
    "reported": N_("Situation au"),
    "frame": N_("Découpage"),
    "group": N_("Groupe de population"),
    "indicator": N_("Indicateur"),
    "source": N_("Source du fait"),
    "expires": N_("Expiration"),
    "type": N_("Type de contrainte"),
    "geometry": N_("Géométrie (WKT)"),
    "organisation": N_("Qui rapporte"),
    "situation": N_("Situation courante ou projetée"),
    "months": N_("Mois de la situation"),
    "year": N_("Année"),
    "frequency": N_("Périodicité"),
    "due_days": N_("Délai en jours"),
    "due": N_("Date limite"),
    "tonnes": N_("Tonnes"),
    "tonnes_planned": N_("Tonnes prévues"),
    "tonnes_done": N_("Tonnes distribuées"),
    "households": N_("Ménages"),
    "households_target": N_("Ménages ciblés"),
    "households_reached": N_("Ménages servis"),
    "persons": N_("Personnes"),
    "commodity": N_("Denrée"),
    "month": N_("Mois"),
    "project": N_("Projet"),
    "activity_code": N_("Code de l'activité"),
    "indicator_code": N_("Code de l'indicateur"),
    "accumulative": N_("Chiffres cumulés"),
    "ignored": N_("— Ignorer —"),
    "personal": N_("— Données personnelles : ne pas garder —"),
}
"""Fields that are no column of the tables, or are called otherwise as columns of a list."""


def source_codes() -> tuple[str, ...]:
    """What a file may be said to be: ``auto``, the sources, then the tables of context."""
    return ("auto", *all_sources(), *(CONTEXT_PREFIX + kind for kind in CONTEXT_KINDS))


def source_label(code: str) -> str:
    """A source, a reader or a table of context, by its code."""
    kind = code.removeprefix(CONTEXT_PREFIX)
    if code.startswith(CONTEXT_PREFIX) and kind in CONTEXT_KINDS:
        return label("context_tables", kind)
    return label("reader", code)


def field_label(field: str) -> str:
    """What a column is read as; the figure where it is one of a wide table."""
    if figure := figure_of(field):
        name = label("indicators", figure.indicator)
        if name == figure.indicator:
            name = label("access_constraints", figure.indicator)
        sector = label("sectors", figure.sector) if figure.sector else ""
        return ", ".join(filter(None, (name, sector, figure.group)))
    declared = labelled("activities", field)
    return _(_FIELD_LABELS.get(field) or (declared.label if declared else field))


NamedChoice = tuple[str, str]
WORDING_KINDS = ("place", "sector", "organisation", "status")
"""Kinds of proposals, in the order they are shown."""
_LIST_OF_KIND = {"sector": "sectors", "organisation": "organisations", "status": "statuses"}


def wording_choices(
    kind: str, frame: str, entered: Mapping[str, EnteredOrganisation] = MappingProxyType({})
) -> list[NamedChoice]:
    """``(value, name)`` of all that a wording may mean; units of the découpage for a place.

    ``entered`` are the organisations that people added to those of the vocabulary.

    Raises
    ------
    UsageError
        No such kind or découpage.
    """
    if kind not in WORDING_KINDS:
        raise UsageError(_("Sorte de proposition « {kind} » inconnue", kind=kind))
    added = sorted(entered.items()) if kind == "organisation" else ()
    entered_choices = [
        (code, f"{code} ({one.name})" if one.acronym and one.name else code) for code, one in added
    ]
    return [*_cached_choices(kind, frame, current_language()), *entered_choices]


@lru_cache(maxsize=16)
def _cached_choices(kind: str, frame: str, _lang: str) -> tuple[NamedChoice, ...]:
    if kind == "place":
        if not frame:
            return ()
        units = [
            u for level in Level for u in shipped_frames().units_at_level(frame, level)["unit_id"]
        ]
        return tuple((unit, place_label(unit)) for unit in units)
    return tuple(
        (code, label(_LIST_OF_KIND[kind], code)) for code in entries_by_id(_LIST_OF_KIND[kind])
    )


def value_label(kind: str, value: str) -> str:
    """What a person calls a value; a new organisation is shown as it was entered."""
    if kind == "place":
        return place_label(value)
    if value.startswith("{"):
        return EnteredOrganisation.from_mapping(json.loads(value)).id
    return label(_LIST_OF_KIND[kind], value)


def kind_and_value(one: WordingCorrection) -> NamedChoice:
    """Kind and value of a decision."""
    return str(one.subject), one.means


MARK_LENGTH = 64
"""Longest mark of a window or of a sending."""
DecidedAnswers = Mapping[str, Mapping[str, str]]
_LIST_FIELDS = ("controls",)
"""What is added to it or taken from it is kept beside what others add or take."""
_TEXT_FIELDS = ("source", "as_of", "frame")
_SWITCH_FIELDS = ("kept", "replacing", "stopped", "forgetting")
_CONTROL_FIELDS = ("name", "published", "currency", "region", "cercle", "commune", "period")


def changes_with_marks(now: FileAnswers, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Changes to `FileAnswers` that an answer asks for, with which answer it is.

    Two windows may answer at once: what each says is kept, unless both speak of the same thing.
    Then the first counts, and the second is told, with what it said.

    Parameters
    ----------
    sent
        The answer, with ``by`` (the mark of the window) and ``seen`` (how many answers it showed;
        absent: it does not say).

    Raises
    ------
    UsageError
        No such source or découpage, or a date that is none.
    ChangedError
        Another window answered otherwise about the same, after what this one showed.
    """
    by, seen = window_mark(sent), sent.get("seen")
    changes = answer_changes(now, sent)
    before, after = asdict(now), {**asdict(now), **changes}
    paths = _answer_paths(sent)
    for path in paths:
        number, window = now.heard.get("\n".join(path), (0, ""))
        unseen = isinstance(seen, int) and number > seen and window != by
        current, wanted = _value_at_path(before, path), _value_at_path(after, path)
        if unseen and current != wanted and path != _LIST_FIELDS:
            raise ChangedError(
                _("Réponse non enregistrée : « {said} »", said=_text_of_value(wanted)),
                _(
                    "une autre fenêtre a répondu « {said} » entre-temps",
                    said=_text_of_value(current),
                ),
                _("Redonnez la vôtre si elle doit l'emporter."),
            )
    number = now.answers + 1
    marks = {"\n".join(path): [number, by] for path in paths}
    return {**changes, "answers": number, "heard": {**now.heard, **marks}}


def window_mark(sent: Mapping[str, Any]) -> str:
    """The mark of the window that says this, "" where it has none."""
    return str(sent.get("by") or "")[:MARK_LENGTH]


def _answer_paths(sent: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What an answer is about: ``kept``, a column by its heading, a question by its wording."""
    paths: list[tuple[str, ...]] = [
        (key,) for key in (*_TEXT_FIELDS, *_SWITCH_FIELDS) if key in sent
    ]
    if "control" in sent or "control_gone" in sent:
        paths.append(_LIST_FIELDS)
    columns, decide = (sent.get(key) for key in ("columns", "decide"))
    paths += [("columns", str(one)) for one in columns] if isinstance(columns, dict) else []
    for kind, answers in decide.items() if isinstance(decide, dict) else ():
        words = answers if isinstance(answers, dict) else ()
        paths += [("decided", str(kind), str(one)) for one in words]
    return paths


def _value_at_path(answers: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What is said there; ``None`` where nothing is."""
    found: Any = answers
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _text_of_value(value: Any) -> str:
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    return str(value) if value else _("rien")


def answer_changes(now: FileAnswers, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Changes to `FileAnswers` that an answer asks for; what is not understood is left out.

    Raises
    ------
    UsageError
        No such source or découpage, or a date that is none.
    """
    changes: dict[str, Any] = {}
    if "source" in sent:
        changes["source"] = checked_source(str(sent["source"]))
    if "as_of" in sent:
        changes["as_of"] = iso_day(str(sent["as_of"]))
    if "frame" in sent:
        changes["frame"] = str(sent["frame"])
        if changes["frame"]:
            check_frame(changes["frame"])
    if isinstance(sent.get("control"), dict):
        added = [one for one in _control_total(sent["control"]) if one not in now.controls]
        changes["controls"] = [*now.controls, *added]
    if isinstance(gone := sent.get("control_gone"), dict):
        changes["controls"] = [one for one in now.controls if one != gone]
    for key in _SWITCH_FIELDS:
        if key in sent:
            changes[key] = sent[key] is True
    if isinstance(sent.get("columns"), dict):
        fields = {str(heading): str(field) for heading, field in sent["columns"].items()}
        changes["columns"] = {**now.columns, **fields}
    if isinstance(sent.get("decide"), dict):
        changes["decided"] = _decided_answers(now.decided, sent["decide"])
    return changes


def _decided_answers(now: DecidedAnswers, sent: Mapping[str, Any]) -> DecidedAnswers:
    """Answers by kind and wording with those added; ``None`` takes one back."""
    found = {kind: dict(answers) for kind, answers in now.items()}
    for kind, answers in sent.items():
        if not isinstance(answers, dict):
            continue
        of_kind = found.setdefault(str(kind), {})
        for wording, value in answers.items():
            if value is None:
                of_kind.pop(str(wording), None)
            else:
                of_kind[str(wording)] = str(value)
    return found


def _control_total(sent: Mapping[str, Any]) -> list[dict[str, str]]:
    """A published total as the page's form says it; none while nothing is written."""
    words = {key: str(sent.get(key) or "").strip() for key in _CONTROL_FIELDS}
    if not words["published"]:
        return []
    if not words["name"]:
        words["name"] = _("Budget") if words["currency"] else _("Activités")
    return totals_as_rows([checked_total(PublishedTotal(**words), words["name"])])


def checked_source(sent: str) -> str:
    """The source or kind of context of that code, if there is one."""
    if sent not in source_codes():
        raise UsageError(_("Source « {name} » inconnue", name=sent))
    return sent


def iso_day(text: str) -> str:
    """A day as people write it, in ISO form; "" for nothing.

    Examples
    --------
    >>> iso_day("30/06/2017"), iso_day("2017-06-30"), iso_day(" ")
    ('2017-06-30', '2017-06-30', '')
    """
    written = text.strip()
    if not written:
        return ""
    french = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", written)
    try:
        if french:
            day, month, year = map(int, french.groups())
            return date(year, month, day).isoformat()
        return date.fromisoformat(written).isoformat()
    except ValueError as error:
        raise UsageError(
            _("Date illisible"),
            _("« {text} » n'est pas une date", text=written),
            _("Écrivez-la JJ/MM/AAAA, par exemple 30/06/2017."),
        ) from error

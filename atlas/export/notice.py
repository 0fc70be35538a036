"""What a file must say of itself: what it counts, from what, on what day, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

from atlas.filters import Filters
from atlas.geo.frames import shipped_frames
from atlas.i18n import N_, _, ngettext
from atlas.labels import label
from atlas.layers import LAYERS
from atlas.model import RESERVED, STOPPED, Viewer
from atlas.sensitivity import reserved_in_words

if TYPE_CHECKING:
    from atlas.dataset import Answer

_OTHER_TITLES = {
    "findings_file": N_("Qualité des données : constats de lecture"),
    "activities": N_("Activités et leurs lieux"),
    "by_sector": N_("Un indicateur, par zone et par secteur"),
    "by_month": N_("Un indicateur, par zone et par mois"),
    "units": N_("Unités administratives"),
    "documents": N_("Documents lus"),
}
"""What the tables are that are no layer."""

_FILTERS = {
    "kind": (N_("nature"), "kinds"),
    "source": (N_("source"), "sources"),
    "sector": (N_("secteur"), "sectors"),
    "donor": (N_("bailleur"), "organisations"),
    "organisation": (N_("organisation"), "organisations"),
    "status": (N_("statut"), "statuses"),
    "unit": (N_("unité"), ""),
    "year": (N_("année"), ""),
    "at": (N_("en cours au"), ""),
    "since": (N_("depuis le"), ""),
    "until": (N_("jusqu'au"), ""),
}

BOUNDARIES = N_(
    "Les frontières et les noms indiqués et les désignations employées n'impliquent ni "
    "reconnaissance ni acceptation officielle par l'Organisation des Nations Unies."
)
REPEATED_PEOPLE = N_(
    "Une activité a une ligne par lieu : les personnes visées et atteintes y sont répétées. "
    "Pour additionner, prenez les colonnes « à additionner », remplies une fois par activité ; "
    "pour compter chacun une fois dans son secteur, celles « comptées une fois »."
)
UNKNOWN = N_("Une case vide est une valeur inconnue, jamais un zéro.")


def answer_title(answer: Answer) -> str:
    """What the table is, in the language in force."""
    layer = LAYERS.get(answer.layer)
    return _(layer.title if layer else _OTHER_TITLES.get(answer.layer, answer.layer))


def notice_lines(answer: Answer) -> list[tuple[str, str]]:
    """Pairs of heading and text to stand beside the table, in the order to show them.

    A pair whose text would be empty is left out.
    """
    meta = answer.meta
    lines = [
        (_("Contenu"), answer_title(answer)),
        (_("Avertissement"), _sample_warning(meta)),
        (_("Répartition"), split_in_words(answer)),
        (_("Personnes"), people_in_words(answer)),
        (_("Découpage"), " ".join([frame_name(answer.frame), frame_chosen(answer)]).strip()),
        (_("Niveau"), label("level", answer.level, full=True)),
        (_("Filtres"), filters_in_words(answer.filters)),
        (_("Réglages"), settings_in_words(answer)),
        (_("Question"), answer.filters.to_query()),
        (_("Situation au"), _french_date(meta.get("reference"))),
        (_("Périmés ou à venir"), " ".join(judged_in_words(answer))),
        (_("Sans date"), _undated_warning(meta)),
        (_("Hors compte"), _stopped_warning(meta)),
        (_("Document le plus récent"), _french_date(meta.get("as_of"))),
        (_("Documents"), _joined_items(meta.get("files"))),
        (_("Sources et licences"), _joined_items(meta.get("origins"))),
        (_("État publié"), str(meta.get("snapshot") or "")),
        (_("Code"), str(meta.get("code") or "")),
        (_("Vue"), _viewer_text(meta.get("viewer"))),
        (_("Réservé"), _reserved_text(meta)),
        (_("Cases vides"), _(UNKNOWN)),
    ]
    lines += [(label("row", row), label("row", row, full=True)) for row in RESERVED]
    lines.append((_("Limites et noms"), _(BOUNDARIES)))
    return [(heading, text) for heading, text in lines if text]


def notice_record(answer: Answer) -> dict[str, Any]:
    """The same for machines: JSON types only, keys in English."""
    meta = answer.meta
    return {
        "title": answer_title(answer),
        "layer": answer.layer,
        "people": people_in_words(answer),
        "frame": answer.frame,
        "level": answer.level,
        "query": answer.filters.to_query(),
        "filters": filters_in_words(answer.filters),
        "options": answer.meta.get("options") or {},
        "reference": _iso_date(meta.get("reference")),
        "as_of": _iso_date(meta.get("as_of")),
        "files": _text_items(meta.get("files")),
        "sources": _text_items(meta.get("origins")),
        "snapshot": meta.get("snapshot"),
        "code": meta.get("code"),
        "viewer": meta.get("viewer"),
        "is_sample": bool(meta.get("is_sample")),
        "boundaries": _(BOUNDARIES),
        "unknown": _(UNKNOWN),
    }


def filters_in_words(filters: Filters) -> str:
    """What is asked, for people: ``source : Fonds fiduciaire (TF) · année : 2017``."""
    said = []
    for f in fields(filters):
        value = getattr(filters, f.name)
        if value == f.default or value is None or value == ():
            continue
        name, vocab = _FILTERS[f.name]
        values = value if isinstance(value, tuple) else (value,)
        listed = ", ".join(_filter_value_text(v, f.name, vocab) for v in values)
        said.append(_("{name} : {value}", name=_(name), value=listed))
    return " · ".join(said) or _("aucun (activités et présences, toutes périodes)")


def settings_in_words(answer: Answer) -> str:
    """Settings of the layer that are not the default; empty where none is."""
    said = answer.meta.get("options")
    layer = LAYERS.get(answer.layer)
    known = {option.name: option for option in layer.options} if layer else {}
    words = []
    for name, value in said.items() if isinstance(said, dict) else ():
        shown = known[name].choices.get(value)
        told = _(shown) if shown else value
        words.append(_("{name} : {value}", name=_(known[name].label), value=told))
    return " · ".join(words)


def split_in_words(answer: Answer) -> str:
    """What must be said of money that a rule split; empty for other tables."""
    layer, said = LAYERS.get(answer.layer), answer.meta.get("options")
    if layer is None or layer.warnings is None:
        return ""
    return " ".join(layer.warnings(answer.table, said if isinstance(said, dict) else {}))


def frame_chosen(answer: Answer) -> str:
    """Why the découpage is not the one in force; empty where it is, or where it was chosen."""
    n = answer.meta.get("frame_gain")
    if not isinstance(n, int) or n <= 0:
        return ""
    return ngettext(
        "(place {n} entrée de plus que le découpage en vigueur)",
        "(place {n} entrées de plus que le découpage en vigueur)",
        n,
    )


def judged_in_words(answer: Answer) -> list[str]:
    """What holds no more, or not yet, on the day that it is judged on, and the way there."""
    return [words for words in (_expired(answer), _coming(answer), _past(answer)) if words]


def _expired(answer: Answer) -> str:
    n = _count(answer, "expired")
    if not n:
        return ""
    said = ngettext(
        "{n} besoin expiré au {day}.", "{n} besoins expirés au {day}.", n,
        day=_french_date(answer.meta.get("reference")),
    )  # fmt: skip
    own = answer.meta.get("own_day")
    if own == answer.meta.get("reference"):
        return said
    return f"{said} " + _("Pour y revenir : day={day}.", day=_iso_date(own))


def _coming(answer: Answer) -> str:
    n = _count(answer, "coming")
    if not n:
        return ""
    said = ngettext(
        "{n} besoin ne vaut qu'après le {day} : il n'est pas montré.",
        "{n} besoins ne valent qu'après le {day} : ils ne sont pas montrés.", n,
        day=_french_date(answer.meta.get("reference")),
    )  # fmt: skip
    return f"{said} " + _(
        "Pour les voir : day={day}.", day=_iso_date(answer.meta.get("coming_day"))
    )


def _past(answer: Answer) -> str:
    n = _count(answer, "priorities_expired")
    if not n:
        return ""
    return ngettext(
        "{n} priorité expirée au {day}.", "{n} priorités expirées au {day}.", n,
        day=_french_date(answer.meta.get("priorities_day")),
    )  # fmt: skip


def _count(answer: Answer, name: str) -> int:
    n = answer.meta.get(name)
    return n if isinstance(n, int) else 0


def people_in_words(answer: Answer) -> str:
    """What must be said of people that each row of an activity repeats; empty for others."""
    return _(REPEATED_PEOPLE) if "target_once" in answer.table.columns else ""


def frame_name(frame: str) -> str:
    """Id and full name of a découpage."""
    return f"{frame} — {label('frame', frame, full=True)}"


def _unit_label(unit_id: str) -> str:

    return shipped_frames().unit_label(unit_id)


def _filter_value_text(value: object, name: str, vocab: str) -> str:
    if name == "unit":
        return _unit_label(str(value))
    if isinstance(value, date):
        return _french_date(value)
    return label(vocab, str(value)) if vocab else str(value)


def _sample_warning(meta: dict[str, object]) -> str:
    return _("Exemple, pas la situation actuelle.") if meta.get("is_sample") else ""


def _undated_warning(meta: dict[str, object]) -> str:
    n = meta.get("undated_left_out")
    if not isinstance(n, int) or n == 0:
        return ""
    return ngettext(
        "{n} activité sans date propre, hors de la période demandée, n'est pas comptée.",
        "{n} activités sans date propre, hors de la période demandée, ne sont pas comptées.",
        n,
    )


def _stopped_warning(meta: dict[str, object]) -> str:
    """How many activities are cancelled or suspended, and that they count in nothing else."""
    cancelled, suspended = (meta.get(status) for status in STOPPED)
    told = []
    if isinstance(cancelled, int) and cancelled:
        told.append(ngettext("{n} activité annulée", "{n} activités annulées", cancelled))
    if isinstance(suspended, int) and suspended:
        told.append(ngettext("{n} activité suspendue", "{n} activités suspendues", suspended))
    if not told:
        return ""
    return _(
        "{told} : avec leur statut dans les listes, dans leurs propres colonnes ailleurs, et dans "
        "aucun autre décompte ni budget.",
        told=", ".join(told),
    )


def _viewer_text(viewer: object) -> str:
    return label("viewer", str(viewer)) if viewer else ""


def _reserved_text(meta: Mapping[str, object]) -> str:
    told = meta.get("viewer") == Viewer.PUBLIC and meta.get("reserved")
    return reserved_in_words() if told else ""


def _text_items(value: object) -> list[str]:
    return [str(v) for v in value if v] if isinstance(value, list | tuple) else []


def _joined_items(value: object) -> str:
    return " · ".join(_text_items(value))


def _french_date(value: object) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else ""


def _iso_date(value: object) -> str | None:
    return value.isoformat() if isinstance(value, date) else None

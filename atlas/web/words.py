"""Names of the codes of the tables, as the page says them."""

from __future__ import annotations

from collections.abc import Collection

from atlas.i18n import N_, _, ngettext
from atlas.model import Kind
from atlas.vocab import label
from atlas.web.say import number

_SOURCES = {
    "qip": N_("QIP (projets à impact rapide)"),
    "trust-fund": N_("Fonds fiduciaire"),
    "pbf": N_("PBF (consolidation de la paix)"),
    "pnud": N_("PNUD"),
    "ngo": N_("ONG / 3W"),
    "csa": N_("Distributions de l'État (CSA)"),
    "state-plan": N_("Plan de l'État"),
}
_STATUSES = {
    "planned": N_("Planifié"),
    "ongoing": N_("En cours"),
    "completed": N_("Achevé"),
    "suspended": N_("Suspendu"),
    "cancelled": N_("Annulé"),
    "unknown": N_("Inconnu"),
}
_KINDS = {
    "activity": N_("Activité"),
    "presence": N_("Présence"),
    "plan": N_("Plan"),
    "aggregate": N_("Publié, non détaillé"),
}
_LEVELS = {"region": N_("Région"), "cercle": N_("Cercle"), "commune": N_("Commune")}
_MANY_LEVELS = {"region": N_("régions"), "cercle": N_("cercles"), "commune": N_("communes")}
_FRAMES = {
    "ml-2012": N_("2012 · 8 régions + Bamako"),
    "ml-2016": N_("2016 · 10 régions + Bamako"),
    "ml-2023": N_("2023 · 19 régions + Bamako"),
}
_FRAME_YEARS = {
    "ml-2012": N_("découpage de 2012"),
    "ml-2016": N_("découpage de 2016"),
    "ml-2023": N_("découpage de 2023"),
}
_OUTCOMES = {
    "activity": N_("activités"),
    "folded": N_("repliées"),
    "aggregate": N_("agrégats"),
    "context": N_("contexte"),
    "rejected": N_("rejetées"),
    "ignored": N_("ignorées"),
}
_SEVERITIES = {"error": N_("Erreur"), "warning": N_("À vérifier"), "info": N_("Information")}
_STATES = {
    "covered": N_("couvert"),
    "partial": N_("couverture partielle"),
    "gap": N_("lacune"),
    "active": N_("activités signalées"),
    "reported_none": N_("rien, selon les rapports reçus"),
    "no_report": N_("rapport manquant : on ne sait pas"),
    "no_data": N_("valeur inconnue"),
    "stopped": N_("activités annulées ou suspendues seulement"),
    "stale": N_("fait périmé"),
    "past": N_("non couvert : activités terminées seulement"),
    "planned": N_("non couvert : activités prévues seulement"),
    "unclear": N_("à vérifier : activités placées plus largement"),
    "perimeter_undefined": N_("périmètre à définir"),
    "not_comparable": N_("non comparable dans ce découpage"),
}
_CLASSES = {
    "access_priority": N_("priorité accès"),
    "nexus_priority": N_("priorité nexus"),
    "no_priority": N_("aucune des deux priorités"),
}


def counted_name(kinds: Collection[str], n: int) -> str:
    """What the entries counted are called: activities, plans where only these are, or both."""
    if Kind.PLAN not in kinds:
        return ngettext("activité", "activités", n)
    if set(kinds) <= {Kind.PLAN}:
        return ngettext("plan", "plans", n)
    return ngettext("activité ou plan", "activités et plans", n)


def _of(names: dict[str, str], code: str | None) -> str:
    return _(names[code]) if code in names else (code or "–")


def source_name(code: str | None) -> str:
    """Name of a source: one of ours (`atlas.model.Source`), or as its own ``.toml`` says."""
    return _of(_SOURCES, code) if not code or code in _SOURCES else label("sources", code)


def reporter_name(code: str) -> str:
    """Name of who reports: an organisation, or a fund."""
    known = label("organisations", code)
    return source_name(code) if known == code else known


def status_name(code: str | None) -> str:
    """Name of a status (`atlas.model.STATUSES`)."""
    return _of(_STATUSES, code)


def kind_name(code: str | None) -> str:
    """Name of a kind of entry (`atlas.model.Kind`)."""
    return _of(_KINDS, code)


def level_name(code: str | None) -> str:
    """Name of an administrative level."""
    return _of(_LEVELS, code)


def level_names(code: str | None) -> str:
    """Plural of an administrative level, lower case."""
    return _of(_MANY_LEVELS, code)


def frame_name(code: str | None) -> str:
    """A découpage by its year and what it has."""
    return _of(_FRAMES, code)


def frame_year(code: str | None) -> str:
    """A découpage in a sentence."""
    return _of(_FRAME_YEARS, code)


def outcome_name(code: str | None) -> str:
    """What became of rows (`atlas.model.Outcome`)."""
    return _of(_OUTCOMES, code)


def severity_name(code: str | None) -> str:
    """How serious a finding is."""
    return _of(_SEVERITIES, code)


def stopped_words(cancelled: int, suspended: int) -> dict[str, str]:
    """Cancelled, suspended → how many activities are, the figure as a ``|``; none is left out."""
    words = {
        "cancelled": ngettext("{shown} annulée", "{shown} annulées", cancelled, shown="|"),
        "suspended": ngettext("{shown} suspendue", "{shown} suspendues", suspended, shown="|"),
    }
    counts = {"cancelled": cancelled, "suspended": suspended}
    return {status: words[status] for status, n in counts.items() if n}


def stopped_said(cancelled: int, suspended: int) -> str:
    """The same in plain words: ``1 annulée, 2 suspendues``; empty where there is none."""
    counts = {"cancelled": cancelled, "suspended": suspended}
    told = stopped_words(cancelled, suspended)
    return ", ".join(words.replace("|", number(counts[one])) for one, words in told.items())


def class_name(code: str | None) -> str:
    """Class of a coverage cell (`atlas.layers.gaps.CLASSES`), or of a unit without any."""
    return _of(_CLASSES, code)


def state_name(code: str | None) -> str:
    """State of a unit or of a coverage cell."""
    return _of(_STATES | _CLASSES, code)

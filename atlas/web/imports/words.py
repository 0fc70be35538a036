"""What the import page calls sources, tables of context and the fields of a column."""

from __future__ import annotations

from functools import cache

from atlas.fields import labelled
from atlas.i18n import N_, _
from atlas.ingest.context_columns import figure_of, kinds
from atlas.labels import label
from atlas.web.imports.told import CONTEXT

CONTEXTS = kinds()
"""Tables of context, in the order in which they are offered."""
_FIELDS = {
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


@cache
def sources() -> tuple[str, ...]:
    """What a file may be said to be: ``auto``, the sources, then the tables of context."""
    from atlas.ingest.sources.registry import sources as readers

    return ("auto", *readers(), *(CONTEXT + kind for kind in CONTEXTS))


def source_label(code: str) -> str:
    """A source, a reader or a table of context, by its code."""
    kind = code.removeprefix(CONTEXT)
    if code.startswith(CONTEXT) and kind in CONTEXTS:
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
    return _(_FIELDS.get(field) or (declared.label if declared else field))

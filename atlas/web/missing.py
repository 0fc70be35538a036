"""What the page could show if somebody brought it, and how to bring it."""

from __future__ import annotations

from dataclasses import dataclass

from atlas.i18n import N_


@dataclass(frozen=True)
class Missing:
    """Something the page could show if somebody brought it; texts are message ids."""

    key: str
    label: str
    why: str
    command: str
    formats: str


MISSING = (
    Missing(
        "needs",
        N_("besoins"),
        N_("Sans besoins connus, la page ne peut pas dire « lacune »."),
        "atlas context add needs besoins.xlsx --as-of 2026-01-31",
        N_("CSV ou XLSX : unité (nom ou p-code), secteur, personnes dans le besoin, date."),
    ),
    Missing(
        "access",
        N_("accès actuel"),
        N_("Les contraintes d'accès connues datent d'avril–mai 2018 : elles sont grisées."),
        "atlas context add access acces.csv --as-of 2026-01-31",
        N_("CSV ou XLSX : unité, type de contrainte, gravité, échelle, date."),
    ),
    Missing(
        "ngo",
        N_("listes ONG"),
        N_("Aucune matrice 3W/5W ni liste de projets d'ONG n'est chargée."),
        "atlas ingest liste-ong.xlsx --source ngo",
        N_(
            "Matrice 3W/4W/5W (HXL ou non), liste CSV ou XLSX : "
            "titre, secteur, lieu, organisation, dates."
        ),
    ),
)

"""What the map can show: which layer, which column, in which colours and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from atlas.i18n import N_

Measure = Literal["count", "usd", "state", "severity", "unmet"]


@dataclass(frozen=True)
class Indicator:
    """One entry of the indicator menu; texts are message ids.

    Attributes
    ----------
    layer, column
        Where the value stands in the answers of the dataset.
    measure
        How it is coloured and written.
    label, title
        Name in the menu, and what the map's title says it shows.
    """

    layer: str
    column: str
    measure: Measure
    label: str
    title: str


INDICATORS: dict[str, Indicator] = {
    "activities": Indicator(
        "presence", "activities", "count", N_("Activités"), N_("Activités signalées")
    ),
    "organisations": Indicator(
        "presence", "organisations", "count", N_("Organisations"), N_("Organisations présentes")
    ),
    "delivering": Indicator(
        "presence",
        "delivering",
        "count",
        N_("Acteurs qui réalisent"),
        N_("Organisations qui réalisent des activités"),
    ),
    "budget": Indicator("budget", "budget_usd", "usd", N_("Budget (USD)"), N_("Budget placé")),
    "per-head": Indicator(
        "budget",
        "per_head_usd",
        "usd",
        N_("Budget par habitant (USD)"),
        N_("Budget placé par habitant"),
    ),
    "published": Indicator(
        "published",
        "items",
        "count",
        N_("Publié, non détaillé"),
        N_("Projets publiés sans leur détail"),
    ),
    "coverage": Indicator(
        "coverage", "state", "state", N_("Couverture"), N_("Couverture par les activités signalées")
    ),
    "priority": Indicator(
        "coverage", "unmet", "unmet", N_("Priorité"), N_("Besoin sans réponse, et priorités")
    ),
    "programme": Indicator(
        "programme", "state", "state", N_("Programme"), N_("Couverture du programme")
    ),
    "access": Indicator(
        "access", "severity_max", "severity", N_("Accès"), N_("Contraintes d'accès signalées")
    ),
}
DEFAULT_INDICATOR = "activities"

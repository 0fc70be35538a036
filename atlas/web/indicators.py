"""What the map can show. An indicator says all that is its own: values, colours and words."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import polars as pl

from atlas.answers import Figures
from atlas.i18n import N_, _, ngettext
from atlas.web import say
from atlas.web import unit_values as of_units
from atlas.web.desk import Scene
from atlas.web.palette import BLUES, WARMS
from atlas.web.state import DEFAULT_INDICATOR
from atlas.web.unit_values import UnitValue
from atlas.web.words import counted_name

Words = Callable[[float, Collection[str]], str]
"""A figure with its noun; the kinds are those of the entries counted."""


@dataclass(frozen=True)
class Form:
    """How figures are written: rounded for reading, exactly, and the sign that follows them."""

    short: Callable[[float | None], str] = say.number
    exact: Callable[[float | None], str] = say.number
    sign: str = ""


COUNT, PERCENT = Form(), Form(sign="\u00a0%")
DOLLARS = Form(say.short_usd, say.usd)


@dataclass(frozen=True)
class Indicator:
    """One entry of the indicator menu; texts are message ids.

    Attributes
    ----------
    layer, column
        Where the value stands in the answers of the dataset.
    label, title
        Name in the menu, and what the map's title says it shows.
    words
        What a figure says; ``None``: units have states and no figures.
    values
        The value of each unit, where it is more than the column.
    colours
        From little to much.
    zero
        Whether 0 is a figure as any other, which somebody stated.
    unknown
        What a unit without a figure says; empty: the word of its state.
    nothing
        What the ranking says where no unit has a figure.
    behind
        Figure (`atlas.web.behind.FIGURES`) that opens the activities of a unit; a ratio or a
        level has none.
    adds_up
        Whether units and reserved rows together are the whole.
    whole
        The whole, where what is in several units is in the figure of each.
    title_with_plans
        The title where plans are counted.
    method
        How to read the colours; empty: how the classes were made.
    context
        Tables of context that it draws on beside the activities.
    stated
        Facts that the map shows as documents stated them on their day; ``None``: it shows
        activities of a period.
    scale
        Scale of the figures and its direction, where documents choose it.
    of_perimeter
        Whether its units are those of a perimeter, which is outlined and framed.
    """

    layer: str
    column: str
    label: str
    title: str
    words: Words | None = None
    values: Callable[[Scene], list[UnitValue]] | None = None
    form: Form = COUNT
    colours: tuple[str, ...] = BLUES
    zero: bool = False
    unknown: str = ""
    nothing: str = N_("Rien à classer : enlevez un filtre, ou choisissez un niveau plus grossier.")
    behind: str = ""
    adds_up: bool = False
    whole: Callable[[Figures], int] | None = None
    title_with_plans: str = ""
    method: str = ""
    context: tuple[str, ...] = ()
    stated: Callable[[Scene], pl.DataFrame] | None = None
    scale: Callable[[Scene], tuple[str | None, str | None]] | None = None
    of_perimeter: bool = False


def _counted(n: float, kinds: Collection[str]) -> str:
    return f"{say.number(n)} {counted_name(kinds, int(n))}"


def _organisations(n: float, _kinds: Collection[str]) -> str:
    return ngettext("{shown} organisation", "{shown} organisations", int(n), shown=say.number(n))


def _published(n: float, _kinds: Collection[str]) -> str:
    shown = say.number(n)
    return ngettext("{shown} projet publié", "{shown} projets publiés", int(n), shown=shown)


def _dollars(amount: float, _kinds: Collection[str]) -> str:
    return say.usd(amount)


def _severity(level: float, _kinds: Collection[str]) -> str:
    return _("gravité {n}", n=say.number(level))


def _unmet(share: float, _kinds: Collection[str]) -> str:
    return _("besoin sans réponse : {n} %", n=say.number(share))


_NEEDS = ("needs", "population", "priorities", "access", "reporting", "nothing_to_report")

INDICATORS: dict[str, Indicator] = {
    "activities": Indicator(
        "presence",
        "activities",
        N_("Activités"),
        N_("Activités signalées"),
        _counted,
        title_with_plans=N_("Activités signalées et plans"),
        behind="activities",
        adds_up=True,
        whole=lambda counted: counted.activities,
    ),
    "organisations": Indicator(
        "presence",
        "organisations",
        N_("Organisations"),
        N_("Organisations présentes"),
        _organisations,
        behind="organisations",
    ),
    "delivering": Indicator(
        "presence",
        "delivering",
        N_("Acteurs qui réalisent"),
        N_("Organisations qui réalisent des activités"),
        _organisations,
        behind="delivering",
    ),
    "budget": Indicator(
        "budget",
        "budget_usd",
        N_("Budget (USD)"),
        N_("Budget placé"),
        _dollars,
        form=DOLLARS,
        unknown=N_("montant inconnu"),
        behind="budget_usd",
        adds_up=True,
        context=("population",),
    ),
    "per-head": Indicator(
        "budget",
        "per_head_usd",
        N_("Budget par habitant (USD)"),
        N_("Budget placé par habitant"),
        _dollars,
        form=DOLLARS,
        unknown=N_("population non disponible, ou montant inconnu"),
        context=("population",),
    ),
    "published": Indicator(
        "published",
        "items",
        N_("Publié, non détaillé"),
        N_("Projets publiés sans leur détail"),
        _published,
        of_units.published_values,
        behind="published",
        stated=of_units.published_facts,
    ),
    "coverage": Indicator(
        "coverage",
        "state",
        N_("Couverture"),
        N_("Couverture par les activités signalées"),
        values=of_units.coverage_values,
        method=N_("États ; « lacune » seulement où un besoin est connu."),
        context=_NEEDS,
    ),
    "priority": Indicator(
        "coverage",
        "unmet",
        N_("Priorité"),
        N_("Besoin sans réponse, et priorités"),
        _unmet,
        of_units.unmet_values,
        PERCENT,
        WARMS,
        zero=True,
        unknown=N_("besoin inconnu, ou seul connu de son secteur"),
        method=N_(
            "Couleur : part du besoin sans réponse, de 0 à 100 %, dans le secteur où elle est la "
            "plus grande. Contour : classe de priorité ; seuils dans l'onglet Lacunes."
        ),
        context=_NEEDS,
    ),
    "programme": Indicator(
        "programme",
        "state",
        N_("Programme"),
        N_("Couverture du programme"),
        values=of_units.programme_values,
        method=N_("Dans le périmètre : l'état de la composante la moins avancée."),
        context=("programme", "components"),
        of_perimeter=True,
    ),
    "access": Indicator(
        "access",
        "severity_max",
        N_("Accès"),
        N_("Contraintes d'accès signalées"),
        _severity,
        of_units.access_values,
        colours=WARMS,
        zero=True,
        unknown=N_("contraintes signalées, gravité inconnue"),
        nothing=N_("Aucune gravité connue à cette date. Les faits sont dans l'onglet Accès."),
        stated=of_units.access_facts,
        scale=of_units.access_scale,
    ),
}


def shown_indicator(scene: Scene) -> Indicator:
    """The indicator that the URL asks for; the default for a word that means none."""
    return INDICATORS.get(scene.view.indicator, INDICATORS[DEFAULT_INDICATOR])

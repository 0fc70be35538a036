"""The figures of the page: which activities each stands for, and how its list adds up to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import polars as pl

from atlas.answers import Answer
from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.i18n import N_, _, ngettext
from atlas.web import say
from atlas.web.desk import Scene

SEPARATOR = "|"
COUNTED = pl.col("counted_with").is_null()
"""Rows of a list that add to its figure; the others are told once more elsewhere."""

Measure = Literal["activities", "names", "money", "projects", "people"]


@dataclass(frozen=True)
class Figure:
    """A kind of figure.

    Attributes
    ----------
    label
        What it is called.
    measure
        How its list adds up: its rows, the distinct names in ``column``, or the sum of
        ``column``: money, published projects, people.
    layer
        Whose cell it is (`Layer.cell`).
    column
        What each activity adds; ``{value}`` in it is the value of the figure. Where this is
        what is summed, the figure is about those that add anything.
    keep
        Which activities of the cell it is about; ``None``: all.
    settings
        Of the layer, instead of the page's.
    plain
        Whether the page's settings of the layer leave it as it is.
    items
        Whether presences are no part of it.
    aside
        Filters that it leaves aside.
    whole
        Whether its value is no part of the cell.
    stopped
        Whether it is about what is cancelled or suspended, which is in no other figure.
    equals
        The column in which its value stands, where it is none of the cell's.
    note
        What must be said above its list.
    """

    label: str
    measure: Measure = "activities"
    layer: str = "presence"
    column: str = "share_usd"
    keep: pl.Expr | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    plain: bool = False
    items: bool = True
    aside: tuple[str, ...] = ()
    whole: bool = False
    stopped: bool = False
    equals: str = ""
    note: str = ""

    @property
    def added(self) -> bool:
        """Whether it is a sum, rather than a count."""
        return self.measure in ("money", "projects", "people")

    def of(self, value: str) -> Figure:
        """The same, of one value."""
        column, keep = self.column.format(value=value), self.keep
        if self.added:
            some = pl.col(column).is_not_null()
            keep = some if keep is None else some & keep
        if self.equals:
            keep = pl.col(self.equals) == value
        return replace(self, column=column, keep=keep)

    def value(self, table: pl.DataFrame) -> float | None:
        """The figure again, from its list alone; null where nothing of it is known."""
        told = table.filter(COUNTED)
        if self.measure == "activities":
            return told.height
        known = told[self.column].drop_nulls() if self.column in told.columns else pl.Series()
        if self.measure == "names":
            return len({name for cell in known for name in cell.split(" ; ")})
        return round(float(known.sum()), 2) if known.len() else None

    def words(self, table: pl.DataFrame) -> str:
        """The same as the page says it."""
        value = self.value(table)
        if value is None:
            return say.UNKNOWN
        if self.measure == "money":
            return say.money(value, self.currency(table))
        n, shown = int(value), say.number(value)
        if self.measure == "people":
            return _("{n} personnes", n=shown)
        if self.measure == "projects":
            return ngettext("{shown} projet", "{shown} projets", n, shown=shown)
        if self.measure == "names":
            return ngettext("{shown} organisation", "{shown} organisations", n, shown=shown)
        return ngettext("{shown} activité", "{shown} activités", n, shown=shown)

    def currency(self, table: pl.DataFrame) -> str:
        """Of its money."""
        if self.column.startswith("no_rate_"):
            return self.column.removeprefix("no_rate_")
        if self.part_column.endswith("_usd"):
            return "USD"
        return str(table["share_currency"][0])

    @property
    def part_column(self) -> str:
        """What is shown of each activity: what it adds, else its part of the budget."""
        return "share_usd" if self.measure == "names" else self.column

    @property
    def money(self) -> bool:
        """Whether what is shown of each activity is money."""
        return self.measure not in ("people", "projects")

    def part(self, table: pl.DataFrame) -> str:
        """Heading of what each activity adds."""
        if self.measure == "people":
            return _("Personnes")
        if self.measure == "projects":
            return _("Projets publiés")
        return _("Part ici ({currency})", currency=self.currency(table))


def _money(label: str, column: str = "share", **more: str) -> Figure:
    """A figure of the tab of budgets, under its settings but those given here."""
    return Figure(label, "money", "budget", column, settings=more)


def _dollars(label: str, column: str = "share", *, plain: bool = False) -> Figure:
    """The same in dollars, one row a unit."""
    return replace(_money(label, column, currency="USD", by="unit"), plain=plain)


def _priced(label: str, *, plain: bool = False, **settings: str) -> Figure:
    """Activities whose amount nobody gave."""
    nobody = ~pl.col("priced")
    return Figure(label, "activities", "budget", "share", nobody, settings, plain)


def _published(label: str, measure: Measure, column: str) -> Figure:
    """What a document publishes as a count or a sum."""
    said = N_(
        "Publié en nombre ou en somme seulement : la liste de ces projets n'a pas été transmise, "
        "il n'y a donc pas d'activités à montrer. Voici où ce chiffre a été lu."
    )
    return Figure(label, measure, "published", column, note=said)


def _stopped(label: str, status: str, *, money: bool = False) -> Figure:
    """What is cancelled, or what is suspended; or its money under the settings of the page."""
    figure = _money(label, slice="whole") if money else Figure(label)
    return replace(figure, stopped=True, keep=pl.col("status") == status)


_COUNTS = pl.col("counts")

FIGURES: dict[str, Figure] = {
    "activities": Figure(N_("Activités")),
    "sector": Figure(N_("Activités"), aside=("sector",)),
    "source": Figure(N_("Activités"), whole=True, equals="source"),
    "organisations": Figure(
        N_("Organisations"), "names", column="organisations", items=False
    ),
    "presences": Figure(
        N_("Présences"), "names", column="organisations", items=False,
        keep=pl.col("kind") == "presence",
    ),
    "delivering": Figure(N_("Organisations qui réalisent"), "names", "actors", "delivering"),
    "budget_usd": _dollars(N_("Budget placé (USD)")),
    "inherited_usd": _dollars(N_("dont périmètre"), "share_inherited"),
    "without_amount": _priced(N_("Sans montant"), by="unit"),
    "placed_usd": _dollars(N_("Budget (USD)"), plain=True),
    "placed_inherited_usd": _dollars(N_("dont périmètre"), "share_inherited", plain=True),
    "unpriced": _priced(N_("Sans montant"), plain=True),
    "money": _money(N_("Montant")),
    "money_inherited": _money(N_("dont périmètre"), "share_inherited"),
    "money_outside": _money(N_("Hors de la période demandée"), "outside"),
    "money_open_period": _money(N_("Début ou fin inconnus"), "open_period"),
    "money_no_period": _money(N_("Sans période"), "no_period"),
    "money_committed": _money(N_("Engagé"), kind="committed"),
    "money_spent": _money(N_("Dépensé"), kind="spent"),
    "money_no_rate": replace(_money(N_("Sans taux de change"), "no_rate_{value}"), whole=True),
    "cancelled": _stopped(N_("Activités annulées"), "cancelled"),
    "suspended": _stopped(N_("Activités suspendues"), "suspended"),
    "money_cancelled": _stopped(N_("Montants annulés"), "cancelled", money=True),
    "money_suspended": _stopped(N_("Montants suspendus"), "suspended", money=True),
    "money_activities": Figure(N_("Activités"), layer="budget", column="share"),
    "money_unpriced": _priced(N_("Sans montant")),
    "response": Figure(N_("Activités qui répondent au besoin"), layer="coverage", keep=_COUNTS),
    "response_past": Figure(N_("Activités passées"), layer="coverage", keep=pl.col("past")),
    "response_inherited": Figure(
        N_("Activités placées au périmètre"), layer="coverage",
        keep=_COUNTS & (pl.col("place_rule") == "inherited"),
    ),
    "people": Figure(N_("Personnes atteintes, à défaut visées"), "people", "coverage", "people"),
    "priority": Figure(N_("Activités depuis que la priorité est posée"), layer="priorities"),
    "no_go": Figure(
        N_("Activités en zone interdite"), layer="access",
        keep=pl.col("no_go").is_in(["inside", "cercle"]).fill_null(False),
    ),
    "no_go_partly": Figure(
        N_("Activités dont une partie du lieu est zone interdite"), layer="access",
        keep=(pl.col("no_go") == "partly").fill_null(value=False),
    ),
    "programme": Figure(N_("Activités du programme"), layer="programme"),
    "programme_usd": Figure(N_("Budget du programme"), "money", "programme"),
    "programme_inherited": Figure(
        N_("Activités placées au périmètre"),
        layer="programme",
        keep=pl.col("place_rule") == "inherited",
    ),
    "report": Figure(N_("Ce que dit ce rapport"), layer="reporting"),
    "published": _published(N_("Publié, non détaillé"), "projects", "items"),
    "published_usd": _published(N_("Publié, non détaillé"), "money", "published_usd"),
}  # fmt: skip
"""Every figure of the page that opens, by the name that the URL gives it."""


def asked(why: str | None) -> tuple[str, str, str]:
    """Name of a figure, its row (a unit or a reserved row) and its value, out of the URL."""
    figure, unit, value, *_more = [*(why or "").split(SEPARATOR), "", "", ""]
    return figure, unit, value


def figure_of(why: str | None) -> Figure | None:
    """The figure that the URL names, of its value; ``None``: there is no such figure."""
    name, _unit, value = asked(why)
    found = FIGURES.get(name)
    return found and found.of(value)


def behind(scene: Scene) -> Answer:
    """The activities behind the figure that the URL names.

    Raises
    ------
    UsageError
        It names no figure or no row.
    ForbiddenError
        Its list is not open to the viewer.
    """
    data, view = scene.data, scene.view
    name, unit, value = asked(view.why)
    figure = figure_of(view.why)
    if data is None or figure is None:
        raise UsageError(_("Chiffre « {name} » inconnu", name=name))
    filters, frame, level = _question(scene, data, figure, unit)
    said = {} if figure.plain else view.options_of(figure.layer)
    said = {**said, **figure.settings}
    answer = data.behind(
        unit or None,
        None if figure.whole else value or None,
        items=figure.items,
        stopped=figure.stopped,
        filters=filters,
        frame=frame,
        level=level,
        viewer=scene.viewer,
        layer=figure.layer,
        options=said,
    )
    return replace(answer, table=_kept(answer.table, figure.keep))


def _question(
    scene: Scene, data: Dataset, figure: Figure, unit: str
) -> tuple[Filters, str | None, str]:
    """The question that a figure stands under: the page's; of an open zone, the zone's own."""
    view = scene.view
    filters = view.filters.but(**dict.fromkeys(figure.aside, ()))
    if unit != view.zone or unit not in data.frames:
        return filters, view.frame, view.level
    own = data.frames.unit(unit)
    return filters.but(unit=()), own.frame, own.level


def _kept(table: pl.DataFrame, keep: pl.Expr | None) -> pl.DataFrame:
    """The activities that a figure is about, each with the records it counts for."""
    if keep is None:
        return table
    if not set(keep.meta.root_names()) <= set(table.columns):
        return table.clear()  # nothing of that kind is in the snapshot
    own = table.filter(COUNTED & keep)["activity_id"].implode()
    return table.filter(pl.col("activity_id").is_in(own) | pl.col("counted_with").is_in(own))

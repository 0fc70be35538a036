"""The activities behind a figure: how their list adds up to it, and the panel with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import polars as pl
from dash import html

from atlas import formats
from atlas.dataset import Answer, Dataset
from atlas.errors import AtlasError, UsageError
from atlas.filters import Filters
from atlas.i18n import N_, _, ngettext
from atlas.labels import label
from atlas.layers import LAYERS
from atlas.layers.layer import Layer
from atlas.layers.programme import OWN_ROWS, UNKNOWN
from atlas.layers.scope import LOOSE, PLACED
from atlas.model import RESERVED
from atlas.shares import minor_unit_digits
from atlas.web import downloads
from atlas.web.layer_settings import figure_words
from atlas.web.page_elements import html_attributes, url_change
from atlas.web.page_state import PageScene
from atlas.web.page_tables import empty_note, more_rows_note, plain_table, table_note

KEY_SEPARATOR = "|"
IS_COUNTED_ONCE = pl.col("counted_with").is_null()
"""Rows of a list that add to its figure; the others are told once more elsewhere."""

FigureMeasure = Literal["activities", "names", "money", "projects", "people"]


@dataclass(frozen=True)
class FigureKind:
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
    ignored_filters
        Filters that it leaves aside.
    whole
        Whether its value is no part of the cell.
    stopped
        Whether it is about what is cancelled or suspended, which is in no other figure.
    equals
        The column in which its value stands, where it is none of the cell's.
    stated
        The column with the figure as each activity states it, where less of it may count.
    note
        What must be said above its list.
    """

    label: str
    measure: FigureMeasure = "activities"
    layer: str = "presence"
    column: str = "share_usd"
    keep: pl.Expr | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    plain: bool = False
    items: bool = True
    ignored_filters: tuple[str, ...] = ()
    whole: bool = False
    stopped: bool = False
    equals: str = ""
    stated: str = ""
    note: str = ""

    @property
    def is_sum(self) -> bool:
        """Whether it is a sum, rather than a count."""
        return self.measure in ("money", "projects", "people")

    def with_value(self, value: str) -> FigureKind:
        """The same, of one value."""
        column, keep = self.column.format(value=value), self.keep
        if self.is_sum:
            some = pl.col(column).is_not_null()
            keep = some if keep is None else some & keep
        if self.equals:
            keep = pl.col(self.equals) == value
        return replace(self, column=column, keep=keep)

    def value(self, table: pl.DataFrame) -> float | None:
        """The figure again, from its list alone; null where nothing of it is known."""
        counted = table.filter(IS_COUNTED_ONCE)
        if self.measure == "activities":
            return counted.height
        known = counted[self.column].drop_nulls() if self.column in counted.columns else pl.Series()
        if self.measure == "names":
            return len({name for cell in known for name in cell.split(" ; ")})
        return round(float(known.sum()), 2) if known.len() else None

    def total_text(self, table: pl.DataFrame) -> str:
        """The same as the page says it."""
        value = self.value(table)
        if value is None:
            return formats.UNKNOWN
        if self.measure == "money":
            return formats.money_text(value, self.currency(table))
        n, shown = int(value), formats.number_text(value)
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
        if self.shown_column.endswith("_usd"):
            return "USD"
        return str(table["share_currency"][0])

    @property
    def shown_column(self) -> str:
        """What is shown of each activity: what it adds, else its part of the budget."""
        return "share_usd" if self.measure == "names" else self.column

    @property
    def shows_money(self) -> bool:
        """Whether what is shown of each activity is money."""
        return self.measure not in ("people", "projects")

    def part_heading(self, table: pl.DataFrame) -> str:
        """Heading of what each activity adds."""
        if self.measure == "people":
            return _("Personnes")
        if self.measure == "projects":
            return _("Projets publiés")
        return _("Part ici ({currency})", currency=self.currency(table))


def _money_figure(label: str, column: str = "share", **more: str) -> FigureKind:
    """A figure of the tab of budgets, under its settings but those given here."""
    return FigureKind(label, "money", "budget", column, settings=more)


def _dollar_figure(label: str, column: str = "share", *, plain: bool = False) -> FigureKind:
    """The same in dollars, one row a unit."""
    return replace(_money_figure(label, column, currency="USD", by="unit"), plain=plain)


def _unpriced_figure(label: str, *, plain: bool = False, **settings: str) -> FigureKind:
    """Activities whose amount nobody gave."""
    nobody = ~pl.col("priced")
    return FigureKind(label, "activities", "budget", "share", nobody, settings, plain)


def _published_figure(label: str, measure: FigureMeasure, column: str) -> FigureKind:
    """What a document publishes as a count or a sum."""
    explanation = N_(
        "Publié en nombre ou en somme seulement : la liste de ces projets n'a pas été transmise, "
        "il n'y a donc pas d'activités à montrer. Voici où ce chiffre a été lu."
    )
    return FigureKind(label, measure, "published", column, note=explanation)


def _stopped_figure(label: str, status: str, *, money: bool = False) -> FigureKind:
    """What is cancelled, or what is suspended; or its money under the settings of the page."""
    figure = _money_figure(label, slice="whole") if money else FigureKind(label)
    return replace(figure, stopped=True, keep=pl.col("status") == status)


_COUNTS_FLAG = pl.col("counts")

FIGURE_KINDS: dict[str, FigureKind] = {
    "activities": FigureKind(N_("Activités")),
    "sector": FigureKind(N_("Activités"), ignored_filters=("sector",)),
    "source": FigureKind(N_("Activités"), whole=True, equals="source"),
    "organisations": FigureKind(
        N_("Organisations"), "names", column="organisations", items=False
    ),
    "presences": FigureKind(
        N_("Présences"), "names", column="organisations", items=False,
        keep=pl.col("kind") == "presence",
    ),
    "delivering": FigureKind(N_("Organisations qui réalisent"), "names", "actors", "delivering"),
    "budget_usd": _dollar_figure(N_("Budget placé (USD)")),
    "inherited_usd": _dollar_figure(N_("dont périmètre"), "share_inherited"),
    "without_amount": _unpriced_figure(N_("Sans montant"), by="unit"),
    "placed_usd": _dollar_figure(N_("Budget (USD)"), plain=True),
    "placed_inherited_usd": _dollar_figure(N_("dont périmètre"), "share_inherited", plain=True),
    "unpriced": _unpriced_figure(N_("Sans montant"), plain=True),
    "money": _money_figure(N_("Montant")),
    "money_inherited": _money_figure(N_("dont périmètre"), "share_inherited"),
    "money_outside": _money_figure(N_("Hors de la période demandée"), "outside"),
    "money_open_period": _money_figure(N_("Début ou fin inconnus"), "open_period"),
    "money_no_period": _money_figure(N_("Sans période"), "no_period"),
    "money_committed": _money_figure(N_("Engagé"), kind="committed"),
    "money_spent": _money_figure(N_("Dépensé"), kind="spent"),
    "money_no_rate": replace(
        _money_figure(N_("Sans taux de change"), "no_rate_{value}"), whole=True
    ),
    "cancelled": _stopped_figure(N_("Activités annulées"), "cancelled"),
    "suspended": _stopped_figure(N_("Activités suspendues"), "suspended"),
    "money_cancelled": _stopped_figure(N_("Montants annulés"), "cancelled", money=True),
    "money_suspended": _stopped_figure(N_("Montants suspendus"), "suspended", money=True),
    "route": FigureKind(N_("Activités"), layer="localisation", whole=True, equals="route"),
    "route_usd": FigureKind(
        N_("Budget (USD)"), "money", "localisation", whole=True, equals="route"
    ),
    **{
        f"distributions_{side}": FigureKind(
            N_("Distributions de vivres"), layer="distributions",
            keep=pl.col("distributor") == side,
        )
        for side in ("state", "others")
    },
    "disbursed_budget": FigureKind(N_("Budget (USD)"), "money", "disbursed"),
    "disbursed_spent": FigureKind(N_("Dépensé (USD)"), "money", "disbursed", "spent_usd"),
    "money_activities": FigureKind(N_("Activités"), layer="budget", column="share"),
    "money_unpriced": _unpriced_figure(N_("Sans montant")),
    "response": FigureKind(
        N_("Activités qui répondent au besoin"), layer="coverage", keep=_COUNTS_FLAG
    ),
    "response_past": FigureKind(N_("Activités passées"), layer="coverage", keep=pl.col("past")),
    "response_inherited": FigureKind(
        N_("Activités placées au périmètre"), layer="coverage",
        keep=_COUNTS_FLAG & (pl.col("place_rule") == "inherited"),
    ),
    "people": FigureKind(
        N_("Personnes atteintes, à défaut visées"), "people", "coverage", "people",
        stated="people_stated",
    ),
    "people_reached": FigureKind(
        N_("Personnes atteintes"), "people", "people", "reached_counted", stated="reached_stated"
    ),
    "people_targeted": FigureKind(
        N_("Personnes visées"), "people", "people", "targeted_counted", stated="targeted_stated"
    ),
    "quantity": FigureKind(N_("Activités"), layer="quantities"),
    "priority": FigureKind(N_("Activités depuis que la priorité est posée"), layer="priorities"),
    "no_go": FigureKind(
        N_("Activités en zone interdite"), layer="access",
        keep=pl.col("no_go").is_in(["inside", "cercle"]).fill_null(False),
    ),
    "no_go_partly": FigureKind(
        N_("Activités dont une partie du lieu est zone interdite"), layer="access",
        keep=(pl.col("no_go") == "partly").fill_null(value=False),
    ),
    "programme": FigureKind(N_("Activités du programme"), layer="programme"),
    "programme_usd": FigureKind(N_("Budget du programme"), "money", "programme"),
    "programme_inherited": FigureKind(
        N_("Activités placées au périmètre"),
        layer="programme",
        keep=pl.col("place_rule") == "inherited",
    ),
    "report": FigureKind(N_("Ce que dit ce rapport"), layer="reporting"),
    "quality": FigureKind(N_("À revoir"), layer="quality"),
    "published": _published_figure(N_("Publié, non détaillé"), "projects", "items"),
    "published_usd": _published_figure(N_("Publié, non détaillé"), "money", "published_usd"),
}  # fmt: skip
"""Every figure of the page that opens, by the name that the URL gives it."""


def figure_key_parts(figure_key: str | None) -> tuple[str, str, str]:
    """Name of a figure, its row (a unit or a reserved row) and its value, out of the URL."""
    figure, unit, value, *_more = [*(figure_key or "").split(KEY_SEPARATOR), "", "", ""]
    return figure, unit, value


def figure_of(figure_key: str | None) -> FigureKind | None:
    """The figure that the URL names, of its value; ``None``: there is no such figure."""
    name, _unit, value = figure_key_parts(figure_key)
    found = FIGURE_KINDS.get(name)
    return found and found.with_value(value)


def activities_behind(scene: PageScene) -> Answer:
    """The activities behind the figure that the URL names.

    Raises
    ------
    UsageError
        It names no figure or no row.
    ForbiddenError
        Its list is not open to the viewer.
    """
    data, view = scene.data, scene.view
    name, unit, value = figure_key_parts(view.why)
    figure = figure_of(view.why)
    if data is None or figure is None:
        raise UsageError(_("Chiffre « {name} » inconnu", name=name))
    filters, frame, level = _figure_question(scene, data, figure, unit)
    options = {} if figure.plain else view.layer_options(figure.layer)
    options = {**options, **figure.settings}
    answer = data.activities_behind(
        unit or None,
        None if figure.whole else value or None,
        items=figure.items,
        stopped=figure.stopped,
        filters=filters,
        frame=frame,
        level=level,
        viewer=scene.viewer,
        layer=figure.layer,
        options=options,
    )
    return replace(answer, table=_kept_activities(answer.table, figure.keep))


def _figure_question(
    scene: PageScene, data: Dataset, figure: FigureKind, unit: str
) -> tuple[Filters, str | None, str]:
    """The question that a figure stands under: the page's; of an open zone, the zone's own."""
    view = scene.view
    filters = view.filters.with_changes(**dict.fromkeys(figure.ignored_filters, ()))
    if unit != view.zone or unit not in data.frames:
        return filters, view.frame, view.level
    zone_unit = data.frames.unit_by_id(unit)
    return filters.with_changes(unit=()), zone_unit.frame, zone_unit.level


def _kept_activities(table: pl.DataFrame, keep: pl.Expr | None) -> pl.DataFrame:
    """The activities that a figure is about, each with the records it counts for."""
    if keep is None:
        return table
    if not set(keep.meta.root_names()) <= set(table.columns):
        return table.clear()  # nothing of that kind is in the snapshot
    kept_ids = table.filter(IS_COUNTED_ONCE & keep)["activity_id"].implode()
    return table.filter(
        pl.col("activity_id").is_in(kept_ids) | pl.col("counted_with").is_in(kept_ids)
    )


MOST_LISTED = 200
"""Rows shown in the panel; the file holds them all."""


def opening_attributes(figure: str, unit: str = "", sector: str = "") -> dict[str, Any]:
    """Attributes of whatever opens the list behind a figure.

    Parameters
    ----------
    figure
        A key of `FIGURE_KINDS`.
    unit
        A unit or a reserved row of the page's frame and level; empty: all of them.
    sector
        A sector, or for a figure of the tab of budgets a value of its dimension; empty: all.
    """
    return url_change(why=KEY_SEPARATOR.join([figure, unit, sector]).rstrip(KEY_SEPARATOR))


def linked_figure(words: str, figure: str, unit: str = "", sector: str = "") -> html.Button | str:
    """A figure in a table or a sentence that opens what it is made of; a zero has nothing."""
    if words in ("", "0", formats.UNKNOWN):
        return words
    hint = _("D'où vient ce chiffre ?")
    return html.Button(
        words, className="why-number", title=hint, **opening_attributes(figure, unit, sector)
    )


def figure_panel(scene: PageScene) -> list[Any]:
    """The list behind a figure, in the place of a zone's panel."""
    figure = figure_of(scene.view.why)
    try:
        answer = activities_behind(scene)
    except AtlasError as error:
        body: list[Any] = [empty_note(error.error_sentence())]
    else:
        assert figure is not None
        body = _activity_table(scene, answer, figure)
    close = html.Button(
        _("Fermer"), className="close", title=_("Fermer (Échap)"), **url_change(why="")
    )
    return [
        html.Aside(
            [
                html.Div([_panel_heading(scene), close], className="panel-head"),
                html.Div(body, className="panel-body"),
            ],
            className="panel",
            id="why-panel",
            **html_attributes(aria_label=_("D'où vient ce chiffre ?")),
        )
    ]


def _panel_heading(scene: PageScene) -> html.Div:
    name, unit, value = figure_key_parts(scene.view.why)
    figure = FIGURE_KINDS.get(name)
    what = figure_words(scene, figure.layer, _(figure.label)) if figure else name
    parts = [_unit_text(scene, name, unit), _value_text(scene, name, value) if value else ""]
    words = " · ".join(part for part in (what, *parts) if part)
    return html.Div([html.H2(_("D'où vient ce chiffre ?")), html.P(words)])


def _unit_text(scene: PageScene, name: str, unit: str) -> str:
    """The row of a figure in words."""
    rows = {
        "": _(_figure_layer(name).every_row),
        PLACED: _("dans une zone"),
        LOOSE: _("hors des zones"),
        UNKNOWN: label("zone", "unknown"),
        **{row: label("row", row) for row in OWN_ROWS},
    }
    frames = scene.data.frames if scene.data else ()
    if unit in rows or not frames or (unit not in frames and unit not in RESERVED):
        return rows.get(unit, unit)
    return frames.unit_label(unit)


def _figure_layer(name: str) -> Layer:
    """Whose cell the figure of that name is."""
    return LAYERS[FIGURE_KINDS[name].layer if name in FIGURE_KINDS else "presence"]


_VALUE_WORDS = {"source": "sources", "route": "route"}
"""What the values of a column are words of (`atlas.labels.label`)."""


def _value_text(scene: PageScene, name: str, value: str) -> str:
    """The sector of a figure, or the value of whatever its layer is told by."""
    if name in FIGURE_KINDS and FIGURE_KINDS[name].whole:
        kind = _VALUE_WORDS.get(FIGURE_KINDS[name].equals)
        return label(kind, value) if kind else value
    layer = _figure_layer(name)
    return layer.value_name(value, scene.view.layer_options(layer.name))


def _activity_table(scene: PageScene, answer: Answer, figure: FigureKind) -> list[Any]:
    table = answer.table
    if not table.height:
        return [empty_note(_("Aucune activité derrière ce chiffre : il est nul ou inconnu."))]
    digits = minor_unit_digits(figure.currency(table)) if figure.shows_money else 0
    rows = [_activity_cells(row, figure, digits) for row in table.head(MOST_LISTED).to_dicts()]
    heads = [
        _("Publié") if figure.note else _("Activité"),
        figure.part_heading(table),
        _("Document"),
        _("Ligne"),
    ]
    total = _(
        "{what} : {total}",
        what=figure_words(scene, figure.layer, _(figure.label)),
        total=figure.total_text(table),
    )
    parts: list[Any] = [
        table_note(total + ".", downloads.download_links("pourquoi")),
        html.P(_(figure.note), className="read-out") if figure.note else None,
        plain_table(heads, rows, numeric=[1], caption=total),
    ]
    return parts + more_rows_note(table.height - MOST_LISTED)


def _activity_cells(row: dict[str, Any], figure: FigureKind, digits: int) -> list[Any]:
    forbidden = label("no_go", row["no_go"]) if row["no_go"] else ""
    head = row["counted_with_title"]
    once = _("compté avec « {title} », n'ajoute rien", title=head) if row["counted_with"] else ""
    about = [label("sources", row["source"]), row["organisations"], row["place"], forbidden, once]
    if figure.stated and not row["counted_with"] and row[figure.stated] != row[figure.column]:
        about.append(
            _(
                "{n} dites, peut-être les mêmes personnes qu'une autre activité",
                n=formats.number_text(row[figure.stated]),
            )
        )
    activity = html.Div(
        [
            html.Div(row["title"] or row["organisations"] or formats.UNKNOWN),
            html.Div(" · ".join(part for part in about if part), className="meta"),
        ]
    )
    part = None if row["counted_with"] else row[figure.shown_column]
    return [
        activity,
        formats.number_text(part, digits),
        row["file"],
        row["locator"] or formats.UNKNOWN,
    ]

"""Why this number: the activities behind any figure, each with its document and row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from dash import html

from atlas import summaries
from atlas.answers import Answer
from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.i18n import N_, _, ngettext
from atlas.layers.dimensions import named
from atlas.layers.no_go import WORDS as NO_GO_WORDS
from atlas.layers.perimeter import component_name
from atlas.layers.programme import NONE
from atlas.layers.programme_rows import OWN_ROWS, UNKNOWN
from atlas.shares import exponent
from atlas.vocab import label
from atlas.web import downloads, say
from atlas.web.attributes import attrs, go
from atlas.web.desk import Scene
from atlas.web.tables import empty, note, plain
from atlas.web.words import source_name

MOST_ROWS = 200
"""Rows shown in the panel; the file holds them all."""

_SEPARATOR = "|"


@dataclass(frozen=True)
class Figure:
    """A kind of figure: what it is called, and which activities it stands for.

    Attributes
    ----------
    items
        Whether presences are no part of it.
    keep
        Which of the activities of the cell it is about; ``None``: all.
    total
        The figure again, from the list alone.
    column
        The part of each activity.
    amounts
        Of a figure of the tab of budgets, under its settings: the kind of its amounts; empty:
        the kind that is set.
    """

    label: str
    items: bool
    total: Callable[[pl.DataFrame], str]
    keep: pl.Expr | None = None
    column: str = "share_usd"
    amounts: str | None = None


def _count(table: pl.DataFrame) -> str:
    shown = say.number(table.height)
    return ngettext("{shown} activité", "{shown} activités", table.height, shown=shown)


def _money(table: pl.DataFrame) -> str:
    known = table["share_usd"].drop_nulls()
    return say.usd(round(float(known.sum()), 2) if known.len() else None)


def _actors(table: pl.DataFrame) -> str:
    names = {name for cell in table["organisations"].drop_nulls() for name in cell.split(" ; ")}
    shown = say.number(len(names))
    return ngettext("{shown} organisation", "{shown} organisations", len(names), shown=shown)


def _sum_of(column: str) -> Callable[[pl.DataFrame], str]:
    """The sum of a column of parts, in the currency they are told in."""

    def total(table: pl.DataFrame) -> str:
        known = table[column].drop_nulls()
        return say.money(round(float(known.sum()), 2), table["share_currency"][0])

    return total


def _of_budget(label: str, column: str = "share", amounts: str = "") -> Figure:
    """A figure of the tab of budgets."""
    told = pl.col(column).is_not_null()
    return Figure(label, True, _sum_of(column), told, column, amounts)


_UNPRICED = pl.col("share_usd").is_null() & pl.col("amount").is_null()

FIGURES: dict[str, Figure] = {
    "activities": Figure(N_("Activités"), items=True, total=_count),
    "response": Figure(N_("Activités qui répondent au besoin"), items=True, total=_count),
    "organisations": Figure(N_("Organisations"), items=False, total=_actors),
    "budget_usd": Figure(
        N_("Budget placé (USD)"), items=True, total=_money, keep=pl.col("share_usd").is_not_null()
    ),
    "inherited_usd": Figure(
        N_("dont périmètre"),
        items=True,
        total=_money,
        keep=pl.col("share_usd").is_not_null() & (pl.col("place_rule") == "inherited"),
    ),
    "no_go": Figure(
        N_("Activités en zone interdite"),
        items=True,
        total=_count,
        keep=pl.col("no_go").is_in(["inside", "cercle"]).fill_null(False),
    ),
    "without_amount": Figure(N_("Sans montant"), items=True, total=_count, keep=_UNPRICED),
    "programme": Figure(N_("Activités du programme"), items=True, total=_count),
    "programme_usd": Figure(
        N_("Budget du programme"), items=True, total=_money, keep=pl.col("share_usd").is_not_null()
    ),
    "money": _of_budget(N_("Montant")),
    "money_inherited": _of_budget(N_("dont périmètre"), "share_inherited"),
    "money_outside": _of_budget(N_("Hors de la période demandée"), "outside"),
    "money_no_period": _of_budget(N_("Sans période"), "no_period"),
    "money_committed": _of_budget(N_("Engagé"), amounts="committed"),
    "money_spent": _of_budget(N_("Dépensé"), amounts="spent"),
}


def opened(figure: str, unit: str = "", sector: str = "") -> dict[str, Any]:
    """Attributes of whatever opens the list behind a figure.

    Parameters
    ----------
    figure
        A key of `FIGURES`.
    unit
        A unit or a reserved row of the page's frame and level; empty: all of them.
    sector
        A sector, or for a figure of the tab of budgets a value of its dimension; empty: all.
    """
    return go(why=_SEPARATOR.join([figure, unit, sector]).rstrip(_SEPARATOR))


def number(words: str, figure: str, unit: str = "", sector: str = "") -> html.Button:
    """A figure in a table or a sentence that opens what it is made of."""
    hint = _("D'où vient ce chiffre ?")
    return html.Button(words, className="why-number", title=hint, **opened(figure, unit, sector))


def behind(scene: Scene) -> Answer:
    """The activities behind the figure that the URL names.

    Raises
    ------
    UsageError
        It names no figure or no row.
    """
    data, view = scene.data, scene.view
    name, unit, sector = _asked(view.why or "")
    if data is None or name not in FIGURES:
        raise UsageError(_("Chiffre « {name} » inconnu", name=name))
    if FIGURES[name].amounts is not None:
        answer = _money_behind(scene, data, name, unit, sector)
    elif name == "response":
        said = view.options_of("coverage")
        where = view.filters, view.frame, view.level, scene.viewer
        answer = summaries.answering(data, said, unit or None, sector or None, *where)
    else:
        layer = "programme" if _of_programme(name) else "access" if name == "no_go" else ""
        answer = data.behind(
            unit or None,
            sector or None,
            items=FIGURES[name].items,
            filters=view.filters,
            frame=view.frame,
            level=view.level,
            viewer=scene.viewer,
            layer=layer,
            options=view.options_of(layer),
        )
    keep = FIGURES[name].keep
    return answer if keep is None else replace(answer, table=_kept(answer.table, keep))


_COUNTED = pl.col("counted_with").is_null()


def _kept(table: pl.DataFrame, keep: pl.Expr) -> pl.DataFrame:
    """The activities that a figure is about, each with the records it counts for."""
    own = table.filter(_COUNTED & keep)["activity_id"].implode()
    return table.filter(pl.col("activity_id").is_in(own) | pl.col("counted_with").is_in(own))


def _money_behind(scene: Scene, data: Dataset, name: str, unit: str, value: str) -> Answer:
    view, kind = scene.view, FIGURES[name].amounts
    said = view.options_of("budget") | ({"kind": kind} if kind else {})
    where = view.filters, view.frame, view.level, scene.viewer
    return summaries.money_behind(data, said, unit or None, value, *where)


def panel(scene: Scene) -> list[Any]:
    """The list behind a figure, in the place of a zone's panel."""
    try:
        answer = behind(scene)
    except UsageError as error:
        body: list[Any] = [empty(error.sentence())]
    else:
        body = _body(answer, _asked(scene.view.why or "")[0])
    close = html.Button(_("Fermer"), className="close", title=_("Fermer (Échap)"), **go(why=""))
    return [
        html.Aside(
            [
                html.Div([_heading(scene), close], className="panel-head"),
                html.Div(body, className="panel-body"),
            ],
            className="panel",
            id="why-panel",
            **attrs(aria_label=_("D'où vient ce chiffre ?")),
        )
    ]


def _asked(why: str) -> tuple[str, str, str]:
    figure, unit, sector, *_more = [*why.split(_SEPARATOR), "", "", ""]
    return figure, unit, sector


def _heading(scene: Scene) -> html.Div:
    name, unit, sector = _asked(scene.view.why or "")
    frames = scene.data.frames if scene.data else None
    every = _("tout le périmètre") if _of_programme(name) else _("toutes les zones et lignes")
    own = _(OWN_ROWS[unit]) if unit in OWN_ROWS else ""
    own = _("Ne peut être dit") if unit == UNKNOWN else own
    where = own or (frames.label(unit) if unit and frames else every)
    what = _(FIGURES[name].label) if name in FIGURES else name
    told = [where, *([_detail(scene, name, sector)] if sector else [])]
    return html.Div([html.H2(_("D'où vient ce chiffre ?")), html.P(f"{what} · {' · '.join(told)}")])


def _of_programme(name: str) -> bool:
    """Whether a figure is a cell of a programme: a unit by a component."""
    return name.startswith("programme")


def _detail(scene: Scene, name: str, value: str) -> str:
    """The sector of a figure, or the value of whatever its amounts are told by."""
    if name in FIGURES and FIGURES[name].amounts is not None:
        return named(scene.view.options_of("budget").get("by", "unit"), value)
    if _of_programme(name):
        return _("sans composante") if value == NONE else component_name(value)
    return label("sectors", value)


def _body(answer: Answer, name: str) -> list[Any]:
    table = answer.table
    if not table.height:
        return [empty(_("Aucune activité derrière ce chiffre : il est nul ou inconnu."))]
    column = FIGURES[name].column
    currency = "USD" if column == "share_usd" else table["share_currency"][0]
    digits = exponent(currency)
    rows = [_row(row, column, digits) for row in table.head(MOST_ROWS).to_dicts()]
    part = _("Part ici ({currency})", currency=currency)
    heads = [_("Activité"), part, _("Document"), _("Ligne")]
    figure = FIGURES[name].total(table.filter(_COUNTED))
    total = _("{what} : {total}", what=_(FIGURES[name].label), total=figure)
    parts: list[Any] = [
        note(total + ".", downloads.links("pourquoi")),
        plain(heads, rows, numeric=[1], caption=total),
    ]
    if table.height > MOST_ROWS:
        rest = say.number(table.height - MOST_ROWS)
        parts.append(empty(_("{n} autres lignes dans le fichier à télécharger.", n=rest)))
    return parts


def _row(row: dict[str, Any], column: str, digits: int) -> list[Any]:
    flag = NO_GO_WORDS.get(row["no_go"])
    forbidden = _(flag) if flag else ""
    head = row["counted_with_title"]
    once = _("compté avec « {title} », n'ajoute rien", title=head) if row["counted_with"] else ""
    about = [source_name(row["source"]), row["organisations"], row["place"], forbidden, once]
    activity = html.Div(
        [
            html.Div(row["title"] or row["organisations"] or say.UNKNOWN),
            html.Div(" · ".join(part for part in about if part), className="meta"),
        ]
    )
    return [activity, say.number(row[column], digits), row["file"], row["locator"] or say.UNKNOWN]

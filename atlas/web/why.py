"""Why this number: the activities behind any figure, each with its document and row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl
from dash import html

from atlas.answers import Answer
from atlas.errors import UsageError
from atlas.i18n import N_, _, ngettext
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
    """

    label: str
    items: bool
    total: Callable[[pl.DataFrame], str]
    keep: pl.Expr | None = None


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


_UNPRICED = pl.col("share_usd").is_null() & pl.col("amount").is_null()

FIGURES: dict[str, Figure] = {
    "activities": Figure(N_("Activités"), items=True, total=_count),
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
    "without_amount": Figure(N_("Sans montant"), items=True, total=_count, keep=_UNPRICED),
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
        A sector; empty: all.
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
    answer = data.behind(
        unit or None,
        sector or None,
        items=FIGURES[name].items,
        filters=view.filters,
        frame=view.frame,
        level=view.level,
        viewer=scene.viewer,
    )
    keep = FIGURES[name].keep
    if keep is None:
        return answer
    kept = answer.table.filter(keep)
    return Answer(kept, answer.layer, answer.frame, answer.level, answer.filters, answer.meta)


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
    where = frames.label(unit) if unit and frames else _("toutes les zones et lignes")
    what = _(FIGURES[name].label) if name in FIGURES else name
    told = [where, *([label("sectors", sector)] if sector else [])]
    return html.Div([html.H2(_("D'où vient ce chiffre ?")), html.P(f"{what} · {' · '.join(told)}")])


def _body(answer: Answer, name: str) -> list[Any]:
    table = answer.table
    if not table.height:
        return [empty(_("Aucune activité derrière ce chiffre : il est nul ou inconnu."))]
    rows = [_row(row) for row in table.head(MOST_ROWS).to_dicts()]
    heads = [_("Activité"), _("Part ici (USD)"), _("Document"), _("Ligne")]
    total = _("{what} : {total}", what=_(FIGURES[name].label), total=FIGURES[name].total(table))
    parts: list[Any] = [
        note(total + ".", downloads.links("pourquoi")),
        plain(heads, rows, numeric=[1], caption=total),
    ]
    if table.height > MOST_ROWS:
        rest = say.number(table.height - MOST_ROWS)
        parts.append(empty(_("{n} autres lignes dans le fichier à télécharger.", n=rest)))
    return parts


def _row(row: dict[str, Any]) -> list[Any]:
    about = [source_name(row["source"]), row["organisations"], row["place"]]
    activity = html.Div(
        [
            html.Div(row["title"] or row["organisations"] or say.UNKNOWN),
            html.Div(" · ".join(part for part in about if part), className="meta"),
        ]
    )
    return [activity, say.number(row["share_usd"], 2), row["file"], row["locator"] or say.UNKNOWN]

"""Why this number: the activities behind any figure, each with its document and row."""

from __future__ import annotations

from typing import Any

from dash import html

from atlas.answers import Answer
from atlas.errors import AtlasError
from atlas.i18n import _
from atlas.labels import label
from atlas.layers import LAYERS
from atlas.layers.layer import Layer
from atlas.layers.programme_rows import OWN_ROWS, UNKNOWN
from atlas.layers.scope import LOOSE, PLACED
from atlas.model import RESERVED
from atlas.shares import exponent
from atlas.web import downloads, say
from atlas.web.attributes import attrs, go
from atlas.web.behind import FIGURES, SEPARATOR, Figure, asked, behind, figure_of
from atlas.web.desk import Scene
from atlas.web.tables import empty, more_rows, note, plain

MOST_ROWS = 200
"""Rows shown in the panel; the file holds them all."""


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
    return go(why=SEPARATOR.join([figure, unit, sector]).rstrip(SEPARATOR))


def number(words: str, figure: str, unit: str = "", sector: str = "") -> html.Button | str:
    """A figure in a table or a sentence that opens what it is made of; a zero has nothing."""
    if words in ("", "0", say.UNKNOWN):
        return words
    hint = _("D'où vient ce chiffre ?")
    return html.Button(words, className="why-number", title=hint, **opened(figure, unit, sector))


def panel(scene: Scene) -> list[Any]:
    """The list behind a figure, in the place of a zone's panel."""
    figure = figure_of(scene.view.why)
    try:
        answer = behind(scene)
    except AtlasError as error:
        body: list[Any] = [empty(error.sentence())]
    else:
        assert figure is not None
        body = _body(answer, figure)
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


def _heading(scene: Scene) -> html.Div:
    name, unit, value = asked(scene.view.why)
    what = _(FIGURES[name].label) if name in FIGURES else name
    told = [_where(scene, name, unit), _detail(scene, name, value) if value else ""]
    words = " · ".join(part for part in (what, *told) if part)
    return html.Div([html.H2(_("D'où vient ce chiffre ?")), html.P(words)])


def _where(scene: Scene, name: str, unit: str) -> str:
    """The row of a figure in words."""
    rows = {
        "": _(_layer(name).every_row),
        PLACED: _("dans une zone"),
        LOOSE: _("hors des zones"),
        UNKNOWN: label("zone", "unknown"),
        **{row: label("row", row) for row in OWN_ROWS},
    }
    frames = scene.data.frames if scene.data else ()
    if unit in rows or not frames or (unit not in frames and unit not in RESERVED):
        return rows.get(unit, unit)
    return frames.label(unit)


def _layer(name: str) -> Layer:
    """Whose cell the figure of that name is."""
    return LAYERS[FIGURES[name].layer if name in FIGURES else "presence"]


def _detail(scene: Scene, name: str, value: str) -> str:
    """The sector of a figure, or the value of whatever its layer is told by."""
    if name in FIGURES and FIGURES[name].whole:
        return label("sources", value) if FIGURES[name].equals == "source" else value
    layer = _layer(name)
    return layer.value_name(value, scene.view.options_of(layer.name))


def _body(answer: Answer, figure: Figure) -> list[Any]:
    table = answer.table
    if not table.height:
        return [empty(_("Aucune activité derrière ce chiffre : il est nul ou inconnu."))]
    digits = exponent(figure.currency(table)) if figure.money else 0
    rows = [_row(row, figure.part_column, digits) for row in table.head(MOST_ROWS).to_dicts()]
    heads = [
        _("Publié") if figure.note else _("Activité"),
        figure.part(table),
        _("Document"),
        _("Ligne"),
    ]
    total = _("{what} : {total}", what=_(figure.label), total=figure.words(table))
    parts: list[Any] = [
        note(total + ".", downloads.links("pourquoi")),
        html.P(_(figure.note), className="read-out") if figure.note else None,
        plain(heads, rows, numeric=[1], caption=total),
    ]
    return parts + more_rows(table.height - MOST_ROWS)


def _row(row: dict[str, Any], column: str, digits: int) -> list[Any]:
    forbidden = label("no_go", row["no_go"]) if row["no_go"] else ""
    head = row["counted_with_title"]
    once = _("compté avec « {title} », n'ajoute rien", title=head) if row["counted_with"] else ""
    about = [label("sources", row["source"]), row["organisations"], row["place"], forbidden, once]
    activity = html.Div(
        [
            html.Div(row["title"] or row["organisations"] or say.UNKNOWN),
            html.Div(" · ".join(part for part in about if part), className="meta"),
        ]
    )
    part = None if row["counted_with"] else row[column]
    return [activity, say.number(part, digits), row["file"], row["locator"] or say.UNKNOWN]

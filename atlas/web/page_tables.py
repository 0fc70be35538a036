"""Tables to read, grids to sort, and the notes above and below them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html

from atlas import formats
from atlas.i18n import _, ngettext
from atlas.web.page_elements import html_attributes

ROWS_AT_FIRST = 50
"""Rows of a table that are seen before a person asks for the others."""


def plain_table(
    heads: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    numeric: Sequence[int] = (),
    marked: Sequence[bool] = (),
    caption: str = "",
    foot: Iterable[Sequence[Any]] = (),
) -> html.Div:
    """A table in its own scrolling box; of a long one the first rows, the others on demand.

    Parameters
    ----------
    numeric
        Columns set flush right.
    marked
        Rows to bring out: where two figures that should agree do not.
    foot
        Rows that stay in sight below the others.
    """

    def cells(row: Sequence[Any]) -> list[Any]:
        return [
            html.Td(cell, className="num" if i in numeric else None) for i, cell in enumerate(row)
        ]

    body = [
        html.Tr(cells(row), className="off" if n < len(marked) and marked[n] else None)
        for n, row in enumerate(rows)
    ]
    head = [
        html.Th(text, scope="col", className="num" if i in numeric else None)
        for i, text in enumerate(heads)
    ]
    parts = [html.Thead(html.Tr(head)), html.Tbody(body[:ROWS_AT_FIRST])]
    if rest := body[ROWS_AT_FIRST:]:
        parts.append(html.Tbody(rest, className="rest", hidden=True))
    if last := [html.Tr(cells(row)) for row in foot]:
        parts.append(html.Tfoot(last))
    if caption:
        parts.insert(0, html.Caption(caption, className="sr-only"))
    table = html.Table(parts, className="plain")
    return html.Div([table, *_rest_button(len(rest))], className="scroll", tabIndex=0)


def _rest_button(rest: int) -> list[html.Button]:
    """What shows the rows that a long table keeps back; nothing for a short one."""
    words = ngettext(
        "Afficher l'autre ligne",
        "Afficher les {shown} autres lignes",
        rest,
        shown=formats.number_text(rest),
    )
    return [html.Button(words, className="chip", **html_attributes(data_rest=""))] if rest else []


def empty_note(text: str) -> html.P:
    """An empty state: what to do so that something shows."""
    return html.P(text, className="empty")


def more_rows_note(rest: int) -> list[html.P]:
    """How many rows a table leaves to the file; nothing where it shows them all."""
    words = ngettext(
        "{shown} autre ligne dans le fichier à télécharger.",
        "{shown} autres lignes dans le fichier à télécharger.",
        rest,
        shown=formats.number_text(rest),
    )
    return [empty_note(words)] if rest > 0 else []


def joined_pieces(parts: Iterable[Sequence[Any]], by: str = ", ") -> list[Any]:
    """The pieces of some sentences in one list, with words between them."""
    pieces: list[Any] = []
    for part in parts:
        pieces += [by, *part] if pieces else part
    return pieces


def unbroken(words: str) -> str:
    """A text of which no line begins with a mark that follows a space in French."""
    return re.sub(r" (?=[;:!?%»])", "\N{NO-BREAK SPACE}", words)


def filled_pieces(words: str, *pieces: Any) -> list[Any]:
    """A sentence with pieces of the page in its places, each a ``|``.

    Examples
    --------
    >>> filled_pieces("En tout : |.", "12")
    ['En tout : ', '12', '.']
    """
    first, *others = words.split("|")
    return [first, *(part for pair in zip(pieces, others, strict=True) for part in pair)]


def table_note(text: Any, links: Any = None) -> html.Div:
    """A line above a table: what it is, and its files."""
    return html.Div([html.Span(text), links], className="tab-note")


# The grid weighs as much as everything the map needs: it is fetched when a grid is opened
# (assets/page.js), not with the page.
GRID_SCRIPT = "/_dash-component-suites/dash_ag_grid/dash_ag_grid.min.js"
for _resource in dag._js_dist:
    if _resource["relative_package_path"] == "dash_ag_grid.min.js":
        _resource["dynamic"] = True

EXACT_NUMBER = {"function": "exact(params.value)"}


def grid_number_column(field: str, name: str, **more: Any) -> dict[str, Any]:
    """A column of figures, exact and flush right."""
    return {
        "field": field,
        "headerName": name,
        "type": "rightAligned",
        "valueFormatter": EXACT_NUMBER,
        "width": 118,
        **more,
    }


def sortable_grid(
    ident: str,
    columns: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    *,
    page_size: int | None = None,
    pinned: list[dict[str, Any]] | None = None,
) -> dag.AgGrid:
    """A grid that fills its box; long lists come in pages."""
    options: dict[str, Any] = {
        "localeText": grid_locale_text(),
        "pinnedBottomRowData": pinned or [],
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        "tooltipShowDelay": 300,
        "animateRows": False,
    }
    if page_size:
        options |= {
            "pagination": True,
            "paginationNumberFormatter": EXACT_NUMBER,
            "paginationPageSize": page_size,
            "paginationPageSizeSelector": [page_size, 4 * page_size, 20 * page_size],
        }
    return dag.AgGrid(
        id=ident,
        columnDefs=columns,
        rowData=rows,
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True},
        dashGridOptions=options,
        getRowId="params.data.unit_id || params.data.activity_id",
        className="ag-theme-quartz fill",
        style={"height": "100%"},
    )


def grid_locale_text() -> dict[str, str]:
    """The grid's own words."""
    return {
        "page": _("Page"),
        "to": _("à"),
        "of": _("sur"),
        "more": _("plus"),
        "nextPage": _("Page suivante"),
        "lastPage": _("Dernière page"),
        "firstPage": _("Première page"),
        "previousPage": _("Page précédente"),
        "pageSizeSelectorLabel": _("Lignes :"),
        "ariaPageSizeSelectorLabel": _("Lignes par page"),
        "noRowsToShow": _("Aucune ligne : enlevez un filtre."),
        "loadingOoo": _("Chargement…"),
    }

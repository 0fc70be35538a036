"""Plain tables: few rows, read rather than sorted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dash import html


def plain(
    heads: Sequence[str],
    rows: Iterable[Sequence[Any]],
    numeric: Sequence[int] = (),
    marked: Sequence[bool] = (),
    caption: str = "",
    foot: Iterable[Sequence[Any]] = (),
) -> html.Div:
    """A table in its own scrolling box.

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
    parts = [html.Thead(html.Tr(head)), html.Tbody(body)]
    if last := [html.Tr(cells(row)) for row in foot]:
        parts.append(html.Tfoot(last))
    if caption:
        parts.insert(0, html.Caption(caption, className="sr-only"))
    return html.Div(html.Table(parts, className="plain"), className="scroll", tabIndex=0)


def empty(text: str) -> html.P:
    """An empty state: what to do so that something shows."""
    return html.P(text, className="empty")


def note(text: str, links: Any = None) -> html.Div:
    """A line above a table: what it is, and its files."""
    return html.Div([html.Span(text), links], className="tab-note")

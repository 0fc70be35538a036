"""Plain tables: few rows, read rather than sorted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dash import html

from atlas.i18n import ngettext
from atlas.web import say


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


def more_rows(rest: int) -> list[html.P]:
    """How many rows a table leaves to the file; nothing where it shows them all."""
    words = ngettext(
        "{shown} autre ligne dans le fichier à télécharger.",
        "{shown} autres lignes dans le fichier à télécharger.",
        rest,
        shown=say.number(rest),
    )
    return [empty(words)] if rest > 0 else []


def joined(parts: Iterable[Sequence[Any]], by: str = ", ") -> list[Any]:
    """The pieces of some sentences in one list, with words between them."""
    told: list[Any] = []
    for part in parts:
        told += [by, *part] if told else part
    return told


def filled(words: str, *pieces: Any) -> list[Any]:
    """A sentence with pieces of the page in its places, each a ``|``.

    Examples
    --------
    >>> filled("En tout : |.", "12")
    ['En tout : ', '12', '.']
    """
    first, *others = words.split("|")
    return [first, *(part for pair in zip(pieces, others, strict=True) for part in pair)]


def note(text: Any, links: Any = None) -> html.Div:
    """A line above a table: what it is, and its files."""
    return html.Div([html.Span(text), links], className="tab-note")

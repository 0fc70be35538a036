"""The small parts that the cards of the import page are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dash import dcc, html

from atlas.i18n import _
from atlas.web import say
from atlas.web.attributes import attrs

Look = Mapping[str, Any]
"""What the person chose to see of a file: filters, pages, a row."""


def folded(title: str, content: Iterable[Any], *, is_open: bool = False) -> html.Details:
    """A part of a file, behind its title."""
    return html.Details([html.Summary(title), *content], open=is_open, className="import-part")


def button(text: Any, told: Mapping[str, str], style: str = "chip", name: str = "") -> html.Button:
    """A button that does something; ``name`` for those who hear the page."""
    named = {"aria_label": name} if name else {}
    return html.Button(text, className=style, **attrs(**told, **named))


def pressed(text: str, told: Mapping[str, str], *, on: bool) -> html.Button:
    """A filter that is on or off."""
    return html.Button(text, className="chip", **attrs(aria_pressed=str(on).lower(), **told))


def figure(value: float | None, currency: str | None = None) -> str:
    """A figure of a total, with its currency when it is money."""
    text = say.number(value, 0 if value is None or value == round(value) else 2)
    return f"{text}\u00a0{currency}" if currency and value is not None else text


def file_link(draft: str, number: str, what: str, name: str) -> html.A:
    """A table of the file as CSV."""
    address = f"/import/{draft}/files/{number}/{what}.csv"
    text = _("Télécharger (CSV)")
    return html.A(text, href=address, download="", className="import-csv", **attrs(aria_label=name))


def text(value: str, example: str, longest: int) -> dcc.Input:
    """A line to write in."""
    return dcc.Input(type="text", value=value, placeholder=example, maxLength=longest)


def part(name: str, key: str, control: Any) -> html.Label:
    """A field of a form that is sent as a whole."""
    return html.Label([html.Span(name), control], **attrs(data_part=key))

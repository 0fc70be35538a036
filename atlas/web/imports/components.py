"""Small parts of the import page, and what a click on them sends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from dash import dcc, html

from atlas import formats
from atlas.i18n import _
from atlas.web.page_elements import html_attributes


def answer_attributes(**told: Any) -> dict[str, str]:
    """A click on this tells the server these words about the file."""
    return {"data_post": "", "data_body": json.dumps(told, ensure_ascii=False)}


def action_attributes(action: str) -> dict[str, str]:
    """A click on this asks the server to do something with the file."""
    return {"data_post": action}


def look_attributes(**at: Any) -> dict[str, str]:
    """A click on this changes what is shown of the file; nothing is said of it."""
    return {"data_look": json.dumps(at, ensure_ascii=False)}


def store_action_attributes(path: str, **told: Any) -> dict[str, str]:
    """A click on this asks the server for something about the whole store."""
    return {"data_ask": path, "data_body": json.dumps(told, ensure_ascii=False)}


def draft_action_attributes(action: str, seen: Mapping[str, int]) -> dict[str, str]:
    """A click on this does something with the whole draft, of which these answers were seen."""
    return {"data_all": action, "data_body": json.dumps({"seen": seen})}


LookSettings = Mapping[str, Any]
"""What the person chose to see of a file: filters, pages, a row."""


def folded_section(title: str, content: Iterable[Any], *, is_open: bool = False) -> html.Details:
    """A part of a file, behind its title."""
    return html.Details([html.Summary(title), *content], open=is_open, className="import-part")


def action_button(
    text: Any, attributes: Mapping[str, str], style: str = "chip", name: str = ""
) -> html.Button:
    """A button that does something; ``name`` for those who hear the page."""
    named = {"aria_label": name} if name else {}
    return html.Button(text, className=style, **html_attributes(**attributes, **named))


def filter_button(text: str, attributes: Mapping[str, str], *, on: bool) -> html.Button:
    """A filter that is on or off."""
    return html.Button(
        text, className="chip", **html_attributes(aria_pressed=str(on).lower(), **attributes)
    )


def total_text(value: float | None, currency: str | None = None) -> str:
    """A figure of a total, with its currency when it is money."""
    text = formats.number_text(value, 0 if value is None or value == round(value) else 2)
    return f"{text}\u00a0{currency}" if currency and value is not None else text


def table_link(draft: str, number: str, what: str, name: str) -> html.A:
    """A table of the file as CSV."""
    address = f"/import/{draft}/files/{number}/{what}.csv"
    text = _("Télécharger (CSV)")
    return html.A(
        text, href=address, download="", className="import-csv", **html_attributes(aria_label=name)
    )


def text_input(value: str, example: str, longest: int) -> dcc.Input:
    """A line to write in."""
    return dcc.Input(type="text", value=value, placeholder=example, maxLength=longest)


def form_field(name: str, key: str, control: Any) -> html.Label:
    """A field of a form that is sent as a whole."""
    return html.Label([html.Span(name), control], **html_attributes(data_part=key))

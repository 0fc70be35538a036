"""HTML of components, for the parts of the page that are drawn outside Dash.

The import page may hold thousands of options and cells. Dash keeps each of them as a component
that listens for changes, which takes a browser seconds; as plain markup it takes none.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from dash.development.base_component import Component

_NAMES = {"className": "class", "htmlFor": "for"}
_VOID = frozenset({"input", "br", "hr", "img"})


def markup(part: Any) -> str:
    """HTML of a component, a text, a number, or a list of them; all text is escaped.

    Examples
    --------
    >>> from dash import html
    >>> markup([html.B("a < b", className="x"), None, html.Details(open=True)])
    '<b class="x">a &lt; b</b><details open></details>'
    """
    return "".join(_pieces(part))


def _pieces(part: Any) -> Iterator[str]:
    if part is None:
        return
    if isinstance(part, list | tuple):
        for one in part:
            yield from _pieces(one)
    elif isinstance(part, Component):
        yield from _element(part)
    else:
        yield escape(str(part))


def _element(part: Component) -> Iterator[str]:
    told = part.to_plotly_json()  # type: ignore[no-untyped-call]
    name = str(told["type"]).lower()
    props = told["props"]
    yield f"<{name}{''.join(_attributes(props))}>"
    if name not in _VOID:
        yield from _pieces(props.get("children"))
        yield f"</{name}>"


def _attributes(props: dict[str, Any]) -> Iterator[str]:
    for key, value in props.items():
        if key == "children" or value is None or value is False:
            continue
        name = _NAMES.get(key, key.lower())
        yield f" {name}" if value is True else f' {name}="{escape(str(value))}"'

"""HTML text of component trees: what Dash need not know one by one.

Dash keeps every component of an answer in its own books, at some milliseconds each: a table of
thousands freezes the page. What holds plain elements alone goes as text, in one attribute of the
element around it (`MARKUP_ATTRIBUTE`); ``assets/morph.js`` puts it in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import copy
from html import escape
from typing import Any

from dash.development.base_component import Component

from atlas.web.page_elements import ElementId

MARKUP_ATTRIBUTE = "data-markup"

_PLAIN_NAMESPACE = "dash_html_components"
_HTML_NAMES = {"className": "class", "htmlFor": "for", "key": "data-key"}
_VOID_ELEMENTS = frozenset({"input", "br", "hr", "img", "wbr"})
_DASH_PROPERTIES = frozenset(
    {"children", "n_clicks", "n_clicks_timestamp", "disable_n_clicks"}
    | {"available_properties", "available_wildcard_properties"}
)
_WRITTEN_BY_DASH = frozenset(str(one) for one in ElementId)
_UNITLESS = frozenset({"flex", "font-weight", "line-height", "opacity", "order", "z-index"})


def html_markup(part: Any) -> str:
    """HTML of a component, a text, a number, or a list of them; all text is escaped.

    Examples
    --------
    >>> from dash import html
    >>> html_markup([html.B("a < b", className="x"), None, html.Details(open=True)])
    '<b class="x">a &lt; b</b><details open=""></details>'
    """
    return "".join(_markup_pieces(part))


def with_markup(part: Any) -> Any:
    """Components with the content of each largest plain element as text in its attribute.

    Plain are elements of ``dash.html`` that hold no other component, and whose id no callback
    writes to. What holds a chart, a grid or a control stays as it is.

    Parameters
    ----------
    part
        A component, a text, or a list of them; it is not changed.

    Examples
    --------
    >>> from dash import html
    >>> with_markup([html.P(["a ", html.B("b")]), "c"])
    [P(data-markup='a <b>b</b>'), 'c']
    """
    shown, is_plain = _sorted_out(part)
    return _shelled(shown) if is_plain else shown


def _sorted_out(part: Any) -> tuple[Any, bool]:
    """A part whose plain elements hold text, unless it is plain as a whole: then as it was."""
    if isinstance(part, list | tuple):
        sorted_parts = [_sorted_out(one) for one in part]
        if all(is_plain for _one, is_plain in sorted_parts):
            return part, True
        return [_shelled(one) if is_plain else one for one, is_plain in sorted_parts], False
    if not isinstance(part, Component):
        return part, True
    if getattr(part, "_namespace", "") != _PLAIN_NAMESPACE:
        return part, False
    content = getattr(part, "children", None)
    shown, is_plain = _sorted_out(content)
    if is_plain and _is_free(getattr(part, "id", None)):
        return part, True
    return _with_content(part, _shelled(shown) if is_plain else shown), False


def _is_free(ident: Any) -> bool:
    """Whether no callback writes to what has this id."""
    return ident is None or (isinstance(ident, str) and ident not in _WRITTEN_BY_DASH)


def _shelled(part: Any) -> Any:
    """Plain elements with their content as text; what holds no element is as short as it is."""
    if isinstance(part, list | tuple):
        return [_shelled(one) for one in part]
    content = getattr(part, "children", None)
    if not isinstance(part, Component) or not _holds_element(content):
        return part
    shell = _with_content(part, None)
    setattr(shell, MARKUP_ATTRIBUTE, html_markup(content))
    return shell


def _holds_element(content: Any) -> bool:
    if isinstance(content, list | tuple):
        return any(_holds_element(one) for one in content)
    return isinstance(content, Component)


def _with_content(part: Component, content: Any) -> Component:
    changed = copy(part)
    changed.children = content
    return changed


def _markup_pieces(part: Any) -> Iterator[str]:
    if part is None:
        return
    if isinstance(part, list | tuple):
        for one in part:
            yield from _markup_pieces(one)
    elif isinstance(part, Component):
        yield from _element_pieces(part)
    else:
        yield escape(str(part))


def _element_pieces(part: Component) -> Iterator[str]:
    name = str(part._type).lower()
    yield f"<{name}{''.join(_attribute_pieces(vars(part)))}>"  # what was set, and no more
    if name not in _VOID_ELEMENTS:
        yield from _markup_pieces(getattr(part, "children", None))
        yield f"</{name}>"


def _attribute_pieces(props: Mapping[str, Any]) -> Iterator[str]:
    for key, value in sorted(props.items()):  # Dash sets them in no order of its own
        if value is None or key in _DASH_PROPERTIES or key.startswith("_"):
            continue
        if (text := _attribute_text(key, value)) is not None:
            yield f' {_HTML_NAMES.get(key, key.lower())}="{escape(text)}"'


def _attribute_text(key: str, value: Any) -> str | None:
    """The text of an attribute; ``None``: it is absent."""
    if isinstance(value, bool):
        if key.startswith(("aria-", "data-")):
            return str(value).lower()
        return "" if value else None
    return _css_text(value) if key == "style" else str(value)


def _css_text(style: Mapping[str, Any]) -> str:
    """CSS of a style as React takes it: names in camel case, numbers in pixels."""
    return ";".join(
        f"{name}:{_css_value(name, value)}"
        for name, value in ((_css_name(key), value) for key, value in style.items())
        if value is not None
    )


def _css_name(key: str) -> str:
    return key if key.startswith("--") else re.sub("[A-Z]", lambda m: f"-{m[0].lower()}", key)


def _css_value(name: str, value: Any) -> str:
    is_length = isinstance(value, int | float) and value != 0 and name not in _UNITLESS
    return f"{value}px" if is_length else str(value)

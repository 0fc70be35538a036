"""The way in: the buttons that open the import page, and the room it opens in."""

from __future__ import annotations

from dash import html

from atlas.i18n import _
from atlas.web.attributes import attrs
from atlas.web.ids import Id
from atlas.web.imports.told import CONTEXT
from atlas.web.imports.words import CONTEXTS

SCRIPT, STYLE = "/assets/import.js", "/assets/import.css"


def dialog() -> html.Dialog:
    """Room for the import page; its script and content come when it is opened."""
    return html.Dialog(
        html.Div(id=Id.IMPORT_BODY),
        id=Id.IMPORT,
        className="import",
        **attrs(
            aria_labelledby="import-title",
            data_failed=_("La page d'import n'a pas pu être affichée. Rechargez l'atlas."),
        ),
    )


def opener(text: str, topic: str = "", name: str = "") -> html.Button:
    """A button that opens the import page.

    Parameters
    ----------
    topic
        What is missing, as a table of context; files dropped then are said to be that.
    name
        For those who hear the page, where the text alone does not say it.
    """
    source = CONTEXT + topic if topic in CONTEXTS else "auto"
    named = {"aria_label": name} if name else {}
    told = {"data_import": topic, "data_source": source, "data_script": SCRIPT, "data_style": STYLE}
    return html.Button(text, className="import-open", **attrs(**told, **named))

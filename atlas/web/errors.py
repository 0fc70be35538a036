"""What goes wrong, said on the page: what failed, why, and what to do next."""

from __future__ import annotations

import logging

import dash
from dash import html

from atlas.errors import AtlasError
from atlas.i18n import _
from atlas.web.ids import Id

log = logging.getLogger("atlas.web")


def show(error: Exception) -> None:
    """Show an error above the page; what the page showed stays.

    An `AtlasError` is already in the reader's words. Anything else is a bug: it goes to the
    log whole, and to the page as an apology with the way out.
    """
    if not isinstance(error, AtlasError):
        log.error("unexpected error in a callback", exc_info=error)
    dash.set_props(Id.MESSAGE, {"children": message(error)})


def message(error: Exception) -> list[object]:
    """The words of an error, with a button that leads back to the page without filters."""
    known = isinstance(error, AtlasError)
    text = (
        error.sentence()
        if isinstance(error, AtlasError)
        else _("La page n'a pas pu être calculée.")
    )
    way_out = _("Rouvrir la page sans filtre")
    parts: list[object] = [html.Div(text)]
    if not known:
        parts.append(html.Div(_("Le détail est dans le journal du serveur.")))
    return [*parts, html.A(way_out, href="/")]

"""Forms to fill in, for those who have no list of their own yet."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html

from atlas.i18n import _
from atlas.ingest.templates import Template, templates
from atlas.web.attributes import attrs
from atlas.web.imports.parts import folded
from atlas.web.imports.told import CONTEXT


def models(topic: str = "") -> html.Details:
    """The forms that may be downloaded, each with what it is for.

    Parameters
    ----------
    topic
        What is missing, as a table of context: its form comes alone.
    """
    wanted = [one for one in templates() if one.read_as == CONTEXT + topic]
    every = wanted or templates()
    lists = [one for one in every if not one.read_as.startswith(CONTEXT)]
    tables = [one for one in every if one.read_as.startswith(CONTEXT)]
    groups = ((_("Activités"), lists), (_("Tables de contexte"), tables))
    parts = [_group(name, group) for name, group in groups if group]
    hint = html.P(
        _("Vous n'avez pas encore de liste ? Prenez un modèle : ses exemples se remplacent.")
    )
    return folded(_("Modèles à remplir"), [hint, *parts], is_open=bool(wanted))


def _group(name: str, group: Iterable[Template]) -> html.Div:
    rows = [
        html.Li(
            [
                html.A(
                    one.file,
                    href=f"/import/templates/{one.file}",
                    download=one.file,
                    **attrs(aria_label=_("Télécharger le modèle {file}", file=one.file)),
                ),
                html.Span(one.title),
            ]
        )
        for one in group
    ]
    return html.Div([html.H4(name), html.Ul(rows, className="import-models")])

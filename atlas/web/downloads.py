"""Every table and the map, as files that say their filters, source and date."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html

from atlas.i18n import N_, _
from atlas.layers import LAYERS
from atlas.model import Viewer
from atlas.web.attributes import attrs
from atlas.web.desk import Scene


@dataclass(frozen=True)
class File:
    """A download: its name, what the page calls it, its formats, and from whom on the menu has it.

    ``None``: the menu has it for nobody.
    """

    name: str
    label: str
    formats: tuple[str, ...]
    offered_to: Viewer | None = Viewer.PUBLIC


_TABLES = ("xlsx", "csv-fr", "csv")
_SHOWN = {"csv-fr": N_("CSV français")}
"""What the page calls a format, where that is not its name."""

FILES = {
    f.name: f
    for f in (
        File("carte", N_("Carte"), ("geojson",)),
        File("zones", N_("Zones"), _TABLES),
        File("activites", N_("Activités"), _TABLES),
        File("activites-lieux", N_("Activités et lieux"), (*_TABLES, "geojson")),
        *(
            File(one.file, one.label or one.title, _TABLES, one.offered_to)
            for one in LAYERS.values()
            if one.file
        ),
        File("pourquoi", N_("D'où vient ce chiffre"), _TABLES, None),
        File("qualite", N_("Qualité des données"), ("xlsx",)),
    )
}


def links(name: str) -> html.Span:
    """Links to one file in its formats; the page's script adds the question to them."""
    file = FILES[name]
    return html.Span(
        [
            html.A(
                _(_SHOWN.get(fmt, fmt.upper())),
                href=f"/download/{name}.{fmt}",
                **attrs(
                    data_file=f"/download/{name}.{fmt}",
                    aria_label=_(
                        "Télécharger {what} en {format}",
                        what=_(file.label),
                        format=_(_SHOWN.get(fmt, fmt)),
                    ),
                ),
            )
            for fmt in file.formats
        ],
        className="files",
    )


def menu(scene: Scene) -> html.Details:
    """All downloads behind one button."""
    rows = [
        html.Li([html.Span(_(f.label)), links(f.name)])
        for f in FILES.values()
        if f.offered_to and scene.viewer.reaches(f.offered_to)
    ]
    return html.Details(
        [
            html.Summary(_("Télécharger")),
            html.Div(
                [
                    html.Ul(rows),
                    html.P(_("Chaque fichier dit ses filtres, ses sources et sa date.")),
                ],
                className="menu-body",
            ),
        ],
        className="menu",
    )

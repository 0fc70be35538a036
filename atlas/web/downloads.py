"""Every table and the map, as files that say their filters, source and date."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html

from atlas.i18n import N_, _
from atlas.model import Viewer
from atlas.web.attributes import attrs
from atlas.web.desk import Scene


@dataclass(frozen=True)
class File:
    """A download: its name, what the page calls it, and its formats."""

    name: str
    label: str
    formats: tuple[str, ...]


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
        File("lacunes", N_("Lacunes par zone et secteur"), _TABLES),
        File("priorites", N_("Priorités locales"), _TABLES),
        File("acteurs", N_("Acteurs par zone et secteur"), _TABLES),
        File("budget", N_("Budget"), _TABLES),
        File("fonds", N_("Contributions aux fonds"), _TABLES),
        File("doublons", N_("Doublons"), _TABLES),
        File("changements", N_("Changements"), _TABLES),
        File("programme", N_("Programme"), _TABLES),
        File("rapports", N_("Qui a rendu compte"), _TABLES),
        File("acces", N_("Accès"), _TABLES),
        File("faits-acces", N_("Faits d'accès et de sécurité"), _TABLES),
        File("pourquoi", N_("D'où vient ce chiffre"), _TABLES),
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
    hidden = {"pourquoi"}
    if scene.viewer is Viewer.PUBLIC:
        hidden |= {"acces", "faits-acces", "rapports"}
    rows = [
        html.Li([html.Span(_(f.label)), links(f.name)])
        for f in FILES.values()
        if f.name not in hidden
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

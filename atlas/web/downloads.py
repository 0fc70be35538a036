"""Every table and the map, as files that say their filters, source and date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dash import html

from atlas.i18n import N_, _
from atlas.layers import LAYERS
from atlas.model import Viewer
from atlas.web.page_elements import html_attributes
from atlas.web.page_state import PageScene


@dataclass(frozen=True)
class DownloadFile:
    """A download: its name, what the page calls it, its formats, and from whom on the menu has it.

    ``None``: the menu has it for nobody.
    """

    name: str
    label: str
    formats: tuple[str, ...]
    offered_to: Viewer | None = Viewer.PUBLIC


_TABLE_FORMATS = ("xlsx", "csv-fr", "csv")
_FORMAT_LABELS = {"csv-fr": N_("CSV français")}
"""What the page calls a format, where that is not its name."""

DOWNLOAD_FILES = {
    f.name: f
    for f in (
        DownloadFile("carte", N_("Carte"), ("geojson", "gpkg")),
        DownloadFile("zones", N_("Zones"), _TABLE_FORMATS),
        DownloadFile("activites", N_("Activités"), _TABLE_FORMATS),
        DownloadFile(
            "activites-lieux", N_("Activités et lieux"), (*_TABLE_FORMATS, "geojson", "iati")
        ),
        *(
            DownloadFile(one.file, one.label or one.title, _TABLE_FORMATS, one.offered_to)
            for one in LAYERS.values()
            if one.file
        ),
        DownloadFile("secteurs", N_("Zones par secteur"), _TABLE_FORMATS),
        DownloadFile("mois", N_("Zones par mois"), _TABLE_FORMATS),
        DownloadFile("pourquoi", N_("D'où vient ce chiffre"), _TABLE_FORMATS, None),
        DownloadFile("qualite", N_("Qualité des données"), ("xlsx",)),
    )
}


def question_file(path: str, words: str, hint: str) -> html.A:
    """A file at an address of its own, under the filters of the page."""
    attributes = html_attributes(data_file=path)
    return html.A(words, className="question-file", href=path, title=hint, **attributes)


def sender_links(document: str, with_form: Collection[str], query: str = "") -> list[html.Div]:
    """What the sender of a document gets back: its receipt, and the form for the next report.

    Parameters
    ----------
    with_form
        Documents that have a form (`atlas.export.report_form.documents_with_form`).
    query
        Of their address; "": the filters of the page.
    """
    files = [
        (
            f"/receipt/{document}.pdf",
            _("Reçu (PDF)"),
            _("Une page : ce qui est compris, à corriger, attendu"),
        )
    ]
    if document in with_form:
        files.append(
            (
                f"/form/{document}.xlsx",
                _("Formulaire du prochain rapport (XLSX)"),
                _("Ses activités, à mettre à jour, avec des listes déroulantes"),
            )
        )
    links = (
        html.A(words, href=path + query, title=hint) if query else question_file(path, words, hint)
        for path, words, hint in files
    )
    return [html.Div(link) for link in links]


def download_links(name: str) -> html.Span:
    """Links to one file in its formats; the page's script adds the question to them."""
    file = DOWNLOAD_FILES[name]
    return html.Span(
        [
            html.A(
                _(_FORMAT_LABELS.get(fmt, fmt.upper())),
                href=f"/download/{name}.{fmt}",
                **html_attributes(
                    data_file=f"/download/{name}.{fmt}",
                    aria_label=_(
                        "Télécharger {what} en {format}",
                        what=_(file.label),
                        format=_(_FORMAT_LABELS.get(fmt, fmt)),
                    ),
                ),
            )
            for fmt in file.formats
        ],
        className="files",
    )


def _picture_links() -> html.Span:
    """The map as a picture, in each format; and into the clipboard, for a slide."""
    links = [
        html.A(
            kind.upper(),
            href=f"/map.{kind}",
            **html_attributes(
                data_file=f"/map.{kind}",
                aria_label=_(
                    "Télécharger {what} en {format}", what=_("Carte"), format=kind.upper()
                ),
            ),
        )
        for kind in ("png", "svg", "pdf")
    ]
    copy = html.Button(
        _("Copier"),
        className="chip",
        title=_("Pour la coller dans une diapositive"),
        **html_attributes(data_copy_image="/map.png", data_done=_("Copiée")),
    )
    return html.Span([*links, copy], className="files")


def download_menu(scene: PageScene) -> html.Details:
    """All downloads behind one button."""
    rows = [
        html.Li([html.Span(_(f.label)), download_links(f.name)])
        for f in DOWNLOAD_FILES.values()
        if f.offered_to and scene.viewer.reaches(f.offered_to)
    ]
    rows.insert(0, html.Li([html.Span(_("Carte en image")), _picture_links()]))
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

"""The dialog that the import page opens in, its buttons, and what the data may lack."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html

from atlas.i18n import N_, _
from atlas.web.imports.drafts import CONTEXT_PREFIX
from atlas.web.imports.file_answers import CONTEXT_KINDS
from atlas.web.page_elements import ElementId, html_attributes


@dataclass(frozen=True)
class MissingData:
    """Something the page could show if somebody brought it; texts are message ids."""

    key: str
    label: str
    why: str
    command: str
    formats: str


MISSING_DATA = (
    MissingData(
        "needs",
        N_("besoins"),
        N_("Sans besoins connus, la page ne peut pas dire « lacune »."),
        "atlas context add needs besoins.xlsx --as-of 2026-01-31",
        N_("CSV ou XLSX : unité (nom ou p-code), secteur, personnes dans le besoin, date."),
    ),
    MissingData(
        "access",
        N_("accès actuel"),
        N_("Les contraintes d'accès connues datent d'avril–mai 2018 : elles sont grisées."),
        "atlas context add access acces.csv --as-of 2026-01-31",
        N_("CSV ou XLSX : unité, type de contrainte, gravité, échelle, date."),
    ),
    MissingData(
        "ngo",
        N_("listes ONG"),
        N_("Aucune matrice 3W/5W ni liste de projets d'ONG n'est chargée."),
        "atlas ingest liste-ong.xlsx --source ngo",
        N_(
            "Matrice 3W/4W/5W (HXL ou non), liste CSV ou XLSX : "
            "titre, secteur, lieu, organisation, dates."
        ),
    ),
)


IMPORT_SCRIPT, IMPORT_STYLE = "/assets/import.js", "/assets/import.css"


def import_dialog() -> html.Dialog:
    """Room for the import page; its script and content come when it is opened."""
    return html.Dialog(
        html.Div(id=ElementId.IMPORT_BODY),
        id=ElementId.IMPORT,
        className="import",
        **html_attributes(
            aria_labelledby="import-title",
            data_failed=_("La page d'import n'a pas pu être affichée. Rechargez l'atlas."),
        ),
    )


def opening_button(text: str, topic: str = "", name: str = "") -> html.Button:
    """A button that opens the import page.

    Parameters
    ----------
    topic
        What is missing, as a table of context; files dropped then are said to be that.
    name
        For those who hear the page, where the text alone does not say it.
    """
    source = CONTEXT_PREFIX + topic if topic in CONTEXT_KINDS else "auto"
    named = {"aria_label": name} if name else {}
    attributes = {
        "data_import": topic,
        "data_source": source,
        "data_script": IMPORT_SCRIPT,
        "data_style": IMPORT_STYLE,
    }
    return html.Button(text, className="import-open", **html_attributes(**attributes, **named))

"""Help where it is needed: the words of the page, how a map is computed, and a first visit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import html

from atlas.i18n import N_, _
from atlas.web.indicators import shown_indicator
from atlas.web.page_elements import ElementId, html_attributes
from atlas.web.page_state import PageScene

TERMS = {
    "activity": (
        N_("Activité"),
        N_(
            "Ce qu'une organisation fait en un lieu, comme un document le rapporte. Une présence, "
            "un plan ou un total publié n'en est pas une ; ce qui est annulé ou suspendu est à "
            "part."
        ),
    ),
    "presence": (
        N_("Présence"),
        N_("Une organisation est dite présente dans une zone ; ce qu'elle y fait est inconnu."),
    ),
    "delivering": (
        N_("Réaliser"),
        N_(
            "Mener une activité de la période : ses partenaires d'exécution, ou son chef de file "
            "s'il n'en a pas."
        ),
    ),
    "need": (
        N_("Besoin"),
        N_("Ce qu'un document daté dit d'une zone et d'un secteur : des personnes, une gravité."),
    ),
    "gap": (
        N_("Lacune"),
        N_(
            "Un besoin connu auquel rien ne répond assez, selon ce qui est rapporté. Sans besoin "
            "connu, la page ne parle pas de lacune."
        ),
    ),
    "no_report": (
        N_("Rapport manquant"),
        N_(
            "Personne ne devait rendre compte de la zone, ou l'un de ceux qui le devaient ne l'a "
            "pas fait : on ne sait pas s'il s'y passe quelque chose."
        ),
    ),
    "unplaced": (
        N_("Non placé"),
        N_("Le lieu est inconnu : c'est compté, mais dans aucune zone."),
    ),
    "coarser": (
        N_("Niveau supérieur"),
        N_("Connu pour une zone plus grande seulement : compté là, et non réparti."),
    ),
    "frame": (
        N_("Découpage"),
        N_(
            "Les régions, cercles et communes d'une époque : 2012, 2016 ou 2023. Ce qui ne se "
            "convertit pas avec certitude est dit à part."
        ),
    ),
    "unknown_amount": (
        N_("Montant inconnu"),
        N_("Aucun document ne dit le montant, ou son taux de change manque. Ce n'est pas zéro."),
    ),
    "inherited": (
        N_("Dont périmètre"),
        N_(
            "Montants d'activités sans lieu propre, répartis sur les zones dont leur document "
            "traite."
        ),
    ),
    "duplicate": (
        N_("Double saisie"),
        N_(
            "Deux documents parlent peut-être d'une seule activité. Les deux comptent tant que "
            "personne n'a tranché."
        ),
    ),
    "severity": (
        N_("Gravité"),
        N_("Un niveau que le document donne, dans son échelle ; jamais additionné."),
    ),
    "perimeter": (
        N_("Périmètre, composante"),
        N_("Les zones pour lesquelles un programme est prévu, et ses volets, par secteur."),
    ),
}
"""The words of the page, each with what it means (message ids)."""


def indicator_help(scene: PageScene) -> html.Details:
    """How the map that is shown is computed, and the words that it takes."""
    indicator = shown_indicator(scene)
    body = [html.P(_(indicator.how)), *_term_list(indicator.terms)]
    return html.Details(
        [
            html.Summary(_("Comment est-ce calculé ?")),
            html.Div(body, className="menu-body"),
        ],
        className="menu how",
    )


def _term_list(names: Iterable[str]) -> list[Any]:
    told = [TERMS[name] for name in names]
    return [html.Dl([part for word, meaning in told for part in _term_pair(word, meaning)])]


def _term_pair(word: str, meaning: str) -> tuple[html.Dt, html.Dd]:
    return html.Dt(_(word)), html.Dd(_(meaning))


VISIT_STEPS = (
    (
        ElementId.QUESTIONS,
        N_("Une question à la fois"),
        N_("Choisissez ce que vous voulez savoir : la carte, le classement et les tableaux y "
           "répondent ensemble."),
    ),
    (
        ElementId.FILTERS,
        N_("Réduire"),
        N_("Un secteur, une organisation, une période. L'adresse de la page retient tout : un "
           "signet rouvre la même vue."),
    ),
    (
        ElementId.MAP,
        N_("La carte"),
        N_("Un clic ouvre une zone, deux y entrent. Points, hachures et croix disent ce qu'on ne "
           "sait pas : ce n'est jamais zéro."),
    ),
    (
        ElementId.FIGURES,
        N_("Les chiffres"),
        N_("Chaque chiffre s'ouvre sur les activités qui le font, avec leur document et leur "
           "ligne."),
    ),
    (
        ElementId.SEARCH,
        N_("Chercher, emporter"),
        N_("Cherchez un lieu, quelle qu'en soit l'orthographe. « Télécharger » donne la carte, les "
           "tableaux et les lignes ; une zone ouverte donne sa fiche."),
    ),
)  # fmt: skip
"""Of the first visit: the part of the page, its name, and what it is for (message ids)."""


def first_visit() -> html.Dialog:
    """A few steps over the page, opened once by assets/visit.js, and again by the button "?"."""
    steps = [
        html.Section(
            [html.H2(_(name)), html.P(_(words))],
            hidden=True,
            **html_attributes(data_part=str(part)),
        )
        for part, name, words in VISIT_STEPS
    ]
    glossary = html.Section(
        [html.H2(_("Les mots de la page")), *_term_list(TERMS)],
        hidden=True,
        tabIndex=0,
        **html_attributes(data_part=""),
    )
    buttons = [
        html.Button(_("Fermer"), **html_attributes(data_visit="close")),
        html.Span(className="visit-at"),
        html.Button(_("Précédent"), **html_attributes(data_visit="-1")),
        html.Button(_("Suivant"), className="primary", **html_attributes(data_visit="1")),
    ]
    return html.Dialog(
        [*steps, glossary, html.Div(buttons, className="visit-buttons")],
        id=ElementId.VISIT,
        className="visit",
        **html_attributes(aria_label=_("Première visite")),
    )


def visit_button() -> html.Button:
    """Opens the first visit again."""
    words = _("Aide : la page en quelques pas")
    attributes = html_attributes(data_visit="open", aria_label=words)
    return html.Button("?", className="visit-open", title=words, **attributes)

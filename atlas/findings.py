"""The findings: everything a person should know about what was read.

A finding is a row ``(document, locator, field, code, severity, params)``; this module is
the list of codes, with the sentence each is rendered with. A code that is not here cannot
be written into a table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from atlas.i18n import N_, _

SEVERITIES = ("error", "warning", "info")


class FindingCode(NamedTuple):
    """A kind of finding: how serious, and the French sentence with ``{places}``."""

    severity: str
    sentence: str


CODES: dict[str, FindingCode] = {
    # documents
    "context_document": FindingCode(
        "info", N_("Document de contexte : aucune activité à lire, voir « atlas context add ».")
    ),
    "from_bulletin": FindingCode(
        "info", N_("Tiré d'un bulletin, à confirmer auprès du fonds : « {title} ».")
    ),
    "date_impossible": FindingCode("warning", N_("Date impossible : « {raw} ».")),
    "as_of_from_name": FindingCode("info", N_("Date lue dans le nom du fichier : {date}.")),
    "as_of_inferred": FindingCode(
        "warning", N_("Date de la situation déduite : {date}, {reason}.")
    ),
    "as_of_unknown": FindingCode(
        "warning", N_("Date de la situation inconnue : précisez-la avec --as-of.")
    ),
    "source_inferred": FindingCode(
        "warning", N_("Source déduite : {source}, {reason} ; précisez-la avec --source.")
    ),
    "end_before_start": FindingCode("warning", N_("La fin ({end}) précède le début ({start}).")),
    "frame_inferred": FindingCode("info", N_("Découpage {frame} déduit : {reason}.")),
    # columns
    "column_ignored": FindingCode("info", N_("Colonne « {column} » non utilisée.")),
    "column_unknown": FindingCode(
        "warning", N_("Colonne « {column} » inconnue : précisez-la avec --map.")
    ),
    "column_unnamed": FindingCode(
        "warning", N_("Colonne {column} sans en-tête : {n} cellules non lues.")
    ),
    "column_by_content": FindingCode(
        "info",
        N_("Colonne « {column} » lue comme « {field} » d'après son contenu : {reason}, {share} %."),
    ),
    "column_proposed": FindingCode(
        "warning",
        N_(
            "Colonne « {column} » inconnue, son contenu suggère « {field} » ({reason}, {share} %) : "
            "confirmez-le dans la page ou avec --map."
        ),
    ),
    "column_assumed": FindingCode(
        "warning",
        N_("Colonne « {column} » lue comme « {field} » ; sinon, dites-le avec --map."),
    ),
    "column_second": FindingCode(
        "info", N_("Colonne « {column} » : prise là où « {first} » est vide.")
    ),
    "column_month_first": FindingCode(
        "info", N_("Colonne « {column} » : dates lues mois/jour, comme « {raw} » l'impose.")
    ),
    "column_orders_mixed": FindingCode(
        "warning",
        N_(
            "Colonne « {column} » : « {day_first} » est jour/mois, « {month_first} » mois/jour ; "
            "les dates douteuses sont lues jour/mois."
        ),
    ),
    "sheet_skipped": FindingCode("info", N_("Feuille « {sheet} » non lue : {reason}.")),
    "personal_data_dropped": FindingCode(
        "info", N_("Colonne « {column} » : données personnelles non conservées.")
    ),
    "encoding_inferred": FindingCode("info", N_("Texte lu en {encoding}.")),
    "quotes_ignored": FindingCode("warning", N_("Guillemets jamais fermés : lus comme du texte.")),
    "heading_repeated": FindingCode("info", N_("En-têtes répétés : ligne non comptée.")),
    "mojibake_mended": FindingCode("info", N_("Caractères mal encodés rétablis sur {n} lignes.")),
    "invisible_removed": FindingCode("info", N_("Caractères invisibles ôtés de {n} lignes.")),
    "cells_in_error": FindingCode(
        "warning", N_("{n} cellules en erreur (#REF!, #N/A…), lues comme vides : {cells}.")
    ),
    "part_ignored": FindingCode("info", N_("Laissé de côté, ni exécuté ni suivi : {part}.")),
    "pages_without_text": FindingCode("warning", N_("Pages sans texte, non lues : {pages}.")),
    "prose_aside": FindingCode(
        "info", N_("Texte hors des tableaux, non lu comme une liste : {n} lignes.")
    ),
    "cells_merged": FindingCode(
        "info", N_("« {sheet} » : {n} cellules fusionnées, reprises dans chacune de leurs lignes.")
    ),
    "figure_merged": FindingCode(
        "warning", N_("« {raw} » couvre {n} lignes fusionnées : compté une fois, à la première.")
    ),
    "geometry_aside": FindingCode(
        "warning", N_("{n} objets ne sont pas des points : lus sans coordonnées.")
    ),
    "transactions_aside": FindingCode("info", N_("Sommes IATI non comptées ({type}) : {n}.")),
    "row_rejected": FindingCode("error", N_("Ligne rejetée : {reason}.")),
    "row_aside": FindingCode("info", N_("Ligne hors du tableau, non comptée : « {raw} ».")),
    # values
    "amount_missing": FindingCode(
        "warning", N_("Montant absent pour « {title} » : inconnu, jamais zéro.")
    ),
    "amount_implied": FindingCode(
        "info",
        N_("{name} laisserait {implied} {currency} à {lines}, sans montant : simple indication."),
    ),
    "amount_unreadable": FindingCode("error", N_("Montant illisible : « {raw} ».")),
    "amount_ambiguous": FindingCode("warning", N_("Montant ambigu : « {raw} », lu {read}.")),
    "amount_not_given": FindingCode(
        "info", N_("Montant non chiffré : « {raw} », inconnu, jamais zéro.")
    ),
    "amount_approximate": FindingCode("info", N_("Montant approximatif : « {raw} ».")),
    "amount_repeated": FindingCode(
        "warning",
        N_(
            "Projet {code} : {amount} {currency} répété sur {n} lignes, "
            "compté une fois et partagé entre elles."
        ),
    ),
    "amount_repeated_kept": FindingCode(
        "info",
        N_(
            "Projet {code} : {amount} {currency} sur {n} lignes, que le total imprimé additionne : "
            "un montant par ligne."
        ),
    ),
    "amount_repeated_unsure": FindingCode(
        "warning",
        N_(
            "« {title} » : {amount} {currency} sur {n} lignes sans code de projet, "
            "additionnés ; s'il s'agit d'un seul montant, donnez-leur un code."
        ),
    ),
    "project_amounts_disagree": FindingCode(
        "warning",
        N_("Projet {code} : montants différents sur {n} lignes ({amounts} {currency}), gardés."),
    ),
    "amount_scale": FindingCode(
        "warning", N_("« {raw} » sous un en-tête en {unit} : lu {read}, échelle à vérifier.")
    ),
    "amount_range": FindingCode(
        "warning", N_("Fourchette « {raw} » : de {low} à {high}, aucun montant retenu.")
    ),
    "amount_two_currencies": FindingCode(
        "info", N_("« {raw} » : un montant en deux devises, lu {read} ({gap} % d'écart au taux).")
    ),
    "amounts_disagree": FindingCode(
        "warning", N_("« {raw} » : les deux devises s'écartent de {gap} % au taux, lu {read}.")
    ),
    "value_range": FindingCode(
        "warning", N_("{field} : fourchette « {raw} », de {low} à {high}, aucun chiffre retenu.")
    ),
    "value_not_people": FindingCode(
        "warning",
        N_("{field} : « {raw} » ne compte pas des personnes, gardé dans les remarques."),
    ),
    "number_approximate": FindingCode("info", N_("{field} approximatif : « {raw} ».")),
    "people_added_up": FindingCode(
        "info", N_("{field} : « {raw} », hommes et femmes additionnés : {read}.")
    ),
    "people_disagree": FindingCode(
        "warning", N_("{field} : {total} au total, mais {parts} ; le total est gardé.")
    ),
    "number_ambiguous": FindingCode("warning", N_("{field} ambigu : « {raw} », lu {read}.")),
    "date_order_inferred": FindingCode("info", N_("Date « {raw} » lue mois/jour : {read}.")),
    "currency_inferred": FindingCode("warning", N_("Devise déduite : {currency}, {reason}.")),
    "currency_unknown": FindingCode(
        "warning", N_("Devise inconnue pour « {raw} » : montant non retenu.")
    ),
    "figures_not_summed": FindingCode(
        "info", N_("Chiffres non additionnés pour « {title} » : {reason}.")
    ),
    "no_rate": FindingCode(
        "warning", N_("Pas de taux pour {currency} au {date} : équivalent en USD inconnu.")
    ),
    "rate_own": FindingCode(
        "info",
        N_("Taux fourni, {source} : {rate} {currency} pour 1 USD le {date} ; montants : {n}."),
    ),
    "quarters_misaligned": FindingCode(
        "warning", N_("Trimestres mal alignés dans le tableau : période du document retenue.")
    ),
    "value_unreadable": FindingCode("warning", N_("{field} illisible : « {raw} ».")),
    # vocabularies
    "sector_unknown": FindingCode("warning", N_("Secteur inconnu : « {raw} » ; proches : {near}.")),
    "sector_inferred": FindingCode("info", N_("Secteur déduit des mots de l'activité : {sector}.")),
    "sector_reviewed": FindingCode("info", N_("Secteur « {raw} » : {entry}, sur décision.")),
    "indicator_unknown": FindingCode(
        "warning", N_("Indicateur ou type inconnu : « {raw} » ; proches : {near}.")
    ),
    "direction_assumed": FindingCode(
        "warning",
        N_(
            "« {field} » : chiffres lus comme des niveaux, le plus haut étant le plus urgent ; "
            "sinon, dites-le dans une colonne « Sens »."
        ),
    ),
    "fact_repeated": FindingCode(
        "warning",
        N_(
            "{name} : {n} lignes pour le même lieu ({rows}) ; à vérifier : groupes différents, "
            "ou la même ligne deux fois ?"
        ),
    ),
    "geometry_unreadable": FindingCode(
        "warning", N_("Géométrie non retenue ({reason}) : « {raw} ».")
    ),
    "geometry_mended": FindingCode("info", N_("Géométrie qui se croisait, rendue valide.")),
    "status_unknown": FindingCode("warning", N_("Statut inconnu : « {raw} » ; proches : {near}.")),
    "status_reviewed": FindingCode("info", N_("Statut « {raw} » : {entry}, sur décision.")),
    "organisation_unknown": FindingCode(
        "info", N_("Organisation hors vocabulaire : « {raw} » ; proches : {near}.")
    ),
    "organisation_reviewed": FindingCode(
        "info", N_("Organisation « {raw} » : {entry}, sur décision.")
    ),
    "wording_mended": FindingCode("info", N_("« {raw} » lu {entry}, à une faute près.")),
    "donor_unknown": FindingCode("info", N_("Bailleur non indiqué.")),
    # places
    "place_unknown": FindingCode("warning", N_("Lieu inconnu : « {raw} » ; proches : {near}.")),
    "place_ambiguous": FindingCode(
        "warning", N_("Lieu ambigu : « {raw} » peut désigner {candidates}.")
    ),
    "place_contradiction": FindingCode("warning", N_("Lieux contradictoires : {readings}.")),
    "place_code_name": FindingCode(
        "warning", N_("Le code {code} désigne {code_name}, le nom dit {name} : placé selon {kept}.")
    ),
    "place_code_malformed": FindingCode("warning", N_("Code mal formé : « {code} ».")),
    "place_code_padded": FindingCode("info", N_("Code avec espaces : « {code} ».")),
    "place_code_mended": FindingCode("info", N_("Code « {code} » lu {read}.")),
    "place_code_version": FindingCode(
        "warning", N_("Code « {code} » : de quelle version ? Précisez le découpage.")
    ),
    "place_malformed": FindingCode("warning", N_("Cellule qui ne peut être un lieu : « {raw} ».")),
    "place_missing": FindingCode("info", N_("Sans lieu indiqué : non placé.")),
    "place_coarser": FindingCode(
        "warning", N_("« {raw} » n'est pas au répertoire : placé à {unit}, qui le contient.")
    ),
    "place_inherited": FindingCode("info", N_("Sans lieu propre : périmètre du document retenu.")),
    "place_at_region": FindingCode(
        "info", N_("« {raw} » n'est pas au répertoire : placé à la région {unit}.")
    ),
    "place_reviewed": FindingCode("info", N_("« {raw} » : placé à {unit}, sur décision.")),
    "place_decision_aside": FindingCode(
        "warning", N_("« {raw} » : la décision dit {unit}, la ligne dit {said} ; non appliquée.")
    ),
    "outside_mali": FindingCode(
        "info", N_("Hors des unités de l'atlas, qui sont celles du Mali : {country}.")
    ),
    "amounts_shared": FindingCode(
        "warning",
        N_("Montants communs à plusieurs pays ({country}), non comptés : la part du Mali manque."),
    ),
    "list_abroad": FindingCode(
        "warning", N_("Liste d'un autre pays : {country}, {reason}. Ses lignes sont mises de côté.")
    ),
    "locality_not_listed": FindingCode(
        "info",
        N_("Localité « {raw} » absente des listes installées : placée à {unit}, sans point."),
    ),
    "coordinates_outside": FindingCode(
        "warning", N_("Coordonnées hors du Mali : {raw}, à {km} km.")
    ),
    "coordinates_zero": FindingCode(
        "warning", N_("Coordonnées nulles ({raw}) : tenues pour absentes.")
    ),
    "coordinates_swapped": FindingCode(
        "warning",
        N_(
            "Coordonnées sans doute inversées : {raw} est à {km} km du Mali, "
            "l'inverse tombe à {unit} ; non retenues."
        ),
    ),
    "coordinates_elsewhere": FindingCode(
        "warning",
        N_("Les coordonnées {raw} tombent à {found}, à {km} km de {unit} que disent les noms."),
    ),
    "coordinates_refine": FindingCode(
        "info", N_("Les noms s'arrêtent à {unit}, les coordonnées {raw} placent à {found}.")
    ),
    "coordinates_nearest": FindingCode(
        "warning",
        N_(
            "Coordonnées {raw} : commune la plus proche {unit}, à {km} km ; limites non installées."
        ),
    ),
    "distributions_reserved": FindingCode(
        "info", N_("Distributions à venir : {n}, dates et lieux réservés.")
    ),
    # several documents
    "activities_superseded": FindingCode(
        "info", N_("Activités reprises par un document plus récent, qui fait foi : {n}.")
    ),
    "activities_orphaned": FindingCode(
        "warning",
        N_(
            "Activités que ni ce document ni un plus récent ne porte plus : {n} ; "
            "réimportez ce fichier."
        ),
    ),
    "activities_same_date": FindingCode(
        "warning",
        N_(
            "Activités aussi dans « {file} », de même date, qui est retenu : {n} ; "
            "si ce fichier-ci est le plus récent, réimportez-le avec --replace."
        ),
    ),
    "activities_withdrawn": FindingCode(
        "info", N_("Activités retirées sur décision, absentes de « {file} » : {n}.")
    ),
    "activity_absent": FindingCode(
        "warning",
        N_(
            "« {title} » est absente de la liste plus récente « {file} » : "
            "maintenue jusqu'à ce qu'on décide de la retirer (--replace)."
        ),
    ),
    # totals and contradictions
    "total_mismatch": FindingCode("warning", N_("{name} : {published} publié, {read} lu.")),
    "figures_disagree": FindingCode(
        "warning", N_("Chiffres contradictoires pour {name} : {readings}.")
    ),
    "control_entered": FindingCode(
        "info", N_("Total de contrôle saisi à la main : {name} = {published}.")
    ),
    "published_not_itemised": FindingCode("info", N_("{name} : {published} publié, non détaillé.")),
    "read_by_order": FindingCode(
        "warning", N_("Rattaché par l'ordre de lecture, à vérifier : {readings}.")
    ),
    "counted_per_region": FindingCode(
        "info",
        N_("{name} : {read} pour {published} projets, un projet peut toucher plusieurs régions."),
    ),
    "amount_rounded": FindingCode("info", N_("Montant publié arrondi : {read} {currency}.")),
    "column_drift": FindingCode(
        "warning", N_("Colonne en trop : « {raw} », lu {read} que le total confirme.")
    ),
    "amount_for_memory": FindingCode(
        "info", N_("« PM » (pour mémoire) : montant non chiffré pour « {title} ».")
    ),
    "total_in_year": FindingCode(
        "warning", N_("{year} : {value} répète la somme des années précédentes, total glissé ?")
    ),
    "scale_jump": FindingCode(
        "warning", N_("Saut d'échelle en {year} : {before} puis {after}, lu tel quel.")
    ),
    "place_mentioned": FindingCode(
        "info", N_("« {raw} » est nommé sans être le lieu de la ligne : non placé.")
    ),
    "sample_excerpt": FindingCode(
        "info", N_("Extrait : {read} lignes sur les {published} du document.")
    ),
    "quarters_by_shape": FindingCode(
        "info", N_("Trimestres décalés, lus d'après les lignes complètes de même forme.")
    ),
    "percentages_unassigned": FindingCode(
        "info", N_("Pourcentages sans étiquette conservés sans attribution : {values}.")
    ),
    "fund_contribution": FindingCode("info", N_("Contribution au fonds : {donor}, {amount}.")),
}


def severity_of(code: str) -> str:
    """Severity of a code; ``KeyError`` for a code that is not listed."""
    return CODES[code].severity


def render(code: str, params: str | Mapping[str, object]) -> str:
    """Sentence of a finding in the language in force.

    Parameters
    ----------
    code
        A key of `CODES`.
    params
        The finding's params, as a mapping or as the JSON text stored in the table.

    Examples
    --------
    >>> render("amount_missing", {"title": "4.5"})
    'Montant absent pour « 4.5 » : inconnu, jamais zéro.'
    """
    values = json.loads(params) if isinstance(params, str) else dict(params)
    if isinstance(reason := values.get("reason"), str):
        values["reason"] = _(reason)  # our words when marked with N_, the document's otherwise
    return _(CODES[code].sentence).format_map(_Blank(values))


class _Blank(dict[str, object]):
    """Missing params show as a dash: an old snapshot stays readable."""

    def __missing__(self, key: str) -> str:
        return "—"

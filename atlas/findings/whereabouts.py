"""Findings about places."""

from __future__ import annotations

from atlas.findings.code import FindingCode
from atlas.i18n import N_

CODES: dict[str, FindingCode] = {
    # places
    "place_unknown": FindingCode("warning", N_("Lieu inconnu : « {raw} » ; proches : {near}.")),
    "place_ambiguous": FindingCode(
        "warning", N_("Lieu ambigu : « {raw} » peut désigner {candidates}.")
    ),
    "place_contradiction": FindingCode("warning", N_("Lieux contradictoires : {readings}.")),
    "place_shared": FindingCode(
        "warning",
        N_(
            "« {raw} » : plusieurs pays, part du Mali inconnue ; gardé entier, non placé : {sum} "
            "(lignes : {n})."
        ),
    ),
    "country_missing": FindingCode(
        "warning", N_("Activité sans pays ni lieu du Mali : mise de côté, son argent aussi.")
    ),
    "place_exclusion": FindingCode(
        "info", N_("« {raw} » : placé partout sauf {excluded}, dans {n} unités à parts égales.")
    ),
    "place_exclusion_open": FindingCode(
        "warning", N_("« {raw} » : sans {excluded}, l'étendue reste à préciser ; non placé.")
    ),
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
        "info", N_("Distributions à venir ou en cours : {n}, dates, lieux et mots réservés.")
    ),
}

"""Findings about the value of a cell: figures, dates, words of a vocabulary."""

from __future__ import annotations

from atlas.findings.code import FindingCode
from atlas.i18n import N_

CODES: dict[str, FindingCode] = {
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
    "amount_repeated_differs": FindingCode(
        "warning",
        N_(
            "Projet {code} : montants presque égaux sur {n} lignes ({amounts} {currency}) ; "
            "{read} compte une fois, à vérifier : {rows}."
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
        N_(
            "Projet {code} : montants différents sur {n} lignes ({amounts} {currency}), "
            "gardés et additionnés."
        ),
    ),
    "amount_scale": FindingCode(
        "warning", N_("« {raw} » sous un en-tête en {unit} : lu {read}, échelle à vérifier.")
    ),
    "unit_above": FindingCode(
        "info",
        N_("« {column} » : chiffres en {unit}, comme l'écrit la ligne au-dessus du tableau."),
    ),
    "amount_range": FindingCode(
        "warning", N_("Fourchette « {raw} » : de {low} à {high}, aucun montant retenu.")
    ),
    "amount_each": FindingCode(
        "warning",
        N_("« {raw} » : un montant répété ({each}), pas un total ; aucun montant retenu."),
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
    "date_approximate": FindingCode(
        "info", N_("Date approximative « {raw} » : lue du {start} au {end}.")
    ),
    "editions": FindingCode(
        "info",
        N_("{name} : {n} éditions de la même période ; la plus récente ({day}) compte seule."),
    ),
    "amount_negative": FindingCode("warning", N_("Montant négatif, non compté : « {raw} ».")),
    "amount_second": FindingCode(
        "warning",
        N_(
            "Deux montants dans deux colonnes : « {first} » compte, « {column} » non "
            "({unread} {currency})."
        ),
    ),
    "amounts_not_compared": FindingCode(
        "warning",
        N_("Montant en deux devises, sans taux pour les comparer : {raw}, soit {rate} pour 1 USD."),
    ),
    "currency_of_format": FindingCode(
        "info", N_("Colonne « {column} » : montants en {currency}, d'après le format des cellules.")
    ),
    "currency_format_differs": FindingCode(
        "warning",
        N_(
            "Colonne « {column} » : les cellules affichent {shown}, l'en-tête dit {currency} ; "
            "lus en {currency}."
        ),
    ),
    "currency_inferred": FindingCode("warning", N_("Devise déduite : {currency}, {reason}.")),
    "currency_unknown": FindingCode(
        "warning", N_("Devise inconnue pour « {raw} » : montant non retenu.")
    ),
    "figures_not_summed": FindingCode(
        "info", N_("Chiffres non additionnés pour « {title} » : {reason}.")
    ),
    "no_rate_undated": FindingCode(
        "warning", N_("Montant en {currency} sans date : équivalent en USD inconnu.")
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
    "quarters_without_year": FindingCode(
        "warning", N_("Trimestres ou mois ({raw}) sans année, ou illisibles : période inconnue.")
    ),
    "period_from_quarters": FindingCode(
        "info", N_("Période lue dans les trimestres ou mois donnés ({raw}) : {start} – {end}.")
    ),
    "end_from_duration": FindingCode("info", N_("Fin déduite de la durée « {raw} » : {end}.")),
    "duration_disagrees": FindingCode(
        "warning", N_("Durée « {raw} », mais du {start} au {end} ; les dates sont gardées.")
    ),
    "value_unreadable": FindingCode("warning", N_("{field} illisible : « {raw} ».")),
    # vocabularies
    "sector_unknown": FindingCode("warning", N_("Secteur inconnu : « {raw} » ; proches : {near}.")),
    "sector_inferred": FindingCode("info", N_("Secteur déduit des mots de l'activité : {sector}.")),
    "sectors_named": FindingCode(
        "info",
        N_(
            "« {raw} » nomme plusieurs secteurs : {names}. L'activité compte dans chacun ; son "
            "argent et ses personnes, que rien ne partage entre eux, restent "
            "sous « Multisectoriel »."
        ),
    ),
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
    "scale_missing": FindingCode(
        "warning",
        N_(
            "« {field} » : chiffres sans échelle, gardés mais comparés à aucun autre ; "
            "dites-la dans une colonne « Échelle » (ACAPS, par exemple)."
        ),
    ),
    "total_by_values": FindingCode(
        "info",
        N_("{name} : {total} est la somme des lignes {rows}, lu comme leur total."),
    ),
    "rows_of_groups": FindingCode(
        "info",
        N_("« {title} » : {n} lignes, une par groupe ({groups}), lues comme une seule activité."),
    ),
    "amount_of_groups": FindingCode(
        "info",
        N_("« {title} » : {amount} {currency} sur {n} lignes de ses groupes, compté une fois."),
    ),
    "groups_aside": FindingCode(
        "info",
        N_("{name} : autre ventilation des mêmes personnes, non ajoutée : {parts}."),
    ),
    "fact_repeated": FindingCode(
        "warning",
        N_(
            "{name} : {n} lignes pour le même lieu ({rows}) ; à vérifier : groupes différents, "
            "ou la même ligne deux fois ?"
        ),
    ),
    "contribution_repeated": FindingCode(
        "warning",
        N_("{name} : {n} lignes identiques ({rows}), comptées une fois ; plusieurs tranches ?"),
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
}

"""The findings: what a person should know of what was read, a sentence and a remedy a code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from atlas.i18n import N_, _

__all__ = ["CODES", "SEVERITIES", "FindingCode", "finding_sentence", "severity_of"]


class FindingCode(NamedTuple):
    """A kind of finding: how serious, and the French sentence with ``{places}``."""

    severity: str
    sentence: str


DOCUMENT_CODES: dict[str, FindingCode] = {
    # documents
    "context_document": FindingCode(
        "info", N_("Document de contexte : aucune activité à lire, voir « atlas context add ».")
    ),
    "from_bulletin": FindingCode(
        "info", N_("Tiré d'un bulletin, à confirmer auprès du fonds : « {title} ».")
    ),
    "date_impossible": FindingCode("warning", N_("Date impossible : « {raw} ».")),
    "date_without_year": FindingCode(
        "warning", N_("Date sans année : « {raw} », laissée inconnue.")
    ),
    "period_from_year": FindingCode("info", N_("Période prise de l'année de la ligne : {year}.")),
    "as_of_from_title": FindingCode("info", N_("Date lue dans le titre du tableau : {date}.")),
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
    "frame_undated": FindingCode(
        "info", N_("Document sans date : lieux lus dans le découpage {frame}.")
    ),
    "frame_by_places": FindingCode(
        "warning",
        N_(
            "Découpage {frame} retenu au lieu de {usual} : lignes qui y sont des unités : {fits} ; "
            "en décident : {rows} ; sinon, --frame."
        ),
    ),
    "frame_misfits": FindingCode(
        "warning",
        N_(
            "{n} lignes ne sont pas des unités de {frame}, placées dans leur découpage : "
            "{places} ; somme : {sum}."
        ),
    ),
    "frame_inferred": FindingCode("info", N_("Découpage {frame} déduit : {reason}.")),
    # columns
    "iati_invalid": FindingCode(
        "warning",
        N_(
            "Fichier non conforme au schéma IATI : exigés et absents : {absent} ; "
            "hors de leur place : {misplaced}. Il est lu quand même."
        ),
    ),
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
            "Colonne « {column} » inconnue, son contenu suggère « {field} » "
            "({reason}, {share} %) : confirmez-le dans la page ou avec --map."
        ),
    ),
    "column_assumed": FindingCode(
        "warning",
        N_("Colonne « {column} » lue comme « {field} » ; sinon, dites-le avec --map."),
    ),
    "heading_against_tag": FindingCode(
        "warning",
        N_(
            "Colonne « {column} » : son en-tête dit « {other} », sa balise {tag} dit « {field} » ; "
            "lue selon la balise."
        ),
    ),
    "column_money_unread": FindingCode(
        "warning",
        N_(
            "Colonne « {column} » : {n} montants non lus ({unread} {currency}), faute de titre. "
            "Quelle colonne donne le titre du projet ?"
        ),
    ),
    "column_twice": FindingCode(
        "warning",
        N_("Colonne « {column} » laissée de côté : « {first} » est lue. Laquelle est la bonne ?"),
    ),
    "column_second": FindingCode(
        "info", N_("Colonne « {column} » : prise là où « {first} » est vide.")
    ),
    "column_month_first": FindingCode(
        "info",
        N_("Dates lues mois/jour ({column}), comme « {raw} » l'impose pour toute la liste."),
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
    "pull_count": FindingCode(
        "warning",
        N_(
            "Le serveur compte {counted} entrées, {read} sont venues : d'autres y sont arrivées ou "
            "parties entre-temps, ou le fichier n'en porte qu'une partie."
        ),
    ),
    "form_changed": FindingCode(
        "warning",
        N_(
            "Le formulaire a changé depuis la dernière récupération : "
            "questions renommées : {renamed} ; retirées : {gone} ; nouvelles : {added} ; "
            "choix : {choices}."
        ),
    ),
    "contact_hidden": FindingCode("info", N_("Téléphone ou courriel ôté d'un texte ({reason}).")),
    "encoding_inferred": FindingCode("info", N_("Texte lu en {encoding}.")),
    "cells_repeat": FindingCode(
        "info", N_("« Idem » : {n} lignes reprennent des cellules de la ligne au-dessus.")
    ),
    "rows_hidden": FindingCode(
        "warning",
        N_("Feuille « {sheet} » : {n} lignes masquées, lues comme les autres : {named}."),
    ),
    "columns_hidden": FindingCode(
        "warning",
        N_("Feuille « {sheet} » : {n} colonnes masquées, lues aussi : {named}."),
    ),
    "lines_quoted": FindingCode(
        "info", N_("Chaque ligne est entre guillemets ({n}) : lue sans eux.")
    ),
    "quotes_ignored": FindingCode("warning", N_("Guillemets jamais fermés : lus comme du texte.")),
    "nothing_declared": FindingCode(
        "info", N_("{who} : rien à signaler (« {raw} »). Gardé comme déclaration, sans activité.")
    ),
    "nothing_by_nobody": FindingCode(
        "warning",
        N_(
            "« {raw} » sans organisation : on ne sait pas qui n'a rien à signaler. "
            "Ligne laissée de côté ; nommez l'organisation dans la ligne."
        ),
    ),
    "heading_repeated": FindingCode("info", N_("En-têtes répétés : ligne non comptée.")),
    "characters_lost": FindingCode(
        "warning",
        N_("{n} caractères illisibles, remplacés par un losange : vérifiez le fichier d'origine."),
    ),
    "mojibake_mended": FindingCode("info", N_("Caractères mal encodés rétablis sur {n} lignes.")),
    "invisible_removed": FindingCode("info", N_("Caractères invisibles ôtés de {n} lignes.")),
    "cells_in_error": FindingCode(
        "warning", N_("{n} cellules en erreur (#REF!, #N/A…), lues comme vides : {cells}.")
    ),
    "formats_unread": FindingCode(
        "warning",
        N_(
            "Formats du classeur trop lourds (plus de {n} Mo) : la devise que montre le format "
            "d'un montant n'est pas lue."
        ),
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
    "export_amounts_edited": FindingCode(
        "warning",
        N_(
            "Montants changés depuis l'export : ceux des colonnes valent, sans la période ni le "
            "taux du détail « {raw} »."
        ),
    ),
    "export_rows_differ": FindingCode(
        "warning",
        N_(
            "Les lignes de cette activité ne disent pas la même chose ({field}) : {raw} ; "
            "la première vaut."
        ),
    ),
    "export_weights_unread": FindingCode(
        "warning",
        N_("Poids des lieux inutilisables : {raw} ; les lieux de l'activité comptent à égalité."),
    ),
    "geometry_aside": FindingCode(
        "warning", N_("{n} objets ne sont pas des points : lus sans coordonnées.")
    ),
    "transactions_aside": FindingCode("info", N_("Sommes IATI non comptées ({reason}) : {n}.")),
    "row_rejected": FindingCode("error", N_("Ligne rejetée : {reason}.")),
    "row_heads_others": FindingCode(
        "info", N_("« {raw} », seul sur sa ligne, vaut pour {n} lignes au-dessous.")
    ),
    "row_title_only": FindingCode(
        "warning",
        N_(
            "« {raw} » : un titre sans rien d'autre, compté comme une activité ; titre de section ?"
        ),
    ),
    "row_aside": FindingCode("info", N_("Ligne hors du tableau, non comptée : « {raw} ».")),
}


CELL_CODES: dict[str, FindingCode] = {
    # values
    "amount_missing": FindingCode(
        "warning", N_("Montant absent pour « {title} » : inconnu, jamais zéro.")
    ),
    "form_code_foreign": FindingCode(
        "warning",
        N_("Code « {code} » d'un formulaire qui n'est pas de {who} : nouvelle activité."),
    ),
    "form_code_repeated": FindingCode(
        "warning", N_("Code « {code} » répété : « {title} » est une activité de plus.")
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
    "quantity_read": FindingCode(
        "info", N_("« {column} » dit des quantités (kits, litres…) : lues à part des personnes.")
    ),
    "quantity_unknown": FindingCode(
        "warning",
        N_(
            "« {column} » compte « {raw} », ni des personnes ni une quantité connue : gardé, sans "
            "être additionné."
        ),
    ),
    "rows_of_indicators": FindingCode(
        "info",
        N_("« {title} » : {n} lignes sont les indicateurs d'une même activité ({indicators})."),
    ),
    "number_approximate": FindingCode("info", N_("{field} approximatif : « {raw} ».")),
    "people_added_up": FindingCode(
        "info", N_("{field} : « {raw} », hommes et femmes additionnés : {read}.")
    ),
    "people_by_month": FindingCode(
        "info", N_("{field} : {n} mois, peut-être des mêmes personnes ; le plus grand : {read}.")
    ),
    "people_new_by_month": FindingCode(
        "info", N_("{field} : {n} mois, personnes nouvelles chaque mois, additionnées : {read}.")
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
    "group_rows_apart": FindingCode(
        "warning",
        N_(
            "« {title} » : {n} lignes qui ne diffèrent que par leur groupe ({groups}), gardées "
            "comme autant d'activités ; des personnes y comptent peut-être deux fois."
        ),
    ),
    "group_figure_unknown": FindingCode(
        "warning",
        N_(
            "« {title} », {name} : le chiffre de {lacking} manque ou est dit deux fois ; celui de "
            "l'activité reste inconnu ({parts})."
        ),
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


PLACE_CODES: dict[str, FindingCode] = {
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


AGREEMENT_CODES: dict[str, FindingCode] = {
    # several documents
    "activities_superseded": FindingCode(
        "info", N_("Activités reprises par un document plus récent, qui fait foi : {n}.")
    ),
    "activities_of_export": FindingCode(
        "info", N_("Activités de cet export que « {file} » dit déjà, qui fait foi : {n}.")
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
    "document_again": FindingCode(
        "info", N_("Même contenu que « {file} », déjà publié : repris sous ce nom.")
    ),
    "document_redated": FindingCode(
        "warning",
        N_(
            "Même contenu que « {file} », déjà publié : repris sous ce nom, et daté {now} "
            "au lieu de {before} ; sinon, --as-of."
        ),
    ),
    "activity_absent": FindingCode(
        "warning",
        N_(
            "« {title} » est absente de la liste plus récente « {file} » : "
            "maintenue jusqu'à ce qu'on décide de la retirer (--replace)."
        ),
    ),
    # figures far from those of earlier months: questions to the sender, nothing is changed
    "outlier_of_activity": FindingCode(
        "warning",
        N_(
            "{reason} de « {title} » : {after}, contre {before} dans « {file} » ({row}). "
            "Est-ce bien dix fois plus ou dix fois moins ?"
        ),
    ),
    "outlier_of_sector": FindingCode(
        "warning",
        N_(
            "{reason} de « {title} » : {after}, loin des {n} chiffres antérieurs de la même "
            "organisation dans ce secteur (médiane {median}, de {low} à {high})."
        ),
    ),
    # one money told at several levels
    "counted_with_parts": FindingCode(
        "info", N_("Activités comptées avec leurs parties, que des documents détaillent : {n}.")
    ),
    "parts_of_others": FindingCode(
        "info",
        N_("Activités de « {file} » dont l'argent est compté ici, dans leurs parties : {n}."),
    ),
    "parts_and_whole": FindingCode(
        "warning",
        N_(
            "{name} : {published} {currency} annoncés pour l'ensemble, {read} par ses parties, "
            "qui seules comptent."
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


SEVERITIES = ("error", "warning", "info")


CODES: dict[str, FindingCode] = {
    **DOCUMENT_CODES,
    **CELL_CODES,
    **PLACE_CODES,
    **AGREEMENT_CODES,
}


def severity_of(code: str) -> str:
    """Severity of a code; ``KeyError`` for a code that is not listed."""
    return CODES[code].severity


def finding_sentence(code: str, params: str | Mapping[str, object]) -> str:
    """Sentence of a finding in the language in force.

    Parameters
    ----------
    code
        A key of `CODES`.
    params
        The finding's params, as a mapping or as the JSON text stored in the table.

    Examples
    --------
    >>> finding_sentence("amount_missing", {"title": "4.5"})
    'Montant absent pour « 4.5 » : inconnu, jamais zéro.'
    """
    values = json.loads(params) if isinstance(params, str) else dict(params)
    if isinstance(reason := values.get("reason"), str):
        values["reason"] = _(reason)  # our words when marked with N_, the document's otherwise
    return _(CODES[code].sentence).format_map(_DashForMissing(values))


class _DashForMissing(dict[str, object]):
    """Missing params show as a dash: an old snapshot stays readable."""

    def __missing__(self, key: str) -> str:
        return "—"


_OPEN_PLACE = N_("Choisissez le lieu parmi les propositions, ou précisez-le dans le fichier.")
_AMOUNT = N_("Écrivez le montant en chiffres, sa devise à côté, puis redéposez le fichier.")
_CHECK_CODE = N_("Vérifiez le code du lieu dans cette ligne ; le nom seul suffit s'il est sûr.")
_CORRECT_POINT = N_("Corrigez la latitude et la longitude de cette ligne, en degrés décimaux.")
_COMPARE_TOTAL = N_(
    "Comparez avec le document : ligne oubliée, comptée deux fois, ou total inexact ?"
)
_CHECK_ROW = N_("Vérifiez cette ligne dans le document.")
"""What remains where nothing more precise is known."""
_CHOOSE_FRAME = N_("Si ce n'est pas le bon, choisissez-en un autre sous « Découpage ».")
_ASK_AMOUNT = N_("Demandez le montant à l'expéditeur ; inconnu en attendant.")
_ASK_SENDER = N_("Demandez à l'expéditeur laquelle des valeurs est la bonne.")

_CONFIRM_FIGURE = N_(
    "Demandez à l'expéditeur si le chiffre est juste : zéro de trop, autre unité, autre "
    "devise ? Il est gardé tel quel."
)

_REMEDIES = {
    "pull_count": N_("Récupérez la liste de nouveau."),
    "form_changed": N_(
        "Vérifiez que les colonnes renommées sont lues comme avant, sinon dites leur sens."
    ),
    "outlier_of_activity": _CONFIRM_FIGURE,
    "outlier_of_sector": _CONFIRM_FIGURE,
    "from_bulletin": N_("Demandez au fonds la liste de ses projets."),
    "date_impossible": N_("Corrigez la date dans le fichier (JJ/MM/AAAA)."),
    "date_without_year": N_("Ajoutez l'année à cette date dans le fichier."),
    "as_of_from_title": N_("Vérifiez « Situation au »."),
    "as_of_from_name": N_("Vérifiez « Situation au »."),
    "as_of_inferred": N_("Vérifiez « Situation au »."),
    "as_of_unknown": N_("Remplissez « Situation au »."),
    "source_inferred": N_("Vérifiez la source du fichier."),
    "end_before_start": N_("Corrigez le début ou la fin dans le fichier."),
    "frame_inferred": _CHOOSE_FRAME,
    "frame_undated": _CHOOSE_FRAME,
    "frame_by_places": _CHOOSE_FRAME,
    "frame_misfits": _CHOOSE_FRAME,
    "column_unknown": N_("Dites ce qu'est cette colonne, ou « ignorer »."),
    "column_proposed": N_("Confirmez ce qu'est cette colonne, ou choisissez autre chose."),
    "heading_against_tag": N_("Corrigez la balise HXL ou l'en-tête de cette colonne."),
    "column_money_unread": N_("Dites quelle colonne donne le titre du projet."),
    "column_twice": N_("Renommez celle qui ne compte pas, ou dites ce qu'est chaque colonne."),
    "column_assumed": N_("Vérifiez ce qu'est cette colonne."),
    "column_unnamed": N_("Donnez un en-tête à cette colonne."),
    "column_orders_mixed": N_("Écrivez toutes les dates de la colonne JJ/MM/AAAA."),
    "formats_unread": N_("Ajoutez une colonne « Devise », ou enregistrez les valeurs seules."),
    "cells_in_error": N_("Corrigez les formules de ces cellules, ou écrivez leurs valeurs."),
    "list_abroad": N_("Si c'est une liste du Mali, vérifiez sa colonne Pays et ses lieux."),
    "sheet_skipped": N_("Si elle contient des données, enregistrez-la seule et déposez-la."),
    "rows_hidden": N_("Si elles ne comptent plus, supprimez-les, puis redéposez le fichier."),
    "columns_hidden": N_("Si elles ne comptent plus, supprimez-les, puis redéposez le fichier."),
    "lines_quoted": N_("Rien à faire si les colonnes sont justes ; sinon exportez-le de nouveau."),
    "quotes_ignored": N_("Vérifiez les cellules qui contiennent des guillemets."),
    "part_ignored": N_("Si c'étaient des données, enregistrez-les comme valeurs."),
    "pages_without_text": N_("Demandez le tableau d'origine, ou saisissez ces pages."),
    "prose_aside": N_("Vérifiez que le texte autour des tableaux n'annonce aucun projet."),
    "figure_merged": N_("Si chaque ligne a son montant, défusionnez les cellules."),
    "geometry_aside": N_("Donnez un point par lieu."),
    "row_title_only": N_("Si c'est le titre d'une partie, ôtez la ligne ; sinon complétez-la."),
    "place_exclusion_open": _OPEN_PLACE,
    "country_missing": N_("Si elle est au Mali, ajoutez-y recipient-country."),
    "place_shared": N_("Demandez la part du Mali."),
    "row_rejected": N_("Complétez cette ligne dans le fichier, puis redéposez-le."),
    "form_code_foreign": N_("Videz le code d'une activité nouvelle, ou corrigez l'organisation."),
    "form_code_repeated": N_("Videz le code d'une ligne copiée."),
    "amount_missing": _ASK_AMOUNT,
    "amount_unreadable": _AMOUNT,
    "amount_ambiguous": _AMOUNT,
    "amount_not_given": _AMOUNT,
    "amount_repeated": N_("Vérifiez qu'il s'agit bien d'un seul montant pour tout le projet."),
    "amount_repeated_unsure": N_("Donnez un code de projet à ces lignes s'il n'y a qu'un montant."),
    "amount_repeated_differs": _ASK_SENDER,
    "project_amounts_disagree": _ASK_SENDER,
    "amount_each": _AMOUNT,
    "amount_range": _AMOUNT,
    "amounts_disagree": _ASK_SENDER,
    "amounts_not_compared": _ASK_SENDER,
    "amounts_shared": N_("Demandez la part du Mali."),
    "quarters_without_year": N_("Ajoutez une colonne « Année », ou l'année dans le titre."),
    "duration_disagrees": _ASK_SENDER,
    "value_range": N_("Demandez le chiffre exact, ou laissez-le inconnu."),
    "quantity_unknown": N_("Nommez l'unité : personnes, ménages, kits, litres, tonnes…"),
    "value_not_people": N_("Donnez le nombre de personnes s'il est connu."),
    "people_disagree": _ASK_SENDER,
    "indicator_unknown": N_("Écrivez l'indicateur tel que le modèle le nomme."),
    "contribution_repeated": N_("Datez chaque tranche de son jour pour que chacune compte."),
    "fact_repeated": N_("Gardez une seule ligne par lieu, ou dites ce qui les distingue."),
    "geometry_unreadable": N_("Donnez un tracé GeoJSON ou WKT, en degrés décimaux."),
    "number_ambiguous": N_("Écrivez le nombre sans séparateur de milliers."),
    "date_approximate": N_("Écrivez les dates JJ/MM/AAAA."),
    "date_order_inferred": N_("Écrivez les dates JJ/MM/AAAA."),
    "amount_negative": N_(
        "Un remboursement se déduit du montant de son projet ; sinon corrigez le signe."
    ),
    "amount_second": N_("Dites avec la correspondance des colonnes laquelle est le budget."),
    "currency_of_format": N_("Écrivez la devise dans l'en-tête pour ne pas dépendre du format."),
    "currency_format_differs": _ASK_SENDER,
    "currency_inferred": N_("Écrivez la devise dans l'en-tête ou une colonne « Devise »."),
    "currency_unknown": N_("Écrivez la devise par son code : XOF, USD, EUR."),
    "no_rate_undated": N_("Datez le document ou la ligne, ou laissez le montant dans sa devise."),
    "no_rate": N_("Donnez une table de taux, ou laissez le montant dans sa devise."),
    "quarters_misaligned": N_("Vérifiez les dates de cette ligne dans le document."),
    "value_unreadable": N_("Corrigez la valeur dans le fichier."),
    "sector_unknown": N_("Choisissez le secteur parmi les propositions."),
    "status_unknown": N_("Choisissez le statut : planifié, en cours, achevé, suspendu, annulé."),
    "organisation_unknown": N_("Reconnaissez l'organisation parmi les proches, ou laissez-la."),
    "donor_unknown": N_("Ajoutez le bailleur s'il est connu."),
    "place_unknown": _OPEN_PLACE,
    "place_ambiguous": _OPEN_PLACE,
    "place_contradiction": _OPEN_PLACE,
    "place_coarser": _OPEN_PLACE,
    "place_at_region": _OPEN_PLACE,
    "place_code_name": _CHECK_CODE,
    "place_code_malformed": _CHECK_CODE,
    "place_code_version": _CHOOSE_FRAME,
    "place_malformed": N_("Écrivez le nom du lieu dans cette cellule."),
    "place_missing": N_("Ajoutez la région ou le cercle."),
    "place_inherited": N_("Ajoutez le lieu de cette ligne s'il est connu."),
    "place_decision_aside": N_("Corrigez la ligne, ou annulez la décision."),
    "locality_not_listed": N_("Installez une liste de localités, ou laissez-la à la commune."),
    "coordinates_outside": _CORRECT_POINT,
    "coordinates_zero": _CORRECT_POINT,
    "coordinates_swapped": _CORRECT_POINT,
    "coordinates_elsewhere": _CORRECT_POINT,
    "coordinates_nearest": N_("Installez les limites officielles pour placer ce point."),
    "activities_orphaned": N_("Redéposez ce fichier."),
    "activities_same_date": N_("Si ce fichier est le plus récent, retirez les absentes."),
    "activity_absent": N_("Gardez-la, ou retirez les activités absentes."),
    "total_mismatch": _COMPARE_TOTAL,
    "parts_and_whole": N_(
        "Comparez l'ensemble et ses parties : ce qu'il annonce de plus n'est compté nulle part."
    ),
    "iati_invalid": N_(
        "Demandez à l'expéditeur de faire valider son fichier (validator.iatistandard.org)."
    ),
    "figures_disagree": _ASK_SENDER,
    "published_not_itemised": N_("Demandez la liste détaillée."),
    "read_by_order": N_("Vérifiez dans le document à quoi ce chiffre se rapporte."),
    "column_drift": _CHECK_ROW,
    "amount_scale": N_("Vérifiez l'unité du montant : francs, milliers ou millions."),
    "scale_missing": N_("Ajoutez une colonne « Échelle »."),
    "direction_assumed": N_("Dites le sens de l'échelle dans une colonne « Sens »."),
    "total_in_year": N_("Vérifiez cette année dans le document."),
    "scale_jump": N_("Vérifiez l'unité de cette année (francs, milliers, millions)."),
}


def remedy_of(code: str) -> str:
    """What to do about a finding of this code; "" for mere information.

    Examples
    --------
    >>> remedy_of("end_before_start"), remedy_of("encoding_inferred")
    ('Corrigez le début ou la fin dans le fichier.', '')
    """
    if code in _REMEDIES:
        return _(_REMEDIES[code])
    told = CODES.get(code)
    return "" if told is None or told.severity == "info" else _(_CHECK_ROW)


_SAID_TO_SENDERS: Mapping[str, str] = {
    _ASK_SENDER: N_("Dites laquelle des valeurs est la bonne."),
    _ASK_AMOUNT: N_("Écrivez le montant et sa devise."),
    _CONFIRM_FIGURE: N_(
        "Dites si le chiffre est juste, ou corrigez-le : zéro de trop, autre unité, autre devise ?"
    ),
    _OPEN_PLACE: N_("Précisez le lieu : région, cercle et commune."),
}
"""What a remedy is to the sender of a document, where another person reads it in the page."""


def sender_remedy_of(code: str) -> str:
    """What the sender of a document does about a finding of this code.

    Examples
    --------
    >>> sender_remedy_of("amount_missing")
    'Écrivez le montant et sa devise.'
    """
    told = _SAID_TO_SENDERS.get(_REMEDIES.get(code, ""))
    return _(told) if told else remedy_of(code)

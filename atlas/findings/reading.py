"""Findings about a document as a whole and its columns."""

from __future__ import annotations

from atlas.findings.code import FindingCode
from atlas.i18n import N_

CODES: dict[str, FindingCode] = {
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

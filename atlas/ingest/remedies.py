"""What a person can do about a finding: one sentence a code, for the page, the terminal, files."""

from __future__ import annotations

from atlas.findings import CODES
from atlas.i18n import N_, _

_OPEN_PLACE = N_("Choisissez le lieu parmi les propositions, ou précisez-le dans le fichier.")
_AMOUNT = N_("Écrivez le montant en chiffres, sa devise à côté, puis redéposez le fichier.")
_CHECK_CODE = N_("Vérifiez le code du lieu dans cette ligne ; le nom seul suffit s'il est sûr.")
_POINT = N_("Corrigez la latitude et la longitude de cette ligne, en degrés décimaux.")
_COMPARE = N_("Comparez avec le document : ligne oubliée, comptée deux fois, ou total inexact ?")
_CHECK = N_("Vérifiez cette ligne dans le document.")
"""What remains where nothing more precise is known."""
_FRAME = N_("Si ce n'est pas le bon, choisissez-en un autre sous « Découpage ».")
_ASK_SENDER = N_("Demandez à l'expéditeur laquelle des valeurs est la bonne.")

_REMEDIES = {
    "from_bulletin": N_("Demandez au fonds la liste de ses projets."),
    "date_impossible": N_("Corrigez la date dans le fichier (JJ/MM/AAAA)."),
    "date_without_year": N_("Ajoutez l'année à cette date dans le fichier."),
    "as_of_from_title": N_("Vérifiez « Situation au »."),
    "as_of_from_name": N_("Vérifiez « Situation au »."),
    "as_of_inferred": N_("Vérifiez « Situation au »."),
    "as_of_unknown": N_("Remplissez « Situation au »."),
    "source_inferred": N_("Vérifiez la source du fichier."),
    "end_before_start": N_("Corrigez le début ou la fin dans le fichier."),
    "frame_inferred": _FRAME,
    "frame_undated": _FRAME,
    "frame_by_places": _FRAME,
    "frame_misfits": _FRAME,
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
    "amount_missing": N_("Demandez le montant à l'expéditeur ; inconnu en attendant."),
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
    "place_code_version": _FRAME,
    "place_malformed": N_("Écrivez le nom du lieu dans cette cellule."),
    "place_missing": N_("Ajoutez la région ou le cercle."),
    "place_inherited": N_("Ajoutez le lieu de cette ligne s'il est connu."),
    "place_decision_aside": N_("Corrigez la ligne, ou annulez la décision."),
    "locality_not_listed": N_("Installez une liste de localités, ou laissez-la à la commune."),
    "coordinates_outside": _POINT,
    "coordinates_zero": _POINT,
    "coordinates_swapped": _POINT,
    "coordinates_elsewhere": _POINT,
    "coordinates_nearest": N_("Installez les limites officielles pour placer ce point."),
    "activities_orphaned": N_("Redéposez ce fichier."),
    "activities_same_date": N_("Si ce fichier est le plus récent, retirez les absentes."),
    "activity_absent": N_("Gardez-la, ou retirez les activités absentes."),
    "total_mismatch": _COMPARE,
    "parts_and_whole": N_(
        "Comparez l'ensemble et ses parties : ce qu'il annonce de plus n'est compté nulle part."
    ),
    "iati_invalid": N_(
        "Demandez à l'expéditeur de faire valider son fichier (validator.iatistandard.org)."
    ),
    "figures_disagree": _ASK_SENDER,
    "published_not_itemised": N_("Demandez la liste détaillée."),
    "read_by_order": N_("Vérifiez dans le document à quoi ce chiffre se rapporte."),
    "column_drift": _CHECK,
    "amount_scale": N_("Vérifiez l'unité du montant : francs, milliers ou millions."),
    "scale_missing": N_("Ajoutez une colonne « Échelle »."),
    "direction_assumed": N_("Dites le sens de l'échelle dans une colonne « Sens »."),
    "total_in_year": N_("Vérifiez cette année dans le document."),
    "scale_jump": N_("Vérifiez l'unité de cette année (francs, milliers, millions)."),
}


def remedy(code: str) -> str:
    """What to do about a finding of this code; "" for mere information.

    Examples
    --------
    >>> remedy("end_before_start"), remedy("encoding_inferred")
    ('Corrigez le début ou la fin dans le fichier.', '')
    """
    if code in _REMEDIES:
        return _(_REMEDIES[code])
    told = CODES.get(code)
    return "" if told is None or told.severity == "info" else _(_CHECK)

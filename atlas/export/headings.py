"""Headings, forms and HXL tags of every column of an answer, as data.

One list for all formats: a column that is not in it keeps its own name and has no tag.
"""

from __future__ import annotations

from dataclasses import dataclass

from atlas.i18n import N_


@dataclass(frozen=True)
class Column:
    """How a column is shown to people.

    Attributes
    ----------
    heading
        French heading (a message id).
    form
        ``text``, ``count``, ``money``, ``number``, ``degrees``, ``date`` or ``flag``.
    hxl
        HXL tag with attributes; ``""`` for none.
    vocab
        Vocabulary whose ids the column holds; ``""`` for none.
    """

    heading: str
    form: str = "text"
    hxl: str = ""
    vocab: str = ""


TEXT: dict[str, Column] = {
    "unit_id": Column(N_("Identifiant de l'unité"), hxl="#loc+id"),
    "unit_name": Column(N_("Unité"), hxl="#loc+name"),
    "pcode": Column(N_("P-code"), hxl="#loc+code"),
    "region": Column(N_("Région"), hxl="#adm1+name"),
    "region_code": Column(N_("P-code de la région"), hxl="#adm1+code"),
    "cercle": Column(N_("Cercle"), hxl="#adm2+name"),
    "cercle_code": Column(N_("P-code du cercle"), hxl="#adm2+code"),
    "commune": Column(N_("Commune"), hxl="#adm3+name"),
    "commune_code": Column(N_("P-code de la commune"), hxl="#adm3+code"),
    "activity_id": Column(N_("Identifiant de l'activité"), hxl="#activity+id"),
    "kind": Column(N_("Nature"), vocab="kinds", hxl="#activity+type"),
    "source": Column(N_("Source"), vocab="sources", hxl="#activity+programme"),
    "document": Column(N_("Document"), hxl="#meta+id"),
    "file": Column(N_("Fichier"), hxl="#meta+source"),
    "locator": Column(N_("Ligne du document"), hxl="#meta+locator"),
    "title": Column(N_("Activité"), hxl="#activity+project"),
    "description": Column(N_("Description"), hxl="#description"),
    "result": Column(N_("Résultat"), hxl="#output"),
    "sector": Column(N_("Secteur"), vocab="sectors", hxl="#sector+cluster"),
    "sectors": Column(N_("Secteurs nommés"), vocab="sectors", hxl="#sector+list"),
    "sector_raw": Column(N_("Secteur selon la source"), hxl="#subsector"),
    "donors": Column(N_("Bailleurs"), vocab="organisations", hxl="#org+funder"),
    "lead_org": Column(N_("Organisation responsable"), vocab="organisations", hxl="#org+prog"),
    "implementers": Column(N_("Partenaires"), vocab="organisations", hxl="#org+impl"),
    "organisations": Column(N_("Organisations"), vocab="organisations", hxl="#org"),
    "organisations_raw": Column(N_("Organisations selon la source"), hxl="#org+raw"),
    "org_type": Column(N_("Type d'organisation"), vocab="org_types", hxl="#org+type"),
    "status": Column(N_("Statut"), vocab="statuses", hxl="#status"),
    "modality": Column(N_("Modalité"), hxl="#modality"),
    "remarks": Column(N_("Remarques"), hxl="#description+remarks"),
    "place": Column(N_("Lieux"), hxl="#loc+name"),
    "sensitivity": Column(N_("Réserve"), hxl="#meta+sensitivity"),
    "amounts": Column(N_("Montants du lieu, en détail"), hxl="#value+detail"),
    "place_rule": Column(N_("Règle de placement"), hxl="#meta+rule"),
    "position": Column(N_("Position"), hxl="#geo+meta"),
    "rule": Column(N_("Règle de répartition"), hxl="#meta+rule"),
    "raw": Column(N_("Lieu selon la source"), hxl="#loc+raw"),
    "how": Column(N_("Lieu reconnu par"), hxl="#meta+how"),
    "currency": Column(N_("Devise"), hxl="#currency"),
    "share_currency": Column(N_("Devise de la part"), hxl="#currency+share"),
    "dimension": Column(N_("Détail (code)"), hxl="#meta+dimension+code"),
    "dimension_label": Column(N_("Détail"), hxl="#meta+dimension"),
    "state": Column(N_("État"), hxl="#status+coverage"),
    "class": Column(N_("Classe"), hxl="#status+class"),
    "need_indicator": Column(N_("Besoin selon"), vocab="indicators", hxl="#inneed+indicator"),
    "measure": Column(N_("Réponse mesurée par"), hxl="#meta+measure"),
    "text": Column(N_("Texte"), hxl="#description"),
    "place_id": Column(N_("Lieu"), hxl="#loc+id"),
    "scale": Column(N_("Échelle"), hxl="#severity+scale"),
    "constraints": Column(N_("Contraintes d'accès"), hxl="#access"),
    "security_zone": Column(N_("Zone de sécurité"), hxl="#access+security"),
    "direction": Column(N_("Sens de l'échelle"), hxl="#severity+direction"),
    "other_scales": Column(N_("Autres échelles"), hxl="#severity+scale+other"),
    "constraint_types": Column(
        N_("Types de contrainte"), vocab="access_constraints", hxl="#access+type"
    ),
    "services": Column(N_("Services hors de portée"), hxl="#access+services"),
    "no_go": Column(N_("Zone interdite"), hxl="#access+no_go"),
    "type": Column(N_("Type (identifiant)"), hxl="#access+type+code"),
    "indicator": Column(N_("Indicateur (identifiant)"), hxl="#indicator+code"),
    "indicator_label": Column(N_("Indicateur"), hxl="#indicator"),
    "type_label": Column(N_("Type"), hxl="#access+type"),
    "wording": Column(N_("Fait"), hxl="#access"),
    "fact": Column(N_("Numéro du fait"), hxl="#meta+fact"),
    "pair_id": Column(N_("Identifiant de la paire"), hxl="#meta+id"),
    "reasons": Column(N_("Raisons"), hxl="#meta+reasons"),
    "counted_with": Column(N_("Compté avec (identifiant)"), hxl="#meta+id+counted_with"),
    "counted_with_title": Column(N_("Compté avec"), hxl="#meta+counted_with"),
    "verdict": Column(N_("Décision"), hxl="#meta+verdict"),
    "lead": Column(N_("Fiche qui compte"), hxl="#meta+id+lead"),
    "group_id": Column(N_("Identifiant du groupe"), hxl="#meta+id+group"),
    "severity": Column(N_("Gravité")),
    "code": Column(N_("Code")),
    "field": Column(N_("Champ")),
    "sentence": Column(N_("Constat")),
    "title_a": Column(N_("Activité A")),
    "title_b": Column(N_("Activité B")),
    "source_a": Column(N_("Source A"), vocab="sources"),
    "source_b": Column(N_("Source B"), vocab="sources"),
    "activity_a": Column(N_("Identifiant A")),
    "activity_b": Column(N_("Identifiant B")),
    "delivering": Column(N_("Qui réalise"), hxl="#org+impl+delivering"),
    "counts": Column(N_("Répond au besoin"), "flag", "#meta+counts"),
    "past": Column(N_("Passée"), "flag", "#meta+past"),
    "priced": Column(N_("A un montant"), "flag", "#meta+priced"),
    "single_actor": Column(N_("Seul acteur"), vocab="organisations", hxl="#org+single"),
    "reporter": Column(N_("Qui rend compte"), vocab="organisations", hxl="#org+reporter"),
    "change": Column(N_("Changement")),
    "before": Column(N_("Avant")),
    "after": Column(N_("Après")),
    "component": Column(N_("Composante"), vocab="programme_components", hxl="#activity+component"),
    "zone": Column(N_("Par rapport au périmètre"), hxl="#loc+zone"),
    "fund": Column(N_("Fonds"), vocab="sources", hxl="#org+fund"),
    "contributors": Column(N_("Bailleurs"), vocab="organisations", hxl="#org+funder"),
    "need_scale": Column(N_("Échelle du besoin"), hxl="#inneed+scale"),
    "need_units_level": Column(N_("Besoin connu par"), hxl="#inneed+level"),
}

FIGURES: dict[str, Column] = {
    "activities": Column(N_("Activités"), "count", "#activity+num"),
    "organisations": Column(N_("Organisations"), "count", "#org+num"),
    "organisations_reported": Column(
        N_("Organisations, telles qu'écrites"), "count", "#org+num+reported"
    ),
    "delivering": Column(N_("Organisations qui réalisent"), "count", "#org+num+delivering"),
    "concentration": Column(N_("Concentration (0 à 1)"), "number", "#meta+concentration"),
    "days_late": Column(N_("Jours de retard"), "count", "#meta+days_late"),
    "difference_usd": Column(N_("Différence (USD)"), "money", "#value+change+usd"),
    "items": Column(N_("Publiées, non détaillées"), "count", "#activity+num+published"),
    "aggregates": Column(N_("Chiffres publiés"), "count", "#meta+aggregates"),
    "without_amount": Column(N_("Activités sans montant"), "count", "#activity+num+no_amount"),
    "budget_usd": Column(N_("Budget (USD)"), "money", "#value+budget+usd"),
    "share_usd": Column(N_("Part dans la zone (USD)"), "money", "#value+budget+share"),
    "amount": Column(N_("Montant"), "money", "#value+budget"),
    "places": Column(N_("Lieux de l'activité"), "count", "#meta+places"),
    "budget": Column(N_("Montant, dans la devise demandée"), "money", "#value+budget+asked"),
    "budget_low": Column(N_("Au moins"), "money", "#value+budget+min"),
    "budget_high": Column(N_("Au plus"), "money", "#value+budget+max"),
    "inherited": Column(N_("Dont périmètre du document"), "money", "#value+budget+perimeter"),
    "resplit": Column(N_("Dont réparti par la règle"), "money", "#value+budget+rule"),
    "fallback": Column(N_("Dont parts égales, faute de chiffres"), "money", "#value+budget+equal"),
    "thin": Column(
        N_("Dont attribué par superficie à des terres très peu peuplées"),
        "money",
        "#value+budget+thin",
    ),
    "open_period": Column(N_("Début ou fin inconnus"), "money", "#value+budget+open"),
    "cancelled_usd": Column(N_("Annulé (USD)"), "money", "#value+budget+cancelled+usd"),
    "suspended_usd": Column(N_("Suspendu (USD)"), "money", "#value+budget+suspended+usd"),
    "budget_cancelled": Column(
        N_("Annulé, dans la devise demandée"), "money", "#value+budget+cancelled+asked"
    ),
    "budget_suspended": Column(
        N_("Suspendu, dans la devise demandée"), "money", "#value+budget+suspended+asked"
    ),
    "contributions": Column(N_("Contributions"), "count", "#meta+contributions"),
    "contributed_usd": Column(N_("Contributions (USD)"), "money", "#value+contribution+usd"),
    "contributions_without_usd": Column(
        N_("Contributions sans montant en USD"), "count", "#meta+contributions+no_usd"
    ),
    "first_contribution": Column(N_("Première contribution"), "date", "#date+contribution+start"),
    "last_contribution": Column(N_("Dernière contribution"), "date", "#date+contribution+end"),
    "allocated_usd": Column(N_("Alloué à des activités (USD)"), "money", "#value+allocated+usd"),
    "outside": Column(N_("Hors de la période demandée"), "money", "#value+budget+outside"),
    "no_period": Column(N_("Sans période"), "money", "#value+budget+undated"),
    "committed": Column(N_("Engagé"), "money", "#value+commitment"),
    "spent": Column(N_("Dépensé"), "money", "#value+spend"),
    "execution": Column(N_("Exécution (dépensé / engagé)"), "number", "#meta+execution"),
    "population": Column(N_("Population"), "count", "#population"),
    "population_year": Column(N_("Année de la population"), "number", "#date+population+year"),
    "per_head": Column(N_("Par habitant"), "number", "#value+budget+per_head"),
    "per_head_usd": Column(N_("Par habitant (USD)"), "number", "#value+budget+per_head+usd"),
    "rate_from": Column(N_("Taux de change du"), "date", "#date+rate+start"),
    "rate_low": Column(N_("Dollars par euro, au moins"), "number", "#value+rate+min"),
    "rate_high": Column(N_("Dollars par euro, au plus"), "number", "#value+rate+max"),
    "rate_to": Column(N_("Taux de change au"), "date", "#date+rate+end"),
    "share": Column(N_("Part dans la zone, dans la devise demandée"), "money", "#value+share"),
    "share_inherited": Column(N_("Dont périmètre"), "money", "#value+share+perimeter"),
    "dollars_per_euro": Column(N_("Dollars par euro"), "number", "#value+rate"),
    "rate_date": Column(N_("Taux de change du"), "date", "#date+rate"),
    "inherited_usd": Column(
        N_("Dont réparti sur le périmètre du document (USD)"), "money", "#value+budget+inherited"
    ),
    "target": Column(N_("Personnes visées"), "count", "#targeted"),
    "reached": Column(N_("Personnes atteintes"), "count", "#reached"),
    "target_once": Column(N_("Personnes visées, à additionner"), "count", "#targeted"),
    "reached_once": Column(N_("Personnes atteintes, à additionner"), "count", "#reached"),
    "people": Column(N_("Personnes atteintes, à défaut visées"), "count", "#reached+here"),
    "published_usd": Column(N_("Montant publié (USD)"), "money", "#value+published"),
    "need": Column(N_("Besoin"), "number", "#inneed"),
    "response": Column(N_("Réponse"), "number", "#reached"),
    "access": Column(N_("Accès"), "number", "#access"),
    "severity_max": Column(N_("Sévérité maximale"), "number", "#severity+max"),
    "severity_mean": Column(N_("Sévérité moyenne, au moins"), "number", "#severity+mean"),
    "severity_mean_population": Column(
        N_("Sévérité moyenne par habitant, au moins"), "number", "#severity+mean+population"
    ),
    "covered_share": Column(
        N_("Part de la superficie dite par ces faits"), "number", "#severity+covered"
    ),
    "activities_in_no_go": Column(
        N_("Activités en zone interdite"), "count", "#activity+num+no_go"
    ),
    "activities_partly_in_no_go": Column(
        N_("Activités dont une partie du lieu est zone interdite"),
        "count",
        "#activity+num+no_go+partly",
    ),
    "value": Column(N_("Valeur"), "number", "#severity+value"),
    "total": Column(N_("Sur un total de"), "number", "#meta+total"),
    "area_share": Column(N_("Part de l'unité couverte"), "number", "#meta+area_share"),
    "length_km": Column(N_("Longueur (km)"), "number", "#meta+length_km"),
    "score": Column(N_("Score"), "number", "#meta+score"),
    "rank": Column(N_("Rang"), "count", "#priority+rank"),
    "parts": Column(N_("Parts connues du score (sur 3)"), "count", "#meta+parts"),
    "need_as_of": Column(N_("Besoin au"), "date", "#date+inneed"),
    "need_since": Column(N_("Besoin depuis le"), "date", "#date+inneed+start"),
    "need_units_known": Column(N_("Unités dont le besoin est connu"), "count", "#inneed+known"),
    "need_units": Column(N_("Unités en tout"), "count", "#inneed+units"),
    "unmet": Column(N_("Besoin sans réponse (0 à 1)"), "number", "#inneed+unmet"),
    "response_ended": Column(N_("Dont réponses terminées"), "count", "#activity+num+ended"),
    "ended_days": Column(N_("Jours depuis la fin"), "count", "#meta+ended_days"),
    "activities_cancelled": Column(N_("Activités annulées"), "count", "#activity+num+cancelled"),
    "activities_suspended": Column(N_("Activités suspendues"), "count", "#activity+num+suspended"),
    "need_places": Column(N_("Lieux dont le besoin est la somme"), "count", "#meta+places"),
    "need_score": Column(N_("Besoin (0 à 1)"), "number", "#inneed+score"),
    "response_score": Column(N_("Réponse (0 à 1)"), "number", "#reached+score"),
    "access_mean": Column(N_("Accès, moyenne au moins"), "number", "#access+mean"),
    "access_score": Column(N_("Accès (0 à 1)"), "number", "#access+score"),
    "targeted": Column(N_("Personnes visées"), "count", "#targeted"),
    "budget_per_head": Column(N_("Budget par habitant (USD)"), "money", "#value+per_head"),
    "activities_current": Column(N_("Activités en cours"), "count", "#activity+num+current"),
    "activities_past": Column(N_("Activités passées"), "count", "#activity+num+past"),
    "activities_inherited": Column(
        N_("Activités au périmètre du document"), "count", "#activity+num+inherited"
    ),
    "presence": Column(N_("Organisations présentes"), "count", "#org+num"),
    "priorities": Column(N_("Priorités locales"), "count", "#priority+num"),
    "listed": Column(N_("Priorités publiées sans liste"), "count", "#priority+num+published"),
    "done": Column(N_("Activités achevées"), "count", "#activity+num+done"),
    "inside": Column(N_("Dans le périmètre du programme"), "flag", "#meta+inside"),
    "part": Column(N_("Zone en partie seulement"), "flag", "#meta+part"),
    "current": Column(N_("Activités en cours"), "count", "#activity+num+current"),
    "past": Column(N_("Activités terminées"), "count", "#activity+num+past"),
    "planned": Column(N_("Activités prévues"), "count", "#activity+num+planned"),
    "cancelled": Column(N_("Activités annulées"), "count", "#activity+num+cancelled"),
    "suspended": Column(N_("Activités suspendues"), "count", "#activity+num+suspended"),
    "possible": Column(N_("Activités placées plus largement"), "count", "#activity+num+wider"),
    "reported": Column(N_("Un rapport couvre la zone"), "flag", "#meta+reported"),
    "wider": Column(N_("Activités placées plus largement"), "flag", "#meta+wider"),
    "reporters": Column(N_("Qui doit rendre compte"), "count", "#meta+reporters"),
    "reporters_heard": Column(N_("Ont envoyé un rapport"), "count", "#meta+reporters+heard"),
    "reporters_told": Column(N_("Dont sur ce secteur"), "count", "#meta+reporters+told"),
    "need_expired": Column(N_("Besoin expiré le"), "date", "#date+inneed+expired"),
    "weight": Column(N_("Poids"), "count", "#meta+weight"),
    "lon": Column(N_("Longitude"), "degrees", "#geo+lon"),
    "lat": Column(N_("Latitude"), "degrees", "#geo+lat"),
    "start": Column(N_("Début"), "date", "#date+start"),
    "end": Column(N_("Fin"), "date", "#date+end"),
    "expires": Column(N_("Valable jusqu'au"), "date", "#date+expires"),
    "as_of": Column(N_("Situation au"), "date", "#date+reported"),
    "period_start": Column(N_("Période du"), "date", "#date+period+start"),
    "period_end": Column(N_("Période au"), "date", "#date+period+end"),
    "due": Column(N_("Échéance"), "date", "#date+due"),
    "reported_on": Column(N_("Rendu le"), "date", "#date+received"),
    "need_unknown": Column(N_("Besoin inconnu"), "flag", "#meta+need_unknown"),
    "stale": Column(N_("Périmé"), "flag", "#meta+stale"),
    "to_confirm": Column(N_("À confirmer"), "flag", "#meta+to_confirm"),
}

REPEATED: dict[str, Column] = {
    "target": Column(
        N_("Personnes visées, répétées sur chaque lieu"), "count", "#targeted+repeated"
    ),
    "reached": Column(
        N_("Personnes atteintes, répétées sur chaque lieu"), "count", "#reached+repeated"
    ),
}
"""Columns of figures of the whole activity in a table that has a row for each of its places."""

PREFIXES: dict[str, Column] = {
    "organisations_": Column(N_("Organisations : {what}"), "count", "#org+num+{what}", "org_types"),
    "items_": Column(
        N_("Publiées, non détaillées : {what}"),
        "count",
        "#activity+num+published+{what}",
        "sources",
    ),
    "cancelled_amount_": Column(N_("Annulé ({what})"), "money", "#value+cancelled+{what}"),
    "suspended_amount_": Column(N_("Suspendu ({what})"), "money", "#value+suspended+{what}"),
    "amount_": Column(N_("Montant ({what})"), "money", "#value+budget+reported+{what}"),
    "no_rate_": Column(N_("Sans taux de change ({what})"), "money", "#value+no_rate+{what}"),
}
"""Columns whose name ends in a currency or an id."""

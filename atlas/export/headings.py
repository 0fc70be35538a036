"""Words for the codes of columns that no vocabulary lists."""

from __future__ import annotations

from atlas.i18n import N_
from atlas.layers.no_go import WORDS as NO_GO_WORDS

WORDS: dict[str, dict[str, str]] = {
    "position": {"reported": N_("selon la source"), "unit": N_("point de l'unité")},
    "place_rule": {
        "reported": N_("selon la source"),
        "inherited": N_("périmètre du document"),
        "equal": N_("parts égales"),
        "population": N_("selon la population"),
    },
    "sensitivity": {
        "open": N_("ouverte"),
        "protection": N_("protection"),
        "coming_distribution": N_("distribution à venir ou en cours"),
    },
    "how": {
        "exact": N_("nom exact"),
        "alias": N_("autre nom connu"),
        "fuzzy": N_("nom proche"),
        "reviewed": N_("relecture"),
        "coordinates": N_("coordonnées"),
        "unit": N_("unité nommée"),
        "official": N_("limites officielles"),
        "indicative": N_("limites indicatives"),
        "nearest": N_("commune la plus proche"),
    },
    "state": {
        "covered": N_("couvert"),
        "partial": N_("partiel"),
        "gap": N_("lacune"),
        "active": N_("actif"),
        "reported_none": N_("néant déclaré"),
        "no_report": N_("aucun rapport"),
        "not_comparable": N_("non comparable"),
        "on_time": N_("rendu"),
        "late": N_("en retard"),
        "missing": N_("manque"),
        "expected": N_("attendu"),
        "past": N_("terminé seulement"),
        "planned": N_("prévu seulement"),
        "unclear": N_("à vérifier"),
        "unmapped": N_("sans secteur rattaché"),
        "not_meant": N_("non prévu ici"),
        "perimeter_undefined": N_("périmètre à définir"),
    },
    "component": {"_all": N_("Toutes activités"), "_total": N_("toutes")},
    "zone": {
        "inside": N_("dans le périmètre"),
        "outside": N_("hors du périmètre"),
        "unknown": N_("ne peut être dit"),
    },
    "class": {
        "access_priority": N_("priorité accès"),
        "nexus_priority": N_("priorité nexus"),
    },
    "measure": {
        "people": N_("personnes"),
        "activities": N_("activités"),
        "organisations": N_("organisations"),
    },
    "change": {
        "new": N_("nouvelle"),
        "ended": N_("terminée"),
        "extended": N_("prolongée"),
        "shortened": N_("écourtée"),
        "moved": N_("déplacée"),
        "amount": N_("montant changé"),
        "started": N_("commencée"),
        "suspended": N_("suspendue"),
        "cancelled": N_("annulée"),
        "resumed": N_("reprise"),
        "people": N_("personnes changées"),
        "gone": N_("n'est plus signalée"),
        "first_actor": N_("premier acteur"),
        "last_actor": N_("plus d'acteur"),
    },
    "severity": {
        "error": N_("erreur"),
        "warning": N_("à vérifier"),
        "info": N_("information"),
    },
    "kind": {
        "double_reporting": N_("double saisie"),
        "overlap": N_("chevauchement"),
        "access": N_("accès"),
        "security": N_("sécurité"),
    },
    "verdict": {
        "same": N_("la même, comptée une fois"),
        "different": N_("différentes"),
        "overlap_accepted": N_("chevauchement accepté"),
    },
    "no_go": dict(NO_GO_WORDS),
    "direction": {
        "higher_is_worse": N_("plus c'est haut, plus c'est grave"),
        "lower_is_worse": N_("plus c'est bas, plus c'est grave"),
    },
}

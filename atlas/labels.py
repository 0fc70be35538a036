"""The word of every code: one for the page, the exports and the terminal.

`WORDS` holds the codes of the model and of the answers, by what they are of; what the CSV
files of ``atlas/vocab`` list is read there. A code that has two forms has them side by side.
"""

from __future__ import annotations

from collections.abc import Mapping

from atlas import vocab
from atlas.i18n import N_, _
from atlas.vocab.indicators import RULES

UNKNOWN = "–"
"""What stands where a code or a figure is unknown: never a zero."""

Word = str | tuple[str, str]
"""A message id; or one for a cell and a list, and one where the word stands for itself."""

WORDS: Mapping[str, Mapping[str, Word]] = {
    "role": {
        "partner": N_("partenaire"),
        "editor": N_("éditeur"),
        "admin": N_("administrateur"),
    },
    "account_state": {
        "invited": N_("invité, sans mot de passe"),
        "open": N_("ouvert"),
        "closed": N_("fermé"),
    },
    "audit_act": {
        "signed_in": N_("s'est connecté"),
        "refused": N_("connexion refusée"),
        "signed_out": N_("s'est déconnecté"),
        "saw": N_("a vu"),
        "exported": N_("a téléchargé"),
        "invited": N_("a ouvert un compte"),
        "reset": N_("a donné un lien"),
        "password_chosen": N_("a choisi un mot de passe"),
        "role_changed": N_("a changé un rôle"),
        "closed": N_("a fermé un compte"),
        "decided": N_("a décidé"),
        "undone": N_("a annulé"),
        "published": N_("a publié"),
    },
    "round_act": {
        "open": N_("ouverture du tour"),
        "close": N_("clôture du tour"),
        "reopen": N_("réouverture du tour"),
    },
    "agenda": {  # what a point of the agenda of a meeting is about
        "action": N_("points d'action attendus"),
        "gap": N_("lacunes nouvelles ou nouvellement connues"),
        "duplicate": N_("doublons à trancher"),
        "silent": N_("partenaires silencieux"),
        "last_actor": N_("dernier acteur parti"),
        "ending": N_("ce qui finit, le besoin qui reste"),
        "priority": N_("priorités nouvelles"),
    },
    "meeting_act": {
        "open": N_("ouverture de la réunion"),
        "close": N_("clôture de la réunion"),
    },
    "state": {
        # of a need, and of a component of a programme, which no need is set against
        "covered": (N_("couvert"), N_("couvert, activité en cours")),
        "partial": N_("couverture partielle"),
        "gap": (N_("lacune"), N_("lacune, aucune activité signalée")),
        "past": N_("non couvert, activités terminées seulement"),
        "planned": N_("non couvert, activités prévues seulement"),
        "unclear": N_("à vérifier, activités placées plus largement"),
        "unmapped": N_("sans secteur rattaché"),
        "not_meant": N_("non prévu ici"),
        "perimeter_undefined": N_("périmètre à définir"),
        # without a need
        "active": N_("activités signalées"),
        "stopped": N_("activités annulées ou suspendues seulement"),
        "reported_none": N_("rien, selon les rapports reçus"),
        "no_report": N_("rapport manquant : on ne sait pas"),
        "no_data": N_("présence signalée, activités inconnues"),
        "not_comparable": N_("non comparable à ce niveau ou dans ce découpage"),
        "unanswered": N_("lacune : besoin connu, aucune réponse signalée"),
        "no_figure": N_("état connu, sans chiffre de ce genre"),
        "stale": N_("faits d'accès périmés, voir l'onglet Accès"),
        # of a report
        "on_time": N_("rendu"),
        "late": N_("en retard"),
        "missing": N_("manque"),
        "expected": N_("attendu"),
    },
    "class": {
        "access_priority": N_("priorité accès"),
        "nexus_priority": N_("priorité nexus"),
        "no_priority": N_("aucune des deux priorités"),
        "no_access": N_("accès inconnu, donc sans classe"),
    },
    "change": {
        "new": N_("nouvelle"),
        "started": N_("commencée"),
        "suspended": N_("suspendue"),
        "cancelled": N_("annulée"),
        "resumed": N_("reprise"),
        "ended": N_("terminée"),
        "extended": N_("prolongée"),
        "shortened": N_("écourtée"),
        "moved": N_("déplacée"),
        "amount": N_("montant changé"),
        "people": N_("personnes changées"),
        "gone": N_("n'est plus signalée"),
        "first_actor": N_("premier acteur"),
        "last_actor": N_("plus d'acteur"),
    },
    "kind": {  # of a pair, and of a fact of access; those of activities are in kinds.csv
        "double_reporting": N_("double saisie"),
        "overlap": N_("chevauchement"),
        "access": N_("contrainte d'accès"),
        "security": N_("zone de sécurité"),
    },
    "part": {  # of the quality of reports
        "complete": N_("secteur et statut connus"),
        "placed": N_("placées à la commune"),
        "dated": N_("début et fin connus"),
        "with_amount": N_("avec montant"),
        "with_people": N_("avec personnes"),
        "on_time": N_("rapports à l'heure"),
        "consistent": N_("cohérence avec le document d'avant"),
    },
    "verdict": {
        "same": N_("la même, comptée une fois"),
        "different": N_("différentes"),
        "overlap_accepted": N_("chevauchement accepté"),
    },
    "outcome": {
        "activity": N_("activités"),
        "folded": N_("regroupées"),
        "aggregate": N_("publiées, non détaillées"),
        "context": N_("contexte"),
        "rejected": N_("rejetées"),
        "ignored": N_("mises de côté"),
    },
    "severity": {
        "error": N_("erreur"),
        "warning": N_("à vérifier"),
        "info": N_("information"),
    },
    "subject": {
        "place": (N_("lieu"), N_("lieux")),
        "sector": (N_("secteur"), N_("secteurs")),
        "organisation": (N_("organisation"), N_("organisations")),
        "status": (N_("statut"), N_("statuts")),
    },
    "level": {
        "region": (N_("région"), N_("régions")),
        "cercle": (N_("cercle"), N_("cercles")),
        "commune": (N_("commune"), N_("communes")),
    },
    "frame": {
        "ml-2012": (N_("découpage de 2012"), N_("2012 · 8 régions + Bamako")),
        "ml-2016": (N_("découpage de 2016"), N_("2016 · 10 régions + Bamako")),
        "ml-2023": (N_("découpage de 2023"), N_("2023 · 19 régions + Bamako")),
    },
    "row": {  # beside the units
        "_national": (N_("Tout le pays"), N_("concerne tout le pays, sans lieu plus précis")),
        "_coarser": (
            N_("Niveau supérieur"),
            N_("placé au-dessus du niveau montré, sans plus de précision"),
        ),
        "_not_convertible": (
            N_("Non convertible"),
            N_("placé dans un autre découpage, que celui-ci ne permet pas de situer"),
        ),
        "_unplaced": (N_("Non placé"), N_("lieu inconnu")),
        "_perimeter": N_("Dans le périmètre, sans lieu plus précis"),
        "_outside": N_("Hors du périmètre"),
        "_undefined": N_("Périmètre à définir"),
    },
    "boundary": {
        "official": (N_("officielles"), N_("limite officielle, simplifiée")),
        "derived": (
            N_("dérivées des communes"),
            N_("limite dérivée des communes officielles"),
        ),
        "listed": (
            N_("d'après les communes de listes publiques"),
            N_("limite des communes que des listes publiques donnent à l'unité"),
        ),
        "estimated": (
            N_("estimées, en tirets"),
            N_("limite estimée : des communes y sont placées par déduction, non d'après une liste"),
        ),
        "indicative": (N_("limites indicatives (Natural Earth)"), N_("limite indicative")),
        "point": (N_("ronds"), N_("point dans l'unité, limite inconnue")),
        "none": N_("sans position connue, au tableau seulement"),
    },
    "viewer": {
        "public": N_("publique : région et cercle, rien de restreint"),
        "partner": N_("partenaires : à ne pas publier"),
        "editor": N_("éditeurs : tout le détail, à ne pas diffuser"),
    },
    "position": {"reported": N_("selon la source"), "unit": N_("point de l'unité")},
    "place_rule": {
        "reported": N_("selon la source"),
        "inherited": N_("périmètre du document"),
        "equal": N_("parts égales"),
        "population": N_("selon la population"),
    },
    "how": {  # of a place, and of a shape over a unit
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
    "sensitivity": {
        "open": N_("ouverte"),
        "protection": N_("protection"),
        "coming_distribution": N_("distribution à venir ou en cours"),
    },
    "no_go": {
        "inside": N_("en zone interdite"),
        "partly": N_("zone interdite dans une partie du lieu"),
        "cercle": N_("zone interdite dans le cercle"),
    },
    "direction": {
        "higher_is_worse": N_("plus c'est haut, plus c'est grave"),
        "lower_is_worse": N_("plus c'est bas, plus c'est grave"),
    },
    "measure": {
        "people": N_("personnes"),
        "activities": N_("activités"),
        "organisations": N_("organisations"),
    },
    "adding_rule": RULES,
    "route": {  # by whom an activity is delivered
        "_all": N_("toutes"),
        "local": N_("nationales ou locales, elles-mêmes"),
        "local_through": N_("nationales ou locales, par une organisation internationale"),
        "state": N_("l'État, lui-même"),
        "state_through": N_("l'État, par une organisation internationale"),
        "international": N_("internationales, aucun acteur national nommé"),
        "_unknown": N_("organisation inconnue ou de type inconnu"),
    },
    "distributor": {"state": N_("l'État"), "others": N_("d'autres")},
    "ends": {"ending": N_("bientôt"), "no_end": N_("fin non dite")},
    "remains": {  # who is at work in a zone and sector once something has ended
        "nobody": N_("personne"),
        "unsure": N_("peut-être quelqu'un"),
        "others": N_("d'autres organisations"),
    },
    "component": {"_all": N_("Toutes activités"), "_total": N_("toutes")},
    "zone": {
        "inside": N_("dans le périmètre"),
        "outside": N_("hors du périmètre"),
        "unknown": N_("sans lieu qui permette de le dire"),
    },
    "sector": {"": N_("tous secteurs")},  # of a need or a report of all of them
    "by_sector": {"_unknown": N_("Secteur inconnu")},
    "by_unit": {},  # a unit is the row itself
    "by_donor": {
        "_unknown": N_("Bailleur inconnu"),
        "_joint": N_("Plusieurs bailleurs ensemble"),
    },
    "by_org": {
        "_unknown": N_("Organisation inconnue"),
        "_joint": N_("Plusieurs organisations ensemble"),
    },
    "by_year": {
        "_undated": N_("Sans période"),
        "_open": N_("Début ou fin inconnus"),
        "_outside": N_("Hors de la période demandée"),
    },
    "reader": {  # those that are no source of activities
        "iati": N_("IATI"),
        "exchange": N_("Export de l'atlas"),
        "form": N_("Formulaire de rapport"),
        "bulletin": N_("Bulletin"),
        "study": N_("Étude"),
        "context": N_("Table de contexte"),
        "entry": N_("Saisie dans la page"),
        "sample": N_("Exemple"),
    },
    "phase": {
        "": N_("En attente de lecture"),
        "opening": N_("Ouverture du fichier"),
        "columns": N_("Recherche du tableau et de ses colonnes"),
        "rows": N_("Lecture des lignes"),
        "checking": N_("Contrôle des totaux"),
        "comparing": N_("Comparaison avec ce qui est publié"),
    },
    "column_read": {  # how it is known what a column means
        "said": N_("votre réponse"),
        "tag": N_("balise HXL"),
        "heading": N_("en-tête connu"),
        "content": N_("d'après son contenu"),
    },
    "column_unread": {  # why it means nothing
        "column_unknown": N_("inconnue, à préciser"),
        "column_ignored": N_("non utilisée"),
        "column_twice": N_("en double, laissée de côté"),
        "personal_data_dropped": N_("données personnelles non gardées"),
    },
}

_LISTED = {
    "reader": "sources",
    "sector": "sectors",
    "by_sector": "sectors",
    "by_donor": "organisations",
    "by_org": "organisations",
}
"""Where the other codes of a kind are: a vocabulary."""


def label(kind: str, code: str | None, *, full: bool = False) -> str:
    """The word of a code in the language in force; of a code that nothing lists, the code.

    Parameters
    ----------
    kind
        What the code is of: a key of `WORDS`, or a vocabulary (`atlas.vocab.VOCABULARIES`).
    full
        The second form, of a code that has two: the plural, or what stands alone.

    Raises
    ------
    KeyError
        No such kind.

    Examples
    --------
    >>> label("state", "gap"), label("level", "cercle", full=True), label("sectors", "health")
    ('lacune', 'cercles', 'Santé')
    """
    words = {} if kind in vocab.VOCABULARIES else WORDS[kind]
    word = words.get(code or "")
    if word is not None:
        return _(word[full] if isinstance(word, tuple) else word)
    if not code:
        return UNKNOWN
    listed = _LISTED.get(kind, kind)
    return vocab.entry_label(listed, code) if listed in vocab.VOCABULARIES else code


def words_of(kind: str) -> dict[str, str]:
    """Code → word of all the codes of a kind of `WORDS`."""
    return {code: label(kind, code) for code in WORDS[kind]}


def capitalised(words: str) -> str:
    """The same, as the beginning of a line.

    Examples
    --------
    >>> capitalised(label("state", "no_report"))
    'Rapport manquant : on ne sait pas'
    """
    return words[:1].upper() + words[1:]

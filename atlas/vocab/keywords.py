"""What the words of an activity point to: a sector, protection, a distribution."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta
from functools import cache

from atlas.caches import text_cache
from atlas.vocab.codelists import entries_by_id, normalised_text, vocabulary_rows
from atlas.vocab.matching import VocabularyMatch, vocabulary_index

_GOODS = (
    r"\b(?:kits?|nfis?|ames?|vivres|non[- ]vivres|moustiquaires?|milda|b[âa]ches?|couvertures?"
    r"|nattes?|savons?|seaux?|semences?|intrants?|engrais|tentes?|abris|articles?|m[ée]dicaments?|vaccins?"
    r"|atpe|plumpy\w*|riz|c[ée]r[ée]ales|farines?|huile|aliments?|b[ée]tail|animaux|ch[èe]vres?"
    r"|caprins?|ovins?|volailles?|mat[ée]riels?|[ée]quipements?|fournitures|manuels|argent|cash"
    r"|non[- ]food|nets|blankets|seeds|tents|tarpaulins?)\b"
)
"""What people are given. Words between are those of one sentence: no ``.`` or ``;``."""

HANDED_OUT = (
    r"(?i)\bcash\b|distribution|distribu[eé]|\bdistributed?\b|\bvivres\b|\brations?\b"
    r"|\bdenr[eé]es\b|(?:assistance|aide|food) (?:alimentaire|assistance|aid)\b|\bvouchers?\b"
    r"|\bcoupons?\b|\bbons? d['’ ]achats?\b|transferts? (?:mon[eé]taire|d['’ ]argent|en esp[eè]ces)"
    r"|\besp[eè]ces\b"
    r"|\b(?:remises?|octrois?|dotations?|livraisons?|fournitures?|dons?|provision|delivery)\b"
    rf"[^.;\n]{{0,40}}{_GOODS}|\b(?:assistances?|appuis?|aides?) (?:en |aux? )?[^.;\n]{{0,10}}"
    r"\b(?:nfis?|ames?|kits?|vivres|b[âa]ches?|moustiquaires?|semences?|intrants?)\b"
    r"|\blivraisons?\b[^.;\n]{0,60}\b(?:aux?|à|dans) (?:[\w'’-]+ ){0,2}"
    r"(?:cs[- ]?coms?|csr[ée]f|centres? de sant[ée]|postes? de sant[ée]|h[ôo]pita(?:l|ux)"
    r"|[ée]coles?)"
    r"|\b(?:paiements?|versements?|payments?)\b[^.;\n]{0,40}\b(?:filets? socia|allocations?\b"
    r"|b[ée]n[ée]ficiaires?\b|m[ée]nages\b|transferts?\b|safety nets?\b)"
)
"""What counts as handing out. Rather too wide than too narrow: what it hides, editors see."""

OF_NETWORKS = (
    r"(?i)(?:r[eé]seaux?|syst[eè]mes?|postes?|lignes?|points?|bornes?|canaux|canal) de distribution"
    r"|distribution (?:d['’ ]eau|d['’ ]?[eé]lectri\w+|d['’ ][eé]nergie|de courant|de l['’ ]eau)"
    r"|distribution (?:networks?|systems?|lines?)|esp[eè]ces (?:animales|v[eé]g[eé]tales|locales)"
    r"|remises? (?:en (?:[ée]tat|service|marche|place|fonction\w*|eau|culture|cause)"
    r"|à (?:niveau|neuf|jour))|dotations? budg[ée]taires?"
    r"|(?:paiements?|versements?) (?:des?|du|d['’])(?: |l['’ ])?"
    r"(?:salaires?|primes?|factures?|loyers?)"
)
"""What the same words say of water, power, plants, repairs and wages: taken out first."""

OPEN_ENDED = timedelta(days=365)
"""How long after its start a distribution that gives no end is not called over."""

_HANDED_STEMS = (
    *("cash", "distribu", "vivres", "ration", "denr", "alimentaire", "assistance", "aid"),
    *("voucher", "coupon", "achat", "transfert", "esp", "remise", "octroi", "dotation"),
    *("livraison", "fourniture", "don", "provision", "delivery", "appui", "paiement"),
    *("versement", "payment"),
)
"""One of these stands, in small letters, in all that `HANDED_OUT` finds: looked for first."""
_NETWORK_STEMS = ("distribution", "esp", "remise", "dotation", "paiement", "versement")
"""As `_HANDED_STEMS`, of all that `OF_NETWORKS` finds."""
_HANDED_OUT, _OF_NETWORKS = re.compile(HANDED_OUT), re.compile(OF_NETWORKS)


def is_distribution(*texts: str | None) -> bool:
    """Whether the words of an activity speak of handing out cash, food, vouchers or goods.

    Examples
    --------
    >>> is_distribution("Distribution de vivres"), is_distribution("Transferts monétaires")
    (True, True)
    >>> is_distribution("Remise de kits"), is_distribution("Remise en état du matériel")
    (True, False)
    >>> is_distribution("Réhabilitation du réseau de distribution d'eau")
    False
    """
    words = " ".join(text for text in texts if text)
    small = words.casefold()
    if not any(map(small.__contains__, _HANDED_STEMS)):
        return False
    if any(map(small.__contains__, _NETWORK_STEMS)):
        words = _OF_NETWORKS.sub(" ", words)
    return _HANDED_OUT.search(words) is not None


OF_ABUSE = (
    r"(?i)\b(?:vbg|gbv|psea|eafga)\b|bas[ée]es? sur le genre|gender[- ]based"
    r"|\bsurvivant|\bsurvivors?\b"
    r"|\bviol(?:s|[ée]e?s?)?\b|violences? (?:faites? aux|contre les|envers les) (?:femmes|filles)"
    r"|(?:violences?|exploitations?|abus|agressions?)\b[^.;\n]{0,25}\bsexuel"
    r"|\bsexual (?:and gender|violence|abuse|exploitation|assault)"
    r"|\benfants?,? (?:[\w'’()-]+ ){0,2}(?:associ[ée]|soldats?\b)|\bchild soldiers?"
    r"|\bchild(?:ren)? associated"
    r"|\btra(?:ite|fic) (?:des |d['’ ]|de )(?:personnes?|[êe]tres? humains?|enfants?|femmes|filles)"
    r"|(?:victimes de|contre|formes de) la traite\b|victimes de traite\b|human trafficking"
    r"|mutilations? g[ée]nitales?|\bexcision|mariages? (?:forc[ée]|pr[ée]coce|d['’ ]enfants?)"
)
"""Violence against persons, whatever the sector. Rather too wide: what it hides, editors see."""

IN_WORDS = r"(?i)\bprotection\b"
"""Words of protection where no one sector is known."""

OF_OTHERS = (
    r"(?i)protection (?:sociale|civile|social|civil|de l['’ ]environnement|des v[ée]g[ée]taux)"
)
"""What the same word says of others: taken out before `IN_WORDS` is looked for."""

STEMS = (
    *("vbg", "gbv", "psea", "eafga", "sur le genre", "gender", "surviv", "viol", "sexu"),
    *("associé", "associe", "associated", "soldat", "soldier", "traite d", "la traite"),
    *("de traite", "trafic d", "trafficking", "génital", "genital", "excision", "mariage"),
)
"""One of these stands, in small letters, in all that `OF_ABUSE` finds: looked for first."""

_OF_ABUSE = re.compile(OF_ABUSE)


def speaks_of_abuse(*texts: str | None) -> bool:
    """Whether the words of an activity speak of violence or exploitation of persons.

    Examples
    --------
    >>> speaks_of_abuse("Soins aux survivantes"), speaks_of_abuse("Lutte contre la traite")
    (True, True)
    >>> speaks_of_abuse("Protection sociale"), speaks_of_abuse("Salle de traite du lait")
    (False, False)
    """
    words = " ".join(text for text in texts if text)
    small = words.lower()
    return any(map(small.__contains__, STEMS)) and _OF_ABUSE.search(words) is not None


ENOUGH_VOTES = 3
VOTE_MARGIN = 1


def infer_sector(text: str | None) -> VocabularyMatch:
    """Sector that the words of a text speak for, with ``how="keyword"``.

    Parameters
    ----------
    text
        Title and description of an activity, in French or English.

    Returns
    -------
    VocabularyMatch
        ``score`` is the part of the evidence that is for the sector; without an id,
        ``near`` lists the sectors that were in question.

    Examples
    --------
    >>> infer_sector("Réaliser 6 forages").id, infer_sector("Atelier de lancement").id
    ('wash', None)
    """
    return _inferred_sector(normalised_text(text or ""))


@text_cache(16384)
def _inferred_sector(text: str) -> VocabularyMatch:
    votes = _sector_votes(text)
    if not votes:
        return VocabularyMatch(None)
    ranked = sorted(votes, key=lambda sector: (-votes[sector], sector))
    best, first = votes[ranked[0]], ranked[0]
    second = votes[ranked[1]] if len(ranked) > 1 else 0
    if best < ENOUGH_VOTES or best - second < VOTE_MARGIN:
        return VocabularyMatch(None, None, 0.0, tuple(ranked[:3]))
    return VocabularyMatch(first, "keyword", round(best / sum(votes.values()), 4))


def _sector_votes(text: str) -> dict[str, int]:
    """Weight of each sector; a rule counts once, a word inside a longer phrase does not.

    The name of an organisation says nothing of what is done (``Eau Vive``, ``Santé Sud``).
    """
    votes: dict[str, int] = defaultdict(int)
    taken = [False] * len(text)
    for pattern, sector, weight in _sector_rules():
        found = [m for m in pattern.finditer(text) if not any(taken[m.start() : m.end()])]
        if found and sector:
            votes[sector] += weight
        for m in found:
            taken[m.start() : m.end()] = [True] * (m.end() - m.start())
    return dict(votes)


def _organisation_pattern() -> re.Pattern[str]:
    """Names of several words of organisations; that of a public service tells its field."""
    listed = entries_by_id("organisations")
    names = (
        name
        for name, entry in vocabulary_index("organisations").known_spellings.items()
        if " " in name and listed[entry]["type"] != "government"
    )
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


@cache
def _sector_rules() -> tuple[tuple[re.Pattern[str], str, int], ...]:
    """Rules with the longest phrases first; a rule without sector only takes its words, as that
    of the names of organisations does before all."""
    listed = sorted(
        vocabulary_rows("sector_words"), key=lambda row: (-len(row["words"]), row["words"])
    )
    rules = ((_phrase_pattern(r["words"]), r["sector"], int(r["weight"])) for r in listed)
    return ((_organisation_pattern(), "", 0), *rules)


def _phrase_pattern(words: str) -> re.Pattern[str]:
    parts = [
        re.escape(normalised_text(word)) + ("[a-z0-9]*" if word.endswith("*") else "")
        for word in words.split()
    ]
    return re.compile(r"\b" + " ".join(parts) + r"\b")


NEW_PEOPLE = r"\b(?:oui|yes|new|nouve(?:au|aux|lle|lles)|unique|1ere fois|first)\b"
COUNTED_BEFORE = (
    r"\b(?:non?|existing|repeat(?:ed)?|recurrents?|anciens?|deja|already|continu(?:ing|ed)?)\b"
)
"""What a partner writes (folded) in a column of new beneficiaries; both say nothing."""

"""Words that say that cash, food, vouchers or goods are handed out.

One list of patterns for Python and for polars, so that an activity is judged the same at
ingest and in tables that were made before it was marked.
"""

from __future__ import annotations

import re
from datetime import timedelta

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
    return _HANDED_OUT.search(_OF_NETWORKS.sub(" ", words)) is not None

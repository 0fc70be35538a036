"""Words that say that cash, food or vouchers are handed out.

One list of patterns for Python and for polars, so that an activity is judged the same at
ingest and in tables that were made before it was marked.
"""

from __future__ import annotations

import re
from datetime import timedelta

from atlas.patterns import lazy_pattern

HANDED_OUT = (
    r"(?i)\bcash\b|distribution|distribu[eé]|\bdistributed?\b|\bvivres\b|\brations?\b"
    r"|\bdenr[eé]es\b|(?:assistance|aide|food) (?:alimentaire|assistance|aid)\b|\bvouchers?\b"
    r"|\bcoupons?\b|\bbons? d['’ ]achats?\b|transferts? (?:mon[eé]taire|d['’ ]argent|en esp[eè]ces)"
    r"|\besp[eè]ces\b"
)
"""What counts as handing out. Rather too wide than too narrow: what it hides, editors see."""

OF_NETWORKS = (
    r"(?i)(?:r[eé]seaux?|syst[eè]mes?|postes?|lignes?|points?|bornes?|canaux|canal) de distribution"
    r"|distribution (?:d['’ ]eau|d['’ ]?[eé]lectri\w+|d['’ ][eé]nergie|de courant|de l['’ ]eau)"
    r"|distribution (?:networks?|systems?|lines?)|esp[eè]ces (?:animales|v[eé]g[eé]tales|locales)"
)
"""What the same words say of water, power and plants: taken out before anything is looked for."""

OPEN_ENDED = timedelta(days=365)
"""How long after its start a distribution that gives no end is not called over."""

_HANDED_OUT, _OF_NETWORKS = re.compile(HANDED_OUT), lazy_pattern(OF_NETWORKS)


def is_distribution(*texts: str | None) -> bool:
    """Whether the words of an activity speak of handing out cash, food or vouchers.

    Examples
    --------
    >>> is_distribution("Distribution de vivres"), is_distribution("Transferts monétaires")
    (True, True)
    >>> is_distribution("Réhabilitation du réseau de distribution d'eau")
    False
    """
    words = " ".join(text for text in texts if text)
    return _HANDED_OUT.search(_OF_NETWORKS.sub(" ", words)) is not None

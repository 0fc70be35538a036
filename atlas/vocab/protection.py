"""Words that say that an activity is one of protection.

One list of patterns for Python and for polars, so that an activity is judged the same at
ingest and in tables that were made before it was marked.
"""

from __future__ import annotations

import re

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
    return any(stem in small for stem in STEMS) and _OF_ABUSE.search(words) is not None

"""What a figure of an activity counts, and how figures of one indicator add up.

``indicators.csv`` holds both as data: the words by which lists name what they count
(``counted_words``, patterns of folded words), and the rules over places and over periods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from atlas.caches import text_cache
from atlas.i18n import N_
from atlas.vocab.codelists import entries_by_id, normalised_text, vocabulary_rows

OTHER = "other-quantity"
"""Indicator of what no other entry names."""
SUM, MAXIMUM, LATEST, NONE = "sum", "maximum", "latest", "none"
RULES: Mapping[str, str] = {
    SUM: N_("la somme"),
    MAXIMUM: N_("le plus grand"),
    LATEST: N_("le dernier"),
    NONE: N_("aucun : ne s'additionne pas"),
}
"""How several figures of one indicator make one."""


class AddingRule(NamedTuple):
    """The rules of `RULES` by which figures of an indicator make one."""

    over_places: str
    over_periods: str


def adding_rule(indicator: str) -> AddingRule:
    """How figures of an indicator add up over places and over periods.

    Examples
    --------
    >>> adding_rule("beneficiaries"), adding_rule("kits").over_periods
    (AddingRule(over_places='sum', over_periods='maximum'), 'sum')
    """
    row = entries_by_id("indicators")[indicator]
    return AddingRule(row["over_places"], row["over_periods"])


def activity_indicators() -> tuple[str, ...]:
    """Ids of what figures of activities count, people first."""
    return tuple(row["id"] for row in vocabulary_rows("indicators") if row["of"] == "activities")


@text_cache(4096)
def counted_indicator(words: str) -> str | None:
    """What the words of an indicator, a unit or a heading count; ``None`` where they do not say.

    What is counted stands first: "Nombre de ménages ayant reçu des kits" counts households. A
    share or a rate is a quantity of no kind that adds up.

    Examples
    --------
    >>> counted_indicator("Nombre de forages réhabilités"), counted_indicator("Litres d'eau")
    ('water-points', 'water-litres')
    >>> counted_indicator("Nombre de personnes ayant accès à un forage")
    'beneficiaries'
    >>> counted_indicator("Quantité d'eau (litres)"), counted_indicator("Appui")
    ('water-litres', None)
    >>> counted_indicator("% de ménages satisfaits")
    'other-quantity'
    """
    if _SHARE.search(words):
        return OTHER
    found = _counted_words().search(normalised_text(words))
    return _ids_of_groups()[int(found.lastgroup[1:])] if found and found.lastgroup else None


_SHARE = re.compile(
    r"%|\b(?:taux|pourcentage|proportion|part des|percent\w*|rate)\b"
    r"|(?:\b(?:par|per)|/) ?"
    r"(?:pers(?:onn?e?)?|jour|day|hab(?:itant)?|m[ée]nage|household|capita)\b",
    re.IGNORECASE,
)
"""Shares, and rates ("litres par personne et par jour")."""


@cache
def _ids_of_groups() -> tuple[str, ...]:
    return tuple(row["id"] for row in vocabulary_rows("indicators") if row["counted_words"])


@cache
def _counted_words() -> re.Pattern[str]:
    """One pattern of all words, a group for each of `_ids_of_groups`."""
    listed = entries_by_id("indicators")
    parts = (
        rf"(?P<i{n}>\b(?:{listed[one]['counted_words']})\b)"
        for n, one in enumerate(_ids_of_groups())
    )
    return re.compile("|".join(parts))

"""Titles that are the name of a facility and nothing else: its kind and its own name.

Lists of facilities give a name and a place. "CSCOM de Dourou" and "Centre de santé
communautaire Dourou" are one, the CSRéf of Dourou is another: such titles are compared by kind
(``vocab/facility_kinds.csv``) and by own name, not by the words they have in common.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import polars as pl
from rapidfuzz import fuzz, process

from atlas.geo.sounds import skeleton
from atlas.layers.pairing.texts import is_listed
from atlas.vocab.tables import rows

MOST_WORDS = 4
"""Words an own name has at most: more are a sentence."""
LONGEST = 100
"""Letters of a title that may be a name."""
NOT_NUMBERED = 10.0
"""Points taken from the likeness (0 to 100) where one name alone has a number."""
_LINKS = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "of", "a", "au"})
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_FIRST = 3
"""Sounds of an own name that two spellings of it share more often than not."""


class Facility(NamedTuple):
    """The kind of a facility and its own name, the number at its end apart."""

    kind: str
    name: str
    number: str


def facilities(texts: pl.Series) -> pl.DataFrame:
    """The facilities that some distinct titles name.

    Parameters
    ----------
    texts
        Titles, folded.

    Returns
    -------
    polars.DataFrame
        ``kind, own, number, heard``, a row for each title; null where it is no facility's name.
    """
    plain = texts.str.replace_all("[^a-z0-9]+", " ").str.strip_chars(" ")
    words = f"(?:{_words()})"
    maybe = (texts.str.len_bytes() <= LONGEST) & plain.str.contains(rf"^{words}\b|\b{words}$")
    told = [facility(text) if some else None for text, some in zip(plain, maybe, strict=True)]
    return pl.DataFrame(
        {
            "kind": [one.kind if one else None for one in told],
            "own": [one.name if one else None for one in told],
            "number": [one.number if one else None for one in told],
            "heard": [skeleton(one.name) if one else None for one in told],
        },
        schema=dict.fromkeys(("kind", "own", "number", "heard"), pl.String),
    )


def facility(text: str) -> Facility | None:
    """The facility that a folded title of few letters names, if it names nothing else.

    Examples
    --------
    >>> facility("c.s.com. de dourou 2")
    Facility(kind='community-health-centre', name='dourou', number='2')
    >>> facility("rehabilitation du cscom de dourou") is None
    True
    """
    plain = " ".join(re.findall(r"[a-z0-9]+", text))
    kinds = {_kinds()[match[1]] for match in _pattern().finditer(plain)}
    if len(kinds) != 1:
        return None
    rest = [word for word in _pattern().sub(" ", plain).split() if word not in _LINKS]
    number = ""
    if len(rest) > 1 and (rest[-1].isdigit() or rest[-1] in _ROMAN):
        number = _ROMAN.get(rest[-1], rest[-1])
        rest = rest[:-1]
    if not 1 <= len(rest) <= MOST_WORDS or any(word.isdigit() or is_listed(word) for word in rest):
        return None
    return Facility(kinds.pop(), "".join(rest), number)


def own_names(one: pl.DataFrame, two: pl.DataFrame) -> pl.Series:
    """How alike the facilities of titles side by side are, 0 to 100; null where one is none."""
    letters, sounds = (
        pl.Series(
            process.cpdist(
                one[column].fill_null("").to_list(),
                two[column].fill_null("").to_list(),
                scorer=fuzz.ratio,
            ),
            dtype=pl.Float64,
        )
        for column in ("own", "heard")
    )
    sides = one.hstack(two.rename(lambda c: f"{c}_b"))
    numbered = (pl.col("number") != "") & (pl.col("number_b") != "")
    apart = (pl.col("kind") != pl.col("kind_b")) | (
        numbered & (pl.col("number") != pl.col("number_b"))
    )
    one_alone = (pl.col("number") != pl.col("number_b")).cast(pl.Float64)
    alike = pl.max_horizontal("letters", "sounds") - NOT_NUMBERED * one_alone
    return (
        sides.with_columns(letters.alias("letters"), sounds.alias("sounds"))
        .select(
            pl.when(pl.col("kind").is_null() | pl.col("kind_b").is_null())
            .then(None)
            .when(apart)
            .then(0.0)
            .otherwise(alike.clip(0, 100))
        )
        .to_series()
    )


def marks(told: pl.DataFrame) -> pl.DataFrame:
    """``title, value``: what two tellings of a facility share: its kind, its sound, both."""
    named = told.with_row_index("title").filter(pl.col("kind").is_not_null())
    kinds = (
        pl.col("kind"),
        pl.concat_str("kind", pl.col("heard").str.head(_FIRST), separator=" "),
        pl.concat_str("kind", "heard", separator="  "),
    )
    every = pl.concat([named.select("title", value=kind) for kind in kinds])
    return every.with_columns(pl.col("value").rank("dense").cast(pl.UInt32))


@cache
def _kinds() -> dict[str, str]:
    """Words of a kind, folded → the kind."""
    listed = rows("facility_kinds")
    return {words: row["kind"] for row in listed for words in row["words"].split("|")}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"\b({_words()})\b")


@cache
def _words() -> str:
    """Any words of a kind, the longest first."""
    return "|".join(sorted(_kinds(), key=len, reverse=True))

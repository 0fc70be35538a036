"""What titles say: words as concepts of either language, figures, and which phase of a work.

A title is compared by what it names, not by its spelling: *réhabiliter*, *réhabilitation* and
*rehabilitation* are one concept (``vocab/title_words.csv``, with how much each tells), and a
word outside the list stands for itself, without its ending.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import polars as pl

from atlas.vocab.tables import rows

SMALLEST_FIGURE = 10
STEM = 7
"""Letters kept of a word that the vocabulary does not list: endings change with the grammar."""

_YEARS = range(1990, 2041)
_STOP = "stop"
_TOKEN = r"[a-z]{2,}|\d+"
_PART = (
    r"(\b(?:phase|lot|tranche|volet|partie|part|etape|stage|round|batch)s?\s*"
    r"(?:n[o°]?\s*)?(?:\d{1,2}|[ivx]{1,4})\b)"
)
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
}


def folded(titles: pl.Series) -> pl.Series:
    """Titles in small letters, without accents, thousands written together.

    Examples
    --------
    >>> folded(pl.Series(["Équiper 7 000 élèves"])).to_list()
    ['equiper 7000 eleves']
    """
    plain = (
        titles.fill_null("")
        .str.to_lowercase()
        .str.replace_all("œ", "oe", literal=True)
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
    )
    for _pass in range(2):  # a figure of millions has two gaps, and matches never overlap
        plain = plain.str.replace_all(r"(\d)[\s.\u202f\u00a0](\d{3})\b", "$1$2")
    return plain


class Spoken(NamedTuple):
    """What some titles say.

    Attributes
    ----------
    text
        The titles, folded.
    words
        ``title`` (number of the title)``, word``: concepts, once each.
    figures
        ``title, figure``: counts of people or things, never years.
    part
        Which phase or lot of a work each is about; null when it does not say.
    """

    text: pl.Series
    words: pl.DataFrame
    figures: pl.DataFrame
    part: pl.Series


def spoken(titles: pl.Series) -> Spoken:
    """What each of some distinct titles says.

    Examples
    --------
    >>> said = spoken(pl.Series(["Équiper 2 CSCOMs pour 7 000 habitants, phase II (2017)"]))
    >>> sorted(said.words["word"]), said.figures["figure"].to_list(), said.part.to_list()
    (['community', 'equip', 'health-centre', 'ii', 'phase'], [7000], [2])
    """
    plain = folded(titles)
    tokens = pl.DataFrame({"token": plain.str.extract_all(_TOKEN)}).with_row_index("title")
    every = tokens.explode("token", empty_as_null=True).drop_nulls()
    known = every.select(pl.col("token").unique(maintain_order=True))
    known = known.with_columns(
        pl.Series("word", [concept(t) for t in known["token"]], dtype=pl.String),
        pl.Series("figure", [_figure(t) for t in known["token"]], dtype=pl.Int64),
    )
    told = every.join(known, on="token")
    part = pl.DataFrame({"part": plain.str.extract(_PART)}).with_row_index("title").drop_nulls()
    numbers = part.with_columns(pl.col("part").map_elements(_number, return_dtype=pl.Int64))
    everyone = tokens.select("title").join(numbers, on="title", how="left", maintain_order="left")
    return Spoken(
        plain,
        told.select("title", "word").drop_nulls().unique(),
        told.select("title", "figure").drop_nulls().unique(),
        everyone["part"],
    )


@cache
def concept(token: str) -> str | None:
    """What a folded word stands for; None for one that says nothing, or a number.

    Examples
    --------
    >>> concept("formations"), concept("training"), concept("dourou"), concept("les")
    ('train', 'train', 'dourou', None)
    """
    if token.isdigit():
        return None
    exact, stems = _listed()
    found = exact.get(token)
    if found is None:
        found = next((stems[token[:n]] for n in range(len(token), 2, -1) if token[:n] in stems), "")
    if found == _STOP:
        return None
    return found or _singular(token)[:STEM]


@cache
def is_listed(token: str) -> bool:
    """Whether the vocabulary has a folded word that says something: it is then no name.

    Examples
    --------
    >>> is_listed("construire"), is_listed("dourou"), is_listed("et")
    (True, False, False)
    """
    exact, stems = _listed()
    listed = token in exact or any(token[:n] in stems for n in range(3, len(token) + 1))
    return listed and exact.get(token) != _STOP


@cache
def loudness() -> dict[str, float]:
    """How much a listed concept tells, from 0 to 1; a word that is not listed tells 1."""
    return {row["concept"]: float(row["weight"]) for row in rows("title_words")}


@cache
def _listed() -> tuple[dict[str, str], dict[str, str]]:
    exact, stems = {}, {}
    for row in rows("title_words"):
        for word in row["words"].split("|"):
            if word.endswith("*"):
                stems[word[:-1]] = row["concept"]
            else:
                exact[word] = row["concept"]
    return exact, stems


def _figure(token: str) -> int | None:
    if not token.isdigit() or len(token) >= 10:
        return None
    number = int(token)
    return number if number >= SMALLEST_FIGURE and number not in _YEARS else None


def _number(part: str) -> int | None:
    last = re.findall(r"\d+|[ivx]+$", part)
    return None if not last else int(last[-1]) if last[-1].isdigit() else _ROMAN.get(last[-1])


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word

"""What titles say: words as concepts of either language, figures, and which phase of a work.

A title is compared by what it names, not by its spelling: *réhabiliter*, *réhabilitation* and
*rehabilitation* are one concept (``vocab/title_words.csv``, with how much each tells), and a
word outside the list stands for itself, without its ending.
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from atlas.vocab.tables import rows

SMALLEST_FIGURE = 10
STEM = 7
"""Letters kept of a word that the vocabulary does not list: endings change with the grammar."""

_YEARS = range(1990, 2041)
_STOP = "stop"
_TOKEN = r"[a-z]{2,}|\d+"
_PART = (
    r"\b(?:phase|lot|tranche|volet|partie|part|etape|stage|round|batch)s?\s*"
    r"(?:n[o°]?\s*)?(?:\d{1,2}|[ivx]{1,4})\b"
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


def spoken(titles: pl.Series) -> pl.DataFrame:
    """What each title says, one row a title.

    Parameters
    ----------
    titles
        Distinct titles.

    Returns
    -------
    polars.DataFrame
        ``words`` (concepts in their order)``, figures`` (counts of people or things, never
        years)``, part`` (which phase or lot of a work, null when it does not say).

    Examples
    --------
    >>> spoken(pl.Series(["Équiper 2 CSCOMs pour 7 000 habitants, phase II (2017)"])).row(0)
    (['equip', 'health-centre', 'community', 'phase', 'ii'], [7000], 2)
    """
    plain = folded(titles)
    tokens = plain.str.extract_all(_TOKEN)
    told = pl.DataFrame({"token": tokens.explode(empty_as_null=True).unique().drop_nulls()})
    words = [concept(t) for t in told["token"]]
    numbers = [_figure(t) for t in told["token"]]
    known = told.with_columns(
        pl.Series("words", words, dtype=pl.String), pl.Series("figures", numbers, dtype=pl.Int64)
    )
    rows_of = pl.DataFrame({"token": tokens}).with_row_index("title")
    said = (
        rows_of.explode("token", empty_as_null=True)
        .join(known, on="token", how="left", maintain_order="left")
        .group_by("title", maintain_order=True)
        .agg(pl.col("words").drop_nulls(), pl.col("figures").drop_nulls().unique().sort())
    )
    part = plain.str.extract_all(_PART).list.first()
    return said.select(
        "words", "figures", part.map_elements(_number, return_dtype=pl.Int64).alias("part")
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

"""Groups of people that the words of a cell or heading name: displaced, women, everyone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from atlas.ingest.folding import fold


class Group(NamedTuple):
    """What the words of a cell say of a group.

    Attributes
    ----------
    words
        As written; "" for everyone.
    breakdown
        By what it is told apart: ``status``, ``sex``, ``age``, or "" where that is not known.
    is_part
        It says of itself that it is a part of a whole: "dont PDI".
    """

    words: str
    breakdown: str
    is_part: bool = False


@cache
def _config() -> Mapping[str, Any]:
    """``groups.toml``."""
    return tomllib.loads(Path(__file__).with_name("groups.toml").read_text("utf-8"))


@lru_cache(maxsize=4096)
def group_of(words: str) -> Group:
    """The group that some words name.

    Examples
    --------
    >>> group_of("PDI").breakdown, group_of("dont femmes"), group_of("Total").words
    ('status', Group(words='dont femmes', breakdown='sex', is_part=True), '')
    """
    known, folded = _config(), fold(words)
    is_part = re.match(known["part"], folded) is not None
    bare = re.sub(known["part"], "", folded).strip()
    if not bare or re.fullmatch(known["everyone"], bare):
        return Group("", "")
    for breakdown, pattern in known["breakdowns"].items():
        if re.search(pattern, bare):
            return Group(words, breakdown, is_part or breakdown in known["always_part"])
    return Group(words, "", is_part)


def without_part_words(words: str) -> str:
    """Words of a group without those that say that it is a part.

    Examples
    --------
    >>> without_part_words("dont PDI")
    'PDI'
    """
    return re.sub(_config()["part"], "", words, flags=re.IGNORECASE).strip()


def group_in(heading: str) -> tuple[str, str]:
    """The words of a folded heading that name a group of people, and the others.

    Examples
    --------
    >>> group_in("eha pdi"), group_in("eha")
    (('pdi', 'eha'), ('', 'eha'))
    """
    patterns = "|".join(_config()["breakdowns"].values())
    found = [match[0] for match in re.finditer(patterns, heading)]
    rest = " ".join(re.sub(patterns, " ", heading).split())
    return " ".join(found), rest


@cache
def group_columns() -> Mapping[str, str]:
    """Headings of a column that names the group of its row → the field ``group``."""
    return dict.fromkeys(_config()["headings"], "group")

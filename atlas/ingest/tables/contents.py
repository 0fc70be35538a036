"""What a column holds, where its heading does not say.

Some contents can be but one thing: p-codes of one level, currencies, telephone numbers. Such a
column is used, or dropped, and that is said. Others have several readings (a date may be a
start, an end or a report's): they are proposed, never applied.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple

from atlas.i18n import N_
from atlas.ingest.folding import fold
from atlas.ingest.parsing.amounts import clean, find_amounts, is_absent, parse_amount, parse_number
from atlas.ingest.parsing.dates import parse_date
from atlas.ingest.parsing.durations import part_of_year
from atlas.ingest.parsing.groups import group_of
from atlas.ingest.parsing.privacy import holds_contact
from atlas.ingest.parsing.values import yes_or_no

LOOKED_AT = 500
"""Rows from which a column is judged."""
ENOUGH = 3
"""Filled cells without which nothing is concluded."""
ENOUGH_NAMES = 40
"""Filled cells from which it is judged whether they name organisations."""
SURE, LIKELY = 0.95, 0.8
"""Share of the filled cells from which a column is taken to be one thing, or may be."""
PERSONAL_SHARE = 0.3
"""Share of cells with a telephone number or address from which the column is of persons."""

_PCODE = re.compile(r"ML[I]?(\d{2}|\d{4}|\d{6})", re.IGNORECASE)
_LEVELS = {2: "region_code", 4: "cercle_code", 6: "commune_code"}
_PAIR = re.compile(r"\(?-?\d{1,2}[.,]\d+\s*[,; ]\s*-?\d{1,2}[.,]\d+\)?")
_PERCENT = re.compile(r"\d{1,3}(?:[.,]\d+)?\s?%")
_LATITUDES, _LONGITUDES = (9.5, 25.5), (-12.6, 4.6)
"""Where Mali lies, in degrees, with a margin."""


class Guess(NamedTuple):
    """What a column may be.

    Attributes
    ----------
    field
        What it would be read as; ``yes`` for marks of yes and no.
    what
        What it holds, in words.
    share
        Of its filled cells that are so, 0 to 1.
    sure
        Whether it can be nothing else.
    """

    field: str
    what: str
    share: float
    sure: bool = False


def samples(rows: Sequence[Sequence[object]], index: int) -> list[object]:
    """Filled cells of a column among the first rows."""
    cells = (row[index] for row in rows[:LOOKED_AT] if index < len(row))
    return [cell for cell in cells if cell is not None and cell != ""]


@lru_cache(maxsize=256)
def guess(cells: tuple[object, ...]) -> Guess | None:
    """What cells under an unknown heading are; ``None`` when nothing fits enough of them.

    Examples
    --------
    >>> guess(("ML070101", "ML070102", "ML050201"))
    Guess(field='commune_code', what='p-codes', share=1.0, sure=True)
    >>> guess(("Gao", "Mopti", "vert")) is None
    True
    """
    contacts = _share(cells, lambda cell: holds_contact(str(cell)))
    if contacts >= PERSONAL_SHARE:
        return Guess("personal", N_("téléphones ou adresses"), contacts, sure=True)
    stated = [cell for cell in cells if not is_absent(clean(cell))]
    if len(stated) < ENOUGH:
        return None
    found = (look(stated) for look in (_pcodes, _currencies, _groups, *_LIKELY))
    return next((one for one in found if one), None)


def _share(cells: Sequence[object], fits: Callable[[object], object]) -> float:
    return sum(bool(fits(cell)) for cell in cells) / max(len(cells), 1)


def _pcodes(cells: Sequence[object]) -> Guess | None:
    levels = Counter(len(m[1]) for c in cells if (m := _PCODE.fullmatch(clean(c))))
    if not levels:
        return None
    digits, count = levels.most_common(1)[0]
    share = count / len(cells)
    return Guess(_LEVELS[digits], N_("p-codes"), share, share >= SURE) if share >= LIKELY else None


def _groups(cells: Sequence[object]) -> Guess | None:
    """Groups of people in words, everyone among them or several; letters alone may be persons."""
    groups = {words: group_of(words) for words in map(clean, cells) if len(words) > 2}
    named = {fold(words) for words, group in groups.items() if group.breakdown}
    known = all(group.breakdown or not group.words for group in groups.values())
    if not known or not named or len(groups) < 2 or any(len(clean(cell)) < 3 for cell in cells):
        return None
    return Guess("group", N_("groupes de personnes"), 1.0, sure=True)


def _currencies(cells: Sequence[object]) -> Guess | None:
    def is_currency(cell: object) -> bool:
        text = clean(cell)
        return not re.search(r"\d", text) and parse_amount(f"1 {text}").currency is not None

    share = _share(cells, is_currency)
    return Guess("currency", N_("devises"), share, share >= SURE) if share >= LIKELY else None


def _likely(field: str, what: str, fits: Callable[[object], object]) -> Callable[..., Guess | None]:
    def look(cells: Sequence[object]) -> Guess | None:
        share = _share(cells, fits)
        return Guess(field, what, share) if share >= LIKELY else None

    return look


def _is_date(cell: object) -> bool:
    if isinstance(cell, str):
        return len(cell) > 5 and parse_date(cell).precision in ("day", "month")
    return isinstance(cell, date)


def _is_degree(low: float, high: float) -> Callable[[object], bool]:
    def fits(cell: object) -> bool:
        text = clean(cell).replace(",", ".").rstrip("°")
        return re.fullmatch(r"-?\d{1,2}\.\d{2,}", text) is not None and low <= float(text) <= high

    return fits


def _is_money(cell: object) -> bool:
    """An amount that names its currency, or a figure as round and large as amounts are."""
    if isinstance(cell, str):
        return bool(find_amounts(clean(cell))) or _is_money(parse_number(cell).value)
    return isinstance(cell, int | float) and cell >= 1000 and cell % 100 == 0


def _is_status(cell: object) -> bool:
    from atlas.vocab import match_status

    return match_status(clean(cell)).id is not None


def _is_sector(cell: object) -> bool:
    from atlas.vocab import match_sector

    return match_sector(clean(cell)).id is not None


def _is_organisation(cell: object) -> bool:
    from atlas.vocab import match_organisation

    return match_organisation(clean(cell)).id is not None


def are_organisations(cells: Sequence[object]) -> bool:
    """Whether hardly a cell is anything but an organisation that is known: none is a person."""
    return bool(cells) and _share(cells[:ENOUGH_NAMES], _is_organisation) >= SURE


@cache
def names_of(level: str) -> frozenset[str]:
    """Names of the units of a level in every découpage, folded."""
    from atlas.geo.frames import FRAMES, frames

    names = (name for frame in FRAMES for name in frames().at(frame, level)["name"].to_list())
    return frozenset(map(fold, names))


_LIKELY = (
    _likely("yes", N_("oui ou non"), lambda cell: yes_or_no(cell) is not None),
    _likely("start", N_("dates"), _is_date),
    _likely("coordinates", N_("coordonnées"), lambda cell: _PAIR.fullmatch(clean(cell))),
    _likely("progress", N_("pourcentages"), lambda cell: _PERCENT.fullmatch(clean(cell))),
    _likely("lat", N_("degrés de latitude"), _is_degree(*_LATITUDES)),
    _likely("lon", N_("degrés de longitude"), _is_degree(*_LONGITUDES)),
    _likely("region", N_("régions"), lambda cell: fold(cell) in names_of("region")),
    _likely("status", N_("statuts"), _is_status),
    _likely("budget", N_("montants"), _is_money),
    _likely("sector", N_("secteurs"), _is_sector),
    _likely("implementers", N_("organisations"), _is_organisation),
)


def marks(heading: str) -> tuple[str, str] | None:
    """Field and words that a yes stands for under a heading: a sector, a région, a quarter.

    Examples
    --------
    >>> marks("EHA"), marks("Gao"), marks("T1"), marks("Validé ?")
    (('sector', 'EHA'), ('place', 'Gao'), ('quarter', 'T1'), None)
    """
    bare = re.sub(r"[(\[].*?[)\]]|\?", "", heading).strip()
    if fold(bare) in names_of("region"):
        return "place", bare
    if part_of_year(bare):
        return "quarter", bare
    return ("sector", bare) if _is_sector(bare) else None


def settled(guesses: Mapping[int, Guess], taken: Iterable[str]) -> dict[int, Guess]:
    """Guesses of a table held against each other and against the fields that headings name.

    A field is guessed once: the first two columns of dates are a start and an end; whatever
    has a rival is only proposed.
    """
    known = set(taken)
    rivals = Counter(one.field for one in guesses.values())
    found: dict[int, Guess] = {}
    for index, one in guesses.items():
        field = "end" if one.field == "start" and "start" in known else one.field
        if field not in ("personal", "yes", "region", "sector") and field in known:
            continue
        sure = one.sure and (field == "personal" or rivals[field] == 1)
        found[index] = Guess(field, one.what, one.share, sure)
        known.add(field)
    return found

"""Real activities told a second time, as another sender would: a labelled set of doubles.

Nothing here is known to the code under test. Every kind of change has a place in one of two
halves, fixed below: weights are tuned on `TUNING`; `HELD_OUT` is only measured.
"""

from __future__ import annotations

import csv
import random
import re
import tomllib
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from currency_converter import CurrencyConverter

from atlas.geo.frames import Frames, shipped_frames
from atlas.ingest.reading import Money, PlaceText, Record
from atlas.vocab import match_organisation, vocabulary_table
from benchmarks.misspell import misspell

HERE = Path(__file__).parent
XOF_PER_EUR = Decimal("655.957")


@dataclass(frozen=True)
class Told:
    """A record with the units its places were found to be, and the day it speaks of."""

    record: Record
    units: tuple[str, ...]
    sector: str | None
    day: date


Change = Callable[[Told, random.Random], "Told | None"]
"""Tells one thing otherwise; None where the record does not have it."""


def _title(told: Told, title: str) -> Told | None:
    same = title.strip().casefold() == told.record.title.casefold()
    return None if same or not title else replace(told, record=told.record._replace(title=title))


def _replaced(title: str, table: Mapping[str, str]) -> str:
    """The title with the phrases of a table replaced, the longest first."""
    phrases = sorted(table, key=len, reverse=True)
    pattern = r"(?<!\w)(" + "|".join(re.escape(p) for p in phrases) + r")(?!\w)"
    text = re.sub(pattern, lambda m: table[m[1].casefold()], title, flags=re.IGNORECASE)
    return text[:1].upper() + text[1:]


@cache
def _wordings() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((HERE / "wordings.toml").read_text("utf-8"))


@cache
def _glossary() -> tuple[Mapping[str, str], Mapping[str, str]]:
    with (HERE / "glossary.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(r["fr"].strip(), r["en"].strip()) for r in csv.DictReader(file)]
    cut = next(n for n, (one, _other) in enumerate(pairs) if one == "drinking water")
    there, back = dict(pairs[:cut]), dict(pairs[cut:])
    return there, back


def _is_english(title: str) -> bool:
    words = set(re.findall(r"[a-z]+", title.casefold()))
    return len(words & {"the", "of", "and", "for", "to", "in", "with"}) >= 1 and not words & {
        "de", "des", "les", "la", "et", "du",
    }  # fmt: skip


def synonyms(told: Told, dice: random.Random) -> Told | None:
    """Other words of the same language."""
    return _title(told, _replaced(told.record.title, _wordings()["synonyms"]))


def shortened(told: Told, dice: random.Random) -> Told | None:
    """Words cut to abbreviations."""
    return _title(told, _replaced(told.record.title, _wordings()["short"]))


def translated(told: Told, dice: random.Random) -> Told | None:
    """French to English word by word, or back; words the glossary lacks stay."""
    there, back = _glossary()
    english = _is_english(told.record.title)
    return _title(
        told, _replaced(told.record.title.replace("d'", "de "), back if english else there)
    )


def truncated(told: Told, dice: random.Random) -> Told | None:
    """The first part of a title, as in a narrow column."""
    words = told.record.title.split()
    keep = max(5, round(len(words) * dice.uniform(0.5, 0.75)))
    return _title(told, " ".join(words[:keep])) if len(words) > keep else None


def reordered(told: Told, dice: random.Random) -> Told | None:
    """The end of the title first, after its preposition."""
    cut = list(re.finditer(r"\s(?:pour|dans|à|aux|au|en|for|in|of|to|et|and)\s", told.record.title))
    if not cut:
        return None
    spot = dice.choice(cut)
    head, tail = told.record.title[: spot.start()], told.record.title[spot.end() :]
    return _title(told, f"{tail[:1].upper()}{tail[1:]} : {head[:1].lower()}{head[1:]}")


def misspelt(told: Told, dice: random.Random) -> Told | None:
    """Slips of the pen in up to three words."""
    words = told.record.title.split()
    long = [n for n, word in enumerate(words) if len(word) > 4]
    for n in dice.sample(long, min(len(long), dice.choice((1, 2, 3)))):
        words[n] = misspell(words[n], dice).strip()
    return _title(told, " ".join(words)) if long else None


def headline(told: Told, dice: random.Random) -> Told | None:
    """A shorter title with the place before it, as on a cover."""
    place = shipped_frames().unit_by_id(told.units[0]).name if told.units else ""
    words = re.sub(r"^(appui (à|au|aux)|projet (de|d')|support (to|for))\s*(la |le |les )?", "",
                   told.record.title, flags=re.IGNORECASE)  # fmt: skip
    return _title(told, f"{place} : {words}" if place else f"Projet : {words}")


def _money(told: Told, change: Callable[[Money], Money | None]) -> Told | None:
    if not told.record.amounts:
        return None
    made = [change(one) for one in told.record.amounts]
    kept = tuple(one for one in made if one is not None)
    return replace(told, record=told.record._replace(amounts=kept))


def _total(told: Told) -> Told:
    """One amount for all the years, as a second sender gives it."""
    amounts = told.record.amounts
    if len({one.currency for one in amounts}) != 1 or len(amounts) < 2:
        return told
    one = Money(sum((a.value for a in amounts), Decimal(0)), amounts[0].currency, amounts[0].kind)
    return replace(told, record=told.record._replace(amounts=(one,)))


def rounded(told: Told, dice: random.Random) -> Told | None:
    """Two or three figures that count, then noughts."""
    keep = dice.choice((2, 3))
    return _money(_total(told), lambda m: m._replace(value=_figures(m.value, keep)))


def in_thousands(told: Told, dice: random.Random) -> Told | None:
    """Whole thousands, as a table headed "en milliers" gives."""
    return _money(_total(told), lambda m: m._replace(value=round(m.value / 1000) * Decimal(1000)))


def with_fees(told: Told, dice: random.Random) -> Told | None:
    """The donor's figure, with the agency's overhead of a few per cent."""
    share = Decimal(dice.choice(("1.05", "1.07", "1.08")))
    return _money(_total(told), lambda m: m._replace(value=round(m.value * share, 0)))


def other_currency(told: Told, dice: random.Random) -> Told | None:
    """Dollars in francs or euros and back, at the rate of a day within three weeks."""
    day = told.day + timedelta(days=dice.randrange(-21, 22))
    return _money(_total(told), lambda m: _converted(m, day, dice))


def no_amount(told: Told, dice: random.Random) -> Told | None:
    """A list that says nothing of money."""
    return _money(told, lambda m: None)


def _figures(value: Decimal, keep: int) -> Decimal:
    return round(value, keep - value.adjusted() - 1) if value else value


@cache
def _rates() -> CurrencyConverter:
    return CurrencyConverter(fallback_on_missing_rate=True, fallback_on_wrong_date=True)


def _converted(money: Money, day: date, dice: random.Random) -> Money:
    usd_per_eur = Decimal(str(_rates().convert(1, "EUR", "USD", date=day)))
    in_eur = {"USD": 1 / usd_per_eur, "XOF": 1 / XOF_PER_EUR, "EUR": Decimal(1)}[money.currency]
    target = dice.choice([c for c in ("USD", "EUR", "XOF") if c != money.currency])
    out_of = {"USD": usd_per_eur, "XOF": XOF_PER_EUR, "EUR": Decimal(1)}[target]
    return money._replace(value=round(money.value * in_eur * out_of, 0), currency=target)


def _dated(told: Told, start: date | None, end: date | None) -> Told | None:
    same = (start, end) == (told.record.start, told.record.end)
    return None if same else replace(told, record=told.record._replace(start=start, end=end))


def shifted(told: Told, dice: random.Random) -> Told | None:
    """Signed or begun up to a month apart."""
    days = timedelta(days=dice.choice((-30, -15, -7, 7, 15, 30)))
    start, end = told.record.start, told.record.end
    return _dated(told, start and start + days, end and end + days)


def coarser_dates(told: Told, dice: random.Random) -> Told | None:
    """The month, the quarter or the year that the period lies in."""
    start, end = told.record.start, told.record.end
    if start is None or end is None:
        return None
    months = dice.choice((1, 3, 12))
    first = (start.month - 1) // months * months + 1
    last = ((end.month - 1) // months + 1) * months
    close = date(end.year, last, monthrange(end.year, last)[1])
    return _dated(told, date(start.year, first, 1), close)


def start_only(told: Told, dice: random.Random) -> Told | None:
    """A list that gives the beginning alone."""
    return _dated(told, told.record.start, None)


def undated(told: Told, dice: random.Random) -> Told | None:
    """A list without dates."""
    return _dated(told, None, None)


def _roles(told: Told, donors: tuple[str, ...], lead: str, doers: tuple[str, ...]) -> Told | None:
    record = told.record._replace(donors=donors, lead=lead, implementers=doers)
    return None if record == told.record else replace(told, record=record)


def funder_leads(told: Told, dice: random.Random) -> Told | None:
    """The donor's own list: it leads, the lead implements."""
    one = told.record
    if not one.donors:
        return None
    doers = tuple(name for name in (one.lead, *one.implementers) if name)
    return _roles(told, (), one.donors[0], doers or one.implementers)


def implementer_sends(told: Told, dice: random.Random) -> Told | None:
    """The implementer's own list: it leads, the lead gives."""
    one = told.record
    if not one.implementers:
        return None
    return _roles(told, (one.lead,) if one.lead else one.donors, one.implementers[0], ())


def doer_only(told: Told, dice: random.Random) -> Told | None:
    """A list that names one body per line."""
    one = told.record
    return _roles(told, (), one.lead or next(iter(one.implementers), ""), ())


def in_full(told: Told, dice: random.Random) -> Told | None:
    """Organisations by their full names, or by acronym where they stood in full."""
    one = told.record
    return _roles(
        told,
        tuple(_other_name(n) for n in one.donors),
        _other_name(one.lead),
        tuple(_other_name(n) for n in one.implementers),
    )


@cache
def _organisations() -> Mapping[str, Mapping[str, str]]:
    return {row["id"]: row for row in vocabulary_table("organisations").to_dicts()}


def _other_name(name: str) -> str:
    row = _organisations().get(match_organisation(name).id or "", {})
    names = (row.get("name_fr"), row.get("name_en"), row.get("acronym"), row.get("acronym_en"))
    return next((n for n in names if n and n != name), name)


def place_above(told: Told, dice: random.Random) -> Told | None:
    """The cercle for a commune, the région for a cercle."""
    units = shipped_frames()
    above = [units.unit_by_id(u).parent for u in told.units]
    if not above or None in above:
        return None
    return _placed(told, tuple(dict.fromkeys(u for u in above if u)))


def other_frame(told: Told, dice: random.Random) -> Told | None:
    """The same ground in the names of another découpage."""
    units = shipped_frames()
    if not told.units:
        return None
    own = told.units[0].split("/")[0]
    for frame in ("ml-2023", "ml-2016", "ml-2012"):
        found = [units.converted_unit(u, frame, units.unit_by_id(u).level) for u in told.units]
        if frame != own and all(u in units for u in found):
            return _placed(told, tuple(dict.fromkeys(found)))
    return None


def _placed(told: Told, units: tuple[str, ...]) -> Told:
    places = tuple(place_text(u, shipped_frames()) for u in units)
    return replace(told, record=told.record._replace(places=places), units=units)


def place_text(unit_id: str, units: Frames) -> PlaceText:
    """A unit as the columns of a list name it."""
    names = {}
    up: str | None = unit_id
    while up:
        unit = units.unit_by_id(up)
        names[unit.level] = unit.name
        up = unit.parent
    return PlaceText(**names)


def other_sector_words(told: Told, dice: random.Random) -> Told | None:
    """The sector by another of its names."""
    if not told.sector:
        return None
    row = next(r for r in vocabulary_table("sectors").to_dicts() if r["id"] == told.sector)
    names = [n for n in (row["fr"], row["en"]) if n != told.record.sector_raw] or [row["fr"]]
    return replace(told, record=told.record._replace(sector_raw=dice.choice(names)))


def no_sector(told: Told, dice: random.Random) -> Told | None:
    """A list without sectors: the words of the title are all there is."""
    if not told.sector:
        return None
    return replace(told, record=told.record._replace(sector_raw=""))


TUNING: Mapping[str, tuple[Change, ...]] = {
    "title": (synonyms, translated, truncated, headline),
    "money": (rounded, in_thousands),
    "dates": (shifted, start_only),
    "role": (funder_leads, doer_only),
    "place": (place_above,),
    "sector": (other_sector_words,),
}
HELD_OUT: Mapping[str, tuple[Change, ...]] = {
    "title": (reordered, shortened, misspelt),
    "money": (other_currency, no_amount, with_fees),
    "dates": (coarser_dates, undated),
    "role": (implementer_sends, in_full),
    "place": (other_frame,),
    "sector": (no_sector,),
}
CHANCE = {"title": 0.9, "money": 0.6, "dates": 0.6, "role": 0.6, "place": 0.4, "sector": 0.4}


def retold(
    told: Told, kinds: Mapping[str, tuple[Change, ...]], dice: random.Random
) -> tuple[Told, tuple[str, ...]]:
    """The same activity by another sender, and the names of the changes made."""
    made = []
    for aspect, changes in kinds.items():
        if dice.random() >= CHANCE[aspect]:
            continue
        for change in dice.sample(changes, len(changes)):
            changed = change(told, dice)
            if changed is not None:
                told, made = changed, [*made, change.__name__]
                break
    return told, tuple(made)

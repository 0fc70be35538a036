"""Numbers, money, days and counts as a reader of the language in force writes them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from datetime import date, timedelta

from babel.dates import format_date

from atlas.i18n import _, current_language, decimal_text, ngettext
from atlas.labels import UNKNOWN as UNKNOWN
from atlas.labels import label
from atlas.model import Kind

_LOCALES = {"fr": "fr", "en": "en_GB"}
"""Dates in the order that Mali's partners write them in either language."""


def number_text(value: float | None, digits: int = 0) -> str:
    """Exact figure with the separators of the language.

    Examples
    --------
    >>> number_text(12106353)
    '12\\u202f106\\u202f353'
    >>> number_text(None)
    '–'
    """
    if value is None:
        return UNKNOWN
    pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
    return decimal_text(value, pattern)


def money_text(value: float | None, currency: str) -> str:
    """Exact amount in a currency, hundredths when there are any.

    Examples
    --------
    >>> money_text(1772534129, "XOF")
    '1\\u202f772\\u202f534\\u202f129\\xa0XOF'
    """
    if value is None:
        return UNKNOWN
    digits = 0 if abs(value - round(value)) < 0.005 else 2
    return f"{number_text(value, digits)}\u00a0{currency}"


def usd_text(value: float | None) -> str:
    """Exact amount in US dollars, cents when there are any.

    Examples
    --------
    >>> usd_text(1699285.76)
    '1\\u202f699\\u202f285,76\\xa0USD'
    """
    return money_text(value, "USD")


def short_money_text(value: float | None, currency: str = "USD") -> str:
    """Amount rounded for reading, three significant digits.

    Examples
    --------
    >>> short_money_text(12106353), short_money_text(46610.16), short_money_text(980)
    ('12,1\\xa0M\\xa0USD', '46,6\\xa0k\\xa0USD', '980\\xa0USD')
    """
    if value is None:
        return UNKNOWN
    for size, unit in ((1e9, _("Md")), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            scaled = value / size
            return f"{number_text(scaled, 0 if scaled >= 100 else 1)}\u00a0{unit}\u00a0{currency}"
    return f"{number_text(value, 2 if 0 < abs(value) < 10 else 0)}\u00a0{currency}"


def day_text(value: date | None) -> str:
    """A day, in full.

    Examples
    --------
    >>> day_text(date(2017, 6, 30)), day_text(date(2024, 1, 1))
    ('30 juin 2017', '1er janvier 2024')
    """
    if value is None:
        return UNKNOWN
    text = str(format_date(value, "long", locale=_LOCALES[current_language()]))
    return text.replace("1 ", "1er ", 1) if current_language() == "fr" and value.day == 1 else text


def short_day_text(value: date | str | None) -> str:
    """A day in figures, as people type it.

    Examples
    --------
    >>> short_day_text("2017-06-30"), short_day_text(None)
    ('30/06/2017', '–')
    """
    if not value:
        return UNKNOWN
    return f"{date.fromisoformat(str(value)):%d/%m/%Y}"


def period_text(first: date, last: date) -> str:
    """A period, by its month or year where it is one.

    Examples
    --------
    >>> period_text(date(2024, 1, 1), date(2024, 1, 31))
    'janvier 2024'
    >>> period_text(date(2024, 1, 1), date(2024, 3, 31))
    '1er janvier 2024 au 31 mars 2024'
    """
    after = last + timedelta(days=1)
    if first.day == 1 and last == month_end(first.year, first.month):
        return str(format_date(first, "LLLL yyyy", locale=_LOCALES[current_language()]))
    if (first.month, first.day, after) == (1, 1, date(first.year + 1, 1, 1)):
        return str(first.year)
    return _("{first} au {last}", first=day_text(first), last=day_text(last))


def month_end(year: int, month: int) -> date:
    """Last day of a month.

    Examples
    --------
    >>> month_end(2024, 2)
    datetime.date(2024, 2, 29)
    """
    return date(year, month, monthrange(year, month)[1])


def years_text(span: tuple[date | None, date | None] | None) -> str:
    """A period by its years.

    Examples
    --------
    >>> years_text((date(2013, 1, 1), date(2024, 12, 31)))
    '2013–2024'
    """
    start, end = span or (None, None)
    known = [str(d.year) for d in (start, end) if d]
    return "–".join(dict.fromkeys(known)) or _("période inconnue")


def counted_name(kinds: Collection[str], n: int) -> str:
    """What the entries counted are called: activities, plans where only these are, or both."""
    if Kind.PLAN not in kinds:
        return ngettext("activité", "activités", n)
    if set(kinds) <= {Kind.PLAN}:
        return ngettext("plan", "plans", n)
    return ngettext("activité ou plan", "activités et plans", n)


def level_name(level: str, n: int) -> str:
    """The word for so many units of a level.

    Examples
    --------
    >>> level_name("cercle", 1), level_name("cercle", 9)
    ('cercle', 'cercles')
    """
    is_plural = n > 1 or (n == 0 and current_language() != "fr")
    return label("level", level, full=is_plural)


def reporter_name(code: str) -> str:
    """Name of who reports: an organisation, or a fund."""
    known = label("organisations", code)
    return label("sources", code) if known == code else known


def stopped_with_slots(cancelled: int, suspended: int) -> dict[str, str]:
    """Cancelled, suspended → how many activities are, the figure as a ``|``; none is left out."""
    words = {
        "cancelled": ngettext("{shown} annulée", "{shown} annulées", cancelled, shown="|"),
        "suspended": ngettext("{shown} suspendue", "{shown} suspendues", suspended, shown="|"),
    }
    counts = {"cancelled": cancelled, "suspended": suspended}
    return {status: words[status] for status, n in counts.items() if n}


def stopped_text(cancelled: int, suspended: int) -> str:
    """The same in plain words: ``1 annulée, 2 suspendues``; empty where there is none."""
    counts = {"cancelled": cancelled, "suspended": suspended}
    stopped = stopped_with_slots(cancelled, suspended)
    return ", ".join(words.replace("|", number_text(counts[one])) for one, words in stopped.items())


def range_text(
    low: float | None, best: float | None, high: float | None, *, full: bool = False
) -> str:
    """A figure with its bounds where they differ.

    Parameters
    ----------
    full
        As in a sentence, rather than in a table.

    Examples
    --------
    >>> range_text(90, 90, 110), range_text(None, None, 700), range_text(5, 5, 5)
    ('90 (90 à 110)', 'au plus 700', '5')
    """
    if high is None:
        return UNKNOWN
    numbers = {name: number_text(of) for name, of in (("low", low), ("best", best), ("high", high))}
    if best is None:
        return _("au plus {high}", **numbers)
    if low == high:
        return numbers["best"]
    if full:
        return _("{best} ; au moins {low}, au plus {high}", **numbers)
    return _("{best} ({low} à {high})", **numbers)


def bounds_text(low: float | None, high: float | None) -> str:
    """The least and the most."""
    return _("de {low} à {high}", low=number_text(low), high=number_text(high))


def share_text(low: float | None, best: float | None, high: float | None) -> str:
    """A part of the need in percent, with its bounds where they differ."""
    percent = [None if share is None else round(100 * share) for share in (low, best, high)]
    text = range_text(*percent)
    return text if text == UNKNOWN else f"{text}\u00a0%"

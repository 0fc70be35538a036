"""Numbers, money and dates as a reader of the language in force writes them."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from atlas.i18n import _, decimal, language
from atlas.labels import UNKNOWN as UNKNOWN

_LOCALES = {"fr": "fr", "en": "en_GB"}
"""Dates in the order that Mali's partners write them in either language."""


def number(value: float | None, digits: int = 0) -> str:
    """Exact figure with the separators of the language.

    Examples
    --------
    >>> number(12106353)
    '12\\u202f106\\u202f353'
    >>> number(None)
    '–'
    """
    if value is None:
        return UNKNOWN
    pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
    return decimal(value, pattern)


def money(value: float | None, currency: str) -> str:
    """Exact amount in a currency, hundredths when there are any.

    Examples
    --------
    >>> money(1772534129, "XOF")
    '1\\u202f772\\u202f534\\u202f129\\xa0XOF'
    """
    if value is None:
        return UNKNOWN
    digits = 0 if abs(value - round(value)) < 0.005 else 2
    return f"{number(value, digits)}\u00a0{currency}"


def usd(value: float | None) -> str:
    """Exact amount in US dollars, cents when there are any.

    Examples
    --------
    >>> usd(1699285.76)
    '1\\u202f699\\u202f285,76\\xa0USD'
    """
    return money(value, "USD")


def short_usd(value: float | None, currency: str = "USD") -> str:
    """Amount rounded for reading, three significant digits.

    Examples
    --------
    >>> short_usd(12106353), short_usd(46610.16), short_usd(980)
    ('12,1\\xa0M\\xa0USD', '46,6\\xa0k\\xa0USD', '980\\xa0USD')
    """
    if value is None:
        return UNKNOWN
    for size, unit in ((1e9, _("Md")), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            scaled = value / size
            return f"{number(scaled, 0 if scaled >= 100 else 1)}\u00a0{unit}\u00a0{currency}"
    return f"{number(value, 2 if 0 < abs(value) < 10 else 0)}\u00a0{currency}"


def day(value: date | None) -> str:
    """A day, in full.

    Examples
    --------
    >>> day(date(2017, 6, 30)), day(date(2024, 1, 1))
    ('30 juin 2017', '1er janvier 2024')
    """
    if value is None:
        return UNKNOWN
    text = str(format_date(value, "long", locale=_LOCALES[language()]))
    return text.replace("1 ", "1er ", 1) if language() == "fr" and value.day == 1 else text


def short_day(value: date | str | None) -> str:
    """A day in figures, as people type it.

    Examples
    --------
    >>> short_day("2017-06-30"), short_day(None)
    ('30/06/2017', '–')
    """
    if not value:
        return UNKNOWN
    return f"{date.fromisoformat(str(value)):%d/%m/%Y}"


def years(span: tuple[date | None, date | None] | None) -> str:
    """A period by its years.

    Examples
    --------
    >>> years((date(2013, 1, 1), date(2024, 12, 31)))
    '2013–2024'
    """
    start, end = span or (None, None)
    known = [str(d.year) for d in (start, end) if d]
    return "–".join(dict.fromkeys(known)) or _("période inconnue")

"""Numbers and amounts as people write them, read without guessing in silence.

The rule for separators, in the order it is applied:

1. spaces of any kind and apostrophes part thousands, in groups of three or not at all;
2. where both ``.`` and ``,`` stand, the last one is the decimal sign (``45.317,39``,
   ``1,234.56``);
3. a sign that stands several times, before groups of three, parts thousands;
4. a single sign with other than three digits behind it is the decimal sign, and so is one
   behind a lone zero (``0,125``);
5. what is left is ``1.234`` and ``1,234``. Where the other cells of the list show which sign is
   the decimal one (`decimal_sign_of`), that decides. Otherwise it parts thousands in an amount, for
   no currency used here has thousandths; without a currency beside it a finding says so. Before
   *millions* it is the decimal sign, with a finding. In a plain number the French reading
   holds, ``1.234`` thousands and ``1,234`` decimal, with a finding.

Anything else is unreadable: the value is unknown, and a finding shows what stood there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from atlas.ingest.reading import Finding, MoneyCell

LIMIT = Decimal(10) ** 15
"""No amount reaches this: beyond it two cells ran together (and 64 bits end)."""
_LIMIT = float(LIMIT)

Findings = tuple[Finding, ...]


class ParsedAmount(NamedTuple):
    """An amount as stated.

    Attributes
    ----------
    value
        Exact, in major units; ``None`` when unknown, which is never zero.
    currency
        ISO 4217 code: the cell's own, else the one given; ``None`` when nobody said.
    """

    value: Decimal | None
    currency: str | None = None
    findings: Findings = ()


class FoundAmount(NamedTuple):
    """An amount in prose, and where it stands: ``text[start:end]``."""

    amount: ParsedAmount
    start: int
    end: int


class ParsedNumber(NamedTuple):
    """A number as stated; ``None`` when unknown."""

    value: float | None
    findings: Findings = ()


ABSENT = frozenset(
    {"-", "--", "---", "–", "—", ".", "/", "?", "nd", "n/d", "n.d", "n.d.", "na", "n/a", "n.a"}
    | {"ras", "néant.", "sans objet", "s/o", "none", "nil", "to be determined", "à confirmer"}
    | {"n.a.", "pm", "p.m", "p.m.", "pour mémoire", "néant", "tbd", "tbc", "à déterminer"}
    | {"a determiner", "à définir", "à préciser", "non précisé", "non disponible"}
    | {"non déterminé", "indéterminé", "non renseigné", "non connu", "inconnu", "unknown"}
)
"""Cells that say there is no figure, as `is_absent` folds them."""

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_NUMBER = r"\d{1,3}(?P<sep>[ .,'’])\d{3}(?:(?P=sep)\d{3})*(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_TIMES = {
    "k": 3,
    "millier": 3,
    "milliers": 3,
    "mille": 3,
    "thousand": 3,
    "m": 6,
    "mio": 6,
    "million": 6,
    "millions": 6,
    "md": 9,
    "mds": 9,
    "mrd": 9,
    "milliard": 9,
    "milliards": 9,
    "bn": 9,
    "billion": 9,
    "billions": 9,
}
_CURRENCIES = (
    ("USD", r"dollars?\s(?:us|usd|am[ée]ricains?)\b|us\sdollars?\b|usd\b|us\s?\$|\$\s?us\b"),
    ("CAD", r"dollars?\scanadiens?\b|cad\b|ca\s?\$|\$\s?ca\b"),
    ("AUD", r"dollars?\saustraliens?\b|aud\b"),
    ("XOF", r"francs?\sc\.?f\.?a\b|f\.?\s?c\.?f\.?a\b|cfa\b|xof\b"),
    ("CHF", r"francs?\ssuisses?\b|chf\b"),
    ("EUR", r"euros?\b|eur\b|€"),
    ("GBP", r"livres?\ssterlings?\b|gbp\b|£"),
    ("DKK", r"couronnes?\sdanoises?\b|dkk\b"),
    ("NOK", r"couronnes?\snorv[ée]giennes?\b|nok\b"),
    ("SEK", r"couronnes?\ssu[ée]doises?\b|sek\b"),
    ("JPY", r"yens?\b|jpy\b|¥"),
    ("TRY", r"livres?\sturques?\b|try\b"),
    ("XAF", r"xaf\b"),
    ("?USD", r"dollars?\b|\$"),
    ("?XOF", r"\?xof\b"),
)
_CURRENCY = "|".join(pattern for _, pattern in _CURRENCIES)
_FRANCS = re.compile(r"^(.*\d)\s?(?:frs?|francs?|f)\.?$", re.I)
"""A whole cell that ends in francs and does not say which: those of the country, and said."""
CODES = frozenset(code for code, _ in _CURRENCIES if code.isalpha())
"""ISO codes of the currencies that cells name."""
_WORD = "|".join(sorted(_TIMES, key=len, reverse=True))
_ABOUT = (
    r"environ|env\.?|près\sde|presque|plus\sde|moins\sde|à\speu\sprès|jusqu['’]à|about|around"
    r"|approx\.?|approximately|max\.?|maximum|min\.?|minimum|[~≈<>≤≥±]"
)
_GAP = r"\s{0,4}"  # a line may break between a figure and its currency
_MONEY = (
    rf"(?:(?P<about>{_ABOUT})\s?)?(?:(?P<before>{_CURRENCY})\s?)?(?P<minus>[-−]\s?)?"
    rf"(?P<number>{_NUMBER})(?![\d%])"
    rf"(?:{_GAP}(?P<times>{_WORD})(?=\W|$|{_CURRENCY}))?"
    rf"(?:{_GAP}(?:de\s|d['’])?(?P<after>{_CURRENCY}))?"
)
_CELL = re.compile(
    rf"(?:[^\W\d][\w '’]*:\s?)?(?P<open>\()?{_MONEY}(?P<close>\))?\s?(?:ttc|ht)?[.;]?", re.I
)
_PROSE = re.compile(rf"(?<![\w.,'’]){_MONEY}(?![.,]?\d)", re.I)
_PLAIN = re.compile(rf"(?P<minus>[-−]\s?)?(?P<number>{_NUMBER})(?![\d.,%])(?P<words>[^\d%]*)")


def clean_text(raw: object) -> str:
    """Text of a cell on one line, every kind of space an ordinary one."""
    return " ".join(str(raw).split()) if raw is not None else ""


def is_absent(text: str) -> bool:
    """Whether a cell says in some way that nothing is stated (``-``, ``PM``, ``à déterminer``)."""
    return clean_text(text).casefold() in ABSENT


def parse_amount(raw: object, currency: str | None = None, decimal_sign: str = "") -> ParsedAmount:
    """Amount of a cell.

    Parameters
    ----------
    raw
        Text, ``int``, ``float``, ``Decimal`` or ``None``. A number whose cell shows a currency
        (`MoneyCell`) is in it unless the column has one.
    currency
        Currency of the column, for cells that name none.

    decimal_sign
        ``","`` or ``"."`` where the list shows it: see `decimal_sign_of`.

    Returns
    -------
    ParsedAmount
        Blank cells give no finding (whoever knows the row says what is missing). A cell
        that gives one amount in two currencies is its first one, with a finding; several
        amounts in one currency are unreadable: see `parse_amounts`.

    Examples
    --------
    >>> parse_amount("45.317,39 USD").value
    Decimal('45317.39')
    >>> parse_amount("1,2 Md FCFA").value, parse_amount("1,2 Md FCFA").currency
    (Decimal('1200000000'), 'XOF')
    >>> parse_amount("PM").value is None
    True
    """
    number = _number_of_cell(raw)
    if number is not None:
        currency = currency or (raw.currency if isinstance(raw, MoneyCell) else None)
        if abs(number) < LIMIT:
            return ParsedAmount(number, currency)
        return ParsedAmount(
            None, currency, (_finding_of("amount_unreadable", raw=f"{number:.6g}"),)
        )
    text = _FRANCS.sub(r"\1 ?XOF", clean_text(raw))
    if not text:
        return ParsedAmount(None, currency)
    if is_absent(text):
        return ParsedAmount(None, currency, (_finding_of("amount_not_given", raw=text),))
    if whole := _CELL.fullmatch(text):
        return _amount_of_match(whole, text, currency, decimal_sign)
    return _among_words(text, currency)


def _among_words(text: str, currency: str | None) -> ParsedAmount:
    """Amount of a cell that holds more than one figure and its currency."""
    if ends := _range_ends(text, currency):
        low, high = ends
        return ParsedAmount(
            None, currency, (_finding_of("amount_range", raw=text, low=low, high=high),)
        )
    found = find_amounts(text)
    rest = _YEARS_MEANT.sub("", _text_without(text, found))
    currencies = {one.amount.currency for one in found}
    if not found or re.search(r"[\d%]", rest) or len(currencies) < len(found):
        return ParsedAmount(None, currency, (_finding_of("amount_unreadable", raw=text),))
    if len(found) == 1:
        if each := _EACH.search(rest):
            return ParsedAmount(
                None,
                currency,
                (_finding_of("amount_each", raw=text, each=each["unit"] or each["rhythm"]),),
            )
        return found[0].amount
    first = found[0].amount
    note = _finding_of("amount_ambiguous", raw=text, read=f"{first.value:f} {first.currency}")
    return first._replace(findings=(*first.findings, note))


_YEARS_MEANT = re.compile(
    r"\b(?:pour|en|de|sur|durant|au titre de|for|in)\s"
    r"(?:l['’]an(?:n[ée]e)?|les\sann[ée]es|l['’]exercice|the\syears?)?\s?(?:19|20)\d\d(?:\s?(?:[-–/]|à|to|et|and)\s?(?:19|20)\d\d)?\b",
    re.I,
)
"""The year or years that an amount is for, behind it: "12 000 USD pour l'an 2025-2026"."""
_EACH = re.compile(
    r"(?:/|\bpar\s|\bper\s)\s?(?P<unit>ans?|ann[ée]e|mois|trimestre|semestre|semaine|jour|"
    r"m[ée]nages?|personnes?|b[ée]n[ée]ficiaires?|t[êe]te|[ée]l[èe]ves?|unit[ée]s?|kits?|sites?|"
    r"communes?|cercles?|villages?|an|year|month|quarter|week|day|household|person|"
    r"beneficiary|capita|unit)\b|\b(?P<rhythm>mensuel|trimestriel|monthly)",
    re.I,
)
"""An amount for each of something, or each time: the whole is not stated."""
_RANGE = re.compile(
    rf"(?P<between>entre\s|between\s|de\s|from\s)?(?P<low>\d[\d .,'’]*?)\s?"
    rf"(?P<unit>(?:{_WORD})?)\s?(?:{_CURRENCY})?\s?(?P<sign>-|–|—|à|to|et|and)\s?(?P<high>\d.*)",
    re.I,
)


def _range_ends(text: str, currency: str | None) -> tuple[str, str] | None:
    """Both ends of "10 000–15 000 USD", in figures; ``None`` for years and what is no range."""
    found = _RANGE.fullmatch(text)
    if not found or (found["sign"].casefold() in ("et", "and") and not found["between"]):
        return None
    if re.fullmatch(r"(?:19|20)\d\d", found["low"]) and len(found["high"]) == 4:
        return None
    high = parse_amount(found["high"], currency)
    times = found["unit"] or next(iter(re.findall(rf"\b(?:{_WORD})\b", found["high"], re.I)), "")
    low = parse_amount(f"{found['low']} {times}".strip(), currency)
    if low.value is None or high.value is None or low.value >= high.value:
        return None
    return f"{low.value:f}", f"{high.value:f} {high.currency or ''}".strip()


def parse_amounts(raw: object) -> tuple[ParsedAmount, ...]:
    """Every amount of a cell, in its order; at least one, unknown when none is readable."""
    found = find_amounts(clean_text(raw)) if isinstance(raw, str) else []
    if len(found) > 1:
        return tuple(one.amount for one in found)
    return (parse_amount(raw),)


def find_amounts(text: str) -> list[FoundAmount]:
    """Amounts in prose that name their currency, in their order.

    Examples
    --------
    >>> found = find_amounts("2 projets, d'un coût global de 85.000 USD, créeront 10 emplois")
    >>> [(f.amount.value, f.amount.currency) for f in found]
    [(Decimal('85000'), 'USD')]
    """
    return list(_amounts_in_prose(text))


def _amounts_in_prose(text: str) -> Iterator[FoundAmount]:
    spaced = re.sub(r"[\s\u00a0\u2007\u2009\u202f]", " ", text)
    for found in _PROSE.finditer(spaced):
        if not (found["before"] or found["after"]):
            continue
        amount = _amount_of_match(found, found[0], None)
        if amount.value is not None:
            yield FoundAmount(amount, found.start(), found.end())


def currencies_in(text: str) -> set[str]:
    """ISO codes of the currencies that a text names, with or without figures.

    Examples
    --------
    >>> sorted(currencies_in("FCFA/USD/€")), currencies_in("milliers de FCFA")
    (['EUR', 'USD', 'XOF'], {'XOF'})
    """
    spaced = _SPACES.sub(" ", text)
    return {_currency_code(found[0])[0] for found in _NAMED_CURRENCY.finditer(spaced)}


_NAMED_CURRENCY = re.compile(rf"(?<![^\W\d_])(?:{_CURRENCY})", re.I)
_SIGNS = re.compile(r"\d[\d.,' \u00a0\u202f’]*\d")
_LONE_GROUP = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def decimal_sign_of(cells: Iterable[object]) -> str:
    """The decimal sign that the texts of a list show without doubt; ``""`` for none or both.

    Examples
    --------
    >>> decimal_sign_of(["12,750", "0,5"]), decimal_sign_of(["1,250.00", "12,750"])
    (',', '.')
    >>> decimal_sign_of(["12,750"]), decimal_sign_of(["0,5", "1,250.00"])
    ('', '')
    """
    shown: set[str] = set()
    for cell in cells:
        if not isinstance(cell, str) or not ("," in cell or "." in cell):
            continue
        for number in _SIGNS.findall(cell[:MAX_AMOUNT]):
            signs = re.findall(r"[.,]", number)
            if not signs or _LONE_GROUP.fullmatch(number):
                continue
            if len(set(signs)) == 2:
                shown.add(signs[-1])
            else:  # several of one sign part thousands: the other one is the decimal sign
                other = "." if signs[0] == "," else ","
                shown.add(signs[0] if len(signs) == 1 else other)
    return shown.pop() if len(shown) == 1 else ""


MAX_AMOUNT = 100
"""Characters of the longest cell that is looked at as an amount; a longer one is prose."""


def parse_number(raw: object, field: str = "") -> ParsedNumber:
    """Number of a cell; words may follow it (``7.000 habitants``, ``2 millions``), figures not.

    Parameters
    ----------
    raw
        Text, a number or ``None``.
    field
        Name of the column, for the finding.

    Examples
    --------
    >>> parse_number("1 500").value, parse_number("12,5 k").value, parse_number("environ").value
    (1500.0, 12500.0, None)
    """
    exact = _number_of_cell(raw)
    if exact is not None and abs(exact) < LIMIT:
        return ParsedNumber(float(exact))
    if exact is not None:
        return ParsedNumber(
            None, (_finding_of("value_unreadable", field=field, raw=f"{exact:.6g}"),)
        )
    text = clean_text(raw)
    if not text or is_absent(text):
        return ParsedNumber(None)
    found = _PLAIN.fullmatch(text)
    if not found:
        return ParsedNumber(None, (_finding_of("value_unreadable", field=field, raw=text),))
    word = found["words"].partition(".")[0].split()[:1]
    times = word[0].casefold() if word and word[0] != "m" else ""
    zeros = _TIMES.get(times, 0)
    value, doubtful = _value_of_numeral(
        found["number"], thousands="." in found["number"] and not zeros
    )
    value = value.scaleb(zeros)
    if value >= LIMIT:
        return ParsedNumber(None, (_finding_of("value_unreadable", field=field, raw=text),))
    value = -value if found["minus"] else value
    note = _finding_of("number_ambiguous", field=field, raw=text, read=f"{value:f}")
    return ParsedNumber(float(value), (note,) if doubtful else ())


def _number_of_cell(raw: object) -> Decimal | None:
    """A cell that already is a number; ``None`` for text, truth values and not-a-number."""
    if isinstance(raw, float) and raw and raw.is_integer() and abs(raw) < _LIMIT:
        return Decimal(int(raw))
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    exact = Decimal(raw) if not isinstance(raw, float) else Decimal(repr(float(raw)))
    if not exact.is_finite():
        return None
    return _without_exponent(exact) if isinstance(raw, float) and abs(exact) < LIMIT else exact


def _value_of_numeral(
    number: str, *, thousands: bool, decimal_sign: str = ""
) -> tuple[Decimal, bool]:
    """Value of a numeral, and whether another reading was possible."""
    bare = re.sub(r"[ '’]", "", number)
    signs = re.findall(r"[.,]", bare)
    if len(set(signs)) == 2:
        return Decimal(bare.replace(signs[0], "").replace(signs[-1], ".")), False
    if len(signs) > 1:
        return Decimal(bare.replace(signs[0], "")), False
    lone = _LONE_GROUP.fullmatch(number) is not None
    if lone and decimal_sign:
        whole = signs[0] != decimal_sign
        return Decimal(bare.replace(signs[0], "" if whole else ".")), False
    if lone and thousands:
        return Decimal(bare.replace(signs[0], "")), True
    return Decimal(bare.replace(",", ".")), lone


def _amount_of_match(
    found: re.Match[str], text: str, default: str | None, decimal_sign: str = ""
) -> ParsedAmount:
    """Amount of a match of `_MONEY`."""
    named = found["before"] or found["after"]
    groups = found.groupdict()
    opened, closed = bool(groups.get("open")), bool(groups.get("close"))
    if (found["before"] and found["after"]) or opened != closed:
        return ParsedAmount(None, default, (_finding_of("amount_unreadable", raw=text),))
    times = (found["times"] or "").casefold()
    value, doubtful = _value_of_numeral(
        found["number"], thousands=not times, decimal_sign=decimal_sign
    )
    metres = found["times"] == "m" and not named
    if metres or value.adjusted() + _TIMES.get(times, 0) >= LIMIT.adjusted():
        return ParsedAmount(None, default, (_finding_of("amount_unreadable", raw=text),))
    value = _without_exponent(value.scaleb(_TIMES.get(times, 0)))
    value = -value if found["minus"] or opened else value
    currency, sure = _currency_code(named) if named else (default, True)
    notes = []
    if (doubtful and (times or not named)) or times.startswith("billion"):
        notes.append(_finding_of("amount_ambiguous", raw=text, read=f"{value:f}"))
    if not sure and currency != default:
        shown = "F" if str(named).startswith("?") else named
        notes.append(_finding_of("currency_inferred", currency=currency, reason=f"« {shown} »"))
    if found["about"]:
        notes.append(_finding_of("amount_approximate", raw=text))
    return ParsedAmount(value, currency, tuple(notes))


def _without_exponent(value: Decimal) -> Decimal:
    """The same value without an exponent: 12E+6 is 12000000."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def _currency_code(named: str) -> tuple[str, bool]:
    """ISO code of a currency as written, and whether no other one is written so."""
    for code, pattern in _CURRENCIES:
        if re.fullmatch(pattern, named, re.I):
            return code.lstrip("?"), not code.startswith("?")
    raise AssertionError(named)  # the same patterns found it


def _text_without(text: str, found: list[FoundAmount]) -> str:
    for one in reversed(found):
        text = text[: one.start] + text[one.end :]
    return text


def _finding_of(code: str, **params: object) -> Finding:
    return Finding(code, params=dict(params))

"""Cells are read as French documents write them, and doubt is said aloud."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.findings import CODES, finding_sentence
from atlas.ingest.parsing.amounts import find_amounts, parse_amount, parse_amounts, parse_number
from atlas.ingest.parsing.dates import parse_date, parse_period
from atlas.ingest.parsing.values import parse_list, with_locator
from atlas.ingest.reading import Finding
from tests.conftest import needs_shared


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("raw", "value", "currency"),
    [
        ("45.317,39 USD", "45317.39", "USD"),
        ("46.610,16 USD", "46610.16", "USD"),
        ("12.106.353 USD", "12106353", "USD"),
        ("12.106.353", "12106353", None),
        ("1\u202f699\u00a0285,76", "1699285.76", None),
        ("4 728 228", "4728228", None),
        ("1699285.76", "1699285.76", None),
        ("1,234.56", "1234.56", None),
        ("1'234'567", "1234567", None),
        ("11,9 millions USD", "11900000", "USD"),
        ("31,3 \n\nmillions USD", "31300000", "USD"),
        ("24,9M USD", "24900000", "USD"),
        ("1,2 Md FCFA", "1200000000", "XOF"),
        ("2,5 milliards de F CFA", "2500000000", "XOF"),
        ("25 k€", "25000", "EUR"),
        ("3 milliers d'euros", "3000", "EUR"),
        ("30 MFCFA", "30000000", "XOF"),
        ("545.000 USD", "545000", "USD"),
        ("50.000 dollars US", "50000", "USD"),
        ("USD 500", "500", "USD"),
        ("5 000 000 de FCFA", "5000000", "XOF"),
        ("(1 234,50) EUR", None, None),
        ("(1 234,50)", "-1234.50", None),
        ("-5 USD", "-5", "USD"),
        ("0 USD", "0", "USD"),
        (85000, "85000", None),
        (1699285.76, "1699285.76", None),
    ],
)
def test_an_amount_is_read_exactly(raw: object, value: str | None, currency: str | None) -> None:
    amount = parse_amount(raw)
    assert amount.value == (None if value is None else Decimal(value))
    assert amount.currency == currency
    assert codes(amount.findings) == ([] if value is not None else ["amount_unreadable"])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("-", "amount_not_given"),
        ("PM", "amount_not_given"),
        ("à déterminer", "amount_not_given"),
        ("#####", "amount_unreadable"),
        ("21 %", "amount_unreadable"),
        ("21 % de 11,9 millions USD", "amount_unreadable"),
        ("1 69 285", "amount_unreadable"),
        ("10 000 - 15 000 USD", "amount_range"),
        ("12 000 000 CFA/an", "amount_each"),
        ("3 500 USD par ménage", "amount_each"),
        ("15 000 EUR mensuel", "amount_each"),
        ("10 000–15 000 USD", "amount_range"),
        ("entre 10 et 15 millions FCFA", "amount_range"),
        ("15 000 - 10 000 USD", "amount_unreadable"),
        ("#REF!", "amount_unreadable"),
        ("n/a", "amount_not_given"),
        ("ND", "amount_not_given"),
        ("TBD", "amount_not_given"),
        ("1 000 USD et 2 000 USD", "amount_unreadable"),
        ("USD 5 EUR", "amount_unreadable"),
        ("12 mètres", "amount_unreadable"),
        ("400 m", "amount_unreadable"),
        ("2017-2018", "amount_unreadable"),
        (float("nan"), "amount_unreadable"),
        (True, "amount_unreadable"),
        (10**20, "amount_unreadable"),
        ("9" * 40, "amount_unreadable"),
    ],
)
def test_what_is_no_amount_is_unknown_and_never_zero(raw: object, code: str) -> None:
    amount = parse_amount(raw, "USD")
    assert amount.value is None
    assert codes(amount.findings) == [code]


@pytest.mark.parametrize("raw", ["", "   ", None])
def test_a_blank_cell_is_unknown_without_a_finding(raw: object) -> None:
    assert parse_amount(raw) == parse_amount(None)
    assert parse_amount(raw).value is None


@pytest.mark.parametrize(
    ("raw", "value"),
    [("1.234", "1234"), ("1,234", "1234"), ("1.234 millions USD", "1234000")],
)
def test_an_amount_with_two_readings_follows_the_rule_and_says_so(raw: str, value: str) -> None:
    amount = parse_amount(raw)
    assert amount.value == Decimal(value)
    assert codes(amount.findings) == ["amount_ambiguous"]


def test_an_approximate_amount_is_said_to_be_one() -> None:
    amount = parse_amount("Budget : environ 169.169 USD")
    assert amount.value == Decimal(169169)
    assert codes(amount.findings) == ["amount_approximate"]


def test_a_dollar_without_country_is_taken_for_american_and_said_so() -> None:
    amount = parse_amount("8,4 millions de dollars")
    assert (amount.value, amount.currency) == (Decimal(8400000), "USD")
    assert codes(amount.findings) == ["currency_inferred"]


def test_the_currency_of_the_cell_wins_over_that_of_the_column() -> None:
    assert parse_amount("500 EUR", "XOF").currency == "EUR"
    assert parse_amount("500", "XOF").currency == "XOF"


def test_one_amount_in_two_currencies_is_the_first_and_both_can_be_had() -> None:
    cell = "50 000 USD / 28 500 000 FCFA"
    assert parse_amount(cell).value == Decimal(50000)
    assert codes(parse_amount(cell).findings) == ["amount_ambiguous"]
    assert [(a.value, a.currency) for a in parse_amounts(cell)] == [
        (Decimal(50000), "USD"),
        (Decimal(28500000), "XOF"),
    ]


def test_prose_gives_its_amounts_and_where_they_stand() -> None:
    text = "En 2017, 2 projets d'un coût global de 85.000 \n\nUSD créeront 10 emplois."
    (found,) = find_amounts(text)
    assert found.amount.value == Decimal(85000)
    assert text[found.start : found.end] == "85.000 \n\nUSD"


@needs_shared
def test_the_real_bulletin_gives_its_published_amounts(shared: Path) -> None:
    (path,) = shared.glob("seeds/004*.txt")
    found = {f.amount.value for f in find_amounts(path.read_text(encoding="utf-8"))}
    published = "45317.39 46610.16 85000 169169 12106353 24978258 31330367 8400000 545000 11900000"
    assert {Decimal(figure) for figure in published.split()} <= found


FRENCH = [(" ", ","), ("\u202f", ","), ("\u00a0", ","), (".", ",")]
AMERICAN = [(",", "."), ("'", ".")]


@given(
    st.integers(0, 10**15 - 1),
    st.sampled_from([*FRENCH, *AMERICAN]),
    st.sampled_from(["USD", "EUR", "XOF"]),
)
def test_an_amount_written_in_any_style_is_read_back(
    cents: int, style: tuple[str, str], currency: str
) -> None:
    thousands, decimal = style
    written = f"{cents // 100:,}".replace(",", thousands) + f"{decimal}{cents % 100:02d}"
    amount = parse_amount(f"{written} {currency}")
    assert amount.value == Decimal(cents).scaleb(-2)
    assert (amount.currency, amount.findings) == (currency, ())


@given(st.integers(0, 10**15 - 1), st.sampled_from([" ", "\u202f", ".", ",", "'"]))
def test_a_whole_amount_in_groups_of_three_is_read_back(units: int, thousands: str) -> None:
    assert parse_amount(f"{units:,}".replace(",", thousands)).value == Decimal(units)


@given(st.floats(-1e14, 1e14))
def test_a_number_cell_keeps_its_value(cell: float) -> None:
    assert parse_amount(cell).value == Decimal(repr(cell))


TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789 .,-/€$kMTQuinaofévr", max_size=24),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
)


@given(TEXTS)
def test_no_cell_ever_raises_and_every_finding_can_be_said(raw: object) -> None:
    findings = (
        *parse_amount(raw, "USD").findings,
        *parse_number(raw, "Cible").findings,
        *parse_date(raw).findings,
        *parse_period(raw).findings,
        *(f for amount in parse_amounts(raw) for f in amount.findings),
    )
    parse_list(raw)
    for finding in findings:
        assert finding.code in CODES
        assert "—" not in finding_sentence(finding.code, finding.params) or "—" in str(raw)


@pytest.mark.parametrize(
    ("raw", "value", "found"),
    [
        ("1 500", 1500, []),
        ("110 femmes", 110, []),
        ("24.06", 24.06, []),
        ("0,125", 0.125, []),
        (12, 12, []),
        ("7.000 habitants", 7000, ["number_ambiguous"]),
        ("1,234", 1.234, ["number_ambiguous"]),
        ("110 femmes et 20 hommes", None, ["value_unreadable"]),
        ("50 %", None, ["value_unreadable"]),
        ("-", None, []),
        ("", None, []),
    ],
)
def test_a_number_is_read_or_unknown(raw: object, value: float | None, found: list[str]) -> None:
    number = parse_number(raw, "Cible")
    assert (number.value, codes(number.findings)) == (value, found)


@pytest.mark.parametrize(
    ("raw", "items"),
    [
        ("Mopti, Gao ; Kidal (Tessalit, Abeïbara)", ("Mopti", "Gao", "Kidal (Tessalit, Abeïbara)")),
        ("- Gao\n- Ménaka\n• Mopti", ("Gao", "Ménaka", "Mopti")),
        ("Gao,Mopti", ("Gao", "Mopti")),
        ("Gao; Gao", ("Gao",)),
        ("45.317,39 USD", ("45.317,39 USD",)),
        ("-", ()),
        (None, ()),
    ],
)
def test_a_list_is_parted_at_its_separators(raw: object, items: tuple[str, ...]) -> None:
    assert parse_list(raw) == items


def test_a_finding_is_told_where_it_stands() -> None:
    (finding,) = with_locator(parse_amount("PM").findings, "L12", "budget")
    assert (finding.locator, finding.field) == ("L12", "budget")

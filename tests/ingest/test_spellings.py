"""Cells that are neither one figure nor one date: ranges, placeholders, marks and shares."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.ingest.parsing.amounts import parse_amount, parse_number
from atlas.ingest.parsing.dates import order_of, parse_date, parse_period
from atlas.ingest.parsing.values import parse_list, parse_percent, yes_or_no


@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [
        ("10 000–15 000 USD", "10000", "15000 USD"),
        ("de 10 à 15 millions FCFA", "10000000", "15000000 XOF"),
        ("entre 1 000 et 2 000 EUR", "1000", "2000 EUR"),
        ("25 k€ - 30 k€", "25000", "30000 EUR"),
    ],
)
def test_a_range_is_no_amount_and_both_its_ends_are_said(cell: str, low: str, high: str) -> None:
    amount = parse_amount(cell)
    assert amount.value is None
    (finding,) = amount.findings
    assert (finding.code, finding.params["low"], finding.params["high"]) == (
        "amount_range",
        low,
        high,
    )


@pytest.mark.parametrize(
    "cell", ["-", "PM", "à déterminer", "n/a", "ND", "TBD", "pour mémoire", "Non renseigné", "RAS"]
)
def test_a_placeholder_is_unknown_in_every_kind_of_cell(cell: str) -> None:
    assert parse_amount(cell).value is parse_number(cell).value is None
    assert parse_date(cell).value is parse_period(cell).start is None
    assert parse_list(cell) == ()


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("oui", "non"),
        ("O", "N"),
        ("Yes", "No"),
        ("y", "n"),
        ("vrai", "faux"),
        ("1", "0"),
        (1.0, 0.0),
        (True, False),
        ("✓", "✗"),
        ("x", "non"),
    ],
)
def test_yes_and_no_in_every_spelling(yes: object, no: object) -> None:
    assert (yes_or_no(yes), yes_or_no(no)) == (True, False)


@pytest.mark.parametrize("cell", ["", None, "en partie", 2, "oui mais", "-"])
def test_what_is_neither_yes_nor_no_is_unknown(cell: object) -> None:
    assert yes_or_no(cell) is None


@pytest.mark.parametrize(
    ("cell", "value", "found"),
    [
        ("75 %", 75.0, []),
        ("75% réalisé", 75.0, []),
        ("82,5", 82.5, []),
        ("0,75", 75.0, []),
        (0.75, 75.0, []),
        (1, 100.0, []),
        ("réalisé à 60 %", 60.0, []),
        ("En cours", None, []),
        ("", None, []),
        ("1 500", None, ["value_unreadable"]),
    ],
)
def test_a_percentage_is_read_however_it_is_kept(
    cell: object, value: float | None, found: list[str]
) -> None:
    read = parse_percent(cell, "Taux")
    assert (read.value, [finding.code for finding in read.findings]) == (value, found)


def test_a_column_of_dates_decides_the_order_of_its_doubtful_ones() -> None:
    cells = ["03/04/2023", "12/31/2023", None, 45000, "juin 2023"]
    assert order_of(cells).is_month_first
    assert parse_date("03/04/2023", month_first=True).value == date(2023, 3, 4)
    assert parse_date("31/12/2023", month_first=True).value == date(2023, 12, 31)
    assert not order_of([*cells, "31/12/2023"]).is_month_first
    assert not order_of(["03/04/2023"]).is_month_first


@given(st.lists(st.dates(date(1970, 1, 1), date(2069, 12, 31)), max_size=30))
def test_a_column_written_in_one_order_is_never_read_in_the_other(days: list[date]) -> None:
    assert not order_of(f"{day:%d/%m/%Y}" for day in days).month_first
    written = [f"{day:%m/%d/%Y}" for day in days]
    order = order_of(written)
    assert not order.day_first
    if order.is_month_first:
        assert [parse_date(text, month_first=True).value for text in written] == days

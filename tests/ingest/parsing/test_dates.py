"""Dates and periods as people write them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.ingest.parsing.dates import parse_date, parse_period
from atlas.ingest.reading import Finding


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2017-06-30", date(2017, 6, 30)),
        ("2017-06-30T10:00:00", date(2017, 6, 30)),
        ("30/06/2017", date(2017, 6, 30)),
        ("30.06.17", date(2017, 6, 30)),
        ("15/03/24", date(2024, 3, 15)),
        ("1er janvier 2024", date(2024, 1, 1)),
        ("Le 14 Juin 2017", date(2017, 6, 14)),
        ("01-juil-2017", date(2017, 7, 1)),
        ("June 30, 2017", date(2017, 6, 30)),
        ("30 Jun 2017", date(2017, 6, 30)),
        (42916, date(2017, 6, 30)),
        ("42916", date(2017, 6, 30)),
        (datetime(2017, 6, 30, 12), date(2017, 6, 30)),
        (date(2017, 6, 30), date(2017, 6, 30)),
    ],
)
def test_a_day_is_read(raw: object, day: date) -> None:
    parsed = parse_date(raw)
    assert (parsed.value, parsed.last, parsed.precision) == (day, day, "day")
    assert parsed.findings == ()


@pytest.mark.parametrize(
    ("raw", "first", "last", "precision"),
    [
        ("juin 2017", date(2017, 6, 1), date(2017, 6, 30), "month"),
        ("juin-17", date(2017, 6, 1), date(2017, 6, 30), "month"),
        ("06/2017", date(2017, 6, 1), date(2017, 6, 30), "month"),
        ("2017-06", date(2017, 6, 1), date(2017, 6, 30), "month"),
        ("déc. 2016", date(2016, 12, 1), date(2016, 12, 31), "month"),
        ("T2 2024", date(2024, 4, 1), date(2024, 6, 30), "quarter"),
        ("2e trimestre 2024", date(2024, 4, 1), date(2024, 6, 30), "quarter"),
        ("premier semestre 2024", date(2024, 1, 1), date(2024, 6, 30), "semester"),
        ("2017", date(2017, 1, 1), date(2017, 12, 31), "year"),
        (2017, date(2017, 1, 1), date(2017, 12, 31), "year"),
    ],
)
def test_a_longer_date_keeps_its_precision(
    raw: object, first: date, last: date, precision: str
) -> None:
    parsed = parse_date(raw)
    assert (parsed.value, parsed.last, parsed.precision) == (first, last, precision)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("30 février 2017", ["date_impossible"]),
        ("29/02/2023", ["date_impossible"]),
        ("13/13/2017", ["date_impossible"]),
        ("31/12/9999", ["date_impossible"]),
        ("31 au décembre", ["value_unreadable"]),
        ("bientôt", ["value_unreadable"]),
        (True, ["value_unreadable"]),
        ("-", []),
        ("à déterminer", []),
        ("", []),
        (None, []),
    ],
)
def test_what_is_no_date_is_unknown(raw: object, found: list[str]) -> None:
    parsed = parse_date(raw)
    assert parsed.value is None
    assert codes(parsed.findings) == found


def test_a_date_possible_only_as_month_day_is_read_so_and_said() -> None:
    parsed = parse_date("06/30/2017")
    assert parsed.value == date(2017, 6, 30)
    assert codes(parsed.findings) == ["date_order_inferred"]


@pytest.mark.parametrize(
    ("raw", "first", "last"),
    [
        ("fin juin 2024", date(2024, 6, 1), date(2024, 6, 30)),
        ("mi-mars 2023", date(2023, 3, 1), date(2023, 3, 31)),
        ("Début du mois de mai 2019", date(2019, 5, 1), date(2019, 5, 31)),
        ("fin T2 2024", date(2024, 4, 1), date(2024, 6, 30)),
        ("courant 2020", date(2020, 1, 1), date(2020, 12, 31)),
    ],
)
def test_a_part_of_a_month_or_year_is_read_as_the_whole_and_said(
    raw: str, first: date, last: date
) -> None:
    parsed = parse_date(raw)
    assert (parsed.value, parsed.last) == (first, last)
    assert codes(parsed.findings) == ["date_approximate"]


def test_a_span_between_parts_of_months_borrows_the_year() -> None:
    period = parse_period("début mars à fin juin 2018")
    assert (period.start, period.end) == (date(2018, 3, 1), date(2018, 6, 30))
    assert codes(period.findings) == ["date_approximate", "date_approximate"]


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.sampled_from("-/. "))
def test_every_day_written_in_figures_is_read_back(day: date, sign: str) -> None:
    assert parse_date(day.strftime(f"%d{sign}%m{sign}%Y")).value == day
    assert parse_date(day.strftime(f"%d{sign}%m{sign}%y")).value == day
    assert parse_date(day.isoformat()).value == day


@pytest.mark.parametrize(
    ("raw", "start", "end"),
    [
        ("T2 2024", date(2024, 4, 1), date(2024, 6, 30)),
        ("T1 à T3 2024", date(2024, 1, 1), date(2024, 9, 30)),
        ("mars-juin 2018", date(2018, 3, 1), date(2018, 6, 30)),
        ("de janvier à mars 2017", date(2017, 1, 1), date(2017, 3, 31)),
        ("novembre à mars 2018", date(2017, 11, 1), date(2018, 3, 31)),
        ("du 01 janvier 2024 au 31 Décembre 2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("du 1er au 15 juin 2017", date(2017, 6, 1), date(2017, 6, 15)),
        ("janvier 2015 à juin 2016", date(2015, 1, 1), date(2016, 6, 30)),
        ("01/01/2017 - 30/06/2017", date(2017, 1, 1), date(2017, 6, 30)),
        ("2021-2025", date(2021, 1, 1), date(2025, 12, 31)),
        ("2018-2019", date(2018, 1, 1), date(2019, 12, 31)),
        ("2016/2017", date(2016, 1, 1), date(2017, 12, 31)),
        ("depuis 2013", date(2013, 1, 1), None),
        ("jusqu'au 30 juin 2017", None, date(2017, 6, 30)),
        ("juin 2017", date(2017, 6, 1), date(2017, 6, 30)),
        (None, None, None),
    ],
)
def test_a_period_is_read(raw: object, start: date | None, end: date | None) -> None:
    period = parse_period(raw)
    assert (period.start, period.end, period.findings) == (start, end, ())


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("juin 2018 à mars 2017", "end_before_start"),
        ("30 février 2017", "date_impossible"),
        ("1er mars 2017 au 30 février 2018", "date_impossible"),
        ("18 mois", "value_unreadable"),
        ("31 au décembre", "value_unreadable"),
        ("31 au décembre 2018", "value_unreadable"),
    ],
)
def test_a_period_that_cannot_be_is_a_finding(raw: str, found: str) -> None:
    period = parse_period(raw)
    assert codes(period.findings) == [found]
    assert period.end is None


@given(st.dates(date(1970, 1, 1), date(2058, 12, 31)), st.integers(0, 4000))
def test_a_span_of_days_is_read_back(start: date, days: int) -> None:
    end = date.fromordinal(start.toordinal() + days)
    for written in ("{:%d/%m/%Y} au {:%d/%m/%Y}", "du {:%Y-%m-%d} au {:%Y-%m-%d}"):
        period = parse_period(written.format(start, end))
        assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    ("raw", "start", "end"),
    [
        ("03/05 et 04/05/2024", date(2024, 5, 3), date(2024, 5, 4)),
        ("du 12/05 au 12/06/2024", date(2024, 5, 12), date(2024, 6, 12)),
        ("20/12 - 10/01/2024", date(2023, 12, 20), date(2024, 1, 10)),
    ],
)
def test_a_span_of_days_takes_the_year_that_stands_once(raw: str, start: date, end: date) -> None:
    period = parse_period(raw)
    assert (period.start, period.end, codes(period.findings)) == (start, end, [])


@pytest.mark.parametrize("raw", ["du 12/05 au 12/06", "12/05", "01/10 au 12/11"])
def test_a_day_and_month_without_a_year_are_unknown_and_said(raw: str) -> None:
    period = parse_period(raw)
    assert (period.start, period.end) == (None, None)
    assert codes(period.findings) == ["date_without_year"]


def test_a_month_and_a_year_of_two_figures_stay_a_month() -> None:
    assert parse_date("05/24").value == date(2024, 5, 1)


@pytest.mark.parametrize("raw", ["01/01/1905", "2204-01-01", "31/12/2104"])
def test_a_year_that_no_document_can_have_is_said_and_never_kept(raw: str) -> None:
    parsed = parse_date(raw)
    assert (parsed.value, codes(parsed.findings)) == (None, ["date_impossible"])


def test_a_period_is_month_first_where_its_list_is() -> None:
    period = parse_period("04/05/2024 - 12/31/2024", month_first=True)
    assert (period.start, period.end) == (date(2024, 4, 5), date(2024, 12, 31))

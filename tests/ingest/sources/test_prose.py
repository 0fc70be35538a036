from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.ingest.parsing.dates import last_day_of
from atlas.ingest.sources._prose import (
    days_in,
    figure_of_cell,
    formatted_figure,
    lines_of,
    names_in_list,
)
from tests.ingest.sources.documents import of_text


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1 699 285,76", "1699285.76"),
        ("45.317,39", "45317.39"),
        ("12.106.353", "12106353"),
        ("8,4", "8.4"),
        ("0", "0"),
    ],
)
def test_a_figure_is_read_as_french_documents_write_it(raw, value):
    assert figure_of_cell(raw) == Decimal(value)


@pytest.mark.parametrize("raw", ["", "PM", "#####", "- 75700", "12 projets", "1 23"])
def test_a_cell_that_holds_more_or_less_than_a_figure_is_none(raw):
    assert figure_of_cell(raw) is None


@given(st.integers(min_value=0, max_value=10**12))
def test_a_whole_figure_written_is_read_back(value):
    assert figure_of_cell(formatted_figure(value)) == value


def test_an_impossible_day_is_said_and_has_no_date():
    assert list(days_in("du 30 février 2017 au 1er mars 2017")) == [
        ("30 février 2017", None),
        ("1er mars 2017", date(2017, 3, 1)),
    ]


def test_four_months_from_the_14th_end_on_the_13th():
    assert last_day_of(date(2017, 6, 14), 4) == date(2017, 10, 13)


def test_a_duration_may_cross_the_year_and_a_short_month():
    assert last_day_of(date(2017, 10, 31), 4) == date(2018, 2, 27)


def test_names_are_a_list_only_when_every_part_is_one():
    assert names_in_list("Gao, Kidal et Nioro du Sahel") == ["Gao", "Kidal", "Nioro du Sahel"]
    assert names_in_list("Gao, 6 salles") == []


def test_lines_keep_the_numbers_a_person_sees():
    assert [(line.number, line.text) for line in lines_of(of_text("un\n\n deux\t\n"))] == [
        (1, "un"),
        (3, " deux\t"),
    ]

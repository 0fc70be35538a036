"""A cell merged over several rows: its words hold for each of them, its figure for all."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from atlas.ingest.files.document_tables import fill_down


def test_a_word_merged_over_rows_stands_in_each_that_says_nothing_else() -> None:
    rows = [
        ["Région", "Titre"],
        ["Gao", "Forage"],
        [None, "École"],
        ["Kidal", "Puits"],
        [None, "Pont"],
    ]
    filled, (said,) = fill_down("QIP", rows, [(0, 1, 3)])
    assert [row[0] for row in filled] == ["Région", "Gao", "Gao", "Kidal", None]
    assert (said.code, said.params) == ("cells_merged", {"sheet": "QIP", "n": 1})


def test_a_row_that_ends_before_a_merged_column_stays_as_it_is() -> None:
    filled, _said = fill_down("QIP", [["Forage", "Gao"], ["École"]], [(1, 0, 1)])
    assert filled == [["Forage", "Gao"], ["École"]]


@pytest.mark.parametrize("day", [date(2017, 3, 1), datetime(2017, 3, 1), "01/03/2017"])
def test_a_date_merged_over_rows_is_the_date_of_each(day: object) -> None:
    filled, (said,) = fill_down("QIP", [["Forage", day], ["École", None]], [(1, 0, 1)])
    assert filled == [["Forage", day], ["École", day]]
    assert said.code == "cells_merged"


@pytest.mark.parametrize("figure", [45000, 45000.0, "45 000 USD", "2,5 millions FCFA"])
def test_a_figure_merged_over_rows_is_never_counted_twice(figure: object) -> None:
    filled, (said,) = fill_down("QIP", [["Forage", figure], ["École", None]], [(1, 0, 1)])
    assert filled == [["Forage", figure], ["École", None]]
    assert (said.code, said.locator, said.params["n"]) == ("figure_merged", "QIP!1", 2)

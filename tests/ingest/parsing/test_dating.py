"""A list is dated by the person, else by what it says, else by its name, never by the clock."""

from __future__ import annotations

from datetime import date

import pytest

from atlas.ingest.parsing.dates import date_in, date_of_document


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("whowhatwhere_5w_mli_mar2022.xlsx", date(2022, 3, 31)),
        ("QIP au 30 juin 2017", date(2017, 6, 30)),
        ("liste-2017-06-30", date(2017, 6, 30)),
        ("3W_202206", date(2022, 6, 30)),
        ("situation au 30/06/2017", date(2017, 6, 30)),
        ("Février 2024", date(2024, 2, 29)),
        ("projets 2013-2017", None),
        ("au 30 février 2017 (sic)", None),
        ("QIP-48221", None),
    ],
)
def test_a_date_is_read_where_one_is_written(text: str, day: date | None) -> None:
    assert date_in(text) == day


def dated(**said: object):
    base = {"chosen": None, "above": [], "reported": [], "file": "liste.csv", "told": []}
    found = date_of_document(**{**base, **said})
    return found.day, found.finding.code if found.finding else None


def test_the_person_wins_then_the_text_above_then_the_column_then_the_name_then_the_rows() -> None:
    said = {
        "chosen": date(2020, 1, 1),
        "above": ["Situation au 30 juin 2017"],
        "reported": [date(2018, 1, 31), date(2018, 2, 28)],
        "file": "liste_mars2019.csv",
        "told": [date(2016, 5, 1), date(2016, 4, 1)],
    }
    seen = []
    for key, nothing in (
        ("chosen", None),
        ("above", []),
        ("reported", []),
        ("file", "x.csv"),
        ("told", []),
    ):
        seen.append(dated(**said))
        said[key] = nothing
    assert seen == [
        (date(2020, 1, 1), None),
        (date(2017, 6, 30), None),
        (date(2018, 2, 28), None),
        (date(2019, 3, 31), "as_of_from_name"),
        (date(2016, 5, 1), "as_of_inferred"),
    ]
    assert dated(**said) == (None, "as_of_unknown")


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("TRUST FUND - projets au 30 septembre 2018", date(2018, 9, 30)),
        ("Bulletin SAP avril 2024", date(2024, 4, 30)),
        ("Liste arrivée le 15/03/2024", date(2024, 3, 15)),
        ("Plan d'action, janvier - décembre 2024", None),
        ("Projets du 1er janvier au 31 décembre 2024", None),
        ("Projets financés depuis mars 2019", None),
        ("Projets du 01/01/2024 et du 02/02/2024", None),
        ("Projets 2024", None),
    ],
)
def test_a_title_that_names_one_day_or_month_dates_the_table_and_a_period_does_not(
    title: str, day: date | None
) -> None:
    assert dated(above=[title]) == (day, "as_of_from_title" if day else "as_of_unknown")


def test_the_months_of_a_situation_of_the_cadre_harmonise_are_not_the_day_of_its_table() -> None:
    assert dated(above=["Analyse\nSituation courante (mars-mai 2024)"])[0] is None

"""The day on which statements are judged is that of the newest document of their kind."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.export.notice import judged_in_words
from atlas.filters import Filters
from atlas.model import Tables
from tests.layers.made import activity, dataset_of_documents, document, fact

KIDAL, GAO, MOPTI = "ml-2016/ML08", "ml-2016/ML07", "ml-2016/ML05"
MARCH, JUNE = date(2024, 3, 1), date(2024, 6, 30)
YEAR = {"as_of": MARCH, "expires": date(2024, 12, 31)}
ACAPS = {"scale": "ACAPS", "direction": "higher_is_worse"}

NEEDS = document(
    "besoins",
    MARCH,
    context=(
        fact("needs", KIDAL, sector="health", value=1000.0, **YEAR),
        fact("needs", GAO, sector="health", value=1000.0, **YEAR),
        fact("needs", MOPTI, sector="health", value=1000.0, **YEAR),
    ),
)
NGO = {"sector": "health", "source": "ngo"}
CLINIC = activity(
    "Clinique", KIDAL, start=date(2024, 1, 1), end=date(2024, 7, 31), reached=900, **NGO
)
POST = activity("Poste", GAO, start=date(2024, 5, 1), end=date(2024, 9, 30), reached=300, **NGO)
LIST = document("liste", JUNE, CLINIC, POST)
POPULATION = document(
    "population", date(2025, 1, 15), context=(fact("population", KIDAL, value=300_000.0),)
)
MAYORS = activity("Maires", "ml-2016/ML01", sector="governance", start=date(2025, 1, 1))
LATER_LIST = document("liste-2025", date(2025, 2, 15), MAYORS)


def health(dataset: Dataset, **more: Any) -> dict[str, str]:
    """State of each région in health."""
    table = dataset.ask("coverage", Filters(sector=("health",)), "ml-2016", **more).table
    return {row["unit_id"]: row["state"] for row in table.to_dicts()}


def judged(dataset: Dataset, layer: str, **more: Any) -> object:
    return dataset.ask(layer, frame="ml-2016", **more).meta["reference"]


def test_needs_valid_for_a_year_stand_when_a_population_and_a_plan_of_the_next_come_in():
    before = dataset_of_documents(NEEDS, LIST)
    after = dataset_of_documents(NEEDS, LIST, POPULATION, LATER_LIST)
    assert (health(before)[KIDAL], health(before)[GAO], health(before)[MOPTI]) == (
        "covered",
        "partial",
        "gap",
    )
    assert health(after) == health(before)
    assert judged(after, "coverage") == MARCH


def test_moved_by_a_person_the_day_makes_them_expire_counted_and_kept():
    dataset = dataset_of_documents(NEEDS, LIST)
    answer = dataset.ask("coverage", frame="ml-2016", options={"day": "2025-02-15"})
    assert (answer.meta["expired"], answer.meta["own_day"]) == (3, MARCH)
    past = answer.table.drop_nulls("need_expired")
    assert past.select("unit_id", "state", "need_expired").sort("unit_id").rows() == [
        (MOPTI, "no_report", date(2024, 12, 31)),
        (GAO, "active", date(2024, 12, 31)),
        (KIDAL, "active", date(2024, 12, 31)),
    ]
    assert dataset.ask("coverage", frame="ml-2016").meta["expired"] == 0


def test_the_day_of_the_whole_question_moves_needs_too_and_that_of_the_layer_goes_first():
    dataset = dataset_of_documents(NEEDS, LIST)
    late = Filters(at=date(2025, 2, 15))
    assert judged(dataset, "coverage", filters=late) == date(2025, 2, 15)
    moved = {"day": "2024-04-01"}
    assert judged(dataset, "coverage", filters=late, options=moved) == date(2024, 4, 1)


def test_activities_are_those_of_the_newest_list_before_any_need_expires():
    """On the day of the needs the post of May had not begun; in June it is under way."""
    assert health(dataset_of_documents(NEEDS, LIST))[GAO] == "partial"
    alone = dataset_of_documents(NEEDS, document("liste", MARCH, CLINIC, POST))
    assert health(alone)[GAO] == "gap"


def test_a_need_replaced_by_a_newer_table_is_not_counted_as_expired():
    older = document(
        "besoins-2023",
        date(2023, 3, 1),
        context=(
            fact(
                "needs",
                KIDAL,
                sector="health",
                value=5.0,
                as_of=date(2023, 3, 1),
                expires=date(2023, 12, 31),
            ),
        ),
    )
    assert dataset_of_documents(older, NEEDS).ask("coverage").meta["expired"] == 0


def test_needs_of_a_year_to_come_are_judged_from_its_first_day_once_a_document_is_there():
    plan = fact("needs", KIDAL, sector="health", value=9.0, start=date(2024, 1, 1))
    told = document("hno", date(2023, 11, 30), context=(plan | {"as_of": date(2023, 11, 30)},))
    assert judged(dataset_of_documents(told), "coverage") == date(2023, 11, 30)
    assert judged(dataset_of_documents(told, LIST), "coverage") == date(2024, 1, 1)
    assert health(dataset_of_documents(told, LIST))[KIDAL] != "no_report"


ACCESS = document(
    "acces",
    JUNE,
    activity("Puits", KIDAL, key="puits"),
    context=(
        fact("access", KIDAL, value=4.0, as_of=JUNE, expires=date(2024, 12, 31), **ACAPS),
        fact("access", GAO, indicator="schools-closed", value=8.0, as_of=JUNE),
        fact("security", KIDAL, indicator="no-go", value=1.0, as_of=JUNE),
    ),
)


@pytest.mark.parametrize("layer", ["access", "access_facts", "services"])
def test_no_document_of_another_kind_makes_a_constraint_out_of_date(layer: str):
    before = dataset_of_documents(ACCESS).ask(layer, frame="ml-2016").table
    late = document("liste-2027", date(2027, 1, 1), MAYORS)
    after = dataset_of_documents(ACCESS, POPULATION, late).ask(layer, frame="ml-2016")
    assert after.table["stale"].to_list() == before["stale"].to_list()
    assert not before["stale"].drop_nulls().any()
    assert after.meta["reference"] == JUNE
    moved = dataset_of_documents(ACCESS).ask(layer, frame="ml-2016", options={"day": "2027-01-01"})
    assert moved.table["stale"].drop_nulls().all()


def test_an_activity_in_a_no_go_zone_stays_flagged_whatever_comes_in_later():
    late = document("liste-2027", date(2027, 1, 1), MAYORS)
    table = dataset_of_documents(ACCESS, late).activity_grid(frame="ml-2016").table
    assert table.filter(pl.col("title") == "Puits")["no_go"].to_list() == ["inside"]


def test_access_in_the_coverage_is_never_judged_before_the_needs_it_stands_beside():
    old = document(
        "acces-2018",
        date(2018, 5, 31),
        context=(fact("access", KIDAL, value=4.0, as_of=date(2018, 5, 31), **ACAPS),),
    )
    dataset = dataset_of_documents(NEEDS, LIST, old)
    answer = dataset.ask("coverage", frame="ml-2016")
    assert answer.meta["access_day"] == MARCH
    assert answer.table.filter(unit_id=KIDAL, sector="health")["access"].to_list() == [None]


def test_a_population_makes_no_activity_to_be_confirmed_and_ends_none_of_a_programme():
    ongoing = document("liste", JUNE, activity("Puits", KIDAL, end=date(2024, 9, 1)))
    dataset = dataset_of_documents(ongoing, POPULATION)
    assert dataset.activity_grid().table["status"].to_list() == ["ongoing"]
    assert judged(dataset, "programme") == judged(dataset, "presence") == JUNE
    later = dataset_of_documents(ongoing, LATER_LIST).activity_grid().table
    assert later.filter(title="Puits")["status"].to_list() == ["to_confirm"]


def test_a_list_of_somebody_who_is_not_to_report_makes_nobody_late():
    scope = {"organisation": "unicef", "frequency": "monthly", "due_days": 10}
    said = document("declaration", MARCH, context=(fact("reporting", GAO, as_of=MARCH, **scope),))
    april = document("unicef", date(2024, 4, 20), activity(unit=GAO, lead_org="unicef"))
    other = document("pam", date(2025, 2, 15), activity(unit=GAO, lead_org="pam"))
    dataset = dataset_of_documents(said, april, other)
    assert judged(dataset, "reporting") == date(2024, 4, 20)
    assert dataset.ask("reporting").table["state"].to_list() == ["missing"]
    moved = dataset.ask("reporting", options={"day": "2024-07-15"}).table
    assert moved["period_end"][0] == date(2024, 6, 30)


KINDS = ("population", "contribution", "components", "access", "priorities")


def _later(kind: str, days: int) -> Tables:
    day = date.fromordinal(date(2025, 1, 1).toordinal() + days)
    return document(f"{kind}-{days}", day, context=(fact(kind, MOPTI, value=3.0, as_of=day),))


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 900)), max_size=4, unique=True))
@settings(max_examples=8)
def test_no_later_document_of_another_kind_changes_how_many_needs_are_met(later: list):
    told = [NEEDS, LIST, LATER_LIST, *(_later(kind, days) for kind, days in later)]
    table = dataset_of_documents(*told).ask("coverage", frame="ml-2016").table
    counted = Counter(table.filter(pl.col("need").is_not_null())["state"])
    assert counted == {"covered": 1, "partial": 1, "gap": 1}


LATER = fact("needs", KIDAL, sector="health", value=9.0, start=date(2024, 1, 1))
COMING = document(
    "hno", date(2023, 11, 30), context=(LATER | {"as_of": date(2023, 11, 30)},)
)  # a plan of needs for 2024


def test_of_a_need_told_for_four_coming_quarters_the_first_is_counted():
    quarters = [LATER | {"start": date(2024, month, 1)} for month in (1, 4, 7, 10)]
    plan = document("hno", date(2023, 11, 30), context=tuple(
        quarter | {"as_of": date(2023, 11, 30)} for quarter in quarters))  # fmt: skip
    meta = dataset_of_documents(plan).ask("coverage").meta
    assert (meta["coming"], meta["coming_day"]) == (1, date(2024, 1, 1))


def test_needs_that_hold_only_later_are_counted_with_the_day_on_which_the_first_begins():
    alone = dataset_of_documents(COMING).ask("coverage")
    assert (alone.meta["coming"], alone.meta["coming_day"]) == (1, date(2024, 1, 1))
    moved = dataset_of_documents(COMING).ask(
        "coverage", frame="ml-2016", options={"day": "2024-01-01"}
    )
    assert (moved.meta["coming"], moved.meta["coming_day"]) == (0, None)
    assert moved.table.filter(unit_id=KIDAL, sector="health")["need"].to_list() == [9.0]


def test_the_notice_of_a_coverage_without_its_needs_says_how_to_see_them():
    words = judged_in_words(dataset_of_documents(COMING).ask("coverage"))
    assert words == [
        "1 besoin ne vaut qu'après le 30/11/2023 : il n'est pas montré. "
        "Pour les voir : day=2024-01-01."
    ]

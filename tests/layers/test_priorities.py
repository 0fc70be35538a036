"""Priorities chosen locally: one without an activity is a gap."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from atlas.export.notice import judged_in_words
from atlas.filters import Filters
from tests.layers.made import activity, dataset_of, fact

KIDAL, GAO, MOPTI = "ml-2016/ML08", "ml-2016/ML07", "ml-2016/ML05"
BANKASS, BANDIAGARA = "ml-2016/ML0502", "ml-2016/ML0501"
POSED = date(2016, 6, 1)


def chosen(unit: str = BANKASS, sector: str | None = "wash", **more: Any) -> dict[str, Any]:
    """A priority of June 2016: wells, unless it says otherwise."""
    return fact("priorities", unit, sector=sector, **{"text": "forages", "as_of": POSED} | more)


def well(unit: str = BANKASS, **more: Any) -> dict[str, Any]:
    """A well under way on the day of reference, 30 June 2017."""
    dates = {"start": date(2017, 1, 1), "end": date(2017, 12, 31)}
    return activity(unit=unit, **{"sector": "wash"} | dates | more)


def told(*entries: dict, facts: tuple[dict, ...], level: str = "region", **more: Any) -> list[dict]:
    dataset = dataset_of(*entries, context=facts)
    return dataset.ask("priorities", Filters(**more), "ml-2016", level).table.to_dicts()


def state(*entries: dict, **more: Any) -> str | None:
    (row,) = told(*entries, facts=(chosen(**more),))
    return row["state"]


def test_a_priority_without_an_activity_in_its_place_and_sector_is_a_gap():
    assert state() == "gap"
    assert state(well(BANDIAGARA), well(sector="health")) == "gap"


def test_one_under_way_makes_it_partial_and_one_that_is_over_covers_it():
    assert state(well()) == "partial"
    assert state(well(), well(title="b", status="completed")) == "covered"
    assert state(well(end=date(2017, 3, 1))) == "covered"


def test_what_ended_before_the_priority_was_chosen_or_never_began_answers_nothing():
    assert state(well(start=date(2015, 1, 1), end=date(2016, 5, 31))) == "gap"
    assert state(well(status="planned"), well(title="b", status="cancelled")) == "gap"


def test_an_activity_anywhere_answers_a_priority_of_the_whole_country():
    assert state(unit="_national") == "gap"
    assert state(well(), unit="_national") == "partial"


def test_no_activity_answers_a_priority_of_a_place_that_nobody_knows():
    assert told(well(), facts=(chosen("_unplaced"),))[0]["state"] == "gap"


def test_expired_priorities_of_a_sector_that_is_not_asked_about_are_not_counted():
    past = chosen(sector="health", expires=date(2016, 12, 31))
    dataset = dataset_of(well(), context=(past, chosen()))
    assert dataset.ask("priorities", Filters(sector=("wash",))).meta["expired"] == 0
    assert dataset.ask("priorities", Filters(sector=("health",))).meta["expired"] == 1


def test_without_a_sector_any_activity_of_the_place_makes_it_partial_and_none_covers_it():
    assert state(well(status="completed"), sector=None) == "partial"
    assert state(sector=None) == "gap"


def test_an_activity_in_a_commune_or_under_an_older_name_of_the_place_answers():
    assert state(well("ml-2012/ML050201")) == "partial"
    assert state(well("ml-2012/ML0502")) == "partial"
    assert state(well(MOPTI)) == "gap"  # nobody says that it is in Bankass


def test_a_number_published_without_its_list_is_a_figure_without_a_state():
    (row,) = told(facts=(chosen(sector=None, text="eau, éducation", value=37.0),))
    assert (row["listed"], row["state"], row["unit_id"], row["place_id"]) == (
        37, None, MOPTI, BANKASS,
    )  # fmt: skip


def test_a_priority_that_has_expired_or_is_of_a_later_day_is_not_told():
    assert told(facts=(chosen(expires=date(2017, 1, 1)), chosen(as_of=date(2017, 7, 1)))) == []


def test_the_sector_asked_for_keeps_its_priorities():
    facts = (chosen(), chosen(sector="health", text="soins"), chosen(sector=None, text="marché"))
    assert [row["text"] for row in told(facts=facts, sector=("health",))] == ["soins"]


def test_a_cell_whose_only_need_is_a_list_has_a_state_and_no_score():
    facts = (chosen(KIDAL), chosen(GAO, text="a"), chosen(GAO, text="b"), chosen(BANKASS))
    dataset = dataset_of(well(GAO), context=facts)
    table = dataset.ask("coverage", Filters(sector=("wash",)), "ml-2016").table
    cells = {row["unit_id"]: row for row in table.to_dicts()}
    assert [cells[unit]["state"] for unit in (KIDAL, GAO, MOPTI)] == ["gap", "partial", "gap"]
    assert (cells[GAO]["priorities"], cells[GAO]["need_indicator"]) == (2, "local-priority")
    assert (cells[KIDAL]["need_unknown"], cells[KIDAL]["score"]) == (False, None)


def test_one_that_is_past_on_the_day_chosen_is_counted_and_none_is_while_nobody_moves_it():
    until = chosen(expires=date(2017, 12, 31))
    dataset = dataset_of(context=(until,))
    assert dataset.ask("priorities").meta["expired"] == 0
    moved = dataset.ask("priorities", options={"day": "2018-01-01"})
    assert (moved.meta["expired"], moved.table.height) == (1, 0)


def test_a_priority_without_a_sector_has_a_cell_of_its_own_where_every_need_has_a_sector():
    need = fact("needs", GAO, sector="wash", value=5.0, as_of=POSED)
    facts = (chosen(KIDAL, sector=None), need)
    table = dataset_of(context=facts).ask("coverage", frame="ml-2016").table
    cells = table.filter(pl.col("priorities") > 0)
    assert cells.select("sector", "state", "priorities").rows() == [(None, "gap", 1)]


def test_a_number_published_without_its_list_adds_no_cell_without_a_sector():
    published = chosen(KIDAL, sector=None, value=37.0)
    table = dataset_of(context=(published,)).ask("coverage", frame="ml-2016").table
    assert table["sector"].null_count() == 0


def test_priorities_that_are_past_are_told_with_the_coverage():
    past = chosen(expires=date(2017, 12, 31))
    answer = dataset_of(context=(past,)).ask("coverage", options={"day": "2018-01-01"})
    assert answer.meta["priorities_expired"] == 1
    assert judged_in_words(answer) == ["1 priorité expirée au 01/01/2018."]


def test_expired_needs_of_a_sector_that_is_not_asked_about_are_not_counted():
    need = fact("needs", GAO, sector="wash", value=5.0, as_of=POSED, expires=date(2016, 12, 31))
    dataset, late = dataset_of(context=(need,)), {"day": "2017-06-30"}
    asked = {
        one: dataset.ask("coverage", Filters(sector=(one,)), options=late).meta["expired"]
        for one in ("wash", "health")
    }
    assert asked == {"wash": 1, "health": 0}

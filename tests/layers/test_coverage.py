"""What is reported of each cell, and what silence means where no need is known."""

from __future__ import annotations

from datetime import date

import polars as pl

from atlas.filters import Filters
from tests.layers.made import activity, dataset_of, fact

KIDAL, GAO, MENAKA, MOPTI = "ml-2016/ML08", "ml-2016/ML07", "ml-2016/ML10", "ml-2016/ML05"


def states(dataset, sector="health"):
    table = dataset.ask("coverage", Filters(sector=(sector,)), "ml-2016", "region").table
    return {u: (s, n) for u, s, n in table.select("unit_id", "state", "need_unknown").iter_rows()}


def test_a_cell_with_an_activity_is_active_and_no_cell_is_a_gap_without_needs():
    found = states(dataset_of(activity(unit=KIDAL, sector="health")))
    assert found[KIDAL] == ("active", True)
    assert {state for state, _ in found.values()} == {"active", "no_report"}


def test_a_presence_covers_nothing():
    dataset = dataset_of(activity(unit=KIDAL, sector="health", kind="presence", source="ngo"))
    assert states(dataset)[KIDAL] == ("no_report", True)


def test_a_source_that_covers_the_cell_and_says_nothing_reports_none():
    scope = fact("reporting", "ml-2016/ML08", sector="health", as_of=date(2017, 1, 1))
    found = states(dataset_of(context=(scope,)))
    assert found[KIDAL] == ("reported_none", True)
    assert found[MOPTI] == ("no_report", True)


def test_a_reporting_scope_without_sector_is_of_all_and_one_of_gao_2012_covers_both_its_heirs():
    found = states(dataset_of(context=(fact("reporting", "ml-2012/ML07", as_of=date(2017, 1, 1)),)))
    assert found[GAO] == found[MENAKA] == ("reported_none", True)


def test_a_reporting_scope_that_ended_covers_nothing():
    ended = fact("reporting", KIDAL, as_of=date(2016, 1, 1), expires=date(2016, 12, 31))
    assert states(dataset_of(context=(ended,)))[KIDAL] == ("no_report", True)


def test_a_reporting_scope_that_has_not_begun_covers_nothing():
    later = fact("reporting", KIDAL, as_of=date(2016, 1, 1), start=date(2017, 7, 1))
    assert states(dataset_of(context=(later,)))[KIDAL] == ("no_report", True)


def test_an_activity_of_an_older_larger_region_makes_its_heirs_not_comparable_in_its_sector():
    dataset = dataset_of(activity(unit="ml-2012/ML07", sector="health"))
    found = states(dataset)
    assert found[GAO] == found[MENAKA] == ("not_comparable", None)
    assert found[KIDAL] == ("no_report", True)
    assert states(dataset, "education")[GAO] == ("no_report", True)


def test_what_stands_in_a_reserved_row_is_shown_there():
    table = (
        dataset_of(activity(unit="_national", sector="health"))
        .ask("coverage", frame="ml-2016")
        .table
    )
    reserved = table.filter(table["unit_id"] == "_national").to_dicts()
    assert [(r["sector"], r["state"], r["response"]) for r in reserved] == [("health", "active", 1)]


def test_the_people_of_an_answer_are_those_that_its_score_is_made_of():
    both = (
        activity(unit=KIDAL, sector="health", reached=50.0, target=400.0),
        activity(unit=KIDAL, sector="health", target=200.0),
    )
    need = fact("needs", KIDAL, sector="health", value=1000.0, as_of=date(2017, 1, 1))
    table = dataset_of(*both, context=(need,)).ask(
        "coverage", Filters(sector=("health",)), "ml-2016", options={"activities": "period"}
    )
    (found,) = table.table.filter(pl.col("unit_id") == KIDAL).to_dicts()
    assert (found["people"], found["reached"], found["targeted"]) == (250.0, 50.0, 600.0)
    assert found["response_score"] == 0.25


def test_a_cercle_keeps_its_own_need_where_its_region_states_one_too():
    need = {"indicator": "people-in-need", "sector": "health", "as_of": date(2017, 6, 1)}
    whole, part = "ml-2016/ML05", "ml-2016/ML0502"
    context = (fact("needs", whole, value=900.0, **need), fact("needs", part, value=400.0, **need))
    dataset = dataset_of(context=context)
    needs = {
        level: dict(
            dataset.ask("coverage", Filters(), "ml-2016", level)
            .table.filter(pl.col("need").is_not_null())
            .select("unit_id", "need")
            .iter_rows()
        )
        for level in ("region", "cercle")
    }
    assert needs == {"region": {whole: 900.0}, "cercle": {part: 400.0, "_coarser": 900.0}}

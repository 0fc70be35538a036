"""Need × response × access: a case for each state and class, and what never may happen."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atlas.filters import Filters
from atlas.layers.gaps import reclassified_cells
from atlas.model import Viewer
from tests.layers.made import activity, dataset_of, fact

KIDAL, GAO, MOPTI, SEGOU = "ml-2016/ML08", "ml-2016/ML07", "ml-2016/ML05", "ml-2016/ML04"
TENENKOU, DJENNE = "ml-2016/ML0507", "ml-2016/ML0503"
JANUARY = date(2017, 1, 1)
CENSUS = date(2023, 1, 1)  # later than that of the package, which would go before it
ACAPS = {"scale": "ACAPS", "direction": "higher_is_worse", "as_of": JANUARY}


def need(value: float, unit: str = KIDAL, sector: str | None = "health", **more: Any) -> dict:
    """A statement of need of January 2017, of people unless it says otherwise."""
    return fact("needs", unit, sector=sector, value=value, **{"as_of": JANUARY} | more)


def clinic(unit: str = KIDAL, **more: Any) -> dict[str, Any]:
    """An activity of health, under way on the day of reference."""
    dates = {"start": date(2017, 1, 1), "end": date(2017, 12, 31)}
    return activity(unit=unit, **{"sector": "health"} | dates | more)


def access(value: float, unit: str = KIDAL, **more: Any) -> dict:
    """A severity of access on the scale of ACAPS, unless it says otherwise."""
    return fact("access", unit, value=value, **ACAPS | more)


def table(*entries: dict, context: tuple[dict, ...], level: str = "region", **options: str) -> Any:
    said = {name.replace("_", "-"): value for name, value in options.items()}
    dataset = dataset_of(*entries, context=context)
    return dataset.ask("coverage", Filters(), "ml-2016", level, options=said).table


def cell(
    *entries: dict, context: tuple[dict, ...], unit: str = KIDAL, sector: str | None = "health",
    level: str = "region", **options: str,
) -> dict[str, Any]:  # fmt: skip
    told = table(*entries, context=context, level=level, **options)
    here = told["sector"].eq_missing(sector) & (told["unit_id"] == unit)
    (found,) = told.filter(here).to_dicts()
    return found


# states


def test_three_quarters_of_the_need_reached_is_covered():
    found = cell(clinic(reached=750.0), context=(need(1000),))
    assert (found["state"], found["response_score"], found["measure"]) == (
        "covered", 0.75, "people",
    )  # fmt: skip


def test_a_tenth_of_the_need_targeted_is_partial():
    found = cell(clinic(target=100.0), context=(need(1000),))
    assert (found["state"], found["response_score"]) == ("partial", 0.1)


def test_less_than_a_tenth_of_the_need_reached_is_a_gap():
    assert cell(clinic(reached=99.0), context=(need(1000),))["state"] == "gap"


def test_a_need_without_any_activity_is_a_gap_whoever_reports():
    found = cell(context=(need(1000),))
    assert (found["state"], found["need_unknown"], found["reported"]) == ("gap", False, False)
    scope = fact("reporting", KIDAL, sector="health", as_of=JANUARY)
    found = cell(context=(need(1000), scope))
    assert (found["state"], found["reported"]) == ("gap", True)


def test_an_activity_of_unknown_reach_is_partial_however_many_there_are():
    found = cell(*(clinic(title=f"n{n}") for n in range(9)), context=(need(1000),))
    assert (found["state"], found["measure"], found["response"]) == ("partial", "activities", 9)


def test_the_number_of_activities_covers_where_that_is_the_measure_asked_for():
    four = [clinic(title=f"n{n}") for n in range(4)]
    assert cell(*four, context=(need(1000),), measure="activities")["state"] == "covered"
    assert cell(*four[:1], context=(need(1000),), measure="activities")["state"] == "partial"


def test_organisations_answer_where_that_is_the_measure_asked_for():
    there = activity(
        unit=KIDAL, sector="health", kind="presence", source="ngo", lead_org="unicef"
    )  # fmt: skip
    found = cell(there, context=(need(1000),), measure="organisations", enough="2")
    assert (found["state"], found["presence"], found["response_score"]) == ("partial", 1, 0.5)


def test_a_need_of_nobody_is_known_and_covered():
    found = cell(context=(need(0),))
    assert (found["state"], found["need"], found["need_unknown"]) == ("covered", 0.0, False)
    assert (found["need_score"], found["score"]) == (0.0, 0.0)


def test_without_a_table_of_needs_no_cell_is_a_gap_and_none_has_a_score():
    told = table(clinic(), context=(access(5),))
    assert not set(told["state"]) & {"gap", "partial", "covered"}
    assert told["score"].null_count() == told["rank"].null_count() == told.height


def test_a_need_that_has_expired_is_no_need():
    found = cell(context=(need(1000, expires=date(2017, 6, 29)),))
    assert (found["state"], found["need_unknown"], found["need"]) == ("no_report", True, None)


def test_a_need_without_expiry_holds_for_as_long_as_the_setting_says():
    old = need(1000, as_of=date(2015, 6, 30))
    assert cell(context=(old,))["need"] is None
    assert cell(context=(old,), need_age="0")["need"] == 1000.0


def test_a_need_of_a_later_day_is_not_known_yet():
    assert cell(context=(need(1000, as_of=date(2017, 7, 1)),))["need"] is None


def test_a_need_holds_from_its_start_and_a_projection_from_its_date():
    later = {"start": date(2017, 9, 1), "indicator": "ch-phase3to5"}
    assert cell(context=(need(1000, **later),))["need"] is None
    projected = need(1000, **later | {"indicator": "ch-phase3to5-projected"})
    assert cell(context=(projected,))["need"] == 1000.0
    told_after = need(1000, start=JANUARY, as_of=date(2017, 7, 15), expires=date(2017, 12, 31))
    assert cell(context=(told_after,))["need"] == 1000.0


def test_a_gap_beside_what_another_decoupage_cannot_place_is_not_comparable():
    older = clinic(unit="ml-2012/ML07")
    found = cell(older, context=(need(1000, GAO),), unit=GAO)
    assert (found["state"], found["score"], found["need"]) == ("not_comparable", None, 1000.0)


def test_what_is_past_elsewhere_leaves_a_gap_a_gap():
    older = clinic(unit="ml-2012/ML07", start=date(2016, 1, 1), end=date(2016, 12, 31))
    assert cell(older, context=(need(1000, GAO),), unit=GAO)["state"] == "gap"


def test_what_was_done_elsewhere_for_this_need_leaves_it_not_comparable():
    older = clinic(unit="ml-2012/ML07", end=date(2017, 1, 2))
    assert cell(older, context=(need(1000, GAO),), unit=GAO)["state"] == "not_comparable"


# what counts as an answer


def test_what_has_ended_is_past_and_answers_nothing_where_only_current_work_is_asked_for():
    ended = clinic(end=date(2017, 6, 29), reached=900.0)
    found = cell(ended, context=(need(1000),), activities="current")
    assert (found["state"], found["activities_current"], found["activities_past"]) == ("gap", 0, 1)


def test_what_has_ended_answers_where_the_whole_period_is_asked_for():
    ended = clinic(end=date(2017, 6, 29), reached=900.0)
    assert cell(ended, context=(need(1000),), activities="period")["state"] == "covered"


def test_quick_impact_projects_are_past_once_their_fund_is_closed():
    late = {"as_of": date(2024, 3, 1), "start": date(2023, 10, 1), "end": date(2024, 9, 30)}
    context = (need(1000, as_of=date(2024, 1, 1)),)

    def current(source: str) -> int:
        dataset = dataset_of(clinic(source=source, **late), context=context, as_of=date(2024, 3, 1))
        told = dataset.ask("coverage", Filters(sector=("health",)), "ml-2016").table
        return int(told.filter(told["unit_id"] == KIDAL)["activities_current"][0])

    assert (current("qip"), current("trust-fund")) == (0, 1)


def test_an_activity_without_dates_holds_for_a_year_after_its_document():
    undated = activity(unit=KIDAL, sector="health", reached=900.0)
    assert cell(undated | {"as_of": date(2016, 6, 30)}, context=(need(1000),))["state"] == "covered"
    assert cell(undated | {"as_of": date(2016, 6, 29)}, context=(need(1000),))["state"] == "gap"


@pytest.mark.parametrize("status", ["planned", "cancelled", "suspended"])
def test_what_is_not_begun_given_up_or_held_up_answers_nothing(status: str):
    found = cell(clinic(reached=900.0, status=status, usd=500), context=(need(1000),))
    assert (found["state"], found["response"], found["people"]) == ("gap", 0, None)
    assert (found["budget_usd"], found["ended_days"]) == (None, None)
    assert {n: found[f"activities_{n}"] for n in ("cancelled", "suspended")} == {
        "cancelled": int(status == "cancelled"), "suspended": int(status == "suspended"),
    }  # fmt: skip


# done work, and the period of a need

QUARTER = {"start": date(2017, 4, 1), "expires": date(2017, 6, 30), "as_of": date(2017, 4, 15)}


def handed_out(first: date, last: date | None, **more: Any) -> dict[str, Any]:
    """A distribution that is over and reached 900 people."""
    return clinic(**{"start": first, "end": last, "status": "completed", "reached": 900.0} | more)


def test_a_distribution_of_the_quarter_answers_the_need_of_the_quarter():
    found = cell(handed_out(date(2017, 4, 10), date(2017, 4, 12)), context=(need(1000, **QUARTER),))
    assert (found["state"], found["people"], found["response"]) == ("covered", 900.0, 1)
    assert (found["response_ended"], found["ended_days"], found["activities_current"]) == (1, 79, 0)
    assert found["need_since"] == date(2017, 4, 1)


def test_a_distribution_before_the_quarter_does_not():
    before = handed_out(date(2017, 3, 1), date(2017, 3, 31))
    found = cell(before, context=(need(1000, **QUARTER),))
    assert (found["state"], found["response"], found["activities_past"]) == ("gap", 0, 1)
    assert found["ended_days"] == 91


def test_a_project_that_finished_yesterday_opens_no_gap_and_says_so():
    project = clinic(reached=900.0, end=date(2017, 6, 29))
    found = cell(project, context=(need(1000),))
    assert (found["state"], found["response_ended"], found["ended_days"]) == ("covered", 1, 1)
    strict = cell(project, context=(need(1000),), activities="current")
    assert (strict["state"], strict["response_ended"], strict["ended_days"]) == ("gap", 0, 1)


def test_done_work_answers_for_as_many_days_as_the_setting_says():
    project = clinic(reached=900.0, end=date(2017, 5, 31))
    states = {
        days: cell(project, context=(need(1000),), ended_days=days)["state"]
        for days in ("29", "30")
    }
    assert states == {"29": "gap", "30": "covered"}


def test_done_work_of_no_known_day_answers_no_need():
    undated = activity(unit=KIDAL, sector="health", status="completed", reached=900.0)
    found = cell(undated, context=(need(1000),))
    assert (found["state"], found["activities_past"], found["ended_days"]) == ("gap", 1, None)


def test_a_need_of_no_sector_and_one_of_a_sector_each_count_by_their_own_day():
    work = handed_out(date(2017, 2, 1), date(2017, 2, 28))
    context = (need(1000), need(1000, sector=None, **QUARTER))
    assert cell(work, context=context)["state"] == "covered"
    assert cell(work, context=context, sector=None)["state"] == "gap"


def test_people_of_an_activity_in_two_units_are_split_by_nobody():
    two = clinic(unit=(KIDAL, GAO), reached=900.0)
    found = cell(two, context=(need(1000),))
    assert (found["reached"], found["state"], found["response"]) == (None, "partial", 1)


def test_an_activity_on_the_perimeter_of_its_document_is_counted_flagged_or_left_out():
    spread = clinic(inherited=True)
    assert cell(spread, context=(need(1000),))["activities_inherited"] == 1
    without = cell(spread, context=(need(1000),), perimeter="without")
    assert (without["response"], without["state"]) == (0, "gap")


def test_a_gap_says_that_activities_of_the_larger_unit_may_be_there():
    context = (need(1000, TENENKOU),)
    found = cell(clinic(unit=MOPTI), context=context, unit=TENENKOU, level="cercle")
    assert (found["state"], found["wider"]) == ("gap", True)


def test_the_budget_of_what_counts_is_divided_by_the_people_of_the_unit():
    people = fact("population", KIDAL, indicator="population", value=50_000.0, as_of=CENSUS)
    found = cell(clinic(usd=1_000_000), context=(need(1000), people))
    assert (found["budget_usd"], found["population"], found["budget_per_head"]) == (
        10_000.0, 50_000.0, 0.2,
    )  # fmt: skip


# which need


def test_people_in_need_go_before_phases_and_are_never_added_to_them():
    context = (
        need(1000, indicator="people-in-need"),
        need(400, indicator="ch-phase3to5"),
        need(4, indicator="severity"),
    )
    assert cell(context=context)["need"] == 1000.0
    by_level = cell(context=context, need="severity")
    assert (by_level["need"], by_level["need_indicator"], by_level["need_score"]) == (
        4.0, "severity", 0.75,
    )  # fmt: skip


def test_the_newest_statement_of_a_place_speaks_and_groups_of_one_table_add_up():
    context = (
        need(500),
        need(70, as_of=date(2017, 3, 1)),
        need(30, as_of=date(2017, 3, 1), text="déplacés"),
    )
    assert cell(context=context)["need"] == 100.0


def test_a_region_has_its_own_figure_before_the_sum_of_its_cercles():
    parts = (need(300, TENENKOU), need(200, DJENNE))
    found = cell(context=parts, unit=MOPTI)
    assert (found["need"], found["need_places"]) == (500.0, 2)
    assert cell(context=(*parts, need(900, MOPTI)), unit=MOPTI)["need"] == 900.0


def test_one_ground_named_in_two_decoupages_is_not_needed_twice():
    context = (need(300, "ml-2012/ML08"), need(250, KIDAL, as_of=date(2017, 2, 1)))
    assert cell(context=context)["need"] == 250.0


def test_a_need_of_the_region_is_never_split_among_its_cercles():
    told = table(context=(need(900, MOPTI),), level="cercle")
    cells = dict(told.drop_nulls("need").select("unit_id", "need").iter_rows())
    assert cells == {"_coarser": 900.0}
    assert "gap" not in set(told["state"])


def test_a_need_of_no_sector_makes_a_row_of_all_of_them():
    found = cell(clinic(reached=800.0), context=(need(1000, sector=None),), sector=None)
    assert (found["state"], found["need"]) == ("covered", 1000.0)
    assert cell(context=(need(1000, sector=None),))["need_unknown"] is True


def test_the_population_is_a_need_only_where_that_is_asked_for():
    people = fact("population", KIDAL, indicator="population", value=50_000.0, as_of=CENSUS)
    assert cell(context=(people,))["need_unknown"] is True
    found = cell(context=(people,), need="population")
    assert (found["state"], found["need"], found["need_indicator"]) == (
        "gap", 50_000.0, "population",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("indicator", "value", "score"),
    [("severity", 1, 0.0), ("severity", 5, 1.0), ("ch-phase", 3, 0.5), ("sap-alert", 4, 0.8)],
)
def test_a_level_is_a_part_of_its_scale(indicator: str, value: float, score: float):
    assert cell(context=(need(value, indicator=indicator),))["need_score"] == score


def test_rank_one_is_the_most_urgent():
    said = {"indicator": "priority-rank", "sector": None}
    context = (need(1, KIDAL, **said), need(2, GAO, **said), need(3, MOPTI, **said))
    scores = {u: cell(context=context, unit=u, sector=None)["need_score"] for u in (KIDAL, GAO)}
    assert scores == {KIDAL: 1.0, GAO: 0.5}


def test_a_level_of_an_unknown_scale_is_unknown_and_not_zero():
    found = cell(context=(need(7, indicator="priority-score"),))
    assert (found["need_score"], found["score"], found["state"]) == (None, None, "gap")


def test_people_are_measured_by_rank_by_the_largest_or_by_the_population():
    people = fact("population", KIDAL, indicator="population", value=1000.0, as_of=CENSUS)
    context = (need(100), need(400, GAO), need(800, MOPTI), need(900, SEGOU), people)
    assert cell(context=context)["need_score"] == 0.25
    assert cell(context=context, need_scale="largest")["need_score"] == pytest.approx(100 / 900)
    assert cell(context=context, need_scale="population")["need_score"] == 0.1


# access, score, class, rank


def test_access_is_the_worst_or_the_mean_of_the_unit():
    context = (need(1000, MOPTI), access(4, TENENKOU), access(1, DJENNE))
    found = cell(context=context, unit=MOPTI)
    assert (found["access"], found["access_score"]) == (4.0, 0.8)
    mean = cell(context=context, unit=MOPTI, access="mean")["access_score"]
    assert round(mean, 2) == 0.13  # 4 of 5 on 15 % of the ground, 1 on 6 %, nothing told elsewhere


def test_on_an_inverted_scale_the_lowest_is_the_worst():
    context = (need(1000), access(1, direction="lower_is_worse"))
    assert cell(context=context)["access_score"] == 0.8


def test_access_on_an_unknown_scale_is_unknown_and_left_out_of_the_score():
    found = cell(context=(need(1000), need(10, GAO), access(4, scale="de la maison")))
    assert (found["access"], found["access_score"], found["parts"]) == (4.0, None, 2)
    assert (found["score"], found["class"]) == (1.0, None)


def test_the_score_is_the_weighted_geometric_mean_of_need_lack_of_response_and_access():
    context = (need(1000), need(2000, GAO), access(3))
    found = cell(clinic(reached=500.0), context=context)
    assert found["score"] == pytest.approx((0.5 * 0.5 * 0.8) ** (1 / 3))
    heavier = cell(clinic(reached=500.0), context=context, need_weight="2", access_weight="0")
    assert heavier["score"] == pytest.approx((0.5**2 * 0.5) ** (1 / 3))


def test_high_need_severe_access_and_weak_response_is_an_access_priority():
    context = (need(1000), need(10, GAO), access(4))
    assert cell(context=context)["class"] == "access_priority"
    assert cell(clinic(reached=500.0), context=context)["class"] is None


def test_the_need_of_one_zone_alone_has_no_rank_no_score_and_no_class():
    for scale in ("rank", "largest"):
        found = cell(context=(need(50), access(5)), need_scale=scale)
        assert (found["state"], found["need_score"], found["unmet"]) == ("gap", None, None)
        assert (found["rank"], found["score"], found["class"]) == (None, None, None)


def test_severe_access_without_a_known_need_is_no_priority():
    found = cell(context=(access(3),))
    assert (found["class"], found["rank"], found["state"]) == (None, None, "no_report")


def test_a_rank_of_a_table_that_ranks_one_place_says_nothing():
    found = cell(context=(need(1, indicator="priority-rank"), access(5)))
    assert (found["need_score"], found["rank"], found["class"]) == (None, None, None)


def test_needs_of_two_sectors_and_ranks_beside_counts_are_never_in_one_ranking():
    rank = {"indicator": "priority-rank", "sector": "education"}
    context = (
        need(900), need(100, GAO),
        need(90_000, sector="wash"), need(70_000, GAO, sector="wash"),
        need(1, MOPTI, **rank), need(2, SEGOU, **rank),
        need(5, MOPTI, indicator="severity"), need(2, SEGOU, indicator="severity"),
    )  # fmt: skip
    told = table(context=context).drop_nulls("rank")
    ranks = {(u, s): r for u, s, r in told.select("unit_id", "sector", "rank").iter_rows()}
    assert ranks == {
        (KIDAL, "health"): 1, (GAO, "health"): 2, (KIDAL, "wash"): 1, (GAO, "wash"): 2,
        (MOPTI, "education"): 1, (SEGOU, "education"): 2,
        (MOPTI, "health"): 1, (SEGOU, "health"): 2,
    }  # fmt: skip


def test_a_region_says_of_how_many_of_its_cercles_it_knows_the_need():
    found = cell(context=(need(300, TENENKOU), need(200, DJENNE)), unit=MOPTI)
    assert (found["need_units_known"], found["need_units"], found["need_units_level"]) == (
        2, 8, "cercle",
    )  # fmt: skip
    whole = cell(context=(need(900, MOPTI),), unit=MOPTI)
    assert (whole["need_units_known"], whole["need_units"]) == (None, None)


def test_cercles_and_communes_together_are_counted_in_communes():
    parts = (need(300, TENENKOU), need(20, "ml-2016/ML050301"))
    found = cell(context=parts, unit=MOPTI)
    assert (found["need_units_known"], found["need_units"], found["need_units_level"]) == (
        11, 108, "commune",
    )  # fmt: skip


def test_what_nothing_answers_is_the_need_times_the_lack_of_response():
    context = (need(1000), need(2000, GAO))
    found = cell(clinic(reached=500.0), context=context)
    assert (found["need_score"], found["response_score"], found["unmet"]) == (0.5, 0.5, 0.25)


def test_moderate_need_moderate_access_and_weak_response_is_a_nexus_priority():
    context = (need(100), need(900, GAO), access(2), access(2, GAO))
    found = {u: cell(context=context, unit=u)["class"] for u in (KIDAL, GAO)}
    assert found == {KIDAL: "nexus_priority", GAO: None}


def test_ranks_are_dense_and_the_worst_is_first():
    context = (need(1000), need(1000, GAO), need(100, MOPTI))
    told = table(context=context).drop_nulls("rank")
    assert dict(told.select("unit_id", "rank").iter_rows()) == {KIDAL: 1, GAO: 1, MOPTI: 2}


def test_the_cells_that_a_threshold_moves_are_named_with_what_they_were():
    context = (need(1000), need(10, GAO), access(3))
    now = table(context=context, severe_access="0.7")
    moved = reclassified_cells(now, table(context=context))
    assert moved.select("unit_id", "sector", "class", "class_before").rows() == [
        (KIDAL, "health", None, "access_priority")
    ]


people_counts = st.integers(0, 10**6)


@settings(max_examples=15)
@given(people_counts, people_counts, people_counts, st.integers(0, 5), st.integers(0, 10**6))
def test_more_need_never_lowers_the_score(one, more, other, severity, reached):
    low, high = sorted((one, one + more))
    answer = clinic(reached=float(reached))

    def score(people: int) -> float:
        context = (need(people), need(other, GAO), access(severity))
        # what is reached grows with the need, so that the response is the same part of it
        told = answer if people == 0 else clinic(reached=reached / 10**6 * people)
        return float(cell(told, context=context)["score"])

    assert score(high) >= score(low) - 1e-12


@settings(max_examples=15)
@given(
    st.lists(st.none() | st.integers(0, 2000), max_size=4),
    st.none() | st.integers(0, 2000),
    st.integers(0, 5),
)
@example(reach=[None, None, None, 750], further=None, severity=0)  # four fifths of "enough"
def test_more_response_never_raises_the_score(reach, further, severity):
    context = (need(1000), need(10, GAO), access(severity))
    before = [clinic(reached=None if r is None else float(r)) for r in reach]
    added = clinic(reached=None if further is None else float(further))
    less = cell(*before, context=context)
    more = cell(*before, added, context=context)
    order = ["gap", "partial", "covered"]
    assert more["score"] <= less["score"] + 1e-12
    assert order.index(more["state"]) >= order.index(less["state"])


def test_where_access_is_withheld_the_score_gives_nothing_of_it_away():
    dataset = dataset_of(context=(need(1000, TENENKOU), need(500, DJENNE), access(5, TENENKOU)))
    told = dataset.ask("coverage", Filters(), "ml-2016", "cercle", viewer=Viewer.PUBLIC).table
    assert told["access"].count() == told["access_score"].count() == told["class"].count() == 0
    (found,) = told.filter(pl.col("unit_id") == DJENNE, pl.col("need") > 0)["score"].to_list()
    assert found == pytest.approx(0.5**0.5)  # half of the needs are no greater; no response


def test_what_a_region_says_of_an_unnamed_part_adds_to_its_cercles() -> None:
    part = need(500, MOPTI, part_of_unit=True)
    found = cell(context=(need(1000, TENENKOU), need(2000, DJENNE), part), unit=MOPTI)
    assert (found["need"], found["need_units_known"], found["need_units"]) == (3500.0, 2, 8)


def test_what_a_region_states_as_a_whole_holds_its_unnamed_parts() -> None:
    parts = (need(500, MOPTI, part_of_unit=True), need(300, MOPTI, part_of_unit=True))
    assert cell(context=parts, unit=MOPTI)["need"] == 800.0
    assert cell(context=(need(9000, MOPTI), *parts), unit=MOPTI)["need"] == 9000.0

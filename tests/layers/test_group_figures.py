"""People of a group: stated, or told by the groups that make the whole; never made up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.layers.group_figures import EVERYONE, GROUP_LABELS, PART_OF_CODE, group_values
from atlas.model import frame_of
from tests.layers.made import activity, fact, tables_of
from tests.strategies import SyntheticSnapshot

BANKASS, MOPTI = "ml-2016/ML0502", "ml-2016/ML05"


def figure(value: float, key: str = "a0", **codes: Any) -> dict[str, Any]:
    told = {
        "activity_id": key,
        "indicator": "beneficiaries",
        "measure": "reached",
        "is_part": False,
        "value": value,
    }
    return told | codes


def reached(*figures: dict[str, Any], group: str, whole: float | None = 100) -> Any:
    """Best number of a group reached in all, by one activity that reached a whole."""
    made = tables_of(activity("Kits", BANKASS, reached=whole))
    made = replace(made, figures=frame_of("figures", figures))
    answer = Dataset(SyntheticSnapshot(made)).ask(
        "people", frame="ml-2016", options={"group": group}
    )
    told = answer.meta["reached"]
    return told[1] if isinstance(told, tuple) else None


def test_a_group_that_is_stated_counts_as_it_is() -> None:
    assert reached(figure(40, status="idp"), group="idp") == 40


def test_women_girls_men_and_boys_that_make_the_whole_tell_women_and_children() -> None:
    four = [
        figure(n, sex=sex, age=age)
        for n, sex, age in (
            (30, "f", "adult"),
            (30, "f", "child"),
            (20, "m", "adult"),
            (20, "m", "child"),
        )
    ]
    assert [reached(*four, group=one) for one in ("f", "m", "child", "adult")] == [60, 40, 50, 50]


def test_displaced_women_and_men_beside_hosts_are_the_displaced() -> None:
    crossed = [
        figure(n, status=status, sex=sex)
        for n, status, sex in (
            (30, "idp", "f"),
            (20, "idp", "m"),
            (35, "host", "f"),
            (15, "host", "m"),
        )
    ]
    assert [reached(*crossed, group=one) for one in ("idp", "host", "f")] == [50, 50, 65]


@pytest.mark.parametrize(
    ("figures", "group"),
    [
        ([figure(30, sex="f", age="adult"), figure(20, sex="m", age="adult")], "f"),
        ([figure(30, sex="f"), figure(20, sex="m")], "f"),
        ([figure(10, age="child"), figure(40, age="child")], "child"),
        ([figure(12, sex="f", is_part=True)], "f"),
        ([figure(40, status="idp")], "f"),
        ([figure(30, measure="unsaid", sex="f"), figure(70, measure="unsaid", sex="m")], "f"),
    ],
    ids=["no girls", "not everyone", "one inside the other", "some of them", "another", "of which"],
)
def test_what_no_document_tells_stays_unknown(figures: list[dict[str, Any]], group: str) -> None:
    assert reached(*figures, group=group) is None


def test_of_several_months_the_largest_counts() -> None:
    months = [
        figure(n, sex=sex, period_start=day, period_end=day)
        for n, sex, day in (
            (60, "f", "2026-01-31"), (40, "m", "2026-01-31"),
            (70, "f", "2026-02-28"), (50, "m", "2026-02-28"),
        )
    ]  # fmt: skip
    everyone = [
        figure(n, period_start=day, period_end=day)
        for n, day in ((100, "2026-01-31"), (120, "2026-02-28"))
    ]
    rows = [
        one
        | {
            key: pl.Series([one[key]]).str.to_date().item()
            for key in ("period_start", "period_end")
        }
        for one in (*months, *everyone)
    ]
    assert reached(*rows, group="f", whole=120) == 70


def test_groups_follow_the_rule_of_counting_of_everyone() -> None:
    two = tables_of(
        activity("Kits, janvier", BANKASS, reached=100.0, lead_org="acf", sector="shelter"),
        activity("Kits, février", BANKASS, reached=80.0, lead_org="acf", sector="shelter"),
    )
    figures = [figure(40, status="idp"), figure(30, "a1", status="idp")]
    data = Dataset(SyntheticSnapshot(replace(two, figures=frame_of("figures", figures))))
    answer = data.ask("people", frame="ml-2016", options={"group": "idp"})
    assert (answer.meta["reached"], answer.meta["reached_figures"]) == ((40.0, 40.0, 40.0), 2)


NEEDS = (
    fact("needs", BANKASS, sector="wash", value=20_000.0, as_of=None),
    fact("group-needs", BANKASS, sector="wash", value=12_000.0, group="idp"),
    fact("group-needs", BANKASS, sector="wash", value=5_000.0, group="host f"),
    fact("group-needs", BANKASS, sector="wash", value=3_000.0, group="host m"),
)


def in_need(group: str, *facts: dict[str, Any]) -> list[float | None]:
    data = Dataset(SyntheticSnapshot(tables_of(context=facts)))
    table = data.ask("people", frame="ml-2016", level="cercle", options={"group": group}).table
    return table.filter(pl.col("in_need").is_not_null())["in_need"].to_list()


def test_needs_of_a_group_are_asked_for_and_never_added_to_those_of_everyone() -> None:
    asked = ("all", "idp", "host", "f", "child")
    assert [in_need(one, *NEEDS) for one in asked] == [[20_000], [12_000], [], [], []]


def test_groups_in_need_without_a_total_are_the_whole_together() -> None:
    both = (
        fact("needs", BANKASS, sector="wash", value=12_000.0, group="idp"),
        fact("needs", BANKASS, sector="wash", value=8_000.0, group="host"),
    )
    assert [in_need(one, *both) for one in ("all", "idp", "host")] == [[20_000], [12_000], [8_000]]


counts = st.integers(0, 500).map(float)


@given(st.tuples(counts, counts), st.tuples(counts, counts))
def test_the_groups_of_one_breakdown_add_up_to_the_whole(
    women: tuple[float, float], men: tuple[float, float]
) -> None:
    rows = [
        {"key": "a", "status": None, "sex": sex, "age": age, "disability": None}
        | {"is_part": False, "value": n, "whole": sum(women) + sum(men)}
        for sex, pair in (("f", women), ("m", men))
        for n, age in zip(pair, ("adult", "child"), strict=True)
    ]
    told = {
        group: group_values(pl.DataFrame(rows), group)["value"].item()
        for group in ("f", "m", "adult", "child")
    }
    assert told["f"] + told["m"] == told["adult"] + told["child"] == sum(women) + sum(men)


def test_every_code_of_a_group_can_be_asked_for() -> None:
    assert set(GROUP_LABELS) == {EVERYONE, *PART_OF_CODE}

"""What ends within some months, who is there after it, and the need that lasts."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings

from atlas.dataset import Answer, Dataset
from atlas.filters import Filters
from atlas.layers.ending import ENDING, NO_END
from atlas.model import Viewer
from tests import strategies
from tests.layers.made import activity, dataset_of, fact
from tests.strategies import SyntheticSnapshot

GAO, BOUREM = "ml-2016/ML07", "ml-2016/ML0702"
BEGUN = {"start": date(2017, 1, 1), "sector": "wash", "source": "ngo"}
SOON, LATE = date(2017, 9, 30), date(2017, 10, 1)
"""Three months after the day of the documents, 30 June 2017, and the day after."""


def ending(*entries: dict[str, Any], filters: Filters | None = None, **more: Any) -> Answer:
    """The answer by région of 2016, on 30 June 2017."""
    context = more.pop("context", ())
    dataset = dataset_of(*entries, context=context)
    return dataset.ask("ending", filters or Filters(), "ml-2016", **more)


def rows(answer: Answer, *columns: str) -> list[tuple[Any, ...]]:
    return answer.table.select(*columns).rows()


def test_what_ends_on_the_last_day_of_the_months_is_listed_and_the_day_after_is_not() -> None:
    """Three months from 30 June is 30 September."""
    answer = ending(
        activity("Puits", GAO, lead_org="acf", end=SOON, **BEGUN),
        activity("Forage", GAO, lead_org="irc", end=LATE, **BEGUN),
    )
    told = ("title", "ends", "end", "days_left", "remains", "organisations_after")
    assert rows(answer, *told) == [("Puits", ENDING, SOON, 92, "others", 1)]
    assert [answer.meta[name] for name in ("ending", "later", "no_end")] == [1, 1, 0]


def test_an_end_that_nobody_gave_is_unknown_and_not_never() -> None:
    """It is listed apart, and whoever is there with it may leave too."""
    answer = ending(
        activity("Puits", GAO, lead_org="acf", end=SOON, **BEGUN),
        activity("Forage", GAO, lead_org="irc", **BEGUN),
    )
    told = ("title", "ends", "end", "remains", "organisations_after", "organisations_unsure")
    assert rows(answer, *told) == [
        ("Puits", ENDING, SOON, "unsure", 0, 1),
        ("Forage", NO_END, None, "unsure", 0, 1),
    ]


def test_the_last_day_of_a_closed_fund_is_the_end_of_what_it_pays() -> None:
    """QIP ended on 31 December 2023; whatever a list gives as a later end, or gives not."""
    begun = {"start": date(2017, 1, 1), "lead_org": "acf", "source": "qip"}
    answer = ending(
        activity("Sans fin", GAO, **begun),
        activity("Au-delà", GAO, end=date(2025, 1, 1), **begun),
        options={"months": "60", "day": "2023-12-01", "undated-days": "3650"},
    )
    fund = date(2023, 12, 31)
    assert sorted(rows(answer, "title", "end")) == [("Au-delà", fund), ("Sans fin", fund)]


def test_the_last_one_of_a_sector_is_told_whatever_goes_on_in_others() -> None:
    """ACF leaves water; IRC stays for health, and what is planned, stopped or past stays for nothing."""
    answer = ending(
        activity("Puits", GAO, lead_org="acf", end=SOON, **BEGUN),
        activity("Soins", GAO, lead_org="irc", end=LATE, **BEGUN | {"sector": "health"}),
        activity("Prévu", GAO, lead_org="irc", status="planned", end=LATE, **BEGUN),
        activity("Arrêté", GAO, lead_org="irc", status="suspended", end=LATE, **BEGUN),
        activity("Fini", GAO, lead_org="irc", status="completed", end=LATE, **BEGUN),
        activity(None, GAO, kind="presence", implementers=["irc"], sector="wash"),
    )
    assert rows(answer, "title", "sector", "remains") == [("Puits", "wash", "nobody")]


def test_an_organisation_that_goes_on_with_other_work_there_stays() -> None:
    """The well ends, the network of the same organisation does not."""
    answer = ending(
        activity("Puits", GAO, lead_org="acf", end=SOON, **BEGUN),
        activity("Réseau", GAO, lead_org="acf", end=LATE, **BEGUN),
    )
    assert rows(answer, "title", "remains") == [("Puits", "others")]


def test_a_filter_makes_nobody_the_last_one() -> None:
    """IRC goes on, whether or not the page shows it."""
    answer = ending(
        activity("Puits", GAO, lead_org="acf", end=SOON, **BEGUN),
        activity("Forage", GAO, lead_org="irc", end=LATE, **BEGUN),
        filters=Filters(organisation=("acf",)),
    )
    assert rows(answer, "title", "remains") == [("Puits", "others")]


def test_work_placed_on_the_larger_unit_may_be_there_too() -> None:
    """Of Bourem nobody says that IRC, at work in the région, is not there."""
    answer = ending(
        activity("Puits", BOUREM, lead_org="acf", end=SOON, **BEGUN),
        activity("Forage", GAO, lead_org="irc", end=LATE, **BEGUN),
        level="cercle",
    )
    assert rows(answer, "unit_name", "remains", "organisations_after") == [("Bourem", "unsure", 0)]


def test_an_activity_of_several_sectors_ends_in_each() -> None:
    several = BEGUN | {"sector": "multi-sector"}
    answer = ending(
        activity("Appui", GAO, lead_org="acf", end=SOON, sectors=("health", "wash"), **several),
        activity("Forage", GAO, lead_org="irc", end=LATE, **BEGUN),
    )
    assert rows(answer, "sector", "remains") == [("health", "nobody"), ("wash", "others")]


def test_the_need_that_lasts_stands_beside_with_its_day() -> None:
    need = fact("needs", GAO, indicator="people-in-need", sector="wash", value=900.0)
    need |= {"as_of": date(2017, 6, 1)}
    answer = ending(
        activity("Puits", GAO, lead_org="acf", end=SOON, **BEGUN),
        activity("Soins", GAO, lead_org="acf", end=SOON, **BEGUN | {"sector": "health"}),
        context=(need,),
    )
    told = ("sector", "need", "need_indicator", "need_as_of")
    assert rows(answer, *told) == [
        ("health", None, None, None),
        ("wash", 900.0, "people-in-need", date(2017, 6, 1)),
    ]


def test_the_day_of_a_distribution_that_is_not_over_is_told_to_editors_alone() -> None:
    """To the others it is one of which the end is not told, in its région."""
    food = {"sector": "food-security", "source": "ngo", "start": date(2017, 6, 1), "end": SOON}
    dataset = dataset_of(activity("Distribution de vivres", BOUREM, lead_org="acf", **food))
    seen = {
        viewer: dataset.ask("ending", frame="ml-2016", viewer=viewer).table["end"].to_list()
        for viewer in Viewer
    }
    assert seen == {Viewer.PUBLIC: [None], Viewer.PARTNER: [None], Viewer.EDITOR: [SOON]}


@given(strategies.tables(), strategies.questions())
@settings(max_examples=25)
def test_every_activity_under_way_ends_soon_later_or_on_an_unknown_day(tables, question):
    """And the more months, the more of the same list."""
    dataset = Dataset(SyntheticSnapshot(tables))
    told = {}
    for months in ("0", "3", "60"):
        answer = dataset.ask(
            "ending", frame=question[0], level=question[1], options={"months": months}
        )
        counts = [answer.meta[name] for name in ("ending", "later", "no_end")]
        listed = answer.table.filter(ends=ENDING)["activity_id"].unique()
        assert listed.len() == counts[0]
        told[months] = set(listed), sum(counts)
        assert (
            answer.table.filter(ends=NO_END)["end"].null_count()
            == answer.table.filter(pl.col("ends") == NO_END).height
        )
    assert told["0"][0] <= told["3"][0] <= told["60"][0]
    assert told["0"][1] == told["3"][1] == told["60"][1]

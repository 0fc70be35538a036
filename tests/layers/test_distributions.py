"""Where the State and others distribute food in one place and month."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.model import Viewer
from tests.layers.made import activity, dataset_of

DOUROU, BANDIAGARA, MOPTI = "ml-2012/ML050108", "ml-2012/ML0501", "ml-2012/ML05"
MAY = {"start": date(2017, 5, 3), "end": date(2017, 5, 20), "status": "completed"}
FOOD = {"sector": "food-security"}
CSA = activity("Distribution de vivres", DOUROU, source="csa", lead_org="csa", **FOOD, **MAY)
NGO = activity("Distribution de vivres", DOUROU, source="ngo", lead_org="acf", **FOOD, **MAY)


def beside(*entries: dict[str, Any], viewer: Viewer = Viewer.EDITOR) -> list[dict[str, Any]]:
    """The rows by commune, or as finely as the viewer may ask."""
    level = "cercle" if viewer is Viewer.PUBLIC else "commune"
    answer = dataset_of(*entries).ask("distributions", frame="ml-2012", level=level, viewer=viewer)
    return answer.table.to_dicts()


def test_both_in_one_commune_and_month_are_a_row_with_who_and_how_many() -> None:
    """Two NGOs of 300 and 200 people hand out where the State reaches 1 000."""
    (told,) = beside(
        CSA | {"reached": 1000.0},
        NGO | {"reached": 300.0},
        NGO | {"target": 200.0, "lead_org": "irc"},
    )
    assert (told["unit_name"], told["month"], told["certain"]) == ("Dourou", date(2017, 5, 1), True)
    assert (told["state_organisations"], told["others_organisations"]) == ("CSA", "ACF ; IRC")
    assert (told["state_activities"], told["others_activities"]) == (1, 2)
    assert (told["state_people_low"], told["state_people_high"]) == (1000, 1000)
    assert (told["others_people_low"], told["others_people_high"]) == (300, 500)


@pytest.mark.parametrize(
    "other",
    [
        NGO | {"start": date(2017, 6, 1), "end": date(2017, 6, 2)},
        NGO | {"units": ("ml-2012/ML050103",)},
        NGO | {"units": (BANDIAGARA,)},
        NGO | {"sector": "health"},
        NGO | {"title": "Formation des comités"},
        NGO | {"status": "cancelled"},
        NGO | {"start": None, "end": None},
        NGO | {"lead_org": None},
        NGO | {"lead_org": "drdses"},
        NGO | {"source": "csa", "implementers": ["amsode"], "lead_org": "csa"},
    ],
)
def test_another_month_place_sector_or_kind_of_work_is_no_row(other: dict[str, Any]) -> None:
    """Nor is a day that nobody gave, a distributor that nobody names, or the State beside itself."""
    assert beside(CSA, other) == []


def test_the_months_of_a_long_distribution_are_possible_and_its_people_at_most() -> None:
    """Of April to June nobody says in which month its 900 people were served."""
    long = NGO | {"start": date(2017, 4, 1), "end": date(2017, 6, 30), "reached": 900.0}
    (told,) = beside(CSA, long)
    assert (told["month"], told["certain"]) == (date(2017, 5, 1), False)
    assert (told["others_people_low"], told["others_people_high"]) == (None, 900)
    assert (told["state_people_low"], told["state_people_high"]) == (None, None)


def test_a_place_that_the_document_does_not_give_makes_no_certain_row() -> None:
    """Put on the perimeter of its document, it may have been in the next commune."""
    (told,) = beside(CSA, NGO | {"inherited": True})
    assert told["certain"] is False


def test_an_organisation_of_unknown_kind_is_one_of_the_others() -> None:
    """Most are local NGOs that no vocabulary has; their name is there to judge by."""
    (told,) = beside(CSA, NGO | {"lead_org": "Une association"})
    assert told["others_organisations"] == "Une association"


def test_a_distribution_that_is_not_over_is_in_a_row_for_editors_alone() -> None:
    """On 30 June that of ACF goes on until July: its month and commune are withheld."""
    going = NGO | {"end": date(2017, 7, 31), "status": "ongoing"}
    assert [len(beside(CSA, going, viewer=viewer)) for viewer in Viewer] == [0, 0, 1]
    assert [len(beside(CSA, NGO, viewer=viewer)) for viewer in Viewer] == [1, 1, 1]


def test_what_is_in_no_row_is_counted() -> None:
    """One without a day, one placed in the région alone, one that names nobody."""
    answer = dataset_of(
        CSA, NGO | {"start": None, "end": None}, NGO | {"units": (MOPTI,)}, NGO | {"lead_org": None}
    ).ask("distributions", frame="ml-2012", level="commune")
    names = ("distributions", "undated", "unplaced", "unnamed")
    assert [answer.meta[name] for name in names] == [4, 1, 1, 1]


def test_a_row_opens_its_distributions_and_no_others() -> None:
    """The State and ACF in May; not that of June, nor the training."""
    june = NGO | {"start": date(2017, 6, 1), "end": date(2017, 6, 2), "title": "Vivres, juin"}
    dataset = dataset_of(CSA, NGO, june, NGO | {"title": "Formation"})
    listed = dataset.activities_behind(
        DOUROU, "2017-05-01", frame="ml-2012", level="commune", layer="distributions"
    ).table
    assert sorted(listed["distributor"]) == ["others", "state"]


TOLD = st.tuples(
    st.sampled_from([CSA, NGO]), st.sampled_from([DOUROU, "ml-2012/ML050103"]),
    st.integers(1, 4), st.integers(0, 2),
)  # fmt: skip
"""Who hands out, where, from which month of 2016 on, and for how many further months."""


@given(st.lists(TOLD, max_size=6))
@settings(max_examples=40)
def test_a_row_stands_where_both_sides_are_and_opens_what_it_counts(told):
    dataset = dataset_of(
        *(
            who | {"units": (unit,), "start": date(2016, n, 3), "end": date(2016, n + more, 20)}
            for who, unit, n, more in told
        )
    )
    asked = {"frame": "ml-2012", "level": "commune"}
    counted = {
        (who["source"], unit, n + later) for who, unit, n, more in told for later in range(more + 1)
    }
    expected = {(unit, n) for side, unit, n in counted if side == "csa"}
    expected &= {(unit, n) for side, unit, n in counted if side == "ngo"}
    rows = dataset.ask("distributions", **asked).table.to_dicts()
    assert {(row["unit_id"], row["month"].month) for row in rows} == expected
    for row in rows:
        opened = dataset.activities_behind(
            row["unit_id"], str(row["month"]), layer="distributions", **asked
        ).table
        for side in ("state", "others"):
            assert opened.filter(distributor=side).height == row[f"{side}_activities"]

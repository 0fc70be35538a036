"""Tellings of one activity stand in one group, and what contradicts them does not."""

from __future__ import annotations

from datetime import date

import pytest

from atlas.filters import Filters
from tests.layers.made import activity, dataset_of

DOUROU, BANDIAGARA = "ml-2016/ML050108", "ml-2016/ML0501"
YEAR = {"start": date(2017, 1, 1), "end": date(2017, 12, 31)}
TITLE = "Réhabilitation de la digue de protection contre les inondations"


def pairs(*entries):
    return dataset_of(*entries).ask("duplicates", Filters(), "ml-2016", "commune").table


def telling(document, title=TITLE, **more):
    told = {"source": "ngo", "sector": "environment", "usd": 169_169_00, "key": document}
    return activity(title, DOUROU, document=document, **(told | YEAR | more))


def test_donor_lead_and_implementer_telling_one_activity_are_one_group():
    table = pairs(
        telling("donor", lead_org="denmark", implementers=["minusma"], usd=170_000_00),
        telling("lead", lead_org="minusma", implementers=["aford"], donors=["denmark"]),
        telling("doer", lead_org="aford", donors=["minusma"]),
    )
    named = {frozenset(p) for p in table.select("activity_a", "activity_b").iter_rows()}
    assert {frozenset(("donor", "lead")), frozenset(("lead", "doer"))} <= named
    assert set(table["group_id"]) == {"doer"}
    first = table.filter(activity_a="donor", activity_b="lead")["reasons"].item()
    assert "même commune ; mêmes dates ; montant égal à 0,5 % près" in first
    assert "bailleur de l'une = chef de file de l'autre" in first


def test_two_phases_that_a_vague_telling_is_alike_to_never_join():
    """The vague one goes with the phase it fits best; the phases stay apart."""
    table = pairs(
        telling("one", f"{TITLE}, phase 1", lead_org="aford"),
        telling("two", f"{TITLE}, phase 2", lead_org="aford"),
        telling("vague", lead_org="aford"),
    )
    named = [frozenset(p) for p in table.select("activity_a", "activity_b").iter_rows()]
    assert frozenset(("one", "two")) not in named
    assert len(named) == 1
    assert "vague" in named[0]


def test_lines_of_one_list_are_not_brought_together_by_what_another_list_tells():
    table = pairs(
        telling("plan", lead_org="aford", key="a"),
        telling("plan", f"{TITLE} du quartier Sud", lead_org="aford", key="b", usd=55_300_00),
        telling("other", lead_org="aford", key="c"),
    )
    assert [frozenset(p) for p in table.select("activity_a", "activity_b").iter_rows()] == [
        frozenset(("a", "c"))
    ]


@pytest.mark.parametrize(
    ("francs", "said"), [(1_110_000, "montants égaux"), (500_000, "montants différents")]
)
def test_an_amount_is_compared_as_it_was_stated_whatever_the_rates(francs, said):
    def franc(document, minor, usd_minor):
        money = {"minor": minor, "currency": "XOF", "usd_minor": usd_minor}
        told = telling(document, lead_org="aford", amounts=[money])
        del told["usd"]
        return told

    (pair,) = pairs(franc("one", 1_110_000, 2_000_00), franc("two", francs, 1_750_00)).to_dicts()
    assert said in pair["reasons"]


def test_the_state_and_an_ngo_giving_food_in_one_commune_and_month_overlap_and_are_no_double():
    """Records as the source of the CSA and a list of an NGO would state them."""
    month = {"start": date(2018, 4, 1), "end": date(2018, 4, 30)}
    told = {"sector": "food-security", **month}
    table = pairs(
        activity("Distribution de vivres aux ménages pauvres", DOUROU, document="csa",
                 source="state-plan", lead_org="csa", **told),
        activity("Distribution de vivres : mil et huile", DOUROU, document="ngo", source="ngo",
                 lead_org="care", implementers=["aford"], donors=["pam"], **told),
    )  # fmt: skip
    (pair,) = table.to_dicts()
    assert (pair["kind"], pair["group_id"]) == ("overlap", None)
    for reason in ("même commune", "mêmes dates", "organisations différentes", "même secteur"):
        assert reason in pair["reasons"]


def test_a_title_of_another_language_and_a_wider_place_is_still_the_same_work():
    (pair,) = pairs(
        telling("fr", "Formation de 200 jeunes aux métiers", lead_org="aford"),
        activity("Vocational training for 200 youth", BANDIAGARA, document="en", source="ngo",
                 donors=["denmark"], lead_org="aford", sector="environment", usd=169_200_00, **YEAR),
    ).to_dicts()  # fmt: skip
    assert pair["kind"] == "double_reporting"
    assert "l'une dans une commune du cercle de l'autre" in pair["reasons"]

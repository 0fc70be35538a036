"""Who delivers, and through whom: each activity takes one route, and the routes add up to all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings

from atlas.dataset import Dataset
from atlas.layers.localisation import ALL, ROUTES
from tests import strategies
from tests.layers.made import activity, dataset_of, tables_of
from tests.layers.test_conservation import cents
from tests.strategies import SyntheticSnapshot

GAO, KIDAL = "ml-2016/ML07", "ml-2016/ML08"


def routes(dataset: Dataset, unit: str = GAO) -> dict[str, dict[str, Any]]:
    """The rows of a unit, all sectors, by their route."""
    table = dataset.ask("localisation", frame="ml-2016").table
    here = table.filter(unit_id=unit).filter(pl.col("sector").is_null())
    return {row["route"]: row for row in here.to_dicts()}


@pytest.mark.parametrize(
    ("who", "route"),
    [
        ({"lead_org": "amsode"}, "local"),
        ({"implementers": ["amsode"]}, "local"),
        ({"implementers": ["amsode", "adicom"]}, "local"),
        ({"lead_org": "amsode", "donors": ["echo"]}, "local"),
        ({"lead_org": "crm"}, "local"),
        ({"lead_org": "unhcr", "implementers": ["amsode"]}, "local_through"),
        ({"lead_org": "unhcr", "implementers": ["acted", "amsode"]}, "local_through"),
        ({"implementers": ["acted", "amsode"]}, "local_through"),
        ({"lead_org": "amsode", "donors": ["unicef"]}, "local_through"),
        ({"lead_org": "csa"}, "state"),
        ({"lead_org": "csa", "implementers": ["amsode"]}, "state"),
        ({"lead_org": "pam", "implementers": ["csa"]}, "state_through"),
        ({"lead_org": "acted"}, "international"),
        ({"lead_org": "cicr"}, "international"),
        ({"lead_org": "pnud", "implementers": ["acted"]}, "international"),
        ({}, "_unknown"),
        ({"lead_org": "nobody knows"}, "_unknown"),
        ({"lead_org": "nobody knows", "implementers": ["amsode"]}, "_unknown"),
        ({"lead_org": "pnud", "implementers": ["nobody knows"]}, "_unknown"),
        ({"implementers": ["amsode", "nobody knows"]}, "_unknown"),
        ({"lead_org": "une société", "org_type": "private-sector"}, "_unknown"),
        ({"lead_org": "une croix", "org_type": "red-cross"}, "_unknown"),
    ],
)
def test_who_leads_decides_and_an_international_one_is_gone_through(
    who: dict[str, Any], route: str
) -> None:
    """A donor by kind is gone through by nobody; a United Nations agency that pays is."""
    told = routes(dataset_of(activity(unit=GAO, **who)))
    assert [name for name in ROUTES if told[name]["activities"]] == [route]


def test_what_is_part_of_a_programme_of_an_agency_goes_through_it() -> None:
    """ECHO pays UNHCR, whose project AMSODE carries out as its own: one chain."""
    tables = tables_of(
        activity("Appui", GAO, key="echo", lead_org="echo"),
        activity("Programme", GAO, key="unhcr", lead_org="unhcr", usd=900_00),
        activity("Projet", GAO, key="amsode", lead_org="amsode", usd=500_00),
        activity("Projet à part", GAO, key="alone", lead_org="amsode", usd=10_00),
    )
    said = [("echo", "self", "E"), ("unhcr", "self", "U"), ("amsode", "self", "A")]
    said += [("unhcr", "whole", "E"), ("amsode", "whole", "U")]
    relations = pl.DataFrame(said, schema=["activity_id", "relation", "identifier"], orient="row")
    told = routes(Dataset(SyntheticSnapshot(replace(tables, relations=relations))))
    through, alone = told["local_through"], told["local"]
    assert (through["activities"], through["budget_usd"]) == (1, 500.0)
    assert (alone["activities"], alone["budget_usd"]) == (1, 10.0)
    assert told["_all"]["budget_usd"] == 510.0


def test_records_that_are_one_go_through_whoever_of_them_is_international() -> None:
    """AMSODE leads the record that counts; that of UNHCR, which is the same, says through whom."""
    tables = tables_of(
        activity("Projet", GAO, key="a", lead_org="amsode"),
        activity("Projet", GAO, key="b", lead_org="unhcr"),
    )
    verdict = {"activity_a": "a", "activity_b": "b", "verdict": "same", "lead": "a"}
    verdicts = pl.DataFrame([verdict], schema=tables.verdicts.schema)
    told = routes(Dataset(SyntheticSnapshot(replace(tables, verdicts=verdicts))))
    assert [name for name in (ALL, *ROUTES) if told[name]["activities"]] == [ALL, "local_through"]


def test_unknown_types_stand_in_the_denominator_and_widen_the_share() -> None:
    """One of four is local for certain, and one of unknown type may be: 25 to 50 %."""
    told = routes(
        dataset_of(
            activity(unit=GAO, lead_org="amsode", usd=100_00),
            activity(unit=GAO, lead_org="acted", usd=700_00),
            activity(unit=GAO, lead_org="acted"),
            activity(unit=GAO, lead_org="nobody knows", usd=200_00),
        )
    )
    shares = ("activities_share_low", "activities_share_high")
    money = ("budget_share_low", "budget_share_high")
    assert [told["local"][name] for name in (*shares, *money)] == [0.25, 0.5, 0.1, 0.3]
    assert [told["_unknown"][name] for name in (*shares, *money)] == [0.25, 0.25, 0.2, 0.2]
    assert (told["international"]["budget_usd"], told["international"]["without_usd"]) == (700, 1)
    assert told["international"]["no_partner"] == 2


def test_money_without_a_rate_is_no_share_and_is_counted() -> None:
    """Of the two amounts of one activity one has no dollars: it is known in part."""
    amounts = [{"minor": 5_00, "currency": "USD", "usd_minor": 5_00}]
    amounts.append({"minor": 900, "currency": "XOF", "usd_minor": None})
    told = routes(dataset_of(activity(unit=GAO, lead_org="amsode", amounts=amounts)))["local"]
    assert (told["budget_usd"], told["without_usd"]) == (5.0, 1)


def test_people_of_two_routes_may_be_the_same() -> None:
    """1 000 of AMSODE and 3 000 of ACTED in one commune: of 3 000 to 4 000, 25 to 33 %."""
    commune = "ml-2016/ML070101"
    dataset = dataset_of(
        activity("Vivres", commune, lead_org="amsode", reached=1000.0, sector="health"),
        activity("Eau", commune, lead_org="acted", reached=3000.0, sector="health"),
    )
    told = routes(dataset)
    bounds = ("reached_low", "reached", "reached_high")
    assert [told["_all"][name] for name in bounds] == [3000, 3000, 4000]
    assert [told["local"][name] for name in bounds] == [1000, 1000, 1000]
    shares = [told["local"]["reached_share_low"], told["local"]["reached_share_high"]]
    assert shares == [0.25, pytest.approx(1 / 3)]


def test_a_route_whose_people_or_money_nobody_tells_has_no_share_of_them() -> None:
    """Unknown is not zero; a route without any activity reaches nobody and has no money."""
    told = routes(
        dataset_of(
            activity(unit=GAO, lead_org="amsode"),
            activity(unit=GAO, lead_org="acted", reached=10.0, usd=100_00),
        )
    )
    people = ("figures", "reached", "reached_share_low", "reached_share_high")
    money = ("without_usd", "budget_usd", "budget_share_low", "budget_share_high")
    assert [told["local"][name] for name in (*people, *money)] == [0, *[None] * 3, 1, *[None] * 3]
    assert [told["state"][name] for name in (*people, *money)] == [0] * 8


def test_the_whole_question_counts_each_activity_once() -> None:
    """One project of two régions is one activity of the country, with all its money."""
    answer = dataset_of(activity(unit=(GAO, KIDAL), lead_org="amsode", usd=100_01)).ask(
        "localisation", frame="ml-2016"
    )
    (every, local, *_others) = answer.meta["localisation"]  # type: ignore[misc]
    assert (every["route"], every["activities"], every["budget_usd"]) == ("_all", 1, 100.01)
    assert (local["route"], local["activities"], local["budget_usd"]) == ("local", 1, 100.01)


@given(strategies.tables(), strategies.questions())
@settings(max_examples=30)
def test_the_routes_add_up_to_all_activities_and_money_of_each_cell(tables, question):
    """Row by row, to the cent; in all they are the budgets of the layer of budgets."""
    dataset = Dataset(SyntheticSnapshot(tables))
    answer = dataset.ask("localisation", frame=question[0], level=question[1])
    sums = ("activities", "no_partner", "without_usd", "figures")
    for _cell, rows in answer.table.group_by("unit_id", "sector"):
        every, own = rows.filter(route=ALL), rows.filter(pl.col("route") != ALL)
        assert own.height == len(ROUTES)
        assert [own[name].sum() for name in sums] == [every[name][0] for name in sums]
        assert cents(own["budget_usd"]) == cents(every["budget_usd"])
        for name in ("activities", "reached"):
            low, high = own[f"{name}_share_low"], own[f"{name}_share_high"]
            assert ((low >= 0) & (low <= high + 1e-9) & (high <= 1 + 1e-9)).fill_null(True).all()
    whole = answer.table.filter(pl.col("sector").is_null(), pl.col("route") != ALL)
    budget = dataset.ask("budget", frame=question[0], level=question[1]).table
    assert cents(whole["budget_usd"]) == cents(budget["budget_usd"])
    presence = dataset.ask("presence", frame=question[0], level=question[1]).table
    assert whole["activities"].sum() == presence["activities"].sum()

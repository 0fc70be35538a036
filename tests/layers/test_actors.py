"""Who delivers, where, in which sector."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings

from atlas.dataset import Dataset
from atlas.filters import Filters
from tests import strategies
from tests.layers.made import activity, dataset_of, row
from tests.strategies import SyntheticSnapshot

GAO, KIDAL = "ml-2016/ML07", "ml-2016/ML08"


def gao(*entries: dict[str, Any], filters: Filters | None = None) -> dict[str, Any]:
    """The row of Gao of the layer presence."""
    return row(dataset_of(*entries).ask("presence", filters or Filters(), "ml-2016").table, GAO)


def test_a_partner_delivers_and_the_lead_behind_it_does_not():
    told = gao(activity(unit=GAO, lead_org="unicef", implementers=["ong-a"]))
    assert (told["organisations"], told["delivering"], told["single_actor"]) == (2, 1, "ong-a")


def test_a_lead_without_partners_delivers_itself():
    assert gao(activity(unit=GAO, lead_org="unicef"))["single_actor"] == "unicef"


def test_a_presence_is_no_delivery():
    told = gao(activity(None, GAO, kind="presence", implementers=["ong-a"]))
    assert (told["organisations"], told["delivering"], told["concentration"]) == (1, 0, None)


def test_what_is_planned_or_cancelled_is_not_delivered():
    entries = [activity(unit=GAO, lead_org="pam", status=s) for s in ("planned", "cancelled")]
    assert gao(*entries)["delivering"] == 0


def test_the_period_asked_for_is_the_one_delivered_in():
    entries = (
        activity(unit=GAO, lead_org="pam", start=date(2015, 1, 1), end=date(2015, 12, 31)),
        activity(unit=GAO, lead_org="fao", start=date(2016, 1, 1), end=date(2016, 12, 31)),
    )
    assert gao(*entries)["delivering"] == 2
    assert gao(*entries, filters=Filters(year=(2016,)))["single_actor"] == "fao"


def test_concentration_is_the_sum_of_squared_shares():
    entries = [activity(unit=GAO, lead_org=name) for name in ("pam", "pam", "pam", "fao")]
    told = gao(*entries)
    assert told["concentration"] == 0.75**2 + 0.25**2
    assert told["single_actor"] is None


def test_every_sector_of_a_unit_has_its_own_actors():
    dataset = dataset_of(
        activity(unit=GAO, lead_org="pam", sector="food-security"),
        activity(unit=GAO, lead_org="fao", sector="food-security"),
        activity(unit=GAO, lead_org="unicef", sector="wash"),
        activity(unit=KIDAL, lead_org="pam"),
    )
    table = dataset.ask("actors", frame="ml-2016").table
    assert table.select("unit_name", "sector", "delivering", "single_actor").rows() == [
        ("Gao", "food-security", 2, None),
        ("Gao", "wash", 1, "unicef"),
    ]


@given(strategies.tables(), strategies.questions())
@settings(max_examples=30)
def test_concentration_lies_between_one_nth_and_one(tables, question):
    table = Dataset(SyntheticSnapshot(tables)).ask("presence", frame=question[0]).table
    for n, index in table.select("delivering", "concentration").iter_rows():
        assert (index is None) == (n == 0)
        assert n == 0 or 1 / n - 1e-9 <= index <= 1 + 1e-9

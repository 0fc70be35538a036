"""Who has not reported, in the words that a chairperson reads out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from atlas import summaries
from atlas.filters import Filters
from atlas.model import Viewer
from atlas.web import reporting, side
from atlas.web.desk import Scene
from tests.layers.made import activity, dataset_of, fact
from tests.web.test_views import text

GAO, KIDAL = "ml-2016/ML07", "ml-2016/ML08"
DAY = date(2024, 6, 15)


def test_the_late_are_named_with_their_days_and_zones_the_longest_first() -> None:
    """One sentence a period; who reported is not in it."""
    said = {"as_of": date(2024, 1, 1), "frequency": "monthly"}
    context = (
        fact("reporting", GAO, organisation="unicef", due_days=10, **said),
        fact("reporting", KIDAL, organisation="unicef", due_days=10, **said),
        fact("reporting", GAO, organisation="pam", due_days=14, **said),
        fact("reporting", GAO, organisation="fao", due_days=10, **said),
    )
    told = activity(unit=GAO, lead_org="fao", as_of=date(2024, 5, 20))
    dataset = dataset_of(told, context=context, as_of=DAY)
    table = dataset.ask("reporting", Filters(at=DAY), "ml-2016").table
    assert reporting.late(table) == [
        "N'ont pas rendu compte de la période close le 31 mai 2024 : "
        "UNICEF (5 jours de retard, 2 zones), PAM (1 jour de retard, 1 zone)."
    ]


def test_a_report_on_a_region_keeps_its_name_where_the_page_shows_cercles() -> None:
    """Two régions are two zones, not one row of what lies above."""
    said = {"as_of": date(2024, 1, 1), "frequency": "monthly", "due_days": 10}
    context = [fact("reporting", unit, organisation="unicef", **said) for unit in (GAO, KIDAL)]
    dataset = dataset_of(context=tuple(context), as_of=DAY)
    table = dataset.ask("reporting", Filters(at=DAY), "ml-2016", "cercle").table
    assert table["place_id"].to_list() == [GAO, KIDAL]
    assert reporting.late(table) == [
        "N'ont pas rendu compte de la période close le 31 mai 2024 : "
        "UNICEF (5 jours de retard, 2 zones)."
    ]


def test_without_a_scope_the_tab_says_which_table_to_add(scene: Callable[..., Scene]) -> None:
    """Silence means nothing until it is known who is to report."""
    words = text(reporting.reporting(scene("tab=reporting&frame=ml-2016")))
    assert "atlas context add reporting" in words


def test_counts_without_items_stand_beside_what_is_told_one_by_one(
    scene: Callable[..., Scene],
) -> None:
    """Kidal: 47 QIP are published, none of them is told one by one."""
    words = text(reporting.reporting(scene("frame=ml-2016")))
    assert "Publié, non détaillé" in words
    assert "Kidal QIP (projets à impact rapide)" in words


def test_what_is_detailed_of_a_region_is_unknown_in_the_row_above_the_cercles() -> None:
    """47 are published for Kidal; the two told one by one there and in Gao are not of them both."""
    told = (
        activity(unit=KIDAL, kind="aggregate", items=47),
        activity(unit=KIDAL),
        activity(unit=GAO),
    )
    dataset = dataset_of(*told)
    shown = summaries.detailed(dataset, Filters(), "ml-2016", "cercle")
    assert shown.select("unit_id", "published", "read").rows() == [("_coarser", 47, None)]
    shown = summaries.detailed(dataset, Filters(), "ml-2016", "region")
    assert shown.select("unit_id", "published", "read").rows() == [(KIDAL, 47, 1)]


def test_the_public_is_not_told_who_owes_a_report(scene: Callable[..., Scene]) -> None:
    """The tab is for partners and editors."""
    assert "Qui a rendu compte" in text(side.side(scene()))
    assert "Qui a rendu compte" not in text(side.side(scene(viewer=Viewer.PUBLIC)))

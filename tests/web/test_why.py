"""Every figure that opens: its list adds up to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from dash import html
from dash.development.base_component import Component
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas import formats
from atlas.dataset import Dataset
from atlas.ingest.sample import sample_tables
from atlas.model import RESERVED, Viewer
from atlas.web import figure_activities, key_figures, side_column, zones_tab
from atlas.web.figure_activities import activities_behind, figure_of
from atlas.web.page_elements import TabName
from atlas.web.page_state import PageScene, PageView
from tests.layers.made import activity, dataset_of, fact
from tests.strategies import SyntheticSnapshot, questions, tables
from tests.web.test_views import text

GRID = (
    *("activities", "organisations", "budget_usd", "inherited_usd", "without_amount", "items"),
    *("cancelled", "suspended"),
)
"""Columns of the table of zones whose cells open, as ``assets/page.js`` opens them."""

Opened = tuple[str, Any]
"""What the URL says of a figure, and the figure as the page writes it."""


def scene_of(data: Dataset, query: str) -> PageScene:
    return PageScene(data, PageView.from_query(query), Viewer.EDITOR)


def components(part: Any) -> Iterator[Component]:
    """All parts of a page, those inside others too."""
    if isinstance(part, list | tuple):
        for one in part:
            yield from components(one)
    elif isinstance(part, Component):
        yield part
        yield from components(getattr(part, "children", None))


def buttons(part: Any) -> Iterator[Opened]:
    for one in components(part):
        asked = json.loads(getattr(one, "data-go", "{}")).get("why")
        if asked and isinstance(one, html.Button):
            yield asked, f"{text(one)} {getattr(one, 'title', '')}"


def of_zones(scene: PageScene) -> Iterator[Opened]:
    for row in zones_tab.zone_rows(scene):
        for column in GRID:
            if row[column]:
                name = "published" if column == "items" else column
                yield f"{name}|{row['unit_id']}", row[column]


def opened(scene: PageScene) -> Iterator[Opened]:
    """Every figure of a page; the head and the table of zones with the tab of zones alone."""
    if scene.view.tab == TabName.ZONES:
        yield from buttons(key_figures.figure_cards(scene))
        yield from of_zones(scene)
    yield from buttons(side_column.side_content(scene))


def in_panels(scene: PageScene) -> Iterator[tuple[PageScene, Opened]]:
    assert scene.data is not None
    for row in zones_tab.zone_table(scene).to_dicts():
        if row["unit_id"] not in RESERVED:
            here = PageScene(scene.data, scene.view.but(zone=row["unit_id"]), scene.viewer)
            yield from ((here, one) for one in buttons(side_column.zone_panel(here)))


def spelt(why: str, value: float | None, words: str) -> set[str]:
    """The ways in which the page may write a figure."""
    figure = figure_of(why)
    assert figure is not None
    if value is None:
        return {formats.UNKNOWN}
    ways = {formats.number_text(value), formats.number_text(value, 2), words}
    if figure.measure == "money":
        return ways | {formats.short_money_text(value)}
    return ways


def check(scene: PageScene, asked: str, shown: Any) -> None:
    """The list behind a figure adds up to it."""
    here = PageScene(scene.data, scene.view.but(why=asked), scene.viewer)
    table = activities_behind(here).table
    figure = figure_of(asked)
    assert figure is not None
    value = figure.value(table)
    if isinstance(shown, int | float):
        assert value == pytest.approx(shown, abs=0.004), asked
        return
    if figure.measure == "names" and not any(letter.isdigit() for letter in shown):
        assert value == 1, asked  # the name of an actor who is alone
        return
    ways = spelt(asked, value, figure.total_text(table)) if table.height else {"0"}
    assert any(re.search(rf"(?<![\d,.\u202f]){re.escape(way)}(?![\d,.\u202f]\d|\d)", shown)
               for way in ways), (asked, shown, ways)  # fmt: skip


KIDAL, GAO, MOPTI = "ml-2016/ML08", "ml-2016/ML07", "ml-2016/ML05"
YEAR = {"start": date(2017, 1, 1), "end": date(2017, 12, 31)}
FRANCS = {"kind": "budget", "minor": 500_000, "currency": "XOF", "usd_minor": None}


def everything() -> Dataset:
    """A small country of which all is told that the page has a figure of."""
    since = {"as_of": date(2017, 1, 1)}
    spent = [
        {"kind": kind, "minor": minor, "currency": "USD", "usd_minor": minor, "rate": 1.0}
        for kind, minor in (("budget", 90_000), ("committed", 80_000), ("spent", 33_333))
    ]
    entries = (
        activity("Forage", KIDAL, sector="wash", implementers=["pam"], donors=["undp"],
                 reached=120.0, amounts=spent, **YEAR),
        activity("Puits", KIDAL, sector="wash", lead_org="unicef", target=300.0, usd=10_001, **YEAR),
        activity("École", (GAO, MOPTI), sector="education", lead_org="unicef",
                 implementers=["pam", "fao"], usd=77_777, rule="inherited", **YEAR),
        activity("Latrines", GAO, sector="wash", status="completed", amounts=[FRANCS]),
        activity("Étude", "_unplaced", lead_org="fao", usd=1_234, **YEAR),
        activity("Plan", MOPTI, sector="health", status="planned", lead_org="fao"),
        activity(None, MOPTI, kind="presence", implementers=["unicef"], sector="wash"),
        activity("47 QIP", KIDAL, kind="aggregate", items=47, usd=500_000),
        activity("Mopti et Gao", "ml-2012/ML05", kind="aggregate", items=12),
        activity("Abandon", KIDAL, sector="wash", lead_org="fao", status="cancelled", usd=4_321, **YEAR),
        activity("Pause", KIDAL, sector="wash", lead_org="pam", status="suspended", usd=8_765, **YEAR),
        activity("Distribution", KIDAL, sector="wash", status="completed", reached=50.0,
                 start=date(2017, 3, 1), end=date(2017, 3, 9)),
        activity("Sans fin", MOPTI, sector="health", usd=606, start=date(2016, 5, 1)),
    )  # fmt: skip
    context = (
        *(
            fact("needs", unit, indicator="people-in-need", sector="wash", value=900, **since)
            for unit in (KIDAL, GAO, MOPTI)
        ),
        fact(
            "contribution",
            indicator="qip",
            organisation="unicef",
            value=9.0,
            scale="USD",
            usd_minor=900,
            **since,
        ),
        fact("priorities", KIDAL, sector="wash", text="forages", **since),
        fact("priorities", KIDAL, text="tout", **since),
        fact("reporting", KIDAL, organisation="pam", frequency="semestrial", **since),
        fact("security", GAO, indicator="no-go", value=1.0, **since),
        fact("security", "ml-2016/ML0507", indicator="no-go", value=1.0, **since),
        *(fact("programme", unit, indicator="PSIRC", **since) for unit in (KIDAL, MOPTI)),
    )
    return dataset_of(*entries, context=context)


@pytest.fixture(scope="module")
def country() -> Dataset:
    return everything()


@pytest.fixture(scope="module")
def sample() -> Dataset:
    return Dataset.from_tables(sample_tables())


PAGES = {
    "tab=zones": {"activities", "organisations", "published", "budget_usd", "inherited_usd",
                  "without_amount", "placed_usd", "unpriced"},
    "": {"activities", "sector"},
    "indicator=delivering": {"delivering"},
    "indicator=budget&budget.rule=population": {"budget_usd"},
    "indicator=published": {"published"},
    "tab=actors": {"organisations", "delivering"},
    "tab=gaps": {"response", "response_past", "people", "priority"},
    "tab=gaps&coverage.perimeter=without&coverage.activities=period": {"response"},
    "tab=budget": {"money", "money_inherited", "money_activities", "money_committed",
                   "money_spent", "money_no_rate", "money_unpriced"},
    "tab=budget&budget.kind=spent": {"money", "money_unpriced"},
    "tab=budget&budget.by=sector": {"money", "money_activities"},
    "tab=budget&budget.by=donor&level=cercle": {"money"},
    "tab=budget&budget.by=org&sector=wash": {"money"},
    "tab=budget&budget.by=year": {"money", "money_activities"},
    "tab=budget&budget.slice=overlap&since=2017-04-01": {"money_outside"},
    "tab=programme": {"programme", "programme_usd", "programme_inherited"},
    "tab=reporting": {"report", "published", "source", "quality"},
    "tab=access": {"no_go", "no_go_partly"},
}  # fmt: skip
"""Pages, and figures that they open, if no others."""


@pytest.mark.parametrize("query", PAGES)
def test_every_figure_of_the_page_opens_a_list_that_adds_up_to_it(country, query) -> None:
    """Whatever the tab, the indicator, the settings and the filters."""
    scene = scene_of(country, f"frame=ml-2016&{query}")
    found = list(opened(scene))
    assert {asked.split("|")[0] for asked, _shown in found} >= PAGES[query]
    for asked, shown in found:
        check(scene, asked, shown)


@pytest.mark.parametrize("query", ["", "unit=ml-2016/ML07"])
def test_every_figure_of_a_panel_opens_a_list_that_adds_up_to_it(country, query) -> None:
    """Of every zone, among those asked for or not."""
    found = list(in_panels(scene_of(country, f"frame=ml-2016&{query}")))
    names = {asked.split("|")[0] for _here, (asked, _shown) in found}
    assert names >= {"presences", "published", "published_usd", "placed_inherited_usd", "unpriced"}
    for here, (asked, shown) in found:
        check(here, asked, shown)


def test_every_figure_of_the_sample_opens_a_list_that_adds_up_to_it(sample) -> None:
    """On documents as they are."""
    scene = scene_of(sample, "tab=zones&frame=ml-2016")
    found = list(opened(scene))
    for asked, shown in found:
        check(scene, asked, shown)
    assert len(found) > 30


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(tables(), questions(), st.sampled_from(["zones", "actors", "budget", "ranking", "gaps"]))
def test_the_same_holds_of_any_tables(made, question, tab) -> None:
    """Synthetic tables, any découpage and level."""
    frame, level = question
    scene = scene_of(Dataset(SyntheticSnapshot(made)), f"tab={tab}&frame={frame}&level={level}")
    for asked, shown in opened(scene):
        check(scene, asked, shown)


def test_a_published_count_opens_the_place_it_was_read_in_and_says_that_no_list_came(country):
    """There is no activity behind it: 47 projects, document and row."""
    words = text(
        figure_activities.figure_panel(scene_of(country, f"frame=ml-2016&why=published|{KIDAL}"))
    )
    assert "Publié, non détaillé : 47 projets." in words
    assert "la liste de ces projets n'a pas été transmise" in words
    assert "d.csv L7" in words


def test_what_cannot_be_asked_says_why_in_place_of_a_list(country) -> None:
    assert "« rien » inconnu" in text(figure_activities.figure_panel(scene_of(country, "why=rien")))
    assert "Aucune ligne" in text(
        figure_activities.figure_panel(scene_of(country, "why=activities|ml-2016/ML99"))
    )


def test_the_public_opens_no_list_that_names_who_owes_a_report(country) -> None:
    view = PageView.from_query("frame=ml-2016&why=report||5.2017-01-01")
    words = text(figure_activities.figure_panel(PageScene(country, view, Viewer.PUBLIC)))
    assert "n'est pas ouverte à tous" in words
    assert "Forage" not in words

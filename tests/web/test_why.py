"""Every figure that opens: its list adds up to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from dash import html
from dash.development.base_component import Component
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.ingest.sample import sample_tables
from atlas.model import RESERVED, Viewer
from atlas.web import figures, panel, say, side, zones
from atlas.web.behind import FIGURES, behind, figure_of
from atlas.web.desk import Scene
from atlas.web.ids import Tab
from atlas.web.state import View
from tests.strategies import SyntheticSnapshot, questions, tables
from tests.web.test_views import text

GRID = ("activities", "organisations", "budget_usd", "inherited_usd", "without_amount", "items")
"""Columns of the table of zones whose cells open, as ``assets/page.js`` opens them."""

Opened = tuple[str, Any]
"""What the URL says of a figure, and the figure as the page writes it."""


def scene_of(data: Dataset, query: str) -> Scene:
    return Scene(data, View.from_query(query), Viewer.EDITOR)


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


def of_zones(scene: Scene) -> Iterator[Opened]:
    for row in zones.zone_rows(scene):
        for column in GRID:
            if row[column]:
                name = "published" if column == "items" else column
                yield f"{name}|{row['unit_id']}", row[column]


def opened(scene: Scene) -> Iterator[Opened]:
    """Every figure of a page; the head and the table of zones with the tab of zones alone."""
    if scene.view.tab == Tab.ZONES:
        yield from buttons(figures.figures(scene))
        yield from of_zones(scene)
    yield from buttons(side.side(scene))


def in_panels(scene: Scene) -> Iterator[tuple[Scene, Opened]]:
    assert scene.data is not None
    for row in zones.zone_table(scene).to_dicts():
        if row["unit_id"] not in RESERVED:
            here = Scene(scene.data, scene.view.but(zone=row["unit_id"]), scene.viewer)
            yield from ((here, one) for one in buttons(panel.panel(here)))


def spelt(why: str, value: float | None, words: str) -> set[str]:
    """The ways in which the page may write a figure."""
    figure = figure_of(why)
    assert figure is not None
    if value is None:
        return {say.UNKNOWN}
    ways = {say.number(value), say.number(value, 2), words}
    if figure.measure == "money":
        return ways | {say.short_usd(value)}
    return ways


def check(scene: Scene, why: str, shown: Any) -> None:
    """The list behind a figure adds up to it."""
    here = Scene(scene.data, scene.view.but(why=why), scene.viewer)
    table = behind(here).table
    figure = figure_of(why)
    assert figure is not None
    value = figure.value(table)
    if isinstance(shown, int | float):
        assert value == pytest.approx(shown, abs=0.004), why
        return
    if figure.measure == "names" and not any(letter.isdigit() for letter in shown):
        assert value == 1, why  # the name of an actor who is alone
        return
    ways = spelt(why, value, figure.words(table)) if table.height else {"0"}
    assert any(re.search(rf"(?<![\d,.\u202f]){re.escape(way)}(?![\d,.\u202f]\d|\d)", shown)
               for way in ways), (why, shown, ways)  # fmt: skip


def check_all(scene: Scene) -> int:
    found = list(opened(scene))
    for why, shown in found:
        check(scene, why, shown)
    return len(found)


@pytest.fixture(scope="module")
def sample() -> Dataset:
    return Dataset.of(sample_tables())


PAGES = [
    *(f"tab={tab}" for tab in Tab if tab not in (Tab.ACTIVITIES, Tab.DUPLICATES, Tab.CHANGE)),
    *(f"indicator={name}" for name in ("organisations", "delivering", "budget", "published")),
    *(f"tab=budget&budget.by={by}" for by in ("sector", "donor", "org", "year")),
    *("tab=budget&budget.kind=spent", "tab=budget&budget.currency=XOF"),
    *("budget.rule=population&indicator=budget", "tab=budget&budget.slice=overlap&year=2017"),
    *("tab=zones&budget.rule=population&year=2017", "tab=zones&level=cercle&source=qip"),
    *("level=cercle&tab=actors", "frame=ml-2012&tab=reporting", "sector=health&source=qip"),
    "tab=programme&programme.perimeter=ml-2016/ML05,ml-2016/ML07&frame=ml-2016",
]


@pytest.mark.parametrize("query", PAGES)
def test_every_figure_of_the_page_opens_a_list_that_adds_up_to_it(sample, query) -> None:
    """On the sample: whatever the tab, the indicator, the settings and the filters."""
    assert check_all(scene_of(sample, query)) > 0


@pytest.mark.parametrize("query", ["frame=ml-2016", "frame=ml-2012&level=cercle&sector=health"])
def test_every_figure_of_a_panel_opens_a_list_that_adds_up_to_it(sample, query) -> None:
    """Of every zone, whether or not it is among those asked for."""
    found = list(in_panels(scene_of(sample, query)))
    for here, (why, shown) in found:
        check(here, why, shown)
    assert found

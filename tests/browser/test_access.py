"""Facts of access are drawn over the map, and their settings are in the URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from atlas.store import Store
from tests.browser.serving import served
from tests.layers.made import activity, tables_of
from tests.web.test_access import FACTS, QUERY, TENENKOU

pytestmark = pytest.mark.browser


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[str]:
    """Address of an atlas with facts of access, two of them drawn."""
    store = Store(tmp_path)
    store.publish_tables(tables_of(activity("Forage", TENENKOU), context=FACTS))
    yield from served(store)


def test_facts_are_drawn_where_the_page_is_about_access_and_nowhere_else(
    opened: Callable[..., Page], facts: str
) -> None:
    page = opened(f"{facts}/?{QUERY}")
    expect(page.locator("path.fact")).to_have_count(2)
    expect(page.locator("#legend")).to_contain_text("Mines et engins explosifs")
    page.get_by_role("button", name="Où sont les lacunes ?").click()
    expect(page.locator("path.fact")).to_have_count(0)


def test_a_setting_of_the_tab_is_in_the_url_and_a_no_go_figure_opens_its_list(
    opened: Callable[..., Page], facts: str
) -> None:
    page = opened(f"{facts}/?{QUERY}")
    page.locator("[data-setting='access.weighting']").select_option("population")
    expect(page).to_have_url(re.compile("access.weighting=population"))
    expect(page.locator("#tab-body")).to_contain_text("moyenne 4,00")
    page.locator(".why-number").first.click()
    expect(page.locator("#why-panel")).to_contain_text("Forage")

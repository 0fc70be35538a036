"""The tab of budgets as a person uses it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_a_setting_changes_the_table_and_a_figure_opens_its_activities(
    address: str, opened: Open
) -> None:
    """By year: the bars, then the one activity of 2016 behind a figure of Ménaka."""
    page = opened(f"{address}/?tab=budget&frame=ml-2016")
    told = page.locator("#tab-body .read-out")
    expect(told).to_contain_text("Non placé : 75\u202f000")
    page.select_option("[data-setting='budget.by']", "year")
    expect(page.locator("#tab-body")).to_contain_text("Par année")
    expect(page).to_have_url(re.compile("budget.by=year"))
    row = page.locator("#tab-body tr", has_text="Ménaka").filter(has_text="2016")
    row.locator(".why-number").first.click()
    panel = page.locator("#why-panel")
    expect(panel).to_contain_text("45\u202f000")
    expect(panel).to_contain_text("Forage de Ménaka")
    expect(panel).not_to_contain_text("Marché de Ménaka")


def test_on_a_phone_the_tab_needs_no_scrolling_sideways(address: str, opened: Open) -> None:
    """Tables scroll in their own box."""
    page = opened(f"{address}/?tab=budget&frame=ml-2016&budget.by=sector")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#tab-body")).to_contain_text("Par secteur")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

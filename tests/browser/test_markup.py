"""Plain parts that come as text: drawn as written, and left as the person made them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from atlas.web.page_elements import TabName
from tests.browser.conftest import eventually

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

CHANGED_BY_THE_PARSER = """() => {
  const bare = (text) => text.replace(/&[a-z0-9#]+;|['\\u00a0]/g, "");
  return [...document.querySelectorAll("[data-markup]")].filter((shell) => {
    const drawn = document.createElement(shell.tagName);
    drawn.innerHTML = shell.dataset.markup;
    return bare(drawn.innerHTML) !== bare(shell.dataset.markup);
  }).map((shell) => shell.outerHTML.slice(0, 200));
}"""
"""What a browser closes or moves: a list in a paragraph, say."""


def test_every_tab_is_drawn_as_it_was_written(crowded: str, opened: Open) -> None:
    page = opened(f"{crowded}/?frame=ml-2016&level=cercle")
    for tab in TabName:
        page.evaluate("tab => atlas.go({ tab })", str(tab))
        page.wait_for_selector(f".tab-{tab} > *")
        assert page.evaluate(CHANGED_BY_THE_PARSER) == []
    page.evaluate("atlas.go({ zone: 'ml-2016/ML0503' })")
    expect(page.locator("#zone-panel .panel-body")).to_contain_text("Forage")
    assert page.evaluate(CHANGED_BY_THE_PARSER) == []


def test_a_long_table_shows_the_rest_on_demand(crowded: str, opened: Open) -> None:
    page = opened(f"{crowded}/?frame=ml-2016&level=cercle&tab=access")
    table = page.locator(".scroll", has_text="Afficher les").first
    expect(table.locator("tbody tr:visible")).to_have_count(50)
    table.get_by_role("button", name="Afficher les").press("Enter")
    expect(table.get_by_role("button", name="Afficher les")).to_be_hidden()
    eventually(page, lambda: table.locator("tbody tr:visible").count() > 50, True)
    expect(table).to_be_focused()


def test_a_new_answer_leaves_what_is_open_scrolled_and_in_focus(crowded: str, opened: Open) -> None:
    """A filter changes the figures of a tab, not where the person is in it."""
    page = opened(f"{crowded}/?frame=ml-2016&level=cercle&tab=gaps")
    body = page.locator("#tab-body")
    body.evaluate("body => body.scrollTo(0, 400)")
    figure = body.locator("td button:visible").nth(40)
    figure.evaluate("button => { button.focus({ preventScroll: true }); button.dataset.seen = 1; }")
    before = body.evaluate("body => body.scrollTop")
    page.evaluate("atlas.go({ only: 'gap' })")
    expect(body.locator('.chip[aria-pressed="true"]')).to_contain_text("Lacune")
    eventually(page, lambda: body.evaluate("body => body.scrollTop"), before)
    expect(page.locator("#tab-body button:focus")).to_have_count(1)
    page.evaluate("atlas.go({ tab: 'quality' })")  # another tab begins at its top
    page.wait_for_selector(".tab-quality")
    eventually(page, lambda: body.evaluate("body => body.scrollTop"), 0)


def test_a_zone_after_another_begins_at_its_top(crowded: str, opened: Open) -> None:
    page = opened(f"{crowded}/?frame=ml-2016&level=region&zone=ml-2016/ML05")
    inside = page.locator(".panel-body")
    inside.evaluate("body => body.scrollTo(0, 200)")
    page.evaluate("atlas.go({ zone: 'ml-2016/ML07' })")
    expect(page.get_by_role("heading", name="Gao")).to_be_visible()
    eventually(page, lambda: inside.evaluate("body => body.scrollTop"), 0)
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_have_count(0)

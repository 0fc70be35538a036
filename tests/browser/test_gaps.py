"""A threshold typed in the tab of gaps is in the URL, moves zones, and goes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from atlas.store import Store
from tests.browser.serving import served
from tests.layers.made import tables_of
from tests.web.test_gaps import CLINICS, FACTS

PAGE = "/?tab=gaps&frame=ml-2016&indicator=priority"


@pytest.fixture
def needs(tmp_path: Path) -> Iterator[str]:
    """Address of an atlas with needs and access of three régions."""
    store = Store(tmp_path)
    store.publish_tables(tables_of(*CLINICS, context=FACTS))
    yield from served(store)


def test_a_threshold_typed_is_in_the_url_and_says_which_zones_it_moves(
    opened: Callable[..., Page], needs: str
) -> None:
    page = opened(needs + PAGE)
    expect(page.locator("#legend")).to_contain_text("priorité nexus")
    expect(page.locator(".read-out")).to_contain_text("Priorité nexus : Gao en Santé.")
    page.locator(".gap-settings summary").click()
    box = page.locator("label.setting").filter(has_text="Besoin modéré à partir de")
    box.locator("input").fill("0.9")
    box.locator("input").press("Enter")
    expect(page.locator(".gap-effect")).to_contain_text("1 zone change de classe")
    expect(page).to_have_url(re.compile("coverage.moderate-need=0.9"))
    expect(page.locator(".gap-effect")).to_contain_text("Gao, Santé : lacune, priorité nexus →")
    page.get_by_role("button", name="Rétablir").click()
    expect(page.locator(".gap-effect")).to_have_count(0)
    page.get_by_role("button", name="Priorité nexus (1)").click()
    expect(page.locator(".gap-table tbody tr")).to_have_count(1)
    page.locator(".matrix button").first.click()
    expect(page.locator("#why-panel")).to_be_visible()


def test_a_bubble_opens_what_answers_its_need_and_without_an_answer_the_zone(
    opened: Callable[..., Page], needs: str
) -> None:
    page = opened(needs + PAGE)
    for name, panel in (("Kidal", "#why-panel"), ("Mopti", "#zone-panel")):
        bubbles = page.locator("#chart-gaps .points path")
        expect(bubbles).to_have_count(3)
        label = page.locator("#chart-gaps .hoverlayer")
        for bubble in bubbles.all():
            page.mouse.move(0, 0)
            expect(label).to_have_text("")  # that of the bubble before is gone
            bubble.hover(force=True)
            expect(label).to_have_text(re.compile(r"\w"))
            if name in (label.text_content() or ""):
                break
        bubble.click(force=True)
        expect(page.locator(panel)).to_contain_text(name)
        page.keyboard.press("Escape")
        expect(page.locator(panel)).to_have_count(0)

"""The first visit: it opens once, is gone through by keyboard, and comes back when asked for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser


def test_a_first_visit_is_told_the_page_in_a_few_steps_once(address: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(address)
    visit = page.locator("#visit")
    expect(visit).to_contain_text("Une question à la fois")
    expect(page.locator(".visited")).to_have_id("questions")
    for part in ("filters", "map", "figures", "search"):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".visited")).to_have_id(part)
    page.keyboard.press("ArrowRight")
    expect(visit).to_contain_text("Lacune")
    expect(visit.locator(".visit-at")).to_have_text("6 / 6")
    page.keyboard.press("Escape")
    expect(visit).to_be_hidden()
    expect(page.locator(".visited")).to_have_count(0)
    page.reload()
    page.wait_for_selector(".tabs")
    expect(visit).to_be_hidden()
    page.get_by_role("button", name="Aide : la page en quelques pas").click()
    expect(visit).to_contain_text("Une question à la fois")
    page.get_by_role("button", name="Fermer").click()
    page.locator(".how summary").click()
    expect(page.locator(".how")).to_contain_text("compte une fois dans chaque zone")
    context.close()


def test_zones_are_chosen_by_hand_and_one_is_where_the_atlas_opens(
    address: str, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(f"{address}/?frame=ml-2016&unit=ml-2016/ML10")
    page.locator('path.unit[aria-label^="Gao"]').press("Control+Enter")
    expect(page.locator("#map-head h2")).to_contain_text("Gao, Ménaka")
    expect(page.locator(".figure-activities .value")).to_have_text("4")
    page.locator('path.unit[aria-label^="Gao"]').click(modifiers=["Control"])
    expect(page.locator(".figure-activities .value")).to_have_text("2")
    page.locator('path.unit[aria-label^="Ménaka"]').press("Enter")
    page.get_by_role("button", name="Ma page d'accueil").click()
    page.goto(address)
    expect(page.locator("#map-head h2")).to_contain_text("par cercle – Ménaka")
    page.goto(f"{address}/?frame=ml-2016&zone=ml-2016/ML10")
    home = page.get_by_role("button", name="Ma page d'accueil")
    expect(home).to_have_attribute("aria-pressed", "true")
    home.click()
    page.goto(address)
    expect(page.locator("#map-head h2")).to_contain_text("par région – Mali")
    context.close()

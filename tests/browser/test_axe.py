"""What axe finds on the pages: nothing that keeps a person with a screen reader or keys out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from atlas.web.page_elements import TabName

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def findings(page: Page, part: str = "html") -> list[str]:
    """Rule, gravity and first place of what axe finds; colours are looked at once they stand."""
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    asked = {"resultTypes": ["violations"]}
    found = Axe().run(page, context=part, options=asked).response["violations"]
    return [f"{one['impact']}: {one['id']}, {one['nodes'][0]['html'][:150]}" for one in found]


def test_no_tab_has_a_finding(address: str, opened: Open) -> None:
    page = opened(f"{address}/?frame=ml-2016")
    told = {"page": findings(page)}
    for tab in TabName:
        page.evaluate("tab => atlas.go({ tab })", str(tab))
        page.wait_for_selector(f".tab-{tab} > *")
        told[str(tab)] = findings(page, "#side")
    assert {name: one for name, one in told.items() if one} == {}


def test_nothing_that_opens_has_a_finding(address: str, opened: Open) -> None:
    """Filters and files, a zone, the list behind a figure, import and meeting; on a phone too."""
    page = opened(f"{address}/?frame=ml-2016&zone=ml-2016/ML05", width=390, height=844)
    page.get_by_role("button", name="Filtres").click()
    page.locator(".header details.menu summary").click()
    expect(page.locator("#zone-panel")).to_be_visible()
    assert findings(page) == []
    page.evaluate("atlas.go({ zone: '', why: 'activities|ml-2016/ML05' })")
    expect(page.locator("#why-panel")).to_be_visible()
    assert findings(page) == []
    page.set_viewport_size({"width": 1366, "height": 768})
    page.locator(".how summary").click()
    page.locator(".visit-open").evaluate("button => button.click()")
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.locator(".import-open").first.click()
    expect(page.get_by_role("heading", name="Importer des documents")).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.locator(".meeting-open").click()
    expect(page.locator("#meeting")).to_be_visible()
    assert findings(page) == []


def test_no_page_of_accounts_has_a_finding(kept: tuple[str, str], opened: Open) -> None:
    address, session = kept
    page = opened(address)
    page.goto(f"{address}/account/sign-in")
    assert findings(page) == []
    page.context.add_cookies([{"name": "atlas_session", "value": session, "url": address}])
    for path in ("", "all", "audit"):
        page.goto(f"{address}/account/{path}")
        expect(page.locator("main h2")).to_be_visible()
        assert findings(page) == []
    page.context.clear_cookies(name="atlas_session")

"""The line drops: the page shows what was seen last and says so, and keeps nothing of another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE_MS, eventually, refused_by_policy

pytestmark = pytest.mark.browser

KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys())
    for (const one of await (await caches.open(name)).keys()) found.push(new URL(one.url).pathname);
  return found;
}"""
"""Paths of what the browser keeps of the page: parts, and "/seen" for each answer."""


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own, in which nothing was seen yet."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="fr-FR")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


def seen(context: BrowserContext, url: str) -> Page:
    """The page, once the browser keeps what it is made of and what it says."""
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#chart-units g.ytick", state="attached")
    eventually(page, lambda: "/assets/vendor/plotly-basic.min.js" in page.evaluate(KEPT), True)
    eventually(page, lambda: page.evaluate(KEPT).count("/seen") >= 3, True)
    return page


def test_without_a_line_the_page_is_the_last_one_seen_and_says_so(
    address: str, visitor: BrowserContext
) -> None:
    """One visit is enough; a question that nobody asked before is greyed, never answered."""
    refused: list[str] = []
    visitor.on("console", lambda said: refused.extend(refused_by_policy(said.text)))
    page = seen(visitor, f"{address}/?frame=ml-2016")
    bar = page.locator("#offline")
    expect(bar).to_be_hidden()
    visitor.set_offline(True)
    expect(bar).to_contain_text("Hors ligne : page vue le ")  # of a page that stays open
    page.reload()
    page.wait_for_selector('path.unit[aria-label^="Ménaka, 2 activités"]', state="attached")
    expect(bar).to_contain_text("Hors ligne : page vue le ")
    expect(bar).to_contain_text("Ce qui a été publié depuis n'y est pas.")
    expect(page.locator("#chart-units g.ytick").first).to_be_attached()
    page.get_by_role("button", name="Où sont les lacunes ?").click()
    expect(bar).to_contain_text("cette question n'a pas été posée ici avant la coupure")
    expect(page.locator(".columns")).to_have_class("columns unanswered")
    page.goto(f"{address}/?frame=ml-2012")  # never laid out here: the page that was
    expect(page).to_have_url(f"{address}/?frame=ml-2016")
    expect(bar).to_contain_text("Hors ligne : page vue le ")
    visitor.set_offline(False)
    page.get_by_role("button", name="Recharger la page").click()
    page.wait_for_selector(".tabs")
    expect(bar).to_be_hidden()
    assert refused == []


def test_what_is_kept_is_of_one_visitor_and_gone_once_he_signs_out(
    kept: tuple[str, str], visitor: BrowserContext
) -> None:
    """An answer to another empties what was kept; at sign-out the browser forgets all of it."""
    address, session = kept
    page = seen(visitor, f"{address}/?frame=ml-2016")
    names = "async () => (await caches.keys()).filter((one) => one.startsWith('atlas-seen '))"
    (of_public,) = page.evaluate(names)
    visitor.add_cookies([{"name": "atlas_session", "value": session, "url": address}])
    page.reload()
    page.wait_for_selector(".account-link", state="attached")
    eventually(page, lambda: of_public in page.evaluate(names), False)
    eventually(page, lambda: len(page.evaluate(names)), 1)
    page.wait_for_load_state("networkidle")
    page.evaluate("fetch('/account/sign-out', { method: 'POST', redirect: 'manual' })")
    eventually(page, lambda: page.evaluate(KEPT), [])

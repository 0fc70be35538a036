"""A round of reporting is opened, closed and looked at again from the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from atlas.store import Store
from tests.browser.serving import served
from tests.test_rounds import scope_of_two


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[str]:
    """Address of an atlas in which two are to report and one has."""
    store = Store(tmp_path)
    store.publish_tables(scope_of_two("unicef"))
    yield from served(store)


def test_a_round_is_opened_and_closed_and_its_state_shown_again(
    opened: Callable[..., Page], reports: str
) -> None:
    page = opened(f"{reports}/?tab=reporting&frame=ml-2016")
    page.get_by_text("Ouvrir un tour", exact=True).click()
    for name, day in (("first", "01/01/2024"), ("last", "31/01/2024"), ("due", "15/02/2024")):
        page.locator(f"#round-opening [name={name}]").fill(day)
    page.get_by_role("button", name="Ouvrir", exact=True).click()
    expect(page.locator("#tab-body")).to_contain_text("1 rapport reçu sur 2")
    page.locator("summary", has_text="1 rappel à envoyer").click()
    expect(page.locator(".message-text")).to_contain_text("votre organisation (FAO)")
    page.get_by_role("button", name="Clore", exact=True).click()
    page.get_by_role("button", name="Voir tel que clos").click()
    expect(page.locator(".notice").first).to_contain_text("Tour clos : janvier 2024.")
    page.get_by_role("button", name="Revenir à l'état d'aujourd'hui").click()
    expect(page.get_by_role("button", name="Annuler la clôture")).to_be_visible()

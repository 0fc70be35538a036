"""The meeting on a wall, stepped through by keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from atlas.store.meetings import Meetings
from tests.browser.conftest import eventually
from tests.browser.serving import served
from tests.web.test_duplicates import doubled

pytestmark = pytest.mark.browser


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store with a possible double."""
    return doubled(tmp_path / "store").root


@pytest.fixture
def meeting(root: Path) -> Iterator[str]:
    """Address of its meeting."""
    from atlas.store import Store

    for address in served(Store(root)):
        yield f"{address}/meeting/"


def test_arrows_step_a_point_is_noted_and_escape_leads_back(
    meeting: str, root: Path, context: BrowserContext
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(meeting)
    page.get_by_role("button", name="Ouvrir la réunion").click()
    expect(page.get_by_role("button", name="Fermer la réunion")).to_be_visible()
    page.keyboard.press("ArrowRight")
    double = page.get_by_role("heading", name="1 double à trancher")
    expect(double).to_be_in_viewport(ratio=1)
    size = double.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size >= 768 * 0.05  # read from six metres
    page.locator("#s2").get_by_label("Quoi").fill("Appeler les deux")
    page.locator("#s2").get_by_label("Qui", exact=True).fill("PNUD")
    page.locator("#s2").get_by_label("Pour le").fill("15/04/2024")
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("heading", name="1 point d'action ouvert, dont 1 en retard")
    ).to_be_attached()
    assert [one.text for one in Meetings(root).action_points()] == ["Appeler les deux"]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    eventually(page, lambda: "/meeting" in page.url, False)
    page.close()

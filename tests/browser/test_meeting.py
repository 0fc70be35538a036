"""A meeting held by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import served
from tests.test_meetings import store_of_both

pytestmark = pytest.mark.browser


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[str]:
    """Address of an editor's page over two states."""
    yield from served(store_of_both(tmp_path / "store"))


def test_a_meeting_is_held_by_keyboard_and_read_from_afar(
    atlas: str, opened: Callable[..., Page]
) -> None:
    """Arrows step, 1 decides a pair, Enter notes a point, Escape leaves the field, then all."""
    page = opened(f"{atlas}/?frame=ml-2016")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.locator(".meeting-open").press("Enter")
    page.get_by_role("button", name="Ouvrir la réunion").press("Enter")
    screen, at = page.locator(".meeting-screen:visible"), page.locator("#meeting-at")
    expect(screen).to_contain_text("Lacunes nouvelles")
    sizes = "(part) => parseFloat(getComputedStyle(part).fontSize) / window.innerWidth"
    assert screen.locator(".meeting-items strong").first.evaluate(sizes) > 0.02
    page.keyboard.press("ArrowRight")
    expect(screen).to_contain_text("Doublons à trancher")
    page.keyboard.press("1")
    expect(screen).to_contain_text("la même, comptée une fois")
    here = at.inner_text()
    for name, words in (("what", "Relancer"), ("owner", "OCHA"), ("due", "30/06/2024")):
        page.locator(f"#meeting-point [name={name}]").press_sequentially(words)
    page.keyboard.press("Enter")
    expect(page.locator("#meeting-said")).to_contain_text("Noté : Relancer")
    page.keyboard.press("ArrowRight")
    expect(at).to_have_text(here)
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    expect(screen).to_contain_text("Relancer")
    expect(screen).to_contain_text("1 décision sur les données")
    page.keyboard.press("Escape")
    expect(page.locator("#meeting")).to_be_hidden()

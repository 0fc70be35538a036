"""An editor decides about a pair and takes the decision back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import served
from tests.web.test_duplicates import doubled

pytestmark = pytest.mark.browser


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[str]:
    """Address of an editor's page over one activity told twice, and a school."""
    yield from served(doubled(tmp_path / "store"))


def test_a_double_counts_once_as_soon_as_it_is_decided_and_twice_again_when_undone(
    atlas: str, opened: Callable[..., Page]
) -> None:
    """By keyboard: A leads; one activity and its 46 610.16 dollars leave; undo brings them back."""
    page = opened(f"{atlas}/?tab=duplicates&frame=ml-2016")
    activities = page.locator(".figure-activities .value")
    budget = page.locator(".figure-budget .value")
    expect(activities).to_have_text("3")
    whole = budget.inner_text()
    page.locator(".pair-card").focus()
    page.keyboard.press("1")
    expect(page.locator("#pair-said")).to_contain_text("−1 activité, −46 610,16 USD")
    expect(activities).to_have_text("2")
    expect(page.locator(".pair-done")).to_contain_text("la même, comptée une fois")
    expect(budget).not_to_have_text(whole)
    page.get_by_role("button", name="Annuler", exact=True).click()
    expect(activities).to_have_text("3")
    expect(page.locator(".pair-card")).to_be_visible()
    expect(budget).to_have_text(whole)

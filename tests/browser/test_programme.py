"""The office defines a programme in the page, sees its effect, publishes it, takes it back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from atlas.model import Viewer
from tests.browser.conftest import _serve

CERCLES = ("Djenné", "Ténenkou", "Bandiagara")
PAGE = "/?tab=programme&level=cercle&frame=ml-2016&indicator=programme"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[str]:
    """Address of an atlas whose page may be published from."""
    yield from _serve(tmp_path, Viewer.EDITOR, is_sample=False)


def test_three_cercles_make_the_matrix_and_undo_takes_it_away(
    opened: Callable[..., Page], office: str
) -> None:
    page = opened(office + PAGE)
    undefined = page.locator(".undefined")
    expect(undefined).to_contain_text("Périmètre à définir (3 cercles non nommés)")
    for n, cercle in enumerate(CERCLES, 1):
        page.locator(".perimeter .dash-dropdown").click()
        page.locator(".dash-dropdown-search-container input").fill(cercle)
        page.locator(".dash-options-list-option").filter(has_text=f"{cercle} (").first.click()
        expect(page.locator(".programme-matrix tbody tr:not(.sum)")).to_have_count(n)
        page.keyboard.press("Escape")
    expect(page.locator(".programme-editor")).to_contain_text("À l'essai, non publié")
    expect(page.locator(".told-planned")).to_have_count(1)  # the school planned in Dourou
    header = page.locator("[data-snapshot]")
    before = str(header.get_attribute("data-snapshot"))
    page.get_by_role("button", name="Publier", exact=True).click()
    expect(header).not_to_have_attribute("data-snapshot", before)
    expect(page.locator("#tab-body")).to_contain_text("bureau du gouverneur, saisie, 15 janvier")
    expect(page).not_to_have_url(re.compile("programme.perimeter"))
    page.get_by_role("button", name=re.compile("Annuler la dernière publication")).click()
    expect(undefined).to_contain_text("3 cercles non nommés")


def test_of_two_windows_the_second_to_publish_is_told_and_keeps_what_it_tries(
    opened: Callable[..., Page], office: str
) -> None:
    windows = [opened(f"{office}{PAGE}&programme.perimeter=ml-2016/ML050{n}") for n in (1, 3)]
    for window in windows:
        window.locator(".programme-editor button.primary").wait_for()
    first, second = windows
    first.get_by_role("button", name="Publier", exact=True).click()
    expect(first.locator("#tab-body")).to_contain_text("saisie, 15 janvier")
    second.get_by_role("button", name="Publier", exact=True).click()
    told = second.locator("#message")
    expect(told).to_contain_text("quelqu'un d'autre l'a publié depuis")
    second.get_by_role("button", name="Nouvel état publié").click()
    expect(second).to_have_url(re.compile("programme.perimeter=ml-2016/ML0503"))
    expect(told).to_contain_text("Votre essai est gardé")

"""A served page and a browser to read it with; skipped where Chromium is absent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from atlas.model import Viewer
from atlas.store import Store
from atlas.store.accounts import Accounts, role_details
from tests.browser.serving import served
from tests.web.crowd import crowd
from tests.web.example import tables

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # see `context`
]
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser test that fails is tried once more, and the summary says so ("rerun").

    Two browsers on a busy machine may miss a moment; a fault of the page fails twice.
    """
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session."""
    if not Path(CHROMIUM).is_file():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def _serve(root: Path, viewer: Viewer, *, is_sample: bool) -> Iterator[str]:
    store = Store(root)
    store.publish_tables(tables(is_sample=is_sample))
    yield from served(store, viewer)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page as its editor sees it."""
    yield from _serve(tmp_path_factory.mktemp("store"), Viewer.EDITOR, is_sample=True)


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a page with long tables, where many organisations are said to be present."""
    store = Store(tmp_path_factory.mktemp("crowded"))
    store.publish_tables(crowd())
    yield from served(store)


@pytest.fixture(scope="session")
def public_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page as anyone sees it."""
    yield from _serve(tmp_path_factory.mktemp("public"), Viewer.PUBLIC, is_sample=False)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Address of a page with accounts, and the session of who keeps them."""
    store = Store(tmp_path)
    store.publish_tables(tables())
    accounts = Accounts(store.root)
    token = accounts.invite("chef", role_details("admin"), made_by="root")
    accounts.choose_password(token, "le fleuve passe à Gao")
    for address in served(store):
        yield address, accounts.new_session("chef")


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for the session, so that scripts are fetched once, and compiled once.

    A window that stays keeps the process in which those of the tests are opened.
    """
    context = browser.new_context(service_workers="block")  # `test_offline` has one
    context.add_init_script("document.cookie = 'atlas_visit=1; path=/'")  # no first visit
    stays = context.new_page()
    stays.route("**", lambda route: route.fulfill(body=""))
    stays.goto("http://127.0.0.1/")
    yield context
    context.close()


def eventually(page: Page, read: Callable[[], object], wanted: object) -> None:
    """The page comes to say this: it answers a click after a while, and so is asked again."""
    for _ in range(PATIENCE_MS // 50):
        if read() == wanted:
            return
        page.wait_for_timeout(50)
    assert read() == wanted


def expect_query(page: Page, **wanted: str | None) -> None:
    """The address comes to say this of these keys; of one that is None, nothing."""

    def read() -> dict[str, str | None]:
        said = dict(parse_qsl(urlsplit(page.url).query))
        return {key: said.get(key) for key in wanted}

    eventually(page, read, wanted)


def refused_by_policy(words: str) -> list[str]:
    """What the console says, where it speaks of the Content-Security-Policy."""
    return [words] if "Content Security Policy" in words else []


@pytest.fixture
def opened(context: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Open an address in a new window and wait for its map.

    A script error fails the test, and so does what the Content-Security-Policy refuses.
    """
    pages: list[Page] = []
    errors: list[str] = []

    def _open(url: str, width: int = 1366, height: int = 768) -> Page:
        page = context.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.extend(refused_by_policy(said.text)))
        page.goto(url)
        page.wait_for_selector("path.unit", state="attached")
        page.wait_for_selector(".tabs")
        return page

    yield _open
    for page in pages:
        page.close()
    assert errors == []

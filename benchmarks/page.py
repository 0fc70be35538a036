"""The page in Chromium: bytes and time until the first map, of a filter change, and of each tab.

The server is `atlas serve` as shipped, over synthetic activities with needs of every commune;
official boundaries are installed where the shared folder has them.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any
from urllib.request import urlopen

from atlas.store import Store
from atlas.web.page_elements import TabName
from benchmarks import timing
from benchmarks.synthetic import SECTORS, needs, tables

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
LEVELS = ("region", "cercle", "commune")
SLOW_LINE = {"offline": False, "latency": 400, "downloadThroughput": 5e4, "uploadThroughput": 5e4}
"""400 kbit/s, 400 ms there and back."""
CHANGES = 20
PATIENCE_MS = 120_000

FIRST_UNIT = """document.cookie = "atlas_visit=1; path=/";
new MutationObserver((_, watching) => {
  if (!document.querySelector("path.unit")) return;
  window.firstUnit = performance.now();
  watching.disconnect();
}).observe(document, { childList: true, subtree: true });"""
TO_FIRST_MAP = """() => [window.firstUnit / 1000,
  ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
    .filter((entry) => entry.responseEnd <= window.firstUnit)
    .reduce((sum, entry) => sum + entry.transferSize, 0)]"""
BYTES = """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, entry) => sum + entry.transferSize, 0)"""
RECOLOURED = """(sector) => new Promise((resolve) => {
  const before = atlas.paint;
  const start = performance.now();
  const look = () => (atlas.paint === before ? requestAnimationFrame(look)
    : requestAnimationFrame(() => resolve(performance.now() - start)));
  atlas.go({ sector });
  look();
})"""


def measure(shared: Path, rows: int) -> Iterator[timing.Row]:
    """Rows of the table; none where there is no Chromium or no Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    if not Path(CHROMIUM).is_file():
        return
    with (
        TemporaryDirectory() as folder,
        served(Path(folder), shared, rows) as address,
        sync_playwright() as playwright,
    ):
        flags = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        said = f"{rows:.0e} activities".replace("e+0", "e")
        yield from _first_maps(browser, address, said)
        yield from _filter_changes(browser, address, said)
        yield from _tabs(browser, address, said)
        browser.close()


@contextmanager
def served(folder: Path, shared: Path, rows: int) -> Iterator[str]:
    """Address of `atlas serve` over synthetic activities, with the boundaries of ``shared``."""
    Store(folder / "store").publish_tables(replace(tables(rows), context=needs()))
    env = os.environ | {"ATLAS_HOME": str(folder), "ATLAS_OFFLINE": "1"}
    boundaries = shared / "geodata" / "cod-ab-mli-2019"
    atlas = [sys.executable, "-m", "atlas"]
    if boundaries.is_dir():
        install = [*atlas, "geodata", "install", str(boundaries)]
        subprocess.run(install, env=env, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(os.devnull, "wb") as nowhere:
        words = [*atlas, "serve", "--port", str(port)]
        server = subprocess.Popen(words, env=env, stdout=nowhere, stderr=nowhere)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/healthz")
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(url: str) -> None:
    for _try in range(240):
        try:
            urlopen(url, timeout=5).close()
            return
        except OSError:
            sleep(0.5)
    raise RuntimeError(f"no answer from {url}")


def _opened(context: Any, url: str, *, slow: bool = False) -> tuple[Any, float, float]:
    """The page once its first map is drawn, with bytes and seconds until then."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(FIRST_UNIT)
    if slow:
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW_LINE)
    page.goto(url, wait_until="commit")
    page.wait_for_selector("path.unit", state="attached")
    took, size = page.evaluate(TO_FIRST_MAP)
    return page, size, took


def _first_maps(browser: Any, address: str, said: str) -> Iterator[timing.Row]:
    url = f"{address}/?frame=ml-2016&level=commune"
    for what, slow in (("cold", False), ("cold, 400 kbit/s and 400 ms", True)):
        context = browser.new_context(service_workers="block")
        page, size, took = _opened(context, url, slow=slow)
        yield (
            f"page, first map of communes, {what}",
            "atlas",
            f"{size / 1e3:.0f} kB, {took:.1f} s",
            said,
        )
        if not slow:
            page.wait_for_load_state("networkidle")
            page.close()
            _page, size, took = _opened(context, url)
            yield "page, return visit", "atlas", f"{size / 1e3:.0f} kB, {took:.1f} s", said
        context.close()


def _filter_changes(browser: Any, address: str, said: str) -> Iterator[timing.Row]:
    page, _size, _took = _opened(
        browser.new_context(service_workers="block"), f"{address}/?frame=ml-2016"
    )
    page.wait_for_load_state("networkidle")
    took, sizes = [], []
    for i in range(CHANGES):
        before = page.evaluate(BYTES)
        took.append(page.evaluate(RECOLOURED, SECTORS[i % len(SECTORS)]))
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)
        sizes.append(page.evaluate(BYTES) - before)
    figure = (
        f"{median(took):.0f} ms, p95 {quantiles(took, n=20)[-1]:.0f}, {median(sizes) / 1e3:.0f} kB"
    )
    yield (
        "page, filter change until the map is recoloured",
        "atlas",
        figure,
        f"{said}, {CHANGES} changes",
    )
    page.close()


def _tabs(browser: Any, address: str, said: str) -> Iterator[timing.Row]:
    """Seconds of script from the click on a tab until nothing moves any more."""
    context = browser.new_context(service_workers="block")
    for tab in TabName:
        figures = []
        for level in LEVELS:
            away = TabName.ACTORS if tab is TabName.RANKING else TabName.RANKING
            page, _size, _took = _opened(
                context, f"{address}/?frame=ml-2016&level={level}&tab={away}"
            )
            page.wait_for_selector(f".tab-{away} > *")
            page.wait_for_load_state("networkidle")
            line = context.new_cdp_session(page)
            line.send("Performance.enable")
            before = _script_seconds(line)
            page.evaluate("tab => atlas.go({ tab })", str(tab))
            page.wait_for_selector(f".tab-{tab} > *")
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(300)
            figures.append(f"{_script_seconds(line) - before:.2f}")
            page.close()
        yield (
            f"page, script of the tab {tab}",
            "atlas",
            " / ".join(figures) + " s",
            f"{said}; région / cercle / commune",
        )


def _script_seconds(line: Any) -> float:
    told = line.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in told if one["name"] == "ScriptDuration")

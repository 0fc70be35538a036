"""Fifty readers, five editors and an import every twenty seconds, on one `atlas serve`.

``python -m benchmarks.load [--seconds 300]``: readers change the sector as the page does (its own
requests, taken down from a Chromium) and ask for a table; editors tag activities; imports publish.
Counted at the end: decisions that were accepted and are not in the history, states that are told in
two ways, answers by their status, times, memory of the workers.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from urllib.parse import quote

from benchmarks.page import CHROMIUM, served
from benchmarks.synthetic import SECTORS

READERS, EDITORS, IMPORT_EVERY_S = 50, 5, 20
THINKING_S, DECIDING_S = 5.0, 10.0
"""How long a reader looks between two questions, an editor at least between two decisions."""
CHANGE = "/_dash-update-component"
ROWS = 2_000


@dataclass
class Tally:
    """What all of them saw."""

    until: float
    changes: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    totals: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    accepted: int = 0
    published: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_running(self) -> bool:
        """Whether the time is not over yet."""
        return monotonic() < self.until


def recorded_change(address: str) -> list[bytes]:
    """Bodies of the requests by which the page changes to the first sector.

    That by which the page looks whether it must be laid out anew is left out: it holds the state
    that the page was laid out for, and each page is laid out once for a newer one.
    """
    from playwright.sync_api import sync_playwright

    bodies: list[bytes] = []
    with sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page()
        page.goto(f"{address}/?frame=ml-2016")
        page.wait_for_selector("path.unit", state="attached")
        page.wait_for_load_state("networkidle")
        page.on(
            "request",
            lambda asked: bodies.append(asked.post_data_buffer) if CHANGE in asked.url else None,
        )
        page.evaluate("sector => atlas.go({ sector })", SECTORS[0])
        page.wait_for_timeout(3000)
        browser.close()
    return [one for one in bodies if b"page-key" not in one]


def ask(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and content of an answer; 0 where there was none."""
    headers = {"X-Atlas": "1", "Content-Type": "application/json"}
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request(method, path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        line.close()


def read_on(port: int, bodies: list[bytes], tally: Tally, seed: int) -> None:
    """One reader: a filter change, a table, a few seconds of looking."""
    dice = random.Random(seed)
    while tally.is_running():
        sector = dice.choice(SECTORS).encode()
        start = monotonic()
        statuses = [
            ask(port, "POST", CHANGE, one.replace(SECTORS[0].encode(), sector))[0] for one in bodies
        ]
        took = monotonic() - start
        status, content = ask(port, "GET", "/api/layers/presence?frame=ml-2016")
        with tally.lock:
            tally.changes.append(took)
            tally.statuses.update(f"change {one}" for one in statuses)
            tally.statuses[f"table {status}"] += 1
            if status == 200:
                told = json.loads(content)
                rows = json.dumps(told["rows"], sort_keys=True)
                tally.totals[json.dumps(told["about"].get("snapshot"))].add(rows)
        sleep(dice.uniform(0.5, 1.5) * THINKING_S)


def decide_on(port: int, tally: Tally, organisations: list[str], seed: int) -> None:
    """One editor: tags the activities of an organisation that no other editor tags, anew."""
    dice = random.Random(seed)
    while tally.is_running():
        organisation = dice.choice(organisations)
        question = f"?organisation={quote(organisation)}&frame=ml-2016"
        status, content = ask(port, "GET", f"/api/activities{question}")
        if status != 200:
            continue
        rows = json.loads(content)["rows"]
        other = "humanitarian" if rows[0]["nexus"] == "peace" else "peace"
        seen = len({row["activity_id"] for row in rows})
        said = {"question": question, "nexus": other, "seen": seen}
        status, _content = ask(port, "POST", "/nexus/tag", json.dumps(said).encode())
        with tally.lock:
            tally.statuses[f"decision {status}"] += 1
            tally.accepted += status == 200
        sleep(dice.uniform(1, 2) * DECIDING_S)


def import_on(store: Path, tally: Tally, folder: Path) -> None:
    """A list of one activity more each time, of one sender."""
    rows = ["Organisation;Activité;Secteur;Région;Cercle;Date de début"]
    n = 0
    while tally.is_running():
        n += 1
        rows.append(f"ONG IMPORT;Forage {n};EHA;Mopti;Bankass;01/02/2026")
        path = folder / f"liste-{n}.csv"
        path.write_text("\n".join(rows), "utf-8")
        words = ["ingest", str(path), "--source", "ngo", "--as-of", "2026-03-01"]
        done = subprocess.run(
            [sys.executable, "-m", "atlas", *words, "--store", str(store)], capture_output=True
        )
        with tally.lock:
            tally.statuses[f"import {done.returncode}"] += 1
            tally.published += done.returncode == 0
        sleep(IMPORT_EVERY_S)


def resident_mb(port: int) -> list[int]:
    """Resident memory of the server and its workers, MB each (Linux)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            pages = int((folder / "statm").read_text().split()[1])
        except (OSError, ValueError):
            continue
        if f":{port}".encode() in words or f"--port\0{port}".encode() in words:
            found.append(pages * os.sysconf("SC_PAGE_SIZE") // 2**20)
    return sorted(found)


def main() -> None:
    """Run for the time asked for, and print what was counted."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.load")
    words.add_argument("--seconds", type=int, default=300)
    args = words.parse_args()
    with TemporaryDirectory() as name, served(Path(name), Path(name), ROWS) as address:
        port, store = int(address.rpartition(":")[2]), Path(name) / "store"
        bodies = recorded_change(address)
        before = resident_mb(port)
        tally = Tally(monotonic() + args.seconds)
        _status, content = ask(port, "GET", "/api/activities?frame=ml-2016")
        rows = json.loads(content)["rows"]
        organisations = sorted({row["organisations"].split(" ; ")[0] for row in rows})[:50]
        jobs = [(read_on, (port, bodies, tally, n)) for n in range(READERS)]
        jobs += [(decide_on, (port, tally, organisations[n::EDITORS], n)) for n in range(EDITORS)]
        jobs += [(import_on, (store, tally, Path(name)))]
        threads = [threading.Thread(target=act, args=told) for act, told in jobs]  # type: ignore[arg-type]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        report(tally, store, before, resident_mb(port), len(bodies))


def report(tally: Tally, store: Path, before: list[int], after: list[int], requests: int) -> None:
    """Print the figures."""
    from atlas.store.decisions import NexusTags

    moments = {one.at for one in NexusTags(store).all_decisions()}
    torn = sum(len(rows) > 1 for rows in tally.totals.values())
    p95 = quantiles(tally.changes, n=20)[-1]
    print(f"filter changes: {len(tally.changes)} of {requests} requests each")
    print(f"  median {1000 * median(tally.changes):.0f} ms, p95 {1000 * p95:.0f} ms")
    print(f"answers: {dict(sorted(tally.statuses.items()))}")
    print(f"states seen: {len(tally.totals)}, of which told in two ways: {torn}")
    print(f"decisions accepted: {tally.accepted}, moments in the history: {len(moments)}")
    print(f"imports published: {tally.published}")
    print(f"memory of the server and its workers: {before} MB before, {after} MB after")


if __name__ == "__main__":
    main()

"""Starting a download that nobody waits for. Loads nothing heavy: the server's start does.

The page itself never asks anything of the network; this process does, once a day at most,
and only beside a server on one's own machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from atlas.errors import GeodataError
from atlas.geo.generations import is_outdated
from atlas.geo.install import download_boundaries, redraw_outdated
from atlas.paths import boundaries_root
from atlas.transfers import FetchTimeouts, is_offline

ONCE_A_DAY_S = 24 * 3600
HEAD_START_S = 15.0
"""Left to the server: whoever opens the page gets the whole machine first."""

SILENCE_S, WHOLE_S = 8.0, 300.0
"""Longest wait for the far side, and longest time for all that comes from it."""


def start_in_background(head_start: float = HEAD_START_S) -> bool:
    """Try once in a process of its own that nobody waits for, at most once a day.

    Parameters
    ----------
    head_start
        Seconds before that process does anything.

    Returns
    -------
    bool
        Whether a try was started: what is installed must be drawn again, or not offline and
        none in the last day.
    """
    root = boundaries_root()
    stamp = root / "hdx.tried"
    try:
        if not is_outdated(root) and (is_offline() or _tried_today(stamp)):
            return False
        root.mkdir(parents=True, exist_ok=True)
        stamp.touch()  # before the try: a crash does not make it try at every start
        with (root / "hdx.log").open("w", encoding="utf-8") as log:
            words = [sys.executable, "-m", "atlas.geo.background", str(head_start)]
            _start_detached(words, log)
    except OSError:  # a folder that cannot be written: the page does without
        return False
    return True


def _tried_today(stamp: Path) -> bool:
    return stamp.exists() and abs(time.time() - stamp.stat().st_mtime) < ONCE_A_DAY_S


def _start_detached(words: list[str], log: Any) -> None:
    """Start a process that outlives this one and hears no Ctrl+C meant for it."""
    apart: dict[str, Any] = (
        {"creationflags": 0x00000008 | 0x00000200}  # DETACHED_PROCESS, NEW_PROCESS_GROUP
        if sys.platform == "win32"
        else {"start_new_session": True}
    )
    silent = subprocess.DEVNULL
    process = subprocess.Popen(words, stdin=silent, stdout=log, stderr=log, **apart)
    process.returncode = 0  # nobody will ask: no warning when the object goes


def main(head_start: float) -> None:
    """What the detached process does: draw anew what an older program drew, then one try to
    download, one line in the log, never an exit code.

    The server adopts this process when it takes over the one that started it; an exit code
    would read as a worker's.
    """
    if hasattr(os, "nice"):
        os.nice(10)
    time.sleep(head_start)
    try:
        redraw_outdated()
    except GeodataError as error:
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} {error.error_sentence()}")
    try:
        line = download_boundaries(FetchTimeouts(SILENCE_S, WHOLE_S, tries=2)).report_lines()[0]
    except GeodataError as error:
        line = error.error_sentence()
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} {line}")


if __name__ == "__main__":
    main(float(sys.argv[1]))

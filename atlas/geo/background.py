"""Starting a download that nobody waits for. Loads nothing heavy: the server's start does.

The page itself never asks anything of the network; this process does, once a day at most,
and only beside a server on one's own machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from atlas.paths import boundaries_root

OFFLINE = "ATLAS_OFFLINE"
"""Environment variable: set to anything but 0, nothing is ever asked of the network."""

ONCE_A_DAY_S = 24 * 3600


def is_offline() -> bool:
    """Whether ``ATLAS_OFFLINE`` forbids any request."""
    return os.environ.get(OFFLINE, "0") not in ("", "0")


def start_in_background() -> bool:
    """Try once in a process of its own that nobody waits for, at most once a day.

    Returns
    -------
    bool
        Whether a try was started: not offline, and none in the last day.
    """
    if is_offline():
        return False
    root = boundaries_root()
    stamp = root / "hdx.tried"
    try:
        if stamp.exists() and abs(time.time() - stamp.stat().st_mtime) < ONCE_A_DAY_S:
            return False
        root.mkdir(parents=True, exist_ok=True)
        stamp.touch()  # before the try: a crash does not make it try at every start
        with (root / "hdx.log").open("w", encoding="utf-8") as log:
            _detached([sys.executable, "-m", "atlas.geo.download"], log)
    except OSError:  # a folder that cannot be written: the page does without
        return False
    return True


def _detached(words: list[str], log: Any) -> None:
    """Start a process that outlives this one and hears no Ctrl+C meant for it."""
    apart: dict[str, Any] = (
        {"creationflags": 0x00000008 | 0x00000200}  # DETACHED_PROCESS, NEW_PROCESS_GROUP
        if sys.platform == "win32"
        else {"start_new_session": True}
    )
    silent = subprocess.DEVNULL
    process = subprocess.Popen(words, stdin=silent, stdout=log, stderr=log, **apart)
    process.returncode = 0  # nobody will ask: no warning when the object goes

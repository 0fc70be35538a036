"""How long things take and how much memory: medians of a few runs, whole processes or calls."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

Row = tuple[str, str, str, str]
"""What, who, figure, remark: one line of the table."""
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Cost(NamedTuple):
    """What a whole process costs: seconds on the wall and of the processor, MB at most."""

    wall: float
    cpu: float
    peak: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s"


def cost(
    words: Sequence[str],
    runs: int = 3,
    env: Mapping[str, str] | None = None,
    python: Path | str = sys.executable,
) -> Cost:
    """Medians over whole processes of a Python: `costs` of one alone."""
    return costs([words], runs, env, python)[0]


def costs(
    processes: Sequence[Sequence[str]],
    runs: int = 3,
    env: Mapping[str, str] | None = None,
    python: Path | str = sys.executable,
) -> list[Cost]:
    """Medians over whole processes of a Python, run in turn, after a round that is not counted.

    In turn, so that a machine that is slow for a minute is so for all of them. ``{run}`` in a
    word is the number of the run: a folder of its own for each. The first run writes the
    compiled modules, as a first use does; the others find them. The setting of its allocator
    that polars leaves in the environment of whoever loads it is no part of theirs.
    """
    set_by_hand = {"PYTHONDONTWRITEBYTECODE", "_RJEM_MALLOC_CONF"}
    told = {k: v for k, v in os.environ.items() if k not in set_by_hand} | dict(env or {})
    rounds = [
        [
            _run([str(python), *(word.replace("{run}", str(run)) for word in words)], told)
            for words in processes
        ]
        for run in range(runs + 1)
    ][1:]
    return [
        Cost(*(median(column) for column in zip(*own, strict=True)))
        for own in zip(*rounds, strict=True)
    ]


_WATCH = """
import os, subprocess, sys, time
start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_pid, status, used = os.wait4(child.pid, 0)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Run by a small process of its own: a child is charged with the memory it was started from."""


def _run(words: Sequence[str], env: Mapping[str, str]) -> Cost:
    watch = [sys.executable, "-S", "-c", _WATCH, *words]
    told = subprocess.run(watch, env=env, capture_output=True, text=True)
    if told.returncode not in (0, 3):  # 3: done, with rejected rows
        raise RuntimeError(f"{words[:4]}: {told.stderr[-400:]}")
    wall, cpu, peak = map(float, told.stdout.split())
    return Cost(wall, cpu, peak * _MAXRSS_UNIT / 2**20)


def process(words: Sequence[str], runs: int = 3, env: Mapping[str, str] | None = None) -> float:
    """Median seconds of a whole process of this Python."""
    return cost(words, runs, env).wall


def call(function: Callable[[], object], runs: int = 5) -> float:
    """Median seconds of a call."""
    took = []
    for _run_number in range(runs):
        start = perf_counter()
        function()
        took.append(perf_counter() - start)
    return median(took)

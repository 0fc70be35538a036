"""How long things take: medians of a few runs, whole processes or calls."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter

Row = tuple[str, str, str, str]
"""What, who, figure, remark: one line of the table."""


def process(words: Sequence[str], runs: int = 3, env: Mapping[str, str] | None = None) -> float:
    """Median seconds of a whole process of this Python."""
    took = []
    for _run in range(runs):
        start = perf_counter()
        subprocess.run(
            [sys.executable, *words],
            check=True,
            capture_output=True,
            env={**os.environ, **(env or {})},
        )
        took.append(perf_counter() - start)
    return median(took)


def call(function: Callable[[], object], runs: int = 5) -> float:
    """Median seconds of a call."""
    took = []
    for _run in range(runs):
        start = perf_counter()
        function()
        took.append(perf_counter() - start)
    return median(took)

"""A change of filter over synthetic activities, through `Dataset.ask`, caches emptied.

Each layer is asked at tables that grow tenfold, so that what is not linear shows.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from statistics import median
from time import perf_counter

from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.model import Tables
from benchmarks import timing
from benchmarks.synthetic import SECTORS, SOURCES, needs, repeated, tables

ASKS = 15
SIZES, LARGE_SIZES = (10_000, 100_000), (1_000_000, 10_000_000)
MADE = 1_000_000
"""Rows that are made one by one; a larger table repeats them under other ids."""

Question = tuple[str, tuple[tuple[str, str], ...]]
QUESTIONS: tuple[Question, ...] = (
    ("presence", ()),
    ("actors", ()),
    ("budget", ()),
    ("budget", (("rule", "population"), ("by", "sector"))),
    ("budget", (("currency", "EUR"), ("by", "year"))),
    ("budget", (("slice", "overlap"),)),
    ("coverage", ()),
    ("people", ()),
    ("people", (("group", "idp"),)),
    ("localisation", ()),
    ("programme", ()),
    ("programme", (("perimeter", "ml-2016/ML0501,ml-2016/ML0502,ml-2016/ML0701"),)),
    ("access", ()),
    ("reporting", ()),
)
"""The layers that add up, and settings under which they do more."""


def measure(large: bool = False) -> Iterator[timing.Row]:
    """Median of random questions at each size, one line a layer; all communes have needs."""
    took: dict[Question, dict[int, float]] = defaultdict(dict)
    for size in (*SIZES, *(LARGE_SIZES if large else ())):
        dataset = Dataset.from_tables(replace(_tables(size), context=needs()))
        for question, seconds in _medians(dataset).items():
            took[question][size] = seconds
    for (layer, said), times in took.items():
        told = " · ".join(
            f"{n:.0e} {t * 1000:.0f} ms".replace("e+0", "e") for n, t in times.items()
        )
        words = " ".join([layer, *(name if "/" in value else value for name, value in said)])
        yield f"filter change, {words}", "atlas", told, f"synthetic, × {_growth(times)} a tenfold"


def _tables(size: int) -> Tables:
    return tables(size) if size <= MADE else repeated(tables(MADE), size // MADE)


def _medians(dataset: Dataset) -> dict[Question, float]:
    """Median seconds of each question, its filters drawn anew each time; asked in turn."""
    dice = random.Random(1)
    took: dict[Question, list[float]] = defaultdict(list)
    for layer, said in QUESTIONS:
        dataset.ask(layer, Filters(), frame="ml-2016", level="commune", options=dict(said))
    for layer, said in QUESTIONS * ASKS:
        filters = Filters(sector=(dice.choice(SECTORS),), source=(dice.choice(SOURCES),))
        dataset.clear_cache()
        start = perf_counter()
        dataset.ask(layer, filters, frame="ml-2016", level="commune", options=dict(said))
        took[layer, said].append(perf_counter() - start)
    return {question: median(seconds) for question, seconds in took.items()}


def _growth(times: dict[int, float]) -> str:
    """How many times longer each tenfold takes."""
    seconds = list(times.values())
    return ", ".join(f"{b / a:.1f}" for a, b in pairwise(seconds))

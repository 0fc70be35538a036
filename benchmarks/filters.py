"""A change of filter over synthetic activities, through `Dataset.ask`, caches emptied."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from time import perf_counter

from atlas.dataset import Dataset
from atlas.filters import Filters
from benchmarks import timing
from benchmarks.synthetic import SECTORS, SOURCES, needs, tables

ASKS = 15
LAYERS = ("presence", "budget", "coverage", "programme")
BUDGETS: tuple[dict[str, str], ...] = (
    {"rule": "population", "by": "sector"},
    {"currency": "EUR", "by": "year"},
    {"slice": "overlap"},
)
"""Settings of the layer ``budget`` that are measured beside its default."""


def measure(rows: int) -> Iterator[timing.Row]:
    """Median of random questions, one line a layer; every commune has needs and severities."""
    dataset = Dataset.of(replace(tables(rows), context=needs()))
    dice = random.Random(1)
    questions = [(layer, {}) for layer in LAYERS] + [("budget", said) for said in BUDGETS]
    for layer, said in questions:
        took = []
        dataset.ask(layer, Filters(), frame="ml-2016", level="commune", options=said)
        for _ask in range(ASKS):
            filters = Filters(sector=(dice.choice(SECTORS),), source=(dice.choice(SOURCES),))
            dataset.forget()
            start = perf_counter()
            dataset.ask(layer, filters, frame="ml-2016", level="commune", options=said)
            took.append(perf_counter() - start)
        yield (
            f"filter change, {' '.join([layer, *said.values()])}",
            "atlas",
            f"{median(took) * 1000:.0f} ms",
            f"{rows:,} synthetic activities",
        )

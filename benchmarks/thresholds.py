"""How alike a misspelt name must be to be accepted: the table the thresholds are read from.

    python -m benchmarks.thresholds

Three kinds of names are looked for among the communes of the cercle, of the région, of the
country: those of a public list of 2012 (with the commune each means), slips of the pen made
up (two seeds), and names of villages, which should *not* pass for a commune other than their
own. The threshold is the lowest of the table at which at most `FOREIGN` of the villages do;
it is chosen on a random half of each kind, and the other half says what it is worth.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from atlas.geo.frames import shipped_frames
from atlas.geo.names import commune_words, name_index, place_name_key
from atlas.geo.ranking import ACCEPT, MARGIN, match_certainty, rankings_of_queries, units_in_scope
from benchmarks.misspell import communes, misspell

FRAME = "ml-2012"
SHARED = Path(os.environ.get("ATLAS_SHARED", Path(__file__).parents[2] / "shared"))
STEPS = tuple(step / 100 for step in range(82, 102))
FOREIGN = 0.03
"""Share of village names that may pass for a commune that they are not in."""
SEEDS = (11, 12)
HOLDERS = ("cercle", "region", "frame")


@dataclass(frozen=True)
class Name:
    """A name to look for, the cercle it is in, the commune it means or lies in."""

    text: str
    cercle: str
    truth: str


@dataclass(frozen=True)
class Ranked:
    """What a name is likest to: how much, by how much, and whether that is right."""

    best: float
    margin: float
    right: bool
    holder: str

    def accepted(self, least: float) -> bool:
        sure = match_certainty(self.best, self.best - self.margin, self.holder)
        clear = self.margin >= MARGIN and sure >= least
        return clear or self.best == 1 > self.margin > 0


def main() -> None:
    kinds = {"list": listed(), "slips": slips(), "villages": villages()}
    console = Console(width=120)
    for holder in HOLDERS:
        halves = {kind: _halves(ranked(rows, holder)) for kind, rows in kinds.items()}
        console.print(_table(holder, halves))
        first, second = (choose(halves["villages"][half]) for half in (0, 1))
        used = ACCEPT[holder]
        console.print(f"chosen on one half {first:.2f}, on the other {second:.2f}")
        console.print(f"used {used:.2f}\n")


def choose(rows: Sequence[Ranked]) -> float:
    """The lowest threshold at which few enough foreign villages pass."""
    certain = _certain(rows)  # their very name is a commune's: no threshold helps
    fits = [t for t in STEPS if _wrong(rows, t) - certain <= FOREIGN * len(rows)]
    return min(fits, default=1.0)


def listed() -> list[Name]:
    """Names of the public list, with the commune that each means."""
    rows = pl.read_csv(SHARED / "data" / "place_truth.csv").iter_rows(named=True)
    found = ((r["commune"], _cercle(r["cercle"]), f"{FRAME}/{r['truth_pcode']}") for r in rows)
    return [Name(text, cercle, truth) for text, cercle, truth in found if cercle]


def slips() -> list[Name]:
    """Names of communes with slips of the pen, by other seeds than the benchmark's."""
    found = []
    for seed in SEEDS:
        dice = random.Random(seed)
        found += [
            Name(misspell(row["commune"], dice), str(_cercle(row["cercle"])), row["truth"])
            for row in communes().to_dicts()
        ]
    return found


def villages() -> list[Name]:
    """Villages whose name is not that of a commune of their cercle, with their commune."""
    truth = pl.read_csv(SHARED / "data" / "place_truth.csv")
    own = {(r["cercle"], r["commune"]): r["truth_pcode"] for r in truth.iter_rows(named=True)}
    table = pl.read_csv(SHARED / "data" / "ml_villages.csv", ignore_errors=True,
                        truncate_ragged_lines=True)  # fmt: skip
    rows = table.unique(["CERCLE", "VILLAGE"], keep="first", maintain_order=True)
    known = name_index(FRAME).keys
    found = []
    for row in rows.iter_rows(named=True):
        code = own.get((row["CERCLE"], row["COMMUNE"]))
        cercle = _cercle(row["CERCLE"] or "")
        if not code or not cercle or not row["VILLAGE"] or (row["CERCLE"], row["VILLAGE"]) in own:
            continue
        beside = {k for unit in units_in_scope("commune", cercle, FRAME) for k in known[unit]}
        if place_name_key(row["VILLAGE"]) not in beside:
            found.append(Name(row["VILLAGE"], cercle, f"{FRAME}/{code}"))
    return found


def _cercle(name: str) -> str | None:
    _how, found = name_index(FRAME).find_units("cercle", name)
    return found[0] if len(found) == 1 else None


def ranked(rows: Iterable[Name], holder: str) -> list[Ranked]:
    """What each name is likest to among the communes of its cercle, région or country."""
    groups: dict[str | None, list[Name]] = defaultdict(list)
    for row in rows:
        groups[
            shipped_frames().ancestor_at_level(row.cercle, holder) if holder != "frame" else None
        ].append(row)
    return [one for unit, some in groups.items() for one in _ranked_in(unit, some, holder)]


def _ranked_in(unit: str | None, rows: Sequence[Name], holder: str) -> Iterator[Ranked]:
    scope = units_in_scope("commune", unit, FRAME)
    found = rankings_of_queries([commune_words(row.text) for row in rows], scope, FRAME)
    for row, near in zip(rows, found, strict=True):
        best, first = near[0]
        second = near[1][0] if len(near) > 1 else 0.0
        yield Ranked(best, best - second, first == row.truth, holder)


def _halves(rows: list[Ranked]) -> tuple[list[Ranked], list[Ranked]]:
    mixed = random.Random(0).sample(rows, len(rows))
    return mixed[::2], mixed[1::2]


def _right(rows: Sequence[Ranked], least: float) -> int:
    return sum(row.right and row.accepted(least) for row in rows)


def _wrong(rows: Sequence[Ranked], least: float) -> int:
    return sum(not row.right and row.accepted(least) for row in rows)


def _certain(rows: Sequence[Ranked]) -> int:
    return sum(not row.right and row.best == 1 and row.margin > 0 for row in rows)


def _table(holder: str, halves: dict[str, tuple[list[Ranked], list[Ranked]]]) -> Table:
    table = Table(title=f"communes of the {holder}, margin {MARGIN}", title_justify="left")
    table.add_column("threshold", justify="right")
    for kind in halves:
        for half in ("one half", "other half"):
            table.add_column(f"{kind}, {half}", justify="right")
    for least in STEPS:
        cells = [_figures(kind, rows, least) for kind, both in halves.items() for rows in both]
        table.add_row(f"{least:.2f}", *cells)
    return table


def _figures(kind: str, rows: Sequence[Ranked], least: float) -> str:
    if kind == "villages":
        foreign = _wrong(rows, least) - _certain(rows)
        return f"{foreign / len(rows):.4f} foreign"
    return f"{_right(rows, least) / len(rows):.3f}, {_wrong(rows, least)} wrong"


if __name__ == "__main__":
    main()

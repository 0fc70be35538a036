"""Possible doubles: how many of the labelled ones are found, how many found are none, how fast."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import polars as pl

from atlas.geo.frames import shipped_frames
from atlas.layers.pairing.entries import pairing_entries
from atlas.layers.pairing.pairs import candidate_pairs
from atlas.layers.prepare import Prepared, prepared_snapshot
from benchmarks import timing
from benchmarks.labelled import SEEDS, Labelled, in_one_list, labelled
from benchmarks.synthetic import tables

SIZES = (10_000, 100_000)
LARGE = 1_000_000
DRAWS = 5
"""Labelled sets of each half that are drawn, by other seeds: one alone is a few hundred pairs."""
PEER_SCRIPT = Path(__file__).with_name("peer_splink.py")
THRESHOLDS = range(-4, 31)
"""Weights of the peer that are tried on the tuning half."""

Pair = frozenset[str]


@dataclass(frozen=True)
class Scored:
    """Precision and recall of some pairs against a labelled set."""

    found: int
    right: int
    wrong: int
    truth: int
    missed: tuple[Pair, ...]
    false: tuple[Pair, ...]

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.truth


def scored(labels: Labelled, pairs: Iterable[Pair], known: frozenset[Pair] = frozenset()) -> Scored:
    """Hold pairs of activity ids against the truth.

    Parameters
    ----------
    known
        Doubles that the real documents themselves hold.
    """
    told = set(pairs)
    truth = {frozenset(p) for p in labels.truth.select("one", "two").iter_rows()} | known
    entity = labels.entity
    same = {p for p in told if len({entity.get(x, x) for x in p}) == 1}
    right = (told & truth) | same
    false = told - right
    return Scored(
        len(told & truth), len(right), len(false), len(truth), tuple(truth - told), tuple(false)
    )


def by_kind(labels: Labelled, result: Scored) -> dict[str, tuple[int, int]]:
    """For each kind of change, how many were made and how many of those were missed."""
    missed = set(result.missed)
    made, lost = Counter(), Counter()
    for one, two, changes in labels.truth.iter_rows():
        made.update(changes)
        if frozenset((one, two)) in missed:
            lost.update(changes)
    return {kind: (made[kind], lost[kind]) for kind in sorted(made)}


def measure(shared: Path, peer: Path | None, large: bool) -> Iterator[timing.Row]:
    """Speed on synthetic activities, then precision and recall on the labelled sets."""
    yield from _speed(large)
    if not (shared / "seeds").is_dir():
        return
    sets = {half: [labelled(half, seed) for seed in _seeds(half)] for half in SEEDS}
    for half, drawn in sets.items():
        yield from _ours(half, drawn)
    firsts = {half: drawn[:1] for half, drawn in sets.items()}  # a set takes it many seconds
    for half, first in firsts.items():
        yield next(_ours(half, first))
    for half, drawn in sets.items():
        yield next(_ours(f"{half}, in one list,", [in_one_list(one) for one in drawn]))
    if peer is None or not peer.is_file():
        yield "doubles, labelled set", "splink", "—", "make bench installs it"
        return
    yield from _theirs(peer, firsts)


def _seeds(half: str) -> list[int]:
    return [SEEDS[half] + 10 * draw for draw in range(DRAWS)]


def _speed(large: bool) -> Iterator[timing.Row]:
    for rows in (*SIZES, LARGE) if large else SIZES:
        prepared = prepared_snapshot(tables(rows), shipped_frames())
        took, found = [], 0
        for _run in range(3 if rows < LARGE else 1):
            start = perf_counter()
            found = candidate_pairs(prepared).height
            took.append(perf_counter() - start)
        load = os.getloadavg()[0]
        remark = f"{found:,} pairs; best of {len(took)}, load {load:.1f}"
        yield f"doubles, {rows:,} synthetic activities", "atlas", f"{min(took):.2f} s", remark
    if not large:
        yield f"doubles, {LARGE:,} synthetic activities", "atlas", "—", "with --large"


def _ours(half: str, drawn: Sequence[Labelled]) -> Iterator[timing.Row]:
    results, took = [], 0.0
    for labels in drawn:
        prepared = prepared_snapshot(labels.tables, shipped_frames())
        start = perf_counter()
        found = candidate_pairs(prepared).filter(kind="double_reporting")
        took += perf_counter() - start
        ids = prepared.activities["activity_id"]
        named = zip(ids.gather(found["a"]), ids.gather(found["b"]), strict=True)
        results.append(scored(labels, (frozenset(p) for p in named)))
    yield _row(half, "atlas", results, f"{took / len(drawn):.2f} s a set")
    made: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for labels, result in zip(drawn, results, strict=True):
        for kind, (n, missed) in by_kind(labels, result).items():
            made[kind] += n
            lost[kind] += missed
    for kind in sorted(made):
        recall = f"{1 - lost[kind] / made[kind]:.3f}"
        yield f"  {half}: {kind}", "atlas", f"recall {recall}", f"{made[kind]} made"


def _row(half: str, who: str, results: Sequence[Scored], remark: str) -> timing.Row:
    right, wrong = sum(r.right for r in results), sum(r.wrong for r in results)
    found, truth = sum(r.found for r in results), sum(r.truth for r in results)
    figure = f"P {right / max(right + wrong, 1):.3f} R {found / truth:.3f}"
    return f"doubles, {half} kinds", who, figure, f"{len(results)} sets, {truth} doubles; {remark}"


def _theirs(peer: Path, sets: Mapping[str, Sequence[Labelled]]) -> Iterator[timing.Row]:
    """splink at the weight that is best for it on the tuning half; then one line of each list."""
    answers = {half: [_peer(peer, labels) for labels in drawn] for half, drawn in sets.items()}
    seconds = {half: sum(one.seconds for one in told) / len(told) for half, told in answers.items()}
    for who, choose in (("splink 5", _all), ("splink 5, best of each list", _best_of_lists)):
        chosen = {
            half: [
                choose(labels, one.pairs) for labels, one in zip(drawn, answers[half], strict=True)
            ]
            for half, drawn in sets.items()
        }
        best = max(
            THRESHOLDS,
            key=lambda least: sum(
                _balance(r) for r in _at(sets["tuning"], chosen["tuning"], least)
            ),
        )
        for half, drawn in sets.items():
            remark = f"at weight {best}, {seconds[half]:.1f} s a set"
            yield _row(half, who, _at(drawn, chosen[half], best), remark)


Weighed = Sequence[tuple[str, str, float]]


def _at(drawn: Sequence[Labelled], told: Sequence[Weighed], least: float) -> list[Scored]:
    return [
        scored(labels, (frozenset((one, two)) for one, two, weight in pairs if weight >= least))
        for labels, pairs in zip(drawn, told, strict=True)
    ]


def _all(labels: Labelled, pairs: Weighed) -> Weighed:
    return pairs


def _best_of_lists(labels: Labelled, pairs: Weighed) -> Weighed:
    """Our own rule for the lines of a list, so that the peer is not without it."""
    rows = labels.tables.activities.select("activity_id", "document", "source")
    sheet = {row[0]: row[1:] for row in rows.iter_rows()}
    best: dict[tuple[str, tuple[str, ...]], float] = {}
    for one, two, weight in pairs:
        for end in ((one, sheet[two]), (two, sheet[one])):
            best[end] = max(weight, best.get(end, weight))
    return [
        (one, two, weight)
        for one, two, weight in pairs
        if weight >= max(best[one, sheet[two]], best[two, sheet[one]])
    ]


def _balance(result: Scored) -> float:
    both = result.precision + result.recall
    return 2 * result.precision * result.recall / both if both else 0.0


@dataclass(frozen=True)
class Answer:
    """What the peer found, and in what time."""

    seconds: float
    pairs: Weighed


def _peer(python: Path, labels: Labelled) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.parquet"
        _rows(prepared_snapshot(labels.tables, shipped_frames())).write_parquet(rows)
        words = [python, PEER_SCRIPT, rows, str(labels.truth.height)]
        out = subprocess.run(words, check=True, capture_output=True, text=True)
    return Answer(**json.loads(out.stdout.splitlines()[-1]))


def _rows(prepared: Prepared) -> pl.DataFrame:
    """What the peer compares: the same rows, as our reading made them."""
    told = pairing_entries(prepared)
    rows = told.rows
    held = told.grounds.holders.group_by("ground").agg(pl.col("holder").unique().alias("holders"))
    who = told.chain.group_by("i").agg(pl.col("who").unique().alias("organisations"))
    text = told.titles["text"].gather(rows["title"])
    return (
        rows.select(
            "i",
            "ground",
            prepared.activities["activity_id"].gather(rows["a"]).alias("unique_id"),
            text.alias("title"),
            text.str.extract_all(r"[a-z]{4,}").list.unique().alias("words"),
            pl.col("usd").cast(pl.Float64),
            "start",
            "end",
            "sector",
            "sheet",
        )
        .join(held, on="ground", how="left")
        .join(who, on="i", how="left")
        .drop("i", "ground")
    )

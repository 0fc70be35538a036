"""The weights of evidence, fitted on the tuning half of the kinds of change.

    python -m benchmarks.weights

Prints what stands in `atlas.layers.pairing.evidence`, before a person rounds it: the points of each
case in a logistic regression with a small ridge over all candidate pairs of a few labelled
sets, and how often each case occurs among doubles and others.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from atlas.geo.frames import shipped_frames
from atlas.layers.pairing import blocks
from atlas.layers.pairing.entries import pairing_entries
from atlas.layers.pairing.evidence import POINTS, comparison_cases, first_true, telling_share
from atlas.layers.pairing.pairs import evidence_of_pairs
from atlas.layers.prepare import prepared_snapshot
from benchmarks.labelled import labelled

SEEDS = (1, 11, 12, 13)
RIDGE = 1.0
ROUNDS = 30


def main() -> None:
    tables = [_evidence(seed) for seed in SEEDS]
    told = pl.concat(tables)
    columns = [(name, case) for name in POINTS for case in POINTS[name]]
    matrix = np.column_stack(
        [np.ones(told.height)]
        + [
            (told[name] == case).fill_null(False).to_numpy().astype(float)
            * (told["telling"].to_numpy() if name == "title" and case != "unlike" else 1.0)
            for name, case in columns
        ]
    )
    truth = told["double"].to_numpy().astype(float)
    points = _fitted(matrix, truth)
    print(f"{told.height} pairs, {int(truth.sum())} doubles; bias {points[0]:+.2f}")
    for (name, case), value, cells in zip(columns, points[1:], matrix.T[1:], strict=True):
        on = cells > 0
        doubles, others = int((on & (truth > 0)).sum()), int((on & (truth == 0)).sum())
        print(f"{name:8}{case:10}{value:+6.2f}{doubles:8}{others:8}")


def _evidence(seed: int) -> pl.DataFrame:
    labels = labelled("tuning", seed)
    prepared = prepared_snapshot(labels.tables, shipped_frames())
    told = pairing_entries(prepared)
    ids = prepared.activities["activity_id"].gather(told.rows["a"])
    chunks = [
        evidence_of_pairs(told, chunk.chunk_pairs(), everything=True)
        for chunk in blocks.block_chunks(told)
    ]
    pairs = pl.concat(chunks).unique(["i", "j"])
    truth = {frozenset(p) for p in labels.truth.select("one", "two").iter_rows()}
    named = list(zip(ids.gather(pairs["i"]), ids.gather(pairs["j"]), strict=True))
    entity = labels.entity
    alike = [entity.get(x, x) == entity.get(y, y) for x, y in named]
    double = [frozenset(p) in truth for p in named]
    return pairs.select(
        *(
            first_true((w, pl.lit(c)) for w, c in told_of).alias(n)
            for n, told_of in comparison_cases().items()
        ),
        telling_share().alias("telling"),
        pl.Series("double", double),
        pl.Series("unsure", [a and not d for a, d in zip(alike, double, strict=True)]),
    ).filter(~pl.col("unsure"))


def _fitted(matrix: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    points = np.zeros(matrix.shape[1])
    for _round in range(ROUNDS):
        chance = 1 / (1 + np.exp(-matrix @ points))
        slope = matrix.T @ (truth - chance) - RIDGE * points
        bend = (matrix * (chance * (1 - chance))[:, None]).T @ matrix + RIDGE * np.eye(len(points))
        points = points + np.linalg.solve(bend, slope)
    return points


if __name__ == "__main__":
    main()

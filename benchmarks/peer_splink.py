"""splink 5 on the rows of the labelled set; runs in its own environment.

The model is the library's usual one: Jaro-Winkler and common words of the titles, relative
difference of the amounts, days between the dates, units that hold both places, organisations
and sector, u by random sampling, m by expectation maximisation. It is given what our reading
made of the rows (dollars, units of every découpage, ids of organisations), every pair of rows
of two lists, nothing to block on, so that it misses none for that, and the number of doubles.
Prints one JSON object: seconds, and the weight (log2 of the odds) of each pair above `LEAST`.
"""

import json
import logging
import sys
from time import perf_counter

import pyarrow.parquet as pq
import splink.comparison_level_library as level
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator

LEAST = 0.05
"""Probability."""
OTHER_LISTS = "l.sheet <> r.sheet"
TRAINED_ON = (
    "l.usd = r.usd",
    "substr(l.title, 1, 12) = substr(r.title, 1, 12)",
)


def amount() -> compare.CustomComparison:
    """The same, about the same, or neither."""
    return compare.CustomComparison(
        output_column_name="usd",
        comparison_levels=[
            level.NullLevel("usd"),
            level.PercentageDifferenceLevel("usd", 0.01),
            level.PercentageDifferenceLevel("usd", 0.10),
            level.ElseLevel(),
        ],
    )


def days(column: str) -> compare.AbsoluteDateDifferenceAtThresholds:
    """The same day, a month and a half, half a year, or more."""
    return compare.AbsoluteDateDifferenceAtThresholds(
        column, input_is_string=False, metrics=["day", "day", "day"], thresholds=[1, 45, 180]
    )


SETTINGS = SettingsCreator(
    link_type="dedupe_only",
    comparisons=[
        compare.JaroWinklerAtThresholds("title", [0.95, 0.88, 0.8]),
        compare.ArrayIntersectAtSizes("words", [6, 4, 2, 1]),
        amount(),
        days("start"),
        days("end"),
        compare.ArrayIntersectAtSizes("holders", [3, 2, 1]),
        compare.ArrayIntersectAtSizes("organisations", [2, 1]),
        compare.ExactMatch("sector"),
    ],
    blocking_rules_to_generate_predictions=[OTHER_LISTS],
    retain_matching_columns=False,
)


def main(rows: str, doubles: str) -> None:
    """``doubles``: how many there are, which the library would otherwise guess."""
    logging.disable(logging.CRITICAL)
    table = pq.read_table(rows)
    every = table.num_rows * (table.num_rows - 1) / 2
    SETTINGS.probability_two_random_records_match = int(doubles) / every
    start = perf_counter()
    api = DuckDBAPI()
    linker = Linker(api.register(table), SETTINGS)
    training = linker.training
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in TRAINED_ON:
        training.estimate_parameters_using_expectation_maximisation(
            f"{rule} AND {OTHER_LISTS}",
            record_sample_proportion=1.0,
        )
    found = linker.inference.predict(threshold_match_probability=LEAST)
    pairs = found.as_duckdbpyrelation().project("unique_id_l, unique_id_r, match_weight")
    told = [(one, two, round(weight, 6)) for one, two, weight in pairs.fetchall()]
    print(json.dumps({"seconds": perf_counter() - start, "pairs": told}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Answers to write: small tables with what makes formats stumble."""

from __future__ import annotations

from datetime import date

import polars as pl

from atlas.dataset import Answer
from atlas.filters import Filters

META: dict[str, object] = {
    "snapshot": "0123456789abcdef",
    "as_of": date(2017, 6, 30),
    "reference": date(2017, 6, 30),
    "viewer": "editor",
    "origins": ["MINUSMA"],
    "files": ["bulletin.txt"],
    "is_sample": False,
}

BUDGET = pl.DataFrame(
    {
        "unit_id": ["ml-2016/ML08", "ml-2016/ML05", "_national", "_unplaced"],
        "unit_name": ["Kidal", "Mopti", "Tout le pays", "Non placé"],
        "budget_usd": [46610.16, None, 12106353.01, 0.1],
        "activities": [3, 1, 2, 0],
        "amount_XOF": [0.0, 425541.0, 0.0, 0.0],
    }
)

HOSTILE = pl.DataFrame(
    {
        "unit_id": ["ml-2016/ML08"] * 6,
        "title": [
            "=HYPERLINK(1)",
            "+1",
            "-2+3",
            "@SUM(1)",
            "http://x.ml",
            'Puits, "Ber"\nforé',
        ],
        "target": [110.0, None, float("nan"), 1.0, 2.0, 3.0],
        "start": [date(2017, 1, 31), None, None, None, None, None],
        "donors": [["canada", "denmark"], [], None, ["Une association"], ["canada"], []],
    }
)


def answer(
    table: pl.DataFrame = BUDGET,
    layer: str = "budget",
    filters: Filters | None = None,
    **meta: object,
) -> Answer:
    return Answer(table, layer, "ml-2016", "region", filters or Filters(), {**META, **meta})

"""Tables of context written line by line, and what is read of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from atlas.ingest.context_tables import read_context
from atlas.ingest.pipeline import IngestBatch
from atlas.model import GROUP_NEEDS

DAY = date(2024, 1, 31)


def read(
    kind: str, tmp_path: Path, *lines: str, as_of: date = DAY, name: str = "t.csv"
) -> IngestBatch:
    path = tmp_path / name
    path.write_text("\n".join(lines), "utf-8")
    return read_context(kind, path, as_of=as_of)


def rows(batch: IngestBatch, *columns: str) -> list[tuple[object, ...]]:
    """The facts, those of needs of a group apart from the needs that count."""
    return batch.tables.context.filter(pl.col("kind") != GROUP_NEEDS).select(columns).rows()


def group_rows(batch: IngestBatch) -> list[tuple[object, ...]]:
    """``group, value`` of the facts of needs of a group."""
    return (
        batch.tables.context.filter(kind=GROUP_NEEDS).select("group", "value").sort("group").rows()
    )


def codes(batch: IngestBatch) -> dict[str, int]:
    found: dict[str, int] = batch.report()["findings"]
    return found

"""Tables of context written line by line, and what is read of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from atlas.ingest.context_tables import read_context
from atlas.ingest.pipeline import IngestBatch

DAY = date(2024, 1, 31)


def read(
    kind: str, tmp_path: Path, *lines: str, as_of: date = DAY, name: str = "t.csv"
) -> IngestBatch:
    path = tmp_path / name
    path.write_text("\n".join(lines), "utf-8")
    return read_context(kind, path, as_of=as_of)


def rows(batch: IngestBatch, *columns: str) -> list[tuple[object, ...]]:
    return batch.tables.context.select(columns).rows()


def codes(batch: IngestBatch) -> dict[str, int]:
    found: dict[str, int] = batch.report()["findings"]
    return found

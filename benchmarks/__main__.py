"""Run every benchmark and print one table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import duplicates, fiches, filters, ingest, overlay, page, places

SHARED = Path(os.environ.get("ATLAS_SHARED", Path(__file__).parents[2] / "shared"))


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m benchmarks")
    words.add_argument("--peer", type=Path, help="Python with requirements/bench.txt")
    words.add_argument("--rows", type=int, default=100_000, help="rows of the synthetic tables")
    words.add_argument("--large", action="store_true", help="a million activities too (minutes)")
    args = words.parse_args()
    table = Table(
        title=f"Python {platform.python_version()}, {os.cpu_count()} cores",
        title_justify="left",
    )
    for column in ("what", "who", "figure", "remark"):
        table.add_column(column, justify="right" if column == "figure" else "left")
    parts = chain(
        ingest.measure(SHARED, args.peer, args.rows),
        places.measure(SHARED, args.peer, args.rows),
        filters.measure(args.large),
        overlay.measure(SHARED, args.rows),
        fiches.measure(),
        page.measure(SHARED, args.rows),
        duplicates.measure(SHARED, args.peer, args.large),
    )
    try:
        for what, who, figure, remark in parts:
            print(f"{what}, {who}: {figure}", file=sys.stderr)
            table.add_row(what, who, figure, remark)
    finally:  # what was measured before something failed took minutes
        Console(width=150).print(table)


if __name__ == "__main__":
    main()

"""Place matching beside OCHA's own, hdx-python-country `AdminLevel`, on the same rows."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from atlas.geo.frames import shipped_frames
from atlas.geo.resolve import resolve_rows
from benchmarks import timing
from benchmarks.misspell import misspelt

FRAME = "ml-2012"
DISTINCT = 20_000
PEER_SCRIPT = Path(__file__).with_name("peer_adminlevel.py")


def measure(shared: Path, peer: Path | None, rows: int) -> Iterator[timing.Row]:
    """Speed on misspelt names (synthetic), then recall and errors on the truth set."""
    many = misspelt(rows, DISTINCT)
    label = f"places, {rows:,} rows, {DISTINCT:,} misspelt names"
    yield from _compare(label, many, peer)
    truth = shared / "data" / "place_truth.csv"
    if truth.is_file():
        table = pl.read_csv(truth).with_columns(truth="ml-2012/" + pl.col("truth_pcode"))
        yield from _compare("places, truth set, parents given", table, peer)
        blank = table.with_columns(region=pl.lit(""), cercle=pl.lit(""))
        yield from _compare("places, truth set, no parents", blank, peer)
        yield _whole_process("atlas resolve --csv, truth set", truth)
    with tempfile.TemporaryDirectory() as folder:
        synthetic = Path(folder) / "misspelt.csv"
        many.write_csv(synthetic)
        yield _whole_process(f"atlas resolve --csv, {rows:,} rows", synthetic)


def _whole_process(label: str, table: Path) -> timing.Row:
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "out.csv")
        words = ["-m", "atlas", "resolve", "--csv", str(table), "--out", out, "--frame", FRAME]
        return label, "atlas", f"{timing.process(words):.2f} s", "whole process, median of 3"


def _compare(label: str, table: pl.DataFrame, peer: Path | None) -> Iterator[timing.Row]:
    places = table.select("region", "cercle", "commune")
    resolve_rows(places.head(1), FRAME)  # the dictionaries are loaded once, not timed
    took = timing.call(lambda: resolve_rows(places, FRAME), runs=1)
    got = resolve_rows(places, FRAME)
    truth = table["truth"].to_list()
    speed, figures = _figures(got["unit_id"].to_list(), truth, took)
    yield label, "atlas", speed, f"{figures}; {_doubtful(got, truth)}"
    if peer is None or not peer.is_file():
        yield label, "AdminLevel", "—", "make bench installs it"
        return
    answer = peer_answer(peer, table)
    found = [f"ml-2012/{code}" if code else None for code in answer["found"]]
    yield label, "AdminLevel", *_figures(found, table["truth"].to_list(), answer["seconds"])


def _figures(found: list[str | None], truth: list[str], seconds: float) -> tuple[str, str]:
    right = sum(f == t for f, t in zip(found, truth, strict=True))
    wrong = sum(bool(f) and f != t for f, t in zip(found, truth, strict=True))
    return (
        f"{len(truth) / seconds:,.0f} rows/s",
        f"{right} right ({right / len(truth):.3f}), {wrong} wrong",
    )


def _doubtful(got: pl.DataFrame, truth: list[str]) -> str:
    """How many rows are left open, and how many of them name the right unit."""
    answers = zip(got["unit_id"], got["candidates"], truth, strict=True)
    named = [f"[{meant}]" in near for unit, near, meant in answers if unit is None]
    return f"{len(named)} open, {sum(named)} with the right one named"


def peer_answer(python: Path, table: pl.DataFrame) -> dict[str, object]:
    """Seconds, and the p-code that the other matcher finds for each row of 2012."""
    units = (
        shipped_frames()
        .units.filter(pl.col("frame") == FRAME)
        .select("level", "pcode", "name", "parent")
    )
    with tempfile.TemporaryDirectory() as folder:
        units_csv, rows_csv = Path(folder) / "units.csv", Path(folder) / "rows.csv"
        units.with_columns(pl.col("parent").str.split("/").list.last()).write_csv(units_csv)
        table.select("region", "cercle", "commune").write_csv(rows_csv)
        out = subprocess.run(
            [python, PEER_SCRIPT, units_csv, rows_csv], check=True, capture_output=True, text=True
        )
    answer: dict[str, object] = json.loads(out.stdout.splitlines()[-1])
    return answer

"""Whatever the bytes or the cell, the answer is a value or a sentence, never a crash."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas.errors import AtlasError
from atlas.ingest.files.confined import READERS, read_here
from atlas.ingest.files.readers import read_document
from atlas.ingest.parsing.amounts import parse_amount, parse_number
from atlas.ingest.parsing.dates import parse_date, parse_period
from atlas.ingest.pipeline import ingest_file
from tests.ingest.seeds import inside, valid

edits = st.lists(st.tuples(st.integers(0, 2**16), st.binary(max_size=4)), max_size=6)
ARCHIVES = ("xlsx", "docx", "ods")


def broken(data: bytes, changes: list[tuple[int, bytes]], keep: int) -> bytes:
    """Some bytes overwritten, and the file cut."""
    out = bytearray(data)
    for position, new in changes:
        at = position % len(data)
        out[at : at + len(new)] = new
    return bytes(out[: max(len(out) * keep // 100, 1)])


def read_all(extension: str, data: bytes) -> None:
    """Read bytes as a file of that kind; a refusal is an answer."""
    with tempfile.TemporaryDirectory() as folder, suppress(AtlasError):
        path = Path(folder, f"a.{extension}")
        path.write_bytes(data)
        if extension in READERS:  # what the child process does
            read_here(path, data, extension)
        else:
            read_document(path)


@pytest.mark.parametrize("extension", sorted(valid()))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(changes=edits, keep=st.integers(30, 100))
def test_broken_bytes_are_read_or_refused(
    extension: str, changes: list[tuple[int, bytes]], keep: int
) -> None:
    read_all(extension, broken(valid()[extension], changes, keep))


@pytest.mark.parametrize("extension", ARCHIVES)
@settings(max_examples=60)
@given(
    part=st.integers(0, 30),
    position=st.integers(0, 2**16),
    new=st.one_of(
        st.binary(max_size=5), st.sampled_from([b"9999999", b'"', b"<", b"&x;", b"\x00"])
    ),
)
def test_a_broken_part_under_a_good_checksum_is_read_or_refused(
    extension: str, part: int, position: int, new: bytes
) -> None:
    read_all(extension, inside(valid()[extension], part, position, new))


cells = st.one_of(
    st.text(alphabet="0123456789.,'  \u00a0\u202f-/%€$kKmMdUSDFCAXOF ", max_size=24),
    st.text(max_size=24),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
)


@pytest.mark.parametrize("parse", [parse_amount, parse_date, parse_number, parse_period])
@settings(max_examples=300)
@given(cell=cells)
def test_a_cell_is_a_value_or_a_finding(
    parse: Callable[[object], object], cell: str | float | bool | date | datetime | None
) -> None:
    assert parse(cell) is not None


@settings(max_examples=40)
@given(changes=edits)
def test_a_broken_list_goes_through_the_whole_way_or_is_refused(
    changes: list[tuple[int, bytes]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "qip.csv")
        path.write_bytes(broken(valid()["csv"], changes, 100))
        try:
            tables = ingest_file(path).tables
        except AtlasError:
            return
    assert tables.documents["rows_read"].to_list() == [tables.rows.height]

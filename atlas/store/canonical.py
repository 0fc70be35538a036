"""One order and one hash for tables that say the same.

The hash is of what the tables *mean*: the set of rows, column by column. It depends
neither on the order of rows or files, nor on how Parquet encodes them, nor on the clock.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from hashlib import blake2b
from typing import Protocol

import polars as pl

from atlas.model import SCHEMAS, Tables

FORMAT = "atlas-snapshot-1"
"""Part of every hash: tables laid out in another way are other tables."""


_SINCE = frozenset({"organisations", "verdicts", "relations", "sectors"})
"""Tables that came after the format: empty, they change no hash."""


class _Hasher(Protocol):
    def update(self, data: bytes, /) -> None: ...


def canonical(tables: Tables) -> Tables:
    """The same rows in the one order that depends on nothing but themselves.

    File names are cut to their last part: where a file lay on someone's disk is nobody's
    business, and the same file read from two folders is the same document.
    """
    return in_order(dict(tables.items()))


def in_order(frames: dict[str, pl.DataFrame]) -> Tables:
    """As `canonical`; the frames are taken out of the dictionary, which is used up.

    A table that nobody else holds is let go as soon as its rows are in order: no two of a
    long list stand in memory twice at the same time.
    """
    bare = pl.col("file").str.replace(r"^.*[/\\]", "")
    frames["documents"] = frames["documents"].with_columns(bare)
    return Tables(
        **{name: _ordered(frames.pop(name).select(list(SCHEMAS[name]))) for name in SCHEMAS}
    )


def _ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows ordered by all columns; by the first alone where that tells every row apart."""
    first = frame.columns[0]
    keys = [first] if frame[first].n_unique() == frame.height else frame.columns
    return frame.sort(keys, nulls_last=False, maintain_order=False)


def logical_hash(tables: Tables) -> str:
    """Hash of tables that are in canonical order, as 32 hexadecimal digits.

    Examples
    --------
    >>> logical_hash(Tables.empty()) == logical_hash(canonical(Tables.empty()))
    True
    """
    hasher = blake2b(FORMAT.encode(), digest_size=16)
    for name, frame in tables.items():
        if name in _SINCE and frame.is_empty():
            continue
        hasher.update(f"\x00{name}\x00{frame.height}".encode())
        for series in frame if frame.height else ():
            hasher.update(f"\x00{series.name}\x00".encode())
            _feed(hasher, series)
    return hasher.hexdigest()


def _feed(hasher: _Hasher, series: pl.Series) -> None:
    """Give a column to the hasher: where it is null, then its values, without ambiguity."""
    unknown = series.null_count()
    if unknown == series.len():  # their values, or lengths, are zeros of 8 bytes
        hasher.update(b"\x01" * unknown)
        hasher.update(bytes(8 * unknown))
        return
    hasher.update(bytes(series.is_null().to_list() if unknown else series.len()))
    if isinstance(series.dtype, pl.List):
        lengths = series.list.len().fill_null(0)
        hasher.update(_packed("q", lengths.to_list()))
        _feed(hasher, series.filter(lengths > 0).explode())
    elif series.dtype == pl.String:
        # lengths beside the text: "a","bc" and "ab","c" must not read the same
        hasher.update(_packed("q", series.str.len_bytes().fill_null(0).to_list()))
        text = series.str.join("").item() if series.len() else ""
        hasher.update(text.encode())
    elif series.dtype == pl.Float64:
        # + 0.0: -0.0 and 0.0 are one figure
        hasher.update(_packed("d", [value + 0.0 for value in series.fill_null(0.0)]))
    else:
        hasher.update(_packed("q", series.to_physical().cast(pl.Int64).fill_null(0).to_list()))


def _packed(kind: str, values: Iterable[float]) -> bytes:
    """Numbers as 8 bytes each, the lowest first; without numpy, which is slow to load."""
    packed = array(kind, values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()

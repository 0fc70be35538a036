"""Unknown names of many rows, ranked together before each row is read by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from atlas.geo.evidence import Row, read_in
from atlas.geo.frames import LEVELS
from atlas.geo.malformed import is_malformed
from atlas.geo.names import names
from atlas.geo.nearest import scope_of
from atlas.geo.ranking import rank

FEW = 20
"""So many names are ranked as they are read: loading the arrays' library takes longer."""


def prepare_in(rows: Sequence[Row], frame: str) -> None:
    """Rank what the names of rows are near to in a frame, one level after the other.

    Where a name lies is read from the names and codes above it. That is where `read_in` looks
    in all but odd rows, and those are ranked one by one.
    """
    for level in LEVELS:
        unknown: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
        for row in rows:
            text = row.name(level)
            if text and not is_malformed(text):
                scope = scope_of(level, _holder(row, level, frame), frame)
                if not any(unit in scope for unit in names(frame).find(level, text)[1]):
                    unknown[scope][text] = None
        for scope, texts in unknown.items():
            if len(texts) > FEW:
                rank(texts, scope, frame)


def _holder(row: Row, level: str, frame: str) -> str | None:
    """The unit that the names and codes above a level come to."""
    if level == LEVELS[0]:
        return None
    finer = LEVELS[LEVELS.index(level) :]
    blank: dict[str, Any] = {f: "" for lv in finer for f in (lv, f"{lv}_code")}
    above = read_in(replace(row, locality="", **blank), frame)
    return above.unit_id or above.within

"""The drawn facts of a snapshot, laid over the units when they are first asked for."""

from __future__ import annotations

import polars as pl

from atlas.geo.gazetteer import stamp
from atlas.geo.overlay import NO_OVERLAY, Overlay, overlay

KINDS = ("access", "security")
NO_GO = "no-go"


class Laid:
    """Overlays of one snapshot by frame, made anew when boundaries are installed.

    Parameters
    ----------
    context
        The table of context: facts are known by their row.
    placements
        The table of placements: points are known by their row.
    """

    def __init__(self, context: pl.DataFrame, placements: pl.DataFrame) -> None:
        rows = context.lazy().with_row_index("fact").filter(pl.col("kind").is_in(KINDS))
        drawn = pl.col("geometry").is_not_null() & (pl.col("geometry") != "")
        found = rows.filter(drawn).select("fact", "indicator", "geometry").collect()
        self._facts = found.select("fact", "geometry")
        self._forbids = (found["indicator"] == NO_GO).any()
        self._placements = placements
        self._made: dict[str, tuple[str, Overlay]] = {}

    def __call__(self, frame: str) -> Overlay:
        """The facts laid over the units of a frame."""
        if not self._facts.height:
            return NO_OVERLAY
        installation = stamp(".")
        held, found = self._made.get(frame, ("", NO_OVERLAY))
        if found is NO_OVERLAY or held != installation:
            found = overlay(self._facts, frame, self._points())
            self._made[frame] = (installation, found)
        return found

    @property
    def edition(self) -> str:
        """What the overlays depend on beside the facts; empty where nothing is drawn."""
        return stamp(".") if self._facts.height else ""

    def _points(self) -> pl.DataFrame | None:
        """Places with coordinates, where a zone that forbids is drawn."""
        if not self._forbids:
            return None
        rows = self._placements.lazy().with_row_index("point").select("point", "lon", "lat")
        return rows.drop_nulls().collect()

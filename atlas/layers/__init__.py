"""The layers: one question a file, pure functions of a `Scope`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from atlas.layers.budget import budget
from atlas.layers.presence import presence
from atlas.layers.scope import Scope

__all__ = ["LAYERS", "Layer", "Scope"]

Layer = Callable[[Scope], pl.DataFrame]

LAYERS: Mapping[str, Layer] = {
    "presence": presence,
    "budget": budget,
}
"""Name of each layer → the function that computes it."""

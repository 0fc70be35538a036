"""What one cell of an answer stands for: its activities, and what each of them adds to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from atlas.layers.actors import cell as of_actors
from atlas.layers.actors import deliverers
from atlas.layers.answering import cell as of_coverage
from atlas.layers.answering import told_of
from atlas.layers.no_go import cell as in_no_go
from atlas.layers.parts import behind
from atlas.layers.parts import cell as of_budget
from atlas.layers.priorities import cell as of_priority
from atlas.layers.programme import cell as of_programme
from atlas.layers.published import cell as of_published
from atlas.layers.published import counts
from atlas.layers.reporting import cell as of_report
from atlas.layers.scope import Scope


@dataclass(frozen=True)
class Cell:
    """How the figures of a layer are taken apart.

    Attributes
    ----------
    narrow
        The scope of one row (a unit or a reserved row, and a value: a sector, or whatever
        the layer's rows are told by); ``None``: all of them.
    beside
        What the list does not have of itself, by ``activity_id``.
    """

    narrow: Callable[[Scope, str | None, str | None], Scope]
    beside: Callable[[Scope, str], pl.DataFrame] | None = None


CELLS: Mapping[str, Cell] = {
    "access": Cell(in_no_go),
    "actors": Cell(of_actors, deliverers),
    "budget": Cell(of_budget, behind),
    "coverage": Cell(of_coverage, told_of),
    "priorities": Cell(of_priority),
    "programme": Cell(of_programme),
    "published": Cell(of_published, counts),
    "reporting": Cell(of_report),
}
"""The layers whose figures are more than the activities of a unit and a sector."""


def narrowed(
    scope: Scope, layer: str, unit_id: str | None, value: str | None, *, items: bool = False
) -> Scope:
    """The scope of one cell of a layer.

    Parameters
    ----------
    items
        Whether presences are left out, of a layer that has no cell of its own.
    """
    if layer in CELLS:
        return CELLS[layer].narrow(scope, unit_id, value)
    return scope.narrowed(unit_id, value, items=items)


def with_beside(table: pl.DataFrame, here: Scope, layer: str, value: str | None) -> pl.DataFrame:
    """The list of a cell with what the layer sets beside each of its activities."""
    beside = CELLS[layer].beside if layer in CELLS else None
    if beside is None:
        return table
    more = beside(here, value or "")
    return table.join(more, on="activity_id", how="left", maintain_order="left")

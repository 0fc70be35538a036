"""What comes back through the one door: tables and figures that say what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from atlas.filters import Filters
from atlas.layers.facets import Facet
from atlas.model import Tables


class SnapshotLike(Protocol):
    """What a Dataset needs of a snapshot."""

    @property
    def hash(self) -> str:
        """Hash of the content."""

    @property
    def tables(self) -> Tables:
        """The tables, already checked."""


@dataclass(frozen=True)
class Unpublished:
    """Tables that no store holds, under a name that is no hash."""

    hash: str
    tables: Tables


@dataclass(frozen=True)
class Answer:
    """A table, and everything needed to say what it is.

    Attributes
    ----------
    table
        The rows; see the layer for its columns.
    meta
        ``snapshot``, ``as_of`` (newest document), ``reference`` (day things are judged at)``,
        own_day`` (where nobody moves it: the newest document of the layer's kind),
        ``viewer``, ``origins`` (publishers and licences of the documents behind it),
        ``files``, ``is_sample``, ``undated_left_out``, ``without_sector``, ``options``
        (settings of the layer that differ from the default)``, frame_gain`` (how many more
        the découpage places than the one in force, where nobody chose it).
    """

    table: pl.DataFrame
    layer: str
    frame: str
    level: str
    filters: Filters
    meta: dict[str, object]

    @property
    def origins(self) -> list[str]:
        """Publishers of the documents behind it."""
        told = self.meta.get("origins")
        return [str(origin) for origin in told] if isinstance(told, list) else []


@dataclass(frozen=True)
class Figures:
    """The headline figures; money is null when no amount is known.

    Attributes
    ----------
    without_amount
        Activities whose budget nobody gave.
    units, units_without
        Units of the frame and level, and those without a reported activity.
    unsaid, not_convertible, coarser, unplaced
        Activities of which this découpage cannot say, at this level, in which unit they are;
        and of these: of another découpage, placed above the level, of unknown place.
    duplicates, overlaps
        Pairs to review: possible double reports, and others doing the same thing.
    cancelled, suspended
        Activities that are told and are in none of the other figures.
    """

    activities: int
    organisations: int
    budget_placed_usd: float | None
    budget_unplaced_usd: float | None
    without_amount: int
    units: int
    units_without: int
    duplicates: int
    overlaps: int
    cancelled: int
    suspended: int
    unsaid: int = 0
    not_convertible: int = 0
    coarser: int = 0
    unplaced: int = 0


@dataclass(frozen=True)
class Panel:
    """What the page says of one unit."""

    unit_id: str
    name: str
    presence: dict[str, Any]
    budget: dict[str, Any]
    activities: pl.DataFrame
    published: pl.DataFrame
    facets: dict[str, Facet]

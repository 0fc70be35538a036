"""A layer is one object: what it computes, how it is asked, who may see what, what it is called.

Each stands at the end of the file that computes it; `atlas.layers.LAYERS` is the list of them.
Nothing outside these files names a layer to treat it unlike the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from atlas.i18n import N_
from atlas.layers.dimensions import named
from atlas.layers.options import Option
from atlas.layers.prepare import Prepared
from atlas.layers.reference import ACTIVITIES, moved_to, own_day
from atlas.layers.scope import Scope
from atlas.model import Level, Viewer

FINEST = {
    Viewer.PUBLIC: Level.CERCLE,
    Viewer.PARTNER: Level.COMMUNE,
    Viewer.EDITOR: Level.COMMUNE,
}
"""The finest level that each viewer may ask for."""
FINEST_OF_ACCESS = FINEST | {Viewer.PUBLIC: Level.REGION, Viewer.PARTNER: Level.CERCLE}
"""The same of what tells of access."""


def sector_name(value: str, _settings: Mapping[str, str]) -> str:
    """What a sector is called."""
    return named("sector", value)


def without_name(_value: str, _settings: Mapping[str, str]) -> str:
    """Nothing: the value of a cell is a number that people do not read."""
    return ""


@dataclass(frozen=True)
class Layer:
    """One question that `atlas.dataset.Dataset.ask` answers.

    Attributes
    ----------
    name
        What commands and URLs call it.
    title
        What a file says that it holds (a message id).
    compute
        The table; `atlas.fields` says who may read which of its columns.
    options
        The settings it takes.
    cell
        The scope of one row of the table (a unit or a reserved row, and the value by which
        the rows are told apart; ``None``: all); without it, `Scope.narrowed` to the unit and a
        sector.
    beside
        What it sets beside each activity of a cell, by ``activity_id``.
    about
        What it says of its answer beside the rows.
    warnings
        What must be said wherever a table with these settings is shown.
    subject
        Of what it speaks: the newest document of that is the day on which it is judged
        (`atlas.layers.reference`).
    newest
        That day, where it is not so plain.
    judged_on
        The day on which activities are judged under a question, where that is another.
    comparable
        Whether it sets an earlier state or day beside what is asked (`Scope.before`).
    finest
        The finest level that each viewer may ask for.
    visible_to
        The first viewer who gets any row.
    lists_visible_to
        The first viewer who may open the list behind one of its figures.
    offered_to
        The first viewer to whom the page offers it.
    without_access
        Settings in force wherever the severity of access is withheld.
    units_named
        Units that it tells apart whatever the level: who may not see them may not ask.
    follows
        The layer whose settings the page asks it under, of those that it takes.
    asked_with
        Settings under which the page always asks it.
    one_row_a_unit
        Settings under which it has no more than one row for each unit.
    tab
        The tab of the page that shows it.
    file
        The name of its file among the downloads; empty: it has none.
    label
        What the page calls it, where that is not the title (a message id).
    every_row
        What all its rows together are called (a message id).
    value_name
        What the value of a cell is called, under the settings of the layer.
    """

    name: str
    title: str
    compute: Callable[[Scope], pl.DataFrame]
    options: tuple[Option, ...] = ()
    cell: Callable[[Scope, str | None, str | None], Scope] | None = None
    beside: Callable[[Scope, str], pl.DataFrame] | None = None
    about: Callable[[Scope], Mapping[str, object]] | None = None
    warnings: Callable[[pl.DataFrame, Mapping[str, str]], list[str]] | None = None
    subject: str = ACTIVITIES
    newest: Callable[[Prepared], date | None] | None = None
    judged_on: Callable[[Scope], date | None] | None = None
    comparable: bool = False
    finest: Mapping[Viewer, Level] = field(default_factory=lambda: FINEST)
    visible_to: Viewer = Viewer.PUBLIC
    lists_visible_to: Viewer = Viewer.PUBLIC
    offered_to: Viewer = Viewer.PUBLIC
    without_access: Mapping[str, str] = field(default_factory=dict)
    units_named: Callable[[pl.DataFrame, Mapping[str, str]], set[str]] | None = None
    follows: str = ""
    asked_with: Mapping[str, str] = field(default_factory=dict)
    one_row_a_unit: Mapping[str, str] = field(default_factory=dict)
    tab: str = ""
    file: str = ""
    label: str = ""
    every_row: str = N_("toutes les zones et lignes")
    value_name: Callable[[str, Mapping[str, str]], str] = sector_name

    def own_day(self, prepared: Prepared) -> date | None:
        """The day on which the layer is judged where nobody moves it."""
        return self.newest(prepared) if self.newest else own_day(prepared, self.subject)

    def judged(self, asked: Scope) -> Scope:
        """The question with the day on which the layer judges activities."""
        if self.judged_on is not None:
            return replace(asked, reference=self.judged_on(asked))
        moved = moved_to(asked.filters.at, asked.options)
        return replace(asked, reference=moved or self.own_day(asked.prepared))

    def narrowed(
        self, scope: Scope, unit_id: str | None, value: str | None, *, items: bool = False
    ) -> Scope:
        """The scope of one cell.

        Parameters
        ----------
        items
            Whether presences are left out, of a layer that has no ``cell`` of its own.
        """
        if self.cell is not None:
            return self.cell(scope, unit_id, value)
        return scope.narrowed(unit_id, value, items=items)

    def with_beside(self, table: pl.DataFrame, here: Scope, value: str | None) -> pl.DataFrame:
        """The list of a cell with what stands beside each of its activities."""
        if self.beside is None:
            return table
        more = self.beside(here, value or "")
        return table.join(more, on="activity_id", how="left", maintain_order="left")

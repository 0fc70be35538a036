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
from atlas.labels import label
from atlas.layers.options import Option
from atlas.layers.prepare import Prepared
from atlas.layers.reference import ACTIVITIES, moved_to, own_day
from atlas.layers.scope import Scope
from atlas.model import Level, Viewer

FINEST = {Viewer.PUBLIC: Level.CERCLE, Viewer.PARTNER: Level.COMMUNE, Viewer.EDITOR: Level.COMMUNE}
FINEST_OF_ACCESS = FINEST | {Viewer.PUBLIC: Level.REGION, Viewer.PARTNER: Level.CERCLE}
"""The finest level that each viewer may ask for, and that of what tells of access."""


@dataclass(frozen=True)
class Layer:
    """One question that `atlas.dataset.Dataset.ask` answers; its texts are message ids.

    Attributes
    ----------
    name, title
        What commands and URLs call it, and what a file says that it holds.
    compute
        The table; `atlas.fields` says who may read which of its columns.
    options
        The settings it takes.
    cell, with_columns
        The scope of one row of the table (a unit or a reserved row, and the value by which the
        rows are told apart; ``None``: all; without it, `Scope.narrowed_scope` to a unit and a
        sector), and the columns that it adds to each activity, by ``activity_id``.
    about, warnings
        What it says of its answer beside the rows, and what must be said wherever a table with
        these settings is shown.
    subject, newest
        Whose newest document gives the day on which it is judged (`atlas.layers.reference`), and
        that day, where it is not so plain.
    judged_on
        The day on which activities are judged under a question, where that is another.
    comparable
        Whether it sets an earlier state or day beside what is asked (`Scope.before`).
    finest
        The finest level that each viewer may ask for.
    visible_to, lists_visible_to, offered_to
        The first viewer who gets any row, who may open the list behind a figure, and to whom
        the page offers it.
    without_access
        Settings in force wherever the severity of access is withheld.
    units_named
        Units that it tells apart whatever the level: who may not see them may not ask.
    follows
        The layer whose settings the page asks it under, of those that it takes.
    asked_with, one_row_a_unit
        Settings under which the page always asks it, and those under which it has no more than
        one row for each unit.
    tab, file, label
        The tab of the page and the download that show it, and what the page calls that, where
        it is not the title.
    every_row, value_name, held_to
        What all its rows together are called, the value of a cell under the settings, and whom
        or what alone these hold its figures to ("": nothing).
    """

    name: str
    title: str
    compute: Callable[[Scope], pl.DataFrame]
    options: tuple[Option, ...] = ()
    cell: Callable[[Scope, str | None, str | None], Scope] | None = None
    with_columns: Callable[[Scope, str], pl.DataFrame] | None = None
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
    value_name: Callable[[str, Mapping[str, str]], str] = lambda value, _said: label(
        "by_sector", value
    )
    held_to: Callable[[Mapping[str, str]], str] = lambda _said: ""

    def own_day(self, prepared: Prepared) -> date | None:
        """The day on which the layer is judged where nobody moves it."""
        return self.newest(prepared) if self.newest else own_day(prepared, self.subject)

    def judged_scope(self, asked: Scope) -> Scope:
        """The question with the day on which the layer judges activities."""
        if self.judged_on is not None:
            return replace(asked, reference=self.judged_on(asked))
        moved = moved_to(asked.filters.at, asked.options)
        return replace(asked, reference=moved or self.own_day(asked.prepared))

"""The tables under ``/api/``: one for each layer, the activities, the units and the sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from atlas.dataset import Answer, Dataset
from atlas.export.activity_rows import exchange_answer, unit_table
from atlas.fields import ANSWERS, EXPORTED, TABLES
from atlas.filters import Filters
from atlas.i18n import N_
from atlas.layers import LAYERS
from atlas.layers.options import Option
from atlas.model import RESERVED, Tables
from atlas.sensitivity import finest_level
from atlas.web.page_state import PageScene, published_data

TEXT_FORMATS = ("json", "csv", "csv-fr")
"""Formats in which every table is given; the first is that of who asks for none."""
SOURCE_COLUMNS = (
    *("document", "file", "reader", "as_of", "frame", "period_start", "period_end"),
    *("rows_read", "origin", "is_sample"),
)
"""Columns of the documents read that ``/api/sources`` has."""


@dataclass(frozen=True)
class ApiTable:
    """One address that gives a table.

    Attributes
    ----------
    path, title
        Behind ``/api/``, and what it holds (a message id).
    answer
        The table, for a scene of the page.
    declared_as
        The answer of `atlas.fields` that declares its columns.
    columns
        Names of the columns, as `atlas.fields` writes them (``amount_*``: all that begin so).
    options
        The settings that it takes, by their name in a query.
    layer
        Whose finest levels hold, where it is asked by level.
    takes_filters
        Whether it is asked with the filters of the page.
    place_words
        Which of découpage and level it is asked with.
    formats
        Of `atlas.export.FORMATS`.
    lists_joined
        Whether what is declared as a list stands in it as one text.
    """

    path: str
    title: str
    answer: Callable[[PageScene], Answer]
    declared_as: str
    columns: Callable[[], tuple[str, ...]]
    options: Mapping[str, Option]
    layer: str = "presence"
    takes_filters: bool = True
    place_words: tuple[str, ...] = ("frame", "level")
    formats: tuple[str, ...] = TEXT_FORMATS
    lists_joined: bool = False


def _layer_answer(scene: PageScene, layer: str) -> Answer:
    view, data = scene.view, published_data(scene)
    options = view.layer_options(layer)
    return data.ask(layer, view.filters, view.frame, view.level, scene.viewer, options)


def _activities_answer(scene: PageScene) -> Answer:
    view, data = scene.view, published_data(scene)
    return data.activity_grid(view.filters, view.frame, view.level, scene.viewer)


def _places_answer(scene: PageScene) -> Answer:
    view, data = scene.view, published_data(scene)
    level = finest_level(scene.viewer)
    return exchange_answer(data, view.filters, view.frame, level, scene.viewer)


def _units_answer(scene: PageScene) -> Answer:
    """The units of a découpage and level, then the reserved rows that stand beside them."""
    data = published_data(scene)
    asked = data.filtered_scope(Filters(), scene.view.frame, scene.view.level, scene.viewer)
    ids = data.frames.units_at_level(asked.frame, asked.level)["unit_id"]
    told = unit_table(data.frames, [*ids, *RESERVED])
    table = told.rename({"unit_lon": "lon", "unit_lat": "lat"})
    return Answer(table, "units", asked.frame, asked.level, Filters(), _about(scene, data))


def _sources_answer(scene: PageScene) -> Answer:
    data = published_data(scene)
    table = data.documents_read(scene.viewer).select(SOURCE_COLUMNS)
    about = _about(scene, data)
    return Answer(table, "documents", data.default_frame, "region", Filters(), about)


def _about(scene: PageScene, data: Dataset) -> dict[str, object]:
    """What is said of a table that no question is behind."""
    shown = {"snapshot": data.snapshot.hash, "as_of": data.as_of, "viewer": scene.viewer.value}
    return {**shown, "is_sample": data.tables.is_sample}


@cache
def _activity_columns() -> tuple[str, ...]:
    """The columns of the list of activities, which no question changes."""
    return tuple(Dataset.from_tables(Tables.of()).activity_grid().table.columns)


def _declared(where: str) -> tuple[str, ...]:
    """Names of all columns that `atlas.fields` declares of an answer."""
    return tuple(
        one.name
        for names, columns in (*TABLES.items(), *ANSWERS.items())
        for one in columns
        if where in f"{names} {one.also}".split()
    )


def _layer_table(name: str) -> ApiTable:
    layer = LAYERS[name]
    options = {f"{layer.follows or name}.{one.name}": one for one in layer.options}
    answer, columns = partial(_layer_answer, layer=name), partial(_declared, name)
    return ApiTable(f"layers/{name}", layer.title, answer, name, columns, options, name)


API_TABLES: Mapping[str, ApiTable] = {
    one.path: one
    for one in (
        *map(_layer_table, LAYERS),
        ApiTable(
            *("activities", N_("Activités"), _activities_answer),
            *("activities", _activity_columns, {}),
            lists_joined=True,
        ),
        ApiTable(
            *("activity-places", N_("Activités et leurs lieux"), _places_answer),
            *("exchange", lambda: EXPORTED, {}),
            place_words=("frame",),
        ),
        ApiTable(
            *("units", N_("Unités administratives"), _units_answer),
            *("units", partial(_declared, "units"), {}),
            takes_filters=False,
            formats=(*TEXT_FORMATS, "geojson"),
        ),
        ApiTable(
            *("sources", N_("Documents lus"), _sources_answer),
            *("documents", lambda: SOURCE_COLUMNS, {}),
            takes_filters=False,
            place_words=(),
        ),
    )
}
"""Every table, by its path behind ``/api/``."""

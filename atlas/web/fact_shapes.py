"""The shapes of dated facts over the map: security zones, and constraints for editors.

Where exactly a constraint lies is detail that only editors read; partners see the outlines
of security zones, the public none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
import shapely

from atlas import formats
from atlas.dataset import Answer
from atlas.errors import ForbiddenError
from atlas.geo.shapes import NO_GO, feature_collection
from atlas.i18n import _
from atlas.layers.access import type_name
from atlas.model import Viewer
from atlas.vocab import entries_by_id
from atlas.web.layer_settings import later_document_day
from atlas.web.page_elements import TabName
from atlas.web.page_state import PageScene, layer_answer

_SHAPE_INKS, _HATCH_ANGLES = ("#7a1f12", "#144372", "#4a4a4a"), (45, 135, 0, 90)
STALE_INK = "#8c8c8c"
OTHER_TYPE = "other"
NO_SHAPES = feature_collection([])
"""Where no shape is shown."""
MOST_BYTES = 300_000
_STEPS = (0.0005, 0.002, 0.01, 0.03, 0.1)
"""Degrees of simplification (Douglas and Peucker 1973), tried in turn."""
_DIGITS = 4


def has_fact_shapes(scene: PageScene) -> bool:
    """Whether the map of this page carries shapes of facts."""
    view = scene.view
    asked = TabName.ACCESS in (view.tab, view.indicator)
    return asked and scene.viewer is not Viewer.PUBLIC and scene.data is not None


def type_signs() -> dict[str, tuple[str, int]]:
    """Type of a fact → ink and angle of its hatching; no two are the same."""
    types = [NO_GO, "security-zone", *entries_by_id("access_constraints"), OTHER_TYPE]
    return {
        name: (_SHAPE_INKS[n % len(_SHAPE_INKS)], _HATCH_ANGLES[n // len(_SHAPE_INKS)])
        for n, name in enumerate(types)
    }


def answer_with_stale(scene: PageScene, layer: str = "access_facts") -> Answer:
    """The answer of a layer, with what is out of date greyed.

    Figures are those of the day that access is judged on; what the newest document of all
    finds past is ``stale`` too, unless a person chose the day: the page greys it.
    """
    assert scene.data is not None
    view, located = scene.view, layer_answer(scene, layer, detailed=True)
    if (
        "stale" not in located.table.columns
        or (newest := later_document_day(scene, located)) is None
    ):
        return located
    options = view.layer_options(layer) | {"day": newest.isoformat()}
    late = scene.data.ask(layer, view.filters, view.frame, view.level, scene.viewer, options).table
    keys = [key for key in ("fact", "unit_id", "indicator") if key in located.table.columns]
    past = late.filter(pl.col("stale")).select(keys).unique().with_columns(past=pl.lit(True))
    table = located.table.join(past, on=keys, how="left", nulls_equal=True, maintain_order="left")
    stale = pl.col("stale") | pl.col("past").fill_null(False)
    return replace(located, table=table.with_columns(stale.alias("stale")).drop("past"))


def drawn_facts(scene: PageScene) -> pl.DataFrame:
    """The drawn facts of the page that the viewer may see, one row each, with ``geometry``."""
    if scene.data is None or not has_fact_shapes(scene):
        return pl.DataFrame()
    dated_facts = answer_with_stale(scene).table.unique("fact", keep="first", maintain_order=True)
    if scene.viewer is not Viewer.EDITOR:
        dated_facts = dated_facts.filter(pl.col("kind") == "security")
    context = scene.tables.context.with_row_index("fact").select("fact", "geometry")
    return dated_facts.join(context, on="fact", maintain_order="left").filter(
        pl.col("geometry").is_not_null() & (pl.col("geometry") != "")
    )


def shapes_geojson(scene: PageScene) -> bytes:
    """GeoJSON of the shapes.

    Raises
    ------
    ForbiddenError
        The public sees no shape.
    """
    if scene.viewer is Viewer.PUBLIC:
        raise ForbiddenError(
            _("Les contours des faits d'accès ne sont pas ouverts à tous"),
            "",
            _("Demandez un compte autorisé."),
        )
    table = drawn_facts(scene)
    return _drawn_shapes(
        tuple((_fact_properties(row), row["geometry"]) for row in table.to_dicts())
    )


@lru_cache(maxsize=8)
def _drawn_shapes(rows: tuple[tuple[tuple[tuple[str, Any], ...], str], ...]) -> bytes:
    return facts_geojson([(dict(about), text) for about, text in rows])


def facts_geojson(facts: Sequence[tuple[Mapping[str, Any], str]], most: int = MOST_BYTES) -> bytes:
    """A GeoJSON FeatureCollection of shapes, of so many bytes at most.

    Parameters
    ----------
    facts
        ``(properties, WKT in degrees)``, the most important first: where even the roughest
        outline is too heavy, the last are left out and ``left_out`` says how many.
    """
    if not facts:
        return feature_collection([])
    shapes = shapely.from_wkt(np.array([text for _about, text in facts], dtype=object))
    made: list[bytes] = []
    for step in _STEPS:
        simple = shapely.simplify(shapes, step)
        made = [_feature_bytes(about, s) for (about, _t), s in zip(facts, simple, strict=True)]
        if sum(map(len, made)) + len(made) < most - 100:
            return _collection_bytes(made, 0)
    kept, size = 0, 100
    while kept < len(made) and size + len(made[kept]) + 1 < most:
        size += len(made[kept]) + 1
        kept += 1
    return _collection_bytes(made[:kept], len(made) - kept)


def _collection_bytes(made: list[bytes], left_out: int) -> bytes:
    head = b'{"type":"FeatureCollection","left_out":%d,"features":[' % left_out
    return head + b",".join(made) + b"]}"


def _feature_bytes(about: Mapping[str, Any], shape: Any) -> bytes:
    rounded = shapely.transform(shape, lambda xy: xy.round(_DIGITS))
    feature = {
        "type": "Feature",
        "properties": dict(about),
        "geometry": json.loads(shapely.to_geojson(rounded)),
    }
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":")).encode()


def _fact_properties(row: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    ink, angle = type_signs().get(row["type"] or OTHER_TYPE, type_signs()[OTHER_TYPE])
    severity = f"{formats.number_text(row['value'])} ({row['scale']})" if row["scale"] else ""
    until = _("jusqu'au {day}", day=formats.day_text(row["expires"])) if row["expires"] else ""
    dated = " · ".join(
        part for part in (formats.day_text(row["as_of"]), until, row["source"]) if part
    )
    lines = [row["type_label"], row["wording"], severity, dated]
    if row["stale"]:
        lines.append(_("périmé"))
    text = "\n".join(dict.fromkeys(line for line in lines if line))
    ink = STALE_INK if row["stale"] else ink
    return (("words", text), ("ink", ink), ("angle", angle), ("stale", bool(row["stale"])))


def shape_legend(scene: PageScene) -> list[tuple[tuple[str, int], str]]:
    """Ink, angle and words of each type of the shapes on the map, and of those out of date."""
    table = drawn_facts(scene)
    if not table.height:
        return []
    types = table.filter(~pl.col("stale"))["type"].fill_null(OTHER_TYPE).unique(maintain_order=True)
    known = type_signs()
    rows = [(known.get(name, known[OTHER_TYPE]), type_name(name)) for name in types]
    if table["stale"].any():
        rows.append(((STALE_INK, 45), _("contour périmé")))
    return rows

"""The shapes of dated facts over the map: security zones, and constraints for editors.

Where exactly a constraint lies is detail that only editors read; partners see the outlines
of security zones, the public none.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import polars as pl
from dash import html

from atlas.dataset import Answer
from atlas.errors import ForbiddenError
from atlas.geo.overlay import NO_GO
from atlas.geo.shapes import facts_geojson
from atlas.i18n import _
from atlas.layers.access import type_name
from atlas.model import Viewer
from atlas.vocab import entries_by_id
from atlas.web import formats
from atlas.web.layer_settings import later_document_day
from atlas.web.page_elements import TabName
from atlas.web.page_state import PageScene, layer_answer

_SHAPE_INKS, _HATCH_ANGLES = ("#7a1f12", "#144372", "#4a4a4a"), (45, 135, 0, 90)
STALE_INK = "#8c8c8c"
OTHER_TYPE = "other"
NO_SHAPES = facts_geojson([])
"""Where no shape is shown."""


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


def shape_legend(scene: PageScene) -> list[html.Li]:
    """One line a type of the shapes on the map, and one for those out of date."""
    table = drawn_facts(scene)
    if not table.height:
        return []
    types = table.filter(~pl.col("stale"))["type"].fill_null(OTHER_TYPE).unique(maintain_order=True)
    known = type_signs()
    rows = [_legend_line(*known.get(name, known[OTHER_TYPE]), type_name(name)) for name in types]
    if table["stale"].any():
        rows.append(_legend_line(STALE_INK, 45, _("contour périmé")))
    return rows


def _legend_line(ink: str, angle: int, words: str) -> html.Li:
    stripes = f"repeating-linear-gradient({angle + 90}deg, {ink} 0 1.5px, transparent 1.5px 5px)"
    swatch = html.Span(className="swatch", style={"background": stripes, "borderColor": ink})
    return html.Li([swatch, html.Span(words)])

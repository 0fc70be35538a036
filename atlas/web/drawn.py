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

from atlas.answers import Answer
from atlas.errors import ForbiddenError
from atlas.geo.drawing import drawing
from atlas.geo.laid import NO_GO
from atlas.i18n import _
from atlas.layers.constraints import type_name
from atlas.model import Viewer
from atlas.vocab import by_id
from atlas.web import say
from atlas.web.desk import Scene, ask
from atlas.web.ids import Tab
from atlas.web.reference import later_day

_INKS, _ANGLES = ("#7a1f12", "#144372", "#4a4a4a"), (45, 135, 0, 90)
STALE_INK = "#8c8c8c"
OTHER = "other"
NOTHING = drawing([])
"""Where no shape is shown."""


def shown(scene: Scene) -> bool:
    """Whether the map of this page carries shapes of facts."""
    view = scene.view
    asked = Tab.ACCESS in (view.tab, view.indicator)
    return asked and scene.viewer is not Viewer.PUBLIC and scene.data is not None


def signs() -> dict[str, tuple[str, int]]:
    """Type of a fact → ink and angle of its hatching; no two are the same."""
    types = [NO_GO, "security-zone", *by_id("access_constraints"), OTHER]
    return {name: (_INKS[n % len(_INKS)], _ANGLES[n // len(_INKS)]) for n, name in enumerate(types)}


def answer(scene: Scene, layer: str = "access_facts") -> Answer:
    """The answer of a layer, with what is out of date greyed.

    Figures are those of the day that access is judged on; what the newest document of all
    finds past is ``stale`` too, unless a person chose the day: the page greys it.
    """
    assert scene.data is not None
    view, told = scene.view, ask(scene, layer, detailed=True)
    if "stale" not in told.table.columns or (newest := later_day(scene, told)) is None:
        return told
    said = view.options_of(layer) | {"day": newest.isoformat()}
    late = scene.data.ask(layer, view.filters, view.frame, view.level, scene.viewer, said).table
    keys = [key for key in ("fact", "unit_id", "indicator") if key in told.table.columns]
    past = late.filter(pl.col("stale")).select(keys).unique().with_columns(past=pl.lit(True))
    table = told.table.join(past, on=keys, how="left", nulls_equal=True, maintain_order="left")
    stale = pl.col("stale") | pl.col("past").fill_null(False)
    return replace(told, table=table.with_columns(stale.alias("stale")).drop("past"))


def facts(scene: Scene) -> pl.DataFrame:
    """The drawn facts of the page that the viewer may see, one row each, with ``geometry``."""
    if scene.data is None or not shown(scene):
        return pl.DataFrame()
    said = answer(scene).table.unique("fact", keep="first", maintain_order=True)
    if scene.viewer is not Viewer.EDITOR:
        said = said.filter(pl.col("kind") == "security")
    context = scene.tables.context.with_row_index("fact").select("fact", "geometry")
    return said.join(context, on="fact", maintain_order="left").filter(
        pl.col("geometry").is_not_null() & (pl.col("geometry") != "")
    )


def content(scene: Scene) -> bytes:
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
    table = facts(scene)
    return _drawn(tuple((_about(row), row["geometry"]) for row in table.to_dicts()))


@lru_cache(maxsize=8)
def _drawn(rows: tuple[tuple[tuple[tuple[str, Any], ...], str], ...]) -> bytes:
    return drawing([(dict(about), text) for about, text in rows])


def _about(row: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    ink, angle = signs().get(row["type"] or OTHER, signs()[OTHER])
    severity = f"{say.number(row['value'])} ({row['scale']})" if row["scale"] else ""
    until = _("jusqu'au {day}", day=say.day(row["expires"])) if row["expires"] else ""
    dated = " · ".join(part for part in (say.day(row["as_of"]), until, row["source"]) if part)
    lines = [row["type_label"], row["wording"], severity, dated]
    if row["stale"]:
        lines.append(_("périmé"))
    said = "\n".join(dict.fromkeys(line for line in lines if line))
    ink = STALE_INK if row["stale"] else ink
    return (("words", said), ("ink", ink), ("angle", angle), ("stale", bool(row["stale"])))


def legend(scene: Scene) -> list[html.Li]:
    """One line a type of the shapes on the map, and one for those out of date."""
    table = facts(scene)
    if not table.height:
        return []
    types = table.filter(~pl.col("stale"))["type"].fill_null(OTHER).unique(maintain_order=True)
    known = signs()
    rows = [_line(*known.get(name, known[OTHER]), type_name(name)) for name in types]
    if table["stale"].any():
        rows.append(_line(STALE_INK, 45, _("contour périmé")))
    return rows


def _line(ink: str, angle: int, words: str) -> html.Li:
    stripes = f"repeating-linear-gradient({angle + 90}deg, {ink} 0 1.5px, transparent 1.5px 5px)"
    swatch = html.Span(className="swatch", style={"background": stripes, "borderColor": ink})
    return html.Li([swatch, html.Span(words)])

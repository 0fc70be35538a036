"""The zones of one sector between need and response: which stand where a priority begins."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl
from dash import html

from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.gaps import ACCESS_PRIORITY, NEXUS_PRIORITY, OPTIONS
from atlas.layers.options import settings as in_force
from atlas.vocab import entries
from atlas.web import gap_tables, plots, say, why
from atlas.web.attributes import attrs, go
from atlas.web.desk import Scene
from atlas.web.palette import BOUNDARY, SECONDARY, TEXT, WARMS, WHITE
from atlas.web.tables import note

MOST_NAMES = 12
"""Bubbles with a name beside them; the pointer tells that of any."""

APART = 0.07, 0.25
"""Of need and of response: the least between two names that are read."""

FEWEST = 3
"""Zones under which the table alone says all."""

HEIGHT, LARGEST, CROWDED, SMALLEST, PLAIN = 300, 40, 26, 7, 13
"""Pixels: of the chart, of the widest bubble (of many zones), of the narrowest, and of one not
told in people."""

MANY = 20
"""Zones from which bubbles are drawn smaller."""

REACH = (-0.13, 1.28)
"""Of the axis of responses: room for half a bubble below, for slanted names above."""

NEITHER, UNTOLD = "no_priority", "no_access"
SIGNS = {
    ACCESS_PRIORITY: ("triangle-up", WARMS[5], "▲"),
    NEXUS_PRIORITY: ("square", WARMS[2], "■"),
    NEITHER: ("circle", BOUNDARY, "●"),
    UNTOLD: ("circle-open", SECONDARY, "○"),
}
"""Shape and colour of each class, and its sign in the legend."""


def plot(known: pl.DataFrame, scene: Scene, reference: object) -> list[Any]:
    """Need × response of the zones of one sector; of several, the choice between them.

    Parameters
    ----------
    known
        Cells of the layer ``coverage`` whose need is known, reserved rows left out.
    reference
        The day that the age of a need is counted to.
    """
    cells = known.drop_nulls(["need_score", "response_score"])
    present = set(cells["sector"].to_list())
    sectors = [s for s in entries("sectors")["id"] if s in present]
    if len(sectors) > 1:
        return [_choice(cells, sectors)]
    sector = sectors[0] if sectors else None
    shown = _classed(cells.filter(pl.col("sector").eq_missing(sector)))
    if shown.height < FEWEST:
        return []
    drawn = plots.drawn("gaps", figure(shown, _limits(scene)), HEIGHT, _told(shown, sector))
    said = f"{_said(shown, sector)} {gap_tables.needs_said(shown, reference)}"
    head = html.H3(_("Besoin et réponse"))
    return [head, note(said), drawn, _legend(shown)]


def _limits(scene: Scene) -> dict[str, float]:
    """Where the classes begin, by the settings in force."""
    said = in_force(OPTIONS, scene.view.options_of("coverage"))
    return {name: float(said[name]) for name in ("moderate-need", "high-need", "weak-response")}


def _choice(cells: pl.DataFrame, sectors: list[str]) -> html.Div:
    """Zones of several sectors would lie on each other: which one is to be shown."""
    words = _("Besoin et réponse en un coup d'œil, choisissez un secteur :")
    chips = [
        html.Button(
            f"{label('sectors', s)} ({say.number(cells.filter(sector=s).height)})",
            className="chip",
            **go(sector=s),
        )
        for s in sectors
    ]
    return html.Div([html.Span(words), *chips], className="chips-row", role="group")


def _classed(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with the class that they are drawn as, the smallest last: it lies on top."""
    rest = pl.when(pl.col("access_score").is_null()).then(pl.lit(UNTOLD)).otherwise(pl.lit(NEITHER))
    drawn = pl.coalesce("class", rest).alias("drawn")
    return cells.with_columns(drawn).sort("need", "unit_name", descending=[True, False])


def figure(shown: pl.DataFrame, limits: dict[str, float]) -> dict[str, Any]:
    """Plotly figure of the bubbles, as plain data; their area is the people in need."""
    sized = _sized(shown)
    traces = [
        _trace(shown.filter(drawn=which), which, sized)
        for which in reversed(SIGNS)  # what has a class lies on what has none
        if which in set(shown["drawn"])
    ]
    return {"data": traces, "layout": _layout(shown, limits)}


def _widest(shown: pl.DataFrame) -> float | None:
    """The greatest need, where all of them are told in people; null: their sizes say nothing."""
    if not all(gap_tables.in_people(name) for name in shown["need_indicator"]):
        return None
    most = shown["need"].max()
    return float(most) if isinstance(most, int | float) and most > 0 else None


def _sized(shown: pl.DataFrame) -> dict[str, Any]:
    """What makes the area of a bubble that of its need, beside the needs themselves."""
    widest = _widest(shown)
    if not widest:
        return {}
    largest = CROWDED if shown.height > MANY else LARGEST
    return {"sizemode": "area", "sizeref": 2 * widest / largest**2, "sizemin": SMALLEST / 2}


def _trace(cells: pl.DataFrame, which: str, sized: dict[str, Any]) -> dict[str, Any]:
    symbol, colour, _sign = SIGNS[which]
    needs = cells["need"].clip(1).to_list()  # a need of nobody is drawn, too
    rows = cells.to_dicts()
    return {
        "type": "scatter",
        "mode": "markers",
        "x": cells["need_score"].to_list(),
        "y": cells["response_score"].to_list(),
        "customdata": [_opens(row)["data-go"] for row in rows],
        "hovertext": ["<br>".join(escape(w, quote=False) for w in _words(row)) for row in rows],
        "hoverinfo": "text",
        "cliponaxis": False,
        "marker": {
            **sized,
            "size": needs if sized else PLAIN,
            "symbol": symbol,
            "color": colour,
            "opacity": 0.85,
            "line": {"color": colour if which == UNTOLD else WHITE, "width": 1.2},
        },
    }


def _opens(row: dict[str, Any]) -> dict[str, Any]:
    """The activities that answer the need; the zone, where none does."""
    if not row["response"]:
        return go(zone=row["unit_id"])
    return why.opened("response", row["unit_id"], row["sector"] or "")


def _words(row: dict[str, Any]) -> list[str]:
    """What the pointer is told of a bubble, line by line."""
    told = [
        row["unit_name"],
        gap_tables.need_words(row),
        ngettext("{n} activité y répond", "{n} activités y répondent", row["response"]),
    ]
    if row["access"] is not None:
        told.append(_("accès {n}", n=say.number(row["access"])))
    if row["class"]:
        told.append(label("class", row["class"]))
    return told


def _layout(shown: pl.DataFrame, limits: dict[str, float]) -> dict[str, Any]:
    moderate, high, weak = (limits[k] for k in ("moderate-need", "high-need", "weak-response"))
    bands = [(0.0, min(moderate, high), _("faible")), (moderate, high, _("modéré")),
             (high, 1.0, _("élevé"))]  # fmt: skip
    wide = [(low, top, words) for low, top, words in bands if top > low]
    axis = {"fixedrange": True, "showgrid": False, "zeroline": False, "ticklen": 0}
    return {
        **plots.LAYOUT,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "hovermode": "closest",
        "xaxis": {
            **axis,
            "range": [-0.04, 1.08],
            "tickvals": [(low + top) / 2 for low, top, _w in wide],
            "ticktext": [words for _low, _top, words in wide],
            "title": {"text": _("Besoin →"), "standoff": 6, "font": {"size": 12}},
            "automargin": True,
        },
        "yaxis": {
            **axis,
            "range": list(REACH),
            "tickvals": [0, weak, 1],
            "ticktext": [f"{say.number(100 * part)} %" for part in (0, weak, 1)],
            "title": {"text": _("Réponse →"), "standoff": 6, "font": {"size": 12}},
            "automargin": True,
        },
        "shapes": [
            *(_line(x0=limit, x1=limit, y0=REACH[0], y1=REACH[1]) for limit in {moderate, high}),
            _line(x0=-0.04, x1=1.08, y0=weak, y1=weak),
        ],
        "annotations": _names(shown),
    }


def _line(**ends: float) -> dict[str, Any]:
    """Where a class begins, by the settings in force."""
    return {
        "type": "line",
        "layer": "below",
        "line": {"color": BOUNDARY, "width": 1, "dash": "dot"},
        **ends,
    }


def _names(shown: pl.DataFrame) -> list[dict[str, Any]]:
    """Names aslant beside bubbles: of those with a class, then of the worst, as there is room."""
    named: list[dict[str, Any]] = []
    classed = pl.col("class").is_null()
    for row in gap_tables.by_rank(shown).sort(classed, maintain_order=True).to_dicts():
        if len(named) < MOST_NAMES and all(_apart(row, other) for other in named):
            named.append(row)
    return [_name(row) for row in named]


def _apart(one: dict[str, Any], other: dict[str, Any]) -> bool:
    pairs = zip(("need_score", "response_score"), APART, strict=True)
    return any(abs(one[part] - other[part]) >= least for part, least in pairs)


def _name(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "x": row["need_score"],
        "y": row["response_score"],
        "text": escape(row["unit_name"], quote=False),
        "showarrow": False,
        "textangle": -40,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 8,
        "font": {"size": 11, "color": TEXT},
    }


def _said(shown: pl.DataFrame, sector: str | None) -> str:
    words = _(
        "{sector} : {zones} au besoin connu ; un clic ouvre ce qui y répond, sinon la zone. "
        "Pointillés : seuils des classes (Réglages).",
        sector=capitalised(label("sector", sector)),
        zones=ngettext("{n} zone", "{n} zones", shown.height),
    )
    return words + " " + _("Surface : personnes dans le besoin.") if _widest(shown) else words


def _told(shown: pl.DataFrame, sector: str | None) -> str:
    return _(
        "Nuage de points : besoin et réponse de {zones}, {sector}. Le tableau par rang qui suit "
        "dit les mêmes chiffres.",
        zones=ngettext("{n} zone", "{n} zones", shown.height),
        sector=label("sector", sector),
    )


def _legend(shown: pl.DataFrame) -> html.Ul:
    counted = dict(shown.group_by("drawn").len().iter_rows())
    parts = []
    for which, (_shape, colour, sign) in SIGNS.items():
        if which in counted:
            words = label("class", which)
            mark = html.Span(sign, style={"color": colour}, **attrs(aria_hidden="true"))
            parts.append(html.Li([mark, f" {words} ({say.number(counted[which])})"]))
    return html.Ul(parts, className="plot-legend")

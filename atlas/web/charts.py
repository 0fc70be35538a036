"""The ranked bar chart of the indicator."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from atlas import summaries
from atlas.i18n import _
from atlas.model import RESERVED
from atlas.web import say
from atlas.web.desk import Scene, ask
from atlas.web.ids import Id
from atlas.web.indicators import INDICATORS, Indicator
from atlas.web.paint import Painting, UnitValue, painting, state_words, words
from atlas.web.palette import BRAND, SECONDARY, TEXT
from atlas.web.tables import empty, note
from atlas.web.words import level_names

# The part of Plotly that draws bars, instead of all of it (a fourth of the weight);
# assets/page.js fetches it after the map.
SCRIPT = "/assets/vendor/plotly-basic.min.js"
MOST_BARS, MOST_SECTORS, BAR_PX = 30, 8, 23


def ranking(scene: Scene) -> list[Any]:
    """Units by their figure, the largest on top; the unknown are counted, not drawn."""
    painted = painting(scene)
    if painted.indicator.measure == "state":
        return _by_state(painted)
    if painted.indicator.measure == "severity" and not any(v.value for v in painted.values):
        return [empty(_("Aucune gravité connue à cette date. Les faits sont dans l'onglet Accès."))]
    known = sorted((v for v in painted.values if v.value), key=lambda v: (-(v.value or 0), v.name))
    if not known:
        return [
            empty(_("Rien à classer : enlevez un filtre, ou choisissez un niveau plus grossier."))
        ]
    shown = known[:MOST_BARS]
    rest = len(painted.values) - len(known)
    text = _(
        "{what} : {n} {levels} sur {total}",
        what=_(painted.indicator.title),
        n=len(known),
        levels=level_names(scene.view.level),
        total=len(painted.values),
    )
    if rest:
        text += _(" ; {n} sans chiffre (voir la légende)", n=rest)
    return [
        note(text + "."),
        _graph(Id.CHART, figure(shown, painted.indicator), len(shown)),
        *_beside(scene, painted.indicator),
        *_sectors(scene),
    ]


def _beside(scene: Scene, indicator: Indicator) -> list[Any]:
    """What of the total no bar shows, and that an activity of several units is in each of theirs.

    Only for what adds up over units: an organisation is in many.
    """
    assert scene.data is not None
    if indicator.column not in ("activities", "budget_usd"):
        return []
    short = say.short_usd if indicator.measure == "usd" else say.number
    table = ask(scene, indicator.layer).table
    rows = table.select("unit_id", "unit_name", indicator.column).rows()
    loose = [f"{name} {short(n)}" for unit, name, n in rows if unit in RESERVED and n]
    parts = [_("hors des barres : {told}", told=", ".join(loose))] if loose else []
    if indicator.column == "activities":
        view = scene.view
        counted = summaries.figures(scene.data, view.filters, view.frame, view.level, scene.viewer)
        more = sum(n or 0 for _unit, _name, n in rows) - counted.activities
        if more:
            told = _("{n} en tout, celles de plusieurs zones dans chacune", n=counted.activities)
            parts.append(told)
    said = " ; ".join(parts)
    return [note(f"{said[:1].upper()}{said[1:]}.")] if said else []


def _sectors(scene: Scene) -> list[Any]:
    """Activities and presences by sector, the other filters applied."""
    assert scene.data is not None
    counted = scene.data.facets(scene.view.filters, scene.viewer)["sector"]
    bars = [UnitValue(key, label, n, "active") for key, label, n in counted[:MOST_SECTORS]]
    if not bars:
        return []
    activities = INDICATORS["activities"]
    return [
        html.H3(_("Par secteur")),
        _graph(Id.SECTORS_CHART, figure(bars, activities), len(bars)),
        *_beside_the_bars(scene, [n for _key, _label, n in counted[MOST_SECTORS:]]),
    ]


def _beside_the_bars(scene: Scene, others: list[int]) -> list[Any]:
    """Activities that no bar shows: with it the bars add up to all of them."""
    data, view = scene.data, scene.view
    assert data is not None
    everything = view.filters.but(sector=())  # as the bars, which leave that filter aside
    answer = data.ask("presence", everything, view.frame, view.level, scene.viewer)
    unknown = answer.meta["without_sector"]
    parts = [
        _("{n} dans d'autres secteurs", n=sum(others)) if others else "",
        _("{n} sans secteur connu", n=unknown) if unknown else "",
    ]
    told = ", ".join(part for part in parts if part)
    return [note(_("Hors du graphique : {told}.", told=told))] if told else []


def figure(shown: list[UnitValue], indicator: Indicator) -> dict[str, Any]:
    """Plotly figure of horizontal bars, as plain data."""
    short = say.short_usd if indicator.measure == "usd" else say.number
    bars = shown[::-1]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": [v.unit_id for v in bars],
                "x": [v.value for v in bars],
                "text": [short(v.value) for v in bars],
                "textposition": "outside",
                "cliponaxis": False,
                "customdata": [v.unit_id for v in bars],
                "hovertext": [
                    _("{name} : {value}", name=v.name, value=words(v, indicator)) for v in bars
                ],
                "hoverinfo": "text",
                "marker": {"color": BRAND},
                "textfont": {"color": TEXT, "size": 12},
            }
        ],
        "layout": _layout(bars),
    }


def _layout(bars: list[UnitValue]) -> dict[str, Any]:
    ids = [v.unit_id for v in bars]
    largest = max(v.value or 0 for v in bars)
    return {
        "margin": {"l": 8, "r": 8, "t": 2, "b": 4},
        "bargap": 0.28,
        "font": {"family": "Atlas, sans-serif", "size": 12, "color": TEXT},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "showlegend": False,
        "xaxis": {"visible": False, "range": [0, largest * 1.2], "fixedrange": True},
        "yaxis": {
            "type": "category",
            "tickvals": ids,
            "ticktext": [v.name for v in bars],
            "automargin": True,
            "fixedrange": True,
            "ticklen": 4,
            "tickcolor": "#ffffff",
        },
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": SECONDARY, "font": {"color": TEXT}},
    }


def _graph(ident: Id, drawn: dict[str, Any], bars: int) -> dcc.Graph:
    return dcc.Graph(
        id=ident,
        figure=drawn,
        config={"displayModeBar": False, "responsive": True},
        className="chart",
        style={"height": f"{bars * BAR_PX + 8}px"},
    )


def _by_state(painted: Painting) -> list[Any]:
    """Units listed under their state: a list says more than bars do."""
    parts: list[Any] = []
    for state in painted.states:
        names = sorted(v.name for v in painted.values if v.state == state)
        text = state_words(state, painted.indicator)
        parts.append(html.H3(f"{text[:1].upper()}{text[1:]} ({say.number(len(names))})"))
        parts.append(html.P(", ".join(names)))
    return parts or [empty(_("Rien à montrer : enlevez un filtre."))]

"""The map at the end of each month, one after the other, and the table of the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from dash import html

from atlas.formats import month_end, number_text, period_text
from atlas.i18n import _, ngettext
from atlas.web import downloads, map_view
from atlas.web.indicators import shown_indicator
from atlas.web.map_comparison import map_legend_section
from atlas.web.map_embed import svg_address
from atlas.web.map_picture import map_ground, map_svg
from atlas.web.map_series import MapSeries, painted_series, series_in_columns, series_table
from atlas.web.page_elements import html_attributes
from atlas.web.page_state import PageScene, PageView
from atlas.web.page_tables import empty_note

MONTH_MAPS_PATH = "/maps/months"
SCRIPT = "/assets/months.js"
USUAL_MONTHS, MOST_MONTHS = 12, 36
"""How many months are shown where no period is asked for, and at most."""


def shown_months(scene: PageScene) -> list[date]:
    """Last days of the months shown, the earliest first.

    Those of the period that is asked for; else the latest until the newest document, of the
    period that activities are of.
    """
    data, asked = scene.data, scene.view.filters
    span = data.reported_period(scene.viewer) if data else None
    if data is None or span is None:
        return []
    last = asked.until or min(span[1], data.as_of or span[1])
    day = month_end(last.year, last.month)
    found: list[date] = []
    first = asked.since or span[0]
    most = MOST_MONTHS if asked.since else USUAL_MONTHS
    while day >= first and len(found) < most:
        found.append(day)
        day = day.replace(day=1) - timedelta(days=1)
    return found[::-1]


def month_series(scene: PageScene) -> MapSeries:
    """The question of the page on the last day of each month."""
    filters = scene.view.filters.with_changes(since=None, until=None)
    views: Mapping[str, PageView] = {
        day.isoformat(): scene.view.but(filters=filters.with_changes(at=day))
        for day in shown_months(scene)
    }
    return painted_series(scene, views)


def month_table(scene: PageScene) -> pl.DataFrame:
    """One row per unit and month: the figure of the map, or the state that stands for it."""
    table = series_table(month_series(scene), "month_end")
    return table.with_columns(pl.col("month_end").str.to_date())


def month_text(key: str) -> str:
    """A month by its last day: "janvier 2024"."""
    day = date.fromisoformat(key)
    return period_text(day.replace(day=1), day)


def month_parts(scene: PageScene) -> list[Any]:
    """The maps with what plays them, the table of the same figures, and what they leave out."""
    indicator, series = shown_indicator(scene), month_series(scene)
    if not series.maps:
        return [empty_note(_(indicator.nothing))]
    whole = map_ground(scene, series.together)
    ground = replace(whole, width=whole.width / 2, height=whole.height / 2)
    maps = [
        html.Figure(
            [
                html.Figcaption(html.A(month_text(key), href=f"/?{shown.view.to_query()}")),
                html.Img(
                    src=svg_address(map_svg(shown, painted, ground)),
                    alt=map_view.map_title(shown, painted),
                ),
            ]
        )
        for key, (shown, painted) in series.maps.items()
    ]
    title = _("{what} par zone, à la fin de chaque mois", what=_(indicator.title))
    return [
        *(html.P(line) for line in month_notes(scene, series)),
        map_legend_section(scene, series.together),
        _player(),
        html.Div(maps, className="maps", **html_attributes(data_months="")),
        html.P(downloads.download_links("mois")),
        html.Div(series_in_columns(series, [*map(month_text, series.maps)], title)),
    ]


def month_notes(scene: PageScene, series: MapSeries) -> list[str]:
    """On which day each map is judged, and what stands in no month."""
    assert scene.data is not None
    lines = [
        *map_view.filters_line(scene),
        _("Chaque carte dit la situation au dernier jour de son mois."),
    ]
    filters = scene.view.filters.with_changes(since=None, until=None, at=None)
    asked = scene.data.filtered_scope(filters, viewer=scene.viewer).counted_activities
    if undated := int(asked["undated"].sum()):
        shown = number_text(undated)
        lines.append(
            ngettext(
                "{shown} activité sans date n'est que du jour de son document.",
                "{shown} activités sans date ne sont que du jour de leur document.",
                undated,
                shown=shown,
            )
        )
    if series.empty:
        names = ", ".join(map(month_text, series.empty))
        lines.append(_("Rien de connu, ce qui n'est pas zéro : {months}.", months=names))
    return lines


def _player() -> html.Div:
    """What the script brings to life: one map at a time; without it all stand side by side."""
    words = {"back": _("Mois précédent"), "play": _("Défiler"), "next": _("Mois suivant")}
    return html.Div(
        [
            *(
                html.Button(text, className="chip", type="button", **html_attributes(data_play=act))
                for act, text in words.items()
            ),
            html.Button(
                _("Tous les mois"),
                className="chip",
                type="button",
                **html_attributes(data_play="all", data_stop=_("Arrêter")),
            ),
            html.Span(className="month-at", role="status"),
        ],
        className="actions",
        hidden=True,
        **html_attributes(data_player=""),
    )

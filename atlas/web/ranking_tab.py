"""The ranking of units and the activities by sector, as bars."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dash import html

from atlas import formats, summaries
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.scope import UNKNOWN
from atlas.model import RESERVED
from atlas.web import figure_activities
from atlas.web.charts import ChartBar, bar_chart
from atlas.web.indicators import MapIndicator, UnitValue
from atlas.web.map_view import MapPainting, has_figure, map_painting, state_text, unit_text
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import empty_note, filled_pieces, joined_pieces, table_note

MOST_BARS = 30


def ranking_content(scene: PageScene) -> list[Any]:
    """Units by their figure, the largest on top; the unknown are counted, not drawn."""
    painted = map_painting(scene)
    if painted.indicator.words is None:
        return _units_by_state(painted)
    drawn = [v for v in painted.values if has_figure(v, painted.indicator)]
    known = sorted(drawn, key=lambda v: (-(v.value or 0), v.name))
    if not known:
        return [empty_note(_(painted.indicator.nothing))]
    rest = len(painted.values) - len(known)
    text = _(
        "{what} : {n} {levels} sur {total}",
        what=_(painted.indicator.title),
        n=len(known),
        levels=formats.level_name(scene.view.level, len(known)),
        total=len(painted.values),
    )
    if rest:
        text += _(" ; {n} sans chiffre (voir la légende)", n=rest)
    left = len(known) - MOST_BARS
    return [
        table_note(text + "."),
        _units_chart(known[:MOST_BARS], painted.indicator, scene.view.filters.kind),
        *(
            [empty_note(_("{n} autres dans l'onglet Zones.", n=formats.number_text(left)))]
            if left > 0
            else []
        ),
        *_uncharted_notes(scene, painted.indicator),
        *_sectors_chart(scene),
    ]


def _units_chart(
    known: list[UnitValue], indicator: MapIndicator, kinds: Collection[str]
) -> html.Div:
    shown = [
        ChartBar(
            name=v.name,
            value=v.value or 0,
            short=indicator.form.short(v.value),
            exact=unit_text(v, indicator, kinds),
            list_key=(indicator.figure_name, v.unit_id) if indicator.figure_name else (),
            url_changes={"zone": v.unit_id},
        )
        for v in known
    ]
    return bar_chart("units", shown, _(indicator.title), (_("Zone"), _(indicator.label)))


def _uncharted_notes(scene: PageScene, indicator: MapIndicator) -> list[Any]:
    """What of the total no bar shows, and that an activity of several units is in each of theirs.

    Only for what adds up over units: an organisation is in many.
    """
    assert scene.data is not None
    if not indicator.adds_up:
        return []
    short, figure = indicator.form.short, indicator.figure_name
    table = layer_answer(scene, indicator.layer).table
    rows = table.select("unit_id", "unit_name", indicator.column).rows()
    loose = [
        [f"{name} ", figure_activities.linked_figure(short(n), figure, unit)]
        for unit, name, n in rows
        if unit in RESERVED and n
    ]
    before = filled_pieces(_("hors des barres : {told}", told="|"), html.Span(joined_pieces(loose)))
    parts: list[list[Any]] = [before] if loose else []
    if indicator.whole:
        view = scene.view
        counted = summaries.headline_figures(
            scene.data, view.filters, view.frame, view.level, scene.viewer
        )
        whole = indicator.whole(counted)
        if sum(n or 0 for _unit, _name, n in rows) > whole:
            total_text = _("{n} en tout, celles de plusieurs zones dans chacune", n="|")
            parts.append(
                filled_pieces(total_text, figure_activities.linked_figure(short(whole), figure))
            )
    if not parts:
        return []
    first, *others = joined_pieces(parts, " ; ")
    return [table_note([capitalised(first), *others, "."])]


def _sectors_chart(scene: PageScene) -> list[Any]:
    """Activities by sector, that filter left aside; those of no known sector below."""
    assert scene.data is not None
    view = scene.view
    where = view.filters, view.frame, view.level, scene.viewer
    counted = summaries.activities_by_sector(scene.data, *where)
    if not counted:
        return []
    shown = [
        ChartBar(
            name=label("by_sector", sector or UNKNOWN),
            value=n,
            short=formats.number_text(n),
            exact=ngettext(
                "{shown} activité", "{shown} activités", n, shown=formats.number_text(n)
            ),
            list_key=("sector", "", sector or UNKNOWN),
        )
        for sector, n in counted
    ]
    title = _("Activités par secteur")
    drawn = bar_chart("sectors", shown, title, (_("Secteur"), _("Activités")))
    return [html.H3(title), drawn, *_several_sectors_note(scene, sum(n for _sector, n in counted))]


def _several_sectors_note(scene: PageScene, told: int) -> list[Any]:
    """How many activities there are in all, where some stand in the bars of several sectors."""
    assert scene.data is not None
    view = scene.view
    filters = view.filters.with_changes(sector=())
    all_ = summaries.headline_figures(
        scene.data, filters, view.frame, view.level, scene.viewer
    ).activities
    if told <= all_:
        return []
    return [
        table_note(
            _("{n} en tout, celles de plusieurs secteurs dans chacun.", n=formats.number_text(all_))
        )
    ]


def _units_by_state(painted: MapPainting) -> list[Any]:
    """Units listed under their state: a list says more than bars do."""
    parts: list[Any] = []
    for state in painted.states:
        names = sorted(v.name for v in painted.values if v.state == state)
        text = state_text(state, painted.indicator)
        parts.append(html.H3(f"{capitalised(text)} ({formats.number_text(len(names))})"))
        parts.append(html.P(", ".join(names)))
    return parts or [empty_note(_("Rien à montrer : enlevez un filtre."))]

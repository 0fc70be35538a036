"""The ranking of units and the activities by sector, as bars."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dash import html

from atlas import summaries
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.dimensions import UNKNOWN
from atlas.model import RESERVED
from atlas.web import say, why
from atlas.web.bars import Bar, bars
from atlas.web.desk import Scene, ask
from atlas.web.indicators import Indicator
from atlas.web.paint import Painting, has_figure, painting, state_words, words
from atlas.web.tables import empty, filled, joined, note
from atlas.web.unit_values import UnitValue

MOST_BARS = 30


def ranking(scene: Scene) -> list[Any]:
    """Units by their figure, the largest on top; the unknown are counted, not drawn."""
    painted = painting(scene)
    if painted.indicator.words is None:
        return _by_state(painted)
    drawn = [v for v in painted.values if has_figure(v, painted.indicator)]
    known = sorted(drawn, key=lambda v: (-(v.value or 0), v.name))
    if not known:
        return [empty(_(painted.indicator.nothing))]
    rest = len(painted.values) - len(known)
    text = _(
        "{what} : {n} {levels} sur {total}",
        what=_(painted.indicator.title),
        n=len(known),
        levels=label("level", scene.view.level, full=True),
        total=len(painted.values),
    )
    if rest:
        text += _(" ; {n} sans chiffre (voir la légende)", n=rest)
    left = len(known) - MOST_BARS
    return [
        note(text + "."),
        _units(known[:MOST_BARS], painted.indicator, scene.view.filters.kind),
        *([empty(_("{n} autres dans l'onglet Zones.", n=say.number(left)))] if left > 0 else []),
        *_beside(scene, painted.indicator),
        *_sectors(scene),
    ]


def _units(known: list[UnitValue], indicator: Indicator, kinds: Collection[str]) -> html.Div:
    shown = [
        Bar(
            name=v.name,
            value=v.value or 0,
            short=indicator.form.short(v.value),
            exact=words(v, indicator, kinds),
            why=(indicator.behind, v.unit_id) if indicator.behind else (),
            goes={"zone": v.unit_id},
        )
        for v in known
    ]
    return bars("units", shown, _(indicator.title), (_("Zone"), _(indicator.label)))


def _beside(scene: Scene, indicator: Indicator) -> list[Any]:
    """What of the total no bar shows, and that an activity of several units is in each of theirs.

    Only for what adds up over units: an organisation is in many.
    """
    assert scene.data is not None
    if not indicator.adds_up:
        return []
    short, figure = indicator.form.short, indicator.behind
    table = ask(scene, indicator.layer).table
    rows = table.select("unit_id", "unit_name", indicator.column).rows()
    loose = [
        [f"{name} ", why.number(short(n), figure, unit)]
        for unit, name, n in rows
        if unit in RESERVED and n
    ]
    before = filled(_("hors des barres : {told}", told="|"), html.Span(joined(loose)))
    parts: list[list[Any]] = [before] if loose else []
    if indicator.whole:
        view = scene.view
        counted = summaries.figures(scene.data, view.filters, view.frame, view.level, scene.viewer)
        whole = indicator.whole(counted)
        if sum(n or 0 for _unit, _name, n in rows) > whole:
            told = _("{n} en tout, celles de plusieurs zones dans chacune", n="|")
            parts.append(filled(told, why.number(short(whole), figure)))
    if not parts:
        return []
    first, *others = joined(parts, " ; ")
    return [note([capitalised(first), *others, "."])]


def _sectors(scene: Scene) -> list[Any]:
    """Activities by sector, that filter left aside; those of no known sector below."""
    assert scene.data is not None
    view = scene.view
    where = view.filters, view.frame, view.level, scene.viewer
    counted = summaries.by_sector(scene.data, *where)
    if not counted:
        return []
    shown = [
        Bar(
            name=label("by_sector", sector or UNKNOWN),
            value=n,
            short=say.number(n),
            exact=ngettext("{shown} activité", "{shown} activités", n, shown=say.number(n)),
            why=("sector", "", sector or UNKNOWN),
        )
        for sector, n in counted
    ]
    title = _("Activités par secteur")
    drawn = bars("sectors", shown, title, (_("Secteur"), _("Activités")))
    return [html.H3(title), drawn, *_of_several_sectors(scene, sum(n for _sector, n in counted))]


def _of_several_sectors(scene: Scene, told: int) -> list[Any]:
    """How many activities there are in all, where some stand in the bars of several sectors."""
    assert scene.data is not None
    view = scene.view
    filters = view.filters.but(sector=())
    all_ = summaries.figures(scene.data, filters, view.frame, view.level, scene.viewer).activities
    if told <= all_:
        return []
    return [note(_("{n} en tout, celles de plusieurs secteurs dans chacun.", n=say.number(all_)))]


def _by_state(painted: Painting) -> list[Any]:
    """Units listed under their state: a list says more than bars do."""
    parts: list[Any] = []
    for state in painted.states:
        names = sorted(v.name for v in painted.values if v.state == state)
        text = state_words(state, painted.indicator)
        parts.append(html.H3(f"{capitalised(text)} ({say.number(len(names))})"))
        parts.append(html.P(", ".join(names)))
    return parts or [empty(_("Rien à montrer : enlevez un filtre."))]

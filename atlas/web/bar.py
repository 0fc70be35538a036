"""The filter bar: one control per key of the URL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import dcc, html

from atlas.dataset import Dataset
from atlas.geo.frames import FRAMES
from atlas.i18n import _
from atlas.labels import capitalised, label
from atlas.layers import LAYERS
from atlas.model import Level, Viewer
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.desk import Scene
from atlas.web.ids import Control
from atlas.web.indicators import INDICATORS
from atlas.web.state import DEFAULT_INDICATOR

Options = list[dict[str, str]]
MANY = (Control.SOURCE, Control.SECTOR, Control.DONOR, Control.ORGANISATION, Control.STATUS)


@dataclass(frozen=True)
class Field:
    """A control, ready to draw."""

    control: Control
    label: str
    options: Options
    value: Any
    default: Any = None
    everything: str = ""

    @property
    def spec(self) -> dict[str, Any]:
        """How ``assets/page.js`` reads and writes this control in the URL."""
        spec: dict[str, Any] = {"key": str(self.control), "default": self.default}
        spec["prop"] = self.control.prop
        if self.control in MANY:
            spec["many"] = True
        if self.control in (Control.SINCE, Control.UNTIL):
            spec["year"] = "-01-01" if self.control is Control.SINCE else "-12-31"
        return spec


def fields_of(scene: Scene) -> list[Field]:
    """The controls with their options and the values that the URL asks for."""
    view, data = scene.view, scene.data
    assert data is not None
    asked, facets = view.filters, data.facets(viewer=scene.viewer)
    years = _years(data.span)
    since = str(asked.since.year) if asked.since else None
    until = str(asked.until.year) if asked.until else None
    return [
        Field(
            Control.FRAME,
            _("Découpage"),
            _frames(),
            view.frame or data.default_frame,
            data.default_frame,
        ),
        Field(Control.LEVEL, _("Niveau"), _levels(scene.viewer), view.level, "region"),
        Field(
            Control.INDICATOR,
            _("Indicateur"),
            _indicators(scene.viewer),
            view.indicator if view.indicator in INDICATORS else DEFAULT_INDICATOR,
            DEFAULT_INDICATOR,
        ),
        _many(Control.SOURCE, _("Source"), facets, asked.source),
        _many(Control.SECTOR, _("Secteur"), facets, asked.sector),
        _many(Control.DONOR, _("Bailleur"), facets, asked.donor),
        _many(Control.ORGANISATION, _("Organisation"), facets, asked.organisation),
        _many(Control.STATUS, _("Statut"), facets, asked.status),
        Field(Control.SINCE, _("De"), years, since, None, years[0]["label"] if years else "–"),
        Field(Control.UNTIL, _("À"), years, until, None, years[-1]["label"] if years else "–"),
        _reference(data, asked.at),
    ]


def _reference(data: Dataset, at: date | None) -> Field:
    """Day the activities shown are under way; the calendar opens on the newest document's."""
    opens_on = data.as_of.isoformat() if data.as_of else ""
    value = at.isoformat() if at else None
    return Field(Control.AT, _("Situation au"), [], value, None, opens_on)


def bar(fields: Sequence[Field], *, plans: bool) -> html.Div:
    """The bar itself; on a phone it folds behind a button.

    Parameters
    ----------
    plans
        Whether the switch that counts plans stands on.
    """
    return html.Div(
        [
            html.Button(
                _("Filtres"), className="fold", **attrs(data_fold="filters", aria_expanded="false")
            ),
            html.Div([*(_drawn(f) for f in fields), _plans(plans)], className="fields"),
        ],
        id="filters",
        className="filters",
        role="search",
        **attrs(aria_label=_("Filtres")),
    )


def _drawn(f: Field) -> html.Div:
    return html.Div(
        [html.Label(f.label, htmlFor=f.control.dom_id), _control(f)],
        className=f"field field-{f.control}",
        role="group",
        **attrs(aria_label=f.label),
    )


def _plans(on: bool) -> html.Div:
    """Plans are counted only when asked for."""
    switch = html.Button(
        _("inclure"),
        id="control-plans",
        className="switch",
        role="switch",
        **attrs(data_flag="plans", aria_checked=str(on).lower(), aria_label=_("Inclure les plans")),
    )
    return html.Div([html.Div(_("Plans"), className="label"), switch], className="field")


def _control(f: Field) -> Any:
    if f.control is Control.AT:
        return dcc.DatePickerSingle(
            id=f.control.dom_id,
            date=f.value,
            display_format="DD/MM/YYYY",
            placeholder=_("toutes dates"),
            clearable=True,
            first_day_of_week=1,
            initial_visible_month=f.everything,
        )
    many = f.control in MANY
    return dcc.Dropdown(
        f.options,
        f.value,
        maxHeight=360,
        id=f.control.dom_id,
        multi=many,
        clearable=f.default is None,
        searchable=many,
        closeOnSelect=not many,
        placeholder=f.everything,
        optionHeight="auto",
        labels=labels(),
    )


def labels() -> Any:
    """What a list to choose from says of itself."""
    return {
        "search": _("Chercher"),
        "select_all": _("Tout choisir"),
        "deselect_all": _("Tout enlever"),
        "selected_count": _("{num_selected} choisis", num_selected="{num_selected}"),
        "clear_search": _("Effacer la recherche"),
        "clear_selection": _("Effacer le choix"),
        "no_options_found": _("Aucun résultat"),
    }


def _many(
    control: Control,
    label: str,
    facets: Mapping[str, Any],
    value: Iterable[str],
) -> Field:
    options = [
        {"label": f"{text} ({say.number(count)})", "value": key}
        for key, text, count in facets.get(str(control), ())
    ]
    known = {o["value"] for o in options}
    options += [{"label": v, "value": v} for v in value if v not in known]
    return Field(
        control, label, options, list(value), [], _("toutes") if control in _FEMININE else _("tous")
    )


_FEMININE = (Control.SOURCE, Control.ORGANISATION)


def _frames() -> Options:
    return [{"label": label("frame", f, full=True), "value": f} for f in FRAMES]


def _levels(viewer: Viewer) -> Options:
    shown = [x for x in Level if not (viewer is Viewer.PUBLIC and x is Level.COMMUNE)]
    return [{"label": capitalised(label("level", x)), "value": str(x)} for x in shown]


def _indicators(viewer: Viewer) -> Options:
    return [
        {"label": _(i.label), "value": key}
        for key, i in INDICATORS.items()
        if viewer.reaches(LAYERS[i.layer].offered_to)
    ]


def _years(span: tuple[Any, Any] | None) -> Options:
    if not span or not span[0] or not span[1]:
        return []
    return [{"label": str(y), "value": str(y)} for y in range(span[0].year, span[1].year + 1)]

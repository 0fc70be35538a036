"""The filter bar: one control per key of the URL, and the choices in force."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import dcc, html

from atlas import formats
from atlas.dataset import Dataset
from atlas.filters import WHERE_KEYS
from atlas.geo.frames import FRAMES
from atlas.i18n import _
from atlas.labels import capitalised, label
from atlas.model import Level, Viewer
from atlas.web.page_elements import FilterControl, html_attributes, url_change
from atlas.web.page_state import PageScene
from atlas.web.questions import Question

ControlOptions = list[dict[str, str]]
MULTIPLE_CHOICE = (
    FilterControl.SOURCE,
    FilterControl.SECTOR,
    FilterControl.DONOR,
    FilterControl.ORGANISATION,
    FilterControl.STATUS,
    FilterControl.NEXUS,
)


@dataclass(frozen=True)
class FilterField:
    """A control, ready to draw."""

    control: FilterControl
    label: str
    options: ControlOptions
    value: Any
    default: Any = None
    everything: str = ""

    def is_in_sight(self, question: Question) -> bool:
        """Whether it is shown with a question: it is one of its own, or in force."""
        return question.has_in_sight(self.control) or self.value != self.default

    @property
    def script_spec(self) -> dict[str, Any]:
        """How ``assets/page.js`` reads and writes this control in the URL."""
        spec: dict[str, Any] = {"key": str(self.control), "default": self.default}
        spec["prop"] = self.control.value_property
        if self.control in MULTIPLE_CHOICE:
            spec["many"] = True
        if self.control in (FilterControl.SINCE, FilterControl.UNTIL):
            spec["year"] = "-01-01" if self.control is FilterControl.SINCE else "-12-31"
        return spec


def filter_fields(scene: PageScene) -> list[FilterField]:
    """The controls with their options and the values that the URL asks for."""
    view, data = scene.view, scene.data
    assert data is not None
    asked, facets = view.filters, data.facet_counts(viewer=scene.viewer)
    years = _year_options(data.reported_period(scene.viewer))
    since = str(asked.since.year) if asked.since else None
    until = str(asked.until.year) if asked.until else None
    return [
        FilterField(
            FilterControl.FRAME,
            _("Découpage"),
            _frame_options(),
            view.frame or data.default_frame,
            data.default_frame,
        ),
        FilterField(
            FilterControl.LEVEL, _("Niveau"), _level_options(scene.viewer), view.level, "region"
        ),
        _multiple_field(FilterControl.SOURCE, _("Source"), facets, asked.source),
        _multiple_field(FilterControl.SECTOR, _("Secteur"), facets, asked.sector),
        _multiple_field(FilterControl.DONOR, _("Bailleur"), facets, asked.donor),
        _multiple_field(FilterControl.ORGANISATION, _("Organisation"), facets, asked.organisation),
        _multiple_field(FilterControl.STATUS, _("Statut"), facets, asked.status),
        _multiple_field(FilterControl.NEXUS, _("Nexus"), facets, asked.nexus),
        FilterField(
            FilterControl.SINCE, _("De"), years, since, None, years[0]["label"] if years else "–"
        ),
        FilterField(
            FilterControl.UNTIL, _("À"), years, until, None, years[-1]["label"] if years else "–"
        ),
        _day_field(data, asked.at),
    ]


def _day_field(data: Dataset, at: date | None) -> FilterField:
    """Day the activities shown are under way; the calendar opens on the newest document's."""
    opens_on = data.as_of.isoformat() if data.as_of else ""
    value = at.isoformat() if at else None
    return FilterField(FilterControl.AT, _("Situation au"), [], value, None, opens_on)


def filter_controls(fields: Sequence[FilterField], question: Question, *, plans: bool) -> html.Div:
    """The bar: the filters of the question and those in force, the others behind a button.

    On a phone all of them are behind it.

    Parameters
    ----------
    plans
        Whether the switch that counts plans stands on.
    """
    return html.Div(
        [
            html.Div(
                [
                    *(_field_box(f, in_sight=f.is_in_sight(question)) for f in fields),
                    _plans_switch(plans),
                ],
                className="fields",
            ),
            html.Button(
                [
                    html.Span(_("Filtres"), className="on-phone"),
                    html.Span(_("Autres filtres"), className="on-desk"),
                ],
                className="fold",
                **html_attributes(data_fold="filters", aria_expanded="false"),
            ),
        ],
        id="filters",
        className="filters",
        role="search",
        **html_attributes(aria_label=_("Filtres")),
    )


def _field_box(f: FilterField, *, in_sight: bool) -> html.Div:
    folded = "" if in_sight else " folded"
    return html.Div(
        [html.Label(f.label, htmlFor=f.control.dom_id), _field_control(f)],
        className=f"field field-{f.control}{folded}",
        role="group",
        **html_attributes(aria_label=f.label),
    )


def _plans_switch(on: bool) -> html.Div:
    """Plans are counted only when asked for."""
    switch = html.Button(
        _("inclure"),
        id="control-plans",
        className="switch",
        role="switch",
        **html_attributes(
            data_flag="plans", aria_checked=str(on).lower(), aria_label=_("Inclure les plans")
        ),
    )
    folded = "" if on else " folded"
    label_box = html.Div(_("Plans"), className="label")
    return html.Div([label_box, switch], className=f"field field-plans{folded}")


def _field_control(f: FilterField) -> Any:
    if f.control is FilterControl.AT:
        return dcc.DatePickerSingle(
            id=f.control.dom_id,
            date=f.value,
            display_format="DD/MM/YYYY",
            placeholder=_("toutes dates"),
            clearable=True,
            first_day_of_week=1,
            initial_visible_month=f.everything,
        )
    many = f.control in MULTIPLE_CHOICE
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
        labels=choice_labels(),
    )


def choice_labels() -> Any:
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


def _multiple_field(
    control: FilterControl,
    label: str,
    facets: Mapping[str, Any],
    value: Iterable[str],
) -> FilterField:
    options = [
        {"label": f"{text} ({formats.number_text(count)})", "value": key}
        for key, text, count in facets.get(str(control), ())
    ]
    known = {o["value"] for o in options}
    options += [{"label": v, "value": v} for v in value if v not in known]
    return FilterField(
        control,
        label,
        options,
        list(value),
        [],
        _("toutes") if control in _FEMININE_LABELS else _("tous"),
    )


_FEMININE_LABELS = (FilterControl.SOURCE, FilterControl.ORGANISATION)


def _frame_options() -> ControlOptions:
    return [{"label": label("frame", f, full=True), "value": f} for f in FRAMES]


def _level_options(viewer: Viewer) -> ControlOptions:
    shown = [x for x in Level if not (viewer is Viewer.PUBLIC and x is Level.COMMUNE)]
    return [{"label": capitalised(label("level", x)), "value": str(x)} for x in shown]


def _year_options(span: tuple[Any, Any] | None) -> ControlOptions:
    if not span or not span[0] or not span[1]:
        return []
    return [{"label": str(y), "value": str(y)} for y in range(span[0].year, span[1].year + 1)]


def _choice_chip(words: str, hint: str, **choice: str) -> html.Button:
    """A choice in force; a click takes it back, and leaves the others as they are by then."""
    cross = html.Span("×", className="cross")
    changes = {key: {"without": value} for key, value in choice.items()}
    return html.Button([words, cross], className="chip", title=hint, **url_change(**changes))


def choices_in_force(scene: PageScene) -> list[Any]:
    """The zones, sources and years that figures are held to, and a way back to everything."""
    view, data = scene.view, scene.data
    assert data is not None
    zones, sources = view.filters.unit, view.filters.source
    shown: list[Any] = [
        *(
            _choice_chip(
                _("Zone : {name}", name=data.frames.unit_label(unit)),
                _("Revenir à tout le pays"),
                unit=unit,
            )
            for unit in zones
        ),
        *(
            _choice_chip(
                _("Source : {name}", name=label("sources", source)),
                _("Revenir à toutes les sources"),
                source=source,
            )
            for source in sources
        ),
    ]
    years = view.filters.year
    shown += [
        _choice_chip(
            _("Année : {year}", year=year),
            _("Revenir à toutes les années"),
            year=str(year),
        )
        for year in years
    ]
    if view.filters.to_query():
        keys = (*WHERE_KEYS, "at")
        gone = dict.fromkeys((*keys, "since", "until", "plans"), "")
        shown.append(
            html.Button(
                _("Enlever tous les filtres"),
                className="chip reset",
                **html_attributes(data_go=json.dumps(gone)),
            )
        )
    return shown

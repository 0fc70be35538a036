"""Two maps side by side: two indicators, two published states or two découpages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dash import html

from atlas import formats
from atlas.geo.frames import FRAMES
from atlas.i18n import N_, _
from atlas.labels import label
from atlas.layers import LAYERS
from atlas.model import Viewer
from atlas.web import map_view
from atlas.web.indicators import MAP_INDICATORS, shown_indicator
from atlas.web.map_embed import svg_address
from atlas.web.map_picture import legend_pictures, map_ground, map_notes, map_svg
from atlas.web.map_view import MapPainting
from atlas.web.page_elements import html_attributes
from atlas.web.page_state import PageScene
from atlas.web.page_tables import empty_note
from atlas.web.plain_pages import choice_field, hidden_field

COMPARE_PATH = "/maps/compare"
SCRIPT = "/assets/compare.js"
OTHER = "with."
"""Before the name of what the second map has otherwise than the first."""
MOST_STATES = 30
_CHOICES = {"indicator": N_("Indicateur"), "frame": N_("Découpage"), "state": N_("État publié")}


def other_query(query: str) -> str:
    """The question of the second map: that of the first, with what is said to differ.

    Examples
    --------
    >>> other_query("sector=health&frame=ml-2016&with.frame=ml-2012&with.state=")
    'sector=health&frame=ml-2012'
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    changes = {
        key.removeprefix(OTHER): value
        for key, value in pairs
        if key.startswith(OTHER) and key.removeprefix(OTHER) in _CHOICES
    }
    kept = [(k, v) for k, v in pairs if not k.startswith(OTHER) and k not in changes]
    return urlencode([*kept, *((key, value) for key, value in changes.items() if value)])


def why_two_legends(one: PageScene, other: PageScene) -> str:
    """Why the colours of two maps cannot mean the same; "" where they can."""
    first, second = shown_indicator(one), shown_indicator(other)
    if first is not second:
        return _("Deux légendes : les deux cartes ne montrent pas le même indicateur.")
    if first.scale and first.scale(one) != first.scale(other):
        return _("Deux légendes : les gravités ne sont pas dites dans la même échelle.")
    return ""


def comparison_parts(one: PageScene, other: PageScene) -> list[Any]:
    """The choices, both maps with their legends, and what they do not let one conclude."""
    scenes = (one, other)
    painted = [map_view.map_painting(scene) for scene in scenes]
    why = why_two_legends(one, other)
    if not why:
        values = [v for each in painted for v in each.values]
        together = map_view.painting_of_values(one, values)
        painted = [replace(together, values=each.values) for each in painted]
    ground = map_ground(one, painted[0])
    maps = [
        html.Figure(
            [
                html.Figcaption(
                    [
                        html.A(map_view.map_title(scene, each), href=f"/?{scene.view.to_query()}"),
                        *(html.P(line, className="meta") for line in _what_is_shown(scene)),
                    ]
                ),
                html.Div(
                    html.Img(
                        src=svg_address(map_svg(scene, each, ground)),
                        alt=map_view.map_title(scene, each),
                        draggable="false",
                    ),
                    className="linked-map",
                    tabIndex=0,
                    **html_attributes(data_linked="", role="group", aria_label=_zoom_help()),
                ),
                *([map_legend_section(scene, each)] if why else []),
            ]
        )
        for scene, each in zip(scenes, painted, strict=True)
    ]
    common = [] if why else [map_legend_section(one, together)]
    sources = dict.fromkeys(
        line for scene in scenes for line in map_view.source_lines(scene, with_tiles=False)
    )
    return [
        _choice_form(one, other),
        *(empty_note(line) for line in filter(None, [why, *_comparison_notes(one, other)])),
        *common,
        _zoom_buttons(),
        html.Div(maps, className="pair"),
        *(html.P(line, className="meta") for line in sources),
    ]


def _zoom_help() -> str:
    return _("Carte : + et − agrandissent et réduisent les deux, les flèches les déplacent")


def _what_is_shown(scene: PageScene) -> list[str]:
    """Découpage, state and day of a map, with its filters."""
    data = scene.data
    assert data is not None
    frame = label("frame", scene.view.frame or data.default_frame, full=True)
    state = _("État publié {hash}", hash=scene.view.state[:12]) if scene.view.state else ""
    return [" · ".join(filter(None, [frame, state])), *map_notes(scene)]


def _comparison_notes(one: PageScene, other: PageScene) -> list[str]:
    """What the two maps do not let one conclude."""
    assert one.data is not None
    assert other.data is not None
    if one.view == other.view:
        return [_("Les deux cartes sont la même : choisissez ce que la seconde a d'autre.")]
    frames = [scene.view.frame or scene.data.default_frame for scene in (one, other) if scene.data]
    if frames[0] == frames[1]:
        return []
    return [
        _(
            "Deux découpages : une zone n'a pas les mêmes limites dans l'un et l'autre, même sous "
            "le même nom."
        )
    ]


def map_legend_section(scene: PageScene, painted: MapPainting) -> html.Section:
    """The legend, with how the classes were made."""
    entries = [
        html.Li([html.Img(src=svg_address(one["svg"]), alt=""), html.Span(one["text"])])
        for one in legend_pictures(scene, painted)
    ]
    method = [line for line in map_view.legend_notes(scene, painted) if line.strip()]
    head = html.H3(_(painted.indicator.label))
    return html.Section(
        [head, html.Ul(entries), *(html.P(line, className="meta") for line in method)],
        className="map-legend",
    )


def _zoom_buttons() -> html.Div:
    """Buttons that the script brings to life; without it there are none."""
    words = {"in": _("Agrandir"), "out": _("Réduire"), "whole": _("Carte entière")}
    return html.Div(
        [
            html.Button(text, className="chip", type="button", **html_attributes(data_zoom=name))
            for name, text in words.items()
        ],
        className="actions",
        hidden=True,
        **html_attributes(data_zooms=""),
    )


def _choice_form(one: PageScene, other: PageScene) -> html.Form:
    """What each map shows; all else of the question is sent along."""
    kept = one.view.but(indicator="", frame=None, state=None).to_query()
    hidden = [hidden_field(k, v) for k, v in parse_qsl(kept) if k not in _CHOICES]
    sides = [
        html.Fieldset([html.Legend(words), *_side_choices(scene, before)])
        for words, scene, before in (
            (_("Première carte"), one, ""),
            (_("Seconde carte"), other, OTHER),
        )
    ]
    button = html.Button(_("Comparer"), className="primary", type="submit")
    return html.Form([*hidden, *sides, button], action=COMPARE_PATH, method="get")


def _side_choices(scene: PageScene, before: str) -> Iterable[html.Label]:
    """What one map may show to whoever asks."""
    view, reaches = scene.view, scene.viewer.reaches
    named = {
        name: _(one.label)
        for name, one in MAP_INDICATORS.items()
        if reaches(LAYERS[one.layer].offered_to)
    }
    assert scene.data is not None
    frames = {f: label("frame", f, full=True) for f in FRAMES}
    states = {"": _("état actuel")}
    before_now = scene.history()[1:MOST_STATES] if reaches(Viewer.EDITOR) else []
    for event in before_now:
        day = formats.day_text(event.time.date())
        states[event.hash[:12]] = _("{day} ({hash})", day=day, hash=event.hash[:7])
    chosen_state = (view.state or "")[:12]
    states.setdefault(chosen_state, chosen_state)
    shown = {
        "indicator": (named, next(n for n in named if MAP_INDICATORS[n] is shown_indicator(scene))),
        "frame": (frames, view.frame or scene.data.default_frame),
        "state": (states, chosen_state),
    }
    for key, (choices, chosen) in shown.items():
        pairs = [(text, value) for value, text in choices.items()]
        if len(pairs) > 1:
            yield choice_field(_(_CHOICES[key]), before + key, pairs, chosen)

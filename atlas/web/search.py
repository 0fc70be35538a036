"""The search box: places of any découpage and spelling, organisations, activities, figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qs

import polars as pl

from atlas import formats
from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.export.proof import page_query, parsed_code
from atlas.geo.frames import FRAMES
from atlas.geo.names import name_index, place_name_key
from atlas.geo.ranking import nearest_units, units_in_scope
from atlas.i18n import _, ngettext
from atlas.labels import label
from atlas.layers import LAYERS
from atlas.layers.pairing.entries import folded_titles
from atlas.layers.prepare import LEVELS
from atlas.model import Kind, Level
from atlas.sensitivity import finest_level
from atlas.web.indicators import MAP_INDICATORS
from atlas.web.page_state import PageScene
from atlas.web.questions import QUESTIONS, tab_in_url

FEWEST_LETTERS = 2
MOST_PLACES, MOST_OTHERS = 7, 5
"""Answers of a kind."""
LIKE_ENOUGH = 0.8
"""Likeness from which a name is offered for one that no unit has (`atlas.geo.ranking`)."""

Group = dict[str, Any]


def search_results(scene: PageScene, words: str) -> list[Group]:
    """What the words may mean, by kind.

    Returns
    -------
    list of dict
        ``head`` and ``items``, each ``text, note, go``: what of the URL a click changes.
    """
    if scene.data is None or len(words.strip()) < FEWEST_LETTERS:
        return []
    groups = (
        (_("Document"), _document_of_code(scene, words)),
        (_("Lieux"), _places(scene, scene.data, words)),
        (_("Organisations"), _organisations(scene, scene.data, words)),
        (_("Activités"), _activities(scene, scene.data, words)),
        (_("Chiffres"), _figures(scene, words)),
    )
    return [{"head": head, "items": items} for head, items in groups if items]


def _result(text: str, note: str, **go: Any) -> dict[str, Any]:
    return {
        "text": text,
        "note": note,
        "go": {"why": "", "zone": "", "org": "", "funder": "", **go},
    }


_ALWAYS_SET = ("frame", "level", "unit", "tab", "indicator", "only")
"""Keys that an address may say though they are the default: `PageView.to_query` leaves them out."""


def _document_of_code(scene: PageScene, words: str) -> list[dict[str, Any]]:
    """The page behind the code of a file, in place of what this page asks."""
    try:
        code = parsed_code(words)
    except UsageError:
        return []
    here = dict.fromkeys((*_ALWAYS_SET, *parse_qs(scene.view.to_query())), "")
    text = _("Ce dont ce document est fait, dans l'état {state}", state=code.state)
    return [_result(text, code.path, **{**here, **parse_qs(page_query(code))})]


def _levels_open(scene: PageScene) -> tuple[str, ...]:
    return LEVELS[: LEVELS.index(finest_level(scene.viewer)) + 1]


def _places(scene: PageScene, data: Dataset, words: str) -> list[dict[str, Any]]:
    """Units by name, those of the découpage shown first; one of each name and level."""
    shown = scene.view.frame or data.default_frame
    frames = (shown, *(one for one in reversed(FRAMES) if one != shown))
    found = dict[tuple[str, str], str]()
    for unit_id in _units_named(words, frames, _levels_open(scene)):
        unit = data.frames.unit_by_id(unit_id)
        found.setdefault((unit.level, place_name_key(unit.name)), unit_id)
    units = list(islice(found.values(), MOST_PLACES)) or _units_like(words, shown, scene)
    return [_place_result(scene, data, unit_id, shown) for unit_id in units]


def _units_named(words: str, frames: Iterable[str], levels: Iterable[str]) -> Iterator[str]:
    """Units whose name is the words, then begins with them, then holds them."""
    key, levels = place_name_key(words), tuple(levels)
    if not key:
        return
    indexes = [name_index(frame) for frame in frames]
    for is_it in (key.__eq__, lambda one: one.startswith(key), lambda one: key in one):
        for index in indexes:
            for unit_id, keys in index.keys.items():
                if index.level[unit_id] in levels and any(map(is_it, keys)):
                    yield unit_id


def _units_like(words: str, frame: str, scene: PageScene) -> list[str]:
    """Units of a découpage whose names are nearest to the words, where none has them."""
    ranked = sorted(
        (
            (likeness, unit_id)
            for level in _levels_open(scene)
            for likeness, unit_id in nearest_units(words, units_in_scope(level, None, frame), frame)
            if likeness >= LIKE_ENOUGH
        ),
        reverse=True,
    )
    return [unit_id for _likeness, unit_id in ranked[:MOST_PLACES]]


def _place_result(scene: PageScene, data: Dataset, unit_id: str, shown: str) -> dict[str, Any]:
    unit = data.frames.unit_by_id(unit_id)
    parent = data.frames.unit_label(unit.parent) if unit.parent else ""
    parts = [label("level", unit.level), parent]
    if unit.frame != shown:
        parts.append(label("frame", unit.frame))
    level = "" if unit.level == Level.REGION else unit.level
    frame = "" if unit.frame == data.default_frame else unit.frame
    note = ", ".join(filter(None, parts))
    return _result(unit.name, note, zone=unit_id, frame=frame, level=level, unit="")


def _organisations(scene: PageScene, data: Dataset, words: str) -> list[dict[str, Any]]:
    """Organisations by a part of their name, with how much they do."""
    known = data.facet_counts(viewer=scene.viewer)["organisation"]
    names = pl.DataFrame(known, schema=["value", "label", "count"], orient="row")
    held = _holding(names["value"] + " " + names["label"], words)
    return [
        _result(
            name,
            ngettext("{shown} entrée", "{shown} entrées", n, shown=formats.number_text(n)),
            organisation=[value],
            org=value,
            tab="",
            indicator="",
        )
        for value, name, n in names.filter(held).head(MOST_OTHERS).iter_rows()
    ]


def _activities(scene: PageScene, data: Dataset, words: str) -> list[dict[str, Any]]:
    """Activities by words of their title, as the viewer may read it; a click opens their zone."""
    level = min(Level(scene.view.level), finest_level(scene.viewer), key=LEVELS.index)
    frame = scene.view.frame or data.default_frame
    asked = data.filtered_scope(scene.view.filters, frame, level, scene.viewer)
    titled = asked.activities.filter(pl.col("kind") != Kind.PRESENCE).drop_nulls("title")
    found = titled.filter(_holding(titled["title"], words)).head(MOST_OTHERS)
    places = asked.placement_rows.join(asked.unit_rows.with_row_index("target"), on="target")
    results = []
    for row in found.iter_rows(named=True):
        here = places.filter(a=row["a"]).head(1)
        zone = here.filter(~pl.col("is_reserved"))["unit_id"].to_list()
        opens = {"zone": zone[0]} if zone else {"tab": "activities", "indicator": ""}
        results.append(_result(row["title"], ", ".join(here["unit_name"]), **opens))
    return results


def _holding(texts: pl.Series, words: str) -> pl.Series:
    """Whether each text has all of the words, whatever their case and accents."""
    folded, kept = folded_titles(texts), pl.repeat(value=True, n=texts.len(), eager=True)
    for word in folded_titles(pl.Series([words]))[0].split():
        kept &= folded.str.contains(word, literal=True)
    return kept


def _figures(scene: PageScene, words: str) -> list[dict[str, Any]]:
    """What the map can show, with its question."""
    offered = [
        (_(one.title), _(question.words), name, question.tabs[0])
        for question in QUESTIONS
        for name in question.indicators
        if scene.viewer.reaches(LAYERS[(one := MAP_INDICATORS[name]).layer].offered_to)
    ]
    texts = pl.Series([f"{title} {question}" for title, question, *_rest in offered])
    held = _holding(texts, words).to_list()
    found = [one for one, is_held in zip(offered, held, strict=True) if is_held]
    return [
        _result(title, question, indicator=name, tab=tab_in_url(tab), only="")
        for title, question, name, tab in found[:MOST_OTHERS]
    ]

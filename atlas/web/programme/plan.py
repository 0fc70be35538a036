"""The programme that the page shows: as published, and with the draft of the URL over it."""

from __future__ import annotations

import polars as pl

from atlas.layers import LAYERS
from atlas.layers.options import settings
from atlas.layers.perimeter import Programme, define
from atlas.web.desk import Scene

LAYER = "programme"
DRAFTS = ("perimeter", "components")
CLEARED = {f"{LAYER}.{name}": "" for name in DRAFTS}
"""Changes of the URL that give a draft up."""


def shown(scene: Scene) -> Programme:
    """The programme as the page shows it, the draft included.

    Raises
    ------
    UsageError
        The URL names a programme that nobody knows.
    """
    return _defined(scene, scene.view.options_of(LAYER))


def published(scene: Scene) -> Programme:
    """The programme as the snapshot defines it."""
    said = scene.view.options_of(LAYER)
    return _defined(scene, {k: v for k, v in said.items() if k not in DRAFTS})


def is_drafting(scene: Scene) -> bool:
    """Whether what the page shows is not what is published."""
    drafted, stands = shown(scene), published(scene)
    return set(drafted.units) != set(stands.units) or drafted.sectors != stands.sectors


def names(scene: Scene) -> dict[str, str]:
    """Programmes that the page may show: id → what people call it."""
    from atlas.layers.perimeter import programmes
    from atlas.vocab import label
    from atlas.vocab.programmes import programme_id

    assert scene.data is not None
    facts = scene.tables.context.filter(pl.col("kind").is_in(["programme", "components"]))
    words = {programme_id(name): name for name in facts["indicator"].drop_nulls().unique().sort()}
    known = {one: label("programmes", one) for one in programmes(scene.tables.context)}
    return {one: words.get(one, one) if name == one else name for one, name in known.items()}


def _defined(scene: Scene, said: dict[str, str]) -> Programme:
    assert scene.data is not None
    day = scene.view.filters.at or scene.data.as_of
    return define(scene.tables.context, day, settings(LAYERS[LAYER].options, said))

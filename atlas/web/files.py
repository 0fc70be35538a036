"""The files behind the download links, written by `atlas.export`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from atlas.answers import Answer
from atlas.errors import UsageError
from atlas.export import FORMATS, encode
from atlas.export.exchange import exchange
from atlas.i18n import _
from atlas.layers import LAYERS
from atlas.sensitivity import finest_level
from atlas.web import behind, downloads, drawn, quality, zones
from atlas.web.desk import Scene, ask
from atlas.web.indicators import shown_indicator


def content(scene: Scene, name: str, kind: str) -> tuple[bytes, str]:
    """Bytes of a file, and its name.

    Raises
    ------
    UsageError
        No such file, no such format, nothing published yet, or a filter that cannot be read.
    """
    if scene.problem:
        raise scene.problem
    file = downloads.FILES.get(name)
    if file is None or kind not in file.formats or scene.data is None:
        raise UsageError(
            _("Fichier « {name} » inconnu", name=f"{name}.{kind}"),
            "",
            _("Fichiers : {names}.", names=", ".join(downloads.FILES)),
        )
    answer = ANSWERS[name](scene)
    day = scene.data.as_of.isoformat() if scene.data.as_of else ""
    stem = "-".join(part for part in ("atlas-mali", name, answer.frame, answer.level, day) if part)
    return encode(answer, kind), stem + FORMATS[kind].extension


def _map(scene: Scene) -> Answer:
    return ask(scene, shown_indicator(scene).layer)


def _zones(scene: Scene) -> Answer:
    return replace(ask(scene, "presence"), table=zones.zone_table(scene))


def _activities(scene: Scene) -> Answer:
    assert scene.data is not None
    view = scene.view
    return scene.data.activities(view.filters, view.frame, view.level, scene.viewer)


def _with_places(scene: Scene) -> Answer:
    """The activities with a row for each of their places, as finely as may be told."""
    assert scene.data is not None
    view = scene.view
    return exchange(scene.data, view.filters, view.frame, finest_level(scene.viewer), scene.viewer)


def _quality(scene: Scene) -> Answer:
    return replace(ask(scene, "presence"), layer="quality", table=quality.quality_table(scene))


ANSWERS: dict[str, Callable[[Scene], Answer]] = {
    "carte": _map,
    "zones": _zones,
    "activites": _activities,
    "activites-lieux": _with_places,
    **{one.file: partial(drawn.answer, layer=one.name) for one in LAYERS.values() if one.file},
    "pourquoi": behind.behind,
    "qualite": _quality,
}
"""What each of `atlas.web.downloads.FILES` holds."""

"""A question put to a snapshot: checked before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.i18n import _
from atlas.layers import LAYERS
from atlas.layers.layer import Layer
from atlas.model import RESERVED, STATUSES, Level, Viewer
from atlas.vocab import entries

if TYPE_CHECKING:
    from atlas.geo.frames import Frames


@dataclass(frozen=True)
class Question:
    """All that an answer depends on beside the snapshot: the key of the cache."""

    layer: str
    filters: Filters
    frame: str
    level: Level
    viewer: Viewer
    options: tuple[tuple[str, str], ...]
    language: str
    boundaries: str  # those in force, where drawn facts are laid over them


def layer_named(name: str) -> Layer:
    """The layer of that name; `UsageError` names those there are."""
    if name not in LAYERS:
        raise _unknown(_("Couche « {name} » inconnue", name=name), LAYERS)
    return LAYERS[name]


def check_place(frame: str, level: str) -> Level:
    """The level asked for, in a découpage that is known.

    Raises
    ------
    UsageError
        Unknown découpage or level; the valid ones are named.
    """
    from atlas.geo.frames import FRAMES

    if frame not in FRAMES:
        raise _unknown(_("Découpage « {name} » inconnu", name=frame), FRAMES)
    if level not in list(Level):
        raise _unknown(_("Niveau « {name} » inconnu", name=level), Level)
    return Level(level)


def check_filters(filters: Filters, frames: Frames) -> None:
    """Let filters pass whose values are of the vocabularies and units known.

    Raises
    ------
    UsageError, UnknownUnitError
        A value that would filter everything out without a word.
    """
    for value in filters.source:
        known = entries("sources")["id"].to_list()
        if value not in known:
            raise _unknown(_("Source « {name} » inconnue", name=value), known)
    for value in filters.status:
        if value not in STATUSES:
            raise _unknown(_("Statut « {name} » inconnu", name=value), STATUSES)
    sectors = entries("sectors")["id"].to_list() if filters.sector else []
    for value in filters.sector:
        if value not in sectors:
            raise _unknown(_("Secteur « {name} » inconnu", name=value), sectors)
    for unit_id in filters.unit:
        if unit_id not in RESERVED:
            frames.unit(unit_id)


def _unknown(what: str, valid: Iterable[object]) -> UsageError:
    return UsageError(what, "", _("Valeurs possibles : {names}.", names=", ".join(map(str, valid))))

"""Labels that unite units: « Gao / Ménaka », « Tombouctou – Taoudénit »."""

from __future__ import annotations

import re
from functools import lru_cache

from atlas.geo.frames import FRAMES, frames
from atlas.geo.names import names

SEPARATORS = re.compile(r"\s*(?:/|–|—|&|\+|\s-\s|-)\s*")


@lru_cache(maxsize=4096)
def united(label: str, frame: str) -> str | None:
    """The older unit that all units of a label came from.

    Parameters
    ----------
    label
        Two or more régions with a slash or dash between them.
    frame
        Frame of the document.

    Returns
    -------
    str or None
        The unit whose communes are exactly those of the régions named together; ``None``
        when the label is something else.

    Examples
    --------
    >>> united("Tombouctou – Taoudénit", "ml-2016")
    'ml-2012/ML06'
    >>> united("Gao / Kidal", "ml-2016") is None
    True
    """
    parts = [p for p in SEPARATORS.split(label) if p]
    if len(parts) < 2:
        return None
    for parts_frame in dict.fromkeys((frame, *reversed(FRAMES))):
        units = [region_named(part, parts_frame) for part in parts]
        known = [u for u in units if u is not None]
        if len(known) == len(set(parts)) == len(units):
            return _whole(known, parts_frame)
    return None


def region_named(text: str, frame: str) -> str | None:
    """The région of a frame with this very name or alias."""
    _how, found = names(frame).find("region", text)
    return found[0] if len(found) == 1 else None


def _whole(parts: list[str], frame: str) -> str | None:
    together = frozenset().union(*(frames().communes(u) for u in parts))
    for older in reversed(FRAMES[: FRAMES.index(frame)]):
        for unit_id in frames().at(older, "region")["unit_id"]:
            if frames().communes(unit_id) == together:
                return str(unit_id)
    return None

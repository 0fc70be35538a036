"""What units of whatever découpages say of each other."""

from __future__ import annotations

from atlas.geo.frames import frames
from atlas.model import COARSER, NOT_CONVERTIBLE


def lies_in(unit_id: str, area: str) -> bool | None:
    """Whether a unit lies in another, of whatever découpages; ``None`` if they cannot say."""
    holder = frames().unit(area)
    found = frames().convert(unit_id, holder.frame, holder.level)
    return None if found in (COARSER, NOT_CONVERTIBLE) else found == area


def compatible(unit_id: str, said: str) -> bool:
    """Whether a unit and what a row says of the place can both be true."""
    verdicts = (lies_in(unit_id, said), lies_in(said, unit_id))
    return True in verdicts or False not in verdicts

"""Reading place codes: which unit a p-code means in a frame, and which codes are none.

A code is well formed when it is ``ML`` (or ``MLI``, the ISO 3 letters some lists use) and
the two, four or six digits that the level of its column asks for, *and* a published COD
version has it. So ``ML0901`` in a column of régions (a cercle's code) and ``MLI11`` (no
région of any version) are malformed, ``MLI05`` is ML05. A malformed code is no evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from atlas.geo.frames import FRAMES, frames

_FORM = re.compile(r"MLI?(\d{6}|\d{4}|\d{2})")
_ISO = re.compile(r"ML-(\d{1,2}|BKO)")
_DIGITS = {"region": 2, "cercle": 4, "commune": 6}
CODES_UNKNOWN_IN = ("ml-2023",)
"""Frames whose own p-codes (COD v03) are not at hand: an older code proves nothing there."""

Found = tuple[str, dict[str, object]]


@dataclass(frozen=True)
class CodeReading:
    """What a code cell says.

    Attributes
    ----------
    unit_id
        The unit meant, possibly of another frame; ``None`` when the code is no evidence.
    findings
        ``place_code_malformed`` or ``place_code_padded``, with the code as it stands.
    """

    unit_id: str | None
    findings: tuple[Found, ...] = ()


@cache
def _units_of_code() -> dict[str, list[tuple[str, bool]]]:
    found: dict[str, list[tuple[str, bool]]] = {}
    for unit_id, _scheme, code, same in frames().codes.iter_rows():
        found.setdefault(code, []).append((unit_id, same))
    return found


def read_code(raw: str, level: str, frame: str) -> CodeReading:
    """The unit that a code of a level means in a frame.

    Parameters
    ----------
    raw
        The cell as it stands, spaces included.
    level
        Level of the column.
    frame
        The frame of the document.
    """
    if not raw.strip():
        return CodeReading(None)
    code = re.sub(r"\s+", "", raw).upper()
    findings: tuple[Found, ...] = ()
    if raw != raw.strip():
        findings = (("place_code_padded", {"code": raw}),)
    form = _FORM.fullmatch(code)
    if form and len(form[1]) == _DIGITS[level]:
        code = f"ML{form[1]}"
    elif not (level == "region" and _ISO.fullmatch(code)):
        return CodeReading(None, (*findings, ("place_code_malformed", {"code": raw.strip()})))
    known = _units_of_code().get(code)
    if known is None:
        return CodeReading(None, (*findings, ("place_code_malformed", {"code": raw.strip()})))
    if frame in CODES_UNKNOWN_IN and not _ISO.fullmatch(code):
        return CodeReading(None, findings)
    return CodeReading(_best(known, frame), findings)


def _best(known: list[tuple[str, bool]], frame: str) -> str | None:
    """The unit whose territory is the code's: of this frame, else of the newest other."""
    own = sorted({u for u, same in known if same and u.startswith(frame + "/")})
    if own:
        return own[0]
    for other in reversed(FRAMES):
        units = sorted({u for u, same in known if same and u.startswith(other + "/")})
        if units and other not in CODES_UNKNOWN_IN:
            return units[0]
    return None

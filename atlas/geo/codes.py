"""Reading place codes: which unit a p-code means in a frame, and which codes are none.

A code is well formed when it is ``ML`` (or ``MLI``, the ISO 3 letters some lists use) and
the two, four or six digits that the level of its column asks for, *and* a published COD
version has it. So ``ML0901`` in a column of régions (a cercle's code) and ``MLI11`` (no
région of any version) are malformed, ``MLI05`` is ML05. A malformed code is no evidence.

One slip is mended where only one published code can be meant, and said: a digit lost
(``ML501`` for ML0501), the letter O for a zero. The same number means different places in
different versions (ML0102 is Diéma in 2019, Bafoulabé in v03), so a code is read in the
frame of its document; `frame_of` finds it from the codes around.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from atlas.geo.frames import FRAMES, frames

_FORM = re.compile(r"MLI?(\d{6}|\d{4}|\d{2})")
_NEAR_FORM = re.compile(r"MLI?([0-9O]{1,6})")
_ISO = re.compile(r"ML-(\d{1,2}|BKO)")
_DIGITS = {"region": 2, "cercle": 4, "commune": 6}
CODES_UNKNOWN_IN = ("ml-2023",)
"""Frames whose own p-codes (COD v03) are not at hand: an older code proves nothing there."""
LONGEST = 40
"""Characters of a code cell that are read and shown."""
_REGIONS_2021 = 10

Found = tuple[str, dict[str, object]]


class CodeReading(NamedTuple):
    """What a code cell says.

    Attributes
    ----------
    unit_id
        The unit meant, possibly of another frame; ``None`` when the code is no evidence.
    findings
        ``place_code_malformed``, ``place_code_mended`` or ``place_code_padded``, with the
        code as it stands.
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
    code = re.sub(r"\s+", "", raw[:LONGEST]).upper()
    findings: tuple[Found, ...] = ()
    if re.search(r"\s", raw):
        findings = (("place_code_padded", {"code": raw[:LONGEST]}),)
    known, mended = _published(code, level)
    if known is None:
        shown = raw.strip()[:LONGEST]
        return CodeReading(None, (*findings, ("place_code_malformed", {"code": shown})))
    if mended:
        said: Found = ("place_code_mended", {"code": raw.strip(), "read": known})
        findings = (*findings, said)
    if frame in CODES_UNKNOWN_IN and not _ISO.fullmatch(known):
        return CodeReading(None, findings)
    return CodeReading(_best(_units_of_code()[known], frame), findings)


def _published(code: str, level: str) -> tuple[str | None, bool]:
    """The published code of a level that this is, and whether it took mending."""
    if level == "region" and _ISO.fullmatch(code):
        return (code, False) if code in _units_of_code() else (None, False)
    form = _FORM.fullmatch(code)
    if form and len(form[1]) == _DIGITS[level]:
        whole = f"ML{form[1]}"
        return (whole, False) if whole in _units_of_code() else (None, False)
    return _mended(code, level), True


def _mended(code: str, level: str) -> str | None:
    """The one published code of a level that this is but for one slip."""
    form = _NEAR_FORM.fullmatch(code)
    if form is None:
        return None
    digits = form[1].replace("O", "0")
    if len(digits) == _DIGITS[level]:
        meant = {f"ML{digits}"}
    elif len(digits) == _DIGITS[level] - 1:
        meant = {
            f"ML{digits[:at]}{digit}{digits[at:]}"
            for at in range(len(digits) + 1)
            for digit in "0123456789"
        }
    else:
        return None
    published = meant & _units_of_code().keys()
    return published.pop() if len(published) == 1 else None


def frame_of(codes: Iterable[str]) -> str | None:
    """The frame that the codes of a table speak of, where they tell.

    Parameters
    ----------
    codes
        Codes of régions, cercles and communes as written.

    Returns
    -------
    str or None
        ``ml-2023`` where a number is above the régions of 2021; else the frame of the one
        COD version that has published all their régions and cercles; ``None`` where both
        or neither have.

    Examples
    --------
    >>> frame_of(["ML0701", "ML1003"]), frame_of(["ML0704"]), frame_of(["ML0501"])
    ('ml-2016', 'ml-2012', None)
    """
    forms = (_FORM.fullmatch(re.sub(r"\s+", "", code).upper()) for code in codes)
    stated = {form[1][:4] for form in forms if form}
    if any(int(digits[:2]) > _REGIONS_2021 for digits in stated):
        return CODES_UNKNOWN_IN[0]
    fits = [
        frame
        for scheme, frame in (("cod-2019", "ml-2012"), ("cod-2021", "ml-2016"))
        if all(f"ML{digits}" in _codes_of(scheme) for digits in stated)
    ]
    return fits[0] if len(fits) == 1 else None


@cache
def _codes_of(scheme: str) -> frozenset[str]:
    rows = frames().codes
    return frozenset(rows.filter(rows["scheme"] == scheme)["code"])


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

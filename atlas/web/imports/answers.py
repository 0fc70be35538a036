"""What the person says of a file, checked before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from atlas.errors import UsageError
from atlas.geo.frames import check_frame
from atlas.i18n import _
from atlas.ingest.controls import controls_of, rows_of
from atlas.web.imports.drafts import Told
from atlas.web.imports.words import sources


def changes_of(now: Told, said: Mapping[str, Any]) -> dict[str, Any]:
    """Changes to `Told` that an answer asks for; what is not understood is left out.

    Raises
    ------
    UsageError
        No such source or découpage, or a date that is none.
    """
    changes: dict[str, Any] = {}
    if "source" in said:
        changes["source"] = known_source(str(said["source"]))
    if "as_of" in said:
        changes["as_of"] = day_of(str(said["as_of"]))
    if "frame" in said:
        changes["frame"] = str(said["frame"])
        if changes["frame"]:
            check_frame(changes["frame"])
    if "control" in said:
        changes["controls"] = [*now.controls, *_control(str(said["control"]))]
    if "controls" in said:
        changes["controls"] = []
    for key in ("kept", "replacing"):
        if key in said:
            changes[key] = said[key] is True
    for key in ("columns", "places"):
        if isinstance(said.get(key), dict):
            added = {str(k): str(v) for k, v in said[key].items()}
            changes[key] = {**getattr(now, key), **added}
    return changes


def _control(text: str) -> list[dict[str, str]]:
    """A published total as typed, ``Projets = 324``; it never names a file to open."""
    if not text.strip():
        return []
    if "=" not in text or re.search(r"[/\\]", text):
        raise UsageError(
            _("Total publié incompris"),
            _("« {text} » n'est pas NOM = CHIFFRE", text=text),
            _("Écrivez par exemple : Projets QIP = 324, ou Budget = 12 106 353 USD."),
        )
    return rows_of(controls_of([text]))


def known_source(said: str) -> str:
    """The source or kind of context of that code, if there is one."""
    if said not in sources():
        raise UsageError(_("Source « {name} » inconnue", name=said))
    return said


def day_of(text: str) -> str:
    """A day as people write it, in ISO form; "" for nothing.

    Examples
    --------
    >>> day_of("30/06/2017"), day_of("2017-06-30"), day_of(" ")
    ('2017-06-30', '2017-06-30', '')
    """
    written = text.strip()
    if not written:
        return ""
    french = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", written)
    try:
        if french:
            day, month, year = map(int, french.groups())
            return date(year, month, day).isoformat()
        return date.fromisoformat(written).isoformat()
    except ValueError as error:
        raise UsageError(
            _("Date illisible"),
            _("« {text} » n'est pas une date", text=written),
            _("Écrivez-la JJ/MM/AAAA, par exemple 30/06/2017."),
        ) from error

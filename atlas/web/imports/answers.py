"""What the person says of a file, checked before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from atlas.errors import UsageError
from atlas.geo.frames import check_frame
from atlas.i18n import _
from atlas.ingest.controls import Control, checked, rows_of
from atlas.web.imports.told import Told
from atlas.web.imports.words import sources

Answers = Mapping[str, Mapping[str, str]]
_CONTROL = ("name", "published", "currency", "region", "cercle", "commune", "period")


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
    if isinstance(said.get("control"), dict):
        changes["controls"] = [*now.controls, *_control(said["control"])]
    if isinstance(gone := said.get("control_gone"), int):
        changes["controls"] = [c for n, c in enumerate(now.controls) if n != gone]
    for key in ("kept", "replacing", "stopped", "forgetting"):
        if key in said:
            changes[key] = said[key] is True
    if isinstance(said.get("columns"), dict):
        added = {str(heading): str(field) for heading, field in said["columns"].items()}
        changes["columns"] = {**now.columns, **added}
    if isinstance(said.get("decide"), dict):
        changes["decided"] = _decided(now.decided, said["decide"])
    return changes


def _decided(now: Answers, said: Mapping[str, Any]) -> Answers:
    """Answers by kind and wording with those added; ``None`` takes one back."""
    found = {kind: dict(answers) for kind, answers in now.items()}
    for kind, answers in said.items():
        if not isinstance(answers, dict):
            continue
        own = found.setdefault(str(kind), {})
        for wording, value in answers.items():
            if value is None:
                own.pop(str(wording), None)
            else:
                own[str(wording)] = str(value)
    return found


def _control(said: Mapping[str, Any]) -> list[dict[str, str]]:
    """A published total as the page's form says it; none while nothing is written."""
    words = {key: str(said.get(key) or "").strip() for key in _CONTROL}
    if not words["published"]:
        return []
    if not words["name"]:
        words["name"] = _("Budget") if words["currency"] else _("Activités")
    return rows_of([checked(Control(**words), words["name"])])


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

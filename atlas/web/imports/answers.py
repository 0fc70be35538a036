"""What the person says of a file, checked before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from atlas.errors import ChangedError, UsageError
from atlas.geo.frames import check_frame
from atlas.i18n import _
from atlas.ingest.controls import Control, checked, rows_of
from atlas.web.imports.told import Told
from atlas.web.imports.words import sources

MARK = 64
"""Longest mark of a window or of a sending."""
Answers = Mapping[str, Mapping[str, str]]
_LIST = ("controls",)
"""What is added to it or taken from it is kept beside what others add or take."""
_WORDS = ("source", "as_of", "frame")
_SWITCHES = ("kept", "replacing", "stopped", "forgetting")
_CONTROL = ("name", "published", "currency", "region", "cercle", "commune", "period")


def heard(now: Told, said: Mapping[str, Any]) -> dict[str, Any]:
    """Changes to `Told` that an answer asks for, with which answer it is.

    Two windows may answer at once: what each says is kept, unless both speak of the same thing.
    Then the first counts, and the second is told, with what it said.

    Parameters
    ----------
    said
        The answer, with ``by`` (the mark of the window) and ``seen`` (how many answers it showed;
        absent: it does not say).

    Raises
    ------
    UsageError
        No such source or découpage, or a date that is none.
    ChangedError
        Another window answered otherwise about the same, after what this one showed.
    """
    by, seen = window_of(said), said.get("seen")
    changes = changes_of(now, said)
    before, after = asdict(now), {**asdict(now), **changes}
    paths = _paths(said)
    for path in paths:
        number, window = now.heard.get("\n".join(path), (0, ""))
        unseen = isinstance(seen, int) and number > seen and window != by
        stands, wanted = _at(before, path), _at(after, path)
        if unseen and stands != wanted and path != _LIST:
            raise ChangedError(
                _("Réponse non enregistrée : « {said} »", said=_in_words(wanted)),
                _("une autre fenêtre a répondu « {said} » entre-temps", said=_in_words(stands)),
                _("Redonnez la vôtre si elle doit l'emporter."),
            )
    number = now.answers + 1
    marks = {"\n".join(path): [number, by] for path in paths}
    return {**changes, "answers": number, "heard": {**now.heard, **marks}}


def window_of(said: Mapping[str, Any]) -> str:
    """The mark of the window that says this, "" where it has none."""
    return str(said.get("by") or "")[:MARK]


def _paths(said: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What an answer is about: ``kept``, a column by its heading, a question by its wording."""
    paths: list[tuple[str, ...]] = [(key,) for key in (*_WORDS, *_SWITCHES) if key in said]
    if "control" in said or "control_gone" in said:
        paths.append(_LIST)
    columns, decide = (said.get(key) for key in ("columns", "decide"))
    paths += [("columns", str(one)) for one in columns] if isinstance(columns, dict) else []
    for kind, answers in decide.items() if isinstance(decide, dict) else ():
        words = answers if isinstance(answers, dict) else ()
        paths += [("decided", str(kind), str(one)) for one in words]
    return paths


def _at(told: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What is said there; ``None`` where nothing is."""
    found: Any = told
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    return str(value) if value else _("rien")


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
        added = [one for one in _control(said["control"]) if one not in now.controls]
        changes["controls"] = [*now.controls, *added]
    if isinstance(gone := said.get("control_gone"), dict):
        changes["controls"] = [one for one in now.controls if one != gone]
    for key in _SWITCHES:
        if key in said:
            changes[key] = said[key] is True
    if isinstance(said.get("columns"), dict):
        fields = {str(heading): str(field) for heading, field in said["columns"].items()}
        changes["columns"] = {**now.columns, **fields}
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

"""Studies: long texts about a place or a question, without a list of activities.

A study is recognised so that it is not an error: it has no activity to read, and what it
tells of access or needs comes in through ``atlas context add``.
"""

from __future__ import annotations

import re
from datetime import date

from atlas.i18n import _
from atlas.ingest.parsing.dates import date_in
from atlas.ingest.reading import Document, Finding, Reading
from atlas.ingest.sources import Options, load_spec, pnud, state_plan
from atlas.ingest.sources._prose import (
    MONTH,
    TextLine,
    lines_of,
    not_this_kind_error,
    squeeze_spaces,
)
from atlas.model import Outcome, Reader

SPEC = load_spec(__name__)
LONG = 20_000
"""Characters: a shorter text is a note, which nobody takes for a study."""

_PARTS = tuple(re.compile(rf"\b{part}\b", re.IGNORECASE) for part in SPEC.data["parts"])
_COLLECTED = re.compile(
    rf"\b(?:collecte|visites?|enquêtes?|entretiens)\b[^.\n]{{0,80}}?({MONTH} \d{{4}})",
    re.IGNORECASE,
)
_TITLE = re.compile(r"\s*\*{1,2}([^*]{20,300})\*{1,2}", re.DOTALL)


def sniff(document: Document) -> float:
    """How surely this is a study: long prose with its parts, and no table of activities.

    Never more than 0.7, so that a source that recognises its own table goes first.
    """
    text = document.text
    if text is None or len(text) < LONG:
        return 0.0
    lines = lines_of(document)
    if (
        state_plan.plan_header_index(lines) is not None
        or pnud.work_plan_header_index(lines) is not None
    ):
        return 0.0
    if sum(line.text.count("\t") for line in lines) > len(lines):
        return 0.0
    found = sum(1 for part in _PARTS if part.search(text))
    return 0.7 if found >= len(_PARTS) - 2 else 0.0


def read(document: Document, options: Options) -> Reading:
    """No activity, every line context, and where its facts go.

    Parameters
    ----------
    document
        The text.
    options
        Its date, when the person gives it; else that of its field work.

    Returns
    -------
    Reading
        No records; the finding ``context_document``.

    Raises
    ------
    UnusableFileError
        A workbook or table, or a text that is dated nowhere.
    """
    if document.text is None:
        raise not_this_kind_error(document, _("une étude est un texte"))
    lines = lines_of(document)
    return Reading(
        reader=Reader.STUDY,
        title=_title_in(document.text) or document.file,
        as_of=options.as_of or _as_of(document, lines),
        frame=options.frame or "",
        outcomes=tuple((line.locator, Outcome.CONTEXT) for line in lines),
        findings=(Finding("context_document"),),
        origin=SPEC.origin,
    )


def _title_in(text: str) -> str:
    found = _TITLE.search(text[:3000])
    return squeeze_spaces(found.group(1)) if found else ""


def _as_of(document: Document, lines: list[TextLine]) -> date:
    """Last day of the month its field work ended in, else of the first date it tells."""
    found = _COLLECTED.search(document.text or "")
    day = date_in(found.group(1)) if found else None
    if day is None:
        day = next((told for line in lines if (told := date_in(line.text))), None)
    if day is None:
        raise not_this_kind_error(document, _("le texte n'est daté nulle part : précisez --as-of"))
    return day

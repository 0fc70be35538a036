"""Fiches as one PDF: a page for each zone, and contents where there are several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from atlas.export.fiche import FicheQuestion, fiche_content
from atlas.export.notice import BOUNDARIES
from atlas.export.typesetting import typeset_document
from atlas.geo.frames import LEVELS
from atlas.i18n import _, current_language, ngettext
from atlas.labels import label

TEMPLATE = Path(__file__).with_name("fiche.typ")


def fiche_pdf(
    question: FicheQuestion,
    units: Sequence[str],
    progress: Callable[[str], None] = lambda _name: None,
) -> bytes:
    """The pages of these zones.

    Parameters
    ----------
    progress
        Told the name of each zone before its page is made.

    Raises
    ------
    UnknownUnitError, ForbiddenError
        No such zone, or one that the viewer may not see.
    """
    pages = []
    for unit_id in units:
        progress(question.dataset.frames.unit_by_id(unit_id).name)
        pages.append(fiche_content(question, unit_id))
    return typeset_pages(pages, _contents(question, units, pages))


def _contents(
    question: FicheQuestion, units: Sequence[str], pages: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """What stands before and around the pages."""
    first = question.dataset.frames.unit_by_id(units[0])
    title = _("Fiche : {name}", name=first.name)
    if len(units) > 1:
        title = _("Fiches : {name}", name=first.name)
    levels = [LEVELS.index(question.dataset.frames.unit_by_id(one).level) for one in units]
    for page, level in zip(pages, levels, strict=True):
        page["level"] = level - min(levels)
    note = " · ".join([
        ngettext("{n} zone", "{n} zones", len(units)), label("frame", first.frame),
        *(pages[0]["head"][one] for one in ("situation", "view")),
    ])  # fmt: skip
    heads = [_("Zone"), _("Activités"), _("Organisations"), _("État"), _("Page")]
    contents = {"note": note, "heads": heads, "boundaries": _(BOUNDARIES)}
    newest = question.dataset.as_of
    return {
        "lang": current_language(),
        "title": title,
        "author": _("Atlas du Mali : qui fait quoi, où"),
        "contents": contents if len(units) > 1 else None,
        "day": newest.isoformat() if newest else "",
    }


def typeset_pages(pages: Sequence[dict[str, Any]], around: dict[str, Any]) -> bytes:
    """Lay pages out; the same data give the same bytes, whatever the day."""
    return typeset_document(TEMPLATE, {**around, "pages": list(pages)})

"""What an import adds, changes and leaves out, as the terminal shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from atlas.findings import finding_sentence
from atlas.i18n import _, ngettext
from atlas.model import AMOUNT_KINDS
from atlas.shares import minor_unit_digits

if TYPE_CHECKING:
    from atlas.store import DocumentUpdate

SHOWN_CHANGES = 12
"""Lines of each sort on a terminal; ``--json`` holds them all."""
CHANGE_LISTS = ("added_activities", "changed_fields", "gone_activities")
_LONG = 60
_AMOUNT = re.compile(r"(-?\d+) (\S+) ([\d-]*)/([\d-]*)")


def with_changes(
    entries: Sequence[Mapping[str, Any]],
    documents: Sequence[str],
    updates: Mapping[str, DocumentUpdate],
) -> list[dict[str, Any]]:
    """Report entries of an import, each with what its document changes.

    Parameters
    ----------
    entries
        One a file; those with an ``error`` have no document.
    documents
        Ids of the documents of the others, in the same order.
    updates
        As `atlas.store.Store.planned_updates` gives them.

    Returns
    -------
    list of dict
        With ``changes`` (the three counts), ``added_activities``, ``changed_fields`` (one
        entry per field that differs), ``gone_activities`` (``kept``: still published, marked)
        and ``notes`` (sentences on what other documents mean for it); ``findings`` count
        those too.
    """
    read = iter(documents)
    return [
        {**entry, **_change_lists(None if entry["error"] else updates[next(read)], entry)}
        for entry in entries
    ]


def _change_lists(update: DocumentUpdate | None, entry: Mapping[str, Any]) -> dict[str, Any]:
    if update is None:
        nothing = {"added": 0, "changed": 0, "gone": 0}
        return {"changes": nothing, **{key: [] for key in CHANGE_LISTS}, "notes": []}
    several = dict(update.findings.group_by("code").len().iter_rows())
    return {
        "findings": dict(sorted({**entry["findings"], **several}.items())),
        "changes": update.change_counts(),
        "added_activities": update.added.to_dicts(),
        "changed_fields": [_in_major(one) for one in update.changed.to_dicts()],
        "gone_activities": update.gone.to_dicts(),
        "notes": [finding_sentence(code, params) for code, params in update.findings.iter_rows()],
    }


def print_changes(entry: Mapping[str, Any]) -> None:
    """Added, changed field by field, and gone activities of one document."""
    counts = entry["changes"]
    for sentence in entry.get("notes", ()):
        print(f"  ! {sentence}")
    if not any(counts.values()):
        published = entry["activities"] or entry["outcomes"].get("aggregate")
        none = _("aucune activité dans ce fichier")
        print("  " + (_("rien de nouveau : déjà publié ainsi") if published else none))
        return
    said = _("Activités nouvelles : {added} · changées : {changed} · absentes : {gone}", **counts)
    print(f"  {said}")
    if counts["changed"] or counts["gone"]:  # a first import adds all there is
        _print_some("+", [one["title"] for one in entry["added_activities"]])
    _print_some("~", [_change_line(one) for one in entry["changed_fields"]])
    _print_some("−", [one["title"] for one in entry["gone_activities"]])
    kept = sum(one["kept"] for one in entry["gone_activities"])
    if kept:
        print(
            "    "
            + ngettext(
                "{n} reste publiée, marquée absente ; pour la retirer : --replace",
                "{n} restent publiées, marquées absentes ; pour les retirer : --replace",
                kept,
            )
        )


def _in_major(one: dict[str, Any]) -> dict[str, Any]:
    """A changed amount in the units people write: minor ones are the tables' own."""
    if one["field"] not in AMOUNT_KINDS:
        return one
    return {**one, **{side: _amounts_in_major(one[side]) for side in ("before", "after")}}


def _amounts_in_major(text: str | None) -> str | None:
    return _AMOUNT.sub(_amount_in_major, text) if text else text


def _amount_in_major(found: re.Match[str]) -> str:
    minor, currency, since, until = found.groups()
    digits = minor_unit_digits(currency)
    value = Decimal(minor).scaleb(-digits)
    period = f" ({since or '…'}/{until or '…'})" if since or until else ""
    return f"{value:.{digits}f} {currency}{period}"


def _change_line(one: Mapping[str, Any]) -> str:
    before, after = (_shortened_text(one[side]) for side in ("before", "after"))
    return f"{_shortened_text(one['title'])} : {one['field']} {before} → {after}"


def _shortened_text(text: str | None) -> str:
    text = text or "—"
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _print_some(sign: str, lines: list[str]) -> None:
    for line in lines[:SHOWN_CHANGES]:
        print(f"    {sign} {line}")
    if len(lines) > SHOWN_CHANGES:
        rest = len(lines) - SHOWN_CHANGES
        print("    " + ngettext("… et {n} autre", "… et {n} autres", rest))

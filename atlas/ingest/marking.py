"""What of an activity is reserved, marked once when it is read.

Two kinds are told less finely to everyone but editors (`atlas.sensitivity`): protection, by
place; and a distribution of cash, food or vouchers that was still to come *when its own
document was written*, by place and day. The mark depends on that document alone, so that a
list that arrives later never opens what another said in confidence; only a newer telling of
the same activity marks it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from atlas.ingest.reading import Finding, Record
from atlas.model import Sensitivity
from atlas.vocab.distributions import is_distribution

_OVER = ("completed", "cancelled")


def sensitivity_of(
    record: Record, sector: str | None, status: str, as_of: date | None
) -> Sensitivity:
    """The mark of one record.

    Parameters
    ----------
    record
        As the document states it.
    sector, status
        Ids of its sector and status.
    as_of
        Date of the situation it tells; ``None``: unknown.

    Examples
    --------
    >>> from atlas.model import Kind
    >>> one = Record("L2", Kind.ACTIVITY, "ngo", "Coupons", start=date(2024, 7, 1))
    >>> sensitivity_of(one, None, "unknown", date(2024, 6, 1)).value
    'coming_distribution'
    >>> sensitivity_of(one, None, "unknown", date(2024, 8, 1)).value
    'open'
    """
    words = (record.title, record.description, record.modality, record.result, record.remarks)
    if is_distribution(*words) and _is_to_come(record, status, as_of):
        return Sensitivity.COMING
    if sector == "protection":
        return Sensitivity.PROTECTION
    return Sensitivity.OPEN


def reserved(activities: Iterable[Mapping[str, object]]) -> list[Finding]:
    """The finding that says how many of a document's activities are distributions to come."""
    coming = sum(row["sensitivity"] == Sensitivity.COMING for row in activities)
    return [Finding("distributions_reserved", params={"n": coming})] if coming else []


def _is_to_come(record: Record, status: str, as_of: date | None) -> bool:
    """Whether it lay ahead when told; what nobody dated is held back unless it is over."""
    if status in _OVER:
        return False
    start = record.start or record.end
    if start and as_of:
        return start > as_of
    return status == "planned" or (start is not None and as_of is None)

"""What of an activity is reserved, marked once when it is read.

Two kinds are told less finely to everyone but editors (`atlas.sensitivity`): protection, by
place; and a distribution of cash, food, vouchers or goods that was not over *when its own document
was written*, by place and day. The mark depends on that document alone, so that a
list that arrives later never opens what another said in confidence; only a newer telling of
the same activity marks it anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from atlas.ingest.reading import Finding, Reading, Record
from atlas.model import Kind, Sensitivity
from atlas.vocab.distributions import OPEN_ENDED, is_distribution
from atlas.vocab.protection import speaks_of_abuse

MONTH, QUARTER = timedelta(days=31), timedelta(days=92)
_OVER = ("completed", "cancelled")


def sensitivity_of(
    record: Record, sectors: Collection[str | None], status: str, as_of: date | None
) -> Sensitivity:
    """The mark of one record. What a policy intends, or a published sum, hands out nothing.

    Parameters
    ----------
    record
        As the document states it.
    sectors, status
        Ids of its sector, of each that it names, and of its status.
    as_of
        Date of the situation it tells; ``None``: unknown, or inferred from what it tells.

    Examples
    --------
    >>> from atlas.model import Kind
    >>> one = Record("L2", Kind.ACTIVITY, "ngo", "Coupons", start=date(2024, 7, 1))
    >>> sensitivity_of(one, {None}, "unknown", date(2024, 6, 1)).value
    'coming_distribution'
    >>> sensitivity_of(one, {None}, "unknown", date(2024, 8, 1)).value
    'open'
    """
    if record.kind not in (Kind.ACTIVITY, Kind.PRESENCE):
        return _of_protection(record, sectors)
    ahead = _is_to_come(record, status, as_of) or _is_under_way(record, status, as_of)
    if ahead and is_distribution(*record.words()):
        return Sensitivity.COMING
    return _of_protection(record, sectors)


def _of_protection(record: Record, sectors: Collection[str | None]) -> Sensitivity:
    """By its sector, or by words of violence against persons whatever that is."""
    named = "protection" in sectors or speaks_of_abuse(record.sector_raw, *record.words())
    return Sensitivity.PROTECTION if named else Sensitivity.OPEN


def written_on(reading: Reading) -> date | None:
    """Day a document was written; none where it was only inferred from what it tells."""
    inferred = any(finding.code == "as_of_inferred" for finding in reading.findings)
    return None if inferred else reading.as_of


def reserved(activities: Iterable[Mapping[str, object]]) -> list[Finding]:
    """The finding that says how many of a document's activities are distributions not over yet."""
    coming = sum(row["sensitivity"] == Sensitivity.COMING for row in activities)
    return [Finding("distributions_reserved", params={"n": coming})] if coming else []


def _is_under_way(record: Record, status: str, as_of: date | None) -> bool:
    """Whether it had begun when told, and neither its end nor a word says that it was over.

    One that reached all whom it aims at hands out nothing more; a day of which nobody says that
    it goes on is one day.
    """
    target, reached = record.target, record.reached
    served = target is not None and reached is not None and reached >= target
    if status in _OVER or as_of is None or served:
        return False
    goes_on = OPEN_ENDED if status in ("ongoing", "planned", "suspended") else timedelta()
    last = record.end or (record.start and record.start + goes_on)
    return last >= as_of if last else status == "ongoing"


def _is_to_come(record: Record, status: str, as_of: date | None) -> bool:
    """Whether it lay ahead when told; what nobody dated is held back unless it is over.

    One whose days are only known to a month that was not over lies ahead too ("septembre"
    in a list of 5 September), and so does one of a quarter that is planned, or of which nothing
    says that anybody was reached; a plan of a year that has begun is no date to hold back.
    """
    if status in _OVER:
        return False
    start, end = record.start or record.end, record.end or record.start
    if start is None or end is None:
        return status == "planned"
    if as_of is None or start > as_of:
        return True
    unreached = status == "unknown" and record.target is not None and not record.reached
    held = QUARTER if status == "planned" or unreached else MONTH
    at_most = held if status in ("planned", "unknown") else None
    return at_most is not None and record.end is not None and as_of <= end <= start + at_most

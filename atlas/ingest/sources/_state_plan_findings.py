"""What there is to say of the lines and totals of a plan's table; nothing is corrected."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from atlas.ingest.reading import Finding
from atlas.ingest.sources._prose import written
from atlas.ingest.sources._state_plan_table import PlanLine, Subtotal, scale_jump, slipped_total

_UNITS = {1: "", 1_000: " milliers", 1_000_000: " millions"}


def line_findings(one: PlanLine, first_year: int) -> Iterator[Finding]:
    """Columns that drifted, sums that fail, totals and thousands out of place.

    Parameters
    ----------
    one
        A line of the table.
    first_year
        Calendar year of its first column.
    """
    where, title = one.line.locator, one.title
    cells = " | ".join(one.raw)
    if one.recovered:
        seen = {"raw": cells, "read": " | ".join(_cell(value) for value in one.years)}
        yield Finding("column_drift", where, "amount", seen)
    if not one.aligned:
        yield Finding("value_unreadable", where, "amount", {"field": "Montants", "raw": cells})
    if one.for_memory:
        yield Finding("amount_for_memory", where, "amount", {"title": title})
    if not one.known:
        yield Finding("amount_missing", where, "amount", {"title": title})
    total = sum(one.known, Decimal(0))
    if one.known and one.total is not None and total != one.total:
        figures = {"published": written(one.total), "read": written(total)}
        yield Finding("total_mismatch", where, "amount", {"name": f"Ligne « {title} »", **figures})
    yield from _out_of_place(one, first_year)


def _out_of_place(one: PlanLine, first_year: int) -> Iterator[Finding]:
    where = one.line.locator
    slipped = slipped_total(one.years)
    if slipped is not None:
        seen = {"year": first_year + slipped, "value": _cell(one.years[slipped])}
        yield Finding("total_in_year", where, "amount", seen)
    jump = scale_jump(one.years)
    if jump is not None:
        before, after = jump
        seen = {
            "before": _cell(one.years[before]),
            "after": _cell(one.years[after]),
            "year": first_year + after,
        }
        yield Finding("scale_jump", where, "amount", seen)


def _cell(value: Decimal | None) -> str:
    return "—" if value is None else written(value)


def total_findings(total: Subtotal, first_year: int, scale: int) -> Iterator[Finding]:
    """A printed total against its lines, year by year, and against its own years.

    Parameters
    ----------
    total
        A total of the table.
    first_year
        Calendar year of the first column.
    scale
        Francs in a unit of the table, named after the figures.
    """
    where, unit = total.line.locator, _UNITS.get(scale, "")

    def mismatch(name: str, published: Decimal | None, read: Decimal) -> Finding:
        figures = {"published": f"{_cell(published)}{unit}", "read": f"{written(read)}{unit}"}
        return Finding("total_mismatch", where, "amount", {"name": name, **figures})

    if total.total is None:
        seen = {"field": total.name, "raw": total.raw_total}
        yield Finding("value_unreadable", where, "amount", seen)
    if not total.closes:
        seen = {"name": total.name, "published": f"{_cell(total.total)}{unit}"}
        yield Finding("published_not_itemised", where, "amount", seen)
        return
    if total.total is not None and total.total != total.read():
        yield mismatch(total.name, total.total, total.read())
    for index, published in enumerate(total.years):
        read = total.read(index)
        if (published or Decimal(0)) != read:
            yield mismatch(f"{total.name}, {first_year + index}", published, read)
    own = sum((value for value in total.years if value is not None), Decimal(0))
    if total.total is not None and own != total.total:
        yield mismatch(f"{total.name}, somme de ses années", total.total, own)

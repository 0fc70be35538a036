"""The totals that a plan's text gives beside its table, and the table's unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from atlas.ingest.sources._prose import FIGURE, Line, figure
from atlas.ingest.sources._state_plan_table import PlanTable

_WHOLE = re.compile(
    rf"\b(?:estimé|évalué|s[’']élève|coût)\b.*?({FIGURE})\s+(?:francs? CFA|F ?CFA)", re.I
)
_YEAR = re.compile(rf"-?\s*(20\d\d)\s*:\s*({FIGURE})")
_RESULT = re.compile(rf"-?\s*(RS\s?\d)\s*:\s*({FIGURE})")
_REACH = 40
"""How many lines after the stated whole its parts may stand."""
_SCALES = (1, 1_000, 1_000_000)


@dataclass(frozen=True)
class TextTotals:
    """What the text states, in francs; the same cost cut three ways."""

    locator: str = ""
    whole: Decimal | None = None
    years: tuple[tuple[int, Decimal], ...] = ()
    results: tuple[tuple[str, Decimal], ...] = ()

    def wholes(self) -> Iterator[tuple[str, Decimal]]:
        """The whole as stated, and as its own parts add up."""
        if self.whole is not None:
            yield "Texte : coût global", self.whole
        if self.years:
            yield "Texte : somme des années", sum((v for _y, v in self.years), Decimal(0))
        if self.results:
            yield "Texte : somme des résultats", sum((v for _r, v in self.results), Decimal(0))


def text_totals(below: Sequence[Line]) -> TextTotals:
    """Totals in the lines under the table.

    Parameters
    ----------
    below
        Lines after the table.
    """
    plain = [(line, line.text.replace("*", "")) for line in below if "\t" not in line.text]
    for index, (line, text) in enumerate(plain):
        found = _WHOLE.search(text)
        whole = figure(found.group(1)) if found else None
        if whole is None:
            continue
        after = [following for _line, following in plain[index + 1 : index + _REACH]]
        years = [(int(m.group(1)), figure(m.group(2))) for m in map(_YEAR.match, after) if m]
        results = [(m.group(1), figure(m.group(2))) for m in map(_RESULT.match, after) if m]
        return TextTotals(
            line.locator,
            whole,
            tuple((year, value) for year, value in years if value is not None),
            tuple((name, value) for name, value in results if value is not None),
        )
    return TextTotals()


def scale_of(table: PlanTable, text: TextTotals) -> int:
    """How many francs a unit of the table is: what brings its total nearest the text's.

    Nearest means within a factor of two; a table without a total in the text, or far from
    it, is taken in francs.
    """
    printed = table.subtotals[-1].total if table.subtotals else None
    if text.whole is None or not printed:
        return 1
    ratio = text.whole / printed
    return next((s for s in _SCALES if Decimal(s) / 2 <= ratio <= Decimal(s) * 2), 1)

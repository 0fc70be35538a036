"""Texts that a spreadsheet would compute: a quote stands before them in a CSV, and goes again.

A text that begins with such quotes itself gets one more, so that what is read again is what
was written.
"""

from __future__ import annotations

import re

OTHER = {",": ";", ";": ","}
"""Delimiter of a file → the one at which a spreadsheet of another country splits it."""

_AFTER_TAB = (r"\t[\s\"]*", r"'*[=+\-@]")
_AT_LINE = (r"[\r\n][ \"]*", r"'*[=+\-@\t]")
_AT_START = (r"(?:^|%s)[ \"]*", r"'*[=+\-@\t\r]")
"""Where a cell may begin, and beginnings that a spreadsheet would compute."""


def beginnings(delimiter: str) -> tuple[tuple[str, str], ...]:
    """Patterns of what stands before a formula and of how it begins, in the order to guard them.

    Parameters
    ----------
    delimiter
        Of the file: a text that holds it is quoted, so that it begins no cell.
    """
    start, formula = _AT_START
    return _AFTER_TAB, _AT_LINE, (start % OTHER[delimiter], formula)


def without_guard(text: str, delimiter: str = ",") -> str:
    """A text as it was before a quote was set before what looks like a formula.

    Examples
    --------
    >>> without_guard("'=1+1"), without_guard("L'eau"), without_guard("''=1")
    ('=1+1', "L'eau", "'=1")
    """
    if "'" not in text:
        return text
    for before, formula in reversed(beginnings(delimiter)):
        text = re.sub(f"({before})'({formula})", r"\1\2", text)
    return text

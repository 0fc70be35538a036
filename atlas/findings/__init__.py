"""The findings: everything a person should know about what was read.

A finding is a row ``(document, locator, field, code, severity, params)``; this package is
the list of codes, by what they are about, with the sentence each is rendered with. A code
that is not here cannot be written into a table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from atlas.findings import agreement, cells, reading, whereabouts
from atlas.findings.code import FindingCode
from atlas.i18n import _

SEVERITIES = ("error", "warning", "info")

__all__ = ["CODES", "SEVERITIES", "FindingCode", "render", "severity_of"]

CODES: dict[str, FindingCode] = {
    **reading.CODES,
    **cells.CODES,
    **whereabouts.CODES,
    **agreement.CODES,
}


def severity_of(code: str) -> str:
    """Severity of a code; ``KeyError`` for a code that is not listed."""
    return CODES[code].severity


def render(code: str, params: str | Mapping[str, object]) -> str:
    """Sentence of a finding in the language in force.

    Parameters
    ----------
    code
        A key of `CODES`.
    params
        The finding's params, as a mapping or as the JSON text stored in the table.

    Examples
    --------
    >>> render("amount_missing", {"title": "4.5"})
    'Montant absent pour « 4.5 » : inconnu, jamais zéro.'
    """
    values = json.loads(params) if isinstance(params, str) else dict(params)
    if isinstance(reason := values.get("reason"), str):
        values["reason"] = _(reason)  # our words when marked with N_, the document's otherwise
    return _(CODES[code].sentence).format_map(_Blank(values))


class _Blank(dict[str, object]):
    """Missing params show as a dash: an old snapshot stays readable."""

    def __missing__(self, key: str) -> str:
        return "—"

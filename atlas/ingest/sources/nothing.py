"""Rows by which somebody says that there is nothing to report: evidence, and no activity."""

from __future__ import annotations

import re

from atlas.ingest.folding import fold
from atlas.ingest.parsing.values import parse_list
from atlas.ingest.reading import ContextFact, Finding, Record
from atlas.ingest.sources.ledger import Ledger
from atlas.ingest.tables.rows import Row
from atlas.model import Outcome, Source
from atlas.vocab import match_sector

NOTHING = "nothing_to_report"
"""Kind of the facts in the table of context."""

_WHEN = (
    r"(?: (?:realisees?|menees?|mises? en oeuvre|prevues?|en cours"
    r"|a (?:signaler|declarer|rapporter)|ce|cette|le|la|du|de|au|en|pour|pendant|sur|cours"
    r"|mois|trimestre|semestre|annee|semaine"
    r"|periode|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre"
    r"|decembre|to|report|this|month|period|\d+))*"
)
_SAID = re.compile(
    r"(?:neant|nil|none|ras|r a s|aucune?|nothing|no activit(?:y|ies)|sans activites?"
    r"|rien|(?:pas d|aucune) ?activites?)" + _WHEN
)
_IN_LIST, _IN_MATRIX = ("description", "result", "status", "remarks"), ("sector", "commodity")


def says_nothing(text: str) -> bool:
    """Whether words say that nothing was done, and no more.

    Examples
    --------
    >>> says_nothing("Néant"), says_nothing("R.A.S."), says_nothing("Pas d'activité en juin 2024")
    (True, True, True)
    >>> says_nothing("Aucune activité agricole : semences"), says_nothing("")
    (False, False)
    """
    words = " ".join(fold(text).replace(".", " ").replace("'", " ").split())
    return _SAID.fullmatch(words) is not None


def nothing_said(row: Row) -> str:
    """The words of a row that say that nothing was done; ``""`` where it tells an activity.

    They stand where the activity would; in its remarks "RAS" is no more than no remark. A
    matrix without titles says it in its column of sectors or of goods.
    """
    if title := row.text("title"):
        return title if says_nothing(title) else ""
    fields = _IN_LIST if "title" in row.columns else _IN_MATRIX
    cells = [text for field in fields for text in row.texts(field)]
    return next(filter(says_nothing, cells), "")


def declare(record: Record, words: str, ledger: Ledger) -> bool:
    """Keep a row as the word of whoever it names; false where it tells money or people too.

    Parameters
    ----------
    record
        What the row states beside: who, where, which sectors, which period.
    words
        Of `nothing_said`.
    """
    if any(money.value for money in record.amounts) or record.target or record.reached:
        return False
    funds = [] if record.source == Source.NGO else [""]  # a fund is a reporter by its own name
    names = [name for name in dict.fromkeys((record.lead, *record.implementers)) if name]
    said: dict[str, object] = {"raw": words, "who": ", ".join(names) or record.source}
    if not names and not funds:
        ledger.outcomes.append((record.locator, Outcome.IGNORED))
        ledger.findings.append(Finding("nothing_by_nobody", record.locator, "lead", said))
        return True
    sectors = _sectors(record.sector_raw)
    ledger.facts += [
        ContextFact(
            kind=NOTHING,
            indicator=NOTHING,
            place=place,
            sector=sector,
            text=words,
            source=record.source,
            as_of=record.as_of,
            start=record.start,
            expires=record.end,
            organisation=name,
            locator=record.locator,
        )
        for name in [*names, *funds]
        for place in record.places or (None,)
        for sector in sectors or [""]
    ]
    ledger.outcomes.append((record.locator, Outcome.CONTEXT))
    ledger.findings.append(Finding("nothing_declared", record.locator, "", said))
    return True


def _sectors(raw: str) -> list[str]:
    """The sectors that a cell names, each where all are known; none where it says "néant"."""
    parts = parse_list(raw)
    whole = all(match_sector(part).id for part in parts)
    return [one for one in (parts if whole else [raw]) if one and not says_nothing(one)]

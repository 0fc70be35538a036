"""Phrases that the page makes of counts and codes in several places."""

from __future__ import annotations

from collections.abc import Collection

from atlas.i18n import ngettext
from atlas.labels import label
from atlas.model import Kind
from atlas.web.say import number


def counted_name(kinds: Collection[str], n: int) -> str:
    """What the entries counted are called: activities, plans where only these are, or both."""
    if Kind.PLAN not in kinds:
        return ngettext("activité", "activités", n)
    if set(kinds) <= {Kind.PLAN}:
        return ngettext("plan", "plans", n)
    return ngettext("activité ou plan", "activités et plans", n)


def reporter_name(code: str) -> str:
    """Name of who reports: an organisation, or a fund."""
    known = label("organisations", code)
    return label("sources", code) if known == code else known


def stopped_words(cancelled: int, suspended: int) -> dict[str, str]:
    """Cancelled, suspended → how many activities are, the figure as a ``|``; none is left out."""
    words = {
        "cancelled": ngettext("{shown} annulée", "{shown} annulées", cancelled, shown="|"),
        "suspended": ngettext("{shown} suspendue", "{shown} suspendues", suspended, shown="|"),
    }
    counts = {"cancelled": cancelled, "suspended": suspended}
    return {status: words[status] for status, n in counts.items() if n}


def stopped_said(cancelled: int, suspended: int) -> str:
    """The same in plain words: ``1 annulée, 2 suspendues``; empty where there is none."""
    counts = {"cancelled": cancelled, "suspended": suspended}
    told = stopped_words(cancelled, suspended)
    return ", ".join(words.replace("|", number(counts[one])) for one, words in told.items())

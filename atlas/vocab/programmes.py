"""Programmes with a perimeter and components: the known ones, and names as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from atlas.vocab.tables import by_id, rows
from atlas.vocab.text import normalise

NO_COMPONENT = frozenset({"", "aucune", "aucun", "none", "sans", "sans composante", "neant"})
"""Words (folded) that say that a sector belongs to no component."""


@dataclass(frozen=True)
class Known:
    """What is public about a programme before anybody defines it here.

    Attributes
    ----------
    expected
        How many units its perimeter has, where they are counted but not named.
    level
        Level of those units.
    regions
        Units that are said to hold them.
    source
        Where this is from.
    components
        Ids of its components, in their order.
    proposed
        Sector → component: a proposal, until the office says.
    """

    id: str
    expected: int | None = None
    level: str = ""
    regions: tuple[str, ...] = ()
    source: str = ""
    components: tuple[str, ...] = ()
    proposed: Mapping[str, str] = field(default_factory=dict)


@cache
def known(programme: str) -> Known:
    """What is known of a programme; nothing of one that only a person's table names.

    Examples
    --------
    >>> known("psirc").expected, len(known("psirc").components)
    (3, 4)
    """
    row = by_id("programmes").get(programme)
    if row is None:
        return Known(programme)
    own = [one for one in rows("programme_components") if one["programme"] == programme]
    return Known(
        programme,
        int(row["expected"]) if row["expected"] else None,
        row["level"],
        _listed(row["regions"]),
        row["source"],
        tuple(one["id"] for one in own),
        {sector: one["id"] for one in own for sector in _listed(one["sectors"])},
    )


def programme_id(name: str) -> str:
    """Id of a programme by any of its names; its own words, folded, where it is not known.

    Examples
    --------
    >>> programme_id("PSIRC"), programme_id("Plan Delta 2025")
    ('psirc', 'plan-delta-2025')
    """
    return _ids("programmes").get(normalise(name)) or normalise(name).replace(" ", "-")


def component_id(programme: str, name: str) -> str | None:
    """Id of a component by its name; the name itself where it is not known, ``None`` for none.

    Examples
    --------
    >>> component_id("psirc", "sécurité"), component_id("psirc", "Aucune")
    ('psirc-security', None)
    """
    folded = normalise(name)
    if folded in NO_COMPONENT:
        return None
    found = _ids("programme_components").get(f"{programme} {folded}")
    return found or " ".join(name.split())


@cache
def _ids(vocabulary: str) -> Mapping[str, str]:
    """Folded names of the entries; those of components led by their programme."""
    found = {}
    for row in rows(vocabulary):
        lead = f"{row['programme']} " if "programme" in row else ""
        for name in (row["id"], row["fr"], row["en"], *_listed(row["aliases"])):
            found[lead + normalise(name)] = row["id"]
    return found


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)

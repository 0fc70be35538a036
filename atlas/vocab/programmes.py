"""Programmes with a perimeter and components: the known ones, and names as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from atlas.vocab.codelists import entries_by_id, normalised_text, vocabulary_rows

NO_COMPONENT = frozenset({"", "aucune", "aucun", "none", "sans", "sans composante", "neant"})
"""Words (folded) that say that a sector belongs to no component."""


@dataclass(frozen=True)
class KnownProgramme:
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


def known_programme(programme: str) -> KnownProgramme:
    """What is known of a programme; nothing of one that only a person's table names.

    Examples
    --------
    >>> known_programme("psirc").expected, len(known_programme("psirc").components)
    (3, 4)
    """
    row = entries_by_id("programmes").get(programme)
    if row is None:
        return KnownProgramme(programme)
    own = [one for one in vocabulary_rows("programme_components") if one["programme"] == programme]
    return KnownProgramme(
        programme,
        int(row["expected"]) if row["expected"] else None,
        row["level"],
        _cell_items(row["regions"]),
        row["source"],
        tuple(one["id"] for one in own),
        {sector: one["id"] for one in own for sector in _cell_items(one["sectors"])},
    )


def programme_id(name: str) -> str:
    """Id of a programme by any of its names; its own words, folded, where it is not known.

    Examples
    --------
    >>> programme_id("PSIRC"), programme_id("Plan Delta 2025")
    ('psirc', 'plan-delta-2025')
    """
    return _ids_by_name("programmes").get(normalised_text(name)) or normalised_text(name).replace(
        " ", "-"
    )


def component_id(programme: str, name: str) -> str | None:
    """Id of a component by its name; the name itself where it is not known, ``None`` for none.

    Examples
    --------
    >>> component_id("psirc", "sécurité"), component_id("psirc", "Aucune")
    ('psirc-security', None)
    """
    folded = normalised_text(name)
    if folded in NO_COMPONENT:
        return None
    found = _ids_by_name("programme_components").get(f"{programme} {folded}")
    return found or " ".join(name.split())


def _ids_by_name(vocabulary: str) -> Mapping[str, str]:
    """Folded names of the entries; those of components led by their programme."""
    found = {}
    for row in vocabulary_rows(vocabulary):
        lead = f"{row['programme']} " if "programme" in row else ""
        for name in (row["id"], row["fr"], row["en"], *_cell_items(row["aliases"])):
            found[lead + normalised_text(name)] = row["id"]
    return found


def _cell_items(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)

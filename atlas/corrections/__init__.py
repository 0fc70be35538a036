"""What people decided about places, sectors, organisations and statuses.

A frozen lookup that an import asks before it makes anything of a wording: see
`atlas.corrections.decided` for a decision, `atlas.corrections.lookup` for all those in force.
"""

from __future__ import annotations

from atlas.corrections.decided import (
    Correction,
    Organisation,
    Scope,
    Subject,
    answered,
    entry_named,
    known_entry,
    label_of,
)
from atlas.corrections.lookup import NO_CORRECTIONS, Corrections
from atlas.corrections.places import Verdict
from atlas.corrections.units import compatible, lies_in
from atlas.corrections.wording import Parts, wording_key

__all__ = [
    "NO_CORRECTIONS",
    "Correction",
    "Corrections",
    "Organisation",
    "Parts",
    "Scope",
    "Subject",
    "Verdict",
    "answered",
    "compatible",
    "entry_named",
    "known_entry",
    "label_of",
    "lies_in",
    "wording_key",
]

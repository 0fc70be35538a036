"""What people decided about places, sectors, organisations and statuses.

A frozen lookup that an import asks before it makes anything of a wording: see
`atlas.corrections.wordings` for a decision, `atlas.corrections.wordings` for all those in force.
"""

from __future__ import annotations

from atlas.corrections.wordings import (
    NO_CORRECTIONS,
    CorrectionLookup,
    DecisionScope,
    DecisionSubject,
    EnteredOrganisation,
    PlaceVerdict,
    WordingCorrection,
    WordingParts,
    answer_label,
    correction_of_answer,
    entry_id_of,
    is_known_entry,
    unit_lies_in,
    units_compatible,
    wording_key,
)

__all__ = [
    "NO_CORRECTIONS",
    "CorrectionLookup",
    "DecisionScope",
    "DecisionSubject",
    "EnteredOrganisation",
    "PlaceVerdict",
    "WordingCorrection",
    "WordingParts",
    "answer_label",
    "correction_of_answer",
    "entry_id_of",
    "is_known_entry",
    "unit_lies_in",
    "units_compatible",
    "wording_key",
]

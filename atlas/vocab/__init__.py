"""Controlled vocabularies: words as people write them → the ids that figures are built on.

The lists are the CSV files beside this module. Every answer says how it was known
(`Match.how`); what is not sure is no answer, with the nearest entries to look at.
"""

from __future__ import annotations

from atlas.vocab.bodies import match_organisation
from atlas.vocab.match import (
    NEAR_RATIO,
    Match,
    Near,
    known_as,
    likeness,
    match_access_constraint,
    match_indicator,
    match_org_type,
    match_sector,
    match_status,
    nearest,
)
from atlas.vocab.organisations import organisation_type, split_organisations
from atlas.vocab.tables import VOCABULARIES, by_id, entries, iati_code, label
from atlas.vocab.words import infer_sector

__all__ = [
    "NEAR_RATIO",
    "VOCABULARIES",
    "Match",
    "Near",
    "by_id",
    "entries",
    "iati_code",
    "infer_sector",
    "known_as",
    "label",
    "likeness",
    "match_access_constraint",
    "match_indicator",
    "match_org_type",
    "match_organisation",
    "match_sector",
    "match_status",
    "nearest",
    "organisation_type",
    "split_organisations",
]

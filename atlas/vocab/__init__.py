"""Controlled vocabularies: words as people write them → the ids that figures are built on.

The lists are the CSV files beside this module. Every answer says how it was known
(`Match.how`); what is not sure is no answer, with the nearest entries to look at.
"""

from __future__ import annotations

from atlas.vocab.match import (
    Match,
    match_access_constraint,
    match_org_type,
    match_organisation,
    match_sector,
    match_status,
)
from atlas.vocab.organisations import organisation_type, split_organisations
from atlas.vocab.tables import VOCABULARIES, entries, iati_code, label
from atlas.vocab.words import infer_sector

__all__ = [
    "VOCABULARIES",
    "Match",
    "entries",
    "iati_code",
    "infer_sector",
    "label",
    "match_access_constraint",
    "match_org_type",
    "match_organisation",
    "match_sector",
    "match_status",
    "organisation_type",
    "split_organisations",
]

"""Controlled vocabularies: words as people write them → the ids that figures are built on.

The lists are the CSV files beside this module. Every answer says how it was known
(`VocabularyMatch.how`); what is not sure is no answer, with the nearest entries to look at.
"""

from __future__ import annotations

from atlas.vocab.codelists import (
    VOCABULARIES,
    entries_by_id,
    entry_label,
    iati_code,
    vocabulary_table,
)
from atlas.vocab.keywords import infer_sector
from atlas.vocab.matching import (
    NEAR_RATIO,
    NearEntry,
    VocabularyMatch,
    entry_spelt_as,
    match_access_constraint,
    match_indicator,
    match_org_type,
    match_sector,
    match_status,
    nearest_in_vocabulary,
    spelling_similarity,
)
from atlas.vocab.organisations import match_organisation, organisation_type, split_organisations

__all__ = [
    "NEAR_RATIO",
    "VOCABULARIES",
    "NearEntry",
    "VocabularyMatch",
    "entries_by_id",
    "entry_label",
    "entry_spelt_as",
    "iati_code",
    "infer_sector",
    "match_access_constraint",
    "match_indicator",
    "match_org_type",
    "match_organisation",
    "match_sector",
    "match_status",
    "nearest_in_vocabulary",
    "organisation_type",
    "spelling_similarity",
    "split_organisations",
    "vocabulary_table",
]

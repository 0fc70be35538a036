"""A code has one word, in French and in English, on the page, in exports and on the terminal."""

from collections.abc import Iterable
from enum import StrEnum

import polars as pl
import pytest

from atlas import model
from atlas.corrections import DecisionSubject
from atlas.export.column_labels import readable_table
from atlas.findings import SEVERITIES
from atlas.geo.frames import FRAMES
from atlas.geo.shapes import BASES
from atlas.i18n import language_context
from atlas.ingest.progress import ReadingPhase
from atlas.labels import WORDS, label
from atlas.layers.change import Change
from atlas.layers.gaps import CLASSES
from atlas.layers.programme import OWN_ROWS, ZONES, State
from atlas.vocab import VOCABULARIES
from atlas.vocab.codelists import vocabulary_rows
from atlas.web.gap_tables import STATE_SIGNS
from scripts.catalog import load

OF_MODEL: dict[type[StrEnum], str] = {
    model.Kind: "kinds",
    model.Source: "sources",
    model.Reader: "reader",
    model.Outcome: "outcome",
    model.Rule: "place_rule",
    model.How: "how",
    model.Level: "level",
    model.Sensitivity: "sensitivity",
    model.Viewer: "viewer",
}
"""Enum of the model → what its codes are called in `atlas.labels`."""

CODES: list[tuple[str, Iterable[str]]] = [
    *((kind, enum) for enum, kind in OF_MODEL.items()),
    ("statuses", model.STATUSES),
    ("verdict", model.VERDICTS),
    ("row", (*model.RESERVED, *OWN_ROWS)),
    ("frame", FRAMES),
    ("boundary", (*BASES, "none")),
    ("subject", DecisionSubject),
    ("severity", SEVERITIES),
    ("phase", ReadingPhase),
    ("change", Change),
    ("class", CLASSES),
    ("state", [*State, *(code for code in STATE_SIGNS if code not in CLASSES)]),
    ("zone", ZONES),
]


def test_every_enum_of_the_model_says_what_its_codes_are_called() -> None:
    enums = {one for one in vars(model).values() if isinstance(one, type) and one is not StrEnum}
    assert {one for one in enums if issubclass(one, StrEnum)} == set(OF_MODEL)


@pytest.mark.parametrize(("kind", "codes"), CODES, ids=[kind for kind, _codes in CODES])
def test_no_code_is_shown_as_a_code(kind: str, codes: Iterable[str]) -> None:
    known = set(WORDS.get(kind, ()))
    listed = {"reader": "sources"}.get(kind, kind)
    if listed in VOCABULARIES:
        known |= {row["id"] for row in vocabulary_rows(listed)}
    assert set(map(str, codes)) - known == set()


def test_every_word_has_its_english() -> None:
    english = load()
    words = [word for codes in WORDS.values() for word in codes.values()]
    forms = {form for word in words for form in ((word,) if isinstance(word, str) else word)}
    assert {form for form in forms if not (known := english.get(form)) or not known.string} == set()


def test_every_entry_of_a_vocabulary_has_a_word_in_both_languages() -> None:
    names = ("fr", "en", "name_fr", "name_en", "acronym")
    nameless = [
        (vocabulary, row["id"])
        for vocabulary in VOCABULARIES
        for row in vocabulary_rows(vocabulary)
        if not any(row.get(name) for name in names)
    ]
    assert nameless == []


def test_a_code_that_nothing_lists_is_shown_as_it_is_and_no_code_as_unknown() -> None:
    assert label("state", "new-state") == "new-state"
    assert label("sources", "luxdev") == "luxdev"
    assert label("statuses", None) == "–"


def test_a_kind_that_there_is_not_is_a_mistake_of_the_code() -> None:
    with pytest.raises(KeyError):
        label("states", "gap")


def test_no_sector_is_all_of_them() -> None:
    assert (label("sector", None), label("sector", "health")) == ("tous secteurs", "Santé")


def test_the_two_forms_of_a_code_follow_the_language() -> None:
    assert (label("level", "region"), label("level", "region", full=True)) == ("région", "régions")
    with language_context("en"):
        assert label("frame", "ml-2016") == "2016 découpage"
        assert label("row", "_unplaced", full=True) == "place unknown"


def test_an_export_says_of_a_state_what_the_page_says() -> None:
    table = pl.DataFrame({"state": ["reported_none", "partial"], "verdict": ["same", None]})
    assert readable_table(table, "coverage").rows() == [
        ("rien, selon les rapports reçus", "la même, comptée une fois"),
        ("couverture partielle", None),
    ]

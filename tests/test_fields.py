"""A column is declared once: what is read, written and read again follows from its declaration."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.dataset import Dataset
from atlas.export import encoded_answer
from atlas.export.activity_rows import exchange_answer
from atlas.fields import EXPORTED, STATED, TABLES, Field, labelled
from atlas.i18n import _, language_context
from atlas.ingest.pipeline import ingest_file
from atlas.ingest.tables.heading_meanings import field_of_heading, field_of_tag
from atlas.model import Tables

HEADINGS = [(one, heading) for one in STATED for heading in (one.label, *one.headings.split(";"))]


@pytest.mark.parametrize(("one", "heading"), HEADINGS, ids=lambda told: str(told)[:20])
def test_a_text_that_is_kept_as_it_stands_is_known_by_each_of_its_headings(
    one: Field, heading: str
) -> None:
    assert field_of_heading(heading, {}) == (one.name, "")
    assert field_of_tag(one.hxl) == one.name


@pytest.mark.parametrize("one", STATED, ids=lambda one: one.name)
def test_a_text_that_is_kept_as_it_stands_goes_from_a_list_to_an_export_and_back(
    tmp_path: Path, one: Field
) -> None:
    listed, again = tmp_path / "liste.csv", tmp_path / "export.csv"
    listed.write_text(f"Titre;Région;Partenaire;{one.label}\nForage;Gao;ADR;à la main\n", "utf-8")
    tables = ingest_file(listed, source="ngo", as_of=date(2024, 6, 30)).tables
    again.write_bytes(encoded_answer(exchange_answer(Dataset.from_tables(tables)), "csv-fr"))
    for found in (tables, ingest_file(again).tables):
        assert found.activities[one.name].to_list() == ["à la main"]


def test_a_text_that_is_kept_as_it_stands_is_withheld_as_words_of_its_document() -> None:
    assert [one.name for one in STATED if not one.words] == []


def test_every_column_of_the_activities_but_the_number_of_items_is_exported() -> None:
    ours = [one.name for one in TABLES["activities"]]
    assert [name for name in ours if name not in EXPORTED] == ["items"]
    written = exchange_answer(Dataset.from_tables(Tables.empty())).table.columns
    assert written == [name for name in EXPORTED if name != "amount_*"]


def test_every_exported_column_has_a_tag_of_its_own_and_a_heading_in_both_languages() -> None:
    shown = [labelled("exchange", name) for name in EXPORTED]
    assert None not in shown
    tags = [one.hxl for one in shown if one]
    assert len({*tags}) == len(EXPORTED)
    for language in ("fr", "en"):
        with language_context(language):
            assert len({_(one.label) for one in shown if one}) == len(EXPORTED)

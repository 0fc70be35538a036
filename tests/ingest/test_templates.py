"""A template is read as it stands: no column of it is unknown, and no file drifts from its data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.ingest.context.figure_columns import columns_of_document, needed_fields, table_kinds
from atlas.ingest.context_tables import read_context
from atlas.ingest.files.readers import read_document
from atlas.ingest.pipeline import ingest_file
from atlas.ingest.sources.registry import all_sources, recognised_source
from atlas.ingest.tables.table_rows import tables_of_document
from atlas.ingest.templates import CONTEXT, TableTemplate, all_templates, template_bytes

GENERATED = [template for template in all_templates() if template.headings]
DAY = date(2024, 6, 30)


@pytest.mark.parametrize("template", all_templates(), ids=lambda one: one.file)
def test_every_template_lies_where_it_is_said(template: TableTemplate):
    assert template.path.is_file()


@pytest.mark.parametrize("template", GENERATED, ids=lambda one: one.file)
def test_the_file_is_what_its_data_writes(template: TableTemplate):
    assert template.path.read_bytes() == template_bytes(template)


@pytest.mark.parametrize("template", GENERATED, ids=lambda one: one.file)
def test_no_heading_of_a_template_is_unknown_or_left_out(template: TableTemplate, tmp_path: Path):
    path = tmp_path / template.file
    path.write_bytes(template_bytes(template, examples=False))
    document = read_document(path)
    kind = template.read_as.removeprefix(CONTEXT)
    if template.read_as.startswith(CONTEXT):
        found, _ = tables_of_document(
            document, needed_fields(kind), columns_of_document(kind, document), None
        )
    else:
        found, _ = tables_of_document(
            document, frozenset({"region"}), all_sources()[kind].SPEC.data["columns"], None
        )
    assert [(f.code, f.field) for table in found for f in table.layout.findings] == []
    assert len(found[0].layout.columns) == len(template.headings)


@pytest.mark.parametrize("template", [t for t in GENERATED if t.rows], ids=lambda one: one.file)
def test_the_examples_of_a_template_are_all_read(template: TableTemplate):
    kind = template.read_as.removeprefix(CONTEXT)
    if template.read_as.startswith(CONTEXT):
        batch = read_context(kind, template.path, as_of=DAY)
        assert batch.report()["outcomes"] == {"context": len(template.rows)}
    else:
        batch = ingest_file(template.path)
        assert batch.report()["outcomes"] == {"activity": len(template.rows)}
    assert batch.tables.findings.filter(batch.tables.findings["severity"] == "error").is_empty()


def test_every_table_of_context_has_a_template_and_every_one_names_something_that_reads():
    told = {template.read_as for template in all_templates()}
    assert {CONTEXT + kind for kind in table_kinds()} <= told
    assert told <= {CONTEXT + kind for kind in table_kinds()} | set(all_sources())


def test_a_template_of_the_state_is_recognised_by_itself():
    (template,) = (one for one in all_templates() if one.read_as == "csa")
    assert recognised_source(read_document(template.path))[0].SPEC.reader == "csa"

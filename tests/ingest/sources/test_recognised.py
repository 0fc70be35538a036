"""Each source recognises its own documents and no other's."""

import pytest

from atlas.ingest.files.readers import read_document
from atlas.ingest.sources.registry import all_sources, recognised_source
from tests.conftest import SHARED, needs_shared
from tests.ingest.sources.documents import of_text, seed

READERS = {"001": "state-plan", "002": "pnud", "003": "study", "004": "bulletin"}


@needs_shared
@pytest.mark.parametrize(("number", "reader"), READERS.items())
def test_a_real_document_is_recognised_by_its_source_alone(number, reader):
    document = seed(number)
    assert str(recognised_source(document)[0].SPEC.reader) == reader
    sure = [name for name, module in all_sources().items() if module.sniff(document) >= 0.5]
    assert sure == [reader]


@needs_shared
def test_no_text_source_takes_a_table_of_reports():
    document = read_document(SHARED / "data" / "rowca-3w-hxl.csv")
    assert [all_sources()[r].sniff(document) for r in ("bulletin", "state-plan", "study")] == [
        0,
        0,
        0,
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "Bonjour", "a\tb\tc\n1\t2\t3\n", "QIP QIP TF PBF"])
def test_any_other_text_is_recognised_by_none(text):
    for name in ("bulletin", "state-plan", "study", "pnud"):
        assert all_sources()[name].sniff(of_text(text)) == 0

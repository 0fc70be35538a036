"""Whatever lines a document has lost or gained, every row it has is told once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.errors import UnusableFileError
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.sources import Options, bulletin, pnud, state_plan
from tests.ingest.sources import test_bulletin, test_pnud, test_state_plan
from tests.ingest.sources.documents import of_text, rows_told

TEXTS = {
    "bulletin": (bulletin, test_bulletin.SMALL),
    "pnud": (pnud, test_pnud.HEAD + test_pnud.TABLE),
    "state_plan": (state_plan, test_state_plan.HEAD + test_state_plan.ROWS),
}


def edited(text: str, gone: set[int], twice: set[int]) -> str:
    """A text without some lines, and with some of them twice."""
    lines = [
        line
        for n, line in enumerate(text.split("\n"))
        for _copy in range(2 if n in twice else 1)
        if n not in gone
    ]
    return "\n".join(lines)


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=60)
@given(
    gone=st.sets(st.integers(0, 60), max_size=25), twice=st.sets(st.integers(0, 60), max_size=10)
)
def test_no_row_is_lost_or_told_twice(name, gone, twice):
    module, text = TEXTS[name]
    document = of_text(edited(text, gone, twice))
    try:
        reading = module.read(document, Options())
    except UnusableFileError:
        return
    told = rows_told(reading)
    assert len(told) == len(set(told))
    if name == "bulletin":
        assert len(told) == sum(1 for line in document.text.split("\n") if line.strip())


@pytest.mark.parametrize("name", TEXTS)
def test_the_tables_of_the_whole_text_hold(name):
    module, text = TEXTS[name]
    document = of_text(text)
    tables = normalise_reading(module.read(document, Options()), document)
    assert tables.documents["rows_read"].to_list() == [tables.rows.height]

"""Documents for tests: made of a literal text, or the real ones."""

from __future__ import annotations

from atlas.ingest.files.readers import read_document
from atlas.ingest.reading import Document, Reading
from tests.conftest import SHARED


def of_text(text: str) -> Document:
    """A text document without a file."""
    return Document("0" * 12, "essai.txt", "0" * 64, "txt", text, ())


def seed(number: str) -> Document:
    """One of the four real documents, by the number its name begins with."""
    return read_document(next((SHARED / "seeds").glob(f"{number}*.txt")))


def codes(reading: Reading) -> list[str]:
    """Codes of a reading's findings, in order."""
    return [finding.code for finding in reading.findings]


def rows_told(reading: Reading) -> list[str]:
    """Locator of every input row that a reading accounts for."""
    held = [r for record in reading.records for r in (record.locator, *record.folded)]
    return held + [locator for locator, _outcome in reading.outcomes]

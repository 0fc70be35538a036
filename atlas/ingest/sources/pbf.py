"""Lists of the peacebuilding fund (PBF)."""

from __future__ import annotations

from atlas.ingest.reading import Document, Reading
from atlas.ingest.sources import Options, load_spec
from atlas.ingest.sources.lists import read_list, sniff_list

SPEC = load_spec(__name__)


def read(document: Document, options: Options) -> Reading:
    """An ordinary list, see `atlas.ingest.sources.lists.read_list`."""
    return read_list(SPEC, document, options)


def sniff(document: Document) -> float:
    """How surely the document is a list of this fund."""
    return sniff_list(SPEC, document)

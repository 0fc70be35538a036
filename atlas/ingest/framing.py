"""Which découpage the places of a document belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from atlas.geo.coordinates import prepare as locate_all
from atlas.ingest.placing import is_known, place
from atlas.ingest.progress import Phase, counted
from atlas.ingest.reading import Record


def locate_places(records: Sequence[Record], frame: str) -> None:
    """Locate the coordinates of all records at once; each is a look-up afterwards."""
    locate_all(((text.lon, text.lat) for record in records for text in record.places), frame)


def frame_for(records: Sequence[Record], in_force: str, others: Iterable[str]) -> str:
    """The découpage in force, unless the records' places are better known to another.

    Parameters
    ----------
    records
        Their places as written.
    in_force
        Découpage at the document's date.
    others
        The other découpages, preferred first.
    """
    texts = list(dict.fromkeys(text for record in records for text in record.places))

    def known(frame: str) -> int:
        locate_places(records, frame)
        return sum(is_known(place(text, frame)) for text in counted(texts, Phase.COLUMNS))

    best, most = in_force, known(in_force)
    if most == len(texts):
        return best
    for frame in others:
        if (count := known(frame)) > most:
            best, most = frame, count
    return best

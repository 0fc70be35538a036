"""Which découpage the places of a document belong to."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import islice

from atlas.geo.coordinates import prepare as locate_all
from atlas.geo.resolve import Row, prepare
from atlas.ingest.placing import is_known, place
from atlas.ingest.progress import Phase, counted, tell
from atlas.ingest.reading import PlaceText, Record

_COLUMNS = [field.name for field in fields(Row)]
_AT_ONCE = 500
"""Records whose places are looked at together."""
_ENOUGH = 3000
"""Distinct places that tell the découpage of a document, evenly spread over a longer one."""


def prepared(records: deque[Record], frame: str) -> Iterator[Record]:
    """The records, taken out one by one, so that a long list does not stand beside its tables.

    The places of some hundreds are looked at together before the first of them.
    """
    for at in counted(range(len(records))):
        if at % _AT_ONCE == 0:
            some = islice(records, _AT_ONCE)
            _prepare([text for record in some for text in record.places], frame)
        yield records.popleft()


def locate_places(records: Iterable[Record], frame: str) -> None:
    """Locate the coordinates of all records at once; each is a look-up afterwards."""
    locate_all(((text.lon, text.lat) for record in records for text in record.places), frame)


def frame_for(records: Iterable[Record], in_force: str, others: Iterable[str]) -> str:
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
    distinct = list(dict.fromkeys(text for record in records for text in record.places))
    texts = distinct[:: -(-len(distinct) // _ENOUGH)] if distinct else []
    known: Counter[str] = Counter()
    waiting: list[Sequence[PlaceText]] = []  # while the découpage in force knows every place
    others = tuple(others)
    for start in range(0, len(texts), _AT_ONCE):
        tell(Phase.COLUMNS, start, len(texts))
        some = texts[start : start + _AT_ONCE]
        waiting.append(some)
        known[in_force] += _known(some, in_force)
        if known[in_force] < start + len(some):
            for frame in others:
                known[frame] += sum(_known(one, frame) for one in waiting)
            waiting = []
    best = max((in_force, *others), key=known.__getitem__)
    locate_places(records, best)
    return best


def _known(texts: Sequence[PlaceText], frame: str) -> int:
    """How many of some places a découpage knows."""
    locate_all(((text.lon, text.lat) for text in texts), frame)
    _prepare(texts, frame)
    return sum(is_known(place(text, frame)) for text in texts)


def _prepare(texts: Sequence[PlaceText], frame: str) -> None:
    """Look at the columns of many places at once, so that each is known when it is placed."""
    prepare((Row(*(getattr(text, name) for name in _COLUMNS)) for text in texts), frame)

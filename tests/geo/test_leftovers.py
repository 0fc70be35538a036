"""What no place accounts for is kept: unknown names are told from the words around."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.geo.frames import FRAMES
from atlas.geo.text import find_places, qualifier_spans, unmatched_stretches

_LINKING = {
    "de", "du", "des", "d", "la", "le", "les", "l", "et", "à", "dans", "en", "cercle", "cercles",
    "commune", "communes", "région", "régions", "villages", "rurale", "celle", "12", "5", "ou",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("communes de Dourou, Machinville et Dandoli", ["Machinville"]),
        ("Dourou, Dandoli, Kargue, Tataga", ["Kargue", "Tataga"]),
        ("Kargue, Tataga, Dandoli", ["Kargue", "Tataga"]),
        ("communes de Konna (cercle de Mopti) et celle de Zzyzxland", ["Zzyzxland"]),
        ("Cercle de Bandiagara (communes de Dourou, Dandoli), cercle de Koro", []),
        ("12 villages de la commune de Konna", []),
        ("commune de Nullepart", ["Nullepart"]),
        ("Mopti > Bandiagara > Dourou", []),
        ("Djidara, Gao", ["Djidara"]),
        ("régions de Gao et de Tombouctou - OIM", []),
        ("Les activités à Konna ont été suspendues", []),
    ],
)
def test_words_that_stand_like_a_place_and_are_none_are_told(text: str, unknown: list[str]) -> None:
    assert [rest.raw for rest in unmatched_stretches(text, "ml-2016") if rest.place_like] == unknown


_ITEMS = st.sampled_from(
    ["Dourou", "Dandoli", "Gao", "Ménaka", "Konna", "Machinville", "Benkadi", "cercle de Koro",
     "12 villages de la commune de Konna", "Région de Mopti", "puits", "Gao / Ménaka", "2 forages"]
)  # fmt: skip
_JOINS = st.sampled_from([", ", " et ", " ; ", " - ", " (", ") ", "\n", " / ", " : "])


@settings(max_examples=120)
@given(st.lists(st.tuples(_ITEMS, _JOINS), min_size=1, max_size=8), st.sampled_from(FRAMES))
def test_no_word_of_a_list_is_lost(parts: list[tuple[str, str]], frame: str) -> None:
    text = "".join(item + join for item, join in parts)
    rests = unmatched_stretches(text, frame)
    spans = [(m.start, m.end) for m in find_places(text, frame)]
    spans += [*qualifier_spans(text, frame), *((rest.start, rest.end) for rest in rests)]
    lost = [
        token[0]
        for token in re.finditer(r"\w+", text)
        if not any(a <= token.start() and token.end() <= b for a, b in spans)
    ]
    assert {word.lower() for word in lost} <= _LINKING
    assert all(text[rest.start : rest.end] == rest.raw for rest in rests)


@settings(max_examples=60)
@given(st.text(max_size=80), st.sampled_from(FRAMES))
def test_leftovers_and_mentions_never_overlap(text: str, frame: str) -> None:
    spans = sorted(
        [(m.start, m.end) for m in find_places(text, frame)]
        + [(rest.start, rest.end) for rest in unmatched_stretches(text, frame)]
    )
    assert all(a[1] <= b[0] for a, b in pairwise(spans))

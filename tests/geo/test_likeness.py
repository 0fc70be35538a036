"""Names that sound the same are the same; numbers tell homonyms apart; slips are counted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.geo.frames import FRAMES, shipped_frames
from atlas.geo.names import NO_NUMBER, SOUNDS_SAME, name_words, phonetic_skeleton, place_name_key
from atlas.geo.ranking import candidates_to_show, nearest_units
from atlas.geo.similarity import ABBREVIATED, BEGINS, GOES_ON, PART, NameComparator


def _likeness(text: str, name: str) -> float:
    scope = NameComparator({"unit": [place_name_key(name)]}, {"unit": name_words(name)})
    return round(float(scope.similarity_scores([name_words(text)])[0, 0]), 3)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("GADOWGOU", "Gadougou"),
        ("Djidian", "Didian"),
        ("Gnamana", "Niamana"),
        ("Nyamana", "Niamana"),
        ("Sinzana", "Cinzana"),
        ("Quoumantou", "Koumantou"),
        ("Ghoundam", "Goundam"),
        ("Guiré", "Giré"),
        ("Hombory", "Ombori"),
        ("Bellen", "Belen"),
        ("Tchiriba", "Siriba"),
        ("Zamblara", "Samblara"),
        ("Kéniémba", "Kéniénba"),
        ("TIN ESSAKO", "Tinessako"),
    ],
)
def test_transcription_habits_make_no_difference(written: str, meant: str) -> None:
    assert phonetic_skeleton(place_name_key(written)) == phonetic_skeleton(place_name_key(meant))
    assert _likeness(written, meant) >= SOUNDS_SAME


@pytest.mark.parametrize("seed", ["1", "4"])
def test_of_two_words_of_one_length_each_is_looked_for_in_every_run(seed: str) -> None:
    asked = (
        "from atlas.geo.ranking import nearest_units, units_in_scope;"
        "units = units_in_scope('commune', 'ml-2012/ML0507', 'ml-2012');"
        "print(nearest_units('Togor Kotia', units, 'ml-2012')[0])"
    )
    env = {**os.environ, "PYTHONHASHSEED": seed}
    told = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True)
    assert told.stdout.strip() == "(0.93, 'ml-2012/ML050709')"


@pytest.mark.parametrize(
    ("text", "name", "score"),
    [
        ("Dourou", "Dourou", 1.0),
        ("Doourou", "Dourou", SOUNDS_SAME),
        ("BAMBA ll", "Bamba", NO_NUMBER),
        ("Sebecoro", "Sébécoro I", NO_NUMBER),
        ("Kapala I", "Kapala II", 0.7),
        ("N'Gabacoro", "N'gabacoro Droit", BEGINS),
        ("Dianweli Maoudé", "Dianwély", GOES_ON),
        ("Boundy", "Sirifila Boundy", PART),
        ("Farakou Mas.", "Farakou Massa", ABBREVIATED),
        ("B. Maoudé", "Bambara Maoudé", ABBREVIATED),
    ],
)
def test_likeness_says_what_differs(text: str, name: str, score: float) -> None:
    assert _likeness(text, name) == pytest.approx(score, abs=0.001)


def test_a_sound_taken_for_a_like_one_is_less_than_another_letter() -> None:
    assert _likeness("Kadiala", "Gadiala") > _likeness("Madiala", "Gadiala")
    assert _likeness("Ouenkoro", "Ouinkoro") > _likeness("Ouenkoro", "Oumnkoro")


@pytest.mark.parametrize(
    "typed", ["DIEDOUGOU lll", "Diedougou Ill", "Diédougou 3", "diedougou III"]
)
def test_a_roman_numeral_is_read_however_it_is_typed(typed: str) -> None:
    assert place_name_key(typed) == "diedougou3"


@pytest.mark.parametrize("frame", FRAMES)
def test_no_two_communes_of_a_cercle_sound_the_same(frame: str) -> None:
    rows = shipped_frames().units_at_level(frame, "commune").filter(pl.col("parent").is_not_null())
    heard = Counter(
        (parent, phonetic_skeleton(place_name_key(name)))
        for parent, name in rows.select("parent", "name").iter_rows()
    )
    same = {pair: n for pair, n in heard.items() if n > 1 and pair[0] != "ml-2023/sikasso"}
    assert same == {}


@given(st.text(alphabet="abcdeghijklmnoqstuwyz", min_size=1, max_size=20), st.integers(0, 19))
def test_a_doubled_letter_is_not_heard(name: str, at: int) -> None:
    at %= len(name)
    assert phonetic_skeleton(name[: at + 1] + name[at:]) == phonetic_skeleton(name)


@given(st.text(max_size=30))
def test_likeness_is_between_0_and_1_and_ordered(text: str) -> None:
    ranked = nearest_units(
        text, shipped_frames().units_at_level("ml-2012", "cercle")["unit_id"], "ml-2012"
    )
    scores = [score for score, _unit in ranked]
    assert len(scores) == 8
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_all_candidates_as_likely_as_the_best_are_named() -> None:
    tied = [(0.98, f"u{n}") for n in range(5)]
    assert candidates_to_show([*tied, (0.4, "far")]) == tied
    assert len(candidates_to_show([(0.9, "a"), (0.5, "b"), (0.4, "c"), (0.3, "d")])) == 3

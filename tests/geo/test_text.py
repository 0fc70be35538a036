"""Places named in prose and lists are found, at the level that the words mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.geo.frames import FRAMES, shipped_frames
from atlas.geo.text import BY_CONTEXT, find_places


def _found(text: str, frame: str = "ml-2016") -> list[str]:
    return [unit for mention in find_places(text, frame) for unit in mention.unit_ids]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("régions de Gao et Ménaka", ["ml-2016/ML07", "ml-2016/ML10"]),
        (
            "dans les régions de Gao et de \n\nTombouctou - OIM",
            ["ml-2016/ML07", "ml-2016/tombouctou"],
        ),
        ("Préfet du cercle de Bankass", ["ml-2016/ML0502"]),
        ("cercles d’Ansongo et Bourem", ["ml-2016/ML0701", "ml-2016/ML0702"]),
        ("communes de Gao, Gounzoureye", ["ml-2016/ML070303", "ml-2016/ML070304"]),
        ("Mopti region", ["ml-2016/ML05"]),
        ("la mairie de Tessalit", ["ml-2016/ML080302"]),
        ("Commune IV de Bamako", ["ml-2016/ML090104"]),
        ("12 villages de la commune de Konna", ["ml-2016/ML050605"]),
        ("C.U. de Koutiala", ["ml-2016/ML030416"]),
        (
            "commune rurale de Soye et commune urbaine de Mopti",
            ["ml-2016/ML050615", "ml-2016/ML050609"],
        ),
        ("Cercles: Nara, Kolokani", ["ml-2016/ML0207", "ml-2016/ML0205"]),
        ("région de Gao ; région de Ménaka", ["ml-2016/ML07", "ml-2016/ML10"]),
    ],
)
def test_a_level_word_decides_for_its_whole_list(text: str, units: list[str]) -> None:
    assert _found(text) == units


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("Gao / Ménaka", "ml-2012/ML07"),
        ("Gao - \n\nMénaka", "ml-2012/ML07"),
        ("Gao-Ménaka", "ml-2012/ML07"),
        ("Tombouctou - Taoudénit", "ml-2012/ML06"),
        ("Tombouctou / \n Taoudénit", "ml-2012/ML06"),
    ],
)
@pytest.mark.parametrize("frame", ["ml-2016", "ml-2023"])
def test_a_label_that_unites_two_regions_is_the_older_unit(
    label: str, unit: str, frame: str
) -> None:
    assert _found(label, frame) == [unit]


def test_a_dash_between_regions_without_a_common_past_is_a_list() -> None:
    assert _found("Mopti - Kidal") == ["ml-2016/ML05", "ml-2016/ML08"]


def test_in_a_list_with_communes_a_name_of_all_levels_is_the_commune() -> None:
    mentions = find_places("(Bandiagara, Dandoli, Dourou, Doucombo, Pignari-Bana)", "ml-2023")
    assert [(m.unit_ids[0], m.how) for m in mentions] == [
        ("ml-2023/bandiagara-bandiagara", "exact"),
        ("ml-2023/dandoli-bandiagara", "exact"),
        ("ml-2023/dourou-bandiagara", "exact"),
        ("ml-2023/doucoumbo-bandiagara", "fuzzy"),
        ("ml-2023/pignari-bana-bandiagara", "exact"),
    ]


def test_notes_in_parentheses_do_not_break_a_list() -> None:
    text = "à Bandiagara (Ecole Alpha Ali Seck - 6 salles) et Pignari-Bana (Logement)"
    assert _found(text, "ml-2023") == [
        "ml-2023/bandiagara-bandiagara",
        "ml-2023/pignari-bana-bandiagara",
    ]


def test_a_misspelt_region_in_a_list_of_regions_is_recognised_and_said() -> None:
    mention = find_places("les régions (Bougouni, Dioïla et Niore du sahel)", "ml-2023")[-1]
    assert (mention.unit_ids, mention.how) == (("ml-2023/nioro",), "fuzzy")


def test_a_parent_in_parentheses_only_says_where_the_commune_lies() -> None:
    assert _found("110 femmes de Ber (région de Tombouctou)") == ["ml-2016/ML060502"]
    assert _found("cercle de Koro, région de Mopti") == ["ml-2016/ML0505"]
    assert _found("Région de Mopti, Dourou") == ["ml-2016/ML050108"]


def test_finer_names_in_parentheses_take_the_place_of_the_larger() -> None:
    assert _found("cercles de Mopti (Konna), Djenné et Youwarou") == [
        "ml-2016/ML050605",
        "ml-2016/ML0503",
        "ml-2016/ML0508",
    ]
    assert _found("Région de Mopti : cercle de Koro ; Région de Ségou : cercle de Niono") == [
        "ml-2016/ML0505",
        "ml-2016/ML0404",
    ]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        (
            "Cercle de Bandiagara (communes de Dourou, Dandoli), cercle de Koro",
            ["ml-2016/ML050108", "ml-2016/ML050104", "ml-2016/ML0505"],
        ),
        (
            "cercle de Koro (communes de Dioungani, Yoro), cercle de Bankass (Baye)",
            ["ml-2016/ML050506", "ml-2016/ML050515", "ml-2016/ML050202"],
        ),
        (
            "Mopti: Bandiagara, Koro; Ségou: Niono",
            ["ml-2016/ML0501", "ml-2016/ML0505", "ml-2016/ML0404"],
        ),
        ("Mopti > Bandiagara > Dourou", ["ml-2016/ML050108"]),
        (
            "à Konna, dans le cercle de Djenné et dans la région de Ménaka",
            ["ml-2016/ML050605", "ml-2016/ML0503", "ml-2016/ML10"],
        ),
    ],
)
def test_a_text_with_several_levels_gives_the_finest_of_each_place(
    text: str, units: list[str]
) -> None:
    assert _found(text) == units


def test_a_misspelt_name_is_recognised_before_after_and_inside_known_ones() -> None:
    for text in ("Doucombo, Dandoli", "Dandoli, Doucombo", "cercle de Bandiagara (Doucombo)"):
        mention = next(m for m in find_places(text, "ml-2016") if m.raw == "Doucombo")
        assert (mention.unit_ids, mention.how) == (("ml-2016/ML050107",), "fuzzy")


def test_the_words_of_a_mention_hold_no_parenthesis() -> None:
    assert [m.raw for m in find_places("Fatoma (cercle de Mopti)", "ml-2016")] == ["Fatoma"]


def test_an_unknown_village_leaves_its_region() -> None:
    assert _found("le centre d’Etambar (région de Kidal)") == ["ml-2016/ML08"]


def test_a_parent_tells_homonyms_apart() -> None:
    assert _found("commune de Benkadi dans le cercle de Kangaba") == ["ml-2016/ML020302"]


def test_a_homonym_alone_is_ambiguous_and_names_the_candidates() -> None:
    (mention,) = find_places("Benkadi", "ml-2016")
    assert mention.unit_ids == ()
    assert len(mention.candidates) == 4


def test_a_bare_name_of_all_levels_is_the_largest_and_says_so() -> None:
    (mention,) = find_places("Mopti : mission intégrée", "ml-2016")
    assert (mention.unit_ids, mention.score) == (("ml-2016/ML05",), BY_CONTEXT)
    assert [c.unit_id for c in mention.candidates] == ["ml-2016/ML0506", "ml-2016/ML050609"]


def test_a_town_somebody_was_in_is_the_commune() -> None:
    (mention,) = find_places("Le bureau à Gao a posé la première pierre", "ml-2016")
    assert (mention.unit_ids, mention.score) == (("ml-2016/ML070303",), BY_CONTEXT)


@pytest.mark.parametrize(
    "text", ["la région du Liptako-Gourma", "dans le Sahel", "politique de SAN et nutrition", ""]
)
def test_words_that_are_not_places_here_are_left_alone(text: str) -> None:
    assert find_places(text, "ml-2023") == []


def test_a_region_that_only_another_frame_has_is_read_there() -> None:
    assert _found("région de Bandiagara", "ml-2016") == ["ml-2023/bandiagara"]


def test_positions_are_those_of_the_words() -> None:
    text = "Travaux à Dourou et Dandoli."
    assert [text[m.start : m.end] for m in find_places(text, "ml-2016")] == ["Dourou", "Dandoli"]


@settings(max_examples=60)
@given(st.text(max_size=60), st.sampled_from(FRAMES))
def test_any_text_is_read_without_error(text: str, frame: str) -> None:
    for mention in find_places(text, frame):
        assert text[mention.start : mention.end] == mention.raw
        assert all(unit in shipped_frames() for unit in mention.unit_ids)

"""Names and codes become the unit they mean, or an answer that says why not."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.geo.frames import FRAMES, shipped_frames
from atlas.geo.names import name_words, place_name_key
from atlas.geo.ranking import match_certainty
from atlas.geo.resolve import resolve_place, resolve_rows
from tests.conftest import needs_shared


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("PIGNARI BANA", "Pignari-Bana"),
        ("commune rurale de Dourou", "Dourou"),
        ("N’Dlondougou", "N'dlondougou"),
        ("SEBECORO 1", "Sébécoro I"),
        ("C.U. KOUTIALA", "Koutiala"),
        ("DIEDOUGOU lll", "Diédougou III"),
        ("Cercle de Tin Essako", "Tin-Essako"),
    ],
)
def test_two_spellings_of_one_name_have_one_key(written: str, meant: str) -> None:
    assert place_name_key(written) == place_name_key(meant)


def test_the_numbered_communes_of_bamako_keep_their_number() -> None:
    assert name_words("Commune IV") == ["commune", "4"]
    answer = resolve_place(region="Bamako", commune="Commune IV", frame="ml-2016")
    assert answer.unit_id == "ml-2016/ML090104"


@pytest.mark.parametrize(
    ("cells", "frame", "unit_id", "how"),
    [
        ({"region": "SEGOU"}, "ml-2012", "ml-2012/ML04", "exact"),
        ({"region": "Timbuktu"}, "ml-2016", "ml-2016/tombouctou", "alias"),
        ({"region": "Région de Tombouctu"}, "ml-2012", "ml-2012/ML06", "fuzzy"),
        ({"cercle": "Bandiagara"}, "ml-2016", "ml-2016/ML0501", "exact"),
        ({"cercle": "Bandiagara"}, "ml-2023", "ml-2023/cercle-bandiagara", "exact"),
        ({"region": "Ségou", "cercle": "Baroueli"}, "ml-2016", "ml-2016/ML0401", "alias"),
        ({"region": "Mopti", "commune": "Dandoli"}, "ml-2016", "ml-2016/ML050104", "exact"),
        ({"commune_code": "ML050108"}, "ml-2016", "ml-2016/ML050108", "exact"),
        ({"region_code": "MLI10"}, "ml-2016", "ml-2016/ML10", "exact"),
        ({"region_code": "ML-9"}, "ml-2016", "ml-2016/ML10", "exact"),
        ({"region_code": "ML06"}, "ml-2016", "ml-2012/ML06", "exact"),
        ({"region_code": "ML06", "region": "Tombouctou"}, "ml-2016", "ml-2016/tombouctou", "exact"),
        ({"region": "Gao / Ménaka"}, "ml-2016", "ml-2012/ML07", "alias"),
        ({"region": "Tombouctou – Taoudénit"}, "ml-2023", "ml-2012/ML06", "alias"),
        ({"region": "Tout le pays"}, "ml-2016", "_national", "exact"),
        (
            {"cercle": "Niono", "region": "Ségou", "commune": "BOUNDY"},
            "ml-2012",
            "ml-2012/ML040409",
            "fuzzy",
        ),
    ],
)
def test_what_a_row_says_becomes_a_unit(
    cells: dict[str, str], frame: str, unit_id: str, how: str
) -> None:
    answer = resolve_place(frame=frame, **cells)  # type: ignore[arg-type]
    assert (answer.unit_id, answer.how) == (unit_id, how)


def test_a_homonym_without_a_parent_is_ambiguous_and_names_the_candidates() -> None:
    answer = resolve_place(commune="Benkadi", frame="ml-2012")
    assert answer.unit_id is None
    assert len(answer.candidates) == 4
    assert [code for code, _ in answer.findings] == ["place_ambiguous"]


def test_a_homonym_is_told_apart_by_its_parent() -> None:
    answer = resolve_place(cercle="Kangaba", commune="Benkadi", frame="ml-2012")
    assert answer.unit_id == "ml-2012/ML020302"


def test_an_unknown_commune_is_not_replaced_by_its_region_in_silence() -> None:
    answer = resolve_place(region="Mopti", commune="Nulle Part", frame="ml-2016")
    assert (answer.unit_id, answer.within) == (None, "ml-2016/ML05")
    assert answer.findings[0][0] == "place_unknown"


def test_a_region_of_another_frame_is_read_there_and_said() -> None:
    answer = resolve_place(region="Bandiagara", frame="ml-2016")
    assert answer.unit_id == "ml-2023/bandiagara"
    assert [code for code, _ in answer.findings] == ["frame_inferred"]


def test_old_names_in_a_recent_document_are_read_in_the_frame_where_they_agree() -> None:
    answer = resolve_place(region="Mopti", cercle="Bandiagara", commune="Dourou", frame="ml-2023")
    assert answer.unit_id == "ml-2016/ML050108"
    assert [code for code, _ in answer.findings] == ["frame_inferred"]


def test_the_name_beats_a_code_that_says_another_cercle_of_the_region() -> None:
    answer = resolve_place(
        region="Menaka", region_code="MLI10", cercle="Inekar", cercle_code="ML1001", frame="ml-2016"
    )
    assert answer.unit_id == "ml-2016/ML1003"
    assert answer.findings == (
        (
            "place_code_name",
            {"code": "ML1001", "code_name": "Ménaka", "name": "Inekar", "kept": "Inékar"},
        ),
    )


def test_the_majority_places_and_the_lone_voice_is_a_finding() -> None:
    answer = resolve_place(
        region="Tombouctou",
        region_code="MLI09",
        cercle="Bamako",
        cercle_code="ML0901",
        frame="ml-2016",
    )
    assert answer.unit_id == "ml-2016/ML0901"
    assert [code for code, _ in answer.findings] == ["place_contradiction"]


def test_one_word_against_another_leaves_the_row_unplaced() -> None:
    answer = resolve_place(region="Ségou", region_code="ML05", frame="ml-2016")
    assert answer.unit_id is None
    assert {c.unit_id for c in answer.candidates} == {"ml-2016/ML04", "ml-2016/ML05"}
    assert [code for code, _ in answer.findings] == ["place_contradiction"]


def test_an_outvoted_commune_leaves_only_the_cercle_sure() -> None:
    answer = resolve_place(region="Mopti", cercle="Bandiagara", commune="Siby", frame="ml-2016")
    assert (answer.unit_id, answer.within) == (None, "ml-2016/ML0501")
    assert answer.candidates[0].unit_id == "ml-2016/ML020433"
    assert [code for code, _ in answer.findings] == ["place_contradiction"]


def test_a_commune_of_another_cercle_of_the_region_leaves_only_the_region_sure() -> None:
    answer = resolve_place(region="Koulikoro", cercle="Kangaba", commune="Siby", frame="ml-2016")
    assert (answer.unit_id, answer.within) == (None, "ml-2016/ML02")
    assert [code for code, _ in answer.findings] == ["place_contradiction"]


@pytest.mark.parametrize("code", ["ML0901", "MLI11", "5", "Mopti", "ML99"])
def test_a_malformed_region_code_is_no_vote(code: str) -> None:
    answer = resolve_place(region="Kayes", region_code=code, frame="ml-2016")
    assert answer.unit_id == "ml-2016/ML01"
    assert answer.findings == (("place_code_malformed", {"code": code}),)


def test_a_padded_code_counts_and_is_said() -> None:
    answer = resolve_place(region="Gao", cercle_code="ML0701 ", frame="ml-2016")
    assert answer.unit_id == "ml-2016/ML0701"
    assert answer.findings == (("place_code_padded", {"code": "ML0701 "}),)


def test_an_old_code_proves_nothing_in_2023_where_numbers_mean_other_places() -> None:
    assert resolve_place(cercle_code="ML0102", frame="ml-2023").unit_id is None


def test_a_point_outside_mali_is_a_finding() -> None:
    answer = resolve_place(region="Gao", lon=48.8, lat=2.3, frame="ml-2016")
    assert [code for code, _ in answer.findings] == ["coordinates_outside"]


def test_resolving_a_table_keeps_rows_and_order_and_says_null_when_unsure() -> None:
    table = pl.DataFrame(
        {"region": ["Mopti", None, "Mopti"], "commune": ["Dourou", "Benkadi", "Dourou"]}
    )
    answer = resolve_rows(table, "ml-2012")
    assert answer.columns == ["unit_id", "pcode", "level", "how", "score", "candidates"]
    assert answer["unit_id"].to_list() == ["ml-2012/ML050108", None, "ml-2012/ML050108"]
    assert answer["pcode"].to_list() == ["ML050108", None, "ML050108"]


@pytest.mark.parametrize(
    ("cells", "unit_id"),
    [
        ({"region": "Kyes", "cercle": "Bafoulabé"}, "ml-2012/ML0101"),
        ({"region": "Kyes", "cercle": "Bafoulbe", "commune": "Diakon"}, "ml-2012/ML010103"),
        ({"region": "Mopti", "cercle": "Bandiagra"}, "ml-2012/ML0501"),
        ({"cercle": "Bandiagara", "commune": "Dourou (centre)"}, "ml-2012/ML050108"),
        ({"cercle": "Douentza", "commune": "Boni (Hairé)"}, "ml-2012/ML050408"),
        ({"cercle": "Kangaba", "commune": "BENKADI l"}, "ml-2012/ML020302"),
        ({"cercle": "Bankass", "commune": "SOCOURA"}, "ml-2012/ML050210"),
    ],
)
def test_names_misspelt_at_any_level_are_told_by_the_names_around(
    cells: dict[str, str], unit_id: str
) -> None:
    assert resolve_place(frame="ml-2012", **cells).unit_id == unit_id  # type: ignore[arg-type]


def test_a_region_like_none_leaves_the_row_open_whatever_its_cercle() -> None:
    answer = resolve_place(region="Tillabéri", cercle="Bandiagara", frame="ml-2012")
    assert answer.unit_id is None
    assert [code for code, _ in answer.findings] == ["place_unknown"]


@pytest.mark.parametrize(
    ("cercle", "commune", "meant"),
    [
        ("Macina", "Cne de Kokry", "Kokry Centre"),
        ("Macina", "Kokry central", "Kokry Centre"),
        ("Ansongo", "C/R de Tin-Hama", "Tin Hama"),
        ("Kati", "C. rurale de Yélékebougou", "Yélékedougou"),
        ("Kati", "Mairie de Kalabancoro", "Kalabancoro"),
        ("Djenné", "Kéwa (Mopti)", "Kéwa"),
        ("Djenné", "Kewwa (Mopti)", "Kéwa"),
        ("Kita", "Gadougou (II)", "Gadougou II"),
        ("Gourma-Rharous", "B. Maoudé", "Bambara Maoudé"),
    ],
)
def test_words_that_only_say_what_a_name_is_of_are_no_part_of_it(
    cercle: str, commune: str, meant: str
) -> None:
    answer = resolve_place(cercle=cercle, commune=commune, frame="ml-2012")
    assert shipped_frames().unit_label(str(answer.unit_id)) == meant


def test_a_town_named_as_a_region_is_no_region_in_silence() -> None:
    assert resolve_place(region="Gao ville", frame="ml-2012").unit_id is None


def test_a_slip_is_accepted_the_sooner_the_further_the_next_name_is() -> None:
    assert match_certainty(0.8, 0.4, "cercle") > match_certainty(0.85, 0.76, "cercle")
    assert match_certainty(0.69, 0.1, "cercle") == 0
    assert resolve_place(commune="Ngozi", frame="ml-2012").unit_id is None  # 0.82 of Gossi
    alone = resolve_place(commune="Inckar", frame="ml-2012")  # 0.84 of Inékar, and of no other
    assert shipped_frames().unit_label(str(alone.unit_id)) == "Inékar"
    beside = resolve_place(
        commune="Zanfarebougou", frame="ml-2012"
    )  # near to Sangarébougou as well
    assert beside.unit_id is None


def test_a_slip_in_a_numbered_name_is_not_taken_for_its_neighbour() -> None:
    answer = resolve_place(region="Bamako", cercle="Bamako", commune="Comune V I", frame="ml-2012")
    assert answer.unit_id is None


@settings(max_examples=60)
@given(
    unit_id=st.sampled_from(
        shipped_frames().units.filter(pl.col("level") == "commune")["unit_id"].to_list()
    ),
    spell=st.sampled_from([str.upper, str.lower, str.title, lambda n: n.replace(" ", "-")]),
)
def test_every_commune_is_found_by_its_full_name_or_said_to_have_a_homonym(
    unit_id: str, spell: object
) -> None:
    unit = shipped_frames().unit_by_id(unit_id)
    above = {
        level: shipped_frames().unit_label(found)
        for level in ("region", "cercle")
        if (found := shipped_frames().ancestor_at_level(unit_id, level))
    }
    answer = resolve_place(commune=spell(unit.name), frame=unit.frame, **above)  # type: ignore[operator]
    said = [code for code, _ in answer.findings]
    if unit_id == "ml-2023/ben-kadi-banamba":  # its cercle is not known, and Kangaba has a Benkadi
        assert (answer.unit_id, said) == (None, ["place_ambiguous"])
    else:
        assert (answer.unit_id, said) == (unit_id, [])


@settings(max_examples=60)
@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.sampled_from(FRAMES))
def test_any_text_gets_an_answer(region: str, cercle: str, commune: str, frame: str) -> None:
    answer = resolve_place(region=region, cercle=cercle, commune=commune, frame=frame)
    assert (
        answer.unit_id is None
        or answer.unit_id == "_national"
        or answer.unit_id in shipped_frames()
    )


@needs_shared
def test_630_spellings_of_another_list_are_found_and_none_is_wrong(shared: Path) -> None:
    with (shared / "data" / "place_truth.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    outcome: Counter[str] = Counter()
    for row in rows:
        cells = {k: row[k] for k in ("region", "cercle", "commune")}
        found = resolve_place(frame="ml-2012", **cells).unit_id  # type: ignore[arg-type]
        right = f"ml-2012/{row['truth_pcode']}"
        outcome["none" if found is None else "right" if found == right else "wrong"] += 1
    assert outcome == {"right": 630}


@needs_shared
def test_the_findings_of_the_5w_list_are_those_of_the_facts(shared: Path) -> None:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(shared / "data" / "whowhatwhere_5w_mli_mar2022.xlsx")
    counted: Counter[str] = Counter()
    placed = 0
    for row in book.get_sheet_by_name("ML_5W").to_python()[2:]:
        answer = resolve_place(
            region_code=str(row[1]),
            region=str(row[2]),
            cercle_code=str(row[3]),
            cercle=str(row[4]),
            frame="ml-2016",
        )
        counted.update({code for code, _ in answer.findings})
        placed += answer.level == "cercle"
    assert placed == 22_805
    assert counted == {
        "place_code_malformed": 39,
        "place_code_padded": 35,
        "place_code_name": 158,
        "place_contradiction": 1,
    }

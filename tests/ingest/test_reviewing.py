"""What a person decided comes before anything the matcher thinks of a place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.corrections import CorrectionLookup, DecisionScope, WordingCorrection
from atlas.ingest.context_tables import read_context
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.placing import placements_of, units_of_place
from atlas.ingest.reading import PlaceText, Record
from atlas.model import Kind, Source
from atlas.store.disk import canonical_tables, logical_hash

KIDAL, GAO = "ml-2016/ML08", "ml-2016/ML07"
ABEIBARA, BARA, TIN_HAMA = "ml-2016/ML080101", "ml-2016/ML070102", "ml-2016/ML070107"
KNOWN = CorrectionLookup.from_entries(
    [
        WordingCorrection("Etambar", ABEIBARA),
        WordingCorrection("Djidara", BARA, DecisionScope.UNDER, GAO),
        WordingCorrection("Indelimane", TIN_HAMA, DecisionScope.DOCUMENT, "d0c"),
    ]
).for_document("d0c")


def placed(**written: object) -> list[tuple[str, int, str, str | None, float | None]]:
    found = units_of_place(PlaceText(**written), "ml-2016", KNOWN)
    return [(one.unit_id, one.weight, one.raw, one.how, one.score) for one in found.placed]


def codes(**written: object) -> list[str]:
    return [
        code for code, _params in units_of_place(PlaceText(**written), "ml-2016", KNOWN).findings
    ]


@pytest.mark.parametrize(
    ("written", "raw"),
    [
        ({"region": "Kidal", "commune": "ETAMBAR"}, "Kidal > ETAMBAR"),
        ({"region": "Kidal", "locality": "Étambar"}, "Kidal > Étambar"),
        ({"region": "Kidal", "text": "Etambar"}, "Kidal | Etambar"),
        ({"text": "Kidal (Etambar)"}, "Etambar"),
        ({"text": "Appui à la localité d'Etambar"}, "Etambar"),
    ],
)
def test_a_decided_place_is_reviewed_sure_and_keeps_its_wording(
    written: dict[str, object], raw: str
) -> None:
    assert placed(**written) == [(ABEIBARA, 1, raw, "reviewed", 1.0)]
    assert codes(**written) == ["place_reviewed"]


def test_an_unknown_name_of_a_list_takes_its_share_once_it_is_decided() -> None:
    assert [(u, how) for u, _w, _r, how, _s in placed(text="Bandiagara, Etambar, Dourou")] == [
        ("ml-2016/ML0501", "exact"),
        (ABEIBARA, "reviewed"),
        ("ml-2016/ML050108", "exact"),
    ]


def test_a_decided_name_among_the_localities_of_a_cell_is_found() -> None:
    assert placed(region="Kidal", locality="Etambar, Djounhan")[0][::3] == (ABEIBARA, "reviewed")
    assert codes(region="Kidal", locality="Etambar, Djounhan")[0] == "place_reviewed"


def test_the_share_a_list_reports_goes_with_the_decided_place() -> None:
    assert [(u, w) for u, w, *_rest in placed(text="Etambar 40 %, Gao 60 %")] == [
        (ABEIBARA, 40),
        (GAO, 60),
    ]


def test_the_larger_unit_beside_a_decided_locality_is_no_second_place() -> None:
    assert placed(text="Djidara, Gao") == [(BARA, 1, "Djidara", "reviewed", 1.0)]
    assert codes(text="Djidara, Gao") == ["place_reviewed"]


def test_a_decision_under_a_parent_leaves_the_name_alone_elsewhere() -> None:
    assert placed(region="Gao", text="Djidara")[0][0] == BARA
    assert placed(region="Mopti", text="Djidara")[0][3] != "reviewed"
    assert placed(text="Djidara")[0][0] == "_unplaced"


def test_a_decision_of_a_document_holds_in_no_other() -> None:
    text = PlaceText(region="Gao", text="Indelimane")
    assert placed(region="Gao", text="Indelimane")[0][0] == TIN_HAMA
    other = CorrectionLookup(KNOWN.entries).for_document("other")
    assert units_of_place(text, "ml-2016", other) == units_of_place(text, "ml-2016")


@pytest.mark.parametrize("field", ["commune", "text"])
def test_a_row_that_contradicts_a_bare_name_keeps_its_place_and_both_are_told(field: str) -> None:
    found = units_of_place(PlaceText(region="Gao", **{field: "Etambar"}), "ml-2016", KNOWN)
    assert [one.unit_id for one in found.placed] == [GAO]
    said = dict(found.findings)["place_decision_aside"]
    assert dict(said) | {"raw": ""} == {
        "raw": "",
        "unit": "Abéïbara [ml-2016/ML080101]",
        "said": "Gao [ml-2016/ML07]",
    }


def test_a_decision_wins_over_a_name_that_the_matcher_knows() -> None:
    decided = CorrectionLookup.from_entries([WordingCorrection("Gao > Bara", TIN_HAMA)])
    found = units_of_place(PlaceText(region="Gao", commune="Bara"), "ml-2016", decided)
    assert [(one.unit_id, one.how) for one in found.placed] == [(TIN_HAMA, "reviewed")]


def test_coordinates_far_from_a_decided_place_are_said_and_not_kept() -> None:
    found = units_of_place(
        PlaceText(region="Kidal", commune="Etambar", lon=-8.0, lat=12.6), "ml-2016", KNOWN
    )
    assert [(one.unit_id, one.lon) for one in found.placed] == [(ABEIBARA, None)]
    assert [code for code, _params in found.findings] == ["place_reviewed", "coordinates_elsewhere"]


items = st.lists(
    st.sampled_from(["Etambar", "Djidara", "Gao", "Kidal", "Zzyx", "Dourou", "💧", "Indelimane"]),
    max_size=6,
)


@settings(max_examples=80)
@given(items, st.sampled_from([", ", " ; ", " et ", " / ", "\n"]), st.sampled_from(["", "Kidal"]))
def test_decisions_that_speak_of_none_of_its_names_change_nothing_of_a_place(
    names: list[str], joint: str, region: str
) -> None:
    text = PlaceText(region=region, text=joint.join(names))
    others = CorrectionLookup.from_entries(
        [WordingCorrection("Ouro Guiré", "ml-2016/ML0507"), WordingCorrection("Gaoua", KIDAL)]
    )
    assert units_of_place(text, "ml-2016", others) == units_of_place(text, "ml-2016")
    record = Record("L1", Kind.ACTIVITY, Source.QIP, "Forage", places=(text,))
    decided, _said = placements_of(record, "ml-2016", KNOWN)
    assert decided
    assert all(one.weight > 0 for one, _rule in decided)


@settings(max_examples=60)
@given(st.text(max_size=40), st.text(max_size=60), st.sampled_from([", ", "\n", " (", " > ", ""]))
def test_whatever_is_written_and_decided_a_place_is_somewhere(
    name: str, words: str, joint: str
) -> None:
    decided = CorrectionLookup.from_entries(
        c for c in [WordingCorrection(name, ABEIBARA)] if c.wording_parts
    )
    found = units_of_place(PlaceText(region="Kidal", text=words + joint + name), "ml-2016", decided)
    assert found.placed
    assert all(one.weight > 0 for one in found.placed)
    reviewed = [one.unit_id for one in found.placed if one.how == "reviewed"]
    assert set(reviewed) <= {ABEIBARA}
    if not decided:
        assert reviewed == []


LIST = """Titre;Région;Commune;Budget;Devise;Début;Fin
Forage;Kidal;Etambar;1 000;USD;01/02/2017;31/05/2017
École;Gao;Ansongo;500;USD;01/02/2017;31/05/2017
"""


def read(path: Path, *decided: WordingCorrection) -> IngestBatch:
    return ingest_file(path, source="qip", corrections=CorrectionLookup.from_entries(decided))


def hash_of(path: Path, *decided: WordingCorrection) -> str:
    return logical_hash(canonical_tables(read(path, *decided).tables))


@pytest.fixture
def project_list(tmp_path: Path) -> Path:
    path = tmp_path / "projets_qip_juin_2017.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


def test_the_same_file_and_decisions_make_the_same_tables_and_another_decision_others(
    project_list: Path,
) -> None:
    plain = hash_of(project_list)
    one, other = WordingCorrection("Etambar", ABEIBARA), WordingCorrection("Djidara", BARA)
    assert hash_of(project_list, one, other) == hash_of(project_list, other, one)
    assert hash_of(project_list, one) != plain
    assert hash_of(project_list, other) == plain
    numbered = WordingCorrection("Etambar", ABEIBARA, decision=7)
    assert hash_of(project_list, numbered) == hash_of(project_list, one)


def test_a_decision_moves_an_activity_and_makes_no_other_of_it(project_list: Path) -> None:
    before = read(project_list).tables
    after = read(project_list, WordingCorrection("Etambar", ABEIBARA)).tables
    assert after.activities.equals(before.activities)
    assert after.amounts.equals(before.amounts)
    moved = after.placements.filter(pl.col("how") == "reviewed")
    assert moved.select("unit_id", "raw", "score").rows() == [(ABEIBARA, "Kidal > Etambar", 1.0)]
    assert before.placements.filter(pl.col("unit_id") == KIDAL).height == 1


def test_a_context_table_takes_decisions_too(tmp_path: Path) -> None:
    path = tmp_path / "acces.csv"
    path.write_text("region;commune;text\nKidal;Etambar;piste coupée\n", encoding="utf-8")
    decided = CorrectionLookup.from_entries([WordingCorrection("Etambar", ABEIBARA)])
    batch = read_context("access", path, as_of=date(2018, 5, 1), corrections=decided)
    assert batch.tables.context["unit_id"].to_list() == [ABEIBARA]
    assert batch.read_as.context == "access"

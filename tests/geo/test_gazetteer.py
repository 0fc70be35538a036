"""Lists of localities are installed beside each other and give villages their commune."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.cli.output import install_geodata, show_geodata
from atlas.errors import GeodataError
from atlas.geo import gazetteer
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.geo.gazetteer import (
    gazetteer_folder,
    gazetteer_status,
    localities_named,
    locality_spellings,
)
from atlas.geo.install import LocalitiesReport, install_localities
from atlas.geo.resolve import resolve_place
from atlas.geo.text import find_places
from atlas.ingest.placing import units_of_place
from atlas.ingest.reading import PlaceText
from tests.conftest import SHARED, needs_shared

LIST = """REGION,CERCLE,COMMUNE,VILLAGE,LAT,LONG
MOPTI,BANDIAGARA,PIGNARI BANA,GOUNDAKA,14.488,-3.9472
MOPTI,BANDIAGARA,PIGNARI BANA,FIKO,14.44694,-3.90827
MOPTI,BANDIAGARA,DOUROU,NOMBORI,14.36,-3.3
MOPTI,BANDIAGARA,NULLE PART,PERDU,14.4,-3.5
MOPTI,BANDIAGARA,DOUROU,SOKOURA,14.3,-3.4
KOULIKORO,KATI,SIBY,SOKOURA,12.4,-8.3
TOMBOUCTOU,TOMBOUCTOU,BER,BER,16.8587,-2.52578
KIDAL,ABEIBARA,ABEIBARA,ALGERIE,19.716,1.60271
MOPTI,KORO,KORO,KORO,14.06,-3.08
MOPTI,KORO,DINANGOUROU,DOUROU,14.4,-2.3
"""


def _install(folder: Path, text: str = LIST, name: str = "villages.csv") -> LocalitiesReport:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return install_localities(path)


@pytest.fixture
def listed(tmp_path: Path) -> LocalitiesReport:
    """The small list above, installed."""
    return _install(tmp_path / "in")


def test_a_list_is_installed_and_says_what_it_could_not_place(listed: LocalitiesReport) -> None:
    assert (listed.source, listed.installed, listed.with_point) == ("villages", 10, 10)
    assert (listed.matched, listed.unmatched) == (
        7,
        (("MOPTI > BANDIAGARA > NULLE PART", 1),),
    )


def test_a_malformed_line_is_named_with_its_number_and_the_rest_goes_in(tmp_path: Path) -> None:
    report = _install(tmp_path / "in", LIST + "MOPTI,MOPTI,,BOULI(FETEL, GRI),,\n")
    assert [number for number, _line in report.malformed] == [12]
    assert report.installed == 10
    assert any("12" in line and "BOULI" in line for line in report.report_lines())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "mac_roman", "cp850"])
def test_names_keep_their_accents_whatever_encoding_a_list_is_in(
    encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "villages.csv"
    path.write_bytes("Localité;Cercle\nSégué;Koro\nTélé;Goundam\n".encode(encoding))
    install_localities(path)
    kept = pl.read_parquet((gazetteer_folder() or tmp_path) / "localities.parquet")
    assert kept["name"].to_list() == ["Ségué", "Télé"]


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("village;commune;cercle;latitude;longitude", "Goundaka;Pignari Bana;Bandiagara;14,5;-3,9"),
        ("name\tadmin3Name\tadmin2Name\ty\tx", "Goundaka\tPignari Bana\tBandiagara\t14.5\t-3.9"),
        ("Localité,Code commune,lat,lon", "Goundaka,ML050116,14.5,-3.9"),
    ],
)
def test_columns_and_separators_of_other_lists_are_recognised(
    heading: str, line: str, tmp_path: Path
) -> None:
    _install(tmp_path / "in", f"{heading}\n{line}\n")
    (found,) = localities_named("Goundaka", "ml-2016")
    assert (found.unit_id, found.lon, found.lat) == ("ml-2016/ML050116", -3.9, 14.5)


def test_a_point_outside_the_country_is_left_out_and_said(tmp_path: Path) -> None:
    report = _install(tmp_path / "in", "village,commune,lat,lon\nFiko,Dourou,0,0\n")
    assert (report.installed, report.with_point) == (1, 0)
    assert report.bad_points == ((2, "0, 0"),)


def test_a_list_without_localities_is_refused_and_the_one_before_stays(
    listed: LocalitiesReport, tmp_path: Path
) -> None:
    before = gazetteer_status()
    with pytest.raises(GeodataError, match=r"autres\.csv"):
        _install(tmp_path / "in", "commune,population\nDourou,1\n", "autres.csv")
    assert gazetteer_status() == before


def test_the_command_installs_a_list_and_its_status_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "villages.csv").write_text("date," + LIST.replace("\n", "\n2012-05-01,")[:-11])
    install_geodata(tmp_path / "villages.csv")
    show_geodata()
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Localités villages (2012-05-01) : 10 installées, 10 avec un point."
    assert said[-1] == said[0]


def test_sources_stand_side_by_side_and_one_of_the_same_name_is_replaced(
    listed: LocalitiesReport, tmp_path: Path
) -> None:
    _install(tmp_path / "in", "village,commune,cercle\nDjidara,Gao,Gao\n", "sites.csv")
    _install(tmp_path / "in", "\n".join(LIST.splitlines()[:3]))
    assert [(s["source"], s["localities"]) for s in gazetteer_status()] == [
        ("sites", 1),
        ("villages", 2),
    ]
    assert [x.source for x in localities_named("Djidara", "ml-2016")] == ["sites"]
    assert localities_named("Nombori", "ml-2016") == []


def test_installing_twice_is_the_same_generation_and_two_are_kept(tmp_path: Path) -> None:
    for text in (LIST, LIST + "GAO,GAO,GAO,AAA,,\n", LIST + "GAO,GAO,GAO,BBB,,\n"):
        _install(tmp_path / "in", text)
    here = gazetteer.gazetteer_folder()
    _install(tmp_path / "in", LIST + "GAO,GAO,GAO,BBB,,\n")
    assert gazetteer.gazetteer_folder() == here
    assert here is not None
    assert len([p for p in here.parent.iterdir() if p.is_dir()]) == 2


def test_without_a_list_a_locality_changes_nothing() -> None:
    assert (
        gazetteer.installation_stamp(),
        gazetteer_status(),
        localities_named("Goundaka", "ml-2016"),
    ) == ("", [], [])
    answer = resolve_place(region="Mopti", locality="Goundaka", frame="ml-2016")
    assert (answer.unit_id, answer.findings, answer.lon) == ("ml-2016/ML05", (), None)


@pytest.mark.parametrize(
    ("cells", "unit_id", "how", "lon"),
    [
        ({"locality": "Goundaka"}, "ml-2016/ML050116", "exact", -3.9472),
        ({"locality": "Ber"}, "ml-2016/ML060502", "exact", -2.52578),
        ({"region": "Mopti", "locality": "goundaka"}, "ml-2016/ML050116", "exact", -3.9472),
        ({"cercle": "Bandiagara", "locality": "Gundaka"}, "ml-2016/ML050116", "fuzzy", -3.9472),
        ({"cercle": "Bandiagara", "locality": "Sokoura"}, "ml-2016/ML050108", "exact", -3.4),
        ({"cercle": "Bandiagara", "locality": "Perdu"}, "ml-2016/ML0501", "exact", -3.5),
    ],
)
def test_a_locality_finds_its_commune_and_keeps_its_point(
    listed: LocalitiesReport, cells: dict[str, str], unit_id: str, how: str, lon: float
) -> None:
    answer = resolve_place(frame="ml-2016", **cells)  # type: ignore[arg-type]
    assert (answer.unit_id, answer.how, answer.lon) == (unit_id, how, lon)


def test_a_homonym_is_ambiguous_without_a_parent(listed: LocalitiesReport) -> None:
    answer = resolve_place(locality="Sokoura", frame="ml-2016")
    assert answer.unit_id is None
    assert {c.unit_id for c in answer.candidates} == {
        "ml-2016/ML050108",
        "ml-2016/ML020433",
        "ml-2016/ML050210",  # the commune of that name
    }
    assert [code for code, _ in answer.findings] == ["place_ambiguous"]


@pytest.mark.parametrize(
    ("cells", "unit_id", "code"),
    [
        ({"region": "Kidal", "locality": "Etambar"}, "ml-2016/ML08", "place_at_region"),
        ({"cercle": "Ansongo", "locality": "Indelimane"}, "ml-2016/ML0701", "place_coarser"),
        ({"commune": "Dourou", "cercle": "Bandiagara", "locality": "Xyzab"}, "ml-2016/ML050108",
         "locality_not_listed"),
        ({"cercle": "Bankass", "locality": "Goundaka"}, "ml-2016/ML0502", "place_contradiction"),
        ({"commune": "Dourou", "cercle": "Bandiagara", "locality": "Fiko"}, "ml-2016/ML050108",
         "place_contradiction"),
    ],
)  # fmt: skip
def test_a_locality_that_is_not_there_leaves_the_row_where_it_is_and_says_so(
    listed: LocalitiesReport, cells: dict[str, str], unit_id: str, code: str
) -> None:
    answer = resolve_place(frame="ml-2016", **cells)  # type: ignore[arg-type]
    assert answer.unit_id == unit_id
    assert [said for said, _ in answer.findings] == [code]


def test_a_village_never_takes_a_name_from_the_commune_its_column_names(
    listed: LocalitiesReport,
) -> None:
    assert resolve_place(commune="Dourou", frame="ml-2016").unit_id == "ml-2016/ML050108"
    assert resolve_place(cercle="Koro", frame="ml-2016").unit_id == "ml-2016/ML0505"
    (mention,) = find_places("commune de Dourou", "ml-2016")
    assert (mention.unit_ids, mention.lon) == (("ml-2016/ML050108",), None)
    (cercle,) = find_places("cercle de Koro", "ml-2016")
    assert cercle.unit_ids == ("ml-2016/ML0505",)


def test_a_locality_named_like_a_commune_elsewhere_in_the_region_is_ambiguous(
    listed: LocalitiesReport,
) -> None:
    answer = resolve_place(region="Mopti", locality="Dourou", frame="ml-2016")
    assert (answer.unit_id, answer.within) == (None, "ml-2016/ML05")
    assert {c.unit_id for c in answer.candidates} == {"ml-2016/ML050108", "ml-2016/ML050505"}


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Goundaka", ["ml-2016/ML050116"]),
        ("Goundaka, Fiko, Nombori", ["ml-2016/ML050116", "ml-2016/ML050116", "ml-2016/ML050108"]),
        ("dans le village de Goundaka, un puits", ["ml-2016/ML050116"]),
        ("Goundaka (cercle de Bandiagara)", ["ml-2016/ML050116"]),
        ("cercle de Bandiagara : Sokoura", ["ml-2016/ML050108"]),
        ("une formation à Fiko", ["ml-2016/ML050116"]),
        ("village de Dourou", ["ml-2016/ML050505"]),
        ("réfugiés venus du Maroc et d'Algérie", []),
        ("commune de Goundaka", []),
        ("le centre d’Etambar (région de Kidal)", ["ml-2016/ML08"]),
    ],
)
def test_free_text_finds_villages_where_the_words_say_so(
    listed: LocalitiesReport, text: str, units: list[str]
) -> None:
    found = [unit for mention in find_places(text, "ml-2016") for unit in mention.unit_ids]
    assert found == units


def test_a_placement_keeps_the_point_of_its_locality(listed: LocalitiesReport) -> None:
    for text in (PlaceText(text="Goundaka"), PlaceText(region="Mopti", locality="Goundaka")):
        (placed,) = units_of_place(text, "ml-2016").placed
        assert (placed.unit_id, placed.lon, placed.lat) == ("ml-2016/ML050116", -3.9472, 14.488)


def test_several_localities_in_one_cell_are_several_placements(listed: LocalitiesReport) -> None:
    found = units_of_place(PlaceText(cercle="Bandiagara", locality="Goundaka, Nombori"), "ml-2016")
    assert [one.unit_id for one in found.placed] == ["ml-2016/ML050116", "ml-2016/ML050108"]


def test_what_was_read_before_a_list_is_installed_is_read_again_after(tmp_path: Path) -> None:
    def units() -> list[str]:
        return [one.unit_id for one in units_of_place(PlaceText(text="Goundaka"), "ml-2016").placed]

    before = units()
    _install(tmp_path / "in")
    assert (before, units()) == (["_unplaced"], ["ml-2016/ML050116"])


def test_another_name_of_a_locality_finds_it_as_an_alias(tmp_path: Path) -> None:
    _install(tmp_path / "in", "village,commune,cercle,alias\nTrenti/Sabou,Dourou,Bandiagara,Tr\n")
    assert [(x.unit_id, x.how) for x in localities_named("Sabou", "ml-2016")] == [
        ("ml-2016/ML050108", "alias")
    ]
    assert resolve_place(locality="Tr", frame="ml-2016").how == "alias"


def test_double_names_and_notes_are_other_names() -> None:
    assert locality_spellings("TRENTIMOU/SABOUSSIRE") == ["TRENTIMOU", "SABOUSSIRE"]
    assert locality_spellings("TINI (Dianweli)", ["Tiny"]) == ["Tiny", "TINI"]


@settings(max_examples=40)
@given(st.text(max_size=40), st.sampled_from(FRAMES))
def test_any_name_is_looked_up_without_error(name: str, frame: str) -> None:
    for found in localities_named(name, frame):
        assert found.unit_id in shipped_frames()


@pytest.fixture(scope="module")
def villages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, LocalitiesReport]]:
    root = tmp_path_factory.mktemp("villages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_GEODATA", str(root))
        yield root, install_localities(SHARED / "data" / "ml_villages.csv")


@pytest.fixture
def real(
    villages: tuple[Path, LocalitiesReport], monkeypatch: pytest.MonkeyPatch
) -> LocalitiesReport:
    monkeypatch.setenv("ATLAS_GEODATA", str(villages[0]))
    return villages[1]


@needs_shared
def test_the_public_list_of_villages_goes_in_but_for_its_malformed_line(
    real: LocalitiesReport,
) -> None:
    assert (real.installed, real.with_point) == (12_548, 12_055)
    assert [number for number, _line in real.malformed] == [11_666]
    assert real.matched >= 640
    assert all(count < 50 for name, count in real.unmatched if "C.U." in name)


@needs_shared
def test_seventeen_bougoulas_are_ambiguous_and_one_inside_a_cercle_is_not(
    real: LocalitiesReport,
) -> None:
    assert len(localities_named("Bougoula", "ml-2012")) == 17
    answer = resolve_place(locality="Bougoula", frame="ml-2012")
    assert answer.unit_id is None
    assert len(answer.candidates) > 10
    inside = resolve_place(region="Koulikoro", cercle="Kati", locality="Bougoula", frame="ml-2012")
    assert (inside.unit_id, inside.lat) == ("ml-2012/ML020404", 12.31744)


@needs_shared
@pytest.mark.parametrize("name", ["Etambar", "Djidara", "Indelimane"])
def test_places_that_the_list_lacks_are_not_guessed(real: LocalitiesReport, name: str) -> None:
    assert localities_named(name, "ml-2016") == []
    assert resolve_place(locality=name, frame="ml-2016").unit_id is None


@needs_shared
@pytest.mark.parametrize("frame", FRAMES)
def test_goundaka_and_ber_are_found_in_every_frame(real: LocalitiesReport, frame: str) -> None:
    for name, commune in (("Goundaka", "Pignari Bana"), ("Ber", "Ber")):
        answer = resolve_place(locality=name, frame=frame)
        assert answer.unit_id is not None
        assert (
            shipped_frames().unit_label(answer.unit_id),
            shipped_frames().unit_by_id(answer.unit_id).frame,
        ) == (
            commune,
            frame,
        )

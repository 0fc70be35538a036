"""The découpages hold what the published facts say, and convert without losing anything."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.errors import UnknownUnitError, UsageError
from atlas.geo.frames import FRAMES, LEVELS, shipped_frames
from atlas.model import COARSER, NATIONAL, NOT_CONVERTIBLE, UNPLACED

FRAME_LEVELS = [(frame, level) for frame in FRAMES for level in LEVELS]
UNITS = shipped_frames().units["unit_id"].to_list()


def test_each_frame_has_the_units_the_facts_support() -> None:
    counted = {key: shipped_frames().units_at_level(*key).height for key in FRAME_LEVELS}
    assert counted == {
        ("ml-2012", "region"): 9,
        ("ml-2012", "cercle"): 50,
        ("ml-2012", "commune"): 701,
        ("ml-2016", "region"): 11,
        ("ml-2016", "cercle"): 57,
        ("ml-2016", "commune"): 701,
        ("ml-2023", "region"): 20,
        ("ml-2023", "cercle"): 160,
        ("ml-2023", "commune"): 754,
    }


def test_units_of_2012_are_counted_per_region_as_published() -> None:
    communes = Counter(
        shipped_frames().ancestor_at_level(u, "region")
        for u in shipped_frames().units_at_level("ml-2012", "commune")["unit_id"]
    )
    assert communes == {
        "ml-2012/ML01": 129,
        "ml-2012/ML02": 108,
        "ml-2012/ML03": 147,
        "ml-2012/ML04": 118,
        "ml-2012/ML05": 108,
        "ml-2012/ML06": 52,
        "ml-2012/ML07": 23,
        "ml-2012/ML08": 10,
        "ml-2012/ML09": 6,
    }


def test_every_unit_below_a_region_has_a_parent_of_its_own_frame() -> None:
    for unit_id in UNITS:
        unit = shipped_frames().unit_by_id(unit_id)
        if unit.level == "region":
            assert unit.parent is None
        else:
            assert unit.parent is not None
            assert shipped_frames().unit_by_id(unit.parent).frame == unit.frame
            assert shipped_frames().ancestor_at_level(unit_id, "region") is not None


def test_a_commune_whose_cercle_of_2023_is_unknown_lies_in_its_region_and_says_so() -> None:
    unit = shipped_frames().unit_by_id("ml-2023/diaramana-bla")
    assert (unit.parent, unit.certainty) == ("ml-2023/segou", "cercle_unknown")


def test_names_carry_their_accents() -> None:
    labels = [
        shipped_frames().unit_label(u) for u in ("ml-2012/ML04", "ml-2012/ML0507", "ml-2023/dioila")
    ]
    assert labels == ["Ségou", "Ténenkou", "Dioïla"]


def test_reserved_rows_have_a_label() -> None:
    assert [
        shipped_frames().unit_label(r) for r in (NATIONAL, COARSER, NOT_CONVERTIBLE, UNPLACED)
    ] == [
        "Tout le pays",
        "Niveau supérieur",
        "Non convertible",
        "Non placé",
    ]


@pytest.mark.parametrize(("frame", "level"), FRAME_LEVELS)
def test_every_unit_of_every_frame_gets_exactly_one_target(frame: str, level: str) -> None:
    table = shipped_frames().conversion_targets(frame, level)
    assert sorted(table["unit_id"]) == sorted([*UNITS, NATIONAL, UNPLACED])
    allowed = {
        *shipped_frames().units_at_level(frame, level)["unit_id"],
        NATIONAL,
        COARSER,
        NOT_CONVERTIBLE,
        UNPLACED,
    }
    assert set(table["target"]) <= allowed


@pytest.mark.parametrize(("frame", "level"), FRAME_LEVELS)
def test_a_unit_shown_in_its_own_frame_and_level_is_itself(frame: str, level: str) -> None:
    own = shipped_frames().units_at_level(frame, level)["unit_id"]
    table = (
        shipped_frames()
        .conversion_targets(frame, level)
        .filter(pl.col("unit_id").is_in(own.implode()))
    )
    assert (table["unit_id"] == table["target"]).all()


@pytest.mark.parametrize("frame", FRAMES)
def test_a_known_cercle_lies_in_the_region_that_is_given_for_it(frame: str) -> None:
    by_cercle = shipped_frames().conversion_targets(frame, "cercle")
    by_region = dict(shipped_frames().conversion_targets(frame, "region").iter_rows())
    for unit_id, cercle in by_cercle.iter_rows():
        if not cercle.startswith("_"):
            assert shipped_frames().ancestor_at_level(cercle, "region") == by_region[unit_id]


def test_communes_convert_between_2012_and_2016_both_ways() -> None:
    for code in shipped_frames().crosswalk["cod_2019"]:
        assert (
            shipped_frames().converted_unit(f"ml-2012/{code}", "ml-2016", "commune")
            == f"ml-2016/{code}"
        )
        assert (
            shipped_frames().converted_unit(f"ml-2016/{code}", "ml-2012", "commune")
            == f"ml-2012/{code}"
        )


@pytest.mark.parametrize(
    ("unit_id", "frame", "level", "target"),
    [
        ("ml-2012/ML0501", "ml-2023", "region", "ml-2023/bandiagara"),
        ("ml-2012/ML0501", "ml-2023", "cercle", COARSER),
        ("ml-2012/ML07", "ml-2016", "region", NOT_CONVERTIBLE),
        ("ml-2012/ML07", "ml-2023", "region", NOT_CONVERTIBLE),
        ("ml-2012/ML06", "ml-2016", "region", NOT_CONVERTIBLE),
        ("ml-2012/ML0704", "ml-2016", "region", "ml-2016/ML10"),
        ("ml-2012/ML0704", "ml-2016", "cercle", COARSER),
        ("ml-2012/ML0704", "ml-2023", "region", "ml-2023/menaka"),
        ("ml-2016/ML10", "ml-2012", "region", "ml-2012/ML07"),
        ("ml-2016/ML10", "ml-2012", "cercle", "ml-2012/ML0704"),
        ("ml-2012/ML060505", "ml-2016", "region", "ml-2016/taoudenit"),
        ("ml-2012/ML060505", "ml-2023", "region", "ml-2023/taoudenit"),
        ("ml-2012/ML050704", "ml-2023", "region", "ml-2023/segou"),
        ("ml-2012/ML0402", "ml-2023", "region", NOT_CONVERTIBLE),
        ("ml-2023/bougouni", "ml-2012", "region", NOT_CONVERTIBLE),
        ("ml-2023/kita", "ml-2012", "cercle", "ml-2012/ML0105"),
        ("ml-2023/ireli-sangha", "ml-2012", "region", "ml-2012/ML05"),
        ("ml-2023/tin-abaw-menaka", "ml-2012", "commune", COARSER),
        ("ml-2012/ML09", "ml-2012", "cercle", "ml-2012/ML0901"),
        ("ml-2016/ML05", "ml-2016", "cercle", COARSER),
    ],
)
def test_a_unit_converts_when_all_its_communes_go_to_one(
    unit_id: str, frame: str, level: str, target: str
) -> None:
    assert shipped_frames().converted_unit(unit_id, frame, level) == target


@settings(max_examples=60)
@given(
    shares=st.lists(
        st.tuples(st.sampled_from([*UNITS, NATIONAL, UNPLACED]), st.integers(1, 10**9)), max_size=40
    ),
    shown=st.sampled_from(FRAME_LEVELS),
)
def test_converting_loses_no_share(shares: list[tuple[str, int]], shown: tuple[str, str]) -> None:
    placed = pl.DataFrame(shares, schema={"unit_id": pl.String, "minor": pl.Int64}, orient="row")
    moved = placed.join(shipped_frames().conversion_targets(*shown), on="unit_id", how="left")
    assert moved.height == placed.height
    assert moved["target"].null_count() == 0
    assert moved.group_by("target").agg(pl.col("minor").sum())["minor"].sum() == sum(
        m for _, m in shares
    )


@settings(max_examples=60)
@given(unit_id=st.sampled_from(UNITS), shown=st.sampled_from(FRAME_LEVELS))
def test_what_lies_in_a_unit_goes_where_the_unit_goes(unit_id: str, shown: tuple[str, str]) -> None:
    table = shipped_frames().conversion_targets(*shown)
    target = table.filter(pl.col("unit_id") == unit_id)["target"].item()
    if target.startswith("_"):
        return
    inside = table.filter(pl.col("unit_id").is_in(list(shipped_frames().units_inside(unit_id))))
    same_frame = shipped_frames().unit_by_id(unit_id).frame == shown[0]
    below = set(inside["target"]) - ({COARSER} if same_frame else set())
    assert below == {target}


@pytest.mark.parametrize(
    ("day", "frame"),
    [
        (date(2012, 6, 1), "ml-2012"),
        (date(2017, 6, 30), "ml-2016"),
        (date(2022, 3, 31), "ml-2016"),
        (date(2024, 1, 1), "ml-2023"),
    ],
)
def test_the_frame_of_a_day_is_the_one_in_force(day: date, frame: str) -> None:
    assert shipped_frames().frame_on(day) == frame


def test_population_of_2022_adds_up_to_the_census_as_transcribed() -> None:
    assert shipped_frames().latest_population("ml-2023")["population"].sum() == 22_395_488


def test_population_of_an_older_region_is_the_sum_of_the_regions_it_became() -> None:
    table = shipped_frames().latest_population("ml-2012")
    kayes = table.filter(pl.col("unit_id") == "ml-2012/ML01")
    assert kayes["population"].item() == 1_840_329 + 678_061 + 681_671
    assert "ml-2012/ML05" not in table["unit_id"].to_list()  # Karéri went to Ségou


def test_a_code_that_names_a_larger_territory_says_so() -> None:
    rows = shipped_frames().codes.filter(pl.col("code") == "ML06", pl.col("scheme") == "cod-2021")
    assert dict(rows.select("unit_id", "same_territory").iter_rows()) == {
        "ml-2012/ML06": True,
        "ml-2016/tombouctou": False,
        "ml-2016/taoudenit": False,
    }


def test_iso_numbers_the_two_new_regions_otherwise_than_the_cod() -> None:
    rows = shipped_frames().codes.filter(pl.col("scheme") == "iso-3166-2")
    iso = dict(rows.select("unit_id", "code").iter_rows())
    assert (iso["ml-2016/ML10"], iso["ml-2016/taoudenit"]) == ("ML-9", "ML-10")


def test_an_unknown_unit_or_frame_is_an_error_a_person_can_act_on() -> None:
    with pytest.raises(UnknownUnitError, match="atlas resolve"):
        shipped_frames().unit_by_id("ml-2012/ML99")
    with pytest.raises(UsageError, match="ml-2016"):
        shipped_frames().units_at_level("ml-2020", "region")

"""Between découpages a place goes with its communes, whole, and never by its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.geo.frames import FRAMES, LEVELS, Frames, shipped_frames
from atlas.model import COARSER, NATIONAL, NOT_CONVERTIBLE, RESERVED, UNPLACED
from atlas.shares import split_amounts
from scripts import draw_decoupages as figure

PAIRS = [(placed, shown) for placed in FRAMES for shown in FRAMES]
UNITS = {f: shipped_frames().units.filter(frame=f)["unit_id"].to_list() for f in FRAMES}


def _placed(frame: str) -> st.SearchStrategy[pl.DataFrame]:
    """Placements of one frame with their weights, reserved places and lost ids among them."""
    place = st.sampled_from([*UNITS[frame], NATIONAL, UNPLACED, f"{frame}/unknown"])
    weight = st.integers(1, 1_000_000)
    return st.lists(st.tuples(st.integers(0, 5), place, weight), min_size=1, max_size=40).map(
        lambda rows: pl.DataFrame(
            rows,
            schema={"activity_id": pl.Int64, "unit_id": pl.String, "weight": pl.Int64},
            orient="row",
        )
    )


AMOUNTS = st.lists(st.integers(-(10**12), 10**12), min_size=6, max_size=6).map(
    lambda minor: pl.DataFrame(
        {"activity_id": range(6), "minor": minor, "usd_minor": [m // 3 for m in minor]}
    )
)


@pytest.mark.parametrize(("placed", "shown"), PAIRS)
@settings(max_examples=15)
@given(data=st.data())
def test_converting_and_summing_loses_no_weight_and_no_money(
    placed: str, shown: str, data: st.DataObject
) -> None:
    placements, amounts = data.draw(_placed(placed)), data.draw(AMOUNTS)
    money = split_amounts(amounts, placements)
    assert money.select("minor", "usd_minor").sum().row(0) == (
        amounts["minor"].sum(),
        amounts["usd_minor"].sum(),
    )
    by_level = {}
    for level in LEVELS:
        moved = shipped_frames().converted_placements(placements, shown, level)
        assert moved.drop("target").equals(placements)
        rows = {*shipped_frames().units_at_level(shown, level)["unit_id"], *RESERVED}
        assert set(moved["target"]) <= rows
        weights = moved.group_by("target").agg(pl.col("weight").sum())
        assert weights["weight"].sum() == placements["weight"].sum()
        shares = shipped_frames().converted_placements(money, shown, level)
        assert shares["target"].null_count() == 0
        by_level[level] = dict(shares.group_by("target").agg(pl.col("minor").sum()).iter_rows())
        assert sum(by_level[level].values()) == amounts["minor"].sum()
    _adds_up(by_level["commune"], by_level["region"], money, shown)


def _adds_up(
    fine: Mapping[str, int], coarse: Mapping[str, int], money: pl.DataFrame, shown: str
) -> None:
    """A région is the sum of its communes and of what stops above them."""
    summed: Counter[str] = Counter()
    for unit_id, minor in fine.items():
        if unit_id not in RESERVED:
            summed[str(shipped_frames().ancestor_at_level(unit_id, "region"))] += minor
    above = (
        shipped_frames()
        .converted_placements(money, shown, "commune")
        .filter(pl.col("target") == COARSER)
    )
    for unit_id, minor in above.select("unit_id", "minor").iter_rows():
        summed[shipped_frames().converted_unit(unit_id, shown, "region")] += minor
    regions = {u: m for u, m in coarse.items() if u not in RESERVED}
    assert {u: m for u, m in summed.items() if m} == {u: m for u, m in regions.items() if m}


@pytest.mark.parametrize(("placed", "shown"), PAIRS)
def test_a_commune_of_the_crosswalk_goes_there_and_back_exactly(placed: str, shown: str) -> None:
    here, there = (frame.replace("-", "_") for frame in (placed, shown))
    for row in shipped_frames().crosswalk.iter_rows(named=True):
        assert shipped_frames().converted_unit(row[here], shown, "commune") == row[there]


@pytest.mark.parametrize(
    ("unit_id", "name", "frame", "level", "target"),
    [
        # whole cercles, wherever their communes went together
        ("ml-2012/ML0508", "Youwarou", "ml-2023", "cercle", "ml-2023/cercle-youwarou"),
        ("ml-2012/ML0801", "Abeïbara", "ml-2023", "cercle", "ml-2023/cercle-abeibara"),
        ("ml-2012/ML0804", "Tin-Essako", "ml-2023", "cercle", "ml-2023/cercle-tin-essako"),
        ("ml-2012/ML0105", "Kita", "ml-2023", "region", "ml-2023/kita"),
        ("ml-2012/ML0102", "Diéma", "ml-2023", "region", "ml-2023/nioro"),
        ("ml-2012/ML0704", "Ménaka", "ml-2016", "region", "ml-2016/ML10"),
        ("ml-2016/ML10", "Ménaka", "ml-2012", "cercle", "ml-2012/ML0704"),
        # cercles whose communes parted
        ("ml-2012/ML0402", "Bla", "ml-2023", "region", NOT_CONVERTIBLE),
        ("ml-2012/ML0203", "Kangaba", "ml-2023", "region", NOT_CONVERTIBLE),
        ("ml-2012/ML0204", "Kati", "ml-2023", "region", NOT_CONVERTIBLE),
        ("ml-2012/ML0507", "Ténenkou", "ml-2023", "region", NOT_CONVERTIBLE),
        ("ml-2012/ML0605", "Tombouctou", "ml-2023", "region", NOT_CONVERTIBLE),
        ("ml-2012/ML0605", "Tombouctou", "ml-2016", "region", NOT_CONVERTIBLE),
        # a commune of today on the ground of one old commune, or of one of several
        ("ml-2023/taoudenni-taoudenni", "Taoudenni", "ml-2012", "commune", "ml-2012/ML060505"),
        ("ml-2023/inazole-menaka", "Inazole", "ml-2012", "commune", COARSER),
        ("ml-2023/inazole-menaka", "Inazole", "ml-2012", "cercle", "ml-2012/ML0704"),
        # whole at région, parted at cercle
        ("ml-2012/ML0105", "Kita", "ml-2023", "cercle", COARSER),
        ("ml-2012/ML0102", "Diéma", "ml-2023", "cercle", COARSER),
    ],
)
def test_a_unit_converts_where_it_went_whole_and_nowhere_else(
    unit_id: str, name: str, frame: str, level: str, target: str
) -> None:
    assert shipped_frames().unit_label(unit_id) == name
    assert shipped_frames().converted_unit(unit_id, frame, level) == target


def test_an_id_that_no_frame_knows_any_more_is_kept_as_not_convertible() -> None:
    lost = pl.DataFrame({"unit_id": ["ml-2012/ML99", NATIONAL, None], "weight": [3, 2, 1]})
    moved = shipped_frames().converted_placements(lost, "ml-2023", "region")
    assert moved["target"].to_list() == [NOT_CONVERTIBLE, NATIONAL, NOT_CONVERTIBLE]
    assert moved["weight"].to_list() == [3, 2, 1]


def _renamed(names: Mapping[str, str], **changes: Any) -> Frames:
    """The same découpages under other ids."""
    table = shipped_frames()
    units = table.units.with_columns(pl.col("unit_id", "parent").replace(names))
    crosswalk = changes.get("crosswalk", table.crosswalk)
    crosswalk = crosswalk.with_columns(pl.exclude("cod_2019").replace(names))
    population = table._population.with_columns(pl.col("unit_id").replace(names))
    return Frames(units, table.codes, crosswalk, population, table.info.values())


@pytest.mark.parametrize("frame", ["ml-2012", "ml-2016"])
def test_the_numbers_in_the_ids_decide_nothing(frame: str) -> None:
    names = {}
    for level in LEVELS:  # each unit takes the id of another: ML01 becomes ML09 …
        ids = sorted(shipped_frames().units_at_level(frame, level)["unit_id"])
        names |= dict(zip(ids, reversed(ids), strict=True))
    other = _renamed(names)
    moved = [(placed, shown) for placed, shown in PAIRS if placed != shown]
    for placed, shown in moved:
        for level in LEVELS:
            for unit_id in UNITS[placed]:
                expected = shipped_frames().converted_unit(unit_id, shown, level)
                found = other.converted_unit(names.get(unit_id, unit_id), shown, level)
                assert found == names.get(expected, expected)


def test_a_commune_the_crosswalk_does_not_know_goes_nowhere_by_its_number() -> None:
    without = shipped_frames().crosswalk.with_columns(
        pl.when(pl.col("cod_2019") == "ML010101").then(None).otherwise(pl.col("ml_2016"))
        .alias("ml_2016")
    )  # fmt: skip
    cut = _renamed({}, crosswalk=without)
    assert (
        shipped_frames().converted_unit("ml-2012/ML010101", "ml-2016", "commune")
        == "ml-2016/ML010101"
    )
    assert cut.converted_unit("ml-2012/ML010101", "ml-2016", "commune") == NOT_CONVERTIBLE
    assert cut.converted_unit("ml-2012/ML0101", "ml-2016", "cercle") == NOT_CONVERTIBLE


def test_the_figure_is_that_of_the_tables() -> None:
    drawn = figure.SVG.read_text(encoding="utf-8")
    assert drawn == figure.svg(), "run scripts/draw_decoupages.py"
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    titles = [t.text or "" for t in ElementTree.fromstring(drawn).iter() if t.tag.endswith("title")]
    assert "Mopti → Ségou : 1 commune" in titles
    assert "Sikasso → Bougouni : 50 communes" in titles
    assert sum(int(title.split()[-2]) for title in titles) == 701


def test_the_table_of_what_converts_is_that_of_the_tables() -> None:
    text = figure.PAGE.read_text(encoding="utf-8")
    assert text == figure.page(text), "run scripts/draw_decoupages.py"
    assert "| ml-2012, cercles | 50 | ml-2023 | 45 | 4 | 1 | 5 |" in text
    assert "| ml-2012, communes | 701 | ml-2023 | 701 | 501 | 701 | 0 |" in text


def test_every_line_of_the_table_accounts_for_all_its_units() -> None:
    for row in figure.converted():
        ids = shipped_frames().units_at_level(str(row["placed"]), str(row["level"]))["unit_id"]
        for level in LEVELS:
            targets = shipped_frames().conversion_targets(str(row["shown"]), level)
            found = targets.filter(pl.col("unit_id").is_in(ids.implode()))["target"]
            coarser = int((found == COARSER).sum())
            assert int(row[level]) + coarser + int(row["not convertible"]) == row["units"]

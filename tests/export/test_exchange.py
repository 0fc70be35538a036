"""Activities by place: nothing lost, nothing told twice, nothing told too finely."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.errors import ForbiddenError
from atlas.export import encoded_answer
from atlas.export.activity_rows import exchange_answer
from atlas.export.column_labels import column_displays
from atlas.filters import Filters
from atlas.layers import LAYERS
from atlas.model import Tables, Viewer, check

Place = tuple[str, int]
GAO, KIDAL, BAMBA = "ml-2012/ML07", "ml-2012/ML08", "ml-2012/ML070201"


def dataset(
    *activities: tuple[str, int | None, Sequence[Place]],
    sector: str | None = None,
    lon: float | None = None,
    **more: object,
) -> Dataset:
    """Activities ``(id, US cents or unknown, [(unit, weight)])`` as a snapshot."""
    day = date(2014, 6, 30)
    document = {"document": "d", "file": "d.csv", "reader": "ngo", "as_of": day, "origin": "OCHA"}
    activity = {"kind": "activity", "source": "ngo", "document": "d", "locator": "L1", "as_of": day}
    activity |= {"status": "ongoing", "sector": sector, **more}
    budget = {"kind": "budget", "currency": "USD"}
    where = {"rule": "equal", "lon": lon, "lat": lon and 17.0}
    tables = Tables.of(
        documents=[document | {"rows_read": 0, "is_sample": False}],
        activities=[
            activity | {"activity_id": key, "title": f"Projet {key}"} for key, _, _ in activities
        ],
        amounts=[
            budget | {"activity_id": key, "minor": cents, "usd_minor": cents}
            for key, cents, _places in activities
            if cents is not None
        ],
        placements=[
            where | {"activity_id": key, "unit_id": unit, "weight": weight}
            for key, _cents, places in activities
            for unit, weight in places
        ],
    )
    check(tables)
    return Dataset(SimpleNamespace(hash="abc", tables=tables))


def test_one_row_per_place_and_the_shares_add_up_to_the_activity() -> None:
    table = exchange_answer(dataset(("a", 100, [(GAO, 1), (KIDAL, 2)]))).table
    assert table.select("activity_id", "unit_name", "places", "budget_usd").rows() == [
        ("a", "Gao", 2, 0.33),
        ("a", "Kidal", 2, 0.67),
    ]


def test_a_place_is_told_as_finely_as_it_is_known() -> None:
    rows = exchange_answer(dataset(("a", None, [(BAMBA, 1)]), ("b", None, [(GAO, 1)]))).table
    columns = ["region", "region_code", "cercle", "cercle_code", "commune", "commune_code"]
    assert rows.select(columns).rows() == [
        ("Gao", "ML07", "Bourem", "ML0702", "Bamba", "ML070201"),
        ("Gao", "ML07", None, None, None, None),
    ]
    assert rows["budget_usd"].to_list() == [None, None]


def test_places_that_may_not_be_told_apart_are_one_row_with_their_sum() -> None:
    both = dataset(("a", 101, [(BAMBA, 1), ("ml-2012/ML070202", 1)]))
    assert exchange_answer(both).table.height == 2
    rows = exchange_answer(both, level="cercle").table
    assert rows.select("unit_name", "places", "budget_usd").rows() == [("Bourem", 1, 1.01)]


def test_what_is_nowhere_in_particular_keeps_its_row_and_its_money() -> None:
    rows = exchange_answer(
        dataset(("a", 500, [("_national", 1)]), ("b", 7, [("_unplaced", 1)]))
    ).table
    assert rows.select("unit_id", "unit_name", "region", "budget_usd").rows() == [
        ("_national", "Tout le pays", None, 5.0),
        ("_unplaced", "Non placé", None, 0.07),
    ]


def test_editors_get_reported_coordinates_and_others_the_point_of_the_unit() -> None:
    data = dataset(("a", None, [(BAMBA, 1)]), lon=-1.25)
    assert exchange_answer(data).table.select("lon", "lat", "position").row(0) == (
        -1.25,
        17.0,
        "reported",
    )
    for viewer, level in ((Viewer.PARTNER, "commune"), (Viewer.PUBLIC, "cercle")):
        table = exchange_answer(data, level=level, viewer=viewer).table
        assert table["position"].to_list() == ["unit"]
        assert table["lon"][0] != -1.25


def test_the_public_may_not_ask_for_communes() -> None:
    with pytest.raises(ForbiddenError):
        exchange_answer(dataset(("a", None, [(BAMBA, 1)])), viewer=Viewer.PUBLIC)


def test_the_public_is_not_told_the_row_of_the_document() -> None:
    data = dataset(("a", None, [(BAMBA, 1)]))
    assert exchange_answer(data).table["locator"].to_list() == ["L1"]
    public = exchange_answer(data, level="cercle", viewer=Viewer.PUBLIC).table
    assert public["locator"].to_list() == [None]


def test_protection_is_told_no_finer_than_its_cercle_to_partners() -> None:
    data = dataset(("a", 100, [(BAMBA, 1)]), sector="protection")
    told = exchange_answer(data, viewer=Viewer.PARTNER).table
    assert told.select("unit_name", "commune", "budget_usd").rows() == [("Bourem", None, 1.0)]
    assert exchange_answer(data).table["commune"].to_list() == ["Bamba"]


def test_a_unit_keeps_the_shares_inside_it() -> None:
    data = dataset(("a", 100, [(GAO, 1), (KIDAL, 1)]), ("b", 5, [(GAO, 1)]))
    table = exchange_answer(data, Filters(unit=(KIDAL,))).table
    assert table.select("activity_id", "unit_id", "budget_usd").rows() == [("a", KIDAL, 0.5)]


def test_hxl_of_the_activities_has_one_tag_a_column_and_none_twice() -> None:
    content = encoded_answer(exchange_answer(dataset(("a", 100, [(BAMBA, 1)]))), "hxl").decode()
    heads, tags, row = csv.reader(io.StringIO(content))
    assert len(set(tags)) == len(tags) == len(heads)
    told = dict(zip(tags, row, strict=True))
    assert told["#activity+project"] == "Projet a"
    assert (told["#adm1+code"], told["#adm3+name"], told["#adm3+code"]) == (
        "ML07",
        "Bamba",
        "ML070201",
    )
    assert (told["#value+budget+usd"], told["#status"]) == ("1.0", "En cours")
    wanted = {"#org+impl", "#org+prog", "#org+funder", "#org+type", "#sector+cluster"}
    wanted |= {"#geo+lat", "#geo+lon", "#date+start", "#date+end", "#targeted", "#reached"}
    assert wanted <= set(tags)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_column_of_every_layer_has_a_heading_for_people(layer: str) -> None:
    table = dataset(("a", 100, [(BAMBA, 1)])).ask(layer).table
    assert [name for name, c in column_displays(table, layer).items() if c.heading == name] == []


units = st.sampled_from([GAO, KIDAL, BAMBA, "ml-2012/ML0702", "_national", "_unplaced"])
places = st.lists(
    st.tuples(units, st.integers(1, 9)), min_size=1, max_size=4, unique_by=lambda p: p[0]
)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.none() | st.integers(0, 10**9), places), max_size=5),
    st.sampled_from(["ml-2012", "ml-2016", "ml-2023"]),
    st.sampled_from(["region", "cercle", "commune"]),
    st.sampled_from([Viewer.PARTNER, Viewer.EDITOR]),
)
def test_money_and_activities_are_conserved_in_any_frame_level_and_view(
    drawn, frame, level, viewer
) -> None:
    data = dataset(*((f"a{n}", cents, where) for n, (cents, where) in enumerate(drawn)))
    table = exchange_answer(data, frame=frame, level=level, viewer=viewer).table
    assert set(table["activity_id"]) == {f"a{n}" for n in range(len(drawn))}
    assert not table.select("activity_id", "unit_id").is_duplicated().any()
    cents = (
        (table["budget_usd"] * 100).round().cast(pl.Int64)
        if "budget_usd" in table.columns
        else None
    )
    whole = sum(c for c, _places in drawn if c is not None)
    assert (0 if cents is None else cents.sum()) == whole

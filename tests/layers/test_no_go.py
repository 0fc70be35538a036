"""Activities in no-go zones: surely, perhaps, and told to whom."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from shapely.geometry import box

from atlas.layers.access import COUNTS
from atlas.model import Viewer
from tests.geo.squares import install_squares
from tests.layers.made import DAY, activity, dataset_of, fact, row

MENAKA, CERCLE = "ml-2012/ML070401", "ml-2012/ML0704"
BESIDE = "ml-2012/ML070402"


def zone(unit=None, **more):
    told = {"indicator": "no-go", "value": 1.0, "as_of": DAY, **more}
    return fact("security", unit, **told)


def flags(dataset, **ask):
    listed = dataset.activity_grid(frame="ml-2012", **ask).table
    return dict(listed.select("title", "no_go").iter_rows())


def test_an_activity_of_the_commune_is_inside_and_one_of_its_cercle_perhaps():
    dataset = dataset_of(
        activity("Forage", MENAKA),
        activity("Atelier", CERCLE),
        activity("École", BESIDE),
        context=(zone(MENAKA),),
    )
    assert flags(dataset) == {"Forage": "inside", "Atelier": "partly", "École": None}
    found = row(dataset.ask("access", frame="ml-2012", level="cercle").table, CERCLE)
    assert (found["no_go"], *(found[c] for c in COUNTS)) == (True, 1, 1)


def test_an_activity_of_two_places_counts_once_as_the_surest_of_them():
    dataset = dataset_of(activity("Forage", (MENAKA, CERCLE)), context=(zone(MENAKA),))
    found = row(dataset.ask("access", frame="ml-2012", level="cercle").table, CERCLE)
    assert [found[c] for c in COUNTS] == [1, 0]


def test_the_list_behind_a_partly_forbidden_place_has_the_activities_it_counts():
    dataset = dataset_of(
        activity("Forage", MENAKA), activity("Atelier", CERCLE), context=(zone(MENAKA),)
    )
    listed = dataset.activities_behind(
        CERCLE, layer="access", frame="ml-2012", level="cercle"
    ).table
    assert dict(listed.select("title", "no_go").iter_rows()) == {
        "Forage": "inside",
        "Atelier": "partly",
    }


def test_a_zone_that_is_lifted_expired_or_yet_to_come_flags_nothing():
    for more in ({"value": 0.0}, {"expires": date(2017, 1, 1)}, {"start": date(2018, 1, 1)}):
        dataset = dataset_of(activity("Forage", MENAKA), context=(zone(MENAKA, **more),))
        assert flags(dataset) == {"Forage": None}
        table = dataset.ask("access", frame="ml-2012").table
        assert all(table[c].null_count() == table.height for c in COUNTS)


def test_a_partner_is_told_no_more_than_the_cercle_and_the_public_nothing():
    dataset = dataset_of(
        activity("Forage", MENAKA), activity("École", BESIDE), context=(zone(MENAKA),)
    )
    assert flags(dataset, viewer=Viewer.PARTNER) == {"Forage": "cercle", "École": "cercle"}
    assert flags(dataset, viewer=Viewer.PUBLIC) == {"Forage": None, "École": None}
    public = dataset.ask("access", frame="ml-2012", viewer=Viewer.PUBLIC).table
    assert all(public[c].null_count() == public.height for c in ("no_go", *COUNTS))


@pytest.fixture
def squares(tmp_path: Path) -> None:
    install_squares(tmp_path)


def test_a_drawn_zone_holds_the_communes_it_covers_and_the_points_in_it(squares: None):
    """Synthetic: the zone covers the first square and half of the second."""
    dataset = dataset_of(
        activity("Forage", MENAKA),
        activity("École", BESIDE),
        activity("Marché", "ml-2012/ML070403"),
        context=(zone(geometry=box(1.9, 15.9, 3.5, 17.1).wkt),),
    )
    assert flags(dataset) == {"Forage": "inside", "École": "partly", "Marché": None}


def test_a_point_decides_where_its_commune_is_partly_forbidden(squares: None):
    """Synthetic: at 3.2° E in the zone, at 3.8° E out of it, in the same commune."""
    made = dataset_of(activity("Dedans", BESIDE), activity("Dehors", BESIDE))
    points = made.tables.placements.with_columns(
        pl.Series("lon", [3.2, 3.8]), pl.Series("lat", [16.5, 16.5])
    )
    shape = zone(geometry=box(1.9, 15.9, 3.5, 17.1).wkt)
    context = dataset_of(context=(shape,)).tables.context
    parts = dict(made.tables.items()) | {"placements": points, "context": context}
    dataset = type(made).from_tables(type(made.tables)(**parts))
    assert flags(dataset) == {"Dedans": "inside", "Dehors": None}


def test_drawn_severities_weigh_by_the_ground_they_cover(squares: None):
    """Synthetic: 4 on one of the cercle's four communes, 2 on half of the next: (4 + 1) / 4."""
    acaps = {"scale": "ACAPS", "direction": "higher_is_worse", "as_of": DAY}
    dataset = dataset_of(
        context=(
            fact("access", geometry=box(2, 16, 3, 17).wkt, value=4.0, **acaps),
            fact("access", geometry=box(3, 16, 3.5, 17).wkt, value=2.0, **acaps),
        )
    )
    table = dataset.ask("access", frame="ml-2012", level="cercle").table
    found = row(table, CERCLE)
    assert found["severity_max"] == 4.0
    assert round(found["severity_mean"], 3) == 1.25
    assert round(found["covered_share"], 3) == 0.375
    communes = dataset.ask("access", frame="ml-2012", level="commune").table
    assert round(row(communes, BESIDE)["covered_share"], 3) == 0.5


def test_a_border_drawn_by_hand_is_not_said_of_the_neighbour(squares: None):
    """Synthetic: the polygon strays 0.5 % into the next commune."""
    acaps = {"scale": "ACAPS", "direction": "higher_is_worse", "as_of": DAY}
    drawn = fact("access", geometry=box(2, 16, 3.005, 17).wkt, value=5.0, **acaps)
    table = dataset_of(context=(drawn,)).ask("access", frame="ml-2012", level="commune").table
    assert row(table, MENAKA)["severity_max"] == 5.0
    assert row(table, BESIDE)["severity_max"] is None

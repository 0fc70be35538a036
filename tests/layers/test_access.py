"""How hard it is to reach a unit."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.ingest.sample import sample_tables
from atlas.model import Viewer
from tests.layers.made import dataset_of, fact, row

MOPTI, TENENKOU, DJENNE = "ml-2016/ML05", "ml-2016/ML0507", "ml-2016/ML0503"
NOW, LONG_AGO = date(2017, 5, 1), date(2015, 5, 1)
ACAPS = {"scale": "ACAPS", "direction": "higher_is_worse"}
REACH = {"scale": "accessibilité", "direction": "lower_is_worse"}


def ask(*context, level="region", **more):
    return dataset_of(context=context).ask("access", frame="ml-2016", level=level, **more).table


def test_a_region_has_the_worst_and_the_mean_of_its_cercles():
    table = ask(
        fact("access", TENENKOU, value=4.0, as_of=NOW, **ACAPS),
        fact("access", DJENNE, value=1.0, as_of=NOW, **ACAPS),
    )
    found = row(table, MOPTI)
    assert (found["severity_max"], round(found["severity_mean"], 2), found["stale"]) == (
        4.0,
        3.17,
        False,
    )


def test_on_a_scale_where_low_is_bad_the_worst_is_the_lowest():
    table = ask(
        fact("access", TENENKOU, value=4.0, as_of=NOW, **REACH),
        fact("access", DJENNE, value=1.0, as_of=NOW, **REACH),
    )
    assert row(table, MOPTI)["severity_max"] == 1.0


def test_two_scales_are_never_mixed_the_newest_speaks():
    table = ask(
        fact("access", TENENKOU, value=5.0, as_of=date(2017, 1, 1), **ACAPS),
        fact("access", TENENKOU, value=2.0, as_of=NOW, **REACH),
    )
    assert (row(table, MOPTI)["severity_max"], row(table, MOPTI)["scale"]) == (2.0, "accessibilité")


def test_a_scale_without_direction_has_no_worst():
    table = ask(fact("access", TENENKOU, value=5.0, as_of=NOW, scale="inconnue"))
    assert row(table, MOPTI)["severity_max"] is None


def test_a_fact_of_two_years_ago_is_stale_and_gives_way_to_a_current_one():
    old = fact("access", TENENKOU, value=5.0, as_of=LONG_AGO, **ACAPS)
    assert row(ask(old), MOPTI)["stale"] is True
    fresh = row(ask(old, fact("access", DJENNE, value=1.0, as_of=NOW, **ACAPS)), MOPTI)
    assert (fresh["severity_max"], fresh["stale"]) == (1.0, False)


def test_a_zone_out_of_date_says_so_and_greys_no_severity_in_force():
    past = fact("security", TENENKOU, text="groupes extrémistes", as_of=LONG_AGO)
    now = fact("access", TENENKOU, value=4.0, as_of=NOW, **ACAPS)
    found = row(ask(past, now, level="cercle"), TENENKOU)
    assert (found["severity_max"], found["stale"], found["as_of"]) == (4.0, False, NOW)
    assert found["security_zone"] == "groupes extrémistes (périmé)"


def test_a_zone_in_force_makes_no_old_severity_current():
    past = fact("access", TENENKOU, value=4.0, as_of=LONG_AGO, **ACAPS)
    now = fact("security", TENENKOU, text="groupes extrémistes", as_of=NOW)
    found = row(ask(past, now, level="cercle"), TENENKOU)
    assert (found["stale"], found["as_of"]) == (True, LONG_AGO)
    assert found["security_zone"] == "groupes extrémistes"


def test_a_fact_past_its_expiry_is_stale_however_recent():
    table = ask(fact("access", TENENKOU, value=5.0, as_of=NOW, expires=date(2017, 6, 1), **ACAPS))
    assert row(table, MOPTI)["stale"] is True


def test_an_unknown_severity_is_null_and_its_words_are_kept():
    found = row(ask(fact("access", TENENKOU, text="pistes coupées", as_of=NOW)), MOPTI)
    assert (found["severity_max"], found["constraints"]) == (None, "Ténenkou : pistes coupées")


def test_a_security_zone_of_a_region_is_not_told_of_its_cercles():
    zone = fact("security", MOPTI, text="présence limitée de l'État", as_of=NOW)
    assert row(ask(zone), MOPTI)["security_zone"] == "présence limitée de l'État"
    by_cercle = ask(zone, level="cercle")
    assert row(by_cercle, TENENKOU)["security_zone"] is None
    assert row(by_cercle, "_coarser")["security_zone"] == "Mopti : présence limitée de l'État"


def test_the_mean_is_by_area_unless_every_fact_is_to_count_as_much():
    """4 505 and 11 703 km² (units.csv): (1 × 4 505 + 4 × 11 703) / 16 208 = 3.17."""
    facts = (
        fact("access", TENENKOU, value=4.0, as_of=NOW, **ACAPS),
        fact("access", DJENNE, value=1.0, as_of=NOW, **ACAPS),
    )
    assert round(row(ask(*facts), MOPTI)["severity_mean"], 3) == 3.166
    assert row(ask(*facts, options={"weighting": "unit"}), MOPTI)["severity_mean"] == 2.5


def test_the_mean_by_people_needs_the_population_of_every_place_said():
    facts = (
        fact("access", TENENKOU, value=4.0, as_of=NOW, **ACAPS),
        fact("access", DJENNE, value=1.0, as_of=NOW, **ACAPS),
        fact("population", TENENKOU, indicator="population", value=1000.0, as_of=NOW),
    )
    assert row(ask(*facts), MOPTI)["severity_mean_population"] is None
    people = fact("population", DJENNE, indicator="population", value=2000.0, as_of=NOW)
    assert row(ask(*facts, people), MOPTI)["severity_mean_population"] == 2.0
    weighted = ask(*facts, people, options={"weighting": "population"})
    assert row(weighted, MOPTI)["severity_mean"] == 2.0


def test_what_no_fact_covers_is_unknown_and_said_to_be():
    """Ténenkou is 11 703 of the 77 000-odd km² of the région: 15 %."""
    table = ask(fact("access", TENENKOU, value=4.0, as_of=NOW, **ACAPS))
    found = row(table, MOPTI)
    assert (found["severity_mean"], round(found["covered_share"], 2)) == (4.0, 0.15)
    assert row(table, "ml-2016/ML04")["covered_share"] is None


def test_a_fact_of_the_region_and_one_of_its_cercle_overlap_there_and_nowhere_else():
    """Half of Ténenkou's severity is 4, half 0: 2 on 15 % of the ground, 0 elsewhere."""
    table = ask(
        fact("access", MOPTI, value=0.0, as_of=NOW, **ACAPS),
        fact("access", TENENKOU, value=4.0, as_of=NOW, **ACAPS),
    )
    found = row(table, MOPTI)
    assert (found["severity_max"], found["covered_share"]) == (4.0, 1.0)
    assert 0.25 < found["severity_mean"] < 0.35


def test_no_information_is_not_a_severity_of_zero():
    told = fact("access", TENENKOU, text="pas d'information", as_of=NOW, **ACAPS)
    found = row(ask(told), MOPTI)
    assert (found["severity_max"], found["severity_mean"], found["scale"]) == (None, None, None)


def test_the_scale_left_aside_is_named():
    table = ask(
        fact("access", TENENKOU, value=5.0, as_of=date(2017, 1, 1), **ACAPS),
        fact("access", TENENKOU, value=2.0, as_of=NOW, **REACH),
    )
    assert row(table, MOPTI)["other_scales"] == "ACAPS"


def test_a_fact_that_starts_later_does_not_hold_yet():
    later = fact("access", TENENKOU, value=5.0, as_of=NOW, start=date(2017, 12, 1), **ACAPS)
    assert row(ask(later), MOPTI)["severity_max"] is None
    judged = ask(later, options={"day": "2017-12-15"})
    assert row(judged, MOPTI)["severity_max"] == 5.0


def test_a_fact_stated_after_the_day_asked_for_is_not_known_yet():
    told = fact("access", TENENKOU, value=5.0, as_of=NOW, **ACAPS)
    before, after = (Filters(at=date(2017, month, 15)) for month in (4, 5))
    assert row(ask(told, filters=before), MOPTI)["severity_max"] is None
    assert row(ask(told, filters=after), MOPTI)["severity_max"] == 5.0


def test_how_long_a_fact_stays_current_is_a_setting():
    told = fact("access", TENENKOU, value=5.0, as_of=NOW, **ACAPS)
    assert row(ask(told), MOPTI)["stale"] is False
    assert row(ask(told, options={"stale-days": "30"}), MOPTI)["stale"] is True


def test_a_fact_of_no_known_place_stands_on_the_row_of_what_is_not_placed():
    told = fact("access", text="routes coupées", value=3.0, as_of=NOW, **ACAPS)
    found = row(ask(told), "_unplaced")
    assert (found["constraints"], found["severity_max"]) == ("routes coupées", 3.0)
    assert (found["severity_mean"], found["covered_share"]) == (None, None)


def test_services_are_counted_beside_constraints_and_never_as_severity():
    closed = {"indicator": "schools-closed", "direction": "higher_is_worse", "as_of": NOW}
    table = ask(
        fact("access", TENENKOU, value=85.0, total=93.0, **closed),
        fact("access", DJENNE, value=3.0, total=40.0, **closed),
        level="cercle",
    )
    found = row(table, TENENKOU)
    assert (found["services"], found["severity_max"]) == ("Écoles fermées : 85 / 93", None)


def test_counts_of_places_add_up_and_that_of_a_cercle_holds_those_of_its_communes():
    closed = {"indicator": "schools-closed", "as_of": NOW}
    parts = (
        fact("access", TENENKOU, value=85.0, total=93.0, **closed),
        fact("access", "ml-2016/ML050701", value=7.0, total=9.0, **closed),
        fact("access", DJENNE, value=3.0, total=40.0, **closed),
    )
    told = row(ask(*parts), MOPTI)["services"]
    assert told == "Écoles fermées : 88 / 133 (somme de 2 lieux)"
    whole = fact("access", MOPTI, value=100.0, **closed)
    assert row(ask(*parts, whole), MOPTI)["services"] == "Écoles fermées : 100"


def test_the_facts_of_the_study_stand_greyed_on_their_cercles():
    """April and May 2018, judged on the day of the newest document of the sample."""
    table = Dataset.of(sample_tables()).ask("access", frame="ml-2016", level="cercle").table
    found = row(table, TENENKOU)
    assert "Écoles fermées : 85 / 93 (périmé)" in found["services"]
    assert (found["stale"], found["as_of"]) == (True, date(2018, 5, 31))
    assert "ONG présentes" in row(table, "ml-2016/ML0701")["services"]


@given(
    st.lists(st.tuples(st.sampled_from([TENENKOU, DJENNE, MOPTI]), st.integers(0, 5)), min_size=1)
)
@settings(max_examples=20, deadline=None)
def test_a_mean_lies_between_the_mildest_and_the_worst_whatever_overlaps(said):
    table = ask(*(fact("access", unit, value=float(v), as_of=NOW, **ACAPS) for unit, v in said))
    found, values = row(table, MOPTI), [v for _unit, v in said]
    assert found["severity_max"] == max(values)
    assert min(values) - 1e-9 <= found["severity_mean"] <= max(values) + 1e-9
    assert 0 < found["covered_share"] <= 1


def test_services_are_indicators_of_their_own_told_to_partners_and_not_to_the_public():
    closed = {"indicator": "schools-closed", "as_of": NOW}
    dataset = dataset_of(
        context=(
            fact("access", TENENKOU, value=85.0, total=93.0, **closed),
            fact("access", DJENNE, value=3.0, **closed),
        )
    )
    told = {
        viewer: dataset.ask("services", frame="ml-2016", viewer=viewer)
        .table.select("unit_id", "indicator", "value", "total", "places")
        .rows()
        for viewer in Viewer
    }
    assert told[Viewer.PARTNER] == [(MOPTI, "schools-closed", 88.0, None, 2)]
    assert told[Viewer.PUBLIC] == []

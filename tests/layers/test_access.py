"""How hard it is to reach a unit."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.ingest.context_tables import read_context
from atlas.ingest.sample import sample_tables
from atlas.model import Viewer
from tests.layers.made import dataset_of, fact, row

MOPTI, TENENKOU, DJENNE = "ml-2016/ML05", "ml-2016/ML0507", "ml-2016/ML0503"
NOW, LONG_AGO = date(2017, 5, 1), date(2015, 5, 1)
AREA_OF_MOPTI = 79240.0
JIAF = {"scale": "JIAF", "direction": "higher_is_worse"}
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
        0.65,
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


def test_a_mean_is_by_area_or_by_commune_and_what_is_not_told_counts_as_the_mildest():
    """Mopti: 79 240 km² and 108 communes (units.csv), Ténenkou 11 703 and 10, Djenné 4 505 and 12."""
    facts = (
        fact("access", TENENKOU, value=4.0, as_of=NOW, **ACAPS),
        fact("access", DJENNE, value=1.0, as_of=NOW, **ACAPS),
    )
    found = row(ask(*facts), MOPTI)["severity_mean"]
    assert round(found, 3) == round((4 * 11703 + 1 * 4505) / AREA_OF_MOPTI, 3)
    by_commune = row(ask(*facts, options={"weighting": "unit"}), MOPTI)["severity_mean"]
    assert round(by_commune, 6) == round((4 * 10 + 1 * 12) / 108, 6)


def test_the_mean_by_people_needs_the_population_of_every_place_said():
    def people(unit, n):
        return fact("population", unit, indicator="population", value=n, as_of=NOW)

    facts = (
        fact("access", TENENKOU, value=4.0, as_of=NOW, **ACAPS),
        fact("access", DJENNE, value=1.0, as_of=NOW, **ACAPS),
        people(MOPTI, 10_000.0),
        people(TENENKOU, 1_000.0),
    )
    assert row(ask(*facts), MOPTI)["severity_mean_population"] is None
    known = (*facts, people(DJENNE, 2_000.0))
    assert row(ask(*known), MOPTI)["severity_mean_population"] == 0.6
    weighted = ask(*known, options={"weighting": "population"})
    assert row(weighted, MOPTI)["severity_mean"] == 0.6


def test_what_no_fact_covers_counts_as_the_mildest_and_how_much_it_is_is_said():
    """Ténenkou is 11 703 of the 77 000-odd km² of the région: 15 %."""
    table = ask(fact("access", TENENKOU, value=4.0, as_of=NOW, **ACAPS))
    found = row(table, MOPTI)
    assert (round(found["severity_mean"], 2), round(found["covered_share"], 2)) == (0.59, 0.15)
    assert row(table, "ml-2016/ML04")["covered_share"] is None


def test_a_mean_of_a_scale_whose_ends_are_unknown_needs_facts_of_all_the_ground():
    told = fact("access", TENENKOU, value=4.0, as_of=NOW, **REACH)
    table = ask(told, level="cercle")
    assert row(ask(told), MOPTI)["severity_mean"] is None
    assert row(table, TENENKOU)["severity_mean"] == 4.0


def test_where_facts_overlap_the_worst_counts():
    """Ténenkou's 4 on 15 % of the ground, the 1 of the région elsewhere."""
    table = ask(
        fact("access", MOPTI, value=1.0, as_of=NOW, **ACAPS),
        fact("access", TENENKOU, value=4.0, as_of=NOW, **ACAPS),
    )
    found = row(table, MOPTI)
    assert (found["severity_max"], found["covered_share"]) == (4.0, 1.0)
    assert round(found["severity_mean"], 2) == 1.44


@pytest.mark.parametrize("weighting", ["area", "population", "unit"])
def test_a_further_constraint_of_a_place_does_not_lower_its_mean(weighting):
    table = ask(
        fact("access", TENENKOU, indicator="explosive-hazards", value=4.0, as_of=NOW, **ACAPS),
        fact("access", TENENKOU, indicator="physical", value=2.0, as_of=NOW, **ACAPS),
        fact("access", DJENNE, indicator="explosive-hazards", value=4.0, as_of=NOW, **ACAPS),
        *(
            fact("population", unit, indicator="population", value=1_000.0, as_of=NOW)
            for unit in (TENENKOU, DJENNE)
        ),
        level="cercle",
        options={"weighting": weighting},
    )
    columns = ("severity_max", "severity_mean", "severity_mean_population")
    assert [[row(table, unit)[c] for c in columns] for unit in (TENENKOU, DJENNE)] == [
        [4.0, 4.0, 4.0],
        [4.0, 4.0, 4.0],
    ]


def test_the_case_of_two_constraints_of_one_cercle_is_answered(shared: Path):
    tables = read_context("access", shared / "cases" / "severite-deux.csv").tables
    dataset = Dataset.from_tables(tables)
    for weighting in ("area", "unit"):
        options = {"weighting": weighting}
        table = dataset.ask("access", frame="ml-2016", level="cercle", options=options).table
        told = table.filter(pl.col("severity_max").is_not_null())
        assert told["severity_mean_population"].to_list() == [4.0, 4.0]
        assert told.sort("unit_name").select(
            "unit_name", "severity_max", "severity_mean"
        ).rows() == [
            ("Bankass", 4.0, 4.0),
            ("Koro", 4.0, 4.0),
        ]


def test_a_unit_speaks_in_the_scale_in_which_it_is_worse_off():
    table = ask(
        fact("access", TENENKOU, value=5.0, as_of=date(2017, 1, 1), **ACAPS),
        fact("access", TENENKOU, value=2.0, as_of=NOW, **JIAF),
    )
    found = row(table, MOPTI)
    assert (found["severity_max"], found["scale"], found["other_scales"]) == (5.0, "ACAPS", "JIAF")


PLACES = (MOPTI, TENENKOU, DJENNE, "ml-2016/ML050701", "ml-2016/ML0508")
SCALED = st.one_of(
    st.tuples(st.sampled_from(PLACES), st.just("ACAPS"), st.integers(0, 5)),
    st.tuples(st.sampled_from(PLACES), st.just("JIAF"), st.integers(1, 5)),
    st.tuples(st.sampled_from(PLACES), st.just("priority"), st.integers(1, 5)),
)
"""A place, a scale and a level; in the scale of priorities 1 is the worst."""
WORSE = {"ACAPS": 1, "JIAF": 1, "priority": -1}
LOWEST = {"ACAPS": 0, "JIAF": 1, "priority": 5}
SPAN = {"ACAPS": 5, "JIAF": 4, "priority": 4}


def summaries(facts):
    """Every summary of severity, 0 to 1, by unit, level, setting and column."""
    said = [
        fact(
            "access", unit, value=float(level), as_of=NOW, scale=scale,
            direction="higher_is_worse" if WORSE[scale] > 0 else "lower_is_worse",
        )
        for unit, scale, level in facts
    ]  # fmt: skip
    needs = [
        fact("needs", unit, indicator="people-in-need", sector="health", value=100.0, as_of=NOW)
        for unit in (MOPTI, TENENKOU, DJENNE)
    ]
    dataset, found = dataset_of(context=(*said, *needs)), {}
    for level in ("region", "cercle"):
        for weighting in ("area", "unit"):
            options = {"weighting": weighting}
            table = dataset.ask("access", frame="ml-2016", level=level, options=options).table
            for one in table.filter(pl.col("scale").is_not_null()).to_dicts():
                scale = one["scale"]
                for column in ("severity_max", "severity_mean", "severity_mean_population"):
                    # means of two scales are not to be compared, the worst of each is
                    key = (
                        one["unit_id"],
                        level,
                        weighting,
                        column,
                        *[scale] * (column[9:] != "max"),
                    )
                    if one[column] is not None:
                        found[key] = WORSE[scale] * (one[column] - LOWEST[scale]) / SPAN[scale]
        for how in ("worst", "mean"):
            options = {"access": how}
            table = dataset.ask("coverage", frame="ml-2016", level=level, options=options).table
            for unit, score in table.select("unit_id", "access_score").drop_nulls().rows():
                found[unit, level, how] = score
    return found


@given(st.lists(SCALED, min_size=1, max_size=4), SCALED, st.data())
@settings(max_examples=6)
def test_neither_a_further_fact_nor_a_worse_one_lowers_any_summary(facts, further, data):
    unit, scale, level = data.draw(st.sampled_from(facts))
    worst = LOWEST[scale] + WORSE[scale] * SPAN[scale]
    raised = data.draw(st.integers(*sorted((level, worst))))
    at = facts.index((unit, scale, level))
    before = summaries(facts)
    for more in ([*facts, further], [*facts[:at], (unit, scale, raised), *facts[at + 1 :]]):
        after = summaries(more)
        assert [key for key in before if after.get(key, 1.0) < before[key] - 1e-9] == []


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
    sample, late = Dataset.from_tables(sample_tables()), {"day": "2024-01-01"}
    own = sample.ask("access", frame="ml-2016", level="cercle")
    assert own.meta["reference"] == date(2018, 5, 31)
    table = sample.ask("access", frame="ml-2016", level="cercle", options=late).table
    found = row(table, TENENKOU)
    assert "Écoles fermées : 85 / 93 (périmé)" in found["services"]
    assert (found["stale"], found["as_of"]) == (True, date(2018, 5, 31))
    assert "ONG présentes" in row(table, "ml-2016/ML0701")["services"]


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

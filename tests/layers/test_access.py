"""How hard it is to reach a unit."""

from __future__ import annotations

from datetime import date

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

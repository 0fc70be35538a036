"""A programme, in its perimeter and outside it, component by component."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.errors import ForbiddenError, UsageError
from atlas.filters import Filters
from atlas.layers.perimeter import ENTERED
from atlas.model import Viewer
from tests import strategies
from tests.conftest import SHARED, needs_shared
from tests.layers.made import activity, dataset_of, fact
from tests.strategies import SyntheticSnapshot

BANDIAGARA, DJENNE, TENENKOU = "ml-2016/ML0501", "ml-2016/ML0503", "ml-2016/ML0507"
MOPTI, KIDAL, DOUROU = "ml-2016/ML05", "ml-2016/ML08", "ml-2012/ML050108"
DAY = date(2017, 6, 30)
SECURITY, GOVERNANCE = "psirc-security", "psirc-governance"
DEVELOPMENT, COMMUNICATION = "psirc-development", "psirc-communication"
ALL_KINDS = Filters(kind=("activity", "plan", "presence"))


def perimeter(*units, name="PSIRC", **more):
    told = {"indicator": name, "as_of": DAY, "source": "arrêté", **more}
    return tuple(fact("programme", unit, **told) for unit in units)


def component(sector, text, name="PSIRC", **more):
    told = {"indicator": name, "as_of": DAY, "source": "arrêté", **more}
    return fact("components", None, sector=sector, text=text, **told)


def asked(dataset, frame="ml-2016", level="cercle", viewer=Viewer.EDITOR, **options):
    return dataset.ask("programme", ALL_KINDS, frame, level, viewer, options)


def cells(dataset, column="state", **more):
    table = asked(dataset, **more).table
    return {(u, c): v for u, c, v in table.select("unit_id", "component", column).iter_rows()}


def test_nothing_is_a_gap_while_nobody_has_named_the_perimeter():
    answer = asked(dataset_of(activity(unit=DJENNE, sector="health")))
    assert set(answer.table["state"].drop_nulls()) == {"perimeter_undefined"}
    assert answer.meta["perimeter_defined"] is False
    assert answer.meta["expected_units"] == 3


def test_a_count_of_cercles_without_their_names_is_known_and_is_no_perimeter():
    counted = fact("programme", None, indicator="PSIRC", value=3.0, as_of=date(2017, 12, 31))
    dataset = dataset_of(context=(*perimeter(DJENNE), counted))
    assert asked(dataset_of(context=(counted,))).meta["perimeter_defined"] is False
    assert asked(dataset).meta["perimeter"] == [DJENNE]


def test_a_cell_is_covered_then_past_then_planned_then_a_gap():
    dataset = dataset_of(
        activity(unit=DJENNE, sector="health", start=date(2017, 1, 1), end=date(2017, 12, 31)),
        activity(unit=DJENNE, sector="governance", end=date(2017, 3, 1), start=date(2017, 1, 1)),
        activity(unit=TENENKOU, sector="wash", status="planned"),
        activity(unit=TENENKOU, sector="governance", status="cancelled"),
        context=perimeter(DJENNE, TENENKOU),
    )
    found = cells(dataset)
    assert found[DJENNE, DEVELOPMENT] == "covered"
    assert found[DJENNE, GOVERNANCE] == "past"
    assert found[TENENKOU, DEVELOPMENT] == "planned"
    assert found[DJENNE, SECURITY] == found[TENENKOU, SECURITY] == "gap"
    assert found[TENENKOU, GOVERNANCE] == "gap"  # what was cancelled covers nothing


def test_what_is_placed_on_the_region_may_be_there_so_the_cell_is_to_be_checked():
    dataset = dataset_of(activity(unit=MOPTI, sector="health"), context=perimeter(DJENNE))
    assert cells(dataset)[DJENNE, DEVELOPMENT] == "unclear"
    assert cells(dataset, "possible")[DJENNE, DEVELOPMENT] == 1
    assert cells(dataset)[DJENNE, SECURITY] == "gap"
    assert cells(dataset, "inside")["_coarser", DEVELOPMENT] is None


def test_what_was_cancelled_on_the_region_is_no_reason_to_check():
    dataset = dataset_of(
        activity(unit=MOPTI, sector="health", status="cancelled"), context=perimeter(DJENNE)
    )
    assert cells(dataset)[DJENNE, DEVELOPMENT] == "gap"


def test_a_component_without_any_sector_is_no_gap():
    assert cells(dataset_of(context=perimeter(DJENNE)))[DJENNE, COMMUNICATION] == "unmapped"


def test_what_is_surely_elsewhere_is_outside_and_the_whole_country_is_neither():
    dataset = dataset_of(
        activity(unit=KIDAL, sector="health"),
        activity(unit="_national", sector="health"),
        context=perimeter(DJENNE),
    )
    inside = cells(dataset, "inside")
    assert inside["_outside", DEVELOPMENT] is False
    assert inside["_national", DEVELOPMENT] is None


def test_a_commune_of_a_cercle_of_the_perimeter_is_inside_in_every_decoupage():
    dataset = dataset_of(activity(unit=DOUROU, sector="health"), context=perimeter(BANDIAGARA))
    for frame in ("ml-2012", "ml-2016", "ml-2023"):
        for level in ("region", "cercle", "commune"):
            table = asked(dataset, frame, level).table
            assert table.filter(pl.col("inside"))["activities"].sum() == 1, (frame, level)


def test_a_region_holds_more_than_the_cercle_of_the_perimeter():
    table = asked(dataset_of(context=perimeter(DJENNE)), level="region").table
    assert table.filter(unit_id=MOPTI)["part"].unique().to_list() == [True]


def test_the_office_says_which_component_a_sector_belongs_to():
    dataset = dataset_of(
        activity(unit=DJENNE, sector="health"),
        activity(unit=DJENNE, sector="wash"),
        context=(
            *perimeter(DJENNE),
            component("health", "Communication"),
            component("wash", "aucune"),
        ),
    )
    counts = cells(dataset, "activities")
    assert counts[DJENNE, COMMUNICATION] == 1
    assert counts[DJENNE, DEVELOPMENT] == 0
    assert counts[DJENNE, None] == 1


def test_the_newest_perimeter_counts_and_of_one_day_what_the_office_entered():
    older = perimeter(DJENNE, TENENKOU, document="a")
    newer = perimeter(DJENNE, document="b", as_of=date(2017, 7, 1))
    entered = perimeter(BANDIAGARA, document="0", as_of=date(2017, 7, 1), source=ENTERED)
    assert asked(dataset_of(context=(*older, *newer))).meta["perimeter"] == [DJENNE]
    assert asked(dataset_of(context=(*newer, *entered, *older))).meta["perimeter"] == [BANDIAGARA]


def test_a_component_may_be_meant_for_some_units_only():
    context = (*perimeter(DJENNE, text="Sécurité"), *perimeter(TENENKOU))
    found = cells(dataset_of(context=context))
    assert found[DJENNE, SECURITY] == "gap"
    assert found[DJENNE, GOVERNANCE] == "not_meant"
    assert found[TENENKOU, GOVERNANCE] == "gap"


def test_a_plan_of_ones_own_has_the_components_that_its_table_names():
    context = (
        *perimeter(DJENNE, name="Plan Delta"),
        component("health", "Services sociaux", name="Plan Delta"),
    )
    dataset = dataset_of(activity(unit=DJENNE, sector="health"), context=context)
    assert cells(dataset, "activities", programme="Plan Delta") == {(DJENNE, "Services sociaux"): 1}


def test_a_plan_without_components_counts_as_a_whole():
    dataset = dataset_of(
        activity(unit=DJENNE), context=perimeter(DJENNE, TENENKOU, name="Plan Delta")
    )
    found = cells(dataset, programme="plan-delta")
    assert found == {(DJENNE, "_all"): "covered", (TENENKOU, "_all"): "gap"}


def test_an_activity_that_names_a_component_as_its_result_belongs_to_it_before_its_sector():
    context = (
        *perimeter(DJENNE),
        component(None, "Résultat 1: paix"),
    )
    dataset = dataset_of(
        activity(unit=DJENNE, sector="health", result="Résultat 1:  paix"), context=context
    )
    assert cells(dataset, "activities")[DJENNE, "Résultat 1: paix"] == 1
    public = dataset.ask("programme", level="cercle", frame="ml-2016", viewer=Viewer.PUBLIC).table
    counted = public.filter(pl.col("activities") > 0)
    assert counted["component"].to_list() == ["Résultat 1: paix"]


def test_a_draft_stands_before_what_is_published():
    dataset = dataset_of(activity(unit=DJENNE, sector="health"))
    drafted = {"perimeter": DJENNE, "components": f"health:{SECURITY}|wash:"}
    assert cells(dataset, "activities", **drafted)[DJENNE, SECURITY] == 1


def test_an_unknown_programme_is_refused_with_those_that_are_known():
    with pytest.raises(UsageError, match="psirc"):
        asked(dataset_of(), programme="inconnu")


def test_a_unit_that_this_decoupage_cannot_tell_is_said_and_counted_without_a_row():
    dataset = dataset_of(
        activity(unit="ml-2023/dandoli-bandiagara", sector="health"),
        context=perimeter("ml-2023/dandoli-bandiagara"),
    )
    answer = asked(dataset, "ml-2023", "cercle")
    assert answer.meta["not_convertible"] == ["ml-2023/dandoli-bandiagara"]
    assert answer.table.select("unit_id", "inside", "activities").rows() == [
        ("_perimeter", True, 1)
    ]


def test_what_is_done_in_a_unit_that_may_lie_in_the_perimeter_is_told_and_never_a_gap():
    commune = "ml-2023/bandiagara-bandiagara"
    dataset = dataset_of(activity(unit=commune, sector="health"), context=perimeter(BANDIAGARA))
    answer = asked(dataset, "ml-2023", "cercle")
    assert answer.meta["not_convertible"] == [BANDIAGARA]
    assert answer.table.select("unit_id", "part", "component", "state").rows() == [
        ("ml-2023/cercle-bandiagara", True, DEVELOPMENT, "covered")
    ]


def test_the_public_may_not_learn_of_communes_by_a_perimeter_of_communes():
    dataset = dataset_of(context=perimeter(DOUROU))
    with pytest.raises(ForbiddenError):
        asked(dataset, level="region", viewer=Viewer.PUBLIC)
    with pytest.raises(ForbiddenError):
        dataset.activities_behind(layer="programme", viewer=Viewer.PUBLIC)


def test_protection_is_never_told_to_be_inside_a_commune():
    dataset = dataset_of(
        activity(unit=DOUROU, sector="protection", sensitivity="protection"),
        context=(*perimeter(DOUROU), component("protection", "Gouvernance")),
    )
    found = asked(dataset, level="cercle", viewer=Viewer.PARTNER).table
    assert found.filter(pl.col("inside"))["activities"].sum() == 0
    assert found.filter(pl.col("activities") > 0)["unit_id"].to_list() == ["_coarser"]


# what is conserved


def cents(values: pl.Series) -> int:
    return sum(round(value * 100) for value in values.drop_nulls())


@given(strategies.tables(), strategies.questions(), st.lists(strategies.units(), max_size=4))
@settings(max_examples=40)
def test_inside_outside_and_what_cannot_be_said_are_the_whole_to_the_cent(tables, question, units):
    dataset = Dataset(SyntheticSnapshot(tables))
    drawn = ",".join(unit for unit in units if not unit.startswith("_"))
    options = {"perimeter": drawn}
    shares = dataset.filtered_scope(ALL_KINDS, *question).share_rows.filter(
        pl.col("kind") == "budget"
    )
    table = dataset.ask("programme", ALL_KINDS, *question, options=options).table
    totals = dataset.ask("programme_totals", ALL_KINDS, *question, options=options).table
    assert cents(table["budget_usd"]) == shares["usd_minor"].sum()
    assert cents(totals.filter(component="_total")["budget_usd"]) == shares["usd_minor"].sum()
    inside = table.filter(pl.col("inside").fill_null(value=False))
    named = totals.filter(pl.col("zone") == "inside", pl.col("component").ne_missing("_total"))
    assert cents(named["budget_usd"]) == cents(inside["budget_usd"])


@given(strategies.tables(), strategies.questions(), st.lists(strategies.units(), max_size=3))
@settings(max_examples=15)
def test_every_figure_opens_the_activities_that_it_counts(tables, question, units):
    dataset = Dataset(SyntheticSnapshot(tables))
    drawn = ",".join(unit for unit in units if not unit.startswith("_"))
    options = {"perimeter": drawn}
    table = dataset.ask("programme", ALL_KINDS, *question, options=options).table
    frame, level = question
    for row in table.to_dicts():
        here, component_ = row["unit_id"], row["component"] or "_none"
        behind = dataset.activities_behind(
            here, component_, filters=ALL_KINDS, frame=frame, level=level,
            layer="programme", options=options,
        ).table  # fmt: skip
        assert behind.height == row["activities"]
        assert cents(behind["share_usd"]) == round((row["budget_usd"] or 0) * 100)


def test_a_sum_opens_what_is_inside_and_what_cannot_be_said_to_be():
    dataset = dataset_of(
        activity("Dedans", DJENNE, sector="health"),
        activity("Dehors", KIDAL, sector="health"),
        activity("Partout", "_national", sector="health"),
        activity("Région", MOPTI, sector="health"),
        context=perimeter(DJENNE),
    )

    def titles(unit):
        answer = dataset.activities_behind(
            unit, DEVELOPMENT, frame="ml-2016", level="cercle", layer="programme"
        )
        return sorted(answer.table["title"])

    assert titles(None) == ["Dedans"]
    assert titles("_outside") == ["Dehors"]
    assert titles("_unknown") == ["Partout", "Région"]


# the real documents


@needs_shared
def test_the_work_plan_tells_its_five_communes_and_four_results():
    from atlas.ingest.pipeline import ingest_file

    (plan,) = (SHARED / "seeds").glob("002*.txt")
    dataset = Dataset(SyntheticSnapshot(ingest_file(plan).tables))
    options = {"programme": "stabilisation-liptako-gourma"}
    table = dataset.ask("programme", level="commune", options=options).table
    inside = table.filter(pl.col("inside"))
    assert sorted(inside["unit_name"].unique()) == [
        "Bandiagara", "Dandoli", "Doucoumbo", "Dourou", "Pignari Bana",
    ]  # fmt: skip
    assert inside["component"].n_unique() == 4
    assert set(inside["state"]) == {"planned"}
    totals = dataset.ask("programme_totals", level="commune", options=options).table
    rows = totals.select("zone", "component", "activities", "inherited", "budget_usd").rows()
    told = [(z, n, i, usd) for z, c, n, i, usd in rows if c != "_total"]
    assert told == [
        ("inside", 5, 5, 355_333.0),
        ("inside", 4, 2, 985_256.0),
        ("inside", 7, 4, 933_048.0),
        ("inside", 13, 13, 712_306.0),  # 755 306 printed, less the 43 000 nobody wrote
        ("unknown", 7, 0, 1_699_286.0),
    ]


@needs_shared
def test_the_bulletin_counts_three_cercles_and_names_none():
    from atlas.ingest.pipeline import ingest_file

    (bulletin,) = (SHARED / "seeds").glob("004*.txt")
    answer = Dataset(SyntheticSnapshot(ingest_file(bulletin).tables)).ask("programme")
    assert (answer.meta["perimeter_defined"], answer.meta["expected_units"]) == (False, 3)
    assert set(answer.table["state"].drop_nulls()) == {"perimeter_undefined"}

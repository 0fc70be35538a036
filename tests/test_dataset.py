"""The one door: what it answers, what it refuses, and what it keeps back."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from atlas import summaries
from atlas.errors import ForbiddenError, UnknownUnitError, UsageError
from atlas.filters import Filters
from atlas.layers import LAYERS
from atlas.model import RESERVED, Level, Viewer
from tests.layers.made import activity, dataset_of, fact, row

KIDAL, MOPTI = "ml-2016/ML08", "ml-2016/ML05"
BANDIAGARA, DOUROU = "ml-2016/ML0501", "ml-2016/ML050108"
PUBLIC, PARTNER, EDITOR = Viewer.PUBLIC, Viewer.PARTNER, Viewer.EDITOR
NEXT_YEAR = {"start": date(2018, 3, 1), "end": date(2018, 3, 31)}


# what a snapshot says of itself


def test_the_frame_is_that_in_force_on_the_day_of_the_newest_document():
    assert dataset_of(as_of=date(2017, 6, 30)).default_frame == "ml-2016"
    assert dataset_of(as_of=date(2024, 1, 1)).default_frame == "ml-2023"


def test_the_frame_is_the_one_that_keeps_most_placed_and_the_user_may_choose_another():
    """Mopti of 2016 became three régions of 2023: nothing of it can be told there."""
    mopti = [activity("Forage", MOPTI) for _n in range(3)]
    dataset = dataset_of(*mopti, activity(unit="ml-2012/ML07"), as_of=date(2024, 1, 1))
    lost = {
        frame: dataset.not_convertible_count(frame) for frame in ("ml-2012", "ml-2016", "ml-2023")
    }
    assert lost == {"ml-2012": 0, "ml-2016": 1, "ml-2023": 4}
    assert (dataset.frame_in_force, dataset.default_frame) == ("ml-2023", "ml-2012")
    assert dataset_of(*mopti, as_of=date(2024, 1, 1)).default_frame == "ml-2016"
    assert dataset.ask("presence").meta["frame_gain"] == 4
    chosen = dataset.ask("presence", frame="ml-2023")
    assert (chosen.frame, chosen.meta["frame_gain"]) == ("ml-2023", 0)


def test_plans_and_facts_do_not_choose_the_frame_while_there_are_activities():
    plan, need = activity("Plan", MOPTI, kind="plan"), fact("needs", MOPTI, value=1.0)
    dataset = dataset_of(activity(unit=DOUROU), plan, context=(need,), as_of=date(2024, 1, 1))
    assert dataset.default_frame == "ml-2023"
    assert dataset_of(context=(need,), as_of=date(2024, 1, 1)).default_frame == "ml-2016"


def test_the_span_is_that_of_what_is_reported_plans_aside():
    dataset = dataset_of(
        activity(start=date(2015, 1, 1), end=date(2017, 3, 31)),
        activity(kind="plan", source="state-plan", start=date(2021, 1, 1), end=date(2025, 12, 31)),
    )
    assert dataset.reported_period() == (date(2015, 1, 1), date(2017, 3, 31))


# errors name what would have been right


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"layer": "budgets"}, "presence"),
        ({"frame": "ml-1999"}, "ml-2012"),
        ({"level": "village"}, "commune"),
    ],
)
def test_an_unknown_layer_frame_or_level_names_the_valid_ones(asked, named):
    with pytest.raises(UsageError, match=named):
        dataset_of().ask(**{"layer": "presence", **asked})


def test_an_unknown_unit_sector_or_source_is_refused():
    with pytest.raises(UnknownUnitError):
        dataset_of().ask("presence", Filters(unit=("ml-2016/nowhere",)))
    with pytest.raises(UsageError, match="health"):
        dataset_of().ask("coverage", Filters(sector=("helth",)))
    with pytest.raises(UsageError, match="trust-fund"):
        dataset_of().ask("presence", Filters(source=("minusma",)))


# time


def kept(filters, **dates):
    return dataset_of(activity(**dates)).ask("presence", filters).table["activities"].sum()


def test_a_year_keeps_what_its_period_touches():
    period = {"start": date(2015, 1, 1), "end": date(2016, 6, 30)}
    assert [kept(Filters(year=(y,)), **period) for y in (2014, 2015, 2016, 2017)] == [0, 1, 1, 0]


def test_at_a_day_only_what_is_current_is_kept():
    period = {"start": date(2015, 1, 1), "end": date(2016, 6, 30)}
    assert kept(Filters(at=date(2016, 6, 30)), **period) == 1
    assert kept(Filters(at=date(2016, 7, 1)), **period) == 0


def test_an_activity_without_dates_stands_on_the_day_of_its_document_and_is_counted_when_left_out():
    dataset = dataset_of(activity(), as_of=date(2017, 6, 30))
    assert dataset.ask("presence", Filters(year=(2017,))).table["activities"].sum() == 1
    left_out = dataset.ask("presence", Filters(year=(2016,)))
    assert left_out.table["activities"].sum() == 0
    assert left_out.meta["undated_left_out"] == 1


def test_without_an_end_an_activity_stands_until_its_document_and_no_later():
    assert kept(Filters(at=date(2017, 6, 30)), start=date(2017, 1, 1)) == 1
    assert kept(Filters(at=date(2024, 1, 1)), start=date(2017, 1, 1)) == 0


# who may see what


@pytest.mark.parametrize("layer", LAYERS)
def test_the_public_stops_at_the_cercle_and_is_told_what_to_ask_instead(layer):
    with pytest.raises(ForbiddenError, match=r"cercle|region"):
        dataset_of().ask(layer, level="commune", viewer=PUBLIC)


def test_the_public_may_not_narrow_a_region_down_to_a_commune():
    with pytest.raises(ForbiddenError):
        dataset_of().ask("presence", Filters(unit=(DOUROU,)), viewer=PUBLIC)


def test_access_is_told_by_region_to_all_by_cercle_to_partners_by_commune_to_editors():
    dataset = dataset_of()
    allowed = {
        (viewer, level)
        for viewer in Viewer
        for level in Level
        if not _refused(dataset, viewer, level)
    }
    assert allowed == {
        (PUBLIC, Level.REGION),
        (PARTNER, Level.REGION), (PARTNER, Level.CERCLE),
        (EDITOR, Level.REGION), (EDITOR, Level.CERCLE), (EDITOR, Level.COMMUNE),
    }  # fmt: skip


def _refused(dataset, viewer, level):
    try:
        dataset.ask("access", frame="ml-2016", level=level, viewer=viewer)
    except ForbiddenError:
        return True
    return False


def test_the_public_reads_no_security_zone_and_no_access_of_a_cercle_in_the_coverage():
    facts = (
        fact("security", MOPTI, text="zone", as_of=date(2017, 6, 1)),
        fact(
            "access",
            BANDIAGARA,
            value=4.0,
            scale="ACAPS",
            direction="higher_is_worse",
            as_of=date(2017, 6, 1),
        ),
    )
    dataset = dataset_of(context=facts)
    ask = {"frame": "ml-2016", "viewer": PUBLIC}
    found = row(dataset.ask("access", **ask).table, MOPTI)
    assert (found["severity_max"], found["security_zone"], found["constraints"]) == (
        4.0,
        None,
        None,
    )
    assert dataset.ask("coverage", level="cercle", **ask).table["access"].null_count() > 0
    assert dataset.ask("coverage", level="cercle", **ask).table["access"].count() == 0
    assert (
        dataset.ask("coverage", level="cercle", frame="ml-2016", viewer=PARTNER)
        .table["access"]
        .count()
        > 0
    )


def test_the_public_grid_rolls_communes_up_and_has_neither_remarks_nor_rows():
    dataset = dataset_of(activity("Puits", DOUROU, remarks="chez le chef"))
    (public,) = dataset.activity_grid(viewer=PUBLIC).table.to_dicts()
    (editor,) = dataset.activity_grid(viewer=EDITOR).table.to_dicts()
    assert (public["place"], public["remarks"], public["locator"]) == (
        "Bandiagara, Mopti",
        None,
        None,
    )
    assert (editor["place"], editor["remarks"], editor["locator"]) == (
        "Dourou, Mopti",
        "chez le chef",
        "L0",
    )


def test_protection_is_told_by_commune_to_editors_alone():
    dataset = dataset_of(activity("Écoute", DOUROU, sector="protection", usd=900))
    ask = {"frame": "ml-2016", "level": "commune"}
    assert row(dataset.ask("budget", viewer=EDITOR, **ask).table, DOUROU)["budget_usd"] == 9.0
    partner = dataset.ask("budget", viewer=PARTNER, **ask).table
    assert row(partner, DOUROU)["budget_usd"] == 0.0
    assert row(partner, "_coarser")["budget_usd"] == 9.0
    assert dataset.activity_grid(viewer=PARTNER).table["place"].to_list() == ["Bandiagara, Mopti"]
    inside = dataset.ask("presence", Filters(unit=(DOUROU,)), viewer=PARTNER).table
    assert inside["activities"].sum() == 0


def test_a_coming_distribution_has_neither_day_nor_cercle_for_anyone_but_editors():
    dataset = dataset_of(activity("Distribution de vivres", DOUROU, **NEXT_YEAR))
    (told,) = dataset.activity_grid(viewer=PARTNER).table.to_dicts()
    region = "Bandiagara"  # the région of 2023, the smallest that holds it
    assert (told["place"], told["start"], told["end"]) == (region, None, None)
    cercles = dataset.ask("presence", frame="ml-2016", level="cercle", viewer=PARTNER).table
    assert row(cercles, "_coarser")["activities"] == 1
    assert (
        dataset.ask("presence", Filters(year=(2018,)), viewer=PARTNER).table["activities"].sum()
        == 0
    )
    assert dataset.ask("presence", Filters(year=(2018,))).table["activities"].sum() == 1


def test_the_public_reads_how_many_findings_there_are_not_what_they_quote():
    dataset = dataset_of(activity())
    assert dataset.findings_with_files(PUBLIC).columns == dataset.findings_with_files().columns


# the grid, the figures, the panel


def test_an_activity_under_way_whose_end_has_passed_is_to_confirm():
    dataset = dataset_of(activity(start=date(2016, 1, 1), end=date(2016, 12, 31)))
    (found,) = dataset.activity_grid().table.to_dicts()
    assert (found["status"], found["status_label"]) == ("to_confirm", "À confirmer")


def test_the_grid_says_unknown_amounts_as_unknown_and_shares_inside_the_unit():
    dataset = dataset_of(activity("a", (KIDAL, MOPTI), usd=10_00), activity("b", KIDAL))
    table = dataset.activity_grid(Filters(unit=(KIDAL,))).table.sort("title")
    assert table["budget_usd"].to_list() == [10.0, None]
    assert table["share_usd"].to_list() == [5.0, None]


def test_the_headline_figures_agree_with_the_layers():
    dataset = dataset_of(
        activity(unit=KIDAL, usd=10_00, lead_org="pnud"),
        activity(unit="_unplaced", usd=2_00, lead_org="pnud"),
        activity(unit=MOPTI, kind="presence", source="ngo", lead_org="unicef"),
        activity(unit=MOPTI, kind="aggregate", items=65),
    )
    found = summaries.headline_figures(dataset, frame="ml-2016")
    assert (found.activities, found.organisations) == (2, 2)
    assert (found.budget_placed_usd, found.budget_unplaced_usd) == (10.0, 2.0)
    assert (found.units, found.units_without) == (11, 10)


def test_facets_count_what_the_other_filters_keep():
    dataset = dataset_of(
        activity(source="qip", sector="health"),
        activity(source="qip", sector="education"),
        activity(source="pbf", sector="health"),
    )
    found = dataset.facet_counts(Filters(source=("pbf",)))
    assert {(v, n) for v, _, n in found["source"]} == {("qip", 2), ("pbf", 1)}
    assert [(v, n) for v, _, n in found["sector"]] == [("health", 1)]
    assert found["sector"][0][1] == "Santé"


def test_a_published_count_is_told_beside_and_to_both_heirs_of_a_united_label():
    dataset = dataset_of(
        activity("QIP depuis 2013", KIDAL, kind="aggregate", items=47),
        activity("QIP depuis 2013", "ml-2012/ML07", kind="aggregate", items=84),
    )
    table = dataset.ask("published", frame="ml-2016").table
    assert row(table, KIDAL)["items"] == 47
    assert row(table, "_not_convertible")["items"] == 84
    assert row(table, "ml-2016/ML07")["items"] is None
    (heir,) = dataset.published_figures("ml-2016/ML10").to_dicts()
    assert (heir["items"], heir["exact"], heir["published_for"]) == (84, False, "Gao")


def test_the_panel_of_a_unit_is_in_its_own_frame():
    dataset = dataset_of(activity("Digue", KIDAL, usd=10_00), activity("Ailleurs", MOPTI))
    panel = summaries.zone_panel(dataset, "ml-2023/kidal")
    assert panel.name == "Kidal"
    assert panel.budget["budget_usd"] == 10.0
    assert panel.activities["title"].to_list() == ["Digue"]


ONE_ROW_A_UNIT = ("presence", "budget", "access", "published")


def test_every_layer_answers_of_nothing_in_every_frame_and_level():
    dataset = dataset_of()
    for layer in LAYERS:
        for frame in ("ml-2012", "ml-2016", "ml-2023"):
            for level in Level:
                table = dataset.ask(layer, frame=frame, level=level).table
                if layer in ONE_ROW_A_UNIT:
                    assert table["unit_id"].to_list()[-4:] == list(RESERVED)


def test_the_reserved_rows_speak_the_language_of_each_reader():
    from atlas.i18n import language_context

    dataset = dataset_of()
    french = row(dataset.ask("presence").table, "_unplaced")["unit_name"]
    with language_context("en"):
        dataset.ask("presence")
    assert row(dataset.ask("presence").table, "_unplaced")["unit_name"] == french == "Non placé"


def test_two_askers_at_once_are_given_the_same_answer():
    from concurrent.futures import ThreadPoolExecutor

    dataset = dataset_of(activity(unit=KIDAL, usd=10_00))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: dataset.ask("budget").table, range(12)))
    assert all(answer.equals(answers[0]) for answer in answers)
    assert isinstance(answers[0], pl.DataFrame)


def test_a_partner_reads_of_a_constraint_in_a_commune_as_of_its_cercle():
    dataset = dataset_of(
        context=(fact("access", DOUROU, text="piste coupée", as_of=date(2017, 6, 1)),)
    )
    ask = {"frame": "ml-2016", "level": "region"}
    told = {
        v: row(dataset.ask("access", viewer=v, **ask).table, MOPTI)["constraints"] for v in Viewer
    }
    assert told == {
        EDITOR: "Dourou : piste coupée",
        PARTNER: "Bandiagara : Contrainte d'accès",
        PUBLIC: None,
    }


def test_a_budget_that_no_activity_states_is_unknown_not_zero():
    unknown = summaries.headline_figures(dataset_of(activity(unit="ml-2016/ML07")))
    assert (unknown.budget_placed_usd, unknown.without_amount) == (None, 1)
    stated = summaries.headline_figures(dataset_of(activity(unit="ml-2016/ML07", usd=1_000)))
    assert stated.budget_placed_usd == 10.0

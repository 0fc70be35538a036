"""Pairs a person should look at, and the many that only look alike."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.i18n import language_context
from atlas.ingest.pipeline import ingest_file
from atlas.layers.duplicates import counts_in_words
from atlas.model import Tables
from tests import strategies
from tests.layers.made import activity, dataset_of
from tests.strategies import SyntheticSnapshot

BER, KIDAL = "ml-2012/ML060502", "ml-2012/ML08"
BANDIAGARA, DOUROU, DOUCOMBO = "ml-2016/ML0501", "ml-2016/ML050108", "ml-2016/ML050107"
JUNE = {"start": date(2017, 6, 1), "end": date(2017, 6, 30)}


def pairs(*entries, filters=None):
    return dataset_of(*entries).ask("duplicates", filters or Filters(), "ml-2016").table


def ber(**more):
    first = activity(
        "Réinsertion socio-économique de 110 femmes et filles", BER, source="trust-fund", **more
    )
    second = activity(
        "Appui à la réinsertion socio-économique de 110 femmes et filles de Ber",
        BER,
        source="qip",
        usd=46_610_16,
        **more,
    )
    return first, second


def test_one_project_told_under_two_funds_with_one_amount_is_shown_with_its_reasons():
    (pair,) = pairs(*ber()).to_dicts()
    assert pair["kind"] == "double_reporting"
    assert (pair["unit_id"], pair["unit_name"]) == ("ml-2016/tombouctou", "Tombouctou")
    for reason in (
        "selon deux sources",
        "même commune",
        "même chiffre (110)",
        "montant connu d'une seule",
    ):
        assert reason in pair["reasons"]


def test_the_reasons_are_in_the_language_of_the_reader():
    dataset = dataset_of(*ber())
    french = dataset.ask("duplicates").table["reasons"][0]
    with language_context("en"):
        english = dataset.ask("duplicates").table["reasons"][0]
    assert "QIP" in english
    assert ("Projets à impact rapide" in french, "Quick impact" in english) == (True, True)


def test_a_pair_is_shown_when_either_of_the_two_passes_the_filter():
    assert pairs(*ber(), filters=Filters(source=("qip",))).height == 1
    assert pairs(*ber(), filters=Filters(source=("pbf",))).height == 0


def test_two_entries_of_one_list_are_not_doubles_though_their_words_and_place_agree():
    title = "Réhabilitation et équipement du centre de santé communautaire d'Etambar"
    assert pairs(activity(title, KIDAL, usd=85_000_00), activity(title, KIDAL)).height == 0


def test_sibling_lines_of_a_work_plan_are_not_doubles():
    plan = {"source": "pnud", "lead_org": "pnud", "document": "d", "inherited": True, **JUNE}
    lines = (
        activity(
            "3.2 Formation aux métiers pour 200 jeunes",
            BANDIAGARA,
            usd=80_000_00,
            result="R3",
            **plan,
        ),
        activity(
            "3.3 Dotation en équipement des métiers pour 200 jeunes",
            BANDIAGARA,
            usd=150_000_00,
            result="R3",
            **plan,
        ),
        activity("Consultances techniques", BANDIAGARA, usd=35_333_00, result="R1", **plan),
        activity("Consultances techniques", BANDIAGARA, usd=35_333_00, result="R2", **plan),
    )
    assert pairs(*lines).height == 0


def test_the_same_line_twice_in_one_list_is_shown():
    line = {"source": "ngo", "usd": 12_000_00, "lead_org": "aford", **JUNE}
    title = "Réhabilitation de la digue de protection contre les inondations"
    (pair,) = pairs(activity(title, DOUROU, **line), activity(title, DOUROU, **line)).to_dicts()
    assert pair["kind"] == "double_reporting"


def test_donor_and_implementer_reporting_one_project_with_a_rounded_amount_are_shown():
    told = (
        activity(
            "Réhabilitation de la digue de Tessalit contre les inondations",
            KIDAL,
            source="trust-fund",
            document="d",
            usd=169_169_00,
            donors=["denmark"],
            implementers=["aford"],
            sector="environment",
        ),
        activity(
            "Digue de Tessalit : protection contre les inondations",
            KIDAL,
            source="ngo",
            document="e",
            usd=169_000_00,
            lead_org="aford",
            sector="environment",
        ),
    )
    (pair,) = pairs(*told).to_dicts()
    assert pair["kind"] == "double_reporting"
    assert "montant égal à 0,1 % près" in pair["reasons"]
    assert "même chef de file" not in pair["reasons"]
    assert "chef de file de l'une = exécutant de l'autre (AFORD)" in pair["reasons"]


def test_state_and_ngo_distributing_in_one_commune_and_month_overlap():
    told = (
        activity(
            "Distribution de vivres aux ménages vulnérables",
            DOUROU,
            source="state-plan",
            document="d",
            lead_org="csa",
            sector="food-security",
            **JUNE,
        ),
        activity(
            "Distribution de vivres",
            DOUROU,
            source="ngo",
            document="e",
            lead_org="aford",
            sector="food-security",
            **JUNE,
        ),
    )
    (pair,) = pairs(*told).to_dicts()
    assert pair["kind"] == "overlap"
    assert "organisations différentes" in pair["reasons"]


def test_the_same_work_in_two_communes_or_two_years_is_neither():
    one = {"lead_org": "csa", "sector": "food-security", "source": "ngo"}
    here = activity("Distribution de vivres aux ménages", DOUROU, document="d", **one, **JUNE)
    there = activity("Distribution de vivres aux ménages", DOUCOMBO, document="e", **one, **JUNE)
    later = activity(
        "Distribution de vivres aux ménages",
        DOUROU,
        document="e",
        **one,
        start=date(2018, 6, 1),
        end=date(2018, 6, 30),
    )
    assert pairs(here, there).height == 0
    assert pairs(here, later).height == 0


def test_a_common_word_in_one_commune_is_not_enough():
    assert (
        pairs(
            activity("Forage", DOUROU, document="d"),
            activity("Forage", DOUROU, source="ngo", document="e"),
        ).height
        == 0
    )


def test_presences_and_aggregates_are_never_compared():
    first, second = ber()
    assert (
        pairs(
            first | {"kind": "presence"}, second, filters=Filters(kind=("activity", "presence"))
        ).height
        == 0
    )
    assert (
        pairs(
            first | {"kind": "aggregate"}, second, filters=Filters(kind=("activity", "aggregate"))
        ).height
        == 0
    )


@given(strategies.tables(most=8))
@settings(max_examples=20)
def test_a_pair_is_two_activities_shown_once_with_a_score_and_a_reason(tables):
    table = Dataset(SyntheticSnapshot(tables)).ask("duplicates").table
    assert (table["activity_a"] != table["activity_b"]).all()
    assert table["pair_id"].n_unique() == table.height
    assert table["score"].is_between(0, 1).all()
    assert (table["reasons"].str.len_chars() > 0).all()


def test_two_round_sums_that_are_equal_do_not_make_one_project_of_two():
    told = {"lead_org": "pnud", "sector": "public-infrastructure", **JUNE}
    lamps = activity(
        "Lampes et lampadaires solaires pour un site de déplacés",
        DOUROU,
        usd=55_000_00,
        document="d",
        **told,
    )
    training = activity(
        "Formation des comités de gestion des infrastructures",
        DOUROU,
        usd=55_000_00,
        document="e",
        source="pnud",
        **told,
    )
    assert pairs(lamps, training).height == 0
    exact = {"usd": 46_610_16}
    assert pairs(lamps | exact, training | exact).height == 1


def one_list():
    """Eight lines of four organisations, in one list."""
    work = {"document": "d", "source": "ngo"}
    half = {"start": date(2024, 3, 1), "end": date(2024, 8, 31)}
    lean = {"start": date(2024, 5, 1), "end": date(2024, 6, 30), "sector": "food-security"}
    return (
        activity("Dépistage et traitement de la malnutrition", DOUROU, lead_org="acf",
                 implementers=["yag-tu"], sector="nutrition", usd=300_000_00, **half, **work),
        activity("Construction de points d'eau", DOUCOMBO, lead_org="acf", sector="wash",
                 usd=120_000_00, **half, **work),
        activity("Eau potable pour les déplacés de Dourou", DOUROU, lead_org="acf", sector="wash",
                 usd=150_000_00, target=5_000.0, **half, **work),
        activity("Clinique mobile dans les villages", BANDIAGARA, lead_org="irc", sector="health",
                 usd=400_000_00, **half, **work),
        activity("Appui au centre de santé de référence", DOUROU, lead_org="sci", sector="health",
                 usd=150_000_00, **half, **work),
        activity("Réseau d'eau potable pour les déplacés", DOUROU, lead_org="irc", sector="wash",
                 usd=140_000_00, target=5_000.0, **half, **work),
        activity("Distribution de vivres de soudure à Doucombo", DOUCOMBO, lead_org="care",
                 donors=["echo"], target=12_000.0, usd=200_000_00, **lean, **work),
        activity("Distribution de vivres de soudure aux ménages de Doucombo", DOUCOMBO,
                 lead_org="amsode", donors=["care"], target=12_000.0, usd=120_000_00, **lean, **work),
    )  # fmt: skip


def test_a_double_and_an_overlap_inside_one_list_are_shown():
    told = pairs(*one_list()).select("kind", "title_a", "title_b").rows()
    assert told == [
        (
            "double_reporting",
            "Distribution de vivres de soudure à Doucombo",
            "Distribution de vivres de soudure aux ménages de Doucombo",
        ),
        (
            "overlap",
            "Eau potable pour les déplacés de Dourou",
            "Réseau d'eau potable pour les déplacés",
        ),
    ]


def keyed(entries):
    return [entry | {"key": f"a{n}"} for n, entry in enumerate(entries)]


def found(entries):
    told = pairs(*entries)
    sides = told.select("activity_a", "activity_b", "kind", "score", "group_id").rows()
    return {(frozenset(one[:2]), *one[2:]) for one in sides}


def test_the_same_rows_give_the_same_pairs_in_one_list_and_in_a_list_of_each_organisation():
    whole = keyed(one_list())
    assert len(found(whole)) == 2
    assert found([one | {"document": one["lead_org"]} for one in whole]) == found(whole)


TITLES = (
    "Réhabilitation du centre de santé de Dourou",
    "Réhabilitation et équipement du centre de santé de Dourou",
    "Distribution de vivres de soudure",
    "Distribution de vivres de soudure aux ménages",
)
LINES = st.fixed_dictionaries(
    {
        "title": st.sampled_from(TITLES),
        "units": st.sampled_from([(DOUROU,), (DOUCOMBO,), (BANDIAGARA,)]),
        "lead_org": st.sampled_from(["acf", "irc", "care", None]),
        "donors": st.sampled_from([[], ["care"], ["echo"]]),
        "sector": st.sampled_from(["health", "food-security"]),
        "usd": st.sampled_from([None, 120_000_00, 121_345_00]),
        "start": st.sampled_from([date(2024, 3, 1), date(2024, 4, 1)]),
        "end": st.sampled_from([None, date(2024, 3, 31), date(2024, 6, 30)]),
    }
).filter(lambda line: line["end"] is None or line["start"] <= line["end"])


@given(st.lists(LINES, min_size=2, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_splitting_a_list_by_organisation_changes_no_pair(lines, dice):
    whole = keyed([line | {"document": "d", "source": "ngo"} for line in lines])
    parts = [one | {"document": f"d-{one['lead_org']}"} for one in whole]
    dice.shuffle(parts)
    assert found(parts) == found(whole)


def monthly(number, **more):
    start = date(2024, number, 1)
    end = date(2024, number + 1, 1) - timedelta(days=1)
    told = {"lead_org": "acf", "usd": 10_000_00, "source": "ngo", "start": start, "end": end}
    title = "Approvisionnement en eau par camion des déplacés de Dourou"
    return activity(title, DOUROU, **(told | more))


def test_monthly_repeats_of_one_activity_are_a_series_in_one_list_and_in_a_list_a_month():
    months = [monthly(n) for n in range(1, 6)]
    assert pairs(*months).height == 0
    assert pairs(*(one | {"document": f"d{n}"} for n, one in enumerate(months))).height == 0


def test_a_month_of_a_series_that_two_lists_tell_is_a_double_and_its_neighbours_are_none():
    months = [monthly(n) for n in range(1, 6)]
    (pair,) = pairs(*months, monthly(3, document="e", key="again")).to_dicts()
    assert {pair["activity_a"], pair["activity_b"]} == {"a2", "again"}


def test_two_bodies_that_do_the_same_each_month_overlap_in_the_months_they_share():
    other = {"lead_org": "irc", "usd": 23_000_00, "sector": "wash"}
    months = [monthly(n, sector="wash") for n in range(1, 5)]
    told = pairs(*months, *(monthly(n, **other) for n in range(3, 6))).to_dicts()
    assert {one["kind"] for one in told} == {"overlap"}
    assert {(one["activity_a"], one["activity_b"]) for one in told} == {("a2", "a4"), ("a3", "a5")}


def test_a_line_without_an_end_that_starts_another_month_is_another_of_its_series():
    assert pairs(*(monthly(n, end=None) for n in range(1, 4))).height == 0


def test_pairs_are_counted_by_their_kind():
    assert counts_in_words(1, 2) == "1 double saisie · 2 chevauchements"


def test_the_case_of_one_list_and_of_four_is_answered(shared: Path):
    def told(*names):
        tables = [ingest_file(shared / "cases" / f"liste-{n}.csv").tables for n in names]
        table = Dataset.from_tables(Tables.concat(tables)).ask("duplicates").table
        return set(table.select("pair_id", "kind").rows())

    whole = told("consolidee")
    assert sorted(kind for _pair, kind in whole) == ["double_reporting", "overlap"]
    assert told("acf", "irc", "care", "amsode") == whole

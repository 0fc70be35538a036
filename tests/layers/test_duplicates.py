"""Pairs a person should look at, and the many that only look alike."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings

from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.i18n import speaking
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
    with speaking("en"):
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
@settings(max_examples=30, deadline=None)
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

"""The state plan: its form on a small table of our own, its figures on the real one."""

from collections import Counter
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.errors import UnusableFileError
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.reading import Reading
from atlas.ingest.sources import Options, state_plan
from atlas.ingest.sources.state_plan import (
    _without_one,
    mentioned_places,
    places_in,
    scale_jump,
    slipped_total,
)
from atlas.model import Kind
from tests.conftest import needs_shared
from tests.ingest.sources.documents import codes, of_text, rows_told, seed

HEAD = """**PLAN D'ACTIONS 2024-2026**
Mars 2025
Budget du Plan d'actions 2025-2027 :

EXTRANTS\tACTIVITES\tResponsable\tACTEURS\tCOUT\t\t\tTOTAUX
\t\t\t\tAn 1\tAn 2\tAn 3\t
"""
ROWS = """RS1: Tout va mieux\t\t\t\t\t\t\t
Extrant 1.1.1 : Des postes\tOuvrir des postes\tMIN/ AGENCE\tAPPUI\t10\t20\t30\t60
\tOuvrir des bureaux dans les régions (Gao,\tMIN\tAPPUI\t5\t5\t5\t15

Kidal et Bougouni)\t\t\t\t\t\t\t
Former des agents\tMIN\tAPPUI\t1\t1\t1\t3
Payer des agents\tMIN\tAPPUI\t7\t7\t7\t9\t23
Sous-Total Extrant 1.1.1\t\t\t\t23\t33\t40\t99
Extrant 1.1.2 : Des\tRecenser\tMIN\t\t100\t200\t300\t600
outils pour tous\tPublier\tMIN\tAPPUI\tPM\tPM\t0\t0
\tSuivre\tMIN\tAPPUI\t2\t3\t\t9
\tVendre\tMIN\tAPPUI\t4\t4\t4 000\t4 008
Sous-Total Extrant 1.1.2\t\t\t\t106\t207\t4 300\t#####
Sous-total RS1\t\t\t\t129\t240\t4 340\t4 709
TOTAL GENERAL\t\t\t\t129\t240\t4 340\t4 700

Le coût est estimé à **4 800 000** Francs CFA :
- 2025 : **130 000**
- **RS1** : **4 700 000**
"""


@pytest.fixture
def small() -> Reading:
    return state_plan.read(of_text(HEAD + ROWS), Options())


@pytest.fixture(scope="module")
def real() -> Reading:
    return state_plan.read(seed("001"), Options())


def line(reading: Reading, words: str):
    return next(r for r in reading.records if r.title.startswith(words))


def francs(record) -> list[int]:
    return [int(money.value) for money in record.amounts]


def said(reading: Reading, code: str, name: str = "") -> list[dict[str, object]]:
    found = [dict(f.params) for f in reading.findings if f.code == code]
    return [params for params in found if name in ("", params.get("name"))]


def test_each_activity_has_one_amount_a_year_in_francs(small):
    posts = line(small, "Ouvrir des postes")
    assert francs(posts) == [10_000, 20_000, 30_000]
    assert [(m.currency, m.period_start, m.period_end) for m in posts.amounts][1] == (
        "XOF",
        date(2026, 1, 1),
        date(2026, 12, 31),
    )
    assert {r.kind for r in small.records} == {Kind.PLAN}


def test_the_unit_is_inferred_from_the_text_and_said(small):
    assert said(small, "currency_inferred")[0]["currency"] == "XOF"
    alone = state_plan.read(of_text(HEAD + ROWS.split("\n\nLe coût")[0]), Options())
    assert francs(line(alone, "Ouvrir des postes")) == [10, 20, 30]


def test_a_line_without_the_output_s_column_is_read_by_its_form(small):
    agents = line(small, "Former des agents")
    assert (agents.lead, agents.implementers, francs(agents)) == (
        "MIN",
        ("APPUI",),
        [1000, 1000, 1000],
    )


def test_a_column_too_many_is_set_aside_when_the_total_leaves_one_reading(small):
    assert francs(line(small, "Payer des agents")) == [7000, 7000, 9000]
    assert len(said(small, "column_drift")) == 1


def test_a_title_cut_over_two_lines_is_joined_and_its_regions_placed(small):
    offices = line(small, "Ouvrir des bureaux")
    assert [p.region for p in offices.places] == ["Gao", "Kidal", "Bougouni"]
    assert offices.folded == ("L11",)
    assert line(small, "Former des agents").national


def test_an_output_cut_over_two_lines_is_joined(small):
    assert line(small, "Publier").result == "Extrant 1.1.2 : Des outils pour tous"


def test_pm_is_unknown_and_a_printed_zero_is_zero(small):
    assert francs(line(small, "Publier")) == [0]
    assert len(said(small, "amount_for_memory")) == 1


def test_a_line_its_own_total_contradicts_is_read_as_printed_and_said(small):
    assert francs(line(small, "Suivre")) == [2000, 3000]
    assert said(small, "total_mismatch", "Ligne « Suivre »") == [
        {"name": "Ligne « Suivre »", "published": "9", "read": "5"}
    ]


def test_a_jump_of_a_thousand_is_said_and_left(small):
    assert francs(line(small, "Vendre")) == [4000, 4000, 4_000_000]
    assert said(small, "scale_jump") == [{"before": "4", "after": "4 000", "year": 2027}]


def test_a_total_its_lines_do_not_add_up_to_is_said_by_year_and_in_all(small):
    names = [params["name"] for params in said(small, "total_mismatch")]
    assert "Extrant 1.1.1" in names
    assert "Extrant 1.1.1, 2027" in names
    assert "Extrant 1.1.1, 2025" not in names
    assert said(small, "total_mismatch", "Extrant 1.1.1")[0]["published"] == "99 milliers"
    assert said(small, "total_mismatch", "Extrant 1.1.1")[0]["read"] == "101 milliers"


def test_a_total_against_its_own_years_is_said(small):
    found = said(small, "total_mismatch", "Extrant 1.1.1, somme de ses années")
    assert (found[0]["published"], found[0]["read"]) == ("99 milliers", "96 milliers")


def test_a_hidden_total_is_unreadable_never_guessed(small):
    assert {"field": "Extrant 1.1.2", "raw": "#####"} in said(small, "value_unreadable")
    hidden = next(t for t in small.control_totals if t.name == "Extrant 1.1.2")
    assert (hidden.published, hidden.read) == (None, Decimal(4_613_000))


def test_totals_of_table_and_text_stand_against_the_same_lines(small):
    totals = {t.name: (t.published, t.read) for t in small.control_totals}
    read = Decimal(101_000 + 4_613_000)
    assert totals["Total général du tableau"] == (4_700_000, read)
    assert totals["Texte : coût global"] == (4_800_000, read)
    assert totals["Texte : somme des années"] == (130_000, read)
    assert totals["Texte : RS1"] == (4_700_000, read)


def test_years_on_the_cover_that_differ_are_said(small):
    assert said(small, "figures_disagree")[0]["readings"] == "2024-2026 (L1), 2025-2027 (tableau)"
    assert (small.period_start, small.period_end) == (date(2025, 1, 1), date(2027, 12, 31))
    assert small.as_of == date(2025, 3, 31)


def test_every_row_of_the_table_is_told_once(small):
    told = rows_told(small)
    assert len(told) == len(set(told)) == 2 + 14


def test_a_text_without_the_table_is_refused_in_one_line():
    with pytest.raises(UnusableFileError, match=r"essai\.txt"):
        state_plan.read(of_text("PLAN D'ACTIONS 2021-2025\nrien"), Options())


@pytest.mark.parametrize(
    ("title", "regions"),
    [
        ("missions dans les régions de Kayes, Ségou et Sikasso", ["Kayes", "Ségou", "Sikasso"]),
        (
            "ouvrir dans les nouvelles régions (Ménaka et Nioro du sahel)",
            ["Ménaka", "Nioro du sahel"],
        ),
        ("créer les Directions Régionales de la CMSS de BOUGOUNI, NIORO", ["BOUGOUNI", "NIORO"]),
        ("enquêtes dans le district de Bamako", ["Bamako"]),
        ("former dans les régions et le district de Bamako", []),
        ("contrôles à Bamako, dans les chefs-lieux de région et dans les cercles", []),
    ],
)
def test_regions_are_read_by_the_form_of_the_sentence(title, regions):
    assert [p.region for p in places_in(title)] == regions


def test_a_pilot_s_commune_is_mentioned_not_placed():
    title = "tirer les leçons d'un essai de la commune urbaine de Sikasso"
    assert (places_in(title), mentioned_places(title)) == ((), ["Sikasso"])


def test_a_total_in_a_year_is_seen_and_a_growing_cost_is_not():
    assert slipped_total(tuple(map(Decimal, (250, 250, 250, 750, 0)))) == 3
    assert slipped_total(tuple(map(Decimal, (10, 10, 20, 30, 40)))) is None
    assert slipped_total(tuple(map(Decimal, (0, 30, 0, 30, 0)))) is None


def test_a_jump_is_about_a_thousand_either_way():
    assert scale_jump(tuple(map(Decimal, (60_000, 63, 0)))) == (0, 1)
    assert scale_jump(tuple(map(Decimal, (400, 60, 800)))) is None


@given(
    st.lists(st.integers(0, 10**6), min_size=5, max_size=5),
    st.integers(0, 10**6),
    st.integers(0, 5),
)
def test_a_figure_too_many_is_set_aside_or_nothing_is_read(years, extra, position):
    cells = [Decimal(value) for value in (*years[:position], extra, *years[position:])]
    kept = _without_one(cells, Decimal(sum(years)))
    assert kept is None or sum(kept) == sum(years)
    if extra not in years:
        assert kept in (None, tuple(map(Decimal, years)))


@needs_shared
def test_the_real_table_has_287_activities_over_five_years(real):
    assert len(real.records) == 287
    assert max(len(r.amounts) for r in real.records) == 5
    assert (real.period_start, real.period_end) == (date(2021, 1, 1), date(2025, 12, 31))
    assert real.as_of == date(2020, 12, 31)
    assert sum(sum(francs(r)) for r in real.records) == 2_073_044_840_000


@needs_shared
def test_the_real_lines_add_up_to_what_the_text_says_of_two_results(real):
    totals = {t.name: (t.published, t.read) for t in real.control_totals}
    assert totals["Texte : RS3"] == (288_214_423_000, 288_214_423_000)
    assert totals["Texte : RS4"] == (10_049_000_000, 10_049_000_000)


@needs_shared
def test_the_four_contradictory_totals_are_controls(real):
    totals = {t.name: t.published for t in real.control_totals}
    assert totals["Total général du tableau"] == 1_905_702_838_000
    assert totals["Texte : coût global"] == 2_075_169_838_000
    assert totals["Texte : somme des années"] == 2_075_591_838_000
    assert totals["Texte : somme des résultats"] == 2_075_931_838_000
    assert len(said(real, "figures_disagree", "coût total")) == 1


@needs_shared
def test_the_sub_total_of_2_1_1_is_said_with_both_figures(real):
    assert said(real, "total_mismatch", "Extrant 2.1.1, 2021") == [
        {
            "name": "Extrant 2.1.1, 2021",
            "published": "2 900 000 milliers",
            "read": "8 700 000 milliers",
        }
    ]


@needs_shared
def test_the_drifted_lines_of_1_1_8_are_recovered_and_said(real):
    opened = [r for r in real.records if r.result.startswith("Extrant 1.1.8")]
    assert sum(francs(r)[0] for r in opened) == 601_000_000
    assert sum(francs(r)[4] for r in opened) == 571_000_000
    assert codes(real).count("column_drift") == 11


@needs_shared
def test_the_real_oddities_are_said(real):
    found = Counter(codes(real))
    assert found["total_in_year"] == 10
    assert found["scale_jump"] == 6
    assert found["amount_for_memory"] == 5
    assert found["value_unreadable"] == 1
    assert found["published_not_itemised"] == 1
    assert {"before": "17 000", "after": "18 000 000", "year": 2023} in said(real, "scale_jump")


@needs_shared
def test_six_real_lines_name_regions_and_the_rest_are_national(real):
    placed = [[p.region for p in r.places] for r in real.records if r.places]
    assert len(placed) == 6
    assert ["Kayes", "Koulikoro", "Ségou", "Sikasso"] in placed
    assert sum(r.national for r in real.records) == 281


@needs_shared
def test_the_real_plan_s_tables_hold_and_place_regions_by_the_law_that_has_them():
    document = seed("001")
    tables = normalise_reading(state_plan.read(document, Options()), document)
    assert tables.activities["kind"].unique().to_list() == ["plan"]
    assert tables.rows.height == 287 + 74 + 27 + 1
    units = set(tables.placements["unit_id"])
    assert {"ml-2023/bougouni", "ml-2016/ML10", "ml-2016/ML01", "_national"} <= units
    francs_read = tables.amounts.filter(pl.col("currency") == "XOF")["minor"].sum()
    assert francs_read == 2_073_044_840_000

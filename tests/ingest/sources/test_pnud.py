"""The annual work plan: its form on a small text of our own, its figures on the real one."""

from datetime import date
from decimal import Decimal

import pytest

from atlas.errors import UnusableFileError
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.reading import Reading
from atlas.ingest.sources import Options, pnud
from atlas.model import Outcome
from tests.conftest import needs_shared
from tests.ingest.sources.documents import codes, of_text, rows_told, seed

HEAD = """PLAN DE TRAVAIL 2025
Titre du projet : Un projet d'essai
Project ID : 00042
Duration : Du 01 janvier 2025 au 31 décembre 2025
Le projet agit dans la région de Ségou et ses communes d'intervention.

EXPECTED OUTPUTS\tPLANNED ACTIVITIES\tTIMEFRAME\t\t\t\tResponsible Party\tPLANNED BUDGET\t\t
\t\tQ1\tQ2\tQ3\tQ4\t\tDonor Code\tBudget Description\tTotal
"""
TABLE = """Résultat 1: Des puits\t1.1. Creuser des puits (Sansanding, Markala)\t\tX\tX\t\tPNUD/ADR\t\tEquipment - 72200\t1 000
\t\t\t\t\t\tPNUD\t\tTravel 71600 - 250,50
\t1.2 Former 40 jeunes à Markala : - un atelier\t\t\tX\tX\t\tPNUD\t\tTraining - 75700
\t1.3 Suivre les puits\tx\tx\tx\tx\t\t\tPNUD\tLocal Consultants - 71300\t20
Sub Total\t\t\t\t\t\t\t\t\t1 300
Résultat 2: Les moyens du\t2.1 Equipe\tX\tX\tX\tX\tPNUD\t\tStaff Mgmt Costs - 64300\t500


projet sont là\t\t\t\t\t\tPNUD\t\tGMS\t30
\tet ses bureaux
Sub Total\t\t\t\t\t\t\t\t\t530
Grand TOTAL\t\t\t\t\t\t\t\t\t1 830
Unfunded\t\t\t\t\t\t\t\t\t999

Submitted by
Name: Quelqu'un
"""


@pytest.fixture
def small() -> Reading:
    return pnud.read(of_text(HEAD + TABLE), Options())


@pytest.fixture(scope="module")
def real() -> Reading:
    return pnud.read(seed("002"), Options())


def record(reading: Reading, number: str):
    return next(r for r in reading.records if r.key.endswith(f"/{number}"))


def finding(reading: Reading, code: str, locator: str = ""):
    return next(f for f in reading.findings if f.code == code and locator in ("", f.locator))


def test_each_numbered_activity_is_one_record_with_its_lines_folded(small):
    assert [r.key for r in small.records] == [
        "00042/2025/1.1",
        "00042/2025/1.2",
        "00042/2025/1.3",
        "00042/2025/2.1",
    ]
    assert record(small, "1.1").folded == ("L10",)


def test_each_line_with_an_amount_is_one_money(small):
    assert [m.value for m in record(small, "1.1").amounts] == [Decimal(1000), Decimal("250.50")]


def test_the_number_of_an_account_is_never_money(small):
    assert record(small, "1.2").amounts == ()
    assert finding(small, "amount_missing").locator == "L11"


def test_quarters_become_dates_of_the_plan_s_year(small):
    assert (record(small, "1.1").start, record(small, "1.1").end) == (
        date(2025, 4, 1),
        date(2025, 9, 30),
    )


def test_four_marks_are_four_quarters_wherever_the_columns_drifted(small):
    assert (record(small, "1.3").start, record(small, "1.3").end) == (
        date(2025, 1, 1),
        date(2025, 12, 31),
    )


def test_marks_that_do_not_align_keep_the_period_of_the_plan_and_say_so(small):
    assert (record(small, "1.2").start, record(small, "1.2").end) == (
        date(2025, 1, 1),
        date(2025, 12, 31),
    )
    assert finding(small, "quarters_misaligned").locator == "L11"


def test_marks_that_drifted_as_complete_lines_did_are_read_and_said():
    drifted = "\t1.4 Curer\tX\tX\tX\tX\t\tPNUD\t\tTravel - 71600\t1\n"
    drifted += "\t1.5 Fermer\t\tX\tX\t\t\tPNUD\t\tTravel - 71600\t2\nSub Total"
    reading = pnud.read(of_text(HEAD + TABLE.replace("Sub Total", drifted, 1)), Options())
    closed = record(reading, "1.5")
    assert (closed.start, closed.end) == (date(2025, 4, 1), date(2025, 9, 30))
    assert finding(reading, "quarters_by_shape", closed.locator)


def test_a_shape_whose_lines_disagree_is_not_trusted():
    drifted = "\t1.4 Curer\tX\tX\tX\tX\t\tPNUD\t\tTravel - 71600\t1\n"
    drifted += "\t1.5 Fermer\t\t\t\tX\tX\tPNUD\t\tTravel - 71600\t2\nSub Total"
    reading = pnud.read(of_text(HEAD + TABLE.replace("Sub Total", drifted, 1)), Options())
    closed = record(reading, "1.5")
    assert (closed.start, closed.end) == (date(2025, 1, 1), date(2025, 12, 31))
    assert finding(reading, "quarters_misaligned", closed.locator)


def test_a_list_between_parentheses_and_a_name_after_a_are_places(small):
    assert [p.commune for p in record(small, "1.1").places] == ["Sansanding", "Markala"]
    assert [p.commune for p in record(small, "1.2").places] == ["Markala"]
    assert record(small, "1.2").places[0].region == "Ségou"
    assert not record(small, "1.2").inherited


def test_an_activity_without_a_place_inherits_the_communes_of_intervention(small):
    assert [p.commune for p in record(small, "1.3").places] == ["Sansanding", "Markala"]
    assert record(small, "1.3").inherited


def test_a_plan_that_lists_no_commune_inherits_its_region():
    text = (HEAD + TABLE).replace("(Sansanding, Markala)", "").replace("à Markala", "")
    reading = pnud.read(of_text(text), Options())
    assert [p.region for p in record(reading, "1.3").places] == ["Ségou"]
    assert record(reading, "1.3").inherited


def test_a_result_that_pays_staff_lies_nowhere(small):
    assert record(small, "2.1").places == ()
    assert not record(small, "2.1").national


def test_words_after_the_slash_implement_with_the_first(small):
    assert (record(small, "1.1").lead, record(small, "1.1").implementers) == ("PNUD", ("ADR",))


def test_a_title_cut_by_a_page_break_is_joined(small):
    assert record(small, "2.1").result == "Résultat 2: Les moyens du projet sont là"
    assert record(small, "2.1").title == "Equipe et ses bureaux"


def test_totals_are_controls_and_the_unfunded_is_read_against_nothing(small):
    assert [(t.name, t.published, t.read) for t in small.control_totals] == [
        ("Résultat 1 : sous-total", Decimal(1300), Decimal("1270.50")),
        ("Résultat 2 : sous-total", Decimal(530), Decimal(530)),
        ("Grand TOTAL", Decimal(1830), Decimal("1800.50")),
        ("Unfunded", Decimal(999), None),
    ]


def test_every_row_of_the_table_is_told_once(small):
    told = rows_told(small)
    assert len(told) == len(set(told)) == 2 + 6 + 4
    assert "L17" in told
    assert "L24" not in told  # a signature is no row


def test_a_text_without_the_table_is_refused_in_one_line():
    with pytest.raises(UnusableFileError, match=r"essai\.txt"):
        pnud.read(of_text("PLAN DE TRAVAIL 2025\nrien"), Options())
    assert pnud.sniff(of_text("PLAN DE TRAVAIL 2025\nrien")) == 0


@needs_shared
def test_the_real_plan_has_36_activities_58_lines_and_57_amounts(real):
    assert len(real.records) == 36
    assert sum(1 + len(r.folded) for r in real.records) == 58
    assert sum(len(r.amounts) for r in real.records) == 57
    assert len({r.result for r in real.records}) == 5


@needs_shared
def test_the_real_plan_s_totals_are_all_controls(real):
    assert [(t.published, t.read) for t in real.control_totals] == [
        (Decimal("355333"), Decimal("355333")),
        (Decimal("985256"), Decimal("985256")),
        (Decimal("933048"), Decimal("933048")),
        (Decimal("755306"), Decimal("712306")),
        (Decimal("1699285.76"), Decimal("1699286")),
        (Decimal("4728228"), Decimal("4685229")),
        (Decimal("4728228"), Decimal("4685229")),
        (Decimal("425541"), None),
        (Decimal("5153769"), None),
    ]


@needs_shared
def test_the_line_without_an_amount_stays_unknown_and_its_sub_total_only_informs(real):
    assert record(real, "4.5").amounts == ()
    assert [f.locator for f in real.findings if f.code == "amount_missing"] == ["L75"]
    assert finding(real, "amount_implied").params["implied"] == "43 000"


@needs_shared
def test_a_second_bullet_stays_in_its_activity(real):
    assert [m.value for m in record(real, "4.3").amounts] == [Decimal(30000), Decimal(25000)]


@needs_shared
def test_the_real_places_are_the_five_communes(real):
    five = ["Bandiagara", "Dandoli", "Dourou", "Doucombo", "Pignari-Bana"]
    assert [p.commune for p in record(real, "3.1").places] == five
    assert [p.commune for p in record(real, "2.2").places] == ["Dourou", "Doucombo"]
    assert [p.commune for p in record(real, "2.3").places] == ["Bandiagara", "Pignari-Bana"]
    assert [p.commune for p in record(real, "1.1").places] == five
    assert {p.region for r in real.records for p in r.places} == {"Bandiagara"}
    assert sum(r.inherited for r in real.records) == 24
    assert [r.key[-3:] for r in real.records if not r.places] == [f"5.{n}" for n in range(1, 8)]


@needs_shared
def test_the_real_quarters_are_read_where_the_columns_leave_one_reading(real):
    whole_year = (date(2024, 1, 1), date(2024, 12, 31))
    dates = {r.key.rsplit("/")[-1]: (r.start, r.end) for r in real.records}
    assert dates["1.1"] == (date(2024, 4, 1), date(2024, 12, 31))
    assert dates["1.3"] == (date(2024, 1, 1), date(2024, 9, 30))
    assert dates["2.1"] == (date(2024, 4, 1), date(2024, 9, 30))
    assert dates["4.2"] == (date(2024, 10, 1), date(2024, 12, 31))
    assert dates["5.5"] == (date(2024, 4, 1), date(2024, 6, 30))
    assert codes(real).count("quarters_by_shape") == 8
    assert [f.locator for f in real.findings if f.code == "quarters_misaligned"] == [
        "L47",
        "L49",
        "L50",
        "L58",
        "L75",
        "L76",
    ]
    assert [dates[n] for n in ("2.2", "2.3", "3.3", "4.5", "4.6")] == [whole_year] * 5


@needs_shared
def test_adr_implements_with_the_pnud_where_the_plan_says_so(real):
    assert {r.lead for r in real.records} == {"PNUD"}
    assert [r.key[-3:] for r in real.records if r.implementers == ("ADR",)] == [
        "1.2",
        "1.3",
        "1.4",
        "1.5",
    ]
    assert {r.donors for r in real.records} == {()}


@needs_shared
def test_the_plan_speaks_on_the_first_day_of_its_year(real):
    assert real.as_of == date(2024, 1, 1)
    assert (real.period_start, real.period_end) == (date(2024, 1, 1), date(2024, 12, 31))
    assert {r.status_raw for r in real.records} == {"planifié"}
    assert codes(real).count("currency_inferred") == 1


@needs_shared
def test_no_signatory_is_kept(real):
    kept = repr(real)
    assert "DocuSigned" not in kept
    assert "Name:" not in kept


@needs_shared
def test_the_real_plan_s_tables_hold_and_place_every_cent():
    document = seed("002")
    tables = normalise_reading(pnud.read(document, Options()), document)
    assert tables.activities.height == 36
    assert tables.amounts["usd_minor"].sum() == 468_522_900
    counts = tables.rows.group_by("outcome").len().rows()
    assert dict(counts) == {
        Outcome.ACTIVITY: 36,
        Outcome.FOLDED: 22,
        Outcome.AGGREGATE: 9,
        Outcome.IGNORED: 2,
    }
    units = set(tables.placements["unit_id"])
    assert "ml-2023/bandiagara-bandiagara" in units
    assert len(units) == 6  # five communes and _unplaced

"""An ordinary list goes in row by row: what is read, what is rejected, what is said."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atlas.errors import UnusableFileError
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.reading import Document, Sheet
from atlas.ingest.sources import Options
from atlas.ingest.sources.lists import fund_of, read_list, sniff_list
from atlas.ingest.sources.registry import all_sources
from atlas.ingest.tables.heading_meanings import is_part
from atlas.model import Source

TEMPLATES = Path(__file__).parents[2] / "docs" / "templates"


QIP, TRUST_FUND = (all_sources()[name].SPEC for name in ("qip", "trust-fund"))


def csv(tmp_path: Path, *lines: str, name: str = "liste-qip.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def found(batch: IngestBatch, code: str) -> list[tuple[str | None, str]]:
    rows = batch.tables.findings.filter(pl.col("code") == code)
    return rows.select("locator", "params").rows()


def test_a_latin1_list_with_semicolons_keeps_its_accents_and_decimals(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "Intitulé;Secteur;Région;Cercle;Commune;Bailleur;Budget (FCFA);Début;Fin;Statut",
        "Réhabilitation d'un forage;Santé;Mopti;Ténenkou;Ténenkou;Suède;1 250 000,00;1/2/2017;31/3/2017;Achevé",
        encoding="latin-1",
    )
    tables = ingest_file(path).tables
    activity = tables.activities.row(0, named=True)
    assert activity["title"] == "Réhabilitation d'un forage"
    assert (activity["sector"], activity["status"]) == ("health", "completed")
    assert activity["donors"] == ["sweden"]
    assert (activity["start"], activity["end"]) == (date(2017, 2, 1), date(2017, 3, 31))
    assert tables.placements["unit_id"].to_list() == ["ml-2016/ML050708"]
    assert tables.amounts.select("minor", "currency").row(0) == (1250000, "XOF")


OF_LISTS = {"qip": "qip", "tf": "trust-fund", "pbf": "pbf", "pnud": "pnud", "ong": "ngo"}


@pytest.mark.parametrize(
    "name", sorted(p.name for kind in OF_LISTS for p in TEMPLATES.glob(f"modele-{kind}.*"))
)
def test_a_template_is_recognised_and_read_back_without_a_finding(name: str) -> None:
    report = ingest_file(TEMPLATES / name).report()
    assert report["source"] == OF_LISTS[Path(name).stem.removeprefix("modele-")]
    assert report["findings"] == {}
    assert report["rows_read"] == report["activities"] == report["outcomes"]["activity"] > 0


def test_the_qip_template_tells_the_known_amount_to_the_cent() -> None:
    amounts = ingest_file(TEMPLATES / "modele-qip.csv").tables.amounts
    assert amounts["usd_minor"].to_list() == [4531739, 4661016]


def test_a_row_without_a_title_is_rejected_with_its_place_and_reason_and_the_rest_goes_in(
    tmp_path: Path,
) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région", "Forage;Gao", ";Mopti", "École;Kidal"))
    assert batch.report()["outcomes"] == {"activity": 2, "rejected": 1}
    assert found(batch, "row_rejected") == [
        (
            "L3",
            '{"column": "Titre", "reason": "titre absent, colonne « Titre »", "row": 3, "sheet": ""}',
        )
    ]


def test_a_row_with_more_cells_than_headings_has_slipped_and_is_rejected(tmp_path: Path) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région", "Forage;pompe;Gao", "École;Kidal"))
    assert batch.report()["outcomes"] == {"activity": 1, "rejected": 1}
    assert "3 cellules pour 2 colonnes" in found(batch, "row_rejected")[0][1]


def test_a_printed_total_is_a_control_total_not_a_project(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "Titre;Région;Budget USD",
        "Forage;Gao;100",
        "École;Gao;50",
        "Sous-total;;150",
        "Pont;Kidal;25",
        "Sous-total;;30",
        "TOTAL GÉNÉRAL;;180",
    )
    report = ingest_file(path).report()
    assert report["outcomes"] == {"activity": 3, "aggregate": 3}
    assert [(t["name"], t["published"], t["read"]) for t in report["control_totals"]] == [
        ("Sous-total (L4)", 150.0, 150.0),
        ("Sous-total (L6)", 30.0, 25.0),
        ("TOTAL GÉNÉRAL (L7)", 180.0, 175.0),
    ]
    assert report["findings"]["total_mismatch"] == 2


def test_two_amounts_of_one_printed_total_are_two_control_totals(tmp_path: Path) -> None:
    headings = "Titre;Région;Budget prévu (USD);Décaissé (USD)"
    batch = ingest_file(csv(tmp_path, headings, "Puits;Gao;300;100", "Total;;300;100"))
    assert [(t["name"], t["difference"]) for t in batch.report()["control_totals"]] == [
        ("Total, Budget prévu (USD) (L3)", 0.0),
        ("Total, Décaissé (USD) (L3)", 0.0),
    ]


def test_headings_repeated_on_each_page_are_no_project(tmp_path: Path) -> None:
    lines = ("Titre;Région", "Forage;Gao", "Titre;Région", "École;Kidal")
    assert ingest_file(csv(tmp_path, *lines)).report()["outcomes"] == {"activity": 2, "ignored": 1}


def test_an_impossible_start_is_said_and_no_part_of_it_becomes_a_date(tmp_path: Path) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région;Début", "Puits;Gao;2024-13-01"))
    assert batch.tables.activities["start"].to_list() == [None]
    assert found(batch, "date_impossible") == [("L2", '{"raw": "2024-13-01"}')]


def test_an_empty_amount_is_unknown_never_zero(tmp_path: Path) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région;Budget (USD)", "Forage;Gao;", "École;Gao;0"))
    assert batch.tables.amounts["minor"].to_list() == [0]
    assert found(batch, "amount_missing") == [("L2", '{"title": "Forage"}')]


@pytest.mark.parametrize(
    ("heading", "cell", "minor", "currency"),
    [
        ("Budget (USD)", "45.317,39", 4531739, "USD"),
        ("Budget", "45 317,39 USD", 4531739, "USD"),
        ("Montant en milliers de FCFA", "1 500", 1500000, "XOF"),
        ("Budget (USD)", "1 000 EUR", 100000, "EUR"),
        ("Budget (milliers USD)", "2 millions EUR", 200000000, "EUR"),
    ],
)
def test_the_currency_is_the_cells_own_else_the_headings(
    heading: str, cell: str, minor: int, currency: str, tmp_path: Path
) -> None:
    batch = ingest_file(csv(tmp_path, f"Titre;Région;{heading}", f"Forage;Gao;{cell}"))
    assert batch.tables.amounts.select("minor", "currency").rows() == [(minor, currency)]
    assert found(batch, "currency_inferred") == []


def test_the_currency_of_the_fund_is_said_to_be_inferred(tmp_path: Path) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région;Budget", "Forage;Gao;10"))
    assert batch.tables.amounts["currency"].to_list() == ["USD"]
    assert found(batch, "currency_inferred") == [
        (None, '{"currency": "USD", "reason": "monnaie du fonds"}')
    ]


def test_an_amount_of_no_known_currency_is_not_kept_and_said(tmp_path: Path) -> None:
    path = csv(tmp_path, "Titre;Région;ONG;Budget", "Forage;Gao;ADR;10", name="ong.csv")
    batch = ingest_file(path)
    assert batch.tables.amounts.height == 0
    assert found(batch, "currency_unknown") == [("L2", '{"raw": "10", "unread": "10"}')]


def test_of_several_that_lead_none_is_said_to(tmp_path: Path) -> None:
    lines = ("Titre;Chef de file;Partenaires", "A;PNUD;ADR", "B;PNUD, ONUDI;ADR")
    activities = ingest_file(csv(tmp_path, *lines)).tables.activities
    assert activities["lead_org"].to_list() == ["pnud", None]
    assert activities["organisations_raw"].to_list() == [["PNUD", "ADR"], ["PNUD", "ONUDI", "ADR"]]


def test_several_places_share_equally_or_as_the_list_says(tmp_path: Path) -> None:
    lines = ("Titre;Lieu", "A;Gao, Kidal", "B;Gao 60 %, Kidal 40 %", "C;Tout le pays", "D;Nulpart")
    placements = ingest_file(csv(tmp_path, *lines)).tables.placements
    assert placements.select("unit_id", "weight", "rule").rows() == [
        ("ml-2023/gao", 1, "equal"),
        ("ml-2023/kidal", 1, "equal"),
        ("ml-2023/gao", 60, "reported"),
        ("ml-2023/kidal", 40, "reported"),
        ("_national", 1, "reported"),
        ("_unplaced", 1, "reported"),
    ]


def test_a_finer_name_that_is_unknown_leaves_the_row_in_the_unit_that_holds_it(
    tmp_path: Path,
) -> None:
    path = csv(tmp_path, "Titre;Région;Cercle;Commune", "Forage;Mopti;Bandiagara;Zzz")
    batch = ingest_file(path, as_of=date(2018, 1, 1))
    assert batch.tables.placements["unit_id"].to_list() == ["ml-2016/ML0501"]
    assert found(batch, "place_coarser")
    assert found(batch, "place_unknown")


def test_rows_of_another_country_are_set_aside_by_name(tmp_path: Path) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Pays;Région", "A;Mali;Gao", "B;Niger;Tillabéri"))
    assert batch.report()["outcomes"] == {"activity": 1, "ignored": 1}
    assert found(batch, "outside_mali") == [("L3", '{"country": "Niger"}')]


def test_every_sheet_with_headings_is_read_and_the_others_said() -> None:
    sheets = (
        Sheet("Gao", [["Titre", "Région"], ["A", "Gao"]]),
        Sheet("À lire", [["Bonjour"]]),
        Sheet("Mopti", [["Titre", "Région"], ["B", "Mopti"]]),
    )
    reading = read_list(QIP, Document("x", "qip.xlsx", "x", "xlsx", None, sheets), Options())
    assert [record.locator for record in reading.records] == ["Gao!2", "Mopti!2"]
    assert [f.params["sheet"] for f in reading.findings if f.code == "sheet_skipped"] == ["À lire"]


def test_a_list_without_a_title_column_names_the_templates_as_remedy(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="docs/templates"):
        ingest_file(csv(tmp_path, "Couleur;Région", "Bleu;Gao"), source="qip")


def test_a_heading_may_be_named_by_the_person(tmp_path: Path) -> None:
    path = csv(tmp_path, "Quoi;Où", "Forage;Gao")
    batch = ingest_file(path, source="qip", column_map={"Quoi": "title", "Où": "region"})
    assert batch.tables.activities["title"].to_list() == ["Forage"]


def document(file: str, *rows: list[object]) -> Document:
    return Document("x", file, "x", "csv", None, (Sheet("", rows),))


def test_the_fund_is_the_one_that_the_file_or_a_column_names() -> None:
    plain = (["Titre", "Région", "ONG"], ["Forage", "Gao", "ADR"])
    by_column = (["Titre", "Région", "Fonds"], ["Forage", "Gao", "Fonds fiduciaire"])
    assert sniff_list(QIP, document("liste_QIP_2017.csv", *plain)) == 0.85
    assert sniff_list(QIP, document("equipe.csv", *plain)) == 0.0
    assert sniff_list(TRUST_FUND, document("liste.csv", *by_column)) == 0.8
    assert sniff_list(QIP, document("liste.csv", *by_column)) == 0.0


def test_a_list_that_names_no_fund_is_an_ngos_and_the_guess_is_said(tmp_path: Path) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région;ONG", "Forage;Gao;ADR", name="liste.csv"))
    assert batch.reading.reader == "ngo"
    assert len(found(batch, "source_inferred")) == 1


@pytest.mark.parametrize(
    ("words", "fund"),
    [
        ("QIPs", Source.QIP),
        ("Fonds fiduciaire (TF)", Source.TRUST_FUND),
        ("QIP et TF", None),
        ("équipe", None),
    ],
)
def test_a_fund_is_named_by_one_name_only(words: str, fund: Source | None) -> None:
    assert fund_of(words) == fund


def test_a_list_without_any_date_is_dated_by_nothing_and_said(tmp_path: Path) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région", "Forage;Gao"))
    assert batch.report()["as_of"] is None
    assert len(found(batch, "as_of_unknown")) == 1


cells = st.one_of(
    st.none(),
    st.sampled_from(["Gao", "Total", "12,5 USD", "Niger", "31/02/2017", "-", "Forage ; École"]),
    st.text(max_size=12).filter(lambda text: not is_part(text)),  # "H" under "F" is a heading
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
)


@example([["Total", "Total"]])
@example([[None, "Total", "Total"]])
@settings(max_examples=60)
@given(st.lists(st.lists(cells, max_size=9), max_size=8))
def test_whatever_the_cells_every_row_read_has_one_outcome(rows: list[list[object]]) -> None:
    headings = ["Titre", "Pays", "Région", "Budget", "Début", "Statut", "Bailleur", "Lieu"]
    paper = document("liste.csv", headings, *rows)
    tables = normalise_reading(read_list(QIP, paper, Options(as_of=date(2017, 6, 30))), paper)
    filled = sum(any(cell not in (None, "") for cell in row) for row in rows)
    assert tables.documents["rows_read"].to_list() == [filled] == [tables.rows.height]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("100 000 USD / 55 600 000 FCFA", "amount_two_currencies"),
        ("100 000 USD / 80 000 000 FCFA", "amounts_disagree"),
    ],
)
def test_an_amount_in_two_currencies_is_one_and_held_against_the_rate_of_the_day(
    tmp_path: Path, cell: str, code: str
) -> None:
    lines = ("Titre;Région;Budget;Début;Fin", f"Pont;Gao;{cell};01/01/2018;30/06/2018")
    batch = ingest_file(csv(tmp_path, *lines))
    assert batch.tables.amounts.select("minor", "currency").rows() == [(10000000, "USD")]
    assert len(found(batch, code)) == 1


def test_a_heading_in_thousands_counts_in_thousands(tmp_path: Path) -> None:
    lines = ("Titre;Région;Budget (en milliers de FCFA)", "Pont;Gao;125 000")
    assert ingest_file(csv(tmp_path, *lines)).tables.amounts["minor"].to_list() == [125000000]


def test_amounts_are_in_the_unit_stated_above_the_table_and_that_is_said(tmp_path: Path) -> None:
    lines = ("Suivi (montants en milliers de FCFA)", "Titre;Région;Prévu;Budget (FCFA)")
    batch = ingest_file(csv(tmp_path, *lines, "Puits;Gao;;45 000"))
    assert batch.tables.amounts.select("minor", "currency").row(0) == (45_000_000, "XOF")
    assert len(found(batch, "unit_above")) == 1


def test_a_dollar_sign_in_a_heading_is_taken_for_us_dollars_and_that_is_said_once(
    tmp_path: Path,
) -> None:
    lines = ("Titre;Région;Coût en $;Dépensé (k$)", "Puits;Gao;100;2", "École;Gao;50;1")
    batch = ingest_file(csv(tmp_path, *lines, name="liste-ong.csv"))
    amounts = batch.tables.amounts.select("kind", "minor", "currency").rows()
    assert amounts[:2] == [("budget", 10_000, "USD"), ("spent", 200_000, "USD")]
    assert len(found(batch, "currency_inferred")) == 2


def test_a_currency_of_its_own_wins_over_the_unit_above_the_table(tmp_path: Path) -> None:
    lines = ("Suivi (en milliers de FCFA)", "Titre;Région;Budget (USD)", "Puits;Gao;45 000")
    amounts = ingest_file(csv(tmp_path, *lines)).tables.amounts
    assert amounts.select("minor", "currency").row(0) == (4_500_000, "USD")


def test_lines_of_a_cell_are_items_of_its_list_and_a_wrapped_name_is_one(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "Titre;ONG;Région;Cercle",
        'Pont;"NRC\nMédecins du Monde";"Mopti\nGao";',
        'Puits;"Première Urgence et\nOxfam";Mopti;"Koro"',
    )
    tables = ingest_file(path).tables
    assert tables.activities["organisations_raw"].to_list()[0] == ["NRC", "Médecins du Monde"]
    assert tables.placements["unit_id"].to_list() == [
        "ml-2016/ML05",
        "ml-2016/ML07",
        "ml-2016/ML0505",
    ]


def test_a_donor_cell_that_says_nothing_names_no_donor(tmp_path: Path) -> None:
    lines = ("Titre;Région;Bailleur", "Pont;Gao;-", "Puits;Gao;ND")
    assert ingest_file(csv(tmp_path, *lines)).tables.activities["donors"].to_list() == [[], []]


def test_dates_of_a_column_that_is_month_first_are_read_so_and_that_is_said(tmp_path: Path) -> None:
    lines = ("Titre;Région;Début", "Pont;Gao;01/05/2023", "Puits;Gao;02/15/2023")
    batch = ingest_file(csv(tmp_path, *lines))
    assert batch.tables.activities["start"].to_list() == [date(2023, 1, 5), date(2023, 2, 15)]
    assert [code for _l, code in found(batch, "column_month_first")] == [
        '{"column": "Début", "raw": "02/15/2023"}'
    ]


def test_one_date_that_is_month_first_without_doubt_makes_the_whole_list_so(tmp_path: Path) -> None:
    lines = (
        "Titre;Région;Début;Fin;Période",
        "Pont;Gao;04/05/2024;12/31/2024;",
        "Puits;Gao;;;02/10/2024 - 03/11/2024",
    )
    batch = ingest_file(csv(tmp_path, *lines))
    dated = batch.tables.activities.select("start", "end").rows()
    assert dated == [
        (date(2024, 4, 5), date(2024, 12, 31)),
        (date(2024, 2, 10), date(2024, 3, 11)),
    ]
    assert [code for _l, code in found(batch, "column_month_first")] == [
        '{"column": "Début, Fin, Période", "raw": "12/31/2024"}'
    ]


def test_a_column_that_is_day_first_without_doubt_keeps_its_order(tmp_path: Path) -> None:
    lines = ("Titre;Région;Début;Fin", "Pont;Gao;25/05/2023;12/31/2023", "Puits;Gao;01/02/2023;")
    batch = ingest_file(csv(tmp_path, *lines))
    assert batch.tables.activities["start"].to_list() == [date(2023, 5, 25), date(2023, 2, 1)]
    assert len(found(batch, "column_month_first")) == 1  # the end alone


def test_a_column_of_years_dates_the_rows_that_nothing_else_dates(tmp_path: Path) -> None:
    lines = (
        "Titre;Région;Début;Année;Budget (FCFA)",
        "Pont;Gao;;2022;6000000",
        "Puits;Gao;01/02/2023;2022;",
    )
    tables = ingest_file(csv(tmp_path, *lines)).tables
    assert tables.activities.select("start", "end").rows() == [
        (date(2022, 1, 1), date(2022, 12, 31)),
        (date(2023, 2, 1), None),
    ]
    assert tables.amounts["usd_minor"].null_count() == 0


def test_a_list_that_says_where_and_not_by_whom_goes_in_and_says_what_it_was_taken_for(
    tmp_path: Path,
) -> None:
    report = ingest_file(csv(tmp_path, "Titre;Cercle", "Forage;Ansongo", name="x.csv")).report()
    assert (report["source"], report["activities"]) == ("ngo", 1)
    assert report["findings"]["source_inferred"] == 1


def test_a_budget_in_either_of_two_currencies_is_counted_once_a_row(tmp_path: Path) -> None:
    lines = ("Titre;Région;Budget (FCFA);Budget (USD)", "Pont;Gao;500;1", "Puits;Gao;;20")
    amounts = ingest_file(csv(tmp_path, *lines)).tables.amounts
    assert amounts.select("minor", "currency").rows() == [(500, "XOF"), (2000, "USD")]


def test_an_amount_in_full_under_a_heading_in_millions_is_doubted(tmp_path: Path) -> None:
    lines = ("Titre;Région;Budget (millions FCFA)", "Pont;Gao;1,25", "Puits;Gao;12 500 000")
    batch = ingest_file(csv(tmp_path, *lines))
    assert batch.tables.amounts["minor"].to_list() == [1250000, 12500000000000]
    assert [locator for locator, _params in found(batch, "amount_scale")] == ["L3"]


def test_a_short_text_with_a_title_above_its_tabs_is_a_list_of_the_fund_it_names(
    tmp_path: Path,
) -> None:
    lines = ("Liste des projets PBF", "Titre\tRégion\tONG", "Paix\tGao\tADR", "Eau\tMopti\tACF")
    report = ingest_file(csv(tmp_path, *lines, name="liste.txt")).report()
    assert (report["source"], report["outcomes"]) == ("pbf", {"activity": 2})


def test_a_group_keeps_its_own_name_and_who_is_said_to_lead_it_leads(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "Titre;Région;Organisation;Partenaires",
        "Marché;Gao;NRC (lead), DRC;Consortium Nord (ACF, AMSS)",
    )
    activity = ingest_file(path).tables.activities.row(0, named=True)
    assert (activity["lead_org"], activity["implementers"]) == ("nrc", ["drc", "acf", "amss"])
    assert activity["remarks"] == "Consortium Nord (ACF, AMSS)"


@pytest.mark.parametrize(
    ("cells", "cents"),
    [
        (("0,5", "12,750", "1 250"), [50, 1275, 125000]),
        (("0.5", "12,750", "1,250.00"), [50, 1275000, 125000]),
        (("7", "12,750", "1 250"), [700, 1275000, 125000]),
    ],
    ids=["the comma is decimal below", "the point is", "nothing shows it"],
)
def test_the_decimal_sign_is_that_of_the_other_amounts_of_the_list(
    tmp_path: Path, cells: tuple[str, ...], cents: list[int]
) -> None:
    rows = (f"Puits {n};Gao;{cell}" for n, cell in enumerate(cells))
    batch = ingest_file(csv(tmp_path, "Titre;Région;Budget (USD)", *rows))
    assert batch.tables.amounts["minor"].to_list() == cents


def test_a_heading_of_several_currencies_leaves_it_to_the_cell_to_say_its_own(
    tmp_path: Path,
) -> None:
    rows = ("Pont;Gao;3150", "Puits;Gao;90 EURO", "École;Gao;12 500 FCFA pour l'an 2025-2026")
    batch = ingest_file(csv(tmp_path, "Titre;Région;Budget (FCFA/USD/€)", *rows, name="qip.csv"))
    assert batch.tables.amounts.select("minor", "currency").rows() == [
        (9000, "EUR"),
        (12500, "XOF"),
    ]
    assert batch.report()["unread_money"] == {"": 3150.0}


def test_a_negative_amount_is_asked_about_and_never_counted(tmp_path: Path) -> None:
    rows = ("Puits;Gao;10", "Remboursement;Gao;(1 500)", "Avoir;Gao;-2")
    batch = ingest_file(csv(tmp_path, "Titre;Région;Budget (USD)", *rows))
    assert batch.tables.amounts["minor"].to_list() == [1000]
    assert [row for row, _params in found(batch, "amount_negative")] == ["L3", "L4"]
    assert batch.report()["unread_money"] == {"USD": -1502.0}


def test_one_budget_in_two_currencies_is_one_amount_and_its_dollars_serve_without_a_rate(
    tmp_path: Path,
) -> None:
    lines = ("Titre;Région;Montant (FCFA);Montant (USD)", "Pont;Gao;6 000 000;10 000")
    amounts = ingest_file(csv(tmp_path, *lines)).tables.amounts
    columns = ("minor", "currency", "usd_minor", "rate_source")
    assert amounts.select(columns).rows() == [(6_000_000, "XOF", 1_000_000, "document")]


def test_two_currencies_that_the_rate_of_the_day_contradicts_are_said(tmp_path: Path) -> None:
    lines = (
        "Titre;Région;Début;Montant (FCFA);Montant (USD)",
        "Pont;Gao;01/03/2022;6 000 000;40 000",
    )
    batch = ingest_file(csv(tmp_path, *lines))
    assert len(found(batch, "amounts_disagree")) == 1


def test_dollars_that_no_rate_holds_against_the_budget_are_said_with_the_rate_they_imply(
    tmp_path: Path,
) -> None:
    lines = ("Titre;Région;Montant (FCFA);Montant (USD)", "Pont;Gao;6 000 000;10 000")
    batch = ingest_file(csv(tmp_path, *lines))
    ((row, params),) = found(batch, "amounts_not_compared")
    assert row == "L2"
    assert '"raw":"6000000 XOF / 10000 USD"' in params.replace(": ", ":")
    assert '"rate":"600 XOF"' in params.replace(": ", ":")


def test_a_second_amount_that_no_rate_compares_is_left_out_with_its_sum(tmp_path: Path) -> None:
    lines = ("Titre;Région;Montant (FCFA);Montant (EUR)", "Pont;Gao;6 000 000;900 000")
    batch = ingest_file(csv(tmp_path, *lines))
    assert len(found(batch, "amount_second")) == 1
    assert batch.report()["unread_money"] == {"EUR": 900_000.0}


def test_two_budgets_in_one_currency_are_never_one_in_silence(tmp_path: Path) -> None:
    lines = ("Titre;Région;Budget (USD);Budget (USD)", "Pont;Gao;100;60", "Puits;Gao;;20")
    batch = ingest_file(csv(tmp_path, *lines))
    assert batch.tables.amounts["minor"].to_list() == [10000, 2000]
    assert [row for row, _params in found(batch, "amount_second")] == ["L2"]
    assert batch.report()["unread_money"] == {"USD": 60.0}


def test_of_two_columns_of_one_place_the_one_beside_other_places_is_read_and_asked_about(
    tmp_path: Path,
) -> None:
    lines = ("ONG;Cercle;Titre;Région;Cercle", "ADR;Gao;Forage;Gao;Ansongo")
    batch = ingest_file(csv(tmp_path, *lines))
    assert batch.tables.placements["unit_id"].str.contains("ansongo|ML0701").all()
    assert [params for _row, params in found(batch, "column_twice")] == [
        '{"column": "Cercle (B)", "first": "Cercle (E)"}'
    ]


@pytest.mark.parametrize(
    "heading", ["Désignation", "Objet", "Nature des travaux", "Objet du marché"]
)
def test_what_offices_call_the_title_is_the_title(tmp_path: Path, heading: str) -> None:
    lines = (f"{heading};Partenaire;Région;Coût (FCFA)", "Marché;Mairie;Gao;15 000 000")
    tables = ingest_file(csv(tmp_path, *lines)).tables
    assert tables.activities["title"].to_list() == ["Marché"]
    assert tables.amounts["minor"].to_list() == [15_000_000]


def test_money_that_is_not_read_for_want_of_a_title_is_a_question_with_its_sum(
    tmp_path: Path,
) -> None:
    lines = ("Machin;ONG;Région;Budget (USD)", "Pont;ADR;Gao;100", "Puits;ACTED;Gao;50")
    batch = ingest_file(csv(tmp_path, *lines, name="ong.csv"))
    assert len(found(batch, "column_money_unread")) == 1
    assert batch.report()["unread_money"] == {"USD": 150.0}


def test_the_money_of_a_rejected_row_is_said(tmp_path: Path) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région;Budget (USD)", "Pont;Gao;100", ";Gao;40"))
    assert batch.report()["unread_money"] == {"USD": 40.0}


def test_technical_partners_are_neither_implementers_nor_donors(tmp_path: Path) -> None:
    lines = ("Titre;Région;Partenaires techniques;Bailleurs financiers", "Puits;Gao;UNICEF;NORAD")
    activities = ingest_file(csv(tmp_path, *lines)).tables.activities
    assert activities.select("implementers", "donors").rows() == [([], ["NORAD"])]


@pytest.mark.parametrize(
    "words",
    [
        "S/T",
        "Sous-total",
        "Cumul",
        "Montant total",
        "Ensemble",
        "Récapitulatif",
        "Coût total",
        "Report",
        "À reporter",
        "TOTAL GÉNÉRAL",
        "Somme :",
    ],
)
def test_a_total_is_known_by_its_words_in_any_column(tmp_path: Path, words: str) -> None:
    rows = ("Gao;Forage;ADR;10", "Gao;École;ADR;20", f";{words};;30", "Mopti;Puits;ADR;5")
    batch = ingest_file(csv(tmp_path, "Région;Titre;ONG;Budget (USD)", *rows))
    assert batch.report()["outcomes"] == {"activity": 3, "aggregate": 1}
    (total,) = batch.report()["control_totals"]
    assert (total["published"], total["read"]) == (30.0, 30.0)


def test_a_row_of_nobody_and_nowhere_that_adds_up_is_a_total_whatever_it_says(
    tmp_path: Path,
) -> None:
    rows = ("Gao;Forage;ADR;10", "Gao;École;ADR;20", ";Engagements du trimestre;;30")
    batch = ingest_file(csv(tmp_path, "Région;Titre;ONG;Budget (USD)", *rows))
    assert batch.report()["outcomes"] == {"activity": 2, "aggregate": 1}


@pytest.mark.parametrize("row", ["Gao;Ensemble;ADR;7", ";Engagements;;7", "Gao;Report;;3"])
def test_a_project_that_sounds_like_a_total_stays_one(tmp_path: Path, row: str) -> None:
    rows = ("Gao;Forage;ADR;10", "Gao;École;ADR;20", row)
    batch = ingest_file(csv(tmp_path, "Région;Titre;ONG;Budget (USD)", *rows))
    assert batch.report()["outcomes"] == {"activity": 3}


def test_francs_that_do_not_say_which_are_those_of_the_country_and_that_is_said(
    tmp_path: Path,
) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région;Coût", "Puits;Gao;8 750 000 F", name="ong.csv"))
    assert batch.tables.amounts.select("minor", "currency").rows() == [(8_750_000, "XOF")]
    assert [params for _row, params in found(batch, "currency_inferred")] == [
        '{"currency": "XOF", "reason": "« F »"}'
    ]


def test_who_what_where_when_in_french_are_headings(tmp_path: Path) -> None:
    batch = ingest_file(csv(tmp_path, "Qui;Quoi;Où;Quand", "ACTED;Puits;Gao;mai 2024"))
    row = batch.tables.activities.row(0, named=True)
    assert (row["lead_org"], row["title"], row["start"]) == ("acted", "Puits", date(2024, 5, 1))


def test_columns_that_are_numbered_are_of_one_kind(tmp_path: Path) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région;Secteur 1;Secteur 2", "Puits;Gao;EHA;Santé"))
    assert batch.tables.activities["sector"].to_list() == ["multi-sector"]


def test_a_cell_that_says_idem_holds_what_stands_above_it(tmp_path: Path) -> None:
    lines = ("Titre;ONG;Région", "Puits;ACTED;Gao", 'Idem;"""";Mopti', "École;ADR;-//-")
    batch = ingest_file(csv(tmp_path, *lines))
    rows = batch.tables.activities.sort("locator").select("title", "implementers").rows()
    assert rows == [("Puits", ["acted"]), ("Puits", ["acted"]), ("École", ["adr"])]
    assert batch.report()["findings"]["cells_repeat"] == 1


def test_a_place_that_is_idem_is_of_the_country_of_what_stands_above_it(tmp_path: Path) -> None:
    lines = ("Titre;Région;Cercle", "Puits;Mopti;Koro", "École;Idem;Bankass", "Pont;Gao;Gao")
    batch = ingest_file(csv(tmp_path, *lines))
    raw = batch.tables.placements["raw"].sort().to_list()
    assert raw == ["Gao > Gao", "Mopti > Bankass", "Mopti > Koro"]


def test_money_of_places_here_and_abroad_is_not_counted_and_said(tmp_path: Path) -> None:
    lines = ("Titre;Zone;Budget (EUR)", "PRO;Mali (Mopti, Gao) / Niger (Tillabéri);2 400 000")
    batch = ingest_file(csv(tmp_path, *lines))
    assert batch.tables.amounts.height == 0
    assert batch.report()["unread_money"] == {"EUR": 2_400_000.0}


def test_a_country_in_the_name_of_a_donor_or_an_implementer_is_no_donor(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "Code;Titre;Secteur;Région;Chef de file;Partenaires;Bailleur;Statut;Situation au",
        "B1;Latrines 1;EHA;Gao;ACF;;WaterAid UK;En cours;30/06/2024",
        "B2;Latrines 2;EHA;Gao;OXFAM FRANCE;;SOS SAHEL FRANCE;En cours;30/06/2024",
        "B3;Latrines 3;EHA;Gao;ACF;Save the Children, Danemark;France;En cours;30/06/2024",
        "B4;Latrines 4;EHA;Gao;ACF/UK;;Royaume-Uni (FCDO);En cours;30/06/2024",
        name="liste-ong.csv",
    )
    told = ingest_file(path).tables.activities.sort("locator")
    assert told["donors"].to_list() == [
        ["WaterAid UK"],
        ["SOS SAHEL FRANCE"],
        ["france"],
        ["Royaume-Uni (FCDO)"],
    ]
    assert told["lead_org"].to_list() == ["acf", "OXFAM FRANCE", "acf", "ACF/UK"]
    assert told["implementers"].to_list() == [[], [], ["Save the Children, Danemark"], []]


def test_the_case_of_countries_in_names_of_donors_is_answered(shared: Path) -> None:
    told = ingest_file(shared / "cases" / "bailleurs-pays.csv").tables.activities.sort("locator")
    names = [["WaterAid UK"], ["SOS Sahel France"], ["france"], ["Royaume-Uni (FCDO)"]]
    assert told["donors"].to_list() == names


def test_a_sub_total_beside_its_region_is_one_where_it_adds_up(tmp_path: Path) -> None:
    rows = ("Forage;ADR;Gao;10", "École;ADR;Gao;20", "S/T;;Gao;30", "Puits;ADR;Mopti;5")
    batch = ingest_file(csv(tmp_path, "Titre;ONG;Région;Budget (USD)", *rows))
    assert batch.report()["outcomes"] == {"activity": 3, "aggregate": 1}


def test_a_project_whose_name_begins_like_a_total_is_one(tmp_path: Path) -> None:
    rows = ("Forage;ADR;Gao;10", "Total Energies : panneaux solaires;ADR;Gao;7")
    batch = ingest_file(csv(tmp_path, "Titre;ONG;Région;Budget (USD)", *rows))
    assert batch.report()["outcomes"] == {"activity": 2}


@pytest.mark.parametrize(
    ("heading", "read"),
    [
        ("Financement (FCFA)", (6_000_000, "XOF")),
        ("Montant CFA", (6_000_000, "XOF")),
        ("Coût en CFA", (6_000_000, "XOF")),
        ("Prix total FCFA", (6_000_000, "XOF")),
        ("Montant du contrat (FCFA)", (6_000_000, "XOF")),
        ("Coût estimatif (USD)", (600_000_000, "USD")),
    ],
)
def test_headings_of_money_are_budgets(tmp_path: Path, heading: str, read: tuple) -> None:
    batch = ingest_file(csv(tmp_path, f"Titre;Région;{heading}", "Puits;Gao;6 000 000"))
    assert batch.tables.amounts.select("minor", "currency").rows() == [read]
    assert batch.tables.activities["donors"].to_list() == [[]]


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("Suspendu (insécurité)", "suspended"),
        ("Annulé depuis mars", "cancelled"),
        ("Résilié", "cancelled"),
        ("Gelée", "suspended"),
        ("Arrêté", "suspended"),
        ("Stoppé - bailleur", "suspended"),
    ],
)
def test_a_status_with_its_reason_is_that_status(tmp_path: Path, written: str, status: str) -> None:
    batch = ingest_file(csv(tmp_path, "Titre;Région;Statut", f"Puits;Gao;{written}"))
    assert batch.tables.activities["status"].to_list() == [status]


def test_money_of_several_countries_is_kept_whole_and_its_sum_is_said_once(tmp_path: Path) -> None:
    rows = (
        "Vaccins;ADR;Mali, Niger;600",
        "Semences;ADR;Mali, Burkina Faso;400",
        "Forage;ADR;Gao;1",
    )
    batch = ingest_file(csv(tmp_path, "Titre;ONG;Région;Budget (USD)", *rows, name="l.csv"))
    assert batch.report()["shared_money"] == {"USD": 1000.0}
    assert batch.tables.amounts["minor"].sum() == 100_100
    (said,) = batch.tables.findings.filter(code="place_shared")["params"]
    told = json.loads(said)
    assert (told["n"], told["shared"]) == (2, "1000")
    assert told["raw"] == "Mali, Niger, Mali, Burkina Faso"

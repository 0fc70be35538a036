"""The form for the next report: what a partner gets back prefilled is read as it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.export.report_form import (
    COLUMNS,
    next_month_end,
    organisation_form,
    report_form,
    report_form_xlsx,
)
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.i18n import _, language_context
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import group_codes
from atlas.ingest.pipeline import ingest_file
from atlas.ingest.tables.heading_meanings import field_of_heading, heading_fields
from atlas.model import Tables, group_in_codes
from atlas.store.merge import merge_documents
from tests.export.test_receipt import ROWS, tables_of_list
from tests.strategies import SyntheticSnapshot

SHARED = Path(__file__).parents[3] / "shared"


def form_read_again(tables: Tables, folder: Path, language: str = "fr") -> Tables:
    """The tables of the form of a list, returned as it was sent."""
    dataset = Dataset(SyntheticSnapshot(tables))
    with language_context(language):
        form = report_form(dataset, tables.documents["document"][0])
        path = folder / "formulaire.xlsx"
        path.write_bytes(report_form_xlsx(form, dataset))
    return ingest_file(path).tables


def tables_of_text(folder: Path, text: str) -> Tables:
    path = folder / "acf.csv"
    path.write_text(text, "utf-8")
    return ingest_file(path).tables


def stated_facts(tables: Tables) -> pl.DataFrame:
    """What the form is to keep of each activity."""
    about = tables.activities.select(
        *("activity_id", "title", "sector", "lead_org", "implementers", "donors", "status"),
        *("start", "end", "target", "reached", "modality"),
    )
    places = tables.placements.sort("unit_id").group_by("activity_id").agg("unit_id", "weight")
    amounts = tables.amounts.sort("kind").group_by("activity_id").agg("kind", "minor", "currency")
    joined = about.join(places, on="activity_id", how="left")
    return joined.join(amounts, on="activity_id", how="left").sort("activity_id")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_form_as_it_was_sent_tells_the_same_activities(tmp_path, language):
    told = tables_of_list(tmp_path, ROWS[0], ROWS[1].replace("du 12/05 au 12/06", "12/05/2024"))
    again = form_read_again(told, tmp_path, language)
    assert again.activities.height == 2
    assert stated_facts(again).equals(stated_facts(told))


def test_the_form_as_it_was_sent_leaves_nothing_to_say(tmp_path):
    again = form_read_again(tables_of_list(tmp_path, ROWS[0]), tmp_path)
    assert again.findings["code"].to_list() == []


GROUPS = (
    "Titre;Chef de file;Région;Situation au;Personnes atteintes;Femmes;Hommes;Filles;Garçons;PDI\n"
    "Kits;ACF;Mopti;31/01/2024;100;30;20;30;20;40\n"
)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_people_by_group_are_columns_that_come_back(tmp_path, language):
    told = tables_of_text(tmp_path, GROUPS)
    again = form_read_again(told, tmp_path, language)
    columns = ("measure", "status", "sex", "age", "value")
    assert (
        again.figures.select(columns)
        .sort(columns)
        .equals(told.figures.select(columns).sort(columns))
    )
    assert again.figures.height == 5
    assert again.activities["remarks"].to_list() == [None]


def test_groups_that_no_column_holds_are_asked_for_in_the_guide(tmp_path):
    told = tables_of_text(tmp_path, GROUPS.replace("PDI", "Femmes 18-59 ans"))
    dataset = Dataset(SyntheticSnapshot(told))
    form = report_form(dataset, told.documents["document"][0])
    assert form.other_groups == ("Kits",)
    shown = ZipFile(BytesIO(report_form_xlsx(form, dataset))).read("xl/sharedStrings.xml").decode()
    assert "autres groupes de personnes" in shown


def test_the_form_tells_the_situation_at_the_end_of_the_next_month(tmp_path):
    again = form_read_again(tables_of_list(tmp_path, ROWS[0]), tmp_path)
    assert again.documents["as_of"][0] == date(2024, 2, 29)
    assert next_month_end(date(2024, 12, 5)) == date(2025, 1, 31)


def test_the_form_is_the_next_report_of_the_same_activities(tmp_path):
    told = tables_of_list(tmp_path, *ROWS)
    merged = merge_documents(told, [form_read_again(told, tmp_path)])
    assert merged.activities.height == 3
    assert merged.activities["as_of"].unique().to_list() == [date(2024, 2, 29)]
    assert merged.findings.filter(code="activity_absent").is_empty()


def test_several_places_come_back_with_their_shares(tmp_path):
    path = tmp_path / "acf.csv"
    path.write_text(
        "Titre;Lieu;Chef de file;Situation au\n"
        "Pistes;Gao 60 %, Kidal 40 %;ACF;31/01/2024\n"
        "Puits;communes de Bankass et Koro;ACF;31/01/2024\n",
        "utf-8",
    )
    told = ingest_file(path, source="ngo", frame="ml-2016").tables
    again = form_read_again(told, tmp_path)
    assert again.placements["weight"].sort().to_list() == [1, 1, 40, 60]
    assert stated_facts(again).equals(stated_facts(told))


def test_an_amount_that_one_row_cannot_tell_is_named_and_not_changed(tmp_path):
    path = tmp_path / "acf.csv"
    path.write_text(
        "Titre;Région;Chef de file;Budget (FCFA);Budget (USD);Situation au\n"
        "Puits;Gao;ACF;6 000 000;10 000;31/01/2035\nForages;Gao;ACF;;5 000;31/01/2035\n",
        "utf-8",
    )
    tables = ingest_file(path, source="ngo", frame="ml-2016").tables
    form = report_form(Dataset(SyntheticSnapshot(tables)), "acf.csv")
    assert [row["title"] for row in form.rows] == ["Forages"]
    assert form.left_out == (("Puits", "un montant dit aussi en dollars"),)


TWO_OF_A_CODE = (
    "Code;Titre;Région;Chef de file;Budget (EUR);Engagé (USD);Situation au\n"
    "C1;Puits;Gao;ACF;10 000;5 000;31/01/2024\n"
    "C1;Puits;Kidal;ACF;;5 000;31/01/2024\n"
    "C2;Pistes;Gao;ACF;;700;31/01/2024\n"
)


def list_read(folder: Path, text: str) -> Tables:
    path = folder / "acf.csv"
    path.write_text(text, "utf-8")
    return ingest_file(path, source="ngo", frame="ml-2016").tables


def test_all_rows_of_a_code_are_left_out_where_one_is(tmp_path):
    told = list_read(tmp_path, TWO_OF_A_CODE)
    form = report_form(Dataset(SyntheticSnapshot(told)), "acf.csv")
    assert [row["title"] for row in form.rows] == ["Pistes"]
    merged = merge_documents(told, [form_read_again(told, tmp_path)])
    assert merged.activities.height == 3


def test_what_a_form_leaves_out_is_not_absent(tmp_path):
    told = list_read(tmp_path, TWO_OF_A_CODE)
    merged = merge_documents(told, [form_read_again(told, tmp_path)])
    assert merged.findings.filter(code="activity_absent").is_empty()


def returned(tables: Tables, folder: Path, change: Callable[[list[dict[str, object]]], None]):
    """The form of a list as somebody returned it, its rows changed: a CSV of them."""
    rows = [dict(row) for row in report_form(Dataset(SyntheticSnapshot(tables)), "acf.csv").rows]
    change(rows)
    headings = {one.field: one.heading for one in COLUMNS}
    fields = list(dict.fromkeys(field for row in rows for field in row))
    lines = [";".join(headings[field] for field in fields)]
    lines += [";".join(str(row.get(field, "")) for field in fields) for row in rows]
    path = folder / "retour-3w.csv"
    path.write_text("\n".join(lines), "utf-8")
    return ingest_file(path).tables


def test_a_code_in_the_list_of_another_organisation_takes_nothing_over(tmp_path):
    told = tables_of_list(tmp_path, ROWS[0])

    def taken(rows):
        rows[0] |= {"lead": "IRC", "title": "Soins", "budget": 1}

    theirs = returned(told, tmp_path, taken)
    assert theirs.findings.filter(code="form_code_foreign").height == 1
    merged = merge_documents(told, [theirs])
    assert sorted(merged.activities["title"]) == ["Forages", "Soins"]


def test_a_copied_row_is_one_more_activity_and_said(tmp_path):
    told = tables_of_list(tmp_path, ROWS[0], ROWS[0].replace("Bankass", "Koro"))

    def copied(rows):
        rows.append(rows[0] | {"cercle": "Mopti"})

    again = returned(told, tmp_path, copied)
    assert again.activities.height == 3
    assert again.findings.filter(code="form_code_repeated").height == 1
    assert set(told.activities["activity_id"]) < set(again.activities["activity_id"])


def test_a_code_is_the_same_in_capitals(tmp_path):
    told = tables_of_list(tmp_path, ROWS[0])

    def shouted(rows):
        rows[0]["code"] = str(rows[0]["code"]).upper()

    again = returned(told, tmp_path, shouted)
    assert again.activities["activity_id"].to_list() == told.activities["activity_id"].to_list()


def test_a_form_tells_no_day_to_come(tmp_path):
    """A day to come would open distributions that are reserved until then."""
    day = date.today()
    told = tables_of_list(tmp_path, ROWS[0].replace("31/01/2024", f"{day:%d/%m/%Y}"))
    assert report_form(Dataset(SyntheticSnapshot(told)), "acf.csv").day == day


def test_a_sector_that_was_inferred_is_not_the_word_of_the_partner(tmp_path):
    told = list_read(
        tmp_path, "Titre;Région;Chef de file;Situation au\nForages;Gao;ACF;31/01/2024\n"
    )
    assert told.activities["sector"].to_list() == ["wash"]
    (row,) = report_form(Dataset(SyntheticSnapshot(told)), "acf.csv").rows
    assert "sector" not in row


def test_a_form_of_an_organisation_holds_all_that_it_leads(tmp_path):
    eha = tables_of_list(tmp_path, ROWS[0])
    sante = ROWS[0].replace("Forages;EHA", "Soins;Santé").replace("31/01/2024", "29/02/2024")
    (tmp_path / "b").mkdir()
    both = merge_documents(eha, [tables_of_list(tmp_path / "b", sante)])
    form = organisation_form(Dataset(SyntheticSnapshot(both)), "acf", date(2024, 1, 31))
    assert sorted(row["title"] for row in form.rows) == ["Forages", "Soins"]
    assert form.day == date(2024, 2, 29)  # never older than what it tells


def test_one_organisation_of_a_list_of_several_gets_its_own(tmp_path):
    tables = tables_of_list(tmp_path, ROWS[0], ROWS[1].replace("ACF", "IRC"))
    form = report_form(Dataset(SyntheticSnapshot(tables)), "acf.csv", "irc")
    assert [row["title"] for row in form.rows] == ["Latrines"]


def test_a_matrix_of_presence_has_no_form_and_the_error_names_the_template(tmp_path):
    path = tmp_path / "5w.csv"
    path.write_text("Organisation;Secteur;Région;Cercle\nACF;EHA;Mopti;Bankass\n", "utf-8")
    tables = ingest_file(path, source="ngo", as_of=date(2024, 1, 31)).tables
    with pytest.raises(UsageError, match=r"modele-ong\.xlsx"):
        report_form(Dataset(SyntheticSnapshot(tables)), "5w.csv")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_heading_of_the_form_is_one_that_imports_know(language):
    with language_context(language):
        plain = [one for one in COLUMNS if " " not in one.field]
        known = [heading_fields().get(fold_text(_(one.heading))) for one in plain]
        of_groups = {
            one.field: (field_of_heading(_(one.heading), {})[0], group_codes(_(one.heading)))
            for one in COLUMNS
            if one not in plain
        }
    assert known == [one.field for one in plain]
    assert len(of_groups) == 18
    for field, (measure, codes) in of_groups.items():
        assert f"{measure} {group_in_codes(codes[:-1])}" == f"people_{field}"
        assert not codes.is_part


def test_cells_open_the_list_of_what_stands_beside_them(tmp_path):
    tables = tables_of_list(tmp_path, ROWS[0])
    dataset = Dataset(SyntheticSnapshot(tables))
    path = tmp_path / "form.xlsx"
    path.write_bytes(report_form_xlsx(report_form(dataset, "acf.csv"), dataset))
    sheet = ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    assert "MATCH($H2," in sheet  # cercles of the région in column H
    assert sheet.count("<dataValidation ") == 14


def test_the_découpage_of_a_list_is_the_one_that_it_names(tmp_path):
    path = tmp_path / "acf.csv"
    path.write_text(
        "Titre;Région;Cercle;Chef de file;Découpage;Situation au\n"
        "Puits;Gao;Gao;ACF;découpage de 2012;31/01/2024\n",
        "utf-8",
    )
    tables = ingest_file(path, source="ngo").tables
    assert tables.documents["frame"].to_list() == ["ml-2012"]


UNITS = {frame: shipped_frames().units.filter(frame=frame)["unit_id"].to_list() for frame in FRAMES}


@settings(max_examples=25)
@given(
    st.sampled_from(FRAMES).flatmap(
        lambda frame: st.tuples(
            st.just(frame),
            st.lists(st.sampled_from(UNITS[frame]), min_size=1, max_size=4, unique=True),
        )
    )
)
def test_places_are_written_as_they_are_read_or_said_to_be_left_out(tmp_path_factory, asked):
    frame, units = asked
    folder = tmp_path_factory.mktemp("form")
    told = tables_of_list(folder, ROWS[0])
    one = told.placements.head(1)
    placed = pl.concat([one.with_columns(unit_id=pl.lit(unit)) for unit in units])
    document = told.documents.with_columns(frame=pl.lit(frame))
    told = Tables(**{**vars(told), "placements": placed, "documents": document})
    try:
        again = form_read_again(told, folder)
    except UsageError as error:
        if "ses lieux ne se disent pas en une cellule" not in error.error_sentence():
            raise
    else:
        assert stated_facts(again).equals(stated_facts(told))


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not there")
def test_the_regional_reports_of_2014_come_back_as_they_were(tmp_path):
    told = ingest_file(SHARED / "data" / "rowca-3w-hxl.csv").tables
    again = form_read_again(told, tmp_path)
    assert again.activities.height == told.activities.height == 114
    assert stated_facts(again).equals(stated_facts(told))

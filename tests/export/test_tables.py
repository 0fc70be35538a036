"""Text formats: programs read CSV and JSON, exchange partners read HXL."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.encodings import without_guard
from atlas.errors import UsageError
from atlas.export import FORMATS, encoded_answer, write_answer
from atlas.export.column_labels import column_displays
from atlas.export.spreadsheets import formula_guarded_table
from atlas.i18n import language_context
from tests.export.answers import BUDGET, HOSTILE, answer


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


def test_csv_is_the_table_as_programs_expect_it() -> None:
    assert encoded_answer(answer(), "csv").decode() == (
        "unit_id,unit_name,budget_usd,activities,amount_XOF\n"
        "ml-2016/ML08,Kidal,46610.16,3,0.0\n"
        "ml-2016/ML05,Mopti,,1,425541.0\n"
        "_national,Tout le pays,12106353.01,2,0.0\n"
        "_unplaced,Non placé,0.1,0,0.0\n"
    )


def test_csv_read_back_is_the_same_table() -> None:
    back = pl.read_csv(io.BytesIO(encoded_answer(answer(), "csv")))
    assert back.equals(BUDGET)


def test_no_text_of_a_csv_is_taken_for_a_formula() -> None:
    titles = [row[1] for row in read(encoded_answer(answer(HOSTILE), "csv"))[1:]]
    assert titles == [
        "'=HYPERLINK(1)",
        "'+1",
        "'-2+3",
        "'@SUM(1)",
        "http://x.ml",
        'Puits, "Ber"\nforé',
    ]


SPLITS = st.sampled_from(
    [";", ",", "\t", "\n", "\r", " ;", "; ", '"', "=", "+", "-", "@", "a", "é"]
)


@given(
    titles=st.lists(st.lists(SPLITS, max_size=8).map("".join), min_size=1, max_size=4),
    delimiter=st.sampled_from([",", ";"]),
    split=st.sampled_from([",", ";", "\t"]),
)
def test_no_cell_begins_a_formula_wherever_a_spreadsheet_splits_the_line(
    titles: list[str], delimiter: str, split: str
) -> None:
    table = formula_guarded_table(
        pl.DataFrame({"a": titles, "n": [-1.5] * len(titles), "b": titles}), delimiter
    )
    text = table.write_csv(separator=delimiter, include_header=False)
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=split):
        for cell in row:
            figure = cell == "-1.5"
            assert figure or not cell.lstrip(' "').startswith(("=", "+", "-", "@", "\t", "\r")), row


def test_a_text_is_marked_where_a_semicolon_would_begin_a_formula() -> None:
    table = pl.DataFrame({"title": ["Forage ;=1+cmd|calc!A0; fin", " =1+1", "Gao, - Ansongo"]})
    assert [row[0] for row in read(encoded_answer(answer(table), "csv"))[1:]] == [
        "Forage ;'=1+cmd|calc!A0; fin",
        " '=1+1",
        "Gao, - Ansongo",
    ]


@given(
    text=st.lists(SPLITS | st.just("'"), max_size=8).map("".join),
    delimiter=st.sampled_from([",", ";"]),
)
def test_a_text_that_was_guarded_can_be_read_as_it_was(text: str, delimiter: str) -> None:
    safe = formula_guarded_table(pl.DataFrame({"a": [text]}), delimiter)["a"][0]
    assert without_guard(safe, delimiter) == text


def test_a_french_spreadsheet_opens_the_french_csv_right() -> None:
    table = pl.DataFrame(
        {
            "title": ["Puits ; forés", "Gao, =1+1"],
            "budget_usd": [1234.5, -2.0],
            "target": [3001.0, None],
            "start": [date(2024, 2, 1), None],
            "need_unknown": [True, False],
        }
    )
    with language_context("en"):
        content = encoded_answer(answer(table), "csv-fr")
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines() == [
        "Activité;Budget (USD);Personnes visées;Début;Besoin inconnu",
        '"Puits ; forés";1234,5;3001;01/02/2024;oui',
        "Gao, '=1+1;-2;;;non",
    ]


def test_a_negative_figure_is_a_figure_not_a_formula() -> None:
    table = pl.DataFrame({"difference": [-1.5], "n": [-2]})
    assert read(encoded_answer(answer(table), "csv"))[1] == ["-1.5", "-2"]


def test_json_is_a_list_of_the_same_rows_with_numbers_as_numbers() -> None:
    rows = json.loads(encoded_answer(answer(), "json"))
    assert rows[:2] == [
        {
            "unit_id": "ml-2016/ML08",
            "unit_name": "Kidal",
            "budget_usd": 46610.16,
            "activities": 3,
            "amount_XOF": 0.0,
        },
        {
            "unit_id": "ml-2016/ML05",
            "unit_name": "Mopti",
            "budget_usd": None,
            "activities": 1,
            "amount_XOF": 425541.0,
        },
    ]


def test_json_has_no_nan_and_dates_are_texts() -> None:
    rows = json.loads(encoded_answer(answer(HOSTILE), "json"), parse_constant=pytest.fail)
    assert rows[0]["start"] == "2017-01-31"
    assert rows[2]["target"] is None
    assert rows[0]["donors"] == ["canada", "denmark"]


def test_hxl_has_its_tags_right_under_the_headings() -> None:
    heads, tags, first = read(encoded_answer(answer(), "hxl"))[:3]
    assert heads[:4] == ["Identifiant de l'unité", "Unité", "Budget (USD)", "Activités"]
    assert tags == [
        "#adm1+id",
        "#adm1+name",
        "#value+budget+usd",
        "#activity+num",
        "#value+budget+reported+xof",
    ]
    assert first == ["ml-2016/ML08", "Kidal", "46610.16", "3", "0.0"]


def test_hxl_says_vocabulary_ids_in_words_and_lists_as_one_text() -> None:
    rows = read(encoded_answer(answer(HOSTILE), "hxl"))
    assert rows[1][4] == "#org+funder"
    assert [row[4] for row in rows[2:]] == [
        "Canada; Danemark",
        "",
        "",
        "Une association",
        "Canada",
        "",
    ]


def test_words_that_stand_beside_their_id_take_its_place() -> None:
    table = pl.DataFrame({"status": ["to_confirm"], "status_label": ["À confirmer"]})
    assert read(encoded_answer(answer(table), "hxl")) == [["Statut"], ["#status"], ["À confirmer"]]


def test_counts_and_lists_of_organisations_are_told_apart() -> None:
    counted = column_displays(
        pl.DataFrame({"organisations": [3], "organisations_un": [1]}), "presence"
    )
    listed = column_displays(pl.DataFrame({"organisations": [["pnud"]]}), "activities")
    assert [c.hxl for c in counted.values()] == ["#org+num", "#org+num+un"]
    assert counted["organisations_un"].heading == "Organisations : ONU"
    assert listed["organisations"].hxl == "#org"


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="csv, csv-fr, json, hxl, xlsx, geojson, gpkg, geoparquet"):
        encoded_answer(answer(), "docx")


def test_an_answer_is_written_to_a_file_a_buffer_or_the_standard_output(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    buffer = io.BytesIO()
    write_answer(answer(), "csv", tmp_path / "budget.csv")
    write_answer(answer(), "csv", buffer)
    write_answer(answer(), "csv")
    assert (
        (tmp_path / "budget.csv").read_bytes()
        == buffer.getvalue()
        == encoded_answer(answer(), "csv")
    )
    assert capfdbinary.readouterr().out == buffer.getvalue()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Fichier budget\.csv non écrit"):
        write_answer(answer(), "csv", tmp_path / "absent" / "budget.csv")


def test_every_format_writes_every_figure_of_an_answer_without_rows() -> None:
    for fmt in set(FORMATS) - {"iati"}:  # of activities alone
        assert encoded_answer(answer(BUDGET.head(0)), fmt)

"""The workbook: exact figures, texts that stay texts, and a sheet that says what it is."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from atlas.export import encoded_answer
from atlas.filters import Filters
from atlas.i18n import language_context
from tests.export.answers import HOSTILE, answer


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def notice(content: bytes) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in sheets(content)["À lire"]}


def test_the_first_sheet_is_the_table_under_french_headings() -> None:
    assert sheets(encoded_answer(answer(), "xlsx"))["Données"] == [
        ["Identifiant de l'unité", "Unité", "Budget (USD)", "Activités", "Montant (XOF)"],
        ["ml-2016/ML08", "Kidal", 46610.16, 3.0, 0.0],
        ["ml-2016/ML05", "Mopti", "", 1.0, 425541.0],
        ["_national", "Tout le pays", 12106353.01, 2.0, 0.0],
        ["_unplaced", "Non placé", 0.1, 0.0, 0.0],
    ]


@settings(max_examples=20)
@given(st.lists(st.none() | st.integers(-(10**13), 10**13), min_size=1, max_size=20))
def test_figures_are_read_back_to_the_cent_and_unknown_stays_empty(cents) -> None:
    money = [None if c is None else c / 100 for c in cents]
    table = pl.DataFrame(
        {"unit_name": ["x"] * len(money), "budget_usd": money},
        schema={"unit_name": pl.String, "budget_usd": pl.Float64},
    )
    rows = sheets(encoded_answer(answer(table), "xlsx"))["Données"][1:]
    read = [None if row[1] == "" else round(float(str(row[1])) * 100) for row in rows]
    assert read == cents


def test_texts_stay_texts_and_nothing_is_a_formula_or_a_link() -> None:
    content = encoded_answer(answer(HOSTILE), "xlsx")
    rows = sheets(content)["Données"]
    assert [row[1] for row in rows[1:]] == HOSTILE["title"].to_list()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name).decode() for name in book.namelist() if "sheet" in name}
    assert parts
    assert not [n for n, xml in parts.items() if re.search(r"<f[ >]|<hyperlink|/hyperlink", xml)]


def test_dates_are_dates_and_ids_are_words() -> None:
    rows = sheets(encoded_answer(answer(HOSTILE), "xlsx"))["Données"]
    assert rows[0][2:] == ["Personnes visées", "Début", "Bailleurs"]
    assert rows[1][3:] == [date(2017, 1, 31), "Canada; Danemark"]
    assert rows[3][2] == ""


def test_the_second_sheet_says_filters_sources_dates_and_how_to_read() -> None:
    asked = Filters(source=("trust-fund",), year=(2017,), unit=("ml-2016/ML08",))
    said = notice(encoded_answer(answer(filters=asked), "xlsx"))
    assert said["Contenu"] == "Budget par unité"
    assert said["Découpage"].startswith("ml-2016 — 2016 · 10 régions + Bamako")
    assert said["Niveau"] == "régions"
    assert said["Filtres"] == "source : Fonds fiduciaire (TF) · unité : Kidal · année : 2017"
    assert said["Question"] == "source=trust-fund&unit=ml-2016%2FML08&year=2017"
    assert said["Situation au"] == "30/06/2017"
    assert said["Documents"] == "bulletin.txt"
    assert said["Sources et licences"] == "MINUSMA"
    assert said["État publié"] == "0123456789abcdef"
    assert said["Vue"].startswith("éditeurs")
    assert "jamais un zéro" in said["Cases vides"]
    assert {"Tout le pays", "Niveau supérieur", "Non convertible", "Non placé"} <= set(said)
    assert "Nations Unies" in said["Limites et noms"]
    assert "Avertissement" not in said


def test_the_sample_says_that_it_is_one() -> None:
    said = notice(encoded_answer(answer(is_sample=True), "xlsx"))
    assert said["Avertissement"] == "Exemple, pas la situation actuelle."


def test_activities_left_out_for_want_of_a_date_are_said() -> None:
    assert "Sans date" not in notice(encoded_answer(answer(undated_left_out=0), "xlsx"))
    assert notice(encoded_answer(answer(undated_left_out=2), "xlsx"))["Sans date"] == (
        "2 activités sans date propre, hors de la période demandée, ne sont pas comptées."
    )


def test_without_filters_the_notice_says_what_that_means() -> None:
    said = notice(encoded_answer(answer(), "xlsx"))
    assert said["Filtres"] == "aucun (activités et présences, toutes périodes)"


def test_the_same_answer_is_the_same_file() -> None:
    with language_context("fr"):
        assert encoded_answer(answer(), "xlsx") == encoded_answer(answer(), "xlsx")

"""A sender gets back what was understood of a document, what to correct and what is due."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.export.receipt import receipt_of
from atlas.i18n import language_context
from atlas.ingest.pipeline import ingest_file
from atlas.model import Tables
from tests.layers.made import fact
from tests.strategies import SyntheticSnapshot

TODAY = date(2024, 3, 15)
HEADINGS = (
    "Titre;Secteur;Région;Cercle;Chef de file;Budget;Devise;Date de début;Date de fin;Statut;"
    "Bénéficiaires atteints;Situation au"
)
ROWS = (
    "Forages;EHA;Mopti;Bankass;ACF;10 000;USD;01/01/2024;31/03/2024;En cours;2 000;31/01/2024",
    "Latrines;EHA;Mopti;Koro;ACF;5 000;USD;du 12/05 au 12/06;;En cours;300;31/01/2024",
    "Savon;EHA;Mopti;Nulle-Part;ACF;;USD;01/01/2024;31/03/2024;En cours;100;31/01/2024",
)


def tables_of_list(tmp_path: Path, *rows: str) -> Tables:
    """A list as it is read."""
    path = tmp_path / "acf.csv"
    path.write_text("\n".join([HEADINGS, *rows]) + "\n", "utf-8")
    return ingest_file(path, source="ngo", frame="ml-2016").tables


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def text_of(tables: Tables, language: str = "fr") -> str:
    with language_context(language):
        return plain(receipt_of(Dataset(SyntheticSnapshot(tables)), "acf.csv", TODAY).as_text())


def test_the_receipt_says_what_was_kept_and_understood(tmp_path):
    text = text_of(tables_of_list(tmp_path, *ROWS))
    assert "Reçu : acf.csv, situation au 31 janvier 2024" in text
    assert "Lignes lues : 3 activités." in text
    assert "- Budget : 15 000 USD." in text
    assert "- Personnes atteintes, telles que dites : 2 400." in text


def test_what_to_correct_has_its_address_and_what_to_do(tmp_path):
    text = text_of(tables_of_list(tmp_path, *ROWS))
    assert "- L3 : Date de début illisible : « du 12/05 au 12/06 ». → Corrigez" in text
    assert text.count("→") <= 3


def test_what_the_page_asks_the_sender_is_said_to_the_sender(tmp_path):
    text = text_of(tables_of_list(tmp_path, *ROWS))
    assert "→ Écrivez le montant et sa devise." in text
    assert "→ Précisez le lieu : région, cercle et commune." in text


def test_what_is_cancelled_is_said_apart_from_the_money_and_the_people(tmp_path):
    text = text_of(tables_of_list(tmp_path, ROWS[0], ROWS[1].replace("En cours", "Annulé")))
    assert "Annulée ou suspendue, hors de ce qui suit : 1." in text
    assert "- Budget : 10 000 USD." in text


def test_a_corrected_file_leaves_nothing_to_correct(tmp_path):
    right = ROWS[1].replace("du 12/05 au 12/06;", "12/05/2024;12/06/2024")
    assert "Rien : tout a été lu sans question." in text_of(
        tables_of_list(tmp_path, ROWS[0], right)
    )


@pytest.mark.parametrize(
    ("wrong", "right", "solved"),
    [
        ("du 12/05 au 12/06;", "12/05/2024;12/06/2024", {"value_unreadable"}),
        ("Nulle-Part", "Koro", {"place_coarser", "place_unknown"}),
        (";;USD", ";1 000;USD", {"amount_missing"}),
    ],
)
def test_a_correction_takes_away_its_findings_and_no_others(tmp_path, wrong, right, solved):
    before = tables_of_list(tmp_path, *ROWS).findings
    after = tables_of_list(tmp_path, *(row.replace(wrong, right) for row in ROWS)).findings
    assert set(before["code"]) - set(after["code"]) == solved
    assert set(after["code"]) <= set(before["code"])


def test_the_sender_reads_what_it_counts_for_everyone_once(tmp_path):
    text = text_of(tables_of_list(tmp_path, ROWS[0], ROWS[0].replace("Forages", "Pompes")))
    assert "ACF, dans tout ce qui est publié\n- 2 activités, dans 1 région." in text
    assert "chacune comptée une fois : 2 000" in text


def test_a_report_that_is_awaited_is_named_with_its_day(tmp_path):
    tables = tables_of_list(tmp_path, ROWS[0])
    document = tables.documents["document"][0]
    due = fact(
        "reporting", "ml-2016/ML05", document=document, organisation="acf", sector="wash",
        start=date(2024, 2, 1), as_of=date(2024, 1, 1), frequency="monthly", due_days=10,
    )  # fmt: skip
    told = Tables.concat([tables, Tables.of(context=[due])])
    text = text_of(told)
    assert "Attendu de vous" in text
    assert "Mopti, EHA, période close le 29 février 2024" in text


def test_the_receipt_is_in_english_for_who_reads_english(tmp_path):
    assert "Receipt: acf.csv" in text_of(tables_of_list(tmp_path, ROWS[0]), "en")


def test_a_document_that_nobody_published_is_said_with_those_there_are(tmp_path):
    dataset = Dataset(SyntheticSnapshot(tables_of_list(tmp_path, ROWS[0])))
    with pytest.raises(UsageError, match="inconnu") as told:
        receipt_of(dataset, "autre.csv", TODAY)
    assert "acf.csv" in told.value.error_sentence()

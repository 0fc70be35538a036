"""What is said once of a sender's columns holds for its next file."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from atlas.cli.command import app
from atlas.ingest.files.readers import read_document
from atlas.senders import (
    SENDERS_FILE,
    SenderForm,
    known_senders,
    saved_columns,
    saved_columns_trouble,
    saved_senders_rewrite,
    sender_of_headings,
    sender_with_columns,
)
from atlas.store import Store

FORM = ("Titre", "Région", "Acteur", "Coût", "Teinte")


def remember(root: Path, sender: SenderForm) -> None:
    """Keep what was said of a sender, as a publication does."""
    Store(root).rewrite_file(SENDERS_FILE, saved_senders_rewrite(root, [sender]))


def test_a_form_is_known_by_most_of_its_headings(tmp_path: Path) -> None:
    """Another case, accents or one column more do not make another sender."""
    remember(
        tmp_path, SenderForm("janvier.csv", FORM, {"Acteur": "implementers", "Coût": "budget"})
    )
    again = sender_of_headings(tmp_path, ["TITRE", "region", "Acteur", "Cout", "Teinte", "Statut"])
    assert again is not None
    assert again.columns == {"Acteur": "implementers", "Coût": "budget"}
    assert sender_of_headings(tmp_path, ["Titre", "Région", "Autre", "Encore", "Plus"]) is None


def test_only_columns_that_are_there_are_told(tmp_path: Path) -> None:
    """A map never names a column that the file does not have."""
    remember(
        tmp_path, SenderForm("janvier.csv", FORM, {"Acteur": "implementers", "Coût": "budget"})
    )
    again = sender_of_headings(tmp_path, ["Titre", "Région", "Coût", "Teinte"])
    assert again is not None
    assert again.columns == {"Coût": "budget"}


def test_the_last_word_on_a_form_counts(tmp_path: Path) -> None:
    """A form is kept once, with what was said of it last."""
    remember(tmp_path, SenderForm("janvier.csv", FORM, {"Acteur": "lead"}))
    remember(tmp_path, SenderForm("fevrier.csv", (*FORM, "Statut"), {"Acteur": "implementers"}))
    (only,) = known_senders(tmp_path)
    assert (only.name, only.columns) == ("fevrier.csv", {"Acteur": "implementers"})


def test_a_file_is_read_as_the_one_before(tmp_path: Path) -> None:
    """From a published file to the next one, through the folder of the store."""
    first, second = tmp_path / "janvier.csv", tmp_path / "fevrier.csv"
    for path, title in ((first, "Forage"), (second, "École")):
        path.write_text(f"Titre;Région;Acteur;Teinte\n{title};Mopti;Oxfam;bleu\n", "utf-8")
    assert saved_columns(tmp_path, read_document(second)) is None
    remember(tmp_path, sender_with_columns(read_document(first), {"Acteur": "implementers"}))
    assert saved_columns(tmp_path, read_document(second)) == {"Acteur": "implementers"}


def test_a_damaged_list_of_senders_knows_nobody(tmp_path: Path) -> None:
    """It is a convenience: nothing stops without it."""
    (tmp_path / SENDERS_FILE).write_text("[{", "utf-8")
    assert known_senders(tmp_path) == []


def test_a_damaged_list_of_senders_is_kept_beside_the_next_one_and_that_is_said(
    tmp_path: Path,
) -> None:
    """What was said by hand is never overwritten because it could not be read."""
    assert saved_columns_trouble(tmp_path) == ""
    (tmp_path / SENDERS_FILE).write_text("[{", "utf-8")
    assert f"{SENDERS_FILE}.illisible-1" in saved_columns_trouble(tmp_path)
    remember(tmp_path, SenderForm("janvier.csv", FORM, {"Acteur": "lead"}))
    assert (tmp_path / f"{SENDERS_FILE}.illisible-1").read_text("utf-8") == "[{"
    assert [one.name for one in known_senders(tmp_path)] == ["janvier.csv"]
    assert saved_columns_trouble(tmp_path) == ""


def test_the_command_line_asks_once_too(tmp_path: Path) -> None:
    """What ``--map`` said of a published list holds for the next, without it."""
    runner, store = CliRunner(), str(tmp_path / "store")
    first, second, said = (tmp_path / n for n in ("janvier.csv", "fevrier.csv", "map.json"))
    for path, title in ((first, "Forage"), (second, "École")):
        text = f"Titre;Région;Acteur du projet;Teinte\n{title};Mopti;Oxfam;bleu\n"
        path.write_text(text, "utf-8")
    said.write_text('{"Acteur du projet": "implementers"}', "utf-8")
    words = ["--source", "ngo", "--store", store, "--as-of", "2024-01-31", "--json"]
    assert runner.invoke(app, ["ingest", str(first), "--map", str(said), *words]).exit_code == 0
    again = runner.invoke(app, ["ingest", str(second), *words])
    (entry,) = json.loads(again.stdout)["documents"]
    assert "organisation_unknown" not in entry["findings"]
    assert entry["findings"]["column_unknown"] == 1  # only « Teinte » is left to say

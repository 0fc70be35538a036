"""What the terminal keeps of a reading once its tables go to be published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.cli.ingest_output import read_files, show_ingest, tables_of_batches
from atlas.ingest.pipeline import ingest_file

DAY = date(2024, 6, 30)


def test_a_batch_hands_its_tables_over_whole_and_keeps_what_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("Titre;Région;Budget USD;Partenaire\nForage;Nulle part;1000;PNUD\n", "utf-8")
    batches = [ingest_file(path)]
    whole = batches[0].tables
    (handed,) = tables_of_batches(batches)
    assert handed is whole
    assert handed.activities["title"].to_list() == ["Forage"]
    kept = batches[0].tables
    assert kept.activities.is_empty()
    assert kept.amounts.is_empty()
    assert kept.placements["raw"].to_list() == ["Nulle part"]
    assert kept.findings.equals(whole.findings)


def test_one_cause_is_counted_once_with_its_rows_and_the_unread_money_stands_on_top(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ong.csv"
    rows = "".join(f"Puits {n};Gao;ACTED;10\n" for n in range(3))
    path.write_text("Titre;Région;ONG;Budget\n" + rows, "utf-8")
    entries, batches = read_files([path], lambda one: ingest_file(one, as_of=DAY), quiet=True)
    show_ingest(entries, batches, None, dry_run=True)
    shown = capsys.readouterr().out
    assert "Argent du fichier non compté : 30 sans devise" in shown
    assert "à vérifier 1 (3 ×)" in shown


def test_money_of_several_countries_stands_on_top_with_its_sum(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ong.csv"
    path.write_text("Titre;Région;ONG;Budget (USD)\nPuits;Mali, Niger;ACTED;90\n", "utf-8")
    entries, batches = read_files([path], lambda one: ingest_file(one, as_of=DAY), quiet=True)
    show_ingest(entries, batches, None, dry_run=True)
    shown = capsys.readouterr().out
    assert "Argent de plusieurs pays, part du Mali inconnue, gardé entier : 90 USD" in shown

"""The ledger of an import: what a newer list adds, changes and leaves out."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from atlas.cli.command import app
from atlas.store import Store

HEAD = "Code;Titre;Région;Cercle;Partenaire;Budget;Devise;Statut\n"
JUNE = HEAD + (
    "Q1;Forage pastoral;Gao;Ansongo;ACTED;12 500,50;USD;en cours\n"
    "Q2;Réhabilitation d'une école;Mopti;Bandiagara;ADR;30 000;USD;en cours\n"
)
JULY = HEAD + (
    "Q1;Forage pastoral;Gao;Ansongo;ACTED;13 000;USD;achevé\n"
    "Q3;Dispensaire;Mopti;Bandiagara;ADR;20 000;USD;en cours\n"
)


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The lists of June and July of one fund."""
    monkeypatch.setenv("ATLAS_STORE", str(tmp_path / "store"))
    paths = tmp_path / "qip_juin_2017.csv", tmp_path / "qip_juillet_2017.csv"
    for path, text in zip(paths, (JUNE, JULY), strict=True):
        path.write_text(text, "utf-8")
    return paths


def run(*words: object) -> str:
    return CliRunner().invoke(app, [str(word) for word in words]).stdout


def ingest(*words: object) -> dict[str, Any]:
    return json.loads(run("ingest", *words, "--source", "qip", "--json"))


def published() -> list[str]:
    out = run("layer", "budget", "--level", "cercle", "--format", "json")
    return [f"{r['unit_name']} {r['budget_usd']}" for r in json.loads(out) if r["budget_usd"]]


def test_json_counts_what_a_newer_list_adds_changes_and_leaves_out(lists) -> None:
    june, july = lists
    assert ingest(june)["documents"][0]["changes"] == {"added": 2, "changed": 0, "gone": 0}
    entry = ingest(july)["documents"][0]
    assert entry["changes"] == {"added": 1, "changed": 1, "gone": 1}
    fields = [(one["field"], one["before"], one["after"]) for one in entry["changed_fields"]]
    assert fields == [
        ("budget", "12500.50 USD", "13000.00 USD"),
        ("status", "ongoing", "completed"),
    ]
    assert [(o["title"], o["kept"]) for o in entry["gone_activities"]] == [
        ("Réhabilitation d'une école", True)
    ]
    assert published() == ["Ansongo 13000.0", "Bandiagara 50000.0"]


def test_replace_takes_out_what_the_newer_list_leaves_out(lists) -> None:
    june, july = lists
    ingest(june)
    assert ingest(july, "--replace")["documents"][0]["changes"]["gone"] == 1
    assert published() == ["Ansongo 13000.0", "Bandiagara 20000.0"]
    assert ingest(june)["documents"][0]["notes"] == [
        "Activités reprises par un document plus récent, qui fait foi : 1.",
        "Activités retirées sur décision, absentes de « qip_juillet_2017.csv » : 1.",
    ]
    assert published() == ["Ansongo 13000.0", "Bandiagara 20000.0"]


def test_a_dry_run_shows_the_changes_and_publishes_none(lists) -> None:
    june, july = lists
    first = ingest(june)["snapshot"]
    answer = ingest(july, "--dry-run", "--replace")
    assert (answer["snapshot"], answer["documents"][0]["changes"]["added"]) == (None, 1)
    assert run("snapshots", "list").count(first[:12]) == 1
    assert published() == ["Ansongo 12500.5", "Bandiagara 30000.0"]


def test_the_same_files_in_either_order_are_one_snapshot(lists, tmp_path: Path) -> None:
    june, july = lists
    ingest(june)
    one = ingest(july)["snapshot"]
    ingest(july, "--store", tmp_path / "other")
    assert ingest(june, "--store", tmp_path / "other")["snapshot"] == one


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_files_of_one_date_the_later_name_counts_whenever_they_came_or_were_changed(
    order: tuple[int, int], lists, tmp_path: Path
) -> None:
    june, _july = lists
    mended = tmp_path / f"{june.stem} v2.csv"
    mended.write_text(JUNE.replace("30 000", "31 000"), "utf-8")
    os.utime(june, (2000, 2000))
    os.utime(mended, (1000, 1000))
    first, second = (([june, mended])[n] for n in order)
    ingest(first)
    changes = ingest(second)["documents"][0]["changes"]
    assert changes == {"added": 0, "changed": 1 if second is mended else 0, "gone": 0}
    assert published() == ["Ansongo 12500.5", "Bandiagara 31000.0"]
    together = ingest(june, mended, "--store", tmp_path / "other")
    assert [one["changes"]["changed"] for one in together["documents"]] == [0, 1]
    current = Store(tmp_path / "store").current_snapshot()
    assert current is not None
    assert together["snapshot"] == current.hash


def test_a_mended_file_of_the_same_date_says_how_to_be_kept(lists, tmp_path: Path) -> None:
    june, _july = lists
    mended = tmp_path / "a_qip_juin_2017.csv"
    mended.write_text(JUNE.replace("30 000", "31 000"), "utf-8")
    ingest(june)
    entry = ingest(mended)["documents"][0]
    assert entry["findings"]["activities_same_date"] == 1
    assert published() == ["Ansongo 12500.5", "Bandiagara 30000.0"]
    ingest(mended, "--replace")
    assert published() == ["Ansongo 12500.5", "Bandiagara 31000.0"]


def test_the_terminal_names_each_change_and_how_to_take_out_what_is_gone(lists) -> None:
    june, july = lists
    run("ingest", june, "--source", "qip")
    out = run("ingest", july, "--source", "qip")
    assert "Activités nouvelles : 1 · changées : 1 · absentes : 1" in out
    assert "~ Forage pastoral : budget 12500.50 USD → 13000.00 USD" in out
    assert "− Réhabilitation d'une école" in out
    assert "1 reste publiée, marquée absente ; pour la retirer : --replace" in out
    assert "rien de nouveau" not in out


def test_a_file_that_cannot_be_used_changes_nothing(lists, tmp_path: Path) -> None:
    june, _july = lists
    broken = tmp_path / "x.xlsx"
    broken.write_bytes(b"not a workbook")
    entries = ingest(broken, june)["documents"]
    assert [entry["changes"]["added"] for entry in entries] == [0, 2]


FRANCS = HEAD + "Q9;Marché;Gao;Ansongo;ADR;600 000;XOF;en cours\n"


def test_a_table_of_rates_is_remembered_for_the_imports_that_follow(lists, tmp_path: Path) -> None:
    june, _july = lists
    june.write_text(FRANCS, "utf-8")
    rates = tmp_path / "taux.csv"
    rates.write_text("devise;date;par usd;source\nXOF;2017-06-15;600;ONU\n", "utf-8")
    ingest(june, "--rates", rates, "--dry-run")
    assert "rate_own" not in ingest(june, "--dry-run")["documents"][0]["findings"]
    assert ingest(june, "--rates", rates)["documents"][0]["findings"]["rate_own"] == 1
    assert published() == ["Ansongo 1000.0"]
    assert ingest(june)["documents"][0]["changes"] == {"added": 0, "changed": 0, "gone": 0}
    rates.write_text("devise;date;par usd\n", "utf-8")
    ingest(june, "--rates", rates)
    assert published() == ["Ansongo 1043.85"]


def test_a_file_read_again_for_a_decision_keeps_its_rates_and_totals(lists, tmp_path: Path) -> None:
    june, _july = lists
    june.write_text(FRANCS, "utf-8")
    rates = tmp_path / "taux.csv"
    rates.write_text("devise;date;par usd\nXOF;2017-06-15;600\n", "utf-8")
    ingest(june, "--rates", rates, "--control", "Projets=2")
    decision = ("--place", "Ansongo", "--unit", "ml-2016/ML0702", "--who", "x", "--apply")
    assert "1 document relu" in run("corrections", "add", *decision)
    assert [line.split()[-1] for line in published()] == ["1000.0"]
    snapshot = Store(tmp_path / "store").current_snapshot()
    assert snapshot is not None
    totals = snapshot.tables.control_totals.select("name", "published", "read").rows()
    assert totals == [("Projets", 2.0, 1.0)]


def test_totals_given_by_hand_are_those_of_one_file(lists) -> None:
    june, july = lists
    totals = ingest(june, "--control", "Budget=42500 USD")["documents"][0]["control_totals"]
    assert [(t["published"], t["read"], t["difference"]) for t in totals] == [
        (42500.0, 42500.5, -0.5)
    ]
    answer = CliRunner().invoke(app, ["ingest", str(june), str(july), "--control", "Projets=2"])
    assert answer.exit_code == 2
    assert "--control demande un seul fichier" in answer.stderr

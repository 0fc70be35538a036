"""Somebody says in the page that a reporter has nothing to report, and takes it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.review.statements import declare_nothing, withdraw_declaration
from atlas.store import Store
from atlas.store.decisions import NothingDeclarations, NothingToReport
from tests.layers.made import activity, document, fact

KAYES, GAO = "ml-2016/ML01", "ml-2016/ML07"
START, TODAY = date(2024, 1, 1), date(2024, 7, 1)
MAY = NothingToReport("acf", date(2024, 5, 1), date(2024, 5, 31), date(2024, 6, 5), "health", KAYES)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    held = Store(tmp_path / "store")
    said = {"frequency": "monthly", "due_days": 10, "sector": "health", "as_of": START}
    scope = fact("reporting", KAYES, organisation="acf", **said)
    well = activity("Forage", GAO, lead_org="pam", sector="wash", source="ngo")
    held.add_documents([document("liste", date(2024, 6, 15), well, context=(scope,))])
    return held


def state(store: Store) -> tuple[str, str]:
    """What is said of Kayes in health, and of the report of May, on 15 June."""
    now = store.current_snapshot()
    assert now is not None
    dataset, day = Dataset(now), {"day": "2024-06-15"}
    table = dataset.ask("coverage", frame="ml-2016", options=day).table
    reports = dataset.ask("reporting", frame="ml-2016", options=day).table
    found = table.filter(unit_id=KAYES, sector="health")["state"][0]
    return found, reports["state"][0]


def test_declared_the_reporter_is_not_late_and_nothing_is_known_to_be_done(store: Store) -> None:
    assert state(store) == ("no_report", "missing")
    declare_nothing(store, MAY, who="Awa", today=TODAY)
    assert state(store) == ("reported_none", "on_time")


def test_taken_back_the_state_is_that_of_before_to_the_same_hash(store: Store) -> None:
    before = store.current_snapshot()
    published = declare_nothing(store, MAY, who="Awa", today=TODAY)
    (told,) = NothingDeclarations(store.root).all_decisions()
    assert (told.said, told.who, told.in_force) == (MAY, "Awa", True)
    after = withdraw_declaration(store, told.document, who="Issa")
    assert before is not None
    assert after.hash == before.hash != published.hash
    assert [one.undone_by for one in NothingDeclarations(store.root).all_decisions()] == ["Issa"]
    with pytest.raises(UsageError, match="introuvable"):
        withdraw_declaration(store, told.document, who="Issa")


def test_the_name_of_who_declared_is_in_no_table_and_the_rows_are_conserved(store: Store) -> None:
    published = declare_nothing(store, MAY, who="Awa Traoré", today=TODAY)
    words = " ".join(str(frame.to_dicts()) for _name, frame in published.tables.items())
    assert "Awa" not in words
    entry = published.tables.documents.filter(reader="entry").to_dicts()[0]
    rows = published.tables.rows.filter(document=entry["document"])["outcome"].to_list()
    assert (entry["rows_read"], rows, entry["as_of"]) == (1, ["context"], date(2024, 6, 5))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reporter": ""}, "Qui n'a rien"),
        ({"sector": "magie"}, "Secteur"),
        ({"unit_id": "ml-2016/nulle-part"}, "Zone"),
        ({"first": date(2024, 6, 1)}, "précède"),
        ({"said_on": date(2024, 7, 2)}, "à venir"),
        ({"said_on": date(2024, 4, 30)}, "n'a pas commencé"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    store: Store, wrong: dict, words: str
) -> None:
    before = store.current_snapshot()
    with pytest.raises(UsageError, match=words):
        declare_nothing(store, replace(MAY, **wrong), who="Awa", today=TODAY)
    assert store.current_snapshot() == before
    assert NothingDeclarations(store.root).all_decisions() == []


def test_nobody_declares_nothing(store: Store) -> None:
    before = store.current_snapshot()
    with pytest.raises(UsageError):
        declare_nothing(store, MAY, who="  ", today=TODAY)
    assert store.current_snapshot() == before

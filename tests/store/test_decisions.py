"""The history of decisions: only added to, safe between writers, and never in a snapshot."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from atlas.corrections import DecisionScope, DecisionSubject, EnteredOrganisation, WordingCorrection
from atlas.errors import StoreError, UnknownUnitError, UsageError
from atlas.store.decisions import WordingDecisions

KIDAL, ABEIBARA, TINZAWATENE = "ml-2016/ML08", "ml-2016/ML080101", "ml-2016/ML080103"
ETAMBAR = WordingCorrection("Etambar", ABEIBARA)


def in_force(decisions: WordingDecisions) -> list[tuple[str, str]]:
    return [(c.wording, c.means) for c in decisions.in_force().entries]


def test_looking_makes_nothing(tmp_path: Path) -> None:
    decisions = WordingDecisions(tmp_path / "store")
    assert (decisions.all_decisions(), decisions.in_force().entries) == ([], ())
    assert not (tmp_path / "store").exists()


def test_a_decision_says_who_when_and_why(tmp_path: Path) -> None:
    made = WordingDecisions(tmp_path).add_decision(ETAMBAR, who=" Awa ", note="vu sur place")
    assert (made.id, made.who, made.note, made.in_force) == (1, "Awa", "vu sur place", True)
    assert made.at.tzinfo is not None
    assert WordingDecisions(tmp_path).all_decisions() == [made]


def test_the_same_wording_again_supersedes_and_undoing_it_brings_the_first_back(
    tmp_path: Path,
) -> None:
    decisions = WordingDecisions(tmp_path)
    decisions.add_decision(ETAMBAR, who="Awa")
    decisions.add_decision(WordingCorrection("ÉTAMBAR", TINZAWATENE), who="Ali")
    assert [one.superseded_by for one in decisions.all_decisions()] == [None, 2]
    assert in_force(decisions) == [("ÉTAMBAR", TINZAWATENE)]
    assert decisions.undo_decision(2, who="Awa").undone_by == "Awa"
    assert in_force(decisions) == [("Etambar", ABEIBARA)]
    assert [one.id for one in decisions.all_decisions()] == [2, 1]


SECTOR = WordingCorrection("Etambar", "wash", subject=DecisionSubject.SECTOR)
ONG_X = WordingCorrection(
    "ONG X",
    "OX",
    subject=DecisionSubject.ORGANISATION,
    organisation=EnteredOrganisation("OX", "Organisation « X »", "national-ngo"),
)
OLD_TABLE = """CREATE TABLE place_decisions (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, wording TEXT NOT NULL,
    unit_id VARCHAR(120) NOT NULL, scope VARCHAR(20) NOT NULL, within_id VARCHAR(120) NOT NULL,
    who TEXT NOT NULL, note TEXT NOT NULL, decided_at DATETIME NOT NULL,
    undone_by TEXT, undone_at DATETIME)"""
OLD_ROW = (ABEIBARA, "2026-01-31 10:00:00.000000")


def old_database(folder: Path) -> WordingDecisions:
    """A database as it was when only places could be decided, with one decision."""
    with sqlite3.connect(folder / "decisions.sqlite") as link:
        link.execute(OLD_TABLE)
        link.execute(
            "INSERT INTO place_decisions VALUES"
            " (1, 'Etambar', ?, 'everywhere', '', 'Awa', '', ?, NULL, NULL)",
            OLD_ROW,
        )
    return WordingDecisions(folder)


def test_a_database_from_before_there_were_subjects_is_read_as_it_is(tmp_path: Path) -> None:
    decisions = old_database(tmp_path)
    before = (tmp_path / "decisions.sqlite").read_bytes()
    assert [(one.id, one.correction) for one in decisions.all_decisions()] == [(1, ETAMBAR)]
    assert decisions.in_force().entries == (ETAMBAR,)
    assert (tmp_path / "decisions.sqlite").read_bytes() == before
    assert decisions.undo_decision(1, who="Ali").undone_by == "Ali"


def test_it_takes_decisions_of_every_subject_and_keeps_what_it_had(tmp_path: Path) -> None:
    decisions = old_database(tmp_path)
    assert decisions.add_decision(SECTOR, who="Ali").id == 2
    assert decisions.add_decision(ONG_X, who="Ali").id == 3
    again = WordingDecisions(tmp_path)
    assert [one.correction for one in again.all_decisions()] == [ONG_X, SECTOR, ETAMBAR]
    assert set(again.in_force().entries) == {ONG_X, SECTOR, ETAMBAR}


def test_one_wording_may_be_a_place_and_a_sector(tmp_path: Path) -> None:
    decisions = WordingDecisions(tmp_path)
    for one in (ETAMBAR, SECTOR, ONG_X):
        decisions.add_decision(one, who="Awa")
    assert [one.correction for one in decisions.all_decisions() if one.in_force] == [
        ONG_X,
        SECTOR,
        ETAMBAR,
    ]


def test_several_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    decisions = WordingDecisions(tmp_path)
    nonsense = WordingCorrection("Forages", "eau", subject=DecisionSubject.SECTOR)
    with pytest.raises(UsageError, match="eau"):
        decisions.add_decisions([ETAMBAR, nonsense], who="Awa")
    assert decisions.all_decisions() == []
    assert [one.correction for one in decisions.add_decisions([ETAMBAR, SECTOR], who="Awa")] == [
        ETAMBAR,
        SECTOR,
    ]
    assert decisions.add_decisions([], who="Awa") == []


def test_another_scope_supersedes_nothing(tmp_path: Path) -> None:
    decisions = WordingDecisions(tmp_path)
    decisions.add_decision(ETAMBAR, who="Awa")
    decisions.add_decision(
        WordingCorrection("Etambar", TINZAWATENE, DecisionScope.UNDER, KIDAL), who="Awa"
    )
    assert len(in_force(decisions)) == 2


def test_a_decision_is_undone_once(tmp_path: Path) -> None:
    decisions = WordingDecisions(tmp_path)
    decisions.add_decision(ETAMBAR, who="Awa")
    decisions.undo_decision(1, who="Awa")
    with pytest.raises(UsageError, match="Décision 1 déjà annulée"):
        decisions.undo_decision(1, who="Ali")
    assert decisions.get(1).undone_by == "Awa"
    with pytest.raises(UsageError, match="Décision 7 inconnue"):
        decisions.undo_decision(7, who="Awa")


def test_what_makes_no_sense_is_not_written(tmp_path: Path) -> None:
    decisions = WordingDecisions(tmp_path)
    with pytest.raises(UnknownUnitError):
        decisions.add_decision(WordingCorrection("Etambar", "ml-2016/NULPART"), who="Awa")
    with pytest.raises(UsageError, match="sans auteur"):
        decisions.add_decision(ETAMBAR, who="  ")
    assert decisions.all_decisions() == []


def test_a_unit_that_this_version_does_not_know_is_named_with_its_decision(
    tmp_path: Path,
) -> None:
    decisions = WordingDecisions(tmp_path)
    decisions.add_decision(ETAMBAR, who="Awa")
    with sqlite3.connect(tmp_path / "decisions.sqlite") as link:
        link.execute("UPDATE place_decisions SET unit_id = 'ml-2031/ML08'")
    link.close()
    with pytest.raises(
        StoreError, match=r"« ml-2031/ML08 » n'est pas au répertoire.*corrections undo 1"
    ):
        decisions.in_force()
    decisions.undo_decision(1, who="Awa")
    assert decisions.in_force().entries == ()


def test_readers_do_not_wait_for_writers(tmp_path: Path) -> None:
    decisions = WordingDecisions(tmp_path)
    decisions.add_decision(ETAMBAR, who="Awa")
    writer = sqlite3.connect(tmp_path / "decisions.sqlite", isolation_level=None)
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    writer.execute("BEGIN IMMEDIATE")
    try:
        assert in_force(decisions) == [("Etambar", ABEIBARA)]
    finally:
        writer.rollback()
        writer.close()


def _write(root: Path, who: str, times: int) -> None:
    for number in range(times):
        WordingDecisions(root).add_decision(
            WordingCorrection(f"Lieu {who} {number}", ABEIBARA), who=who
        )


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write, args=(tmp_path, who, 20)) for who in ("Awa", "Ali")]
    for one in writers:
        one.start()
    for one in writers:
        one.join(60)
    assert [one.exitcode for one in writers] == [0, 0]
    history = WordingDecisions(tmp_path).all_decisions()
    assert [one.id for one in history] == list(range(40, 0, -1))
    assert {who: sum(one.who == who for one in history) for who in ("Awa", "Ali")} == {
        "Awa": 20,
        "Ali": 20,
    }


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(["A", "B"]), st.sampled_from([KIDAL, ABEIBARA])),
        st.tuples(st.just("undo"), st.integers(1, 6), st.none()),
    ),
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_undoing_is_as_if_the_decision_had_never_been_taken(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[str, object, object]]
) -> None:
    decisions = WordingDecisions(tmp_path_factory.mktemp("story"))
    taken: dict[int, tuple[str, str]] = {}
    for what, subject, unit in story:
        if what == "add":
            made = decisions.add_decision(WordingCorrection(str(subject), str(unit)), who="Awa")
            taken[made.id] = (str(subject), str(unit))
        elif subject in taken:
            decisions.undo_decision(int(str(subject)), who="Awa")
            del taken[int(str(subject))]
    assert dict(in_force(decisions)) == dict(taken.values())
    assert len(decisions.all_decisions()) == sum(what == "add" for what, _s, _u in story)


def test_another_database_is_named_by_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLAS_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    WordingDecisions(tmp_path / "store").add_decision(ETAMBAR, who="Awa")
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "store").exists()


def test_the_table_is_one_that_postgresql_makes_too() -> None:
    made = str(
        CreateTable(WordingDecisions.table, if_not_exists=True).compile(
            dialect=postgresql.dialect()
        )
    )
    assert "CREATE TABLE IF NOT EXISTS place_decisions" in made
    assert "id SERIAL NOT NULL" in made
    assert "decided_at TIMESTAMP WITH TIME ZONE NOT NULL" in made


def test_a_database_that_cannot_be_used_is_named_with_a_remedy_and_no_password(
    tmp_path: Path,
) -> None:
    with pytest.raises(StoreError, match="ATLAS_DATABASE_URL"):
        WordingDecisions(tmp_path, "pas une adresse")
    (tmp_path / "decisions.sqlite").write_bytes(b"rien d'une base" * 99)
    with pytest.raises(StoreError, match="not a database"):
        WordingDecisions(tmp_path).all_decisions()
    nowhere = f"sqlite:////{tmp_path}/absent/x.db"
    with pytest.raises(StoreError, match="unable to open"):
        WordingDecisions(tmp_path, nowhere).add_decision(ETAMBAR, who="Awa")

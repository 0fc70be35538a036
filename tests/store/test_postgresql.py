"""Decisions, accounts and audit in PostgreSQL: a server of its own on loopback, for these tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from threading import Barrier

import polars as pl
import pytest
import sqlalchemy as sa

from atlas.corrections import WordingCorrection
from atlas.corrections.relations import PairVerdict
from atlas.errors import StoreError, TooManyRequestsError, UsageError
from atlas.review.statements import decide_pair
from atlas.store import Store
from atlas.store.accounts import Accounts, RateLimit, role_details
from atlas.store.audit import Act, AuditTrail
from atlas.store.decisions import PairDecisions, WordingDecisions
from tests.web.example import tables

HOUR = timedelta(hours=1)
PHRASE = "le fleuve passe à Gao"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
pytestmark = [
    pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL is not installed (Debian: postgresql)"),
    pytest.mark.xdist_group("postgresql"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of an empty server; it is gone with the tests."""
    folder = Path(mkdtemp(prefix="pg"))  # short: a socket's path has a bound
    as_user: list[str] = []
    if os.getuid() == 0:  # PostgreSQL does not run as root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data, programs = folder / "data", PROGRAMS[0]

    def run(*words: object) -> None:
        done = subprocess.run(
            [*as_user, *map(str, words)], capture_output=True, text=True, cwd=folder, check=False
        )
        assert done.returncode == 0, done.stderr

    run(programs / "initdb", "-D", data, "-U", "atlas", "-A", "trust", "--no-sync", "-E", "UTF8")
    started = f"-c listen_addresses='' -k {folder} -c fsync=off"
    run(programs / "pg_ctl", "-D", data, "-o", started, "-l", folder / "log", "-w", "start")
    yield f"postgresql+psycopg://atlas@/postgres?host={folder}"
    run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def store(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store of the example whose decisions and accounts are there; the next finds them gone."""
    monkeypatch.setenv("ATLAS_DATABASE_URL", server)
    held = Store(tmp_path)
    held.publish_tables(tables())
    yield held
    with sa.create_engine(server).begin() as link:
        link.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def together(number: int, act: object) -> list[object]:
    """What several threads come to that begin at one moment; an error is what it says."""
    start = Barrier(number)

    def begun(n: int) -> object:
        start.wait()
        try:
            return act(n)  # type: ignore[operator]
        except (UsageError, StoreError, TooManyRequestsError) as error:
            return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begun, range(number)))


def test_first_writers_at_one_moment_lose_no_decision(store: Store) -> None:
    def decide(n: int) -> object:
        said = WordingCorrection(f"Lieu {n}", "ml-2016/ML08")
        return WordingDecisions(store.root).add_decision(said, who=f"p{n}")

    together(8, decide)
    found = WordingDecisions(store.root).all_decisions()
    assert sorted(one.who for one in found) == [f"p{n}" for n in range(8)]
    assert sorted(one.id for one in found) == list(range(1, 9))
    assert not list(store.root.glob("*.sqlite*"))


def test_a_decision_is_applied_kept_and_undone(store: Store) -> None:
    entries = tables().activities.filter(pl.col("kind") == "activity")["activity_id"]
    verdict = PairVerdict.from_ids(entries[0], entries[1], "different")
    decided = decide_pair(store, verdict, who="Awa")
    (kept,) = PairDecisions(store.root).all_decisions()
    assert (kept.who, kept.in_force, decided.decision.id) == ("Awa", True, kept.id)
    undone = PairDecisions(store.root).undo_decision(kept.id, who="Ali")
    assert (undone.undone_by, undone.in_force) == ("Ali", False)


def test_of_two_who_open_the_same_account_one_is_told(store: Store) -> None:
    came = together(
        4, lambda n: Accounts(store.root).invite("chef", role_details("admin"), made_by=str(n))
    )
    assert sum(isinstance(one, str) for one in came) == 1
    assert [str(one) for one in came if isinstance(one, StoreError)] == []
    (account,) = Accounts(store.root).all_accounts()
    assert account.name == "chef"


def test_accounts_sessions_limits_and_audit_are_shared_by_all_machines(
    store: Store, tmp_path: Path
) -> None:
    accounts = Accounts(store.root)
    token = accounts.invite("chef", role_details("admin"), made_by="root")
    accounts.choose_password(token, PHRASE)
    session = accounts.sign_in("chef", PHRASE, "10.0.0.1")
    found = Accounts(store.root).session_account(session)
    assert found is not None
    assert found.made_at.tzinfo is not None
    together(8, lambda _n: accounts.count_within(RateLimit("x", 100, HOUR), "chef"))
    with pytest.raises(TooManyRequestsError):
        accounts.check_rate(RateLimit("x", 8, HOUR), "chef")
    together(8, lambda n: AuditTrail(store.root).record(Act.SAW, f"p{n}", "tab=zones"))
    seen = [one.who for one in AuditTrail(store.root).lines(acts=[Act.SAW])]
    assert sorted(seen) == [f"p{n}" for n in range(8)]
    assert len({str(one) for one in together(4, lambda _n: accounts.secret("cookies"))}) == 1


def test_a_server_that_is_away_is_named_without_its_password(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "ATLAS_DATABASE_URL", "postgresql+psycopg://atlas:motdepasse@127.0.0.1:9/atlas"
    )
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:9") as error:
        WordingDecisions(store.root).all_decisions()
    assert "motdepasse" not in str(error.value)

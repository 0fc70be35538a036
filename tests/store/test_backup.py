"""A store in one file and back: the same to the byte, whole or not at all, wherever it is killed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from atlas.corrections.relations import PairVerdict
from atlas.errors import StoreError, UsageError
from atlas.store import Store
from atlas.store.accounts import Accounts, role_details
from atlas.store.backup import MANIFEST, restore_backup, verified_backup, write_backup
from atlas.store.decisions import PairDecisions
from tests.store.killing import all_that_lies_in, before_each_step, state_of
from tests.web.example import tables

PHRASE = "le fleuve passe à Gao"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store of the example with a decision and an account."""
    held = Store(tmp_path / "store")
    held.publish_tables(tables())
    PairDecisions(held.root).add_decision(PairVerdict.from_ids("a", "b", "different"), who="moi")
    accounts = Accounts(held.root)
    accounts.choose_password(accounts.invite("chef", role_details("admin"), made_by="root"), PHRASE)
    return held


def test_a_restored_store_is_the_one_that_was_backed_up(store: Store, tmp_path: Path) -> None:
    made = write_backup(store, tmp_path / "b.zip")
    assert (made.has_accounts, made.has_decisions) == (True, True)
    assert made.snapshot == store.current_snapshot().hash  # type: ignore[union-attr]
    restored, aside = restore_backup(tmp_path / "b.zip", tmp_path / "other")
    assert (restored, aside) == (made, None)
    assert state_of(tmp_path / "other") == state_of(store.root)
    assert Accounts(tmp_path / "other").sign_in("chef", PHRASE, "10.0.0.1")
    assert (tmp_path / "other" / "accounts.sqlite").stat().st_mode & 0o777 == 0o600


def test_without_accounts_no_password_leaves_and_those_there_stay(
    store: Store, tmp_path: Path
) -> None:
    made = write_backup(store, tmp_path / "b.zip", accounts=False)
    assert not made.has_accounts
    assert b"argon2" not in (tmp_path / "b.zip").read_bytes()
    with ZipFile(tmp_path / "b.zip") as archive:
        assert not [name for name in archive.namelist() if "account" in name]
    restore_backup(tmp_path / "b.zip", store.root, replace=True)
    assert Accounts(store.root).sign_in("chef", PHRASE, "10.0.0.1")


def test_sessions_of_the_day_of_the_backup_are_over(store: Store, tmp_path: Path) -> None:
    token = Accounts(store.root).new_session("chef")
    write_backup(store, tmp_path / "b.zip")
    restore_backup(tmp_path / "b.zip", store.root, replace=True)
    assert Accounts(store.root).session_account(token) is None


def test_a_store_that_is_there_makes_way_only_when_asked_and_is_kept(
    store: Store, tmp_path: Path
) -> None:
    write_backup(store, tmp_path / "b.zip")
    before = state_of(store.root)
    with pytest.raises(UsageError, match="--replace"):
        restore_backup(tmp_path / "b.zip", store.root)
    _made, aside = restore_backup(tmp_path / "b.zip", store.root, replace=True)
    assert aside is not None
    assert state_of(aside) == before == state_of(store.root)


def _altered(file: Path, name: str, content: bytes) -> None:
    """The same archive with other bytes in one of its files."""
    with ZipFile(file) as archive:
        kept = {one: archive.read(one) for one in archive.namelist()}
    kept[name] = content
    with ZipFile(file, "w") as archive:
        for one, content in kept.items():
            archive.writestr(one, content)


@pytest.mark.parametrize("fault", ["cut", "altered", "added", "missing", "newer", "text", "gone"])
def test_a_damaged_backup_is_named_and_replaces_nothing(
    store: Store, tmp_path: Path, fault: str
) -> None:
    file = tmp_path / "b.zip"
    made = write_backup(store, file)
    name = sorted(made.files)[-1]
    manifest = {"format": 1, "made_at": "", "snapshot": "", "accounts": False, "decisions": True}
    if fault == "cut":
        file.write_bytes(file.read_bytes()[:-3000])
    elif fault == "altered":
        _altered(file, name, b"other")
    elif fault == "added":
        _altered(file, "more.txt", b"x")
    elif fault == "missing":
        _altered(file, MANIFEST, json.dumps({**manifest, "files": {"x": "0"}}).encode())
    elif fault == "newer":
        _altered(file, MANIFEST, json.dumps({**manifest, "format": 2, "files": {}}).encode())
    elif fault == "text":
        file.write_text("pas une archive")
    else:
        file.unlink()
    before = all_that_lies_in(store.root)
    with pytest.raises(UsageError, match=r"b\.zip"):
        restore_backup(file, store.root, replace=True)
    assert all_that_lies_in(store.root) == before


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a\\..\\out.txt", "C:out.txt"])
def test_no_path_of_a_backup_leads_out_of_the_store(tmp_path: Path, name: str) -> None:
    file = tmp_path / "b.zip"
    told = {"format": 1, "made_at": "", "snapshot": "", "accounts": False, "decisions": True}
    with ZipFile(file, "w") as archive:
        archive.writestr(name, b"x")
        archive.writestr(MANIFEST, json.dumps({**told, "files": {archive.namelist()[0]: "0"}}))
    with pytest.raises(UsageError, match="mène ailleurs"):
        verified_backup(file)


class KilledError(BaseException):
    """What stands for the end of the process."""


def _kill_at(step: int) -> object:
    left = [step]

    def before() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KilledError

    return before


def test_a_backup_killed_at_any_step_leaves_the_older_one_and_the_store(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "b.zip"
    write_backup(store, file)
    older, state = file.read_bytes(), state_of(store.root)
    killed = 0
    for step in range(60):
        try:
            with before_each_step(tmp_path, _kill_at(step)):  # type: ignore[arg-type]
                write_backup(store, file)
        except KilledError:
            killed += 1
            assert file.read_bytes() == older, step
            assert state_of(store.root) == state, step
            continue
        break
    assert killed >= 5
    assert verified_backup(file).snapshot == state["hash"]


def test_a_restoration_killed_at_any_step_loses_nothing_and_again_it_ends(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "b.zip"
    write_backup(store, file)
    wanted = state_of(store.root)
    PairDecisions(store.root).add_decision(PairVerdict.from_ids("a", "c", "different"), who="moi")
    newer = state_of(store.root)
    assert newer != wanted
    killed = between = 0
    for step in range(400):
        folder = tmp_path / str(step)
        shutil.copytree(store.root, folder / "store")
        try:
            with before_each_step(folder, _kill_at(step)):  # type: ignore[arg-type]
                restore_backup(file, folder / "store", replace=True)
        except KilledError:
            killed += 1
        else:
            break
        if (folder / "store").exists():
            assert state_of(folder / "store") in (newer, wanted), step
        else:
            between += 1
            with pytest.raises(StoreError, match="interrompue"):
                Store(folder / "store").current_snapshot()
            (aside,) = folder.glob("store.before-*")
            assert state_of(aside) == newer
        restore_backup(file, folder / "store", replace=True)
        assert state_of(folder / "store") == wanted, step
        shutil.rmtree(folder)
    assert killed > 20
    assert between == 1

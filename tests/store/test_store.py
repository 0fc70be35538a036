"""A store publishes whole snapshots or nothing, and forgets none."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Event as Signal

import pytest

from atlas.errors import InvariantError, StoreError, UnusableFileError, UsageError
from atlas.model import SCHEMAS, frame_of
from atlas.store import Store, disk
from tests.store.build import document


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "fonds")


def test_an_empty_store_has_nothing_and_makes_no_folder(store: Store) -> None:
    assert store.current_snapshot() is None
    assert store.publication_history() == []
    assert not store.root.exists()


def test_what_is_published_is_what_another_process_reads(store: Store) -> None:
    published = store.publish_tables(document("d1", {"a": 4661026}, file="mars.csv"), note="mars")
    read = Store(store.root).current_snapshot()
    assert read is not None
    assert (read.hash, read.note, read.time) == (published.hash, "mars", published.time)
    assert read.tables.amounts["minor"].to_list() == [4661026]
    assert [d["file"] for d in read.document_rows] == ["mars.csv"]


def test_two_stores_agree_whatever_the_order_of_the_files(tmp_path: Path) -> None:
    d1, d2, d3 = document("d1", {"a": 1}), document("d2", {"b": 2}), document("d3", {"c": None})
    one, two = Store(tmp_path / "1"), Store(tmp_path / "2")
    one.add_documents([d1, d2, d3])
    two.add_documents([d3])
    two.add_documents([d2, d1])
    assert one.publication_history()[0].hash == two.publication_history()[0].hash


def test_the_same_files_again_change_nothing(store: Store) -> None:
    first = store.add_documents([document("d1", {"a": 1})])
    again = store.add_documents([document("d1", {"a": 1})])
    assert again.hash == first.hash
    assert again.time == first.time
    assert len(store.publication_history()) == 1


def test_history_is_newest_first_and_restore_adds_to_it(store: Store) -> None:
    first = store.publish_tables(document("d1", {"a": 1}, file="mars.csv"), note="mars")
    second = store.publish_tables(document("d2", {"b": 2}, file="avril.csv"), note="avril")
    store.restore_snapshot(first.hash[:8])
    current = store.current_snapshot()
    assert current is not None
    assert current.hash == first.hash
    assert [(e.hash, e.note, e.documents) for e in store.publication_history()] == [
        (first.hash, "restauré", ("mars.csv",)),
        (second.hash, "avril", ("avril.csv",)),
        (first.hash, "mars", ("mars.csv",)),
    ]


def test_a_snapshot_is_asked_for_by_a_known_beginning_only(store: Store) -> None:
    snapshot = store.publish_tables(document("d1", {"a": 1}))
    assert store.get(snapshot.hash[:4]).hash == snapshot.hash
    for prefix in ("zzzz", snapshot.hash[:3], ""):
        with pytest.raises(UsageError, match=snapshot.hash[:12]):
            store.get(prefix)


def test_tables_that_break_the_contract_leave_the_published_ones(store: Store) -> None:
    good = store.publish_tables(document("d1", {"a": 1}))
    bad = document("d2", {"b": 2})
    lost_row = replace(bad, rows=frame_of("rows", []))
    with pytest.raises(InvariantError, match=r"d2\.csv"):
        store.add_documents([lost_row])
    current = Store(store.root).current_snapshot()
    assert current is not None
    assert current.hash == good.hash
    assert len(store.publication_history()) == 1


@pytest.mark.parametrize(
    ("step", "after"),
    [("_write_table", 0), ("_write_table", 5)]
    + [("write_bytes", done) for done in (0, 8, 9, 10)]  # first, last table, manifest, pointer
    + [("_sync_folder", done) for done in (0, 1, 2)],
)
def test_a_crash_at_any_step_leaves_the_published_snapshot(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str, after: int
) -> None:
    good = store.publish_tables(document("d1", {"a": 1}))
    real, calls = getattr(disk, step), iter(range(100))

    def dies(*args: object) -> object:
        if next(calls) >= after:
            raise KeyboardInterrupt
        return real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(disk, step, dies)
        with pytest.raises(KeyboardInterrupt):
            store.publish_tables(document("d2", {"b": 2}))
    current = Store(store.root).current_snapshot()
    assert current is not None
    assert current.hash in (good.hash, store.publication_history()[0].hash)
    assert len(current.tables.activities) == 1
    store.publish_tables(document("d3", {"c": 3}))
    left = [path.name for path in (store.root / "snapshots").iterdir()]
    assert not [name for name in left if name.startswith(".tmp")]


def test_readers_never_see_half_while_snapshots_are_swapped(store: Store) -> None:
    """A snapshot with n activities has n amounts of n cents: any mixture would show."""
    versions = [
        document(f"d{n}", {f"{n}-{i}": n for i in range(n)}, file="x.csv") for n in (1, 2, 3, 5)
    ]
    store.publish_tables(versions[0])
    done = Signal()

    def read() -> int:
        reads = 0
        own = Store(store.root)
        while not done.is_set() or reads == 0:
            for reader in (own, store):
                snapshot = reader.current_snapshot()
                assert snapshot is not None
                n = snapshot.tables.activities.height
                assert snapshot.tables.amounts["minor"].to_list() == [n] * n
            reads += 1
        return reads

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        writer = pool.submit(lambda: [store.publish_tables(v) for v in versions * 3])
        try:
            assert len(writer.result()) == 12
        finally:
            done.set()
        assert all(reader.result() > 0 for reader in readers)


def test_writers_take_turns_and_none_is_lost(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda n: Store(store.root).add_documents([document(f"d{n}", {f"a{n}": n})]),
                range(8),
            )
        )
    current = store.current_snapshot()
    assert current is not None
    assert sorted(current.tables.activities["activity_id"]) == [f"a{n}" for n in range(8)]
    assert len(store.publication_history()) == 8


def test_a_page_request_does_not_read_the_files_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.publish_tables(document("d1", {"a": 1}))
    first = store.current_snapshot()
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail(f"read {self}"))
    assert store.current_snapshot() is first


def test_a_damaged_snapshot_is_named_and_a_new_import_mends_it(store: Store) -> None:
    snapshot = store.publish_tables(document("d1", {"a": 1}))
    file = store.root / "snapshots" / snapshot.hash / "activities.parquet"
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(StoreError, match=r"endommagé \(activities.parquet\).*snapshots rebuild"):
        Store(store.root).current_snapshot()
    Store(store.root).publish_tables(document("d1", {"a": 1}))
    mended = Store(store.root).current_snapshot()
    assert mended is not None
    assert mended.hash == snapshot.hash


def test_a_snapshot_folder_that_is_gone_is_named(store: Store) -> None:
    snapshot = store.publish_tables(document("d1", {"a": 1}))
    shutil.rmtree(store.root / "snapshots" / snapshot.hash)
    with pytest.raises(StoreError, match=snapshot.hash[:12]):
        Store(store.root).current_snapshot()


def test_a_damaged_pointer_says_where_the_files_are(store: Store) -> None:
    store.publish_tables(document("d1", {"a": 1}))
    (store.root / "current").write_text("{")
    with pytest.raises(StoreError, match="raw"):
        Store(store.root).current_snapshot()


def test_a_folder_that_cannot_be_written_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    with pytest.raises(StoreError, match="--store"):
        Store(tmp_path / "fichier" / "fonds").publish_tables(document("d1", {"a": 1}))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_of_someone_else_names_the_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match=r"accès refusé.*--store"):
        Store(tmp_path / "fonds").publish_tables(document("d1", {"a": 1}))


def test_a_raw_file_is_kept_once_under_its_sha256(store: Store, tmp_path: Path) -> None:
    content = b"titre;montant\nBer;46610,16\n"
    name = sha256(content).hexdigest()
    (tmp_path / "mars.csv").write_bytes(content)
    assert store.keep_raw(tmp_path / "mars.csv", name).read_bytes() == content
    assert store.keep_raw(content, name) == store.root / "raw" / name
    with pytest.raises(UnusableFileError, match="a changé"):
        store.keep_raw(b"autre", name)


def test_a_raw_file_taken_away_since_it_was_read_is_refused_by_its_name(
    store: Store, tmp_path: Path
) -> None:
    with pytest.raises(UnusableFileError, match=r"mars\.csv inutilisable : il a changé"):
        store.keep_raw(tmp_path / "mars.csv", "0" * 64)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "disque est plein.*Libérez de la place"), (errno.EFBIG, "aussi gros")],
)
def test_a_full_disk_is_said_with_what_to_do_and_what_was_published_stays(
    number: int, words: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.publish_tables(document("d1", {"a": 1})).hash

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(number, "x")

    with monkeypatch.context() as patched:
        patched.setattr(disk, "write_bytes", full)
        with pytest.raises(StoreError, match=words):
            store.publish_tables(document("d1", {"a": 2}))
    assert store.current_snapshot().hash == before
    assert store.publish_tables(document("d1", {"a": 2})).hash != before


def test_the_manifest_says_what_was_written(store: Store) -> None:
    snapshot = store.publish_tables(document("d1", {"a": 1, "b": None}), note="juin")
    text = (store.root / "snapshots" / snapshot.hash / "manifest.json").read_text()
    manifest = json.loads(text)
    assert (manifest["hash"], manifest["note"]) == (snapshot.hash, "juin")
    assert {name: t["rows"] for name, t in manifest["tables"].items() if t["rows"]} == {
        "documents": 1,
        "activities": 2,
        "amounts": 1,
        "placements": 2,
        "rows": 2,
    }


KILLED = """
import os, signal, sys
from atlas.store import Store
from tests.store.build import document

left, sync = [int(sys.argv[2])], os.fsync

def killed(handle):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    sync(handle)

os.fsync = killed
Store(sys.argv[1]).publish_tables(document("d1", {"a": 2}))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
@pytest.mark.parametrize("written", [0, 5, len(SCHEMAS), len(SCHEMAS) + 1, len(SCHEMAS) + 3])
def test_a_publication_killed_at_any_step_leaves_the_old_state_and_the_next_works(
    written: int, store: Store
) -> None:
    before = store.publish_tables(document("d1", {"a": 1})).hash
    command = [sys.executable, "-c", KILLED, str(store.root), str(written)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert Store(store.root).current_snapshot().hash == before
    after = Store(store.root).publish_tables(document("d1", {"a": 2})).hash
    assert Store(store.root).current_snapshot().hash == after != before
    assert not list((store.root / "snapshots").glob(f"{disk.UNFINISHED}*"))


def test_a_state_of_before_is_compared_with_the_one_before_it(tmp_path: Path) -> None:
    """Whatever was published later, and though it was current twice."""
    store = Store(tmp_path)
    first, second, third = (
        store.publish_tables(document("d1", {"a": amount})).hash for amount in (1, 2, 3)
    )
    assert store.comparison_snapshot().hash == second
    assert store.comparison_snapshot(shown=second).hash == first
    assert store.comparison_snapshot(shown=first) is None
    store.restore_snapshot(first)
    assert store.comparison_snapshot(shown=first).hash == third
    assert store.comparison_snapshot(first[:8], shown=third).hash == first

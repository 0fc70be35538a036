"""What is read again is what was published; what goes with a publication is in force with it."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from atlas.app import create_app
from atlas.cli.command import app
from atlas.corrections import WordingCorrection
from atlas.errors import StoreError
from atlas.review import apply_decisions
from atlas.senders import known_senders
from atlas.store import Store, commits, disk
from atlas.store.database import DecisionTable
from atlas.store.decisions import WordingDecisions
from tests.conftest import SHARED, needs_shared

LIST = "Titre;Région;Commune;Budget;Devise;Début\nForage;Kidal;Etambar;1000;USD;01/02/2017\n"
KIDAL, ABEIBARA = "ml-2016/ML08", "ml-2016/ML080101"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store of one list, read as a list of QIPs of June 2017."""
    (tmp_path / "liste.csv").write_text(LIST, encoding="utf-8")
    _ingest(tmp_path / "store", "qip", "2017-06-30")
    return tmp_path / "store"


def _ingest(root: Path, source: str, as_of: str, *words: str) -> None:
    run(
        root, "ingest", str(root.parent / "liste.csv"), "--source", source, "--as-of", as_of, *words
    )


def run(root: Path, *words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--store", str(root)], catch_exceptions=False)
    assert done.exit_code in (0, 3), done.output
    return done.output


def read_as(root: Path) -> list[tuple[str, str]]:
    """Source and date of every document, as published and as it would be read again."""
    now = Store(root).current_snapshot()
    assert now is not None
    raws = [Store(root).raw_document(one["document"]) for one in now.document_rows]
    said = [(str(raw.read_as["source"]), str(raw.read_as["as_of"])) for raw in raws if raw]
    told = [(one["reader"], str(one["as_of"])) for one in now.document_rows]
    assert said == told
    return said


def test_an_import_that_does_not_publish_changes_nothing_of_how_a_file_is_read_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stops it: what is read again is what was published."""

    def full(*_args: object, **_said: object) -> None:
        raise OSError(errno.ENOSPC, "x")

    with monkeypatch.context() as patched:
        patched.setattr("atlas.store.write_events", full)
        with pytest.raises(StoreError, match="le disque est plein"):
            _ingest(root, "pbf", "2016-01-01")
    assert read_as(root) == [("qip", "2017-06-30")]
    run(root, "corrections", "add", "--place", "Etambar", "--unit", ABEIBARA, "--who", "Awa",
        "--apply")  # fmt: skip
    assert read_as(root) == [("qip", "2017-06-30")]


def test_a_state_that_is_restored_is_read_again_as_it_was(root: Path) -> None:
    """The file of both states is one; what was said of it is not."""
    _ingest(root, "pbf", "2016-01-01")
    assert read_as(root) == [("pbf", "2016-01-01")]
    run(root, "snapshots", "restore")
    assert read_as(root) == [("qip", "2017-06-30")]
    run(root, "corrections", "add", "--place", "Etambar", "--unit", ABEIBARA, "--who", "Awa",
        "--apply")  # fmt: skip
    assert read_as(root) == [("qip", "2017-06-30")]


def test_the_same_tables_read_otherwise_are_one_state_with_the_newer_words(
    root: Path,
) -> None:
    """No new entry of the history; the next reading is by the newer words."""
    before = Store(root).publication_history()
    _ingest(root, "qip", "2017-06-30", "--frame", "ml-2016")
    after = Store(root).publication_history()
    assert [event.hash for event in after] == [event.hash for event in before]
    raw = Store(root).raw_document(Store(root).current_snapshot().document_rows[0]["document"])
    assert raw.read_as["frame"] == "ml-2016"


def as_it_was_before(root: Path) -> None:
    """Lay the store out as the version before did: one file a raw input, nothing in manifests."""
    for path in (root / "raw").glob("*.json"):
        path.rename(path.with_name(f"{path.name[:64]}.json"))
    for path in (root / "snapshots").glob("*/manifest.json"):
        manifest = json.loads(path.read_bytes())
        del manifest["readings"]
        path.write_text(json.dumps(manifest), encoding="utf-8")


def test_a_store_of_the_version_before_is_read_added_to_and_restored(root: Path) -> None:
    """Its words are read where it left them, and never overwritten."""
    as_it_was_before(root)
    (old,) = (root / "raw").glob("*.json")
    before = old.read_bytes()
    assert read_as(root) == [("qip", "2017-06-30")]
    _ingest(root, "pbf", "2016-01-01")
    assert read_as(root) == [("pbf", "2016-01-01")]
    run(root, "snapshots", "restore")
    assert read_as(root) == [("qip", "2017-06-30")]
    assert old.read_bytes() == before
    assert "rien d'abîmé" in run(root, "check")


def test_what_cannot_be_written_after_the_pointer_is_finished_by_the_next_command(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snapshot is published and says so; the decision is there at the next look."""

    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "x")

    words = ("--place", "Etambar", "--unit", ABEIBARA, "--who", "Awa", "--apply")
    with monkeypatch.context() as patched:
        patched.setattr(DecisionTable, "write_once", full)
        with pytest.raises(StoreError, match=r"est plein.*la prochaine commande écrira le reste"):
            run(root, "corrections", "add", *words)
    assert (root / disk.PENDING).exists()
    assert [one.correction.means for one in WordingDecisions(root).all_decisions()] == [ABEIBARA]
    assert not (root / disk.PENDING).exists()
    now = Store(root).current_snapshot()
    assert now.tables.placements["unit_id"].to_list() == [ABEIBARA]
    assert not apply_decisions(Store(root), WordingDecisions(root)).changed


def test_carried_out_twice_it_is_written_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note whose work is done, and which a power cut brought back."""
    held = []

    def keep(path: Path) -> None:
        held.append(path.read_bytes())
        path.unlink()

    with monkeypatch.context() as patched:
        patched.setattr(commits, "remove_file", lambda p: keep(p) if p.exists() else None)
        run(root, "corrections", "add", "--place", "Etambar", "--unit", ABEIBARA, "--who", "Awa",
            "--apply")  # fmt: skip
    (root / disk.PENDING).write_bytes(held[0])
    assert len(WordingDecisions(root).all_decisions()) == 1
    assert not (root / disk.PENDING).exists()


def test_a_note_that_no_publication_bears_out_is_thrown_away(root: Path) -> None:
    """Its decisions were never in force, and are not from now on."""
    change = WordingDecisions(root).decision_change(
        [WordingCorrection("Etambar", KIDAL)], who="Awa"
    )
    commits.note_pending(root, "0" * 32, disk.PublicationExtras(change=change))
    assert WordingDecisions(root).all_decisions() == []
    run(root, "corrections", "add", "--place", "Etambar", "--unit", ABEIBARA, "--who", "Awa",
        "--apply")  # fmt: skip
    assert [one.correction.means for one in WordingDecisions(root).all_decisions()] == [ABEIBARA]


def test_columns_and_rates_of_an_import_that_publishes_nothing_are_not_kept(
    root: Path, tmp_path: Path
) -> None:
    """They come in force with what they were said of."""
    (tmp_path / "taux.csv").write_text("devise;date;par usd\nXOF;2017-01-01;600\n", "utf-8")
    (tmp_path / "vide.csv").write_text("", encoding="utf-8")
    words = ["ingest", str(tmp_path / "vide.csv"), "--rates", str(tmp_path / "taux.csv")]
    done = CliRunner().invoke(app, [*words, "--store", str(root)])
    assert done.exit_code == 1
    assert (Store(root).kept_rates(), known_senders(root)) == ([], [])


def test_a_store_rebuilt_from_its_files_is_the_one_it_was(root: Path, tmp_path: Path) -> None:
    """Same hash, decisions included, and who replaced whom."""
    second = LIST.replace("Forage;", "École;") + "Puits;Gao;Ansongo;500;USD;01/02/2017\n"
    run(root, "corrections", "add", "--place", "Etambar", "--unit", ABEIBARA, "--who", "Awa",
        "--apply")  # fmt: skip
    (tmp_path / "liste.csv").write_text(second, encoding="utf-8")
    _ingest(root, "qip", "2017-09-30", "--replace")
    before = Store(root).current_snapshot()
    assert before.tables.documents["replaces"].drop_nulls().len() == 1
    for path in (root / "snapshots").glob("*/activities.parquet"):
        path.write_bytes(b"")
    assert "2 documents relus" in run(root, "snapshots", "rebuild")
    assert Store(root).current_snapshot().hash == before.hash
    assert "rien d'abîmé" in run(root, "check")


def test_the_page_of_a_store_whose_pointer_is_gone_says_so(root: Path) -> None:
    """Neither an empty page nor a traceback."""
    (root / "current").unlink()
    client = create_app(Store(root)).server.test_client()
    answer = client.get("/published")
    assert answer.status_code != 200
    assert "atlas snapshots restore" in answer.get_data(as_text=True)


@needs_shared
def test_the_case_of_a_killed_import_of_another_source_and_date(tmp_path: Path) -> None:
    """Source and date are those that were published."""
    (tmp_path / "liste.csv").write_bytes((SHARED / "cases" / "canari.csv").read_bytes())
    root = tmp_path / "store"
    _ingest(root, "ngo", "2024-08-20")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            Store, "add_documents", lambda *_a, **_k: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        CliRunner().invoke(app, ["ingest", str(tmp_path / "liste.csv"), "--source", "pbf",
                                 "--as-of", "2023-01-01", "--store", str(root)])  # fmt: skip
    run(root, "corrections", "add", "--place", "Essakane", "--unit", "ml-2016/ML060210", "--who",
        "Awa", "--apply")  # fmt: skip
    assert read_as(root) == [("ngo", "2024-08-20")]

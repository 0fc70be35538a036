"""What the system refuses is said by its true cause, wherever something is written."""

from __future__ import annotations

import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from atlas.app import create_app
from atlas.cli.command import main
from atlas.cli.output import write_resolved_table
from atlas.corrections import WordingCorrection
from atlas.dataset import Answer
from atlas.errors import AtlasError, StoreError, system_errors_as, why_refused
from atlas.export import write_answer
from atlas.geo import install
from atlas.geo.install import download_boundaries, install_boundaries
from atlas.senders import SENDERS_FILE, SenderForm, saved_senders_rewrite
from atlas.store import Store, database
from atlas.store.decisions import WordingDecisions
from atlas.transfers import FetchTimeouts, download_error
from tests.geo.squares import install_squares
from tests.store.build import document

CAUSES = {
    errno.ENOSPC: "le disque est plein. Libérez de la place",
    errno.EDQUOT: "votre quota sur ce disque est atteint. Supprimez des fichiers à vous",
    errno.EROFS: "le disque est en lecture seule. Rendez-le inscriptible",
    errno.EACCES: "accès refusé. Choisissez un dossier où vous pouvez écrire",
    errno.EPERM: "le système n'autorise pas cette opération. Choisissez un dossier",
    errno.EMFILE: "trop de fichiers ouverts par ce programme. Relevez la limite (ulimit -n",
    errno.EFBIG: "aussi gros. Choisissez un autre disque",
    errno.EIO: "le disque répond par une erreur. Vérifiez le disque",
}


@contextmanager
def refusing(number: int, below: Path) -> Iterator[None]:
    """Have the system refuse each write below a folder."""
    real_open, real_mkdir, real_replace = io.open, os.mkdir, os.replace

    def refused(path: object) -> None:
        if isinstance(path, str | os.PathLike) and Path(path).is_relative_to(below):
            raise OSError(number, os.strerror(number))

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if set(mode) & set("wax+"):
            refused(file)
        return real_open(file, mode, *args, **kwargs)

    def made(path: Any, *args: Any, **kwargs: Any) -> None:
        refused(path)
        real_mkdir(path, *args, **kwargs)

    def replaced(old: Any, new: Any, **kwargs: Any) -> None:
        refused(new)
        real_replace(old, new, **kwargs)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(io, "open", opened)
        patched.setattr("builtins.open", opened)
        patched.setattr(os, "mkdir", made)
        patched.setattr(os, "replace", replaced)
        yield


def _answer(folder: Path) -> Answer:
    from atlas.dataset import Dataset

    return Dataset.from_tables(document("d1", {"a": 1})).ask("presence")


def _publish(folder: Path) -> None:
    Store(folder / "store").publish_tables(document("d1", {"a": 1}))


def _keep(folder: Path) -> None:
    Store(folder / "store").keep_raw(b"x", sha256(b"x").hexdigest())


def _resolve(folder: Path) -> None:
    write_resolved_table(folder.with_name("places.csv"), folder / "out.csv", None)


def _localities(folder: Path) -> None:
    install.install_localities(folder.with_name("places.csv"))


WRITERS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "snapshot": (_publish, "--store DOSSIER ou ATLAS_STORE"),
    "raw file": (_keep, "--store DOSSIER ou ATLAS_STORE"),
    "senders": (
        lambda folder: Store(folder / "store").rewrite_file(
            SENDERS_FILE,
            saved_senders_rewrite(folder / "store", [SenderForm("a.csv", ("Titre",), {})]),
        ),
        "--store DOSSIER ou ATLAS_STORE",
    ),
    "export": (lambda folder: write_answer(_answer(folder), "csv", folder / "x.csv"), "--out"),
    "resolve": (_resolve, "--out"),
    "boundaries": (
        lambda folder: install_boundaries(folder.with_name("adm3.geojson")),
        "ATLAS_GEODATA",
    ),
    "localities": (_localities, "ATLAS_GEODATA"),
}


@pytest.mark.parametrize("number", CAUSES, ids=errno.errorcode.get)
@pytest.mark.parametrize("name", WRITERS)
def test_whatever_is_written_the_cause_and_the_remedy_are_those_of_the_refusal(
    name: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence: the cause, what to do, and how another place is named."""
    folder = tmp_path / "full"
    folder.mkdir()
    (tmp_path / "places.csv").write_text("region;commune;name\nGao;Ansongo;Tassiga\n")
    (tmp_path / "adm3.geojson").write_text("{}")
    monkeypatch.setenv("ATLAS_GEODATA", str(folder / "geodata"))
    write, elsewhere = WRITERS[name]
    with refusing(number, folder), pytest.raises(AtlasError) as refused:
        write(folder)
    said = refused.value.error_sentence()
    assert CAUSES[number] in said
    if "Choisissez" in CAUSES[number]:
        assert elsewhere in said


def test_an_export_that_cannot_be_written_leaves_the_one_that_was_there(tmp_path: Path) -> None:
    """A full disk takes nothing away."""
    (tmp_path / "x.csv").write_text("avant")
    answer = _answer(tmp_path)
    with refusing(errno.ENOSPC, tmp_path), pytest.raises(AtlasError, match="le disque est plein"):
        write_answer(answer, "csv", tmp_path / "x.csv")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x.csv", "avant")]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_refusal_of_the_system_that_sqlite_does_not_name_is_asked_of_the_system(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite says "disk I/O error" or "readonly database" of all of them."""
    decisions = WordingDecisions(tmp_path)
    decisions.add_decision(WordingCorrection("Etambar", "ml-2016/ML08"), who="Awa")

    def refused(**_where: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(database, "TemporaryFile", refused)
    with pytest.raises(StoreError) as told, decisions._database_errors():
        raise database.sa.exc.OperationalError("x", {}, sqlite3.OperationalError("disk I/O error"))
    assert CAUSES[number] in told.value.error_sentence()


def test_a_full_database_is_a_full_disk_and_nothing_was_decided(tmp_path: Path) -> None:
    """SQLite itself refuses: its pages are limited to those that it has."""
    decisions = WordingDecisions(tmp_path)
    decisions.add_decision(WordingCorrection("Etambar", "ml-2016/ML08"), who="Awa")

    @database.sa.event.listens_for(decisions._engine, "connect")
    def limited(link: Any, _record: object) -> None:
        link.execute("PRAGMA max_page_count = 1")

    with pytest.raises(StoreError, match=r"le disque est plein\. Libérez de la place"):
        decisions.add_decision(WordingCorrection("Etambar " * 9000, "ml-2016/ML08"), who="Awa")
    assert len(decisions.all_decisions()) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_download_that_cannot_be_written_is_no_fault_of_the_network(number: int) -> None:
    """The host is named, and the disk as the cause."""
    said = download_error("https://data.humdata.org/x", OSError(number, "x")).error_sentence()
    assert CAUSES[number] in said


def test_a_folder_that_is_read_only_is_told_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what stays in force."""
    monkeypatch.setenv("ATLAS_OFFLINE", "")
    monkeypatch.setenv("ATLAS_GEODATA", str(tmp_path / "geodata"))
    with refusing(errno.EROFS, tmp_path), pytest.raises(AtlasError) as told:
        download_boundaries(FetchTimeouts(silence=0.1, tries=1))
    assert "lecture seule. Rendez-le" in told.value.error_sentence()
    assert "Ce qui est installé reste en place" in told.value.error_sentence()


def test_boundaries_that_fill_the_disk_leave_those_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GDAL says it in words of its own, without a number."""
    monkeypatch.setenv("ATLAS_GEODATA", str(tmp_path / "geodata"))
    install_squares(tmp_path)
    before = (tmp_path / "geodata" / "current").read_text()

    def full(*_args: object, **_said: object) -> None:
        raise RuntimeError("sqlite3_exec failed: database or disk is full")

    monkeypatch.setattr("geopandas.GeoDataFrame.to_file", full)
    with pytest.raises(AtlasError, match=r"le disque est plein\. Libérez de la place"):
        install_boundaries(tmp_path / "adm3.geojson")
    assert (tmp_path / "geodata" / "current").read_text() == before


def test_a_bug_is_not_taken_for_a_refusal_of_the_system(tmp_path: Path) -> None:
    """An error without a cause in the system stays what it is."""
    with pytest.raises(ZeroDivisionError), system_errors_as("x", "y"):
        1 / 0  # noqa: B018


def test_a_place_that_no_verb_thought_of_ends_in_a_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, exit code 1."""

    def full(*_words: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x.csv")

    monkeypatch.setattr("atlas.cli.command.with_verb", lambda *_words: full)
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 1
    assert "Fichier x.csv : le disque est plein. Libérez" in capsys.readouterr().err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_draft_that_cannot_be_written_is_said_on_the_page(number: int, tmp_path: Path) -> None:
    """A new draft, and a file sent to one."""
    ours, own = {"X-Atlas": "1"}, Store(tmp_path)
    editor = create_app(own).server.test_client()
    draft = editor.post("/import/", headers=ours).get_json()["draft"]
    with refusing(number, own.root):
        for address in ("/import/", f"/import/{draft}/files?name=a.csv"):
            answer = editor.post(address, data=b"Titre\n", headers=ours)
            assert answer.status_code == 400
            assert CAUSES[number] in answer.get_json()["error"]


def test_windows_says_by_its_own_numbers_that_a_file_is_open_elsewhere() -> None:
    """A sharing violation is no lack of rights."""
    error = OSError(errno.EACCES, "x")
    error.winerror = 32  # type: ignore[attr-defined]
    assert why_refused(error, "--out")[0] == "un autre programme tient le fichier ouvert"

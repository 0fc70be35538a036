"""Damaged stores: each is named in one sentence, nothing is overwritten by looking, and what the
sentence advises leaves a store in which nothing is wrong."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from atlas.cli.command import app
from atlas.cli.output import _trouble_sentences as troubles
from atlas.corrections import WordingCorrection
from atlas.errors import StoreError
from atlas.store import Store
from atlas.store.decisions import WordingDecisions
from tests.geo.squares import install_squares

LIST = "Titre;Région;Commune;Budget;Devise;Début\nForage;Kidal;Etambar;1000;USD;01/02/2017\n"
OTHER = "Titre;Région;Budget;Devise;Début\nRoute;Ségou;9000;USD;01/02/2017\n"
KIDAL = "ml-2016/ML08"
RESTORE, REBUILD = "atlas snapshots restore", "atlas snapshots rebuild"


def run(root: Path, *words: str) -> str:
    """What a command over a store says; it must end well."""
    done = CliRunner().invoke(app, [*words, "--store", str(root)], catch_exceptions=False)
    assert done.exit_code in (0, 3), done.output
    return done.output


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two states with a decision, rates and two kept files, to be copied."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "liste.csv").write_text(LIST, encoding="utf-8")
    (folder / "autre.csv").write_text(OTHER, encoding="utf-8")
    (folder / "taux.csv").write_text("devise;date;par usd\nXOF;2017-01-01;600\n", "utf-8")
    root = folder / "store"
    _ingest(root, "liste.csv")
    _ingest(root, "autre.csv")
    WordingDecisions(root).add_decision(WordingCorrection("Etambar", KIDAL), who="Awa")
    WordingDecisions(root).add_decision(WordingCorrection("Etambar Est", KIDAL), who="Awa")
    with sqlite3.connect(root / "decisions.sqlite") as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    link.close()
    (root / "senders.json").write_text("[]", encoding="utf-8")
    assert list(troubles(Store(root))) == []
    return folder


def _ingest(root: Path, file: str) -> None:
    run(root, "ingest", str(root.parent / file), "--source", "qip", "--as-of", "2017-06-30",
        "--rates", str(root.parent / "taux.csv"))  # fmt: skip


def _state(root: Path, number: int) -> Path:
    """Folder of a snapshot: 0 the current one, 1 the one before."""
    return root / "snapshots" / Store(root).publication_history()[number].hash


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _raw(root: Path, text: str, ending: str = "") -> Path:
    """The kept file that holds a text, or what is said of it."""
    found = next(p for p in (root / "raw").iterdir() if p.read_bytes() == text.encode())
    return next((root / "raw").glob(f"{found.name}.*{ending}")) if ending else found


def _manifest(folder: Path, **said: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | said), encoding="utf-8")


def _without_wal(root: Path) -> Path:
    for ending in ("-wal", "-shm"):
        (root / f"decisions.sqlite{ending}").unlink(missing_ok=True)
    return root / "decisions.sqlite"


def _sql(root: Path, said: str) -> None:
    with sqlite3.connect(root / "decisions.sqlite") as link:
        link.execute(said)
    link.close()


def _no_decisions(root: Path) -> None:
    """Start again without decisions, as advised where there is no backup."""
    for name in ("decisions.sqlite", "decided.json"):
        if (root / name).exists():
            (root / name).rename(root / f"{name}.abimé")


def _point_nowhere(root: Path) -> None:
    line = json.loads((root / "current").read_text().splitlines()[-1])
    (root / "current").write_text(json.dumps(line | {"hash": "0" * 32}) + "\n")


def _every_state(root: Path) -> None:
    for path in (root / "snapshots").iterdir():
        _cut(path / "activities.parquet")


def _older(root: Path) -> Path:
    return _state(root, 1)


def _pointer_to_a_folder(root: Path) -> None:
    (root / "current").unlink()
    (root / "current").mkdir()


class Case(NamedTuple):
    """A damage, what the sentence must say, and what is done as it advises."""

    damage: Callable[[Path], object]
    words: str
    advice: Callable[[Path], object]
    sentences: int = 1


def command(*words: str) -> Callable[[Path], object]:
    return lambda root: run(root, *words)


restored, rebuilt = command("snapshots", "restore"), command("snapshots", "rebuild")


def forgotten(root: Path) -> None:
    run(root, "snapshots", "forget", Store(root).publication_history()[1].hash[:12])


def imported(file: str) -> Callable[[Path], object]:
    return lambda root: _ingest(root, file)


def pointer(content: bytes) -> Callable[[Path], object]:
    return lambda root: (root / "current").write_bytes(content)


CASES = {
    "pointer deleted": Case(lambda r: (r / "current").unlink(), "a disparu", restored),
    "pointer emptied": Case(pointer(b""), "« current » est vide", restored),
    "pointer blank": Case(pointer(b" \n\n"), "« current » est vide", restored),
    "pointer cut": Case(lambda r: _cut(r / "current"), "« current » est endommagé", restored),
    "pointer of bytes": Case(pointer(b"\x00\xff\x80"), "« current » est endommagé", restored),
    "pointer of another shape": Case(pointer(b"[1]\n"), "« current » est endommagé", restored),
    "pointer a folder": Case(_pointer_to_a_folder, "n'est pas un fichier", restored),
    "pointer to no snapshot": Case(_point_nowhere, "000000000000 : absent ou endomm", restored),
    "pointer and snapshots gone": Case(
        lambda r: ((r / "current").unlink(), shutil.rmtree(r / "snapshots")), "a disparu", rebuilt
    ),
    "table cut": Case(
        lambda r: _cut(_state(r, 0) / "activities.parquet"), "(activities.parquet)", restored
    ),
    "table emptied": Case(
        lambda r: (_state(r, 0) / "amounts.parquet").write_bytes(b""), "(amounts.parquet)", restored
    ),
    "table gone": Case(
        lambda r: (_state(r, 0) / "rows.parquet").unlink(), "(rows.parquet)", restored
    ),
    "table of another snapshot": Case(
        lambda r: shutil.copy(_older(r) / "rows.parquet", _state(r, 0)), "(rows.parquet)", restored
    ),
    "manifest gone": Case(
        lambda r: (_state(r, 0) / "manifest.json").unlink(), "(manifest.json)", restored
    ),
    "manifest cut": Case(
        lambda r: _cut(_state(r, 0) / "manifest.json"), "absent ou endommagé", restored
    ),
    "manifest without tables": Case(
        lambda r: _manifest(_state(r, 0), tables={}), "absent ou endommagé", restored
    ),
    "format unknown": Case(
        lambda r: _manifest(_state(r, 0), format="atlas-snapshot-9"), "atlas-snapshot-9", restored
    ),
    "snapshot gone": Case(lambda r: shutil.rmtree(_state(r, 0)), "(manifest.json)", restored),
    "every snapshot damaged": Case(_every_state, REBUILD, rebuilt, 2),
    "older state cut": Case(
        lambda r: _cut(_older(r) / "activities.parquet"), "snapshots forget", forgotten
    ),
    "older state gone": Case(lambda r: shutil.rmtree(_older(r)), "snapshots forget", forgotten),
    "older state of another format": Case(
        lambda r: _manifest(_older(r), format="x"), "snapshots forget", forgotten
    ),
    "raw file gone": Case(
        lambda r: _raw(r, LIST).unlink(), "liste.csv : raw/", imported("liste.csv")
    ),
    "raw file cut": Case(
        lambda r: _cut(_raw(r, OTHER)), "autre.csv : raw/", imported("autre.csv")
    ),
    "raw file of another content": Case(
        lambda r: _raw(r, LIST).write_text("autre"), "est endommagé", imported("liste.csv")
    ),
    "words of a reading gone": Case(
        lambda r: _raw(r, LIST, ".json").unlink(), "à sa lecture est perdu", imported("liste.csv")
    ),
    "words of a reading changed": Case(
        lambda r: _raw(r, LIST, ".json").write_text('{"file": "liste.csv", "source": "pbf"}'),
        "à sa lecture est perdu",
        imported("liste.csv"),
    ),
    "raw folder gone": Case(
        lambda r: shutil.rmtree(r / "raw"), "raw/",
        lambda r: (_ingest(r, "liste.csv"), _ingest(r, "autre.csv")), 2,
    ),
    "raw file nobody needs damaged": Case(
        lambda r: (r / "raw" / ("a" * 64)).write_text("x"), "supprimez raw/aaaa",
        lambda r: (r / "raw" / ("a" * 64)).unlink(),
    ),
    "decisions of bytes": Case(
        lambda r: _without_wal(r).write_bytes(b"rien" * 999), "base endommagée", _no_decisions
    ),
    "decisions gone": Case(
        lambda r: _without_wal(r).unlink(), "le fichier a disparu, avec les", _no_decisions
    ),
    "decisions emptied": Case(
        lambda r: _without_wal(r).write_bytes(b""), "il y manque des décisions", _no_decisions
    ),
    "decisions cut": Case(lambda r: _cut(_without_wal(r)), "Décisions", _no_decisions),
    "decisions of an older backup": Case(
        lambda r: _sql(r, "DELETE FROM place_decisions WHERE id > 1"), "numéro 2", _no_decisions
    ),
    "decision of an unknown unit": Case(
        lambda r: _sql(r, "UPDATE place_decisions SET unit_id = 'ml-2031/X' WHERE id = 2"),
        "atlas corrections undo 2", command("corrections", "undo", "2", "--who", "Awa"),
    ),
    "count of decisions damaged": Case(
        lambda r: (r / "decided.json").write_text("{"), "decided.json : fichier endommagé",
        lambda r: (r / "decided.json").unlink(),
    ),
    "rates damaged": Case(
        lambda r: (r / "rates.json").write_text("[{"), "avec --rates", imported("liste.csv")
    ),
    "senders damaged": Case(
        lambda r: (r / "senders.json").write_text("[{"), "senders.json illisible",
        lambda r: (r / "senders.json").rename(r / "senders.json.illisible-1"),
    ),
    "unfinished publication damaged": Case(
        lambda r: (r / "pending.json").write_text("{"), "Renommez-le",
        lambda r: (r / "pending.json").rename(r / "pending.json.abimé"),
    ),
}  # fmt: skip


def contents(root: Path) -> dict[str, bytes]:
    """What every file of a store holds, but for what SQLite makes for a reader."""
    passing = ("-wal", "-shm", "lock")
    files = [p for p in root.rglob("*") if p.is_file() and not p.name.endswith(passing)]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.mark.parametrize("name", CASES)
def test_a_damaged_store_is_named_left_as_it_is_and_mended_by_the_advice(
    name: str, base: Path, tmp_path: Path
) -> None:
    """The sentence once, no other; what it says to do, done; then nothing is wrong."""
    shutil.copytree(base, tmp_path / "copy")
    root, case = tmp_path / "copy" / "store", CASES[name]
    case.damage(root)
    before = contents(root)
    if not name.startswith("pointer"):
        assert "liste.csv" in run(root, "snapshots", "list")  # it needs no state to be readable
    said = list(troubles(Store(root)))
    assert len(said) == case.sentences, said
    assert case.words in said[0]
    assert "\n" not in said[0]
    assert contents(root) == before
    case.advice(root)
    assert list(troubles(Store(root))) == []
    now = Store(root).current_snapshot()
    assert now is not None
    assert now.tables.activities.height in (1, 2)


@pytest.mark.parametrize("name", ["pointer deleted", "pointer emptied"])
@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("sample",),
        ("serve", "--port", "8999"),
        ("layer", "presence"),
        ("ingest", "liste.csv"),
        ("context", "add", "needs", "liste.csv"),
        ("corrections", "apply"),
        ("snapshots", "list"),
    ],
    ids=lambda words: words[0],
)
def test_a_store_whose_pointer_is_gone_is_never_empty(
    name: str, words: tuple[str, ...], base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command refuses with the sentence, and nothing is started over."""
    root = tmp_path / "store"
    shutil.copytree(base / "store", root)
    CASES[name].damage(root)
    monkeypatch.chdir(base)
    before = contents(root)
    done = CliRunner().invoke(app, [*words, "--store", str(root)])
    said = done.output + str(done.exception or "")
    assert done.exit_code == 1
    assert "« atlas snapshots restore » remet le dernier état lisible" in said
    assert contents(root) == before


def test_a_first_publication_that_was_killed_leaves_an_empty_store(tmp_path: Path) -> None:
    """Its files are there, the pointer never was: nothing is gone."""
    store = Store(tmp_path)
    store.keep_raw(b"x", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")
    assert store.current_snapshot() is None
    assert list(troubles(store)) == []


def test_without_a_database_the_words_about_pairs_that_are_published_stay(base: Path) -> None:
    """A state is refused where decisions were lost, and not published without them."""
    root = base.with_name("lost")
    shutil.copytree(base / "store", root)
    _without_wal(root).unlink()
    for work in (WordingDecisions(root).in_force, lambda: Store(root).publish_decisions()):
        with pytest.raises(StoreError, match="le fichier a disparu, avec les décisions"):
            work()
    with pytest.raises(StoreError, match="depuis une sauvegarde"):
        WordingDecisions(root).add_decision(WordingCorrection("Etambar", KIDAL), who="Awa")
    assert not (root / "decisions.sqlite").exists()


DISPLAY = "display/ml-2016-commune.geojson"
GEODATA = {
    "display cut": lambda root, kept: _cut(kept / DISPLAY),
    "display gone": lambda root, kept: (kept / DISPLAY).unlink(),
    "meta cut": lambda root, kept: _cut(kept / "meta.json"),
    "full boundaries cut": lambda root, kept: _cut(next((kept / "full").glob("*.gpkg"))),
    "search table emptied": lambda root, kept: next((kept / "full").glob("*.parquet")).write_bytes(
        b""
    ),
    "pointer emptied": lambda root, kept: (root / "current").write_text(""),
    "pointer deleted": lambda root, kept: (root / "current").unlink(),
    "noted files damaged": lambda root, kept: (kept / "files.json").write_text("{"),
}


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small boundaries, installed, to be copied."""
    folder = tmp_path_factory.mktemp("squares")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ATLAS_GEODATA", str(folder / "geodata"))
        install_squares(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "older"),
    [
        (name, older)
        for name in GEODATA
        for older in (False, True)  # laid down before files were noted
        if not (older and name == "noted files damaged")
    ],
)
def test_damaged_boundaries_are_named_and_installing_them_again_mends_them(
    name: str, older: bool, squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence, no traceback from their status, and the same file installed anew."""
    shutil.copytree(squares, tmp_path / "copy")
    root = tmp_path / "copy" / "geodata"
    monkeypatch.setenv("ATLAS_GEODATA", str(root))
    store = Store(tmp_path / "store")
    assert list(troubles(store)) == []
    kept = root / (root / "current").read_text()
    if older:
        (kept / "files.json").unlink()
    GEODATA[name](root, kept)
    said = "".join(troubles(store))
    assert "Réinstallez-les : atlas geodata download, ou atlas geodata install" in said
    assert CliRunner().invoke(app, ["geodata", "status"]).exit_code == 1
    again = CliRunner().invoke(app, ["geodata", "install", str(squares / "adm3.geojson")])
    assert again.exit_code == 0, again.output
    assert list(troubles(store)) == []

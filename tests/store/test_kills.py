"""A publication killed at any durable step: all of the old state or all of the new, decisions
included, and the same command again comes to the new one."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from atlas.cli.command import app
from atlas.corrections import WordingCorrection
from atlas.review import apply_decisions
from atlas.store import Store
from atlas.store.decisions import WordingDecisions
from atlas.store.integrity import store_troubles
from atlas.web.imports import publication
from atlas.web.imports.drafts import FileAnswers, ImportDraft
from atlas.web.imports.preview import read_draft_file
from tests.store.killing import all_that_lies_in, before_each_step, state_of

FILES = {
    "qip.csv": (
        "Titre;Région;Commune;Budget;Devise;Début;Fin;Acteur\n"
        "Forage solaire de Tin Hama;Kidal;Etambar;1 000;USD;01/02/2017;31/05/2017;Oxfam\n"
        "Puits;Kidal;Xyzzy;2 000;USD;01/02/2017;31/05/2017;Oxfam\n"
    ),
    "fonds.csv": (
        "Titre;Région;Budget;Devise;Début;Fin\n"
        "Forage solaire de Tin Hama;Kidal;1 000;USD;01/02/2017;31/05/2017\n"
    ),
    "colonnes.csv": "Acteur,implementers\n",
    "taux.csv": "devise;date;par usd\nXOF;2017-01-01;600\n",
}
PAGE = "Titre;Région;Cercle;Acteur;Secteur;Teinte\nForage;Mopti;Bandiagara;Oxfam;Educaton;bleu\n"
DRAFT = "0" * 32
KIDAL, ABEIBARA = "ml-2016/ML08", "ml-2016/ML080101"


def run(root: Path, *words: str) -> None:
    """A command over a store; it must end well."""
    done = CliRunner().invoke(app, [*words, "--store", str(root)], catch_exceptions=False)
    assert done.exit_code in (0, 3), done.output


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two lists, two decisions, a pair, an older state and a draft, to be copied."""
    folder = tmp_path_factory.mktemp("base")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    root = folder / "store"
    run(root, "ingest", str(folder / "qip.csv"), "--source", "qip", "--as-of", "2017-06-30")
    run(
        root, "ingest", str(folder / "fonds.csv"), "--source", "trust-fund", "--as-of", "2017-06-30"
    )
    decisions = WordingDecisions(root)
    decisions.add_decision(WordingCorrection("Xyzzy", KIDAL), who="Awa")
    apply_decisions(Store(root), decisions)
    _draft(root)
    return folder


def _draft(root: Path) -> None:
    """A file dropped on the page, with an answer and a column explained, read."""
    (root / "drafts" / DRAFT).mkdir(parents=True)
    told = FileAnswers(
        "page.csv",
        columns={"Teinte": "remarks"},
        decided={"sector": {"Educaton": "education"}},
    )
    item = ImportDraft.find_draft(root, DRAFT).add_file(told, io.BytesIO(PAGE.encode()))
    item.save_state(read_draft_file(root, item, told))
    assert item.reading_state.name == "read", item.reading_state.error


def _pair(root: Path) -> str:
    now = Store(root).current_snapshot()
    assert now is not None
    told = now.tables.activities.filter(title="Forage solaire de Tin Hama")
    return ",".join(sorted(told["activity_id"]))


def _ingest_again_otherwise(root: Path) -> None:
    """The same file of another source and date, with columns explained and rates."""
    files = root.parent
    run(root, "ingest", str(files / "qip.csv"), "--source", "pbf", "--as-of", "2016-01-01",
        "--map", str(files / "colonnes.csv"), "--rates", str(files / "taux.csv"),
        "--json")  # fmt: skip


def _decide_a_place(root: Path) -> None:
    run(root, "corrections", "add", "--place", "Etambar", "--unit", ABEIBARA, "--who", "Ali",
        "--apply")  # fmt: skip


def _decide_a_pair(root: Path) -> None:
    ids = _pair(root)
    run(root, "duplicates", "decide", ids, "--verdict", "same", "--lead", "a", "--who", "Ali")


OPERATIONS: dict[str, Callable[[Path], Any]] = {
    "first ingest": lambda root: run(
        root.with_name("new"), "ingest", str(root.parent / "qip.csv"), "--source", "qip", "--json"
    ),
    "ingest again, read otherwise": _ingest_again_otherwise,
    "corrections add --apply": _decide_a_place,
    "corrections add": lambda root: run(
        root, "corrections", "add", "--place", "Etambar", "--unit", ABEIBARA, "--who", "Ali"
    ),
    "duplicates decide": _decide_a_pair,
    "snapshots restore": lambda root: run(root, "snapshots", "restore"),
    "publish in the page": lambda root: publication.publish_draft(
        Store(root), ImportDraft.find_draft(root, DRAFT)
    ),
    "take a decision back in the page": lambda root: publication.undo_decision(Store(root), 1),
}


def at_work(base: Path, folder: Path, name: str) -> Path:
    """A copy of the base in which an operation may die; the store it is about."""
    shutil.copytree(base, folder)
    return folder / ("new" if name == "first ingest" else "store")


@pytest.mark.parametrize("name", OPERATIONS)
def test_killed_at_any_step_the_next_command_finds_the_old_state_or_the_new(
    name: str, base: Path, tmp_path: Path
) -> None:
    """Before every step all that lies on the disk is copied: what a process killed there leaves.

    Half of the steps find the disk as the step before left it: the same state need not be found twice.
    """
    work, folder = OPERATIONS[name], tmp_path / "whole"
    root = at_work(base, folder, name)
    old = state_of(root)
    left: list[Path] = []
    lies: dict[Path, bytes] = {}

    def leave() -> None:
        nonlocal lies
        lay, lies = lies, all_that_lies_in(folder)
        if lies != lay:
            left.append(tmp_path / str(len(left)))
            shutil.copytree(folder, left[-1])

    with before_each_step(root, leave):
        work(root.with_name("store"))
    new, before = state_of(root), old
    assert new != old
    for step, remains in enumerate(left):
        root = remains / root.name
        found = state_of(root)
        assert found in (old, new), f"step {step}"
        if step % 3 == 0 or found != before:  # what follows is slow, and the same for many
            assert list(store_troubles(Store(root))) == [], f"step {step}"
            if found == old:
                work(root.with_name("store"))
                assert state_of(root) == new, f"step {step}, again"
        shutil.rmtree(remains)
        before = found
    assert len(left) >= 3

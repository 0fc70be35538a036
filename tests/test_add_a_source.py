"""``docs/add-a-source.md`` does what it says: its files and commands, in a folder of their own."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from atlas.errors import UsageError
from atlas.ingest.pipeline import ingest_file
from atlas.ingest.sources.registry import all_sources

PAGE = (Path(__file__).parents[1] / "docs" / "add-a-source.md").read_text("utf-8")
FILES = dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL))
SESSIONS = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("partner")
    for name, text in FILES.items():
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(text, "utf-8")
    return made


@cache
def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the page, once; ``atlas`` and ``python`` are those of this environment."""
    command = {"atlas": [sys.executable, "-m", "atlas"], "python": [sys.executable]}[words[0]]
    names = ("ATLAS_STORE", "ATLAS_DATABASE_URL", "ATLAS_GEODATA", "PYTEST_ADDOPTS")
    environment = {k: v for k, v in os.environ.items() if k not in names}
    environment |= {"ATLAS_SOURCES": "sources", "ATLAS_HOME": str(folder / "home")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(
        [*command, *words[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def holds(told: Any, expected: Any) -> bool:
    """Whether everything that is expected stands in what was told."""
    if isinstance(expected, dict):
        return all(k in told and holds(told[k], value) for k, value in expected.items())
    if isinstance(expected, list):
        return len(told) == len(expected) and all(map(holds, told, expected))
    return bool(told == expected)


def test_the_page_holds_the_source_its_list_and_its_test() -> None:
    assert sorted(FILES) == [
        "projets-luxdev-2024-06-30.csv",
        "sources/luxdev.py",
        "sources/luxdev.toml",
        "test_luxdev.py",
    ]


@pytest.mark.parametrize("session", SESSIONS)
def test_the_commands_of_the_page_answer_as_it_says(folder: Path, session: str) -> None:
    lines = [line for line in session.splitlines() if not line.startswith("$ export ")]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if not line.startswith("$ "):
            continue
        done = run(folder, *shlex.split(line[2:]))
        assert done.returncode == 0, done.stdout + done.stderr
        if following.startswith("{"):
            told = json.loads(done.stdout)["documents"][0]
            assert holds(told, json.loads(following)), told


def test_the_money_of_the_list_is_the_money_of_the_layer(folder: Path) -> None:
    [published] = [s for s in SESSIONS if "atlas layer" in s]
    ingest, layer = (shlex.split(line[2:]) for line in published.splitlines())
    assert run(folder, *ingest).returncode == 0
    rows = list(csv.DictReader(run(folder, *layer).stdout.splitlines()))
    euros = {row["unit_name"]: float(row["amount_EUR"]) for row in rows if float(row["amount_EUR"])}
    # "Ségou, San" is of the old découpage, which keeps most placed: it is the one shown
    assert euros == {"Ségou": 2_050_000.0, "Tombouctou": 75_500.0}
    assert sum(euros.values()) == 2_125_500.0


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("luxdev.py", "SPEC = 1 / 0\n", "ZeroDivisionError"),
        ("luxdev.py", "SPEC = None\n", "il y manque read, sniff"),
        ("luxdev.toml", 'reader = "ngo"\ntitle = "Liste"\n', "« ngo » est déjà pris"),
        ("luxdev.toml", 'reader = "Lux Dev"\ntitle = "Liste"\n', "hyphens"),
    ],
)
def test_a_source_that_cannot_be_loaded_is_named(
    name: str, text: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("luxdev.py", "luxdev.toml"):
        (tmp_path / file).write_text(FILES[f"sources/{file}"], "utf-8")
    (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.setenv("ATLAS_SOURCES", str(tmp_path))
    with pytest.raises(UsageError, match=f"« luxdev ».*{why}"):
        all_sources()


def test_a_fund_whose_lists_are_ordinary_is_a_toml_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fonds-luxembourg.toml").write_text(
        'reader = "luxdev"\nsource = "luxdev"\ntitle = "Projets"\ncurrency = "EUR"\n'
        'names = ["luxdev"]\n',
        "utf-8",
    )
    path = tmp_path / "projets-luxdev.csv"
    path.write_text("Titre,Cercle,Budget\nPuits,Koro,1200\n", "utf-8")
    monkeypatch.setenv("ATLAS_SOURCES", str(tmp_path))
    tables = ingest_file(path).tables
    assert tables.activities.select("source", "title").rows() == [("luxdev", "Puits")]
    assert tables.amounts.select("minor", "currency").rows() == [(120_000, "EUR")]


def test_a_toml_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "luxdev.toml").write_text('title = "Projets"\n', "utf-8")
    monkeypatch.setenv("ATLAS_SOURCES", str(tmp_path))
    with pytest.raises(UsageError, match=r"« luxdev ».*reader"):
        all_sources()


def test_a_folder_of_sources_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLAS_SOURCES", str(tmp_path / "absent"))
    with pytest.raises(UsageError, match="dossier introuvable"):
        all_sources()

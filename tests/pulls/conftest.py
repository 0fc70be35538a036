"""A server of lists, and the command that pulls from it without a rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from atlas.model import Tables
from atlas.pulls import pull, pulled_file
from atlas.store import Store
from tests.pulls.list_server import ListServer, serving_lists
from tests.test_cli import Said, atlas  # noqa: F401  (a fixture)

SECRET = "s3cr3t-jeton"
Run = Callable[..., Said]


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    """The server; the environment holds the secrets and no other address leads anywhere."""
    monkeypatch.delenv("ATLAS_OFFLINE")
    for name in ("ATLAS_KOBO_TOKEN", "ATLAS_ACTIVITYINFO_TOKEN", "ATLAS_IATI_KEY"):
        monkeypatch.setenv(name, SECRET)
    with serving_lists(ListServer()) as side:
        for name in ("KOBO", "ACTIVITYINFO", "HDX", "IATI"):
            monkeypatch.setenv(f"ATLAS_{name}_URL", side.address)
        yield side


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that pulls would have rested."""
    rested: list[float] = []
    monkeypatch.setattr(pull, "PATIENCE", replace(pull.PATIENCE, wait=rested.append))
    return rested


@pytest.fixture(autouse=True)
def _a_second_between_pulls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pull is a second after the one before, from noon on 1 July 2024."""
    moments = (datetime(2024, 7, 1, 12, tzinfo=UTC) + timedelta(seconds=n) for n in count())
    monkeypatch.setattr(pulled_file, "moment_of_pull", lambda: next(moments))


Pull = Callable[..., dict[str, Any]]


@pytest.fixture
def pulled(lists: ListServer, waits: list[float], atlas: Run) -> Pull:  # noqa: F811
    """Pull, and read what ``--json`` says of the file."""

    def run(*words: object) -> dict[str, Any]:
        said = atlas("pull", *words, "--json")
        assert not said.err, said.err
        (entry,) = json.loads(said.out)["documents"]
        return dict(entry)

    return run


@pytest.fixture
def published(tmp_path: Path) -> Callable[[], Tables]:
    """What the store of the command has published by now."""

    def tables() -> Tables:
        snapshot = Store(tmp_path / "store").current_snapshot()
        assert snapshot is not None
        return snapshot.tables

    return tables

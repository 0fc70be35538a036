"""What monitors are told, by whom it may be asked, and that the log names nobody."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from atlas.app import create_app
from atlas.store import Store
from atlas.store.disk import POINTER
from atlas.web import monitoring
from tests.web.example import tables

TOKEN = {"Authorization": "Bearer jeton"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    held = Store(tmp_path)
    held.publish_tables(tables())
    return held


@pytest.fixture
def measured(store: Store, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A server whose figures may be asked for with a token."""
    monkeypatch.setenv("ATLAS_METRICS_TOKEN", "jeton")
    return create_app(store).server.test_client()


@pytest.fixture
def _plain_logging() -> Iterator[None]:
    """The loggers as they were."""
    root, log = logging.getLogger(), logging.getLogger("atlas.request")
    kept, level, own = list(root.handlers), root.level, log.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)
    log.setLevel(own)


def test_a_server_is_ready_while_its_store_can_be_read_and_has_room(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(store).server.test_client()
    assert client.get("/readyz").get_json() == {
        "status": "ready",
        "checked": ["store", "accounts", "disk"],
    }
    monkeypatch.setattr(monitoring, "LEAST_FREE_BYTES", 10**18)
    answer = client.get("/readyz")
    assert (answer.status_code, list(answer.get_json()["failed"])) == (503, ["disk"])
    (store.root / POINTER).write_bytes(b"")
    assert sorted(client.get("/readyz").get_json()["failed"]) == ["disk", "store"]


def test_figures_are_told_with_the_token_alone(measured: FlaskClient, store: Store) -> None:
    for headers in ({}, {"Authorization": "Bearer autre"}, {"Authorization": "jeto"}):
        assert measured.get("/metrics", headers=headers).status_code == 403
    measured.get("/published")
    told = measured.get("/metrics", headers=TOKEN).text
    assert 'atlas_requests_total{route="/published",status="200"}' in told
    assert "atlas_published_activities 10.0" in told
    assert "atlas_published_documents 2.0" in told
    (store.root / POINTER).write_bytes(b"")
    assert "atlas_store_readable 0.0" in measured.get("/metrics", headers=TOKEN).text


def test_without_a_token_nobody_is_told(store: Store) -> None:
    client = create_app(store).server.test_client()
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


@pytest.mark.usefixtures("_plain_logging")
def test_the_log_has_routes_and_times_and_no_words_of_an_address(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATLAS_LOG", "json")
    client = create_app(store).server.test_client()
    client.get("/account/link/SECRET?name=AWA")
    client.get("/download/zones.csv?sector=wash")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    told = [(one["route"], one["method"], one["status"]) for one in lines]
    assert told == [
        ("/account/link/<token>", "GET", 400),
        ("/download/<name>.<kind>", "GET", 200),
    ]
    assert all(one["ms"] >= 0 and one["level"] == "info" for one in lines)
    assert "SECRET" not in str(lines)
    assert "AWA" not in str(lines)
    assert "wash" not in str(lines)

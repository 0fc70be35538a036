"""A desk over the example, for the views that need no browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from atlas.app import create_app
from atlas.model import Viewer
from atlas.store import Store
from atlas.web.imports import reader_process
from atlas.web.page_state import DatasetProvider, PageScene
from tests.web.example import tables
from tests.web.importing import OURS, Send


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store that holds the example."""
    held = Store(tmp_path_factory.mktemp("store"))
    held.publish_tables(tables())
    return held


@pytest.fixture
def scene(store: Store) -> Callable[..., PageScene]:
    """The scene of a URL query."""

    def _scene(query: str = "", viewer: Viewer = Viewer.EDITOR) -> PageScene:
        with DatasetProvider(store, viewer).scene_of_query(query) as found:
            return found

    return _scene


@pytest.fixture
def client(store: Store) -> FlaskClient:
    """The editor's server."""
    return create_app(store).server.test_client()


@pytest.fixture
def public(store: Store) -> FlaskClient:
    """The server as anyone sees it."""
    return create_app(store, viewer=Viewer.PUBLIC).server.test_client()


@pytest.fixture
def nothing(tmp_path: Path) -> PageScene:
    """The scene of an empty store."""
    with DatasetProvider(Store(tmp_path), Viewer.EDITOR).scene_of_query("") as found:
        return found


@pytest.fixture
def own(tmp_path: Path) -> Store:
    """A store of one's own, with the example as sample."""
    held = Store(tmp_path / "store")
    held.publish_tables(tables(is_sample=True))
    return held


@pytest.fixture
def editor(own: Store, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The editor's server; files are read in a thread of this process."""
    monkeypatch.setattr(reader_process, "LINGER_S", 0.0)
    monkeypatch.setattr(
        reader_process,
        "_run_process",
        lambda folder: reader_process.read_waiting_files(str(folder)),
    )
    return create_app(own).server.test_client()


@pytest.fixture
def draft(editor: FlaskClient) -> str:
    """The name of a new draft."""
    return str(editor.post("/import/", headers=OURS).get_json()["draft"])


@pytest.fixture
def send(editor: FlaskClient, draft: str) -> Send:
    """Send a file to the draft."""

    def _send(name: str, content: str | bytes, **words: str) -> dict[str, Any]:
        data = content.encode("latin-1") if isinstance(content, str) else content
        said = {"name": name, **words}
        answer = editor.post(f"/import/{draft}/files", query_string=said, data=data, headers=OURS)
        return dict(answer.get_json())

    return _send

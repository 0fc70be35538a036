"""A desk over the example, for the views that need no browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from atlas.app import create_app
from atlas.model import Viewer
from atlas.store import Store
from atlas.web.desk import Desk, Scene
from tests.web.example import tables


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store that holds the example."""
    held = Store(tmp_path_factory.mktemp("store"))
    held.publish(tables())
    return held


@pytest.fixture
def scene(store: Store) -> Callable[..., Scene]:
    """The scene of a URL query."""

    def _scene(query: str = "", viewer: Viewer = Viewer.EDITOR) -> Scene:
        with Desk(store, viewer).at(query) as found:
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
def nothing(tmp_path: Path) -> Scene:
    """The scene of an empty store."""
    with Desk(Store(tmp_path), Viewer.EDITOR).at("") as found:
        return found

"""Editors say of a whole list what its activities are for; a list that changed is refused."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from atlas.app import create_app
from atlas.model import Viewer
from atlas.store import Store
from tests.layers.made import activity, tables_of

GAO = "ml-2016/ML07"


def client_of(root: Path, viewer: Viewer = Viewer.EDITOR) -> FlaskClient:
    """The page over three activities, two of them in Gao."""
    store = Store(root)
    store.publish_tables(
        tables_of(activity("Forage", GAO), activity("Dialogue", GAO), activity("École"))
    )
    return create_app(store, viewer=viewer).server.test_client()


def tagged(client: FlaskClient, seen: int, nexus: str = "peace") -> TestResponse:
    said = {"question": f"?unit={GAO}&frame=ml-2016", "nexus": nexus, "seen": seen}
    return client.post("/nexus/tag", json=said, headers={"X-Atlas": "1"})


def tags(root: Path) -> dict[str, str | None]:
    snapshot = Store(root).current_snapshot()
    assert snapshot
    return dict(snapshot.tables.activities.select("title", "nexus").iter_rows())


def test_all_activities_of_the_list_are_tagged_and_no_other(tmp_path: Path) -> None:
    assert tagged(client_of(tmp_path), seen=2).status_code == 200
    assert tags(tmp_path) == {"Forage": "peace", "Dialogue": "peace", "École": None}


def test_a_list_of_another_length_than_was_seen_is_refused(tmp_path: Path) -> None:
    assert tagged(client_of(tmp_path), seen=3).status_code == 409
    assert set(tags(tmp_path).values()) == {None}


def test_the_public_tags_nothing(tmp_path: Path) -> None:
    assert tagged(client_of(tmp_path, Viewer.PUBLIC), seen=2).status_code == 403
    assert set(tags(tmp_path).values()) == {None}

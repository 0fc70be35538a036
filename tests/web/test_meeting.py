"""The meeting on the page: its screens, what is decided in it, and its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from atlas.app import create_app
from atlas.store import Store
from atlas.store.meetings import ActionPoints
from tests.test_meetings import store_of_both
from tests.web.importing import OURS

QUESTION = "?frame=ml-2016&level=region"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with two states."""
    return store_of_both(tmp_path / "store")


@pytest.fixture
def server(store: Store) -> FlaskClient:
    return create_app(store).server.test_client()


def sent(server: FlaskClient, act: str, **said: Any) -> TestResponse:
    return server.post(f"/meeting/{act}", json={"question": QUESTION, **said}, headers=OURS)


def test_a_meeting_is_opened_decided_in_written_down_and_undone(
    server: FlaskClient, store: Store
) -> None:
    """Each answer is the screens as they stand then; the second editor on a point is told."""
    preview = sent(server, "page").text
    assert "Ouvrir la réunion" in preview
    assert preview.count('class="meeting-screen"') == 7
    assert "Mopti, EHA" in preview
    assert "Noter" not in preview
    assert "pair-answers" not in preview

    opened = sent(server, "open").text
    assert all(words in opened for words in ("Réunion 1 du", "Noter", "pair-answers"))

    point = {"what": "Relancer", "owner": "OCHA", "meeting": 1}
    assert sent(server, "points/add", **point, due="32/13/2024").status_code == 400
    noted = sent(server, "points/add", **point, due="30/06/2024").text
    assert "Noté : Relancer ; OCHA → 30/06/2024" in noted
    (made,) = ActionPoints(store.root).points()
    assert (made.first.meeting, made.first.snapshot) == (1, store.current_snapshot().hash)

    seen = {"point": made.number, "seen": made.last.id, "meeting": 1}
    assert "Fait : Relancer" in sent(server, "points/done", **seen).text
    second = sent(server, "points/done", **seen)
    assert (second.status_code, "entre-temps" in second.json["error"]) == (409, True)

    pair = {"a": "gao", "b": "twice", "verdict": "same", "lead": "gao", "seen": 0}
    assert server.post("/pairs/decide", json=pair, headers=OURS).status_code == 200
    assert "la même, comptée une fois" in sent(server, "page").text

    for kind, begins in (("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK")):
        file = server.get(f"/meeting/1.{kind}")
        assert (file.status_code, file.data[: len(begins)]) == (200, begins)
        assert file.headers["Content-Disposition"].endswith(f'.{kind}"')

    closed = sent(server, "close", meeting=1).text
    assert "Réunion close" in closed
    assert "Noter" not in closed
    undone = sent(server, "undo", meeting=1).text
    assert "Annulée, avec 1 décision et 2 points d'action : Réunion 1" in " ".join(
        undone.replace("&#x27;", "'").split()
    )
    assert "Ouvrir la réunion" in undone
    assert ActionPoints(store.root).points() == []
    assert server.get("/meeting/1.pdf").status_code == 400


def test_what_is_shown_is_what_partners_may_see(tmp_path: Path) -> None:
    """They are in the room: the editor who holds the meeting shows no title that is reserved."""
    from tests.layers.made import activity, tables_of

    held = Store(tmp_path / "store")
    secret = activity("Centre caché", "ml-2016/ML0701", sector="protection", source="ngo",
                      lead_org="unicef", sensitivity="protection", usd=5_000_00)  # fmt: skip
    held.publish_tables(tables_of(secret, {**secret, "key": "b", "source": "pbf"}))
    shown = sent(create_app(held).server.test_client(), "page").text
    assert "Doublons à trancher" in shown
    assert "Centre caché" not in shown

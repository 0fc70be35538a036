"""Who sees what from which address, and what a taken port says."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from atlas.app import create_app
from atlas.errors import AtlasError
from atlas.model import Viewer
from atlas.server import application, require_free_port, viewer_for
from atlas.store import Store


@pytest.mark.parametrize(
    ("host", "viewer"),
    [
        ("127.0.0.1", Viewer.EDITOR),
        ("localhost", Viewer.EDITOR),
        ("::1", Viewer.EDITOR),
        ("0.0.0.0", Viewer.PUBLIC),
        ("192.0.2.7", Viewer.PUBLIC),
        ("atlas.example.org", Viewer.PUBLIC),
    ],
)
def test_only_loopback_is_the_local_editor(host: str, viewer: Viewer) -> None:
    assert viewer_for(host) is viewer


def test_a_taken_port_is_one_sentence_with_the_next_port_to_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AtlasError) as error:
            require_free_port("127.0.0.1", port)
    assert f"127.0.0.1:{port}" in str(error.value)
    assert f"PORT={port + 1}" in str(error.value)
    assert "\n" not in str(error.value)


def test_the_first_requests_of_a_worker_are_answered_together(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ATLAS_STORE", str(tmp_path))
    worker = application()
    page = create_app(Store(tmp_path)).server.test_client().get("/").text
    scripts = re.findall(r'src="(/_dash-component-suites/[^"]+)"', page)[:8]

    def fetched(script: str) -> int:
        return worker.test_client().get(script).status_code

    with ThreadPoolExecutor(len(scripts)) as pool:
        assert set(pool.map(fetched, scripts)) == {200}

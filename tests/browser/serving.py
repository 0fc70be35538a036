"""A page served on a free port of this machine, while a test looks at it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from threading import Thread

from werkzeug.exceptions import NotFound
from werkzeug.serving import BaseWSGIServer, make_server

from atlas.app import create_app
from atlas.model import Viewer
from atlas.store import Store

IDLE: list[BaseWSGIServer] = []
"""Servers that no test looks at now. The next page has their address: its scripts are known."""


def _new_server() -> BaseWSGIServer:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, NotFound(), threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def served(store: Store, viewer: Viewer = Viewer.EDITOR) -> Iterator[str]:
    """Address of the page over a store, until the fixture is done with it."""
    server = IDLE.pop() if IDLE else _new_server()
    server.app = create_app(store, viewer=viewer).server
    yield f"http://127.0.0.1:{server.server_port}"
    server.app = NotFound()
    IDLE.append(server)

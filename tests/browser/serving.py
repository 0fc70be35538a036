"""A page served on a free port of this machine, while a test looks at it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from threading import Thread

from werkzeug.serving import make_server

from atlas.app import create_app
from atlas.model import Viewer
from atlas.store import Store


def served(store: Store, viewer: Viewer = Viewer.EDITOR) -> Iterator[str]:
    """Address of the page over a store, until the fixture is done with it."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, create_app(store, viewer=viewer).server, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()

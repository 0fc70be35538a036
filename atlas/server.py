"""Serve the page: gunicorn where it runs, Werkzeug elsewhere.

The command line fills an empty store and checks the port, then replaces itself by the
server, so that nothing heavy is loaded twice and no worker is forked from a process that
already runs threads.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from prometheus_client import multiprocess
from werkzeug.serving import run_simple

from atlas.errors import AtlasError
from atlas.geo.background import start_in_background
from atlas.i18n import _
from atlas.model import Viewer
from atlas.paths import store_root
from atlas.store import Store
from atlas.web.monitoring import METRICS_TOKEN, WORKERS_FOLDER
from atlas.web.visitors import HOSTS, proxy_viewer, trusted_proxies

if TYPE_CHECKING:
    from flask import Flask

WORKERS, THREADS = 2, 4


def viewer_for(host: str) -> Viewer:
    """Who sits before a page served on this address.

    On loopback it is the person at this machine, who may see and edit everything. Any other
    address is reachable by others: they get the public view, and so does whoever comes to a
    loopback address through a proxy. Where the store has accounts, all that does not matter:
    whoever is not signed in gets the public view (`atlas.web.visitors`).
    """
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return Viewer.EDITOR if local else Viewer.PUBLIC


def require_free_port(host: str, port: int) -> None:
    """Refuse a port that is taken.

    Raises
    ------
    AtlasError
        Another program listens there, or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AtlasError(
                _("Impossible de servir sur {host}:{port}", host=host, port=port),
                _("l'adresse est prise ou n'est pas de cette machine"),
                _("Choisissez un autre port : make run PORT={other}.", other=port + 1),
            ) from error


def application() -> Flask:
    """The WSGI application of one worker, from ``ATLAS_STORE`` and ``ATLAS_VIEWER``."""
    from atlas.app import create_app  # Dash, which the process that starts the workers does without

    viewer = Viewer(os.environ.get("ATLAS_VIEWER", Viewer.PUBLIC))
    proxy_viewer()  # a word that means nothing stops here, not at each request
    trusted_proxies()
    server: Flask = create_app(Store(store_root()), viewer=viewer).server
    # Dash collects its scripts at the first request, and refuses those that come meanwhile.
    server.test_client().get("/_dash-dependencies")
    return server


def serve_page(host: str, port: int) -> None:
    """Serve until interrupted; does not return where gunicorn takes over the process.

    Raises
    ------
    AtlasError
        The port is taken, ``ATLAS_PROXY_VIEWER`` names no viewer, or ``ATLAS_PROXIES`` no address.
    """
    require_free_port(host, port)
    proxy_viewer()
    trusted_proxies()
    viewer = viewer_for(host)
    os.environ["ATLAS_VIEWER"] = viewer
    if viewer is Viewer.EDITOR:  # 127.0.0.2 is answered where it is served
        os.environ[HOSTS] = f"{os.environ.get(HOSTS, '')} {host}".strip()
    if viewer is Viewer.EDITOR:  # one's own machine; whoever serves others decides by hand
        start_in_background()
    os.environ["ATLAS_ADDRESS"] = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if sys.platform == "win32":
        print_address()
        run_simple(host, port, application(), threaded=True)
        return
    if os.environ.get(METRICS_TOKEN):
        os.environ.setdefault(WORKERS_FOLDER, mkdtemp(prefix="atlas-metrics-"))
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    # No preload: polars' threads do not survive a fork.
    words = ["--bind", bind, "--workers", str(WORKERS), "--threads", str(THREADS)]
    words += ["--worker-class", "gthread", "--timeout", "120", "--log-level", "warning"]
    words += ["--config", "python:atlas.server", "atlas.server:application()"]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *words])


def print_address() -> None:
    """Print the address, once somebody can open it."""
    print(
        _("Atlas : {address} (Ctrl+C pour arrêter)", address=os.environ["ATLAS_ADDRESS"]),
        flush=True,
    )


def child_exit(_server: Any, worker: Any) -> None:
    """Gunicorn's own hook: what a worker that is gone counted stays counted."""
    if os.environ.get(WORKERS_FOLDER):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def when_ready(_server: Any) -> None:
    """Gunicorn's own hook: the socket listens."""
    print_address()

"""What two workers of a server do at the same time, each in a process of its own."""

from __future__ import annotations

import time
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from typing import Any

from flask.testing import FlaskClient

from tests.web.importing import OURS

Asked = list[tuple[str, dict[str, Any]]]


def ask(client: FlaskClient, path: str, words: dict[str, Any]) -> int:
    return client.post(path, json=words, headers=OURS).status_code


def in_two_processes(root: Path, first: Asked, second: Asked) -> list[list[int]]:
    """Statuses of what two processes ask of one store, one after the other, from one moment on."""
    spawned = get_context("spawn")
    ready, go, told = spawned.Barrier(3), spawned.Event(), spawned.Queue()
    workers = [
        spawned.Process(target=_worker, args=(str(root), number, asked, ready, go, told))
        for number, asked in enumerate((first, second))
    ]
    for worker in workers:
        worker.start()
    ready.wait(timeout=120)
    go.set()
    try:
        found = dict(told.get(timeout=120) for _worker in workers)
    except Empty as error:
        raise AssertionError([worker.exitcode for worker in workers]) from error
    for worker in workers:
        worker.join(timeout=30)
    return [found[0], found[1]]


def _worker(root: str, number: int, asked: Asked, ready: Any, go: Any, told: Any) -> None:
    from atlas.app import create_app
    from atlas.store import Store
    from atlas.web.imports import reader_process

    reader_process._run_process = lambda _folder: None
    client = create_app(Store(root)).server.test_client()
    client.get("/healthz")
    ready.wait(timeout=120)
    go.wait(timeout=120)
    statuses = []
    for path, words in asked:
        statuses.append(ask(client, path, words))
        time.sleep(0.001)
    told.put((number, statuses))

"""Requests at random, as each role: none fails, none tells what its role may not read.

``ATLAS_FUZZ_REQUESTS=20000 pytest tests/web/test_fuzzed.py`` asks as often as that.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient

from atlas.app import create_app
from atlas.layers import LAYERS
from atlas.model import Level
from atlas.store import Store
from atlas.store.accounts import Accounts, role_details
from atlas.web.figure_activities import FIGURE_KINDS
from atlas.web.guard import CALLBACK_PATH
from atlas.web.indicators import MAP_INDICATORS
from atlas.web.page_elements import TabName
from tests.test_leaks import WRITTEN, hidden
from tests.web.importing import OURS
from tests.web.test_guard import ANY, callbacks

REQUESTS = int(os.environ.get("ATLAS_FUZZ_REQUESTS", "120"))
ROLES = {
    "": (),
    "pam": ("partner", "PAM"),
    "gao": ("editor", "", "ml-2016/ML07"),
    "redac": ("editor",),
    "chef": ("admin",),
}
VARIABLE = r"<(?:[\w()=]+:)?(\w+)>"
GARBAGE = (
    "",
    "%00",
    "../..",
    "é" * 40,
    "1e999",
    "-1",
    "[]",
    "NaN",
    "' OR 1=1",
    "%ED%A0%80",
    "<b>",
    "null",
)
VALUES = {
    "tab": [str(one) for one in TabName],
    "indicator": list(MAP_INDICATORS),
    "level": [str(one) for one in Level],
    "frame": ["ml-2012", "ml-2016", "ml-2023"],
    "sector": ["protection", "wash", "food-security", "multi-sector"],
    "unit": ["ml-2012/ML05", "ml-2016/ML05", "ml-2023/mopti"],
    "zone": ["ml-2012/ML0501", "ml-2016/ML05", "ml-2012/ML050108"],
    "why": [f"{kind}|ml-2012/ML05" for kind in FIGURE_KINDS],
    "org": ["unhcr"],
    "funder": ["unhcr"],
    "lang": ["fr", "en"],
    "plans": ["1"],
    "year": ["2024"],
    "state": ["0000"],
    "since": ["2024-08-01"],  # a day of what is reserved would be told back with the question
    "until": ["2024-09-30"],
    "status": ["planned", "ongoing"],
}
OPTIONS = {
    f"{layer.name}.{option.name}": [option.default, *map(str, getattr(option, "choices", ()))]
    for layer in LAYERS.values()
    for option in layer.options
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    """A server over a store of what is reserved, with an account of each role."""
    store = Store(tmp_path_factory.mktemp("fuzzed"))
    store.publish_tables(hidden())
    accounts = Accounts(store.root)
    for name, words in reversed(ROLES.items()):
        if name:
            accounts.invite(name, role_details(*words), made_by="root")
    made = create_app(store)
    made.server.test_client().get("/")
    return made


def client_of(app: Dash, name: str, root: Path) -> FlaskClient:
    client = app.server.test_client()
    if name:
        client.set_cookie("atlas_session", Accounts(root).new_session(name))
    return client


def query(dice: Random) -> dict[str, str]:
    """Some words of an address, most of them known."""
    known = VALUES | OPTIONS
    words = dice.sample(sorted(known), dice.randint(0, 5))
    return {
        word: dice.choice(GARBAGE if dice.random() < 0.15 else known[word] or GARBAGE)
        for word in words
    }


def variable_part(name: str, dice: Random) -> str:
    return ANY[name] if dice.random() < 0.8 else dice.choice(GARBAGE).replace("/", "_")


def request_at_random(app: Dash, dice: Random) -> dict[str, Any]:
    """What a client is to open: a callback, or any address by any method, at times malformed."""
    asked = "&".join(f"{key}={value}" for key, value in query(dice).items())
    if dice.random() < 0.5:
        sent = dice.choice(list(callbacks(app).values()))
        for part in (*sent["inputs"], *sent["state"]):
            part["value"] = dice.choice(["?" + asked, "?" + asked, None, dice.choice(GARBAGE), 7])
        if dice.random() < 0.1:
            sent[dice.choice(list(sent))] = dice.choice([None, [], {}, "x"])
        return {"path": CALLBACK_PATH, "method": "POST", "json": sent}
    rule = dice.choice(
        [one for one in app.server.url_map.iter_rules() if "sign-out" not in one.rule]
    )
    path = re.sub(VARIABLE, lambda found: variable_part(found[1], dice), rule.rule)
    method = dice.choice(sorted(rule.methods or {"GET"}))
    told: dict[str, Any] = {"path": path, "method": method, "query_string": asked}
    if method == "POST":
        told["data"] = dice.choice([b"", b"{}", b"[]", b'{"a": "\xff"}', b"{" * 90, b"name=x"])
    return told


def test_no_request_of_any_role_fails_or_tells_what_it_may_not(
    app: Dash, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = next(one for one in tmp_path_factory.getbasetemp().glob("fuzzed*"))
    clients = {name: client_of(app, name, root) for name in ROLES}
    dice = Random(20240831)
    answered = 0
    for _request in range(REQUESTS):
        name = dice.choice(list(ROLES))
        asked = request_at_random(app, dice)
        headers = OURS if dice.random() < 0.7 else {}
        answer = clients[name].open(**asked, headers=headers)
        told = answer.data
        answered += answer.status_code == 200
        assert answer.status_code < 500, (name, asked, answer.text[:300])
        assert b"Traceback (most recent" not in told, (name, asked)
        if name in ("", "pam"):
            words = [word for word in WRITTEN if word.encode() in told]
            assert words == [], (name, asked, words)
    assert answered > REQUESTS / 4

"""What stands in front of every route, walked by the application's own maps."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from atlas.app import create_app
from atlas.model import Viewer
from atlas.store import Store
from atlas.web.guard import CALLBACK_PATH, content_security_policy
from atlas.web.tiles import tile_origin
from tests.web.importing import OURS

ANY = {
    "path": "assets/style.css",
    "filename": "style.css",
    "package_name": "dash",
    "fingerprinted_path": "nothing.js",
    "name": "zones",
    "kind": "csv",
    "frame": "ml-2016",
    "level": "region",
    "stamp": "0",
    "draft": "0" * 32,
    "number": "001",
    "unit": "ml-2016/ML07",
    "document": "d",
    "token": "t",
}
"""A value for each variable part of an address."""
DATA = ("Forage", "ml-2016", "Ménaka", "ML07", "DashRenderer", "components")
"""Words of what the application holds; a refusal says none of them."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    from tests.web.example import tables

    held = Store(tmp_path_factory.mktemp("guarded"))
    held.publish_tables(tables())
    made = create_app(held)
    made.server.test_client().get("/")
    return made


@pytest.fixture
def asked(app: Dash) -> FlaskClient:
    return app.server.test_client()


def address(rule: Rule) -> str:
    """An address of a rule."""
    return re.sub(r"<(?:[\w()=]+:)?(\w+)>", lambda found: ANY[found[1]], rule.rule)


def rules(app: Dash) -> list[tuple[str, str]]:
    """Every address of the application, with each method it takes."""
    found = [
        (address(rule), method)
        for rule in app.server.url_map.iter_rules()
        for method in sorted(rule.methods or ())
    ]
    assert len(found) > 60
    return found


def callbacks(app: Dash) -> dict[str, Any]:
    """What the page sends for each callback that the server runs."""
    return {
        output: {
            "output": output,
            "outputs": _named(known["output"]),
            "inputs": [_part(one, "?tab=zones") for one in known["inputs"]],
            "state": [_part(one, None) for one in known["state"]],
            "changedPropIds": [f"{known['inputs'][0]['id']}.{known['inputs'][0]['property']}"],
        }
        for output, known in app.callback_map.items()
        if "callback" in known
    }


def _part(one: dict[str, Any], value: object) -> dict[str, object]:
    return {"id": str(one["id"]), "property": one["property"], "value": value}


def _named(output: Any) -> Any:
    if isinstance(output, list):
        return [_named(one) for one in output]
    return {"id": str(output.component_id), "property": output.component_property}


@pytest.mark.parametrize(
    "host", ["rebound.example", "localhost.rebound.example", "10.0.0.7:8050", "", "a@localhost"]
)
def test_no_address_is_answered_by_another_name(app: Dash, asked: FlaskClient, host: str) -> None:
    for url, method in rules(app):
        answer = asked.open(url, method=method, headers={"Host": host})
        assert answer.status_code == 421, (method, url)
        assert not [word for word in DATA if word in answer.text], (method, url)
        if method != "HEAD":
            told = answer.get_json()["error"] if answer.is_json else answer.text
            assert "ne répond pas au nom" in told
    for sent in callbacks(app).values():
        answer = asked.post(CALLBACK_PATH, json=sent, headers={"Host": host})
        assert (answer.status_code, "response" in answer.text) == (421, False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8050", "[::1]:8050", "LOCALHOST:80"])
def test_this_machine_is_answered_by_its_own_names(asked: FlaskClient, host: str) -> None:
    assert asked.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("named", ["atlas.lan, [fe80::1]", "autre.lan atlas.lan:9000"])
def test_the_operator_may_name_further_hosts(
    asked: FlaskClient, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    assert asked.get("/", headers={"Host": "atlas.lan:8050"}).status_code == 421
    monkeypatch.setenv("ATLAS_HOSTS", named)
    assert asked.get("/", headers={"Host": "atlas.lan:8050"}).status_code == 200
    assert asked.get("/", headers={"Host": "rebound.example"}).status_code == 421


def test_the_public_view_has_any_name_until_the_operator_gives_some(
    public: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert public.get("/", headers={"Host": "atlas.lan"}).status_code == 200
    monkeypatch.setenv("ATLAS_HOSTS", "atlas.lan")
    assert public.get("/", headers={"Host": "rebound.example"}).status_code == 421


@pytest.mark.parametrize(
    "words",
    [
        {"headers": {"Origin": "http://rebound.example"}},
        {"headers": {"Origin": "null"}},
        {"headers": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}},
        {"headers": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}},
    ],
)
def test_no_address_is_answered_to_a_page_of_another_site(
    app: Dash, asked: FlaskClient, words: dict[str, Any]
) -> None:
    for url, method in rules(app):
        assert asked.open(url, method=method, **words).status_code == 403, (method, url)
    for sent in callbacks(app).values():
        assert asked.post(CALLBACK_PATH, json=sent, **words).status_code == 403


def test_a_link_of_another_site_opens_the_page(asked: FlaskClient) -> None:
    opened = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert asked.get("/?tab=zones", headers=opened).status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        {"headers": {"X-Forwarded-For": "192.0.2.7"}},
        {"headers": {"X-Forwarded-Proto": "https"}},
        {"headers": {"Forwarded": "for=192.0.2.7"}},
        {"headers": {"Via": "1.1 proxy"}},
        {"headers": {"X-Real-IP": "192.0.2.7"}},
        {"environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0"}},
    ],
)
def test_behind_a_proxy_nobody_is_an_editor_unless_the_operator_says_so(
    app: Dash, asked: FlaskClient, monkeypatch: pytest.MonkeyPatch, words: dict[str, Any]
) -> None:
    """Neither writing, nor what only an editor reads: communes, the import page, its routes."""
    commune = "/geometry/ml-2016/commune.0.json"

    def statuses() -> list[int]:
        ours = {**words, "headers": words.get("headers", {}) | OURS}
        return [
            asked.get(commune, **words).status_code,
            asked.post("/import/page", json={}, **ours).status_code,
            asked.get("/download/zones.csv?level=commune", **words).status_code,
        ]

    assert statuses() == [403, 403, 403]
    assert "import-body" not in asked.get("/_dash-layout", **words).text
    monkeypatch.setenv("ATLAS_PROXY_VIEWER", "editor")
    assert statuses() == [200, 200, 200]
    assert "import-body" in asked.get("/_dash-layout", **words).text


def test_the_word_of_the_operator_holds_for_a_proxy_that_says_nothing(
    asked: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLAS_PROXY_VIEWER", "public")
    assert asked.post("/import/page", json={}, headers=OURS).status_code == 403


def test_every_answer_says_what_a_browser_may_do_with_it(app: Dash, asked: FlaskClient) -> None:
    """Refusals and errors too."""
    for url, method in [*rules(app), ("/nowhere", "GET"), ("/", "DELETE")]:
        answer = asked.open(url, method=method)
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        scripts = re.search(r"script-src ([^;]*)", policy)
        assert scripts is not None
        assert "unsafe" not in scripts[1]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_every_script_written_into_the_page_is_named_by_its_hash(asked: FlaskClient) -> None:
    from base64 import b64encode
    from hashlib import sha256

    page = asked.get("/")
    written = re.findall(
        r"<script(?![^>]*(?:src=|application/json))[^>]*>(.*?)</script>", page.text
    )
    assert written
    for script in written:
        named = b64encode(sha256(script.encode()).digest()).decode()
        assert f"'sha256-{named}'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<[^>]+\son\w+=", page.text)


@pytest.mark.parametrize(
    ("tiles", "origin"),
    [
        ("", ""),
        ("/tiles/{z}/{x}/{y}.png", ""),
        ("https://tiles.example.org:8443/{z}/{x}/{y}.png", "https://tiles.example.org:8443"),
        ("https://{s}.tiles.example.org/{z}/{x}/{y}.png", "https://*.tiles.example.org"),
        ("https://t{s}.example.org;script-src*/{z}/{x}/{y}.png", "https:"),
    ],
)
def test_pictures_come_from_the_operators_tiles_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, tiles: str, origin: str
) -> None:
    monkeypatch.setenv("ATLAS_TILES", tiles)
    assert tile_origin() == origin
    pictures = f"img-src 'self' data: blob: {origin}".strip()
    assert pictures in content_security_policy([], tile_origin()).split("; ")


@pytest.fixture
def no_trouble(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in which the server logs an error: what it was sent is the sender's fault."""
    yield
    assert not [said for said in caplog.get_records("call") if said.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"7", b"[]", b'"side.children"', b"{}", b"\xff\xfe", b"[" * 100_000,
        b'{"output": 7}', b'{"output": null}', b'{"output": ["side.children"]}',
        b'{"output": "nothing.children"}', b'{"output": "url.search"}', b'{"output": "x"}',
        b'{"output": "side.children", "pad": "' + b"x" * 2**21 + b'"}',
    ],
)  # fmt: skip
@pytest.mark.usefixtures("no_trouble")
def test_a_body_that_is_no_callback_is_refused_in_a_sentence(
    asked: FlaskClient, body: bytes
) -> None:
    for kind in ("application/json", "text/plain"):
        answer = asked.post(CALLBACK_PATH, data=body, content_type=kind)
        assert answer.status_code == 400
        assert answer.text.endswith(".")
        assert "Traceback" not in answer.text


WRONG = [None, 7, True, "x", [], {}, [None], [[]], [7], [{}], [{"id": "x"}], {"a": []}, "\ud800"]


@pytest.mark.usefixtures("no_trouble")
def test_a_callback_whose_parts_are_others_is_refused(app: Dash, asked: FlaskClient) -> None:
    """Each part of each callback, replaced by what it may not be, left out or doubled."""
    tried = 0
    for sent in callbacks(app).values():
        assert asked.post(CALLBACK_PATH, json=sent).status_code in (200, 204)
        bodies = [sent | {key: wrong} for key in sent if key != "state" for wrong in WRONG]
        bodies += [sent | {"state": wrong} for wrong in WRONG if wrong != sent["state"]]
        bodies += [sent | {key: [*sent[key], *sent[key]]} for key in ("inputs",)]
        for part in ("id", "property", "value"):
            first = sent["inputs"][0] | {part: ["?"] if part == "value" else "other"}
            bodies.append(sent | {"inputs": [first, *sent["inputs"][1:]]})
        for body in bodies:
            if body == sent or (body["changedPropIds"] == [] and body["inputs"] == sent["inputs"]):
                continue
            answer = asked.post(
                CALLBACK_PATH, data=json.dumps(body), content_type="application/json"
            )
            assert answer.status_code == 400, body
            tried += 1
    assert tried > 300


TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
QUERIES = st.dictionaries(
    st.sampled_from(["frame", "level", "indicator", "tab", "zone", "why", "only", "lang", "at"])
    | st.sampled_from(["sector", "unit", "year", "since", "plans", "programme.perimeter"])
    | st.sampled_from(["budget.by", "coverage.enough", "change.since", "access.day"]),
    TEXTS,
    max_size=4,
)


@given(words=QUERIES | TEXTS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_url_says_the_page_answers_without_a_fault(
    app: Dash, words: dict[str, str] | str
) -> None:
    """Callbacks and files; a word that means nothing is told, never a fault of the server."""
    from urllib.parse import urlencode

    query = "?" + (words if isinstance(words, str) else urlencode(words))
    asked = app.server.test_client()
    with _listening() as heard:
        for output in ("..page.children...page-key.data..", "figures", "panel.children"):
            sent = next(one for name, one in callbacks(app).items() if output in name)
            inputs = [one | {"value": query} for one in sent["inputs"]]
            answer = asked.post(CALLBACK_PATH, json=sent | {"inputs": inputs})
            assert answer.status_code in (200, 204)
        assert asked.get("/download/zones.csv" + query.replace("#", "")).status_code < 500
    assert heard == []


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What is logged as an error inside the block."""
    handler = _Heard()
    logging.getLogger().addHandler(handler)
    yield handler.said
    logging.getLogger().removeHandler(handler)


def test_an_address_is_known_or_not_found_and_a_method_taken_or_refused(
    app: Dash, asked: FlaskClient
) -> None:
    for url in ("/nowhere", "/import.html", "/healthz/x", "/_dash-component-suites/x/y.js"):
        assert asked.get(url).status_code == 404
        assert asked.post(url).status_code in (404, 405)
    taken: dict[str, set[str]] = {}
    for url, method in rules(app):
        taken.setdefault(url, set()).add(method)
    for url, methods in taken.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = asked.open(url, method=method, headers=OURS)
            assert answer.status_code == 405, (method, url)
            assert set(answer.headers["Allow"].split(", ")) >= methods - {"OPTIONS"}


def test_health_is_told_of_a_store_that_is_empty_filled_or_damaged(tmp_path: Path) -> None:
    from tests.web.example import tables

    store = Store(tmp_path)
    asked = create_app(store).server.test_client()
    assert asked.get("/healthz").get_json() == {"status": "ok", "snapshot": ""}
    snapshot = store.publish_tables(tables())
    assert asked.get("/healthz").get_json() == {"status": "ok", "snapshot": snapshot.hash}
    (tmp_path / "current").write_text("{")
    for viewer, names in ((Viewer.EDITOR, True), (Viewer.PUBLIC, False)):
        damaged = create_app(Store(tmp_path), viewer=viewer).server.test_client()
        answer = damaged.get("/healthz")
        assert answer.status_code == 503
        assert answer.get_json()["status"] == "unavailable"
        assert (str(tmp_path) in answer.get_json()["reason"]) is names


def test_a_damaged_store_is_told_by_every_route_and_is_no_fault_of_the_server(
    tmp_path: Path,
) -> None:
    (tmp_path / "current").write_text("{")
    app = create_app(Store(tmp_path))
    asked = app.server.test_client()
    with _listening() as heard:
        for url, method in rules(app):
            answer = asked.open(url, method=method, headers=OURS)
            assert answer.status_code != 500, (method, url)
        assert asked.get("/published").status_code == 503
        assert asked.get("/download/zones.csv").status_code == 503
        for sent in callbacks(app).values():
            assert asked.post(CALLBACK_PATH, json=sent).status_code == 200
    assert heard == []


@pytest.mark.parametrize("body", [b"{", b"[1]", b"7", b"\xff", b"[" * 100_000, b"x" * (2**20 + 1)])
def test_an_answer_of_the_pages_scripts_that_is_none_is_refused(
    app: Dash, asked: FlaskClient, body: bytes
) -> None:
    """Every writing route that reads a body; the page's script is told as JSON."""
    for url in ("/import/page", "/import/undo", "/import/restore"):
        assert (url, "POST") in rules(app)
        answer = asked.post(url, data=body, content_type="application/json", headers=OURS)
        assert (answer.status_code, bool(answer.get_json()["error"])) == (400, True)

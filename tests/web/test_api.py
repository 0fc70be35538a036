"""The read-only interface for other programs: the answers of the page, guarded alike."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from atlas.app import create_app
from atlas.cli.command import main
from atlas.export import encoded_answer
from atlas.layers import LAYERS
from atlas.model import Viewer
from atlas.store import Store
from atlas.store.accounts import Accounts, role_details
from atlas.store.audit import AuditTrail
from atlas.web.api.api_description import api_description
from atlas.web.api.api_tables import API_TABLES
from atlas.web.page_state import PageScene, layer_answer
from tests.web.example import DOUROU, tables

ASKED = "source=qip&source=trust-fund&since=2016-01-01&frame=ml-2016"


@pytest.fixture(scope="module")
def asked(store: Store) -> FlaskClient:
    """The editor's server, one for all tests that only read."""
    return create_app(store).server.test_client()


@pytest.fixture(scope="module")
def outside(store: Store) -> FlaskClient:
    """The server as anyone sees it."""
    return create_app(store, viewer=Viewer.PUBLIC).server.test_client()


def test_every_layer_answers_what_the_page_answers_as_rows_and_as_csv(
    asked: FlaskClient, scene: Callable[..., PageScene]
) -> None:
    for name, layer in LAYERS.items():
        shown = scene(ASKED)
        told = asked.get(f"/api/layers/{name}?{ASKED}").get_json()
        options = dict.fromkeys(layer.asked_with, "")  # the page's own way of asking, beside
        assert shown.data is not None
        view = shown.view
        answer = shown.data.ask(name, view.filters, view.frame, view.level, options=options)
        if not layer.asked_with:
            assert answer.table.equals(layer_answer(shown, name, detailed=True).table), name
        assert told["rows"] == json.loads(encoded_answer(answer, "json")), name
        assert (told["count"], told["next"]) == (answer.table.height, None)
        csv = asked.get(f"/api/layers/{name}?{ASKED}&format=csv")
        assert csv.data == encoded_answer(answer, "csv"), name
        assert csv.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_the_command_answers_the_same_under_the_same_settings(
    asked: FlaskClient, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "budget.json"
    words = ["layer", "budget", "--store", store.root, "--frame", "ml-2016", "--level", "region"]
    words += ["--where", "source=qip", "--option", "by=donor", "--option", "currency=EUR"]
    words += ["--format", "json", "--out", out]
    monkeypatch.setattr(sys, "argv", ["atlas", *map(str, words)])
    with pytest.raises(SystemExit, match="0"):
        main()
    query = "source=qip&budget.by=donor&budget.currency=EUR&frame=ml-2016"
    told = asked.get(f"/api/layers/budget?{query}").get_json()
    assert told["rows"] == json.loads(out.read_text(encoding="utf-8"))
    assert told["about"]["options"] == {"by": "donor", "currency": "EUR"}
    assert {row["dimension"] for row in told["rows"]} == {"bailleur-a"}


def test_an_address_of_the_page_may_be_pasted_and_says_its_figures(asked: FlaskClient) -> None:
    """Words of the page that change no figure of this layer are no fault."""
    query = "tab=gaps&indicator=budget&zone=ml-2016/ML10&coverage.enough=2&sector=wash&lang=en"
    told = asked.get(f"/api/layers/presence?{query}&frame=ml-2016").get_json()
    assert [(r["unit_name"], r["activities"]) for r in told["rows"] if r["activities"]] == [
        ("Ménaka", 1)
    ]
    assert told["about"]["filters"] == "sector: WASH"


REFUSED = [
    ("layers/presence?sectr=wash", 400, "sectr"),
    ("layers/presence?sector=zzz", 400, "sector"),
    ("layers/presence?sector=", 400, "sector"),
    ("layers/presence?level=village", 400, "level"),
    ("layers/presence?frame=ml-1900", 400, "frame"),
    ("layers/presence?at=hier", 400, "at"),
    ("layers/presence?unit=nulle-part", 400, "unit"),
    ("layers/presence?lang=de", 400, "lang"),
    ("layers/presence?state=ffff", 400, "state"),
    ("layers/presence?format=xlsx", 400, "format"),
    ("layers/budget?by=sector", 400, "by"),
    ("layers/budget?budget.by=zone", 400, "budget.by"),
    ("activities?limit=0", 400, "limit"),
    ("activities?limit=2&after=x", 400, "after"),
    ("sources?sector=wash", 400, "sector"),
    ("activities?limit=2&after=2&snapshot=ffff", 409, None),
    ("layers/nothing", 404, None),
    ("nothing", 404, None),
]


def test_what_is_refused_is_a_sentence_that_names_its_parameter(asked: FlaskClient) -> None:
    for path, status, parameter in REFUSED:
        answer = asked.get(f"/api/{path}")
        told = answer.get_json()
        assert (answer.status_code, told.get("parameter")) == (status, parameter), path
        assert told["error"].endswith(".")
        assert parameter is None or f"« {parameter} »" in told["error"]
    english = asked.get("/api/layers/presence?sector=zzz&lang=en").get_json()["error"]
    assert english.startswith("Parameter “sector”: Unknown sector “zzz”.")


def test_the_public_is_told_what_the_public_may_read(
    asked: FlaskClient, outside: FlaskClient
) -> None:
    commune = "/api/layers/presence?level=commune&frame=ml-2012"
    assert asked.get(commune).status_code == 200
    for path, parameter in (
        (commune, "level"),
        ("/api/layers/access?level=cercle", "level"),
        ("/api/units?level=commune", "level"),
        (f"/api/activities?unit={DOUROU}", "unit"),
        ("/api/activities?state=0", "state"),
    ):
        answer = outside.get(path)
        assert (answer.status_code, answer.get_json()["parameter"]) == (403, parameter), path
    assert outside.get("/api/").get_json()["viewer"] == "public"
    locators = {row["locator"] for row in outside.get("/api/activities").get_json()["rows"]}
    assert locators == {None}
    for words, status in (
        ({"Host": "rebound.example"}, 421),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ):
        refused = asked.get("/api/layers/presence", headers=words)
        assert (refused.status_code, refused.get_json()["error"][-1]) == (status, ".")
    assert asked.post("/api/activities").get_json()["error"].startswith("Méthode POST refusée")


def _pages(client: FlaskClient, path: str) -> Iterator[list[dict[str, Any]]]:
    while path:
        answer = client.get(path)
        told = answer.get_json()
        yield told["rows"]
        path = told["next"] or ""
        assert ("Link" in answer.headers) is bool(path)


def test_the_pages_of_the_activities_are_all_of_them_of_one_state(
    asked: FlaskClient, own: Store
) -> None:
    whole = asked.get("/api/activities?plans=1").get_json()
    assert (whole["count"], len(whole["rows"])) == (9, 9)
    pages = list(_pages(asked, "/api/activities?plans=1&limit=4"))
    assert [len(page) for page in pages] == [4, 4, 1]
    assert [row for page in pages for row in page] == whole["rows"]
    client = create_app(own).server.test_client()
    following = client.get("/api/activities?limit=4&format=csv").headers["Link"]
    assert following.endswith('&format=csv>; rel="next"')
    path = following[1 : following.index(">")]
    assert client.get(path).status_code == 200
    own.publish_tables(tables())
    assert client.get(path).status_code == 409


def test_an_answer_is_current_until_the_state_the_question_or_who_asks_is_another(
    asked: FlaskClient, outside: FlaskClient, own: Store
) -> None:
    def tag(client: FlaskClient, query: str = "", **headers: str) -> str:
        return client.get(f"/api/activities?{query}", headers=headers).headers["ETag"]

    mine = tag(asked)
    assert asked.get("/api/activities", headers={"Accept-Encoding": "gzip"}).headers["ETag"] == mine
    fresh = asked.get("/api/activities", headers={"If-None-Match": mine})
    assert (fresh.status_code, fresh.data) == (304, b"")
    others = {tag(asked, "lang=en"), tag(asked, "limit=2"), tag(asked, "sector=wash")}
    others |= {tag(outside), tag(asked, Accept="text/csv"), mine}
    assert len(others) == 6
    client = create_app(own).server.test_client()
    before = tag(client)
    own.publish_tables(tables())
    again = client.get("/api/activities", headers={"If-None-Match": before})
    assert (again.status_code, again.headers["ETag"] != before) == (200, True)
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_units_have_names_codes_and_shapes_and_the_reserved_rows(asked: FlaskClient) -> None:
    rows = asked.get("/api/units?frame=ml-2016&level=cercle").get_json()["rows"]
    found = {row["unit_id"]: row for row in rows}
    assert {"_national", "_unplaced", "_coarser", "_not_convertible"} <= set(found)
    told = found["ml-2016/ML0701"]
    assert (told["unit_name"], told["region"], told["cercle_code"]) == ("Ansongo", "Gao", "ML0701")
    shapes = asked.get("/api/units?frame=ml-2016&format=geojson").get_json()
    kinds = {f["properties"]["unit_id"]: f["geometry"]["type"] for f in shapes["features"]}
    assert (kinds["ml-2016/ML01"], kinds["ml-2016/ML07"]) == ("Polygon", "Point")


def test_the_sources_are_the_documents_read(asked: FlaskClient) -> None:
    rows = asked.get("/api/sources").get_json()["rows"]
    assert [(r["file"], r["as_of"], r["rows_read"], r["origin"]) for r in rows] == [
        ("liste-2024.xlsx", "2024-01-15", 2, "Projet d'essai 2024"),
        ("liste-2017.xlsx", "2017-06-30", 9, "Projet d'essai 2017"),
    ]


JSON_TYPES = {"string": str, "number": (int, float), "boolean": bool, "array": list}


def _fits(value: object, schema: dict[str, Any]) -> bool:
    kinds = schema["type"]
    if value is None:
        return "null" in kinds
    return any(isinstance(value, JSON_TYPES[kind]) for kind in kinds if kind != "null")


def test_the_description_declares_every_address_parameter_and_column_there_is(
    asked: FlaskClient,
) -> None:
    """A column that an answer has and the description lacks, or has of another type, is named."""
    told = asked.get("/api/openapi.json").get_json()
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]) == {f"/api/{path}" for path in API_TABLES}
    wrong = []
    for path, item in told["paths"].items():
        query = f"?{ASKED}" if API_TABLES[path.removeprefix("/api/")].takes_filters else ""
        rows = asked.get(path + query).get_json()["rows"]
        page = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        row = _resolved(told, page["properties"]["rows"]["items"]["$ref"])
        begun = row.get("patternProperties", {})
        for name, value in ((n, v) for one in rows[:20] for n, v in one.items()):
            schemas = [s for start, s in begun.items() if name.startswith(start[1:])]
            schema = row["properties"].get(name) or (schemas or [None])[0]
            if schema is None or not _fits(value, schema):
                wrong.append((path, name, value))
    assert wrong == []


def _resolved(told: dict[str, Any], ref: str) -> dict[str, Any]:
    for part in ref.removeprefix("#/").split("/"):
        told = told[part]
    return told


def test_every_reference_of_the_description_leads_somewhere_and_names_are_told_once() -> None:
    told = api_description()
    text = json.dumps(told, ensure_ascii=False)
    for ref in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        assert _resolved(told, ref)
    ids = [item["get"]["operationId"] for item in told["paths"].values()]
    assert len(set(ids)) == len(ids)
    for path, item in told["paths"].items():
        given = [
            one if "name" in one else _resolved(told, one["$ref"])
            for one in item["get"]["parameters"]
        ]
        names = [one["name"] for one in given]
        assert len(set(names)) == len(names), path
        assert all(one["in"] == "query" and one["description"] for one in given)


def test_the_settings_of_a_layer_are_described_as_it_declares_them() -> None:
    told = api_description()["paths"]["/api/layers/budget"]["get"]["parameters"]
    by = next(one for one in told if one.get("name") == "budget.by")
    assert by["schema"]["enum"] == ["unit", "sector", "donor", "org", "year"]
    assert (by["schema"]["default"], by["schema"]["x-words"]["donor"]) == (
        "unit",
        "Zone et bailleur",
    )


def test_what_a_signed_in_program_reads_is_noted_as_exported(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.publish_tables(tables())
    accounts = Accounts(store.root)
    accounts.choose_password(
        accounts.invite("pam", role_details("partner", "PAM"), made_by="root"),
        "le fleuve passe à Gao",
    )
    client = create_app(store).server.test_client()
    client.set_cookie("atlas_session", accounts.new_session("pam"))
    assert client.get("/api/").get_json()["viewer"] == "partner"
    assert client.get("/api/layers/presence?sector=wash").status_code == 200
    told = [(line.act, line.subject) for line in AuditTrail(store.root).lines(who="pam")]
    assert ("exported", "/api/layers/presence?sector=wash") in told


def test_an_empty_store_says_that_nothing_is_published(tmp_path: Path) -> None:
    client = create_app(Store(tmp_path)).server.test_client()
    answer = client.get("/api/activities")
    assert (answer.status_code, answer.get_json()["error"][:18]) == (404, "Rien n'est publié.")
    assert client.get("/api/").get_json()["snapshot"] is None


def test_columns_that_are_not_open_to_all_say_to_whom_they_are() -> None:
    row = api_description()["components"]["schemas"]["activities"]["properties"]
    assert row["locator"]["x-open-to"] == "partner"
    assert "x-open-to" not in row["title"]

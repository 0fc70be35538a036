"""Signing in: who sees and does what, by password, proxy or identity provider; what is noted."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from threading import Thread
from time import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask, jsonify, redirect, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.exceptions import NotFound
from werkzeug.serving import make_server

from atlas.app import create_app
from atlas.model import Viewer
from atlas.store import Store
from atlas.store.accounts import Accounts, role_details
from atlas.store.audit import AuditTrail
from atlas.web import guard
from atlas.web.markup import html_markup
from atlas.web.organisation_panel import organisation_panel
from atlas.web.page_state import DatasetProvider
from tests.layers.made import activity, fact, tables_of
from tests.web.example import tables
from tests.web.importing import OURS
from tests.web.test_guard import callbacks, rules

KIDAL = "ml-2016/ML08"
PHRASE = "le fleuve passe à Gao"
ROLES = {
    "chef": ("admin",),
    "redac": ("editor",),
    "gao": ("editor", "", "ml-2016/ML07"),
    "pam": ("partner", "PAM"),
}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store of the example with an account of each role."""
    store = Store(tmp_path_factory.mktemp("accounts"))
    store.publish_tables(tables())
    accounts = Accounts(store.root)
    for name, words in ROLES.items():
        token = accounts.invite(name, role_details(*words), made_by="root")
        accounts.choose_password(token, PHRASE)
    return store


@pytest.fixture(scope="module")
def server(held: Store) -> Flask:
    """The page on loopback."""
    made = create_app(held).server
    made.test_client().get("/")
    return made


@pytest.fixture
def signed_in(server: Flask, held: Store) -> Any:
    """A browser in which somebody is signed in; "": nobody."""

    def _client(name: str) -> FlaskClient:
        client = server.test_client()
        if name:
            token = Accounts(held.root).new_session(name)
            client.set_cookie("atlas_session", token)
        return client

    return _client


def test_by_password_one_is_an_editor_and_after_signing_out_the_public(server: Flask) -> None:
    client = server.test_client()
    assert client.post("/import/", headers=OURS).status_code == 403
    answer = client.post("/account/sign-in", data={"name": "Redac", "password": PHRASE})
    assert (answer.status_code, answer.location) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.post("/import/", headers=OURS).status_code == 200
    signed_out = client.post("/account/sign-out")
    assert signed_out.status_code == 303
    assert signed_out.headers["Clear-Site-Data"] == '"storage"'
    assert client.post("/import/", headers=OURS).status_code == 403


def test_a_wrong_password_leaves_the_form_and_the_sixth_is_told_to_wait(server: Flask) -> None:
    client = server.test_client()
    said = {"name": "nul", "password": "non"}
    answers = [client.post("/account/sign-in", data=said) for _try in range(6)]
    assert [one.status_code for one in answers] == [403] * 5 + [429]
    assert "le nom ou le mot de passe n&#x27;est pas le bon" in answers[0].text
    assert 'value="nul"' in answers[0].text
    assert int(answers[5].headers["Retry-After"]) > 800


@pytest.mark.parametrize("then", ["//ailleurs.example", "https://ailleurs.example", "/\\ailleurs"])
def test_signing_in_leads_nowhere_else(server: Flask, then: str) -> None:
    said = {"name": "redac", "password": PHRASE, "then": then}
    answer = server.test_client().post("/account/sign-in", data=said)
    assert answer.location == "/"


def test_a_form_of_another_site_signs_nobody_in(server: Flask) -> None:
    said = {"name": "redac", "password": PHRASE}
    answer = server.test_client().post(
        "/account/sign-in", data=said, headers={"Origin": "http://ailleurs.example"}
    )
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    ("name", "status"), [("", 303), ("pam", 403), ("redac", 403), ("chef", 200)]
)
@pytest.mark.parametrize("path", ["all", "audit"])
def test_only_whoever_keeps_the_accounts_sees_them(
    signed_in: Any, name: str, path: str, status: int
) -> None:
    assert signed_in(name).get(f"/account/{path}").status_code == status


def test_who_is_not_signed_in_has_the_answers_of_the_public_at_this_machine_too(
    held: Store, signed_in: Any, tmp_path: Path
) -> None:
    elsewhere = Store(tmp_path / "store")
    elsewhere.publish_tables(tables())
    public = create_app(elsewhere, viewer=Viewer.PUBLIC).server.test_client()
    for name in ("activites.csv", "zones.csv", "activites-lieux.csv"):
        query = "?frame=ml-2016&level=cercle"
        wanted = public.get(f"/download/{name}{query}").data
        assert signed_in("").get(f"/download/{name}{query}").data == wanted


@pytest.mark.parametrize(
    ("name", "level", "status"),
    [("", "commune", 403), ("pam", "commune", 200), ("redac", "commune", 200), ("", "cercle", 200)],
)
def test_each_role_sees_as_finely_as_its_viewer(
    signed_in: Any, name: str, level: str, status: int
) -> None:
    answer = signed_in(name).get(f"/api/layers/presence?frame=ml-2016&level={level}")
    assert answer.status_code == status


def test_each_role_is_answered_or_refused_by_every_route_and_none_fails(
    held: Store, signed_in: Any
) -> None:
    app = create_app(held)
    app.server.test_client().get("/")
    for name in ("", "pam", "gao", "redac"):
        client = signed_in(name)
        for url, method in rules(app):
            if "sign-out" in url:
                continue
            answer = client.open(url, method=method, headers=OURS)
            assert answer.status_code < 500, (name, method, url)
            assert b"Traceback" not in answer.data
            if url.startswith("/import/") and name != "redac" and method in ("GET", "POST"):
                assert answer.status_code == 403, (name, method, url)
        for sent in callbacks(app).values():
            assert client.post(guard.CALLBACK_PATH, json=sent).status_code < 500


def test_an_editor_of_a_zone_decides_there_and_nowhere_else(signed_in: Any, held: Store) -> None:
    said = {
        "reporter": "pam",
        "sector": "",
        "first": "01/01/2024",
        "last": "31/01/2024",
        "said_on": "01/02/2024",
        "who": "quelqu'un d'autre",
    }
    gao = signed_in("gao")
    elsewhere = gao.post(
        "/reporting/nothing", json={**said, "unit_id": "ml-2016/ML05"}, headers=OURS
    )
    everywhere = gao.post("/reporting/nothing", json={**said, "unit_id": ""}, headers=OURS)
    rounds = gao.post("/reporting/rounds/open", json={}, headers=OURS)
    assert [one.status_code for one in (elsewhere, everywhere, rounds)] == [403] * 3
    assert "de ces zones seulement : ml-2016/ML07" in elsewhere.get_json()["error"]
    here = gao.post("/reporting/nothing", json={**said, "unit_id": "ml-2016/ML07"}, headers=OURS)
    assert here.status_code == 200, here.text
    newest = AuditTrail(held.root).lines()[0:2]
    assert {one.who for one in newest} == {"gao"}  # not the free word


def test_what_is_seen_exported_and_done_is_in_the_audit_and_is_undone_from_there(
    signed_in: Any, held: Store
) -> None:
    client = signed_in("redac")
    app = create_app(held)
    for sent in callbacks(app).values():
        client.post(guard.CALLBACK_PATH, json=sent)
    client.get("/download/zones.csv?sector=wash")
    signed_in("").get("/download/zones.csv?sector=health")
    told = [(one.act, one.who, one.subject) for one in AuditTrail(held.root).lines()]
    assert ("saw", "redac", "tab=zones") in told
    assert ("exported", "redac", "/download/zones.csv?sector=wash") in told
    assert not [line for line in told if "sector=health" in line[2]]

    chef = signed_in("chef")
    listed = chef.get("/account/audit?act=decided").text
    decision = re.search(r'value="(\[&quot;nothing&quot;, \d+\])"', listed)
    if decision is None:
        said = {
            "reporter": "pam",
            "sector": "",
            "first": "01/02/2024",
            "last": "29/02/2024",
            "said_on": "01/03/2024",
            "unit_id": "",
        }
        assert client.post("/reporting/nothing", json=said, headers=OURS).status_code == 200
        listed = chef.get("/account/audit?act=decided").text
        decision = re.search(r'value="(\[&quot;nothing&quot;, \d+\])"', listed)
    assert decision is not None
    undone = chef.post("/account/undo", data={"decision": decision[1].replace("&quot;", '"')})
    assert "Décision annulée." in undone.text
    newest = [one for one in AuditTrail(held.root).lines() if one.act == "undone"]
    assert newest[0].who == "chef"


def test_what_cannot_be_noted_is_not_shown(signed_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from atlas.errors import StoreError

    def full(*_words: object) -> None:
        raise StoreError("Comptes", "le disque est plein")

    client = signed_in("redac")
    monkeypatch.setattr(AuditTrail, "record", full)
    answer = client.get("/download/zones.csv?sector=education")
    assert (answer.status_code, "le disque est plein" in answer.text) == (503, True)
    assert "Content-Disposition" not in answer.headers


def test_a_link_lets_choose_a_password_and_signs_in(signed_in: Any, server: Flask) -> None:
    page = signed_in("chef").post(
        "/account/invite", data={"name": "nouveau", "role": "partner", "organisation": "PAM"}
    )
    path = urlsplit(re.search(r"<code>(.*?)</code>", page.text)[1]).path  # type: ignore[index]
    client = server.test_client()
    assert "nouveau" in client.get(path).text
    differ = client.post(path, data={"password": PHRASE, "again": "autre"})
    assert (differ.status_code, "diffèrent" in differ.text) == (400, True)
    assert client.post(path, data={"password": PHRASE, "again": PHRASE}).status_code == 303
    assert "partenaire de PAM" in client.get("/account/").text
    assert "Lien sans effet" in server.test_client().get(path).text


def test_what_is_refused_leaves_the_list_of_accounts(signed_in: Any) -> None:
    answer = signed_in("chef").post("/account/invite", data={"name": "x", "role": "partner"})
    assert answer.status_code == 400
    assert "Partenaire sans organisation" in answer.text
    assert "<td>redac</td>" in answer.text


@pytest.mark.parametrize(
    ("role", "org", "sees"),
    [
        (("partner", "PAM"), "pam", (True, False)),
        (("partner", "PAM"), "fao", (False, False)),
        (("editor",), "fao", (True, True)),
    ],
)
def test_a_partner_reads_what_its_own_organisation_owes_and_no_documents(
    tmp_path: Path, role: tuple[str, ...], org: str, sees: tuple[bool, bool]
) -> None:
    owed = [fact("reporting", KIDAL, organisation=one, frequency="monthly", due_days=5,
                 as_of=date(2017, 1, 1))
            for one in ("pam", "fao")]  # fmt: skip
    store = Store(tmp_path)
    entries = [activity("Puits", KIDAL, key=one, lead_org=one) for one in ("pam", "fao")]
    store.publish_tables(tables_of(*entries, context=tuple(owed)))
    accounts = Accounts(tmp_path)
    accounts.invite("qui", role_details(*role), made_by="root")
    cookie = f"atlas_session={accounts.new_session('qui')}"
    provider = DatasetProvider(store, Viewer.EDITOR)
    with (
        create_app(store).server.test_request_context("/", headers={"Cookie": cookie}),
        provider.scene_of_query(f"org={org}") as scene,
    ):
        panel = html_markup(organisation_panel(scene))
    assert ("Rapports attendus" in panel, "Ses documents" in panel) == sees


@pytest.mark.parametrize(
    ("proxies", "status"), [("10.0.0.2", 403), ("127.0.0.0/8", 200), ("", 403)]
)
def test_the_name_that_a_proxy_gives_counts_from_configured_addresses_alone(
    server: Flask, monkeypatch: pytest.MonkeyPatch, proxies: str, status: int
) -> None:
    monkeypatch.setenv("ATLAS_PROXY_USER", "X-Remote-User")
    monkeypatch.setenv("ATLAS_PROXIES", proxies)
    headers = {**OURS, "X-Remote-User": "redac", "X-Forwarded-For": "192.0.2.7"}
    assert server.test_client().post("/import/", headers=headers).status_code == status


def test_a_name_without_account_is_refused_though_a_proxy_gives_it(
    server: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLAS_PROXY_USER", "X-Remote-User")
    monkeypatch.setenv("ATLAS_PROXIES", "127.0.0.1")
    answer = server.test_client().get("/", headers={"X-Remote-User": "inconnu"})
    assert (answer.status_code, "n'a pas de compte" in answer.text) == (403, True)


def test_accounts_that_are_lost_open_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.publish_tables(tables())
    accounts = Accounts(tmp_path)
    accounts.choose_password(accounts.invite("chef", role_details("admin"), made_by="root"), PHRASE)
    token = accounts.new_session("chef")
    client = create_app(store).server.test_client()
    for file in tmp_path.glob("accounts.sqlite*"):
        file.unlink()
    assert client.post("/import/", headers=OURS).status_code == 403
    client.set_cookie("atlas_session", token)
    answer = client.get("/")
    assert (answer.status_code, "le fichier a disparu" in answer.text) == (503, True)


def _provider_app(issuer: str, said: dict[str, Any]) -> Flask:
    """A small OpenID Connect provider, which asks the person nothing."""
    app, key = Flask("provider"), RSAKey.generate_key(2048, {"kid": "1"})

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Any:
        return jsonify(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            jwks_uri=f"{issuer}/keys",
            id_token_signing_alg_values_supported=["RS256"],
        )

    @app.get("/keys")
    def keys() -> Any:
        return jsonify(keys=[key.as_dict(private=False)])

    @app.get("/authorize")
    def authorize() -> Any:
        said["nonce"], said["challenge"] = request.args["nonce"], request.args["code_challenge"]
        return redirect(f"{request.args['redirect_uri']}?code=c&state={request.args['state']}")

    @app.post("/token")
    def token() -> Any:
        verifier = sha256(request.form["code_verifier"].encode()).digest()
        assert urlsafe_b64encode(verifier).rstrip(b"=").decode() == said["challenge"]
        now = int(time())
        claims = {"iss": issuer, "aud": "atlas", "sub": "1", "iat": now, "exp": now + 60}
        claims |= {"nonce": said["nonce"], **said["claims"]}
        made = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
        return jsonify(access_token="a", token_type="Bearer", expires_in=60, id_token=made)

    return app


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A provider on loopback; what it says of the person may be changed."""
    said: dict[str, Any] = {"claims": {"email": "redac", "email_verified": True}}
    listening = make_server("127.0.0.1", 0, NotFound(), threaded=True)
    issuer = f"http://127.0.0.1:{listening.server_port}"
    listening.app = _provider_app(issuer, said)
    Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    monkeypatch.setenv("ATLAS_OIDC_ISSUER", issuer)
    monkeypatch.setenv("ATLAS_OIDC_CLIENT", "atlas")
    monkeypatch.setenv("ATLAS_OIDC_SECRET", "s")
    yield said
    listening.shutdown()


def _by_provider(client: FlaskClient, provider: dict[str, Any]) -> Any:
    """Go to the provider, and come back as it sends the browser."""
    there = client.get("/account/provider?then=/?tab=zones")
    if there.location.startswith("/account"):  # the first of a process is asked again
        there = client.get(there.location)
    assert there.status_code == 302, there.text
    back = requests.get(there.location, allow_redirects=False, timeout=5).headers["Location"]
    return client.get(f"{urlsplit(back).path}?{urlsplit(back).query}")


def test_an_identity_provider_signs_in_whoever_has_an_account(
    server: Flask, provider: dict[str, Any]
) -> None:
    client = server.test_client()
    answer = _by_provider(client, provider)
    assert (answer.status_code, answer.location) == (303, "/?tab=zones"), answer.text
    assert client.post("/import/", headers=OURS).status_code == 200


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email": "redac", "email_verified": False}, "vérifié"),
        ({"email": "inconnu", "email_verified": True}, "inconnu"),
        ({}, "ne dit pas"),
        ({"email": "redac", "email_verified": True, "aud": "un autre"}, "refusée"),
        ({"email": "redac", "email_verified": True, "nonce": "d'avant"}, "refusée"),
        ({"email": "redac", "email_verified": True, "iss": "http://autre"}, "refusée"),
        ({"email": "redac", "email_verified": True, "exp": 1}, "refusée"),
    ],
)
def test_what_a_provider_does_not_vouch_for_signs_nobody_in(
    server: Flask, provider: dict[str, Any], claims: dict[str, Any], words: str
) -> None:
    provider["claims"] = claims
    client = server.test_client()
    answer = _by_provider(client, provider)
    assert answer.status_code in (400, 403), answer.text
    assert words in answer.text
    assert client.post("/import/", headers=OURS).status_code == 403


def test_an_answer_that_was_not_asked_for_signs_nobody_in(
    server: Flask, provider: dict[str, Any]
) -> None:
    client = server.test_client()
    client.get("/account/provider")
    answer = client.get("/account/provider/back?code=c&state=faux")
    assert (answer.status_code, client.get_cookie("atlas_session")) == (403, None)


def test_a_provider_that_is_away_is_said(server: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_OIDC_ISSUER", "http://127.0.0.1:9")
    client = server.test_client()
    client.get("/account/provider")
    answer = client.get("/account/provider")
    assert (answer.status_code, "non joignable" in answer.text) == (400, True)

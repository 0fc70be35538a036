"""A server that fails, throttles or refuses: waited for, told in a sentence, and no secret shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas.errors import UsageError
from atlas.ingest.files.pulled_workbook import FormChange, PulledForm, pulled_form_in
from atlas.ingest.files.readers import read_document
from atlas.ingest.reading import Sheet
from atlas.model import Tables
from atlas.pulls import pull
from atlas.pulls.remote_server import RemoteServer
from atlas.store import Store
from atlas.transfers import DownloadError
from tests.pulls.conftest import SECRET, Pull, Run
from tests.pulls.list_server import KOBO_ASSET, ListServer, Refusal, serving_lists
from tests.pulls.test_kobo import FORM, submission

DATA = f"{KOBO_ASSET}data/"


@pytest.fixture
def lists(lists: ListServer) -> ListServer:
    lists.content, lists.submissions = FORM, [submission(n) for n in range(1, 6)]
    return lists


def test_a_server_that_fails_and_then_answers_is_asked_again(
    lists: ListServer, pulled: Pull, waits: list[float]
) -> None:
    lists.refusals = {KOBO_ASSET: [Refusal(500)], DATA: [Refusal(503), Refusal(502)]}
    assert pulled("kobo", "aFormulaire")["rows_read"] == 5
    assert waits == [2, 2, 4]


def test_a_server_that_says_when_to_come_back_is_asked_no_sooner(
    lists: ListServer, pulled: Pull, waits: list[float]
) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    lists.refusals[DATA] = [
        Refusal(429, {"Retry-After": "17"}),
        Refusal(429, {"Retry-After": moment}),
    ]
    assert pulled("kobo", "aFormulaire")["rows_read"] == 5
    assert waits[0] == 17
    assert 80 < waits[1] <= 90


@pytest.mark.parametrize(
    ("refusal", "told", "waited"),
    [
        (Refusal(429, {"Retry-After": "3600"}), "Le serveur limite les demandes", 0),
        (Refusal(401, {}, b'{"detail": "Invalid token s3cr3t-jeton."}'),
         "réponse 401 (« Invalid token …. »). Vérifiez le jeton (ATLAS_KOBO_TOKEN).", 0),
        (Refusal(404, {}, b"<html>"), "Vérifiez l'identifiant", 0),
        (Refusal(500), "réponse 500. Vérifiez l'adresse, ou relancez plus tard.", 5),
    ],
)  # fmt: skip
def test_a_refusal_names_the_server_what_it_said_and_what_to_do_and_publishes_nothing(
    lists: ListServer,
    atlas: Run,
    tmp_path: Path,
    waits: list[float],
    refusal: Refusal,
    told: str,
    waited: int,
) -> None:
    lists.refusals[DATA] = [refusal] * 9
    said = atlas("pull", "kobo", "aFormulaire", "--keep", tmp_path)
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert f"127.0.0.1:{lists.port}" in said.err
    assert told in said.err
    assert "Rien n'a été publié." in said.err
    assert len(waits) == waited
    assert Store(tmp_path / "store").current_snapshot() is None
    assert not list(tmp_path.glob("*.xlsx"))


def test_a_pull_that_fails_half_way_leaves_what_was_published(
    lists: ListServer, pulled: Pull, atlas: Run, published: Callable[[], Tables]
) -> None:
    pulled("kobo", "aFormulaire")
    before = published().activities["activity_id"].to_list()
    lists.submissions = [submission(9)] * 3
    lists.next_pages = "/ailleurs"
    assert atlas("pull", "kobo", "aFormulaire").code == 1
    assert published().activities["activity_id"].to_list() == before


def test_a_secret_stays_with_its_server(lists: ListServer, atlas: Run, tmp_path: Path) -> None:
    with serving_lists(ListServer(content=FORM)) as other:
        elsewhere = Refusal(302, {"Location": other.address + KOBO_ASSET})
        lists.refusals[KOBO_ASSET] = [elsewhere]
        assert atlas("pull", "kobo", "aFormulaire").code == 1
        lists.next_pages = other.address + DATA
        assert atlas("pull", "kobo", "aFormulaire").code == 1
        assert other.asked == []


def test_a_redirection_on_the_same_server_takes_the_secret_along(
    lists: ListServer, pulled: Pull
) -> None:
    lists.refusals[KOBO_ASSET] = [Refusal(302, {"Location": KOBO_ASSET})]
    assert pulled("kobo", "aFormulaire")["rows_read"] == 5
    assert all(h["Authorization"] == f"Token {SECRET}" for _p, h, _b in lists.asked)


def test_no_secret_is_printed_kept_or_written(
    lists: ListServer, atlas: Run, tmp_path: Path
) -> None:
    said = atlas("pull", "kobo", "aFormulaire", "--keep", tmp_path)
    assert said.code == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert SECRET not in path.name
        assert SECRET.encode() not in path.read_bytes()
    assert SECRET not in said.out + said.err


def test_a_pull_is_no_larger_in_all_than_a_file_may_be(lists: ListServer) -> None:
    server = RemoteServer(lists.address, pull.PATIENCE, left=2500)
    server.json(KOBO_ASSET)
    with pytest.raises(DownloadError, match="fichier démesuré"):
        server.json(KOBO_ASSET)


@pytest.mark.parametrize(
    "address", ["file:///etc", "ftp://kobo.example.org", "kobo.example.org", "https://a:b@c.org"]
)
def test_only_an_address_of_the_web_without_a_password_is_asked(address: str) -> None:
    with pytest.raises(UsageError, match="Adresse de serveur refusée"):
        RemoteServer(address, pull.PATIENCE)


def test_a_token_that_is_none_is_refused_unseen(
    lists: ListServer, atlas: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLAS_KOBO_TOKEN", "s3cr3t\nX-Other: 1")
    said = atlas("pull", "kobo", "aFormulaire")
    assert (said.code, lists.asked) == (2, [])
    assert "ATLAS_KOBO_TOKEN n'est pas un jeton" in said.err
    assert "s3cr3t" not in said.err


def test_offline_and_unknown_servers_are_told_at_once(
    lists: ListServer, atlas: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Choisissez parmi : kobo, activityinfo, hdx, iati." in atlas("pull", "odk", "x").err
    monkeypatch.setenv("ATLAS_KOBO_URL", "")
    assert "Dites-le avec --server ou ATLAS_KOBO_URL." in atlas("pull", "kobo", "x").err
    monkeypatch.setenv("ATLAS_OFFLINE", "1")
    assert "ATLAS_OFFLINE=1" in atlas("pull", "hdx", "x").err
    assert lists.asked == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.integers(0, 12), page=st.integers(1, 5))
def test_as_many_submissions_are_read_as_the_server_counts(
    lists: ListServer, tmp_path: Path, sent: int, page: int
) -> None:
    lists.submissions, lists.page = [submission(n + 1) for n in range(sent)], page
    found = pull.pulled_file(
        Store(tmp_path / "empty"), pull.PullRequest("kobo", "aFormulaire", lists.address)
    )
    (tmp_path / found.name).write_bytes(found.content)
    document = read_document(tmp_path / found.name)
    assert [len(sheet.rows) - 1 for sheet in document.sheets] == [sent]
    assert "pull_count" not in {finding.code for finding in document.findings}


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@given(
    st.builds(
        PulledForm,
        counted=st.integers(0, 9),
        read=st.integers(0, 9),
        personal=st.lists(texts, max_size=2).map(tuple),
        unread=st.lists(texts, max_size=2).map(tuple),
        headings=st.dictionaries(texts, texts, max_size=3),
        former=st.dictionaries(texts, texts, max_size=3),
        choices=st.dictionaries(st.tuples(texts, texts), texts, max_size=3),
        changes=st.lists(st.builds(FormChange, st.just("gone"), texts, st.just(""))).map(tuple),
    )
)
def test_what_a_pull_says_of_itself_is_read_back_from_its_sheet(form: PulledForm) -> None:
    assert pulled_form_in([Sheet("atlas-pull", form.rows())]) == form

"""A file comes whole over a line that breaks, or it does not come, and says why."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas.geo import hdx
from atlas.geo.hdx import discard_partial, fetch_file
from atlas.transfers import DownloadError, FetchTimeouts, SafeRedirects, fetch_json
from tests.geo.far_side import FILE, FarSide, serving

BODY = bytes(range(256)) * 4
EAGER = FetchTimeouts(silence=5, pause=0)


@pytest.fixture
def far() -> Iterator[FarSide]:
    with serving(FarSide(BODY)) as side:
        yield side


def _fetched(far: FarSide, part: Path, patience: FetchTimeouts = EAGER) -> bytes:
    fetch_file(far.address + FILE, part, patience)
    return part.read_bytes()


def test_a_broken_transfer_goes_on_where_it_broke(far: FarSide, tmp_path: Path) -> None:
    far.cuts = [300, 200]
    assert _fetched(far, tmp_path / "part") == BODY
    asked = [(h.get("Range"), h.get("If-Range")) for h in far.files_asked()]
    assert asked == [(None, None), ("bytes=300-", '"one"'), ("bytes=500-", '"one"')]


def test_a_transfer_given_up_goes_on_at_the_next_call(far: FarSide, tmp_path: Path) -> None:
    far.cuts = [400, 0]
    with pytest.raises(DownloadError, match="transfert interrompu"):
        _fetched(far, tmp_path / "part", FetchTimeouts(silence=5, pause=0, tries=1))
    assert (tmp_path / "part").read_bytes() == BODY[:400]
    far.cuts = []
    assert _fetched(far, tmp_path / "part") == BODY
    assert far.files_asked()[-1]["Range"] == "bytes=400-"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 600), max_size=6))
def test_wherever_the_line_breaks_the_bytes_are_the_same(
    far: FarSide, tmp_path: Path, cuts: list[int]
) -> None:
    discard_partial(tmp_path / "part")
    far.cuts = list(cuts)
    assert _fetched(far, tmp_path / "part") == BODY
    far.cuts.clear()


@pytest.mark.parametrize("honest", [True, False], ids=["If-Range", "no If-Range"])
def test_a_file_that_changed_meanwhile_is_never_sewn_together(
    far: FarSide, tmp_path: Path, honest: bool
) -> None:
    far.cuts = [400]
    with pytest.raises(DownloadError):
        _fetched(far, tmp_path / "part", FetchTimeouts(silence=5, pause=0, tries=0))
    far.body, far.etag, far.honest = BODY[::-1], '"two"', honest
    assert _fetched(far, tmp_path / "part") == BODY[::-1]


def test_without_a_strong_validator_it_starts_afresh(far: FarSide, tmp_path: Path) -> None:
    far.etag, far.cuts = 'W/"one"', [400]
    assert _fetched(far, tmp_path / "part") == BODY
    assert [h.get("Range") for h in far.files_asked()] == [None, None]


def test_a_server_without_ranges_sends_it_again(far: FarSide, tmp_path: Path) -> None:
    far.ranges, far.cuts = False, [400]
    assert _fetched(far, tmp_path / "part") == BODY


def test_a_whole_file_left_by_a_crash_is_not_fetched_again(far: FarSide, tmp_path: Path) -> None:
    _fetched(far, tmp_path / "part")
    assert _fetched(far, tmp_path / "part") == BODY
    assert far.files_asked()[-1]["Range"] == f"bytes={len(BODY)}-"


def test_what_came_of_a_longer_file_is_thrown_away(far: FarSide, tmp_path: Path) -> None:
    _fetched(far, tmp_path / "part")
    far.body, far.honest = BODY[:100], False
    assert _fetched(far, tmp_path / "part") == BODY[:100]


def test_an_overloaded_server_is_asked_again(far: FarSide, tmp_path: Path) -> None:
    far.statuses[FILE] = [503, 429]
    assert _fetched(far, tmp_path / "part") == BODY


def test_a_missing_file_is_asked_once(far: FarSide, tmp_path: Path) -> None:
    far.statuses[FILE] = [404, 404]
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:\d+ : .*réponse 404"):
        _fetched(far, tmp_path / "part")
    assert len(far.files_asked()) == 1


def test_a_redirection_is_followed_with_the_rest_asked_for(far: FarSide, tmp_path: Path) -> None:
    far.redirects[FILE] = far.address + "/dataset/elsewhere.zip"
    far.cuts = [100]
    assert _fetched(far, tmp_path / "part") == BODY
    assert far.files_asked()[-1]["Range"] == "bytes=100-"


def test_a_silent_server_is_left(far: FarSide, tmp_path: Path) -> None:
    far.delay = 0.6
    with pytest.raises(DownloadError, match="délai dépassé"):
        _fetched(far, tmp_path / "part", FetchTimeouts(silence=0.1, pause=0, tries=1))


def test_a_trickle_is_left_when_the_time_is_up_and_kept(far: FarSide, tmp_path: Path) -> None:
    far.drip = 0.01
    with pytest.raises(DownloadError, match="délai dépassé"):
        _fetched(far, tmp_path / "part", FetchTimeouts(silence=5, whole=0.2, pause=0))
    come = (tmp_path / "part").read_bytes()
    assert 0 < len(come) < len(BODY)
    assert BODY.startswith(come)


def test_nobody_there_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        with pytest.raises(DownloadError, match="connexion refusée") as caught:
            fetch_file(address, tmp_path / "part", FetchTimeouts(silence=2, pause=0, tries=1))
    assert "\n" not in str(caught.value)


def test_an_unknown_name_says_there_is_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def _no_names(*_words: object, **_more: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", _no_names)
    with pytest.raises(DownloadError, match="nom introuvable"):
        fetch_json("http://hdx.invalid/api", FetchTimeouts(silence=2))


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1/x", "hdx.zip"])
def test_only_http_is_fetched(address: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="adresse refusée"):
        fetch_file(address, tmp_path / "part", EAGER)


def test_a_redirection_leads_to_no_file_of_this_machine(far: FarSide, tmp_path: Path) -> None:
    far.redirects[FILE] = (tmp_path / "secret").as_uri()
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    with pytest.raises(DownloadError):
        _fetched(far, tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_a_redirection_never_drops_the_encryption() -> None:
    with pytest.raises(HTTPError, match="https → http"):
        SafeRedirects().redirect_request(
            Request("https://data.humdata.org/x"), None, 302, "", Message(), "http://a.example/x"
        )


def test_a_portal_instead_of_json_is_said(far: FarSide) -> None:
    far.texts["/api"] = b"<html>Connectez-vous</html>"
    with pytest.raises(DownloadError, match="ce n'est pas du JSON"):
        fetch_json(far.address + "/api", EAGER)


def test_the_proxy_of_the_environment_is_used(
    far: FarSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", far.address)
    monkeypatch.setenv("no_proxy", "")
    fetch_file("http://hdx.invalid" + FILE, tmp_path / "part", EAGER)
    assert (tmp_path / "part").read_bytes() == BODY
    assert far.files_asked()[0]["Host"] == "hdx.invalid"


def test_a_proxy_that_refuses_an_encrypted_address_is_said_once(
    far: FarSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", far.address)
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(DownloadError, match=r"refus du proxy \(407 "):
        fetch_file("https://hdx.invalid" + FILE, tmp_path / "part", EAGER)
    assert [path for path, _ in far.asked] == ["CONNECT hdx.invalid:443"]


def test_a_full_disk_is_not_tried_again(
    far: FarSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _full(*_words: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(hdx, "_write_answer", _full)
        with pytest.raises(DownloadError, match="le disque est plein"):
            _fetched(far, tmp_path / "part")
    assert len(far.files_asked()) == 1


def test_progress_ends_at_the_whole_size(far: FarSide, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    far.cuts = [300]
    fetch_file(
        far.address + FILE, tmp_path / "part", EAGER, lambda done, total: seen.append((done, total))
    )
    assert seen[0] == (0, len(BODY))
    assert seen[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)

"""Boundaries from HDX are installed once, checked, and nothing is lost when that fails."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import geopandas as gpd
import pytest
from filelock import FileLock
from shapely.geometry import box

from atlas import server
from atlas.cli import command
from atlas.errors import GeodataError
from atlas.geo import background, shapes
from atlas.geo import install as module
from atlas.geo.install import download_boundaries
from atlas.paths import boundaries_root
from atlas.transfers import FetchTimeouts
from tests.conftest import SHARED, needs_shared
from tests.geo.far_side import API, FILE, FarSide, serving
from tests.geo.squares import grid_of_communes, install_layers, v03

EAGER = FetchTimeouts(silence=5, pause=0, tries=1)


def _zipped(*codes: str) -> bytes:
    """Communes of Ménaka as squares, zipped as HDX does."""
    table = gpd.GeoDataFrame(
        {"adm3_pcode": codes, "adm2_pcode": ["ML0704"] * len(codes)},
        geometry=[box(2 + n, 16, 3 + n, 17) for n in range(len(codes))],
        crs="EPSG:4326",
    )
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mli_admin3.geojson", table.to_json())
    return packed.getvalue()


ONE, TWO = _zipped("ML070401"), _zipped("ML070401", "ML070402")


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSide]:
    """HDX on this machine; the environment leads there."""
    monkeypatch.delenv("ATLAS_OFFLINE")
    with serving(FarSide(ONE)) as side:
        monkeypatch.setenv("ATLAS_HDX_URL", side.address)
        yield side


def _drawn() -> int:
    return shapes.count_by_basis("ml-2012", "commune").get("official", 0)


def _left() -> set[str]:
    """What lies beside the generations, locks apart."""
    files = {path.name for path in boundaries_root().iterdir() if path.is_file()}
    return {name for name in files if not name.endswith(".lock")}


def test_what_hdx_holds_is_installed_and_then_nothing_is_done(far: FarSide) -> None:
    first = download_boundaries(EAGER)
    assert (_drawn(), first.checked) == (1, True)
    assert first.report_lines()[0] == (
        "mli_admin_boundaries.geojson.zip du 2025-09-04 : taille et somme de contrôle vérifiées."
    )
    second = download_boundaries(EAGER)
    assert second.report is None
    assert second.report_lines() == [
        "Limites à jour : mli_admin_boundaries.geojson.zip du 2025-09-04 est déjà installé."
    ]
    assert len(far.files_asked()) == 1
    assert _left() == {"current", "hdx.json"}


def test_a_new_release_replaces_the_old_one(far: FarSide) -> None:
    download_boundaries(EAGER)
    far.body, far.etag = TWO, '"two"'
    far.resource = {"last_modified": "2026-01-15T00:00:00.000000"}
    assert download_boundaries(EAGER).resource.upload_day == "2026-01-15"
    assert _drawn() == 2


def test_boundaries_taken_away_by_hand_are_fetched_again(far: FarSide) -> None:
    download_boundaries(EAGER)
    (boundaries_root() / "current").unlink()
    assert download_boundaries(EAGER).report is not None
    assert _drawn() == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"hash": "0" * 32}, "somme de contrôle md5 différente"),
        ({"size": 12}, "octets au lieu de 12"),
    ],
)
def test_what_is_not_as_announced_is_refused_and_the_old_stays(
    far: FarSide, wrong: dict[str, object], why: str
) -> None:
    download_boundaries(EAGER)
    before = shapes.boundaries_folder()
    far.body, far.etag, far.resource = TWO, '"two"', wrong
    with pytest.raises(GeodataError, match=why) as caught:
        download_boundaries(EAGER)
    assert "Ce qui est installé reste en place" in str(caught.value)
    assert (shapes.boundaries_folder(), _drawn()) == (before, 1)
    assert _left() == {"current", "hdx.json"}


def test_without_size_or_checksum_that_is_said(far: FarSide) -> None:
    far.resource = {"size": None, "hash": ""}
    assert (
        "HDX ne publie ni taille ni somme de contrôle"
        in download_boundaries(EAGER).report_lines()[0]
    )


def test_a_broken_transfer_goes_on_next_time_and_the_old_stays(far: FarSide) -> None:
    download_boundaries(EAGER)
    far.body, far.etag, far.cuts = TWO, '"two"', [100, 0]
    with pytest.raises(GeodataError, match="transfert interrompu"):
        download_boundaries(EAGER)
    assert (_drawn(), _left()) == (1, {"current", "hdx.json", "hdx.part", "hdx.part.json"})
    far.cuts = []
    download_boundaries(EAGER)
    assert far.files_asked()[-1]["Range"] == "bytes=100-"
    assert (_drawn(), _left()) == (2, {"current", "hdx.json"})


@pytest.mark.parametrize("body", [b"PK\x03\x04 tronque", b"<html>Connectez-vous</html>"])
def test_what_is_not_boundaries_is_refused_and_not_kept(far: FarSide, body: bytes) -> None:
    download_boundaries(EAGER)
    far.body, far.etag = body, '"two"'
    with pytest.raises(GeodataError, match="illisible"):
        download_boundaries(EAGER)
    assert (_drawn(), _left()) == (1, {"current", "hdx.json"})


def test_stopped_while_installing_the_file_is_kept(
    far: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _stop(*_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "install_boundaries", _stop)
        with pytest.raises(KeyboardInterrupt):
            download_boundaries(EAGER)
    assert _left() == {"hdx.part", "hdx.part.json"}
    download_boundaries(EAGER)
    assert far.files_asked()[-1]["Range"] == f"bytes={len(ONE)}-"
    assert _drawn() == 1


def test_two_at_once_do_not_mix(far: FarSide) -> None:
    boundaries_root().mkdir(parents=True)
    with (
        FileLock(boundaries_root() / "hdx.lock"),
        pytest.raises(GeodataError, match="déjà en cours"),
    ):
        download_boundaries(EAGER)
    assert far.asked == []


def _command(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["atlas", "geodata", "download"])
    with pytest.raises(SystemExit) as done:
        command.main()
    return int(done.value.code or 0)


def test_the_command_says_what_was_installed(
    far: FarSide, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _command(monkeypatch) == 0
    assert "1 commune" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["atlas", "geodata", "status"])
    with pytest.raises(SystemExit):
        command.main()
    shown = capsys.readouterr().out
    assert "hdx: mli_admin_boundaries.geojson.zip, 2025-09-04T10:11:12.123456" in shown


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ({"ATLAS_HDX_URL": "http://127.0.0.1:9"}, "connexion refusée"),
        ({"ATLAS_OFFLINE": "1"}, "ATLAS_OFFLINE=1"),
    ],
)
def test_offline_is_one_line_and_exit_code_1(
    far: FarSide,
    setting: dict[str, str],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    download_boundaries(EAGER)
    far.asked.clear()
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    assert _command(monkeypatch) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), far.asked, _drawn()) == ("", 1, [], 1)
    assert why in err


def test_a_page_that_is_gone_is_said(far: FarSide) -> None:
    far.statuses[API] = [404]
    with pytest.raises(GeodataError, match="réponse 404"):
        download_boundaries(EAGER)
    assert far.files_asked() == []


def test_boundaries_of_2023_that_are_downloaded_say_what_they_redrew(
    far: FarSide, tmp_path: Path
) -> None:
    install_layers(tmp_path / "communes", grid_of_communes())
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for level, layer in v03().items():
            archive.writestr(f"mli_{level}.geojson", layer.to_json())
    far.body = packed.getvalue()
    assert download_boundaries(EAGER).report_lines()[-2:] == [
        "Redessinés, ml-2023/region (20 sur 20) : tous.",
        "Redessinés, ml-2023/cercle (160 sur 160) : tous.",
    ]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands that would have been started apart."""
    commands: list[list[str]] = []
    monkeypatch.setattr(background, "_start_detached", lambda words, _log: commands.append(words))
    return commands


def test_the_background_tries_once_a_day(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ATLAS_OFFLINE")
    assert [background.start_in_background() for _ in range(3)] == [True, False, False]
    yesterday = time.time() - background.ONCE_A_DAY_S - 1
    os.utime(boundaries_root() / "hdx.tried", (yesterday, yesterday))
    assert background.start_in_background() is True
    assert started == [[sys.executable, "-m", "atlas.geo.background", "15.0"]] * 2


def test_the_background_stays_quiet_offline_and_where_it_cannot_write(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert background.start_in_background() is False
    monkeypatch.delenv("ATLAS_OFFLINE")
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("ATLAS_GEODATA", str(tmp_path / "file" / "inside"))
    assert background.start_in_background() is False
    assert started == []


@pytest.mark.parametrize(("host", "tries"), [("127.0.0.1", 1), ("0.0.0.0", 0)])
def test_only_a_server_on_loopback_tries(
    started: list[list[str]], host: str, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ATLAS_OFFLINE")
    monkeypatch.setenv("ATLAS_VIEWER", "")
    monkeypatch.setenv("ATLAS_ADDRESS", "")
    monkeypatch.setattr(server, "require_free_port", lambda *_words: None)
    monkeypatch.setattr(os, "execv", lambda *_words: None)
    server.serve_page(host, 8199)
    assert len(started) == tries


def test_nobody_waits_for_the_background_and_its_log_says_what_came_of_it(far: FarSide) -> None:
    far.delay, far.statuses[API] = 0.3, [503]
    assert background.start_in_background(head_start=0) is True
    log = boundaries_root() / "hdx.log"
    assert log.read_text(encoding="utf-8") == "", "it came back before the far side answered"
    for _tick in range(600):
        if log.read_text(encoding="utf-8"):
            break
        time.sleep(0.05)
    (line,) = log.read_text(encoding="utf-8").splitlines()
    assert "réponse 503" in line


def test_the_detached_process_never_fails(
    far: FarSide, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "nice", lambda _by: 0)
    background.main(0)
    far.statuses[API] = [500]
    background.main(0)
    done, failed = capsys.readouterr().out.splitlines()
    assert "taille et somme de contrôle vérifiées" in done
    assert "réponse 500" in failed


@needs_shared
def test_the_official_boundaries_of_2019_come_whole_over_a_broken_line(far: FarSide) -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for n in (1, 2, 3):
            path = SHARED / "geodata" / "cod-ab-mli-2019" / f"adm{n}.geojson"
            archive.write(path, f"mli_admin{n}.geojson")
    far.body, far.cuts = packed.getvalue(), [100_000, 300_000]
    far.redirects[FILE] = far.address + "/dataset/elsewhere.zip"
    report = download_boundaries(EAGER).report
    assert report is not None
    assert report.counts == {"region": 9, "cercle": 50, "commune": 701}
    ranges = [h.get("Range") for h in far.files_asked() if "Range" in h]
    assert ranges == ["bytes=100000-"] * 2 + ["bytes=400000-"] * 2

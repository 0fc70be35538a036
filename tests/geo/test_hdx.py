"""What CKAN says of a dataset is read as published, and the best file of it is taken."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from atlas.geo.hdx import (
    HdxResource,
    best_resource,
    current_resource,
    has_verified_checksum,
    published_checksums,
)
from atlas.transfers import DownloadError, FetchTimeouts
from tests.geo.far_side import API, FILE, FarSide, serving


def _resource(
    name: str, kind: str = "geojson", day: str = "2025-09-04", **more: Any
) -> HdxResource:
    known = {"size": 10, "hash": "", "url": f"https://h/{name}", "id": name}
    return HdxResource(name=name, format=kind, modified=f"{day}T00:00:00", **(known | more))


def _found(far: FarSide, monkeypatch: pytest.MonkeyPatch) -> HdxResource:
    with serving(far):
        monkeypatch.setenv("ATLAS_HDX_URL", far.address + "/")
        return current_resource(FetchTimeouts(silence=5))


def test_the_fields_of_hdx_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    far = FarSide(b"12345")
    found = _found(far, monkeypatch)
    assert found == HdxResource(
        id="f5502554",
        name="mli_admin_boundaries.geojson.zip",
        format="geojson",
        url=far.address + FILE,
        size=5,
        hash="827ccb0eea8a706c4c34a16891f84e7b",
        modified="2025-09-04T10:11:12.123456",
    )
    assert (found.upload_day, found.file_name) == ("2025-09-04", "mli_admin_boundaries.geojson.zip")


@pytest.mark.parametrize("size", [0, None, "", "inconnue"])
def test_a_size_that_is_not_known_is_not_zero(size: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _found(FarSide(b"1", resource={"size": size}), monkeypatch).size is None


def test_plain_ckan_gives_url_alone_and_it_may_be_relative(monkeypatch: pytest.MonkeyPatch) -> None:
    far = FarSide(b"1", resource={"download_url": None, "url": "/dataset/a.zip"})
    assert _found(far, monkeypatch).url == far.address + "/dataset/a.zip"


def test_the_format_that_reads_surest_is_taken() -> None:
    offered = [_resource("a", "shp"), _resource("b", "geojson"), _resource("c", "gpkg")]
    assert best_resource(offered) == offered[1]
    assert best_resource([offered[0], offered[2]]) == offered[2]


def test_a_newer_release_goes_before_a_better_format() -> None:
    old, new = _resource("v02", "geojson", "2021-12-20"), _resource("v03", "shp", "2025-09-04")
    assert best_resource([old, new]) == new


def test_a_format_uploaded_days_later_is_the_same_release() -> None:
    early, late = _resource("a", "geojson", "2025-09-04"), _resource("b", "shp", "2025-09-20")
    assert best_resource([early, late]) == early


def test_lines_and_points_are_taken_last() -> None:
    lines = _resource("mli_admin_lines.geojson.zip", size=99)
    whole = _resource("mli_admin_boundaries.shp.zip", "shp")
    assert best_resource([lines, whole]) == whole


def test_services_tables_and_drafts_are_no_boundaries(monkeypatch: pytest.MonkeyPatch) -> None:
    far = FarSide(b"1")
    far.resources = [
        {"format": "Geoservice", "download_url": "https://h/MapServer"},
        {"format": "XLSX", "download_url": "https://h/a.xlsx"},
        {"format": "Geodatabase", "download_url": "https://h/a.gdb.zip"},
        {"format": "SHP", "download_url": "https://h/a.zip", "state": "draft"},
        {"format": "GeoJSON"},
    ]
    with pytest.raises(DownloadError, match="Geoservice, XLSX, Geodatabase, SHP, GeoJSON"):
        _found(far, monkeypatch)


@pytest.mark.parametrize(
    "text",
    [b'{"success": false, "error": {}}', b"[]", b'{"success": true, "result": null}', b"7"],
)
def test_another_answer_is_refused_in_a_sentence(
    text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DownloadError, match="réponse inattendue"):
        _found(FarSide(b"1", texts={API: text}), monkeypatch)


DATA = b"limites"
SHA384 = hashlib.sha384(DATA)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (hashlib.md5(DATA).hexdigest(), ["md5"]),
        (hashlib.sha256(DATA).hexdigest().upper(), ["sha256"]),
        ("sha1:" + hashlib.sha1(DATA).hexdigest(), ["sha1"]),
        ("sha384-" + base64.b64encode(SHA384.digest()).decode(), ["sha384"]),
        ("md5-" + base64.b64encode(hashlib.md5(DATA).digest()).decode(), ["md5"]),
        ("", []),
        ("-988266717", []),
        ("inconnue", []),
        ("sha256:" + hashlib.md5(DATA).hexdigest(), []),
    ],
)
def test_checksums_are_read_in_every_notation(text: str, names: list[str], tmp_path: Path) -> None:
    assert [name for name, _ in published_checksums(text)] == names
    (tmp_path / "f").write_bytes(DATA)
    assert has_verified_checksum(_resource("f", size=len(DATA), hash=text), tmp_path / "f") is bool(
        names
    )
    (tmp_path / "f").write_bytes(DATA[::-1])
    if names:
        with pytest.raises(DownloadError, match=f"somme de contrôle {names[0]} différente"):
            has_verified_checksum(_resource("f", size=len(DATA), hash=text), tmp_path / "f")


def test_another_size_is_refused_with_both_figures(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(DATA)
    with pytest.raises(DownloadError, match="7 octets au lieu de 8"):
        has_verified_checksum(_resource("f", size=8), tmp_path / "f")


def test_a_file_name_cannot_leave_the_folder() -> None:
    assert _resource("x", url="https://h/a/..%2F..%2Fetc").file_name == "%2F..%2Fetc".replace(
        "%", "_"
    )

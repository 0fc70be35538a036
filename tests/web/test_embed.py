"""The map alone, in a frame of another site: for whom the operator lets, and always public."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

QUERY = "/embed?frame=ml-2016&sector=health&lang=en"
REFUSED = "/embed?at=hier"
"""An address that is told who may frame it as any other, and draws nothing."""
OF_ANOTHER_SITE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


def ancestors(client: FlaskClient, url: str) -> str:
    policy = client.get(url, headers=OF_ANOTHER_SITE).headers["Content-Security-Policy"]
    (found,) = re.findall("frame-ancestors ([^;]*)", policy)
    return str(found)


def test_only_sites_that_the_operator_names_may_frame_the_map_and_nothing_else(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ancestors(client, REFUSED) == "'none'"
    monkeypatch.setenv(
        "ATLAS_EMBED_ORIGINS", "https://www.example.org, https://*.crisis.example:8443"
    )
    named = "https://www.example.org https://*.crisis.example:8443"
    assert ancestors(client, REFUSED) == named
    for other in ("/", "/map.svg", "/embed/", "/api/", "/download/zones.csv"):
        assert ancestors(client, other) == "'none'"
    monkeypatch.setenv("ATLAS_EMBED_ORIGINS", "https://a.example; script-src *")
    assert ancestors(client, REFUSED) == "'none'"
    told = client.get("/embed")
    assert (told.status_code, "« https://a.example; »" in told.text) == (404, True)


def test_the_frame_has_map_legend_sources_date_and_disclaimer_and_runs_nothing(
    client: FlaskClient,
) -> None:
    page = client.get(QUERY)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert '<html lang="en">' in page.text
    for words in ("Filters: sector: Health", "Projet d&#x27;essai 2017", "United Nations"):
        assert words in page.text, words
    assert page.text.count("data:image/svg+xml,") >= 3
    assert not re.search(r"<script|\son\w+=|https?://", page.text)
    again = client.get(QUERY, headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304


def test_the_frame_is_the_public_view_whoever_asks(
    client: FlaskClient, public: FlaskClient
) -> None:
    access = "/embed?frame=ml-2016&indicator=access&level=cercle"
    assert client.get(access).data == public.get(access).data
    for refused in ("/embed?level=commune&frame=ml-2012", "/embed?state=0"):
        assert client.get(refused).status_code == 403, refused
    assert client.get(REFUSED).status_code == 404

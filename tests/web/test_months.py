"""The map at the end of each month: its figures, what stands in no month, and its file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from atlas.app import create_app
from atlas.model import Viewer
from atlas.store import Store
from tests.layers.made import activity, tables_of

GAO = "ml-2016/ML07"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """Two activities in Gao: of January to March, of March; and one without dates."""
    store = Store(tmp_path)
    store.publish_tables(
        tables_of(
            activity("Forage", GAO, start=date(2017, 1, 1), end=date(2017, 3, 31)),
            activity("École", GAO, start=date(2017, 3, 1), end=date(2017, 4, 15)),
            activity("Puits", GAO, start=None, end=None),
        )
    )
    return create_app(store, viewer=Viewer.EDITOR).server.test_client()


Asked = Callable[[str], dict[str, str]]


def months_of_gao(client: FlaskClient, query: str = "") -> dict[str, str]:
    """The figure of Gao at the end of each month, "" where there is none."""
    file = client.get(f"/download/mois.csv?frame=ml-2016{query}").get_data(as_text=True)
    head, *rows = [line.split(",") for line in file.splitlines() if not line.startswith("#")]
    told = [dict(zip(head, row, strict=False)) for row in rows]
    return {row["month_end"]: row["figure"] for row in told if row["unit_id"] == GAO}


def test_each_month_has_what_is_under_way_on_its_last_day(client: FlaskClient) -> None:
    told = months_of_gao(client, "&since=2017-01-01&until=2017-04-30")
    assert {day: float(n) for day, n in told.items() if n} == {
        "2017-01-31": 1,
        "2017-02-28": 1,
        "2017-03-31": 2,
    }


def test_the_latest_months_until_the_newest_document_are_shown(client: FlaskClient) -> None:
    page = client.get("/maps/months?frame=ml-2016").get_data(as_text=True)
    assert "mars 2017" in page
    assert "juillet 2017" not in page


def test_an_activity_without_dates_is_said(client: FlaskClient) -> None:
    page = client.get("/maps/months?frame=ml-2016").get_data(as_text=True)
    assert "1 activité sans date n&#x27;est que du jour de son document" in page


def test_nothing_known_is_said_and_drawn_in_no_month(client: FlaskClient) -> None:
    page = client.get("/maps/months?frame=ml-2016&since=2017-01-01&until=2017-05-31")
    assert "ce qui n&#x27;est pas zéro : avril 2017, mai 2017" in page.get_data(as_text=True)


def test_the_maps_have_one_legend_a_source_and_a_disclaimer(client: FlaskClient) -> None:
    page = client.get("/maps/months?frame=ml-2016").get_data(as_text=True)
    assert page.count('class="map-legend"') == 1
    assert "ni reconnaissance ni acceptation officielle" in page

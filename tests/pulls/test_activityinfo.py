"""Records of an ActivityInfo form become a list: labels, what its references name, no account."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from atlas.model import Tables
from tests.pulls.conftest import SECRET, Pull
from tests.pulls.list_server import ACTIVITYINFO_QUERY, ListServer


def element(id_: str, label: str, kind: str = "FREE_TEXT", **more: Any) -> dict[str, Any]:
    return {"id": id_, "label": label, "type": kind, **more}


def reference(id_: str, label: str, form: str, **more: Any) -> dict[str, Any]:
    return element(id_, label, "reference", typeParameters={"range": [{"formId": form}]}, **more)


def options(*labels: str, several: bool) -> dict[str, Any]:
    values = [{"id": f"o{n}", "label": label} for n, label in enumerate(labels)]
    return {"cardinality": "multiple" if several else "single", "values": values}


def schema(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"schema": {"elements": list(elements)}}


TREE: dict[str, Any] = {
    "root": "c3w",
    "forms": {
        "c3w": schema(
            element("s", "Identification", "section"),
            element("title", "Titre du projet"),
            element("ngo", "Partenaire"),
            reference("circle", "Cercle", "cercles"),
            element(
                "sector",
                "Secteur",
                "enumerated",
                typeParameters=options("EHA", "Eau, hygiène", "Santé", several=True),
            ),
            element(
                "state", "Statut", "enumerated", typeParameters=options("En cours", several=False)
            ),
            element("budget", "Budget", "quantity", typeParameters={"units": "USD"}),
            element("gps", "Site", "geopoint"),
            reference("who", "Saisi par", "db@users"),
            element("scan", "Convention", "attachment"),
        ),
        "cercles": schema(
            reference("region", "Région", "regions", key=True),
            element("name", "Nom", key=True),
            element("people", "Population", "quantity"),
        ),
        "regions": schema(element("name", "Nom", key=True)),
    },
}


def record(number: int, **more: Any) -> dict[str, Any]:
    """A record, by the formulas that ask for its values."""
    return {
        "_id": f"r{number}",
        "_lastEditTime": 1_717_200_000 + number,  # 1 June 2024
        "title": f"Forage {number}",
        "ngo": "ADR",
        "circle.region.name": "Gao",
        "circle.name": "Ansongo",
        "sector": "Eau, hygiène, Santé",
        "state": "En cours",
        "budget": 1500,
        "gps.latitude": 15.66,
        "gps.longitude": 0.5,
        "who": "Awa Traoré",
        **more,
    }


@pytest.fixture
def lists(lists: ListServer) -> ListServer:
    lists.tree = copy.deepcopy(TREE)
    lists.records = [record(number) for number in range(5)]
    return lists


def test_every_record_is_read_with_the_labels_of_the_form_and_of_what_it_refers_to(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    lists.page = 500  # fewer than asked for are a last page
    entry = pulled("activityinfo", "c3w")
    assert (entry["rows_read"], entry["activities"], entry["as_of"]) == (5, 5, "2024-06-01")
    tables = published()
    assert set(tables.placements["raw"]) == {"Gao > Ansongo"}
    assert set(tables.activities["sector_raw"]) == {"Eau, hygiène ; Santé"}
    assert tables.amounts.select("minor", "currency").unique().rows() == [(150_000, "USD")]
    path, headers, query = lists.asked[1]
    assert (path, headers["Authorization"]) == (ACTIVITYINFO_QUERY, f"Bearer {SECRET}")
    assert query["rowSources"] == [{"rootFormId": "c3w"}]
    assert "who" not in [column["expression"] for column in query["columns"]]
    assert entry["findings"]["personal_data_dropped"] == 1
    said = published().findings.filter(pl.col("code") == "column_ignored")["params"].to_list()
    assert '{"column": "Convention (attachment)"}' in said


@pytest.mark.parametrize("page", [1, 2, 5])
def test_every_record_comes_once_however_few_the_server_gives_at_once(
    lists: ListServer, pulled: Pull, page: int
) -> None:
    lists.page = page
    assert pulled("activityinfo", "c3w")["rows_read"] == 5


def test_columns_that_are_all_the_same_or_empty_are_read_as_such(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    lists.packed = True
    assert pulled("activityinfo", "c3w")["rows_read"] == 5
    assert set(published().activities["status"]) == {"ongoing"}


def test_a_field_renamed_between_two_pulls_is_said_with_both_names(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    pulled("activityinfo", "c3w")
    fields = lists.tree["forms"]["c3w"]["schema"]["elements"]
    fields[1]["label"] = "Intitulé du projet"
    fields[5]["typeParameters"]["values"][0]["label"] = "Achevé"
    for one in lists.records:
        one["state"] = "Achevé"
    second = pulled("activityinfo", "c3w")
    (said,) = published().findings.filter(pl.col("code") == "form_changed")["params"]
    assert json.loads(said) == {
        "renamed": "« Titre du projet » → « Intitulé du projet »",
        "gone": "—",
        "added": "—",
        "choices": "« En cours » → « Achevé »",
    }
    assert second["changes"] == {"added": 0, "changed": 5, "gone": 0}

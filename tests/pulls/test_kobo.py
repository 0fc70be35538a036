"""Submissions of a KoBo form become a list: French labels, every submission once, no person."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from atlas.ingest.files.readers import read_document
from atlas.model import Tables
from atlas.store import Store
from tests.pulls.conftest import SECRET, Pull, Run
from tests.pulls.list_server import KOBO_ASSET, ListServer

FORM: dict[str, Any] = {
    "translations": ["English (en)", "Français (fr)"],
    "survey": [
        {"type": "start", "name": "start"},
        {"type": "username", "name": "agent"},
        {"type": "begin_group", "name": "who", "label": ["Who", "Identification"]},
        {"type": "text", "name": "title", "label": ["Title", "Titre du projet"]},
        {"type": "text", "name": "ngo", "label": ["NGO", "Partenaire"]},
        {"type": "end_group"},
        {"type": "select_one", "name": "region", "label": ["Region", "Région"], "select_from_list_name": "regions"},
        {"type": "select_multiple", "name": "sector", "label": ["Sector", "Secteur"], "select_from_list_name": "sectors"},
        {"type": "integer", "name": "people", "label": ["People reached", "Personnes atteintes"]},
        {"type": "geopoint", "name": "gps", "label": ["GPS", "Point GPS"]},
        {"type": "select_one", "name": "state", "label": ["State", "Statut"], "select_from_list_name": "states"},
        {"type": "text", "name": "donor", "label": ["Donor", "Bailleur"]},
    ],
    "choices": [
        {"list_name": "states", "name": "s1", "label": ["Going on", "En cours"]},
        {"list_name": "regions", "name": "r1", "label": ["Gao", "Gao"]},
        {"list_name": "regions", "name": "r2", "label": ["Mopti", "Mopti"]},
        {"list_name": "sectors", "name": "wash", "label": ["Water", "EHA"]},
        {"list_name": "sectors", "name": "health", "label": ["Health", "Santé"]},
    ],
}  # fmt: skip


def submission(number: int, **more: Any) -> dict[str, Any]:
    """A submission as KoBo gives it, with who sent it."""
    return {
        "_id": number,
        "_uuid": f"u{number}",
        "_submission_time": f"2024-06-{number:02}T10:00:00",
        "_submitted_by": "awa.traore",
        "_attachments": [],
        "agent": "awa.traore",
        "deviceid": "ee.kobo:7000",
        "formhub/uuid": "f",
        "who/title": f"Forage {number}",
        "who/ngo": "ADR",
        "region": "r1",
        "sector": "wash health",
        "people": "120",
        "gps": "16.27 -0.05 250 4",
        "state": "s1",
        "donor": "UE",
        **more,
    }


@pytest.fixture
def lists(lists: ListServer) -> ListServer:
    lists.content = copy.deepcopy(FORM)
    lists.submissions = [submission(number) for number in range(1, 6)]
    return lists


def test_every_submission_of_every_page_is_read_with_french_headings_and_labels(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    entry = pulled("kobo", "aFormulaire")
    assert (entry["rows_read"], entry["activities"], entry["as_of"]) == (5, 5, "2024-06-05")
    assert "pull_count" not in entry["findings"]
    tables = published()
    assert sorted(tables.activities["title"]) == [f"Forage {n}" for n in range(1, 6)]
    assert set(tables.activities["sector_raw"]) == {"EHA ; Santé"}
    assert set(tables.activities["reached"]) == {120}
    assert set(tables.placements["lon"]) == {-0.05}
    assert tables.activities["donors"].explode().to_list() == ["eu"] * 5
    assert lists.asked[1][0].startswith(f"{KOBO_ASSET}data/?format=json&start=0&limit=1000")
    assert {headers["Authorization"] for _path, headers, _body in lists.asked} == {
        f"Token {SECRET}"
    }


def test_who_filled_the_form_in_is_left_out_of_the_file_and_that_is_said(
    lists: ListServer, pulled: Pull, tmp_path: Path
) -> None:
    entry = pulled("kobo", "aFormulaire", "--keep", tmp_path, "--dry-run")
    assert entry["findings"]["personal_data_dropped"] == 4  # agent, deviceid, two of the server
    (kept,) = tmp_path.glob("kobo-*.xlsx")
    written = str(read_document(kept).sheets)
    assert "Forage 1" in written
    assert "awa" not in written
    assert "7000" not in written
    assert Store(tmp_path / "store").current_snapshot() is None


def test_a_second_pull_says_what_changed_in_the_form_and_keeps_all_answers(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    pulled("kobo", "aFormulaire")
    region, donor = lists.content["survey"][6], lists.content["survey"].pop()
    assert donor["name"] == "donor"  # its answers are left
    region["label"] = ["Region", "Région d'intervention"]
    lists.content["survey"].append(
        {"type": "text", "name": "notes", "label": ["Notes", "Remarques"]}
    )
    lists.content["choices"][0]["label"] = ["Done", "Achevé"]
    second = pulled("kobo", "aFormulaire")
    tables = published()
    (said,) = tables.findings.filter(pl.col("code") == "form_changed")["params"]
    assert json.loads(said) == {
        "renamed": "« Région » → « Région d'intervention »",
        "gone": "« Bailleur »",
        "added": "« Remarques »",
        "choices": "« En cours » → « Achevé »",
    }
    assert second["changes"] == {"added": 0, "changed": 5, "gone": 0}
    fields = {(one["field"], one["before"], one["after"]) for one in second["changed_fields"]}
    assert fields == {("status", "ongoing", "completed")}
    assert tables.activities["donors"].explode().unique().to_list() == ["eu"]
    third = pulled("kobo", "aFormulaire")
    assert "form_changed" not in third["findings"]


def test_a_question_whose_answers_are_gone_too_is_named_as_removed(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    pulled("kobo", "aFormulaire")
    lists.content["survey"].pop()
    for one in lists.submissions:
        del one["donor"]
    pulled("kobo", "aFormulaire")
    (said,) = published().findings.filter(pl.col("code") == "form_changed")["params"]
    assert '"gone": "« Bailleur »"' in said


def test_what_a_change_makes_other_activities_of_is_marked_in_the_pull_before_and_may_go(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    pulled("kobo", "aFormulaire")
    for one in lists.submissions:
        one["who/title"] = f"Puits {one['_id']}"
    second = pulled("kobo", "aFormulaire")
    assert second["changes"] == {"added": 5, "changed": 0, "gone": 5}
    assert {one["kept"] for one in second["gone_activities"]} == {True}
    assert published().findings.filter(code="activity_absent").height == 5
    assert published().activities.height == 10
    third = pulled("kobo", "aFormulaire", "--replace")
    assert third["changes"]["gone"] == 5
    assert sorted(published().activities["title"]) == [f"Puits {n}" for n in range(1, 6)]


def test_submissions_that_arrive_during_the_pull_are_told_by_both_counts(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    lists.page = 10
    lists.arriving = [submission(6), submission(7)]
    assert pulled("kobo", "aFormulaire")["rows_read"] == 5
    lists.page = 2
    lists.arriving = [submission(8)]
    assert pulled("kobo", "aFormulaire")["rows_read"] == 8
    lists.submissions = lists.submissions[:4]
    lists.page = 4
    lists.counted = 9
    pulled("kobo", "aFormulaire")
    (said,) = published().findings.filter(pl.col("code") == "pull_count")["params"]
    assert said == '{"counted": 9, "read": 4}'


def test_a_repeated_group_is_a_row_for_each_answer_beside_its_form(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    survey = lists.content["survey"]
    repeat = {"type": "begin_repeat", "name": "sites", "label": ["Sites", "Sites"]}
    place = {"type": "text", "name": "circle", "label": ["Circle", "Cercle"]}
    survey += [repeat, place, {"type": "end_repeat"}]
    lists.submissions = [
        submission(1, sites=[{"sites/circle": "Ansongo"}, {"sites/circle": "Bourem"}]),
        submission(2),
    ]
    for one in lists.submissions:
        del one["gps"]
    assert pulled("kobo", "aFormulaire")["rows_read"] == 3
    assert set(published().placements["raw"]) == {"Gao > Ansongo", "Gao > Bourem", "Gao"}


def test_the_pull_is_undone_as_any_file_is(
    lists: ListServer, pulled: Pull, atlas: Run, published: Callable[[], Tables]
) -> None:
    pulled("kobo", "aFormulaire")
    lists.submissions.append(submission(6))
    pulled("kobo", "aFormulaire")
    assert published().activities.height == 6
    assert atlas("snapshots", "restore").code == 0
    assert published().activities.height == 5


def test_the_same_answers_give_the_same_bytes(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    pulled("kobo", "aFormulaire")
    pulled("kobo", "aFormulaire")
    assert published().documents.height == 1

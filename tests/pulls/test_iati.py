"""What the IATI Datastore has for a query, page by page, goes through the reader of IATI files."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from atlas.model import Tables
from atlas.pulls import iati
from tests.pulls.conftest import SECRET, Pull, Run
from tests.pulls.list_server import ListServer, Refusal


def activity(number: int) -> str:
    return (
        f'<iati-activity default-currency="USD" last-updated-datetime="2024-06-0{number}T00:00:00">'
        f"<iati-identifier>XM-{number}</iati-identifier><title><narrative>École {number}</narrative>"
        '</title><recipient-country code="ML"/><location><name><narrative>Gao</narrative></name>'
        "</location><budget><period-start iso-date='2024-01-01'/><period-end iso-date='2024-12-31'/>"
        "<value value-date='2024-01-01'>100</value></budget></iati-activity>"
    )


@pytest.fixture
def lists(lists: ListServer, monkeypatch: pytest.MonkeyPatch) -> ListServer:
    monkeypatch.setattr(iati, "PAGE", 2)
    lists.activities = [activity(number) for number in range(1, 6)]
    return lists


def test_every_page_of_a_query_is_one_file_of_activities(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    entry = pulled("iati", "recipient_country_code:ML")
    assert (entry["source"], entry["activities"], entry["as_of"]) == ("iati", 5, "2024-06-05")
    assert entry["file"].endswith(f"-127.0.0.1-{lists.port}-recipient-country-code-ML.xml")
    assert sum(published().amounts["minor"]) == 5 * 10_000
    assert "pull_count" not in entry["findings"]
    assert {h["Ocp-Apim-Subscription-Key"] for _p, h, _b in lists.asked} == {SECRET}


def test_an_activity_that_overlapping_pages_repeat_counts_once_and_the_lack_is_told(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    lists.activities[3] = lists.activities[2]  # pages that shifted: one twice, one not at all
    assert pulled("iati", "ML")["activities"] == 4
    (said,) = published().findings.filter(pl.col("code") == "pull_count")["params"]
    assert said == '{"counted": 5, "read": 4}'


def test_a_file_at_an_address_is_read_and_gets_no_key_of_the_datastore(
    lists: ListServer, pulled: Pull
) -> None:
    page = f'<iati-activities version="2.03">{activity(1)}</iati-activities>'
    lists.files["/ong/activites.xml"] = page.encode()
    address = f"http://localhost:{lists.port}/ong/activites.xml"
    assert pulled("iati", address)["activities"] == 1
    ((_path, headers, _body),) = lists.asked
    assert SECRET not in str(headers)


def test_a_page_that_breaks_off_publishes_nothing(
    lists: ListServer, atlas: Run, waits: list[float]
) -> None:
    lists.refusals["/activity/iati"] = [Refusal(200, {}, b"<iati-activities><iati-act")]
    said = atlas("pull", "iati", "ML")
    assert (said.code, said.out) == (1, "")
    assert "réponse inattendue" in said.err

"""A figure an order of magnitude off what earlier months said is a question to its sender."""

from __future__ import annotations

import json
from datetime import date
from itertools import permutations
from typing import Any

import polars as pl
import pytest

from atlas.findings import finding_sentence, remedy_of, sender_remedy_of
from atlas.model import Tables
from atlas.store.disk import canonical_tables, logical_hash
from atlas.store.merge import merge_documents, plan_updates
from tests.layers.made import activity, document

MAY, JUNE, JULY = date(2024, 5, 31), date(2024, 6, 30), date(2024, 7, 31)
WELL = {"title": "Forage", "lead_org": "acf", "source": "ngo", "sector": "wash", "key": "k"}


def questions(*documents: Tables) -> list[dict[str, Any]]:
    """The findings of these documents together, as rows."""
    found = merge_documents(None, documents).findings
    asked = found.filter(pl.col("code").str.starts_with("outlier"))
    return asked.select("document", "locator", "field", "code", "severity", "params").to_dicts()


def two_months(before: dict[str, Any], now: dict[str, Any]) -> list[dict[str, Any]]:
    return questions(
        document("may", MAY, activity(**WELL | before)),
        document("june", JUNE, activity(**WELL | now)),
    )


@pytest.mark.parametrize(
    ("figure", "before", "now", "texts"),
    [
        ("target", {"target": 1200.0}, {"target": 12000.0}, ("1\u202f200", "12\u202f000")),
        ("target", {"target": 1200.0}, {"target": 120.0}, ("1\u202f200", "120")),
        ("reached", {"reached": 150.0}, {"reached": 1500.0}, ("150", "1\u202f500")),
        ("reached", {"reached": 50.0}, {"reached": 5.0}, ("50", "5")),
        ("budget", {"usd": 900_00}, {"usd": 9000_00}, ("900 USD", "9\u202f000 USD")),
    ],
)
def test_a_figure_ten_times_off_its_activity_s_own_is_asked_about_with_both_values(
    figure: str, before: dict[str, Any], now: dict[str, Any], texts: tuple[str, str]
) -> None:
    (found,) = two_months(before, now)
    assert (found["document"], found["locator"], found["field"]) == ("june", "L0", figure)
    assert (found["code"], found["severity"]) == ("outlier_of_activity", "warning")
    said = json.loads(found["params"])
    assert (said["before"], said["after"]) == texts
    assert (said["file"], said["row"], said["title"]) == ("may.csv", "L0", "Forage")


def test_the_question_names_the_figure_the_documents_and_what_to_do() -> None:
    (found,) = two_months({"target": 1200.0}, {"target": 12000.0})
    assert finding_sentence(found["code"], found["params"]) == (
        "Personnes visées de « Forage » : 12\u202f000, contre 1\u202f200 dans « may.csv » (L0). "
        "Est-ce bien dix fois plus ou dix fois moins ?"
    )
    assert "gardé tel quel" in remedy_of(found["code"])
    assert sender_remedy_of(found["code"]).startswith("Dites si le chiffre est juste")


def test_one_number_in_another_currency_is_asked_about() -> None:
    """120 000 francs become 120 000 dollars: six hundred times as much."""
    francs = {"kind": "budget", "minor": 120_000, "currency": "XOF", "usd_minor": 197_00}
    dollars = {"kind": "budget", "minor": 120_000_00, "currency": "USD", "usd_minor": 120_000_00}
    (found,) = two_months({"amounts": [francs]}, {"amounts": [dollars]})
    said = json.loads(found["params"])
    assert (said["before"], said["after"]) == ("120\u202f000 XOF", "120\u202f000 USD")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"target": 1200.0}, {"target": 11_000.0}),
        ({"target": 1200.0}, {"target": None}),
        ({"target": 0.0}, {"target": 12_000.0}),
        ({"reached": 90.0}, {"reached": 2000.0}),
        ({"reached": 200.0, "target": 5000.0}, {"reached": 4000.0, "target": 5000.0}),
        ({"reached": 900.0, "people_flag": "nouveaux"}, {"reached": 30.0, "people_flag": "non"}),
        ({"target": 1200.0}, {"target": 12_000.0, "status": "cancelled"}),
        ({"usd": 900_00}, {"usd": 8000_00}),
    ],
)
def test_a_figure_that_may_well_move_so_far_is_not_asked_about(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    assert two_months(before, now) == []


def test_the_measure_is_the_latest_figure_before_and_not_the_first() -> None:
    """Asked about in June; told so again in July, it is the partner's figure."""
    months = zip(("may", "june", "july"), (MAY, JUNE, JULY), (100.0, 1000.0, 1000.0), strict=True)
    told = [document(n, day, activity(**WELL, target=people)) for n, day, people in months]
    assert questions(*told[:2])[0]["document"] == "june"
    assert questions(*told) == []


def earlier(*people: float, **more: Any) -> Tables:
    """A list of May: an activity for each figure of people targeted."""
    return document(
        "may", MAY,
        *(activity(**WELL | more | {"key": f"m{n}", "target": each}) for n, each in enumerate(people)),
    )  # fmt: skip


USUAL = (100.0, 120.0, 150.0, 180.0, 200.0, 220.0, 250.0, 300.0)


def first_told(people: float, **more: Any) -> Tables:
    return document("june", JUNE, activity(**WELL | {"key": "new", "target": people} | more))


@pytest.mark.parametrize("people", [20_000.0, 5.0])
def test_a_first_figure_far_from_the_organisation_s_others_is_asked_about(people: float) -> None:
    (found,) = questions(earlier(*USUAL), first_told(people))
    assert (found["document"], found["field"], found["code"]) == (
        "june", "target", "outlier_of_sector",
    )  # fmt: skip
    said = json.loads(found["params"])
    assert (said["n"], said["median"], said["low"], said["high"]) == (8, "190", "100", "300")


@pytest.mark.parametrize(
    ("others", "now"),
    [
        (earlier(*USUAL), first_told(1500.0)),
        (earlier(*USUAL[1:]), first_told(20_000.0)),
        (earlier(*USUAL, sector="health"), first_told(20_000.0)),
        (earlier(*USUAL, lead_org="irc"), first_told(20_000.0)),
        (
            earlier(10.0, 20.0, 100.0, 500.0, 2000.0, 5000.0, 10_000.0, 15_000.0),
            first_told(20_000.0),
        ),
    ],
    ids=["near", "seven", "other sector", "other organisation", "figures of all sizes"],
)
def test_a_first_figure_that_others_say_nothing_of_is_not_asked_about(
    others: Tables, now: Tables
) -> None:
    assert questions(others, now) == []


def test_documents_of_one_day_are_no_earlier_months_of_each_other() -> None:
    now = document("june", MAY, activity(**WELL | {"key": "new", "target": 20_000.0}))
    assert questions(earlier(*USUAL), now) == []


def test_no_figure_changes_and_the_order_of_arrival_changes_nothing() -> None:
    told = [
        document("may", MAY, activity(**WELL, target=100.0)),
        document("june", JUNE, activity(**WELL, target=1000.0)),
        document("july", JULY, activity(**WELL, target=10_000.0)),
    ]
    hashes = set()
    for order in permutations(told):
        published = None
        for one in order:
            published = merge_documents(published, [one])
        assert published is not None
        assert published.activities["target"].to_list() == [10_000.0]
        assert sorted(published.earlier_reports["target"]) == [100.0, 1000.0]
        hashes.add(logical_hash(canonical_tables(published)))
    assert len(hashes) == 1


def test_an_import_says_what_it_asks_before_it_is_published() -> None:
    before = merge_documents(None, [document("may", MAY, activity(**WELL, target=100.0))])
    update = plan_updates(before, [document("june", JUNE, activity(**WELL, target=1000.0))])["june"]
    assert update.findings["code"].to_list() == ["outlier_of_activity"]


def test_an_older_list_read_again_without_an_activity_takes_back_what_it_said() -> None:
    old = document("may", MAY, activity(**WELL, target=100.0))
    new = document("june", JUNE, activity(**WELL, target=1000.0))
    again = document("may", MAY, activity(**WELL | {"key": "other"}))
    published = merge_documents(merge_documents(None, [old, new]), [again])
    assert published.earlier_reports.is_empty()
    assert published.findings.filter(code="outlier_of_activity").is_empty()

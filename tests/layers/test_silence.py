"""Nothing is told from "not reported" per reporter, sector and place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.ingest.context_tables import read_context
from atlas.ingest.pipeline import ingest_file
from atlas.layers.reporting import Period, period_of_reports
from tests.layers.made import activity, dataset_of, dataset_of_documents, fact

KAYES, GAO, KIDAL = "ml-2016/ML01", "ml-2016/ML07", "ml-2016/ML08"
BAFOULABE = "ml-2016/ML0102"
MAY, JULY = date(2024, 5, 20), date(2024, 7, 5)
WHO = ("acf", "irc", "msf")


def scopes(unit: str = KAYES, sector: str | None = "health", who: tuple[str, ...] = WHO) -> tuple:
    """Each of these reports every month, ten days after its end."""
    said = {"as_of": date(2024, 1, 1), "frequency": "monthly", "due_days": 10, "sector": sector}
    return tuple(fact("reporting", unit, organisation=one, **said) for one in who)


def told(who: str, unit: str = GAO, sector: str = "health", **more: Any) -> dict[str, Any]:
    """What somebody reports in May, elsewhere than in Kayes."""
    said = {"lead_org": who, "sector": sector, "as_of": MAY, "start": None, "source": "ngo"}
    return activity(unit=unit, **said | more)


def nothing(who: str, unit: str | None = KAYES, **more: Any) -> dict[str, Any]:
    """The word of somebody, in May, that there is nothing to report."""
    said = {"organisation": who, "sector": "health", "as_of": MAY}
    return fact("nothing_to_report", unit, **said | more)


def cell(*entries: dict, context: tuple[dict, ...], unit: str = KAYES, sector: str = "health",
         level: str = "region") -> tuple[str, int, int, int]:  # fmt: skip
    """State, who should report, who did, and whose report speaks of the cell, on 15 June."""
    dataset = dataset_of(*entries, context=context, as_of=date(2024, 6, 15))
    options = {"day": "2024-06-15"}
    table = dataset.ask("coverage", frame="ml-2016", level=level, options=options).table
    (found,) = table.filter(unit_id=unit, sector=sector).to_dicts()
    return tuple(
        found[name] for name in ("state", "reporters", "reporters_heard", "reporters_told")
    )  # type: ignore[return-value]


def test_one_report_of_three_is_no_report_and_is_counted():
    assert cell(told("acf"), context=scopes()) == ("no_report", 3, 1, 1)


def test_nothing_is_said_only_once_all_have_reported_on_the_sector():
    reports = [told(who) for who in WHO]
    assert cell(*reports, context=scopes()) == ("reported_none", 3, 3, 3)


def test_a_report_on_another_sector_elsewhere_says_nothing_of_this_one():
    reports = [told("acf", sector="wash"), told("irc"), told("msf")]
    assert cell(*reports, context=scopes()) == ("no_report", 3, 3, 2)


def test_a_declaration_speaks_for_the_one_that_reported_on_something_else():
    reports = [told("acf", sector="wash"), told("irc"), told("msf")]
    declared = (*scopes(), nothing("acf"))
    assert cell(*reports, context=declared) == ("reported_none", 3, 3, 3)


@pytest.mark.parametrize(
    "other", [{"sector": "wash"}, {"unit": GAO}, {"who": "pam"}], ids=["sector", "place", "who"]
)
def test_a_declaration_is_of_its_own_sector_place_and_reporter(other: dict[str, Any]):
    who, unit = other.pop("who", "acf"), other.pop("unit", KAYES)
    reports = [told("acf", sector="wash"), told("irc"), told("msf")]
    state, _every, _heard, spoken = cell(*reports, context=(*scopes(), nothing(who, unit, **other)))
    assert (state, spoken) == ("no_report", 2)


def test_a_declaration_of_everywhere_and_of_every_sector_is_of_this_cell_too():
    declared = (*scopes(who=("acf",)), nothing("acf", None, sector=None))
    assert cell(context=declared)[0] == "reported_none"


def test_a_declaration_for_a_cercle_is_not_one_for_its_region():
    declared = (*scopes(who=("acf",)), nothing("acf", BAFOULABE))
    assert cell(context=declared)[0] == "no_report"
    assert cell(context=declared, unit=BAFOULABE, level="cercle")[0] == "reported_none"


def test_a_declaration_of_an_earlier_period_says_nothing_of_this_one():
    april = {"start": date(2024, 4, 1), "expires": date(2024, 4, 30), "as_of": JULY}
    may = {"start": date(2024, 5, 1), "expires": date(2024, 5, 31), "as_of": JULY}
    who = scopes(who=("acf",))
    assert cell(context=(*who, nothing("acf", **april)))[0] == "no_report"
    assert cell(context=(*who, nothing("acf", **may)))[0] == "reported_none"


def test_who_is_to_report_on_every_sector_speaks_of_all_once_the_report_tells_of_the_place():
    every = scopes(sector=None, who=("acf",))
    assert cell(told("acf", GAO, sector="wash"), context=every)[0] == "no_report"
    assert cell(told("acf", KAYES, sector="wash"), context=every)[0] == "reported_none"


def test_where_somebody_is_said_to_be_present_nobody_says_nothing():
    reports = [told(who) for who in WHO]
    present = told("pam", KAYES, kind="presence")
    assert cell(*reports, present, context=scopes())[0] == "no_report"


def test_the_word_that_all_is_reported_does_not_hide_the_one_who_did_not():
    word = fact("reporting", KAYES, sector="health", as_of=date(2024, 1, 1))
    assert cell(context=(word,))[0] == "reported_none"
    assert cell(context=(word, *scopes(who=("acf",))))[0] == "no_report"


def test_who_declared_nothing_is_not_late_for_that_period():
    may = {"start": date(2024, 5, 1), "expires": date(2024, 5, 31), "as_of": date(2024, 6, 8)}
    dataset = dataset_of(context=(*scopes(), nothing("acf", **may)), as_of=date(2024, 6, 15))
    table = dataset.ask("reporting", frame="ml-2016", options={"day": "2024-06-15"}).table
    rows = table.select("reporter", "state", "days_late", "activities").sort("reporter").rows()
    assert rows == [
        ("acf", "on_time", 0, 0),
        ("irc", "missing", 5, None),
        ("msf", "missing", 5, None),
    ]


def test_a_second_list_of_a_period_belongs_to_the_report_of_that_period():
    span = Period(date(2024, 5, 1), date(2024, 5, 31), date(2024, 6, 30), None)
    before = Period(date(2024, 4, 1), date(2024, 4, 30), date(2024, 5, 31), None)
    days = [date(2024, 4, 20), date(2024, 5, 5), date(2024, 5, 20)]
    assert period_of_reports([before, span], days) == {0: days[:1], 1: days[1:]}
    lists = [told("acf", sector="wash"), told("acf", as_of=date(2024, 5, 25))]
    assert cell(*lists, context=scopes(who=("acf",)))[0] == "reported_none"


@given(
    st.lists(
        st.tuples(st.sampled_from(WHO), st.sampled_from(["health", "wash"]), st.booleans()),
        max_size=5,
    )
)
@settings(max_examples=10)
def test_nothing_is_said_exactly_when_all_who_should_spoke_of_it(said: list):
    reports = [told(who, sector=sector) for who, sector, declared in said if not declared]
    words = [nothing(who, sector=sector) for who, sector, declared in said if declared]
    state, every, heard, spoken = cell(*reports, context=(*scopes(), *words))
    assert 0 <= spoken <= heard <= every == 3
    assert heard == len({who for who, _sector, _declared in said})
    assert spoken == len({who for who, sector, _declared in said if sector == "health"})
    assert (state == "reported_none") == (spoken == every)


def test_kayes_and_health_one_of_five_has_sent_a_report(shared: Path):
    scope = read_context("reporting", shared / "cases" / "declaration-cinq.csv")
    listed = ingest_file(shared / "cases" / "liste-un-rapporteur.csv")
    dataset: Dataset = dataset_of_documents(scope.tables, listed.tables)
    table = dataset.ask("coverage").table
    found = table.filter(unit_name="Kayes", sector="health").to_dicts()[0]
    names = ("state", "reporters", "reporters_heard", "reporters_told")
    assert [found[name] for name in names] == ["no_report", 5, 1, 0]

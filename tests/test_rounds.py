"""Rounds of reporting: who owes a report of a period, and figures that stay when it is closed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.model import Tables
from atlas.round_reports import close_round, reopen_round, round_reports, round_standing
from atlas.store import Store
from atlas.store.rounds import ReportRounds
from tests.layers.made import activity, fact, tables_of

GAO, KIDAL = "ml-2016/ML07", "ml-2016/ML08"
JANUARY = date(2024, 1, 1), date(2024, 1, 31)
DUE = date(2024, 2, 15)
WHO = "Awa"


_MONTHLY = {"as_of": date(2024, 1, 1), "frequency": "monthly", "due_days": 10}
TWO_REPORTERS = (
    fact("reporting", GAO, organisation="unicef", **_MONTHLY),
    fact("reporting", KIDAL, organisation="fao", **_MONTHLY),
)
"""UNICEF is to report on Gao, FAO on Kidal, each month within ten days."""


def scope_of_two(*reported: str, day: date = date(2024, 2, 1)) -> Tables:
    """Two are to report; those named have told an activity of theirs."""
    units = {"unicef": GAO, "fao": KIDAL}
    told = [activity(f"Puits {who}", units[who], lead_org=who, as_of=day) for who in reported]
    return tables_of(*told, context=TWO_REPORTERS, as_of=day)


def store_with(tmp_path: Path, tables: Tables) -> tuple[Store, ReportRounds]:
    store = Store(tmp_path / "store")
    store.publish_tables(tables)
    return store, ReportRounds(store.root)


def published(store: Store) -> Dataset:
    snapshot = store.current_snapshot()
    assert snapshot is not None
    return Dataset(snapshot, earlier=store.comparison_snapshot)


def states(dataset: Dataset, rounds: ReportRounds, today: date) -> dict[str, str]:
    table = round_reports(dataset, rounds.round_of(JANUARY), today)
    return dict(table.select("reporter", "state").iter_rows())


def test_the_round_gives_the_day_on_which_reports_are_due(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two("unicef"))
    rounds.open_round(*JANUARY, DUE, who=WHO)
    dataset = published(store)
    assert states(dataset, rounds, date(2024, 2, 12)) == {"fao": "expected", "unicef": "on_time"}
    assert states(dataset, rounds, date(2024, 2, 16)) == {"fao": "missing", "unicef": "on_time"}


def test_before_a_period_ends_its_reports_are_expected(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two())
    rounds.open_round(*JANUARY, DUE, who=WHO)
    assert states(published(store), rounds, date(2024, 1, 5)) == {
        "fao": "expected",
        "unicef": "expected",
    }


def test_a_closed_round_keeps_its_figures_and_says_what_came_later(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two("unicef"))
    rounds.open_round(*JANUARY, DUE, who=WHO)
    close_round(store, published(store), JANUARY, who=WHO, today=date(2024, 2, 16))
    store.publish_tables(scope_of_two("unicef", "fao"))
    one = rounds.round_of(JANUARY)
    standing = round_standing(store, published(store), one, date(2024, 3, 1))
    assert (one.closed.expected, one.closed.received) == (2, 1)
    assert dict(standing.reports.select("reporter", "state").iter_rows())["fao"] != "on_time"
    assert standing.came_later["reporter"].to_list() == ["fao"]
    assert standing.changed == 1


def test_a_round_reopened_for_one_is_late_for_the_others(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two())
    rounds.open_round(*JANUARY, DUE, who=WHO)
    close_round(store, published(store), JANUARY, who=WHO, today=date(2024, 2, 16))
    rounds.reopen_round(JANUARY, "fao", date(2024, 3, 31), who=WHO)
    now = states(published(store), rounds, date(2024, 3, 20))
    assert now == {"unicef": "missing", "fao": "expected"}


def test_closing_again_ends_the_reopening(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two())
    rounds.open_round(*JANUARY, DUE, who=WHO)
    for _time in range(2):
        close_round(store, published(store), JANUARY, who=WHO, today=date(2024, 2, 16))
        rounds.reopen_round(JANUARY, "fao", date(2024, 3, 31), who=WHO)
    close_round(store, published(store), JANUARY, who=WHO, today=date(2024, 4, 1))
    assert rounds.round_of(JANUARY).reopened == {}
    with pytest.raises(UsageError, match="est clos"):
        close_round(store, published(store), JANUARY, who=WHO, today=date(2024, 4, 1))


def test_every_act_can_be_taken_back(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two())
    opened = rounds.open_round(*JANUARY, DUE, who=WHO)
    closed = close_round(store, published(store), JANUARY, who=WHO, today=DUE)
    rounds.undo_decision(closed.closed.id, who=WHO)
    assert rounds.round_of(JANUARY).closed is None
    rounds.undo_decision(opened.opened.id, who=WHO)
    assert rounds.rounds() == []


@pytest.mark.parametrize(
    ("first", "last", "due", "words"),
    [
        (date(2024, 1, 31), date(2024, 1, 1), DUE, "ne se suivent pas"),
        (*JANUARY, date(2024, 1, 31), "ne se suivent pas"),
        (
            date(2024, 1, 15),
            date(2024, 2, 14),
            date(2024, 3, 1),
            "chevauche un autre, janvier 2024",
        ),
    ],
)
def test_a_round_that_makes_no_sense_is_refused(tmp_path, first, last, due, words):
    _store, rounds = store_with(tmp_path, scope_of_two())
    rounds.open_round(*JANUARY, DUE, who=WHO)
    with pytest.raises(UsageError, match=words):
        rounds.open_round(first, last, due, who=WHO)


def test_a_due_day_can_be_moved_while_the_round_is_open(tmp_path):
    _store, rounds = store_with(tmp_path, scope_of_two())
    rounds.open_round(*JANUARY, DUE, who=WHO)
    rounds.open_round(*JANUARY, date(2024, 2, 20), who=WHO)
    assert [one.due for one in rounds.rounds()] == [date(2024, 2, 20)]


def test_a_round_that_is_not_there_is_said_with_those_there_are(tmp_path):
    _store, rounds = store_with(tmp_path, scope_of_two())
    rounds.open_round(*JANUARY, DUE, who=WHO)
    with pytest.raises(UsageError, match="Tours : janvier 2024"):
        rounds.round_of((date(2024, 2, 1), date(2024, 2, 29)))


def test_a_reopening_holds_for_the_report_that_came_in_it_once_closed_again(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two())
    rounds.open_round(*JANUARY, date(2024, 2, 5), who=WHO)
    close_round(store, published(store), JANUARY, who=WHO, today=date(2024, 2, 6))
    rounds.reopen_round(JANUARY, "fao", date(2024, 2, 14), who=WHO)
    store.publish_tables(scope_of_two("fao", day=date(2024, 2, 12)))
    close_round(store, published(store), JANUARY, who=WHO, today=date(2024, 2, 15))
    assert states(published(store), rounds, date(2024, 2, 15))["fao"] == "on_time"


def test_a_round_is_reopened_for_nobody_who_owes_it_nothing(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two())
    rounds.open_round(*JANUARY, DUE, who=WHO)
    close_round(store, published(store), JANUARY, who=WHO, today=date(2024, 2, 16))
    asked = store, published(store), JANUARY, "acf", date(2024, 3, 31)
    with pytest.raises(UsageError, match="Attendus : FAO, UNICEF"):
        reopen_round(*asked, who=WHO)


def test_an_opening_stands_while_its_round_is_closed(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two())
    opened = rounds.open_round(*JANUARY, DUE, who=WHO).opened
    closed = close_round(store, published(store), JANUARY, who=WHO, today=DUE).closed
    with pytest.raises(UsageError, match=f"sa clôture, la décision {closed.id}"):
        rounds.undo_decision(opened.id, who=WHO)


def test_a_report_is_of_the_round_in_which_its_period_ends(tmp_path):
    quarterly = {"as_of": date(2024, 1, 1), "frequency": "quarterly"}
    tables = tables_of(context=(fact("reporting", GAO, organisation="unicef", **quarterly),))
    store, rounds = store_with(tmp_path, tables)
    march = date(2024, 3, 1), date(2024, 3, 31)
    for first, last in (JANUARY, march):
        rounds.open_round(first, last, date(last.year, last.month + 1, 15), who=WHO)
    dataset = published(store)
    assert round_reports(dataset, rounds.round_of(JANUARY), DUE).height == 0
    told = round_reports(dataset, rounds.round_of(march), DUE)
    assert told["period_start"].to_list() == [date(2024, 1, 1)]


def test_the_weeks_of_an_old_round_are_found_years_later(tmp_path):
    weekly = {"as_of": date(2020, 1, 1), "frequency": "weekly"}
    tables = tables_of(context=(fact("reporting", GAO, organisation="unicef", **weekly),))
    store, rounds = store_with(tmp_path, tables)
    march = date(2020, 3, 1), date(2020, 3, 31)
    rounds.open_round(*march, date(2020, 4, 5), who=WHO)
    told = round_reports(published(store), rounds.round_of(march), date(2024, 1, 1))
    assert told["period_end"].sort().to_list() == [date(2020, 3, n) for n in (1, 8, 15, 22, 29)]


def test_a_report_that_is_published_no_more_is_said(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two())
    store.publish_tables(scope_of_two("unicef"))
    rounds.open_round(*JANUARY, DUE, who=WHO)
    close_round(store, published(store), JANUARY, who=WHO, today=date(2024, 2, 16))
    store.restore_snapshot()
    standing = round_standing(store, published(store), rounds.round_of(JANUARY), DUE)
    assert standing.withdrawn["reporter"].to_list() == ["unicef"]


def test_where_the_state_of_a_closing_is_gone_its_counts_stand(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two("unicef"))
    rounds.open_round(*JANUARY, DUE, who=WHO)
    one = close_round(store, published(store), JANUARY, who=WHO, today=date(2024, 2, 16))
    store.publish_tables(scope_of_two("unicef", "fao"))
    (pinned,) = (store.root / "snapshots").glob(f"{one.closed.snapshot[:12]}*")
    for file in pinned.rglob("*.parquet"):
        file.write_bytes(b"damaged")
    standing = round_standing(store, published(store), one, DUE)
    assert not standing.is_readable
    assert (one.closed.expected, one.closed.received) == (2, 1)


def open_at_once(root: Path, first: date, last: date) -> str:
    """Open a round in a process of its own; what it says."""
    try:
        return ReportRounds(root).open_round(first, last, date(2025, 1, 1), who=WHO).title
    except UsageError as error:
        return error.error_sentence()


def test_two_people_at_once_open_no_rounds_that_overlap(tmp_path):
    store, rounds = store_with(tmp_path, scope_of_two())
    days = [(date(2024, 1, 1), date(2024, 3, 31)), JANUARY, (date(2024, 3, 1), date(2024, 3, 31))]
    with ThreadPoolExecutor() as people:
        list(people.map(lambda period: open_at_once(store.root, *period), days))
    found = sorted((one.first, one.last) for one in rounds.rounds())
    assert all(one[1] < other[0] for one, other in pairwise(found))

"""Rounds of reporting: who owes a report of a period, and figures that stay when it is closed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.model import Tables
from atlas.round_reports import close_round, round_reports, round_standing
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
        (date(2024, 1, 15), date(2024, 2, 14), date(2024, 3, 1), "chevauche celui de janvier 2024"),
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

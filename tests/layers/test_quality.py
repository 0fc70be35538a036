"""The quality of reports: each part a share of the rows that can be judged, with those rows."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.layers.quality import PARTS, quality_cell
from atlas.model import Viewer
from tests.layers.made import activity, dataset_of, dataset_of_documents, document, fact

COMMUNE, CERCLE = "ml-2016/ML050609", "ml-2016/ML0506"
MAY, JUNE, JULY = date(2024, 5, 31), date(2024, 6, 30), date(2024, 7, 31)
SOUND = {
    "unit": COMMUNE, "lead_org": "acf", "source": "ngo", "sector": "wash", "usd": 5000_00,
    "target": 200.0, "start": date(2024, 1, 1), "end": date(2024, 12, 31),
}  # fmt: skip


def scores(dataset: Dataset, **asked: Any) -> list[dict[str, Any]]:
    return dataset.ask("quality", **asked).table.to_dicts()


def score(dataset: Dataset, document: str | None = None, reporter: str = "acf") -> dict[str, Any]:
    """The one row of a reporter, or of a document of theirs."""
    table = dataset.ask("quality").table.filter(
        pl.col("reporter").eq_missing(pl.lit(reporter)),
        pl.col("document").eq_missing(pl.lit(document, pl.String)),
    )
    (found,) = table.to_dicts()
    return found


def shares(row: dict[str, Any]) -> dict[str, float | None]:
    return {part: row[part] for part in PARTS}


def test_a_sound_row_has_every_part_that_one_row_can_have() -> None:
    """Nothing was expected and nothing told before: two parts are unknown, not nought."""
    row = score(dataset_of(activity(**SOUND)))
    assert shares(row) == {
        "complete": 1.0, "placed": 1.0, "dated": 1.0, "with_amount": 1.0, "with_people": 1.0,
        "on_time": None, "consistent": None,
    }  # fmt: skip
    assert (row["activities"], row["parts"], row["score"]) == (1, 5, 1.0)


@pytest.mark.parametrize(
    ("part", "lack"),
    [
        ("complete", {"sector": None}),
        ("complete", {"status": "unknown"}),
        ("placed", {"unit": CERCLE}),
        ("placed", {"unit": (COMMUNE, CERCLE)}),
        ("placed", {"inherited": True}),
        ("dated", {"end": None}),
        ("with_amount", {"usd": None}),
        ("with_people", {"target": None}),
    ],
)
def test_each_part_is_the_share_of_rows_that_have_it(part: str, lack: dict[str, Any]) -> None:
    """Three of four have it; the fourth lacks nothing else."""
    row = score(dataset_of(*3 * [activity(**SOUND)], activity(**SOUND | lack)))
    assert shares(row) == dict.fromkeys(PARTS, 1.0) | {
        part: 0.75, "on_time": None, "consistent": None,
    }  # fmt: skip
    assert (row[f"judged_{part}"], row[f"lacking_{part}"], row["score"]) == (4, 1, 0.95)


def test_an_amount_of_nought_people_of_nought_and_an_amount_without_a_rate_are_stated() -> None:
    unpriced = {"kind": "budget", "minor": 500, "currency": "XOF", "usd_minor": None}
    row = score(dataset_of(activity(**SOUND | {"amounts": [unpriced], "target": 0.0})))
    assert (row["with_amount"], row["with_people"]) == (1.0, 1.0)


def test_a_list_of_several_asks_nobody_for_what_no_row_of_it_has() -> None:
    """A matrix without a column of amounts says nothing of its partners; a partner's own does."""
    lacking = SOUND | {"usd": None}
    matrix = dataset_of(activity(**lacking), activity(**lacking | {"lead_org": "irc"}))
    assert (score(matrix)["with_amount"], score(matrix)["parts"]) == (None, 4)
    assert score(dataset_of(activity(**lacking)))["with_amount"] == 0.0
    asked = dataset_of(activity(**lacking), activity(**SOUND | {"lead_org": "irc"}))
    assert score(asked)["with_amount"] == 0.0


def test_work_of_the_whole_country_is_not_asked_for_its_commune() -> None:
    row = score(dataset_of(activity(**SOUND | {"unit": "_national"})))
    assert (row["placed"], row["judged_placed"], row["parts"]) == (None, 0, 4)


def test_presences_plans_published_sums_and_what_is_cancelled_are_no_rows_of_a_report() -> None:
    others = [activity(**SOUND | {"kind": kind}) for kind in ("presence", "plan", "aggregate")]
    row = score(dataset_of(*others, activity(**SOUND | {"status": "cancelled"}), activity(**SOUND)))
    assert row["activities"] == 1
    assert scores(dataset_of(*others)) == []


def test_rows_that_name_nobody_are_a_row_without_a_name() -> None:
    dataset = dataset_of(activity(**SOUND | {"lead_org": None, "source": "ngo"}))
    assert [row["reporter"] for row in scores(dataset)] == [None, None]


def test_who_only_carries_out_an_activity_is_not_asked_for_the_row_of_its_leader() -> None:
    dataset = dataset_of(activity(**SOUND, implementers=["irc", "acf"]))
    assert {row["reporter"] for row in scores(dataset)} == {"acf"}


MONTHS = (
    document(
        "may", MAY,
        activity(key="k", **SOUND | {"usd": None, "reached": 50.0}),
        activity(key="m", **SOUND),
    ),
    document("june", JUNE, activity(key="k", **SOUND | {"reached": 60.0})),
)  # fmt: skip


def test_a_document_keeps_its_score_when_a_newer_one_tells_its_activities() -> None:
    """In May one of two had no amount; in June it has, and what was left out is in force still."""
    dataset = dataset_of_documents(*MONTHS)
    assert score(dataset, "may")["with_amount"] == 0.5
    assert score(dataset, "june")["with_amount"] == 1.0
    both = score(dataset)
    assert (both["activities"], both["with_amount"]) == (2, 1.0)


def test_what_the_next_list_leaves_out_before_its_end_is_inconsistent() -> None:
    """Two were told in May: one is told again, one is gone without having ended."""
    row = score(dataset_of_documents(*MONTHS), "june")
    assert (row["consistent"], row["judged_consistent"]) == (0.5, 2)
    assert score(dataset_of_documents(*MONTHS), "may")["consistent"] is None
    assert score(dataset_of_documents(*MONTHS))["consistent"] == 0.5


@pytest.mark.parametrize(
    "over",
    [
        {"end": date(2024, 6, 30)},
        {"status": "completed"},
        {"status": "cancelled"},
        {"end": None, "status": "unknown"},
    ],
)
def test_what_had_ended_or_nobody_can_say_is_not_missed(over: dict[str, Any]) -> None:
    old = document("may", MAY, activity(key="k", **SOUND), activity(key="m", **SOUND | over))
    row = score(
        dataset_of_documents(old, document("june", JUNE, activity(key="k", **SOUND))), "june"
    )
    assert (row["consistent"], row["judged_consistent"]) == (1.0, 1)


def test_lists_with_nothing_in_common_are_not_set_beside_each_other() -> None:
    old, new = document("may", MAY, activity(**SOUND)), document("june", JUNE, activity(**SOUND))
    assert score(dataset_of_documents(old, new), "june")["consistent"] is None


@pytest.mark.parametrize(
    ("now", "flag", "share"), [(40.0, None, 0.0), (50.0, None, 1.0), (40.0, "nouveaux", 1.0)]
)
def test_people_reached_that_fall_are_inconsistent_unless_they_are_of_one_month(
    now: float, flag: str | None, share: float
) -> None:
    told = SOUND | {"key": "k", "people_flag": flag}
    old = document("may", MAY, activity(**told, reached=50.0))
    new = document("june", JUNE, activity(**told, reached=now))
    assert score(dataset_of_documents(old, new), "june")["consistent"] == share


DUE = fact(
    "reporting", CERCLE, organisation="acf", as_of=date(2024, 5, 1), frequency="monthly", due_days=10
)  # fmt: skip


def test_reports_due_are_shares_of_those_due_and_a_document_is_the_report_it_is() -> None:
    """May's report came on time, June's twenty days late, July's not at all."""
    dataset = dataset_of_documents(
        document("scope", date(2024, 5, 1), context=(DUE,)),
        document("of-may", date(2024, 6, 5), activity(key="k", **SOUND)),
        document("of-june", date(2024, 7, 15), activity(key="k", **SOUND)),
    )
    asked = {"options": {"day": "2024-09-15"}}
    rows = {row["document"]: row for row in scores(dataset, **asked)}
    assert (rows[None]["judged_on_time"], rows[None]["lacking_on_time"]) == (4, 3)
    assert (rows["of-may"]["on_time"], rows["of-june"]["on_time"]) == (1.0, 0.0)


def test_who_owes_all_and_told_nothing_has_a_row_without_activities() -> None:
    dataset = dataset_of(context=(DUE,), as_of=date(2024, 6, 15))
    (row,) = scores(dataset, options={"day": "2024-06-15"})
    assert (row["reporter"], row["activities"], row["on_time"], row["score"]) == (
        "acf",
        0,
        0.0,
        0.0,
    )


def test_a_report_without_a_due_day_or_not_yet_due_is_not_judged() -> None:
    nobody_waits = DUE | {"due_days": None}
    dataset = dataset_of(activity(**SOUND), context=(nobody_waits,), as_of=date(2024, 6, 15))
    (row, *_documents) = scores(dataset, options={"day": "2024-06-15"})
    assert (row["judged_on_time"], row["on_time"]) == (0, None)


def test_the_rows_behind_a_part_are_named_with_their_document_and_line() -> None:
    """May's row without an amount is found in May, though June tells the activity now."""
    dataset = dataset_of_documents(*MONTHS)
    rows = dataset.ask("quality_rows").table
    told = rows.select(
        "part", "document", "locator", "previous_file", "previous_locator", "in_force"
    )
    assert told.rows() == [
        ("with_amount", "may", "L0", None, None, False),
        ("consistent", "june", None, "may.csv", "L1", True),
    ]


def behind(
    dataset: Dataset, part: str, document: str | None, **asked: Any
) -> list[tuple[str, str]]:
    told = dataset.activities_behind(
        None, quality_cell(part, document, "acf"), layer="quality", **asked
    )
    return told.table.select("document", "locator").rows()


def test_a_part_opens_the_activities_that_lack_it_where_they_lack_it() -> None:
    dataset = dataset_of_documents(*MONTHS)
    assert behind(dataset, "with_amount", "may") == [("may", "L0")]
    assert behind(dataset, "with_amount", None) == []
    assert behind(dataset, "consistent", "june") == [("may", "L1")]
    assert behind(dataset, "consistent", None) == [("may", "L1")]
    every = dataset.activities_behind(layer="quality").table
    assert every.select("document", "locator").rows() == [("may", "L1")]
    with pytest.raises(UsageError, match="nonsense"):
        behind(dataset, "nonsense", None)


def test_filters_choose_whose_reports_and_which_activities_are_judged() -> None:
    dataset = dataset_of(
        activity(**SOUND), activity(**SOUND | {"sector": "health", "usd": None}),
        activity(**SOUND | {"lead_org": "irc"}),
    )  # fmt: skip
    asked = Filters(organisation=("acf",), sector=("wash",))
    told = [(row["reporter"], row["activities"], row["with_amount"]) for row in scores(
        dataset, filters=asked
    )]  # fmt: skip
    assert told == [("acf", 1, 1.0), ("acf", 1, 1.0)]


def test_a_partner_is_told_the_same_shares_as_the_editor_and_the_public_none() -> None:
    """A day that is withheld was reported: a reserved distribution is dated for everyone."""
    coming = SOUND | {"sensitivity": "coming_distribution", "status": "planned"}
    dataset = dataset_of(activity(**coming), activity(**SOUND | {"end": None}))
    told = scores(dataset, viewer=Viewer.PARTNER)
    assert [row["dated"] for row in told] == [0.5, 0.5]
    assert scores(dataset, viewer=Viewer.PUBLIC) == []
    rows = dataset.ask("quality_rows", viewer=Viewer.PARTNER).table
    assert rows["locator"].to_list() == ["L1"]


_CELLS = st.fixed_dictionaries(
    {
        "unit": st.sampled_from([COMMUNE, CERCLE, "_unplaced", "_national"]),
        "lead_org": st.sampled_from(["acf", "irc", None]),
        "sector": st.sampled_from(["wash", None]),
        "status": st.sampled_from(["ongoing", "completed", "cancelled", "unknown"]),
        "usd": st.none() | st.integers(0, 10**9),
        "target": st.none() | st.integers(0, 900).map(float),
        "reached": st.none() | st.integers(0, 900).map(float),
        "end": st.none() | st.just(date(2024, 12, 31)),
        "kind": st.sampled_from(["activity", "activity", "presence"]),
        "source": st.just("ngo"),
    }
)
_LISTS = st.lists(
    st.dictionaries(st.sampled_from("klmn"), _CELLS, min_size=1), min_size=1, max_size=3
)


@settings(max_examples=40)
@given(_LISTS)
def test_shares_lie_within_nought_and_one_and_rows_with_and_without_are_those_judged(
    lists: list[dict[str, dict[str, Any]]],
) -> None:
    dataset = dataset_of_documents(
        *(
            document(f"d{n}", day, *(activity(key=key, **told) for key, told in one.items()))
            for n, (one, day) in enumerate(zip(lists, (MAY, JUNE, JULY), strict=False))
        )
    )
    rows = dataset.ask("quality_rows").table
    for row in scores(dataset):
        known = [row[part] for part in PARTS if row[part] is not None]
        assert row["parts"] == len(known)
        assert row["score"] == (pytest.approx(sum(known) / len(known)) if known else None)
        for part in PARTS:
            judged, lacking = row[f"judged_{part}"], row[f"lacking_{part}"]
            assert (row[part] is None) == (judged == 0)
            assert 0 <= lacking <= judged
            with_part = round((row[part] or 0) * judged)
            assert with_part + lacking == judged or judged == 0
            own = rows.filter(
                pl.col("part") == part,
                pl.col("reporter").eq_missing(pl.lit(row["reporter"], pl.String)),
                pl.col("document") == row["document"] if row["document"] else pl.col("in_force"),
            )
            assert own.height == lacking

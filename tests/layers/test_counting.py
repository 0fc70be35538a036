"""Told twice, counted once: figures after decisions about pairs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from atlas.corrections.relations import leaders_by_record, verdicts_of
from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.model import Tables, Viewer, check, frame_of
from atlas.summaries import activities_by_id, headline_figures
from tests import strategies
from tests.layers.made import activity, row, tables_of
from tests.strategies import SyntheticSnapshot

KIDAL, GAO = "ml-2016/ML08", "ml-2016/ML07"
WELL = {
    "key": "a", "usd": 100_000, "source": "qip", "sector": "wash", "lead_org": "onu-a",
    "donors": ["bailleur-a"], "organisations_raw": ["ONU A"],
}  # fmt: skip
AGAIN = {
    "key": "b", "usd": 70_000, "source": "trust-fund", "sector": "health", "lead_org": "ong-b",
    "donors": ["bailleur-b"], "organisations_raw": ["ONG B"],
}  # fmt: skip
OTHER = {"key": "c", "usd": 5_000, "source": "pbf", "sector": "education", "lead_org": "ong-c"}


def said(*words: tuple[str, str, str, str | None]) -> pl.DataFrame:
    names = ("activity_a", "activity_b", "verdict", "lead")
    return frame_of("verdicts", [dict(zip(names, word, strict=True)) for word in words])


def judged(tables: Tables, *words: tuple[str, str, str, str | None]) -> Dataset:
    whole = replace(tables, verdicts=said(*words))
    check(whole)
    return Dataset(SyntheticSnapshot(whole))


def wells() -> Tables:
    return tables_of(
        activity("Forage", KIDAL, **WELL),
        activity("Forage de Kidal", GAO, **AGAIN),
        activity("École", KIDAL, **OTHER),
    )


def twice(lead: str = "a") -> Dataset:
    return judged(wells(), ("a", "b", "same", lead))


def usd(dataset: Dataset, unit: str, **where: Any) -> float | None:
    table = dataset.ask("budget", Filters(**where), "ml-2016").table
    return row(table, unit)["budget_usd"]


def test_a_double_counts_once_where_its_leader_is_with_its_amount() -> None:
    """1 000 and 700 dollars told of one well: 1 000 in Kidal, nothing in Gao, two activities."""
    dataset = twice()
    assert (usd(dataset, KIDAL), usd(dataset, GAO)) == (1_050.0, 0.0)
    assert headline_figures(dataset, frame="ml-2016").activities == 2
    assert row(dataset.ask("presence", frame="ml-2016").table, GAO)["activities"] == 0


def test_the_record_chosen_decides_where_and_how_much() -> None:
    """The same pair led by the other record: 700 dollars in Gao."""
    dataset = twice("b")
    assert (usd(dataset, KIDAL), usd(dataset, GAO)) == (50.0, 700.0)


def test_whoever_either_record_names_is_there_as_part_of_the_leader() -> None:
    """onu-a leads the record that counts, ong-b the other: both are in Kidal, none in Gao."""
    table = twice().ask("presence", frame="ml-2016").table
    kidal = row(table, KIDAL)
    assert (kidal["organisations"], kidal["organisations_reported"]) == (3, 2)
    assert row(table, GAO)["organisations"] == 0


def test_who_delivers_is_read_off_all_records_of_a_group() -> None:
    """A lead of one record with an implementer in the other has a partner: that one delivers."""
    tables = tables_of(
        activity("Forage", KIDAL, key="a", lead_org="onu-a"),
        activity("Forage", KIDAL, key="b", lead_org="onu-a", implementers=["ong-b"]),
    )
    dataset = judged(tables, ("a", "b", "same", "a"))
    kidal = row(dataset.ask("presence", frame="ml-2016").table, KIDAL)
    assert (kidal["delivering"], kidal["single_actor"]) == (1, "ong-b")


@pytest.mark.parametrize(
    "where",
    [{"source": ("trust-fund",)}, {"sector": ("health",)}, {"donor": ("bailleur-b",)},
     {"organisation": ("ong-b",)}, {"source": ("qip",), "sector": ("health",)}],
)  # fmt: skip
def test_a_filter_finds_the_group_by_what_any_of_its_records_says(where: dict[str, Any]) -> None:
    """Whatever only the second telling has finds the one activity, with the leader's 1 000."""
    dataset = twice()
    assert usd(dataset, KIDAL, **where) == 1_000.0
    assert dataset.filtered_scope(Filters(**where)).counted_activities["activity_id"].to_list() == [
        "a"
    ]


def test_a_filter_on_place_goes_by_the_leader() -> None:
    """The well counts in Kidal alone: a question about Gao does not find it."""
    assert twice().filtered_scope(Filters(unit=(GAO,))).counted_activities.is_empty()


def test_filters_offer_what_any_record_says() -> None:
    """Sources of the two tellings are each offered once."""
    found = {value: count for value, _label, count in twice().facet_counts()["source"]}
    assert found == {"qip": 1, "trust-fund": 1, "pbf": 1}


def test_a_double_never_vanishes_because_it_is_led_by_a_plan() -> None:
    """An activity told again as a plan, which leads: asked for without plans, it is there."""
    tables = tables_of(
        activity("Forage", KIDAL, key="a", usd=300),
        activity("Forage", KIDAL, key="b", usd=200, kind="plan"),
    )
    dataset = judged(tables, ("a", "b", "same", "b"))
    assert usd(dataset, KIDAL) == 2.0
    assert dataset.filtered_scope().counted_activities["activity_id"].to_list() == ["b"]


def test_the_list_shows_the_other_record_under_the_one_it_is_counted_with() -> None:
    """It keeps its amount and place, adds no share, and names the record that counts."""
    table = twice().activity_grid(frame="ml-2016").table
    columns = ("activity_id", "budget_usd", "share_usd", "place", "counted_with")
    first, second, third = table.select(*columns, "counted_with_title").rows()
    assert first == ("a", 1_000.0, 1_000.0, "Kidal", None, None)
    assert second == ("b", 700.0, None, "Gao", "a", "Forage")
    assert third[0] == "c"


def test_the_list_behind_a_figure_adds_up_to_it() -> None:
    """Behind Kidal's 1 050 dollars stand two that count and one that is counted with them."""
    table = twice().activities_behind(KIDAL, items=True, frame="ml-2016").table
    assert table["share_usd"].sum() == 1_050.0
    assert table["counted_with"].null_count() == 2


def test_side_by_side_each_record_is_as_its_own_document_tells_it() -> None:
    """The leader is not shown with the organisations of the other."""
    rows = activities_by_id(twice(), ["a", "b"], "ml-2016").sort("activity_id")
    assert rows["organisations"].to_list() == ["onu-a", "ong-b"]


def test_decided_pairs_are_counted_no_more_among_those_to_look_at() -> None:
    """Two wordings of one thing: one pair; none once decided; it is listed as decided."""
    same = {"usd": 4_661_016, "unit": KIDAL}
    tables = tables_of(
        activity("Réinsertion de 110 femmes de Ber", key="a", source="qip", **same),
        activity("Réinsertion de 110 femmes de Ber", key="b", source="trust-fund", document="e", **same),
    )  # fmt: skip
    for verdict, lead in (("same", "a"), ("different", None), ("overlap_accepted", None)):
        dataset = judged(tables, ("a", "b", verdict, lead))
        assert dataset.ask("duplicates").table.is_empty()
        table = dataset.ask("duplicates", options={"show": "decided"}).table
        assert table.select("verdict", "lead").rows() == [(verdict, lead)]
        assert (table["score"] > 0.5).all()
        assert headline_figures(dataset).duplicates == 0
    assert headline_figures(judged(tables)).duplicates == 1


def test_a_decided_pair_that_is_found_no_more_is_still_listed() -> None:
    """A well and a school have nothing in common but a person's word."""
    dataset = judged(wells(), ("b", "c", "different", None))
    table = dataset.ask("duplicates", options={"show": "decided"}).table
    (one,) = table.filter(activity_b="c").to_dicts()
    assert (one["verdict"], one["score"]) == ("different", None)
    assert one["reasons"] == "décidé par une personne ; le calcul ne propose plus cette paire"


def test_two_of_one_group_are_the_same_without_a_word_about_just_them() -> None:
    """a-b and b-c decided: a-c, which nobody spoke of, is no open question."""
    titles = {"unit": KIDAL, "usd": 123_456}
    tables = tables_of(
        *(activity("Réhabilitation du château d'eau", key=key, source=source, document=key, **titles)
          for key, source in (("a", "qip"), ("b", "trust-fund"), ("c", "pbf"))),
    )  # fmt: skip
    assert judged(tables).ask("duplicates").table.height == 3
    dataset = judged(tables, ("a", "b", "same", "a"), ("b", "c", "same", "b"))
    assert dataset.ask("duplicates").table.is_empty()
    table = dataset.ask("duplicates", options={"show": "all"}).table
    assert set(table["lead"]) == set(table["group_id"]) == {"a"}
    assert usd(dataset, KIDAL) == 1_234.56


def test_a_report_of_either_record_is_still_a_report() -> None:
    """Who reported is told of documents: being counted with another takes no report away."""
    from atlas.layers.reporting import report_days

    before = report_days(judged(wells()).prepared_tables())
    after = report_days(twice().prepared_tables())
    assert after.sort("reporter", "day").equals(before.sort("reporter", "day"))


@st.composite
def judged_tables(draw: st.DrawFn) -> Tables:
    """Synthetic tables with any words about any pairs of them."""
    tables = draw(strategies.tables())
    ids = sorted(tables.activities["activity_id"])
    rows = []
    for n, a in enumerate(ids):
        for b in ids[n + 1 :]:
            word = draw(st.sampled_from([None, None, "a", "b", "different", "overlap_accepted"]))
            if word:
                lead = {"a": a, "b": b}.get(word)
                rows.append((a, b, "same" if lead else word, lead))
    return replace(tables, verdicts=said(*rows))


@given(judged_tables(), strategies.filters(), strategies.questions())
@settings(max_examples=12)
def test_every_sum_is_that_of_the_activities_counted_each_once(
    tables: Tables, filters: Filters, question: tuple[str, str]
) -> None:
    """For any words, filter, frame and level: cents of the layer = cents of what counts."""
    dataset = Dataset(SyntheticSnapshot(tables))
    scope = dataset.filtered_scope(filters, *question)
    behind = _behind(tables)
    assert not set(scope.activities["activity_id"]) & set(behind)
    table = dataset.ask("budget", filters, *question).table
    cents = sum(round(value * 100) for value in table["budget_usd"].drop_nulls())
    assert cents == scope.share_rows.filter(pl.col("kind") == "budget")["usd_minor"].sum()
    if not filters.unit:
        chosen = scope.counted_activities["activity_id"].implode()
        own = tables.amounts.filter(pl.col("activity_id").is_in(chosen), pl.col("kind") == "budget")
        assert cents == own["usd_minor"].sum()


@given(judged_tables())
@settings(max_examples=12)
def test_nothing_is_lost_and_nothing_counted_twice(tables: Tables) -> None:
    """Asked for everything, each activity counts itself or has a leader that does."""
    dataset = Dataset(SyntheticSnapshot(tables))
    everything = Filters(kind=("activity", "plan", "presence"))
    counted = dataset.filtered_scope(everything).activities["activity_id"].to_list()
    reported = tables.activities.filter(pl.col("kind") != "aggregate")["activity_id"].to_list()
    behind = _behind(tables)
    assert sorted(counted + list(behind)) == sorted(reported)
    assert set(behind.values()) <= set(counted)
    listed = dataset.activity_grid(everything).table
    assert sorted(listed["activity_id"]) == sorted(reported)
    heads = listed.filter(pl.col("counted_with").is_not_null())
    assert dict(heads.select("activity_id", "counted_with").iter_rows()) == behind


@given(judged_tables(), strategies.filters(), strategies.questions())
@settings(max_examples=5)
def test_words_that_tell_apart_change_no_figure(
    tables: Tables, filters: Filters, question: tuple[str, str]
) -> None:
    """With every "same" taken back, what is left counts as if nobody had said anything."""
    apart = tables.verdicts.filter(pl.col("verdict") != "same")
    left = replace(tables, verdicts=apart)
    bare = replace(tables, verdicts=said())
    for layer in ("budget", "presence"):
        before = Dataset(SyntheticSnapshot(bare)).ask(layer, filters, *question).table
        after = Dataset(SyntheticSnapshot(left)).ask(layer, filters, *question).table
        assert before.equals(after)


def _behind(tables: Tables) -> dict[str, str]:
    items = tables.activities.filter(pl.col("kind").is_in(["activity", "plan"]))["activity_id"]
    between = tables.verdicts.filter(
        pl.col("activity_a").is_in(items.implode()), pl.col("activity_b").is_in(items.implode())
    )
    return leaders_by_record(verdicts_of(between))


@pytest.mark.parametrize("viewer", list(Viewer))
def test_the_mark_is_for_every_reader_and_names_no_person(viewer: Viewer) -> None:
    """The public reads that a record is counted with another, as the editor does."""
    table = twice().activity_grid(frame="ml-2016", viewer=viewer).table
    assert table["counted_with"].to_list() == [None, "a", None]


LAYERS = ("presence", "actors", "budget", "coverage", "access", "programme", "published")


@given(strategies.tables(most=4), strategies.tables(most=2), strategies.questions(), st.data())
@settings(max_examples=12)
def test_every_layer_answers_as_if_the_other_record_had_never_been_told(
    tables: Tables, others: Tables, question: tuple[str, str], data: st.DataObject
) -> None:
    """A record that names nobody new, counted with another, changes no layer in any way."""
    items = tables.activities.filter(pl.col("kind").is_in(["activity", "plan"]))
    assume(items.height and others.activities.height)
    lead = data.draw(st.sampled_from(items["activity_id"].to_list()))
    own = items.filter(activity_id=lead)
    again = _renamed(others, own.select(PEOPLE).to_dicts()[0])
    whole = Tables.concat([tables, again])
    words = [(lead, one, "same", lead) for one in again.activities["activity_id"]]
    once = Dataset(SyntheticSnapshot(tables))
    twice = Dataset(SyntheticSnapshot(replace(whole, verdicts=said(*words))))
    everything = Filters(kind=("activity", "plan", "presence"))
    for layer in LAYERS:
        expected = once.ask(layer, everything, *question).table
        found = twice.ask(layer, everything, *question).table
        assert found.select(expected.columns).equals(expected), layer


PEOPLE = ["kind", "donors", "lead_org", "implementers", "organisations_raw", "org_type"]


def _renamed(tables: Tables, people: dict[str, Any]) -> Tables:
    """The same entries under other ids, all of them told of these people."""

    def again(name: str) -> pl.DataFrame:
        more = people if name == "activities" else {}
        rows = getattr(tables, name).to_dicts()
        return frame_of(name, [r | {"activity_id": f"z{r['activity_id']}"} | more for r in rows])

    names = ("activities", "amounts", "placements")
    return Tables(**{**dict(Tables.empty().items()), **{name: again(name) for name in names}})

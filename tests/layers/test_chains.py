"""Money told at several levels counts once, in whatever files it is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atlas.cli.output import check_snapshot
from atlas.corrections.relations import chains_of
from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.ingest.pipeline import ingest_file
from atlas.model import Tables, Viewer, check, frame_of
from atlas.store.merge import merge_documents
from tests.layers.made import activity, row, tables_of
from tests.strategies import SyntheticSnapshot

GAO, KIDAL = "ml-2016/ML07", "ml-2016/ML08"
Link = tuple[str, str, str]


def chained(tables: Tables, links: Collection[Link]) -> Tables:
    """With an identifier for each activity (its id in capitals), and those that some name."""
    ids = tables.activities["activity_id"].to_list()
    own = [(one, "self", one.upper()) for one in ids]
    named = [link for link in links if link[0] in ids]
    rows = pl.DataFrame([*own, *named], schema=tables.relations.schema, orient="row")
    whole = replace(tables, relations=rows)
    check(whole)
    return whole


def dataset_of(tables: Tables, *links: Link, **words: Any) -> Dataset:
    return Dataset(SyntheticSnapshot(replace(chained(tables, links), **words)))


def usd(dataset: Dataset, kind: str = "budget") -> float:
    table = dataset.ask("budget", frame="ml-2016", options={"kind": kind}).table
    return round(float(table["budget"].sum()), 2)


def money(kind: str, usd: int) -> dict[str, Any]:
    return {"kind": kind, "minor": usd * 100, "currency": "USD", "usd_minor": usd * 100}


def programme(**more: Any) -> Tables:
    return tables_of(
        activity("Programme", KIDAL, key="p", usd=100_000, **more),
        activity("Projet un", GAO, key="a", usd=60_000),
        activity("Projet deux", GAO, key="b", usd=30_000),
    )


PARTS = (("a", "whole", "p"), ("p", "part", "B"))


def test_a_whole_counts_through_its_parts_where_they_are() -> None:
    """1 000 of a programme, 600 and 300 of its projects: 900 and two activities in Gao."""
    table = dataset_of(programme(), *PARTS).ask("budget", frame="ml-2016").table
    assert (row(table, GAO)["budget_usd"], row(table, KIDAL)["budget_usd"]) == (900.0, 0.0)
    assert (row(table, GAO)["activities"], row(table, KIDAL)["activities"]) == (2, 0)


@pytest.mark.parametrize("viewer", list(Viewer))
def test_whoever_asks_the_money_counts_once(viewer: Viewer) -> None:
    dataset = dataset_of(programme(), *PARTS)
    table = dataset.ask("budget", frame="ml-2016", viewer=viewer).table
    assert table["budget_usd"].sum() == 900.0
    assert dataset.control_totals(viewer).select("published", "read").rows() == [(1_000.0, 900.0)]


def test_where_no_document_says_so_each_counts_by_itself() -> None:
    assert usd(dataset_of(programme())) == 1_900.0


def test_the_list_shows_the_whole_below_a_part_with_what_its_document_tells() -> None:
    table = dataset_of(programme(), *PARTS).activity_grid(frame="ml-2016").table
    told = ("budget_usd", "share_usd", "counted_with", "counted_with_title")
    assert table.filter(activity_id="p").select(told).rows() == [(1_000.0, None, "a", "Projet un")]


def test_a_whole_lends_its_parts_nothing_that_they_do_not_say() -> None:
    """A programme of health by the ONU in Kidal: its project of Gao is found by neither word."""
    tables = tables_of(
        activity("Programme", KIDAL, key="p", usd=100_000, sector="health", lead_org="onu-a"),
        activity("Projet", GAO, key="a", usd=60_000, sector="wash", lead_org="ong-b"),
    )
    dataset = dataset_of(tables, ("a", "whole", "P"))
    for where in ({"sector": ("health",)}, {"organisation": ("onu-a",)}):
        assert dataset.filtered_scope(Filters(**where)).counted_activities.is_empty()
    assert row(dataset.ask("presence", frame="ml-2016").table, GAO)["organisations"] == 1


def test_a_whole_keeps_the_kinds_of_money_that_no_part_states() -> None:
    """It commits 1 000 and spends 700, its project spends 500: 1 000 committed, 500 spent, no
    share of the one in the other; neither is without an amount."""
    tables = tables_of(
        activity(
            "Programme", GAO, key="p", amounts=[money("committed", 1000), money("spent", 700)]
        ),
        activity("Projet", GAO, key="a", amounts=[money("spent", 500)]),
    )
    dataset = dataset_of(tables, ("a", "whole", "P"))
    spent = row(dataset.ask("budget", frame="ml-2016", options={"kind": "spent"}).table, GAO)
    assert (spent["committed"], spent["spent"], spent["execution"]) == (1_000.0, 500.0, None)
    assert (spent["activities"], spent["without_amount"]) == (2, 0)


def test_of_a_chain_of_three_the_last_that_states_the_money_counts() -> None:
    """The one between states nothing: the donor's 1 000 count with the 900 at the end."""
    tables = tables_of(
        activity("Bailleur", KIDAL, key="d", usd=100_000),
        activity("Agence", KIDAL, key="m"),
        activity("ONG", GAO, key="o", usd=90_000),
    )
    dataset = dataset_of(tables, ("m", "whole", "D"), ("o", "whole", "M"))
    assert usd(dataset) == 900.0
    assert dataset.filtered_scope().counted_activities["activity_id"].to_list() == ["o"]


@pytest.mark.parametrize("more", [{"kind": "presence"}, {"kind": "plan"}, {"kind": "aggregate"}])
def test_a_whole_that_is_no_activity_stays_what_it_is(more: dict[str, Any]) -> None:
    assert chains_of(chained(programme(**more), PARTS)).parts == {}


@pytest.mark.parametrize("status", ["cancelled", "suspended"])
def test_a_part_that_goes_on_no_more_takes_no_money_from_its_whole(status: str) -> None:
    """1 000 of the programme count, 600 of its project stand in the column of their status."""
    tables = tables_of(
        activity("Programme", KIDAL, key="p", usd=100_000),
        activity("Projet", GAO, key="a", usd=60_000, status=status),
    )
    table = dataset_of(tables, ("a", "whole", "P")).ask("budget", frame="ml-2016").table
    assert (table["budget_usd"].sum(), table[f"{status}_usd"].sum()) == (1_000.0, 600.0)


def test_a_chain_holds_across_one_that_goes_on_no_more() -> None:
    """The agency between is suspended: the donor's money counts with who spends it all the same."""
    tables = tables_of(
        activity("Bailleur", KIDAL, key="d", usd=100_000),
        activity("Agence", KIDAL, key="m", usd=95_000, status="suspended"),
        activity("ONG", GAO, key="o", usd=90_000),
    )
    dataset = dataset_of(tables, ("m", "whole", "D"), ("o", "whole", "M"))
    assert usd(dataset) == 900.0
    table = dataset.activity_grid(frame="ml-2016").table.select("activity_id", "counted_with")
    assert dict(table.iter_rows()) == {"d": "o", "m": None, "o": None}


def test_money_in_another_currency_is_the_same_money() -> None:
    """A donor's budget in euros stands behind the francs of who carries it out."""
    francs = {"minor": 65_595_700, "currency": "XOF", "usd_minor": 11_000_000}
    euros = {"minor": 10_000_000, "currency": "EUR", "usd_minor": 11_000_000}
    tables = tables_of(
        activity("Bailleur", GAO, key="d", amounts=[euros]),
        activity("ONG", GAO, key="o", amounts=[francs]),
    )
    dataset = dataset_of(tables, ("o", "whole", "D"))
    assert usd(dataset) == 110_000.0
    total = dataset.control_totals().select("name", "currency", "published", "read").row(0)
    assert total == ("D : budget", "USD", 110_000.0, 110_000.0)


def test_units_and_reserved_rows_add_up_to_what_is_counted() -> None:
    assert check_snapshot(SyntheticSnapshot(chained(programme(), PARTS)))


def said(*words: tuple[str, str, str, str | None]) -> pl.DataFrame:
    names = ("activity_a", "activity_b", "verdict", "lead")
    return frame_of("verdicts", [dict(zip(names, word, strict=True)) for word in words])


def test_a_person_who_tells_two_apart_makes_both_count() -> None:
    told = said(("a", "p", "different", None), ("b", "p", "different", None))
    assert usd(dataset_of(programme(), *PARTS, verdicts=told)) == 1_900.0


@pytest.mark.parametrize("lead", ["a", "p"])
def test_a_whole_that_is_one_with_a_part_counts_through_its_other_part(lead: str) -> None:
    """A person says that the programme is its first project; the second project's 300 remain."""
    assert usd(dataset_of(programme(), *PARTS, verdicts=said(("a", "p", "same", lead)))) == 300.0


def test_a_double_of_a_whole_is_listed_with_what_counts_for_both() -> None:
    tables = tables_of(
        activity("Programme", KIDAL, key="p", usd=100_000),
        activity("Programme encore", KIDAL, key="q", usd=100_000),
        activity("Projet", GAO, key="a", usd=60_000),
    )
    dataset = dataset_of(tables, ("a", "whole", "P"), verdicts=said(("p", "q", "same", "p")))
    table = dataset.activity_grid(frame="ml-2016").table
    assert table.select("activity_id", "counted_with").rows() == [
        ("a", None),
        ("p", "a"),
        ("q", "a"),
    ]
    assert usd(dataset) == 600.0


def test_what_documents_tell_as_whole_and_part_is_no_open_double() -> None:
    alike = {"usd": 100_000, "sector": "wash", "lead_org": "ong-b", "source": "ngo"}
    tables = tables_of(
        activity("Forage de vingt puits à Gao", GAO, key="p", document="one", **alike),
        activity("Forage de vingt puits à Gao", GAO, key="a", document="two", **alike),
    )
    assert dataset_of(tables).ask("duplicates").table.height == 1
    assert dataset_of(tables, ("a", "whole", "P")).ask("duplicates").table.is_empty()


KINDS = ("budget", "committed", "spent")


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[Link]]:
    """Up to six activities with their money, and links of later ones to earlier ones."""
    n = draw(st.integers(2, 6))
    entries = [
        activity(
            f"Projet {i}",
            draw(st.sampled_from((GAO, KIDAL))),
            key=f"a{i}",
            amounts=[money(k, 10**i) for k in draw(st.sets(st.sampled_from(KINDS)))],
        )
        for i in range(n)
    ]
    pairs = [(whole, part) for part in range(n) for whole in range(part)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8))
    links = [
        draw(st.sampled_from([(f"a{p}", "whole", f"A{w}"), (f"a{w}", "part", f"A{p}")]))
        for w, p in chosen
    ]
    return entries, links


def below(whole: str, links: Sequence[Link]) -> set[str]:
    """Everything that is a part of a whole, or of a part of it."""
    direct = {a for a, kind, b in links if kind == "whole" and b.lower() == whole}
    direct |= {b.lower() for a, kind, b in links if kind == "part" and a == whole}
    return direct.union(*(below(part, links) for part in direct))


def in_files(
    entries: Sequence[dict[str, Any]], links: Collection[Link], files: Sequence[int]
) -> list[Tables]:
    """The activities in as many documents as there are numbers."""
    return [
        chained(
            tables_of(
                *(e | {"document": f"f{n}"} for e, f in zip(entries, files, strict=False) if f == n)
            ),
            links,
        )
        for n in sorted(set(files))
    ]


@settings(max_examples=15)
@given(
    chains(),
    st.lists(st.integers(0, 3), min_size=6, max_size=6),
    st.randoms(use_true_random=False),
)
def test_the_total_is_the_same_in_one_file_or_several_in_any_order(
    made: tuple[list[dict[str, Any]], list[Link]], files: list[int], order: Any
) -> None:
    """And of each kind it is what those state of whom no part states any."""
    entries, links = made
    stated = {e["key"]: {m["kind"]: m["minor"] // 100 for m in e["amounts"]} for e in entries}
    expected = {
        kind: sum(
            told.get(kind, 0)
            for key, told in stated.items()
            if not any(kind in stated[part] for part in below(key, links))
        )
        for kind in KINDS
    }
    several = in_files(entries, links, files)
    order.shuffle(several)
    one = Dataset(SyntheticSnapshot(merge_documents(None, in_files(entries, links, [0] * 6))))
    step = None
    for batch in several:
        step = merge_documents(step, [batch])
    many = Dataset(SyntheticSnapshot(step))
    for kind in KINDS:
        assert usd(one, kind) == usd(many, kind) == expected[kind]


@settings(max_examples=15)
@given(chains(), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=6))
@example(([activity(key="a0", usd=100), activity(key="a1", usd=100)], []), [(0, 1), (1, 0)])
def test_a_circle_loses_no_money(
    made: tuple[list[dict[str, Any]], list[Link]], more: list[tuple[int, int]]
) -> None:
    """Whatever names whatever, every kind of money that is stated counts somewhere."""
    entries, links = made
    circles = [(f"a{a}", "whole", f"A{b}") for a, b in more if a < len(entries)]
    dataset = dataset_of(tables_of(*entries), *links, *circles)
    told = {m.get("kind", "budget") for e in entries for m in e.get("amounts", [{}])}
    assert all(usd(dataset, kind) > 0 for kind in told)


IATI = (
    "<iati-activities version='2.03'>"
    "<iati-activity default-currency='USD' last-updated-datetime='2023-01-0{n}T00:00:00'>"
    "<iati-identifier>{own}</iati-identifier><title><narrative>Eau pour Gao</narrative></title>"
    "{end}<recipient-country code='ML'/><location><name><narrative>Gao</narrative></name></location>"
    "<budget><period-start iso-date='2022-01-01'/><period-end iso-date='2022-12-31'/>"
    "<value>{value}</value></budget></iati-activity></iati-activities>"
)
ENDS = {
    "donor": ("D-7", "<participating-org role='4' activity-id='o-3'/>", 100_000),
    "ngo": ("O-3", "<participating-org role='1' activity-id='D-7'/>", 90_000),
    "ngo-again": ("O-3", "", 80_000),
}
BOTH = ("donor", "ngo")


def published(tmp_path: Path, *ends: str) -> Tables:
    merged = None
    for end in ends:
        own, said_by, value = ENDS[end]
        text = IATI.format(own=own, end=said_by, value=value, n=len(end))
        (tmp_path / f"{end}.xml").write_text(text)
        merged = merge_documents(merged, [ingest_file(tmp_path / f"{end}.xml").tables])
    assert merged is not None
    return merged


def test_the_files_of_a_donor_and_of_who_it_pays_count_once_in_any_order(tmp_path: Path) -> None:
    for ends in permutations(BOTH):
        assert usd(Dataset(SyntheticSnapshot(published(tmp_path, *ends)))) == 90_000.0


@pytest.mark.parametrize(("gone", "left"), [("donor", 90_000.0), ("ngo", 100_000.0)])
def test_when_one_of_the_two_files_is_withdrawn_the_other_counts(
    gone: str, left: float, tmp_path: Path
) -> None:
    tables = published(tmp_path, *BOTH)
    (document,) = tables.documents.filter(file=f"{gone}.xml")["document"]
    assert usd(Dataset(SyntheticSnapshot(tables.without([document])))) == left


def test_a_newer_list_of_one_of_the_two_counts_in_place_of_the_older(tmp_path: Path) -> None:
    """It names the donor no more, who still names it: its 80 000."""
    for ends in permutations(ENDS):
        assert usd(Dataset(SyntheticSnapshot(published(tmp_path, *ends)))) == 80_000.0


def test_what_a_whole_states_beyond_its_parts_is_said_with_both_sums(tmp_path: Path) -> None:
    tables = published(tmp_path, *BOTH)
    told = tables.findings.join(tables.documents.select("document", "file"), on="document")
    chosen = told.filter(pl.col("code").str.contains("part"))
    assert sorted(chosen.select("file", "code", "params").rows()) == [
        ("donor.xml", "counted_with_parts", '{"n": 1}'),
        (
            "donor.xml",
            "parts_and_whole",
            '{"currency": "USD", "name": "D-7 : budget", "published": "100000.00", "read": "90000.00"}',
        ),
        ("ngo.xml", "parts_of_others", '{"file": "donor.xml", "n": 1}'),
    ]


def test_the_case_of_two_files_that_one_donor_and_one_partner_sent(shared: Path) -> None:
    folder = shared / "cases" / "ingest"
    files = ("13s-iati-bailleur.xml", "13s-iati-ong.xml")
    tables = merge_documents(None, [ingest_file(folder / file).tables for file in files])
    assert usd(Dataset(SyntheticSnapshot(tables))) == 100_000.0

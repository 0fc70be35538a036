"""What the atlas exports goes in again with the same activities, money, places and people."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from atlas.dataset import Dataset
from atlas.errors import InvariantError, UnusableFileError
from atlas.export import FORMATS, encoded_answer
from atlas.export.activity_rows import exchange_answer
from atlas.export.column_labels import column_displays
from atlas.export.notice import notice_lines
from atlas.filters import Filters
from atlas.i18n import language_context
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.sources.exchange import SPEC, _column_of_heading
from atlas.labels import words_of
from atlas.model import RESERVED, Kind, Tables, Viewer, check
from atlas.shares import split_amounts
from atlas.store.disk import canonical_tables, logical_hash
from atlas.store.merge import merge_documents
from tests import strategies
from tests.conftest import needs_shared

EVERY_KIND = Filters(kind=tuple(Kind))
READ_FROM = ("document", "locator")
"""Columns that say where a row was read: the export is another document."""
VIEWS = [(Viewer.EDITOR, "commune"), (Viewer.EDITOR, "region")]
VIEWS += [(Viewer.PARTNER, "commune"), (Viewer.PUBLIC, "cercle")]
TRIES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A store that does not come back is told as it is: each try to make it smaller reads a file."""
FAST, SLOW = ("csv", "csv-fr", "hxl", "json", "geojson"), ("xlsx", "gpkg")
"""Formats that are read at once, and those that a process of its own reads."""


def dataset(tables: Tables) -> Dataset:
    return Dataset(SimpleNamespace(hash="abc", tables=tables))


def read_again(content: bytes, fmt: str) -> IngestBatch:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export{FORMATS[fmt].extension}"
        path.write_bytes(content)
        return ingest_file(path)


def told(table: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
    """The table without where it was read; a list that is withheld is as an empty one.

    The title that stands in for a reserved one names régions: those of the export's frame.
    """
    ours = () if viewer is Viewer.EDITOR else ("title",)
    lists = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.List)]
    return table.drop(*READ_FROM, *ours).with_columns(pl.col(lists).fill_null([]))


@st.composite
def stores(draw: st.DrawFn) -> Tables:
    """Synthetic tables with people, words, periods and rates."""
    tables = draw(strategies.tables(most=4))
    some = st.none() | st.integers(0, 10**6).map(float)
    words = st.none() | st.sampled_from(["Puits ; forage, margelle", "'=1+1", "- Gao\n=1", "x"])

    def column(name: str, values: st.SearchStrategy[Any], height: int, dtype: Any) -> pl.Series:
        return pl.Series(name, [draw(values) for _ in range(height)], dtype=dtype)

    n, m = tables.activities.height, tables.amounts.height
    days = st.none() | strategies.days
    return replace(
        tables,
        activities=tables.activities.with_columns(
            column("target", some, n, pl.Float64),
            column("reached", some, n, pl.Float64),
            column("description", words, n, pl.String),
            pl.col("donors", "implementers", "organisations_raw").list.unique(maintain_order=True),
        ),
        amounts=tables.amounts.with_columns(
            column("period_start", days, m, pl.Date),
            *(
                pl.when(pl.col("usd_minor").is_not_null()).then(one).alias(one.name)
                for one in (
                    column("rate", st.none() | st.floats(0.01, 2000), m, pl.Float64),
                    column("rate_date", days, m, pl.Date),
                    column("rate_source", st.none() | st.just("Trésor"), m, pl.String),
                )
            ),
        ),
    )


def _places_of(table: pl.DataFrame) -> list[tuple[str, list[str]]]:
    """Each activity with the units that it is told in."""
    units = table.group_by("activity_id").agg(pl.col("unit_id").unique().sort())
    return sorted(units.rows())


def check_round_trip(tables: Tables, fmt: str, frame: str, view: tuple[Viewer, str]) -> None:
    viewer, level = view
    answer = exchange_answer(dataset(tables), EVERY_KIND, frame, level, viewer)
    if answer.table.is_empty():
        return
    back = read_again(encoded_answer(answer, fmt), fmt).tables
    check(back)
    again = exchange_answer(dataset(back), EVERY_KIND, frame, level, viewer)
    titles = answer.table.select("activity_id", "title").unique(maintain_order=True)
    named = back.activities.select("activity_id", "title").rows()
    assert sorted(named) == titles.rows()
    kept_back = frozenset[str]()
    if viewer is Viewer.PUBLIC:
        # What is reserved is told in areas of 2012; read from a file of 2023 it may be told wider.
        kept_back = frozenset(dataset(tables).reserved_activities.filter("held")["activity_id"])
    reserved = pl.col("activity_id").is_in(kept_back)
    left, right = (told(one.table, viewer) for one in (again, answer))
    assert_frame_equal(left.filter(~reserved), right.filter(~reserved))
    for one, other in zip(
        *(_places_of(table.filter(reserved)) for table in (left, right)), strict=True
    ):
        assert one[0] == other[0]
        assert set(one[1]) <= {*other[1], *RESERVED}
    assert set(back.findings["code"]) <= {
        *("organisation_unknown", "place_missing", "no_rate", "no_rate_undated"),
        *("distributions_reserved", "geometry_aside"),
    }


@pytest.mark.parametrize("fmt", FAST)
@settings(max_examples=6, phases=TRIES)
@given(stores(), st.sampled_from(strategies.FRAMES), st.sampled_from(VIEWS))
def test_a_random_store_goes_in_again_to_the_cent(fmt, tables, frame, view) -> None:
    check_round_trip(tables, fmt, frame, view)


@pytest.mark.parametrize("fmt", SLOW)
@settings(max_examples=3, phases=TRIES)
@given(stores(), st.sampled_from(strategies.FRAMES), st.sampled_from(VIEWS))
def test_a_random_store_goes_in_again_from_a_binary_file(fmt, tables, frame, view) -> None:
    check_round_trip(tables, fmt, frame, view)


LIST = """Code;Titre;Organisation;Région;Cercle;Secteur;Statut;Date de début;Date de fin;Budget (EUR);Cibles
A1;Forages;ONG Alpha;Mopti, Gao, Kidal;;EHA;En cours;01/02/2024;30/11/2024;100 000,01;3 001
A2;+223 forages ;ONG Beta;Ségou;Niono;Éducation;Planifié;01/02/2024;30/11/2024;90 000;1 000
A3;Campagne;ONG Beta;National;;Santé;En cours;01/02/2024;30/11/2024;70 000;500
A4;Abris;ONG Beta;Xyzzy;;Abris;En cours;01/02/2024;30/11/2024;10;2
"""
"""A list with several places, the whole country, and a place that nobody knows."""
FORMATS_READ = (*FAST, *SLOW)


@pytest.fixture
def source(tmp_path: Path) -> IngestBatch:
    path = tmp_path / "liste-2024-06-30.csv"
    path.write_text(LIST, "utf-8")
    batch = ingest_file(path)
    return replace(batch, tables=canonical_tables(batch.tables))  # in the order of a store


def exported(batch: IngestBatch, fmt: str, **asked: Any) -> bytes:
    return encoded_answer(
        exchange_answer(dataset(batch.tables), EVERY_KIND, "ml-2023", **asked), fmt
    )


def edited(batch: IngestBatch, old: str, new: str) -> Tables:
    content = exported(batch, "csv").decode()
    assert old in content
    return read_again(content.replace(old, new).encode(), "csv").tables


@pytest.mark.parametrize("fmt", FORMATS_READ)
def test_a_list_comes_back_with_its_activities_places_money_and_people(
    fmt: str, source: IngestBatch
) -> None:
    back = canonical_tables(read_again(exported(source, fmt), fmt).tables)
    columns = ["activity_id", "title", "sector", "status", "target", "start", "end", "as_of"]
    by_id = source.tables.activities.sort("activity_id")
    assert back.activities.select(columns).rows() == by_id.select(columns).rows()
    whole = ["activity_id", "minor", "usd_minor", "rate", "rate_date", "period_end", "unit_id"]
    assert (
        back.amounts.select(whole).rows()
        == source.tables.amounts.sort("activity_id").select(whole).rows()
    )
    places = back.placements.sort("activity_id", "unit_id")
    assert sorted(places["unit_id"]) == [
        *("_national", "_unplaced", "ml-2023/cercle-niono", "ml-2023/gao"),
        *("ml-2023/kidal", "ml-2023/mopti"),
    ]
    assert places["lon"].is_null().all()


def test_the_centre_of_a_unit_is_no_site_and_a_reported_point_is_one(source: IngestBatch) -> None:
    sited = replace(
        source.tables,
        placements=source.tables.placements.with_columns(
            lon=pl.when(pl.col("unit_id") == "ml-2023/gao").then(0.05),
            lat=pl.when(pl.col("unit_id") == "ml-2023/gao").then(16.25),
        ),
    )
    content = encoded_answer(exchange_answer(dataset(sited), EVERY_KIND, "ml-2023"), "geojson")
    points = read_again(content, "geojson").tables.placements.drop_nulls("lon")
    assert points.select("unit_id", "lon", "lat").rows() == [("ml-2023/gao", 0.05, 16.25)]


def test_people_add_up_once_and_the_repeated_columns_say_so(source: IngestBatch) -> None:
    answer = exchange_answer(dataset(source.tables), EVERY_KIND)
    assert answer.table["target"].sum() == 3 * 3001 + 1000 + 500 + 2
    assert answer.table["target_once"].sum() == 3001 + 1000 + 500 + 2
    shown = column_displays(answer.table, answer.layer)
    assert shown["target"].heading == "Personnes visées, répétées sur chaque lieu"
    assert shown["target_once"].heading == "Personnes visées, à additionner"
    assert (shown["target"].hxl, shown["target_once"].hxl) == ("#targeted+repeated", "#targeted")
    assert "remplies une fois par activité" in dict(notice_lines(answer))["Personnes"]


def test_the_headings_and_words_of_every_export_are_those_that_are_read() -> None:
    table = exchange_answer(dataset(Tables.empty())).table.with_columns(amount_XOF=1.0)
    for language, at in (("fr", 0), ("en", 1)):
        with language_context(language):
            shown = column_displays(table, "activities")
            read = {
                n: [_column_of_heading(text, language) for text in (n, *c[::2])]
                for n, c in shown.items()
            }
            assert read == {name: [name] * 3 for name in table.columns}
            for name in ("place_rule", "position", "sensitivity"):
                listed = {code: words[at] for code, words in SPEC.data["words"][name].items()}
                assert words_of(name) == listed
    assert "identifier" in shown["activity_id"].heading, "else no English export is known"


def test_a_workbook_in_english_is_read_as_the_french_one(source: IngestBatch) -> None:
    with language_context("en"):
        content = exported(source, "xlsx")
    english, french = (
        read_again(content, "xlsx").tables,
        read_again(exported(source, "xlsx"), "xlsx"),
    )
    assert english.activities["sector"].to_list() == french.tables.activities["sector"].to_list()
    assert english.placements.equals(french.tables.placements)


def test_an_amount_that_was_edited_counts_and_is_said(source: IngestBatch) -> None:
    back = edited(source, "90000.0,budget", "95000.0,budget")
    assert back.amounts.filter(minor=9_500_000).height == 1
    assert back.findings.filter(code="export_amounts_edited")["locator"].to_list() != []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2024-11-30,", "fin 2024,", "fin 2024"),
        (",3001.0,", ",trois mille,", "trois mille"),
        (",3001.0,", ",NaN,", "NaN"),
        ("90000.0,budget", "environ 90000,budget", "environ 90000"),
    ],
)
def test_a_day_or_a_figure_that_was_edited_to_a_word_is_said(
    source: IngestBatch, old: str, new: str, said: str
) -> None:
    back = edited(source, old, new)
    unread = back.findings.filter(code="value_unreadable")["params"].to_list()
    assert unread
    assert all(f'"raw":"{said}"' in one.replace(": ", ":") for one in unread)


def test_the_closed_mark_of_the_rows_of_an_activity_stands_and_the_open_ones_are_said(
    source: IngestBatch,
) -> None:
    back = edited(source, ",open,,ml-2023/kidal", ",protection,,ml-2023/kidal")
    marks = back.activities.filter(title="Forages")["sensitivity"].to_list()
    assert marks == ["protection"]
    assert '"sensitivity"' in back.findings.filter(code="export_rows_differ")["params"][0]


def test_a_mark_that_is_none_is_said(source: IngestBatch) -> None:
    back = edited(source, ",open,,ml-2023/kidal", ",protegee,,ml-2023/kidal")
    unread = back.findings.filter(code="value_unreadable")["params"].to_list()
    assert ['"protegee"' in one for one in unread] == [True]


def test_people_with_their_thousands_apart_are_said_and_never_three_for_three_thousand(
    source: IngestBatch,
) -> None:
    back = edited(source, ",1000.0,", ',"1,000",')
    assert back.activities.filter(pl.col("title").str.contains("223"))["target"].to_list() == [None]
    assert back.findings.filter(code="value_unreadable").height > 0


@pytest.mark.parametrize("weight", ["", "0", "2.9"])
def test_a_weight_that_is_none_makes_all_places_alike_and_is_said(
    source: IngestBatch, weight: str
) -> None:
    row = exported(source, "csv").decode().splitlines()
    head, kidal = row[0].split(","), next(one for one in row if "ml-2023/kidal" in one)
    cells = kidal.split(",")
    cells[head.index("weight")] = weight
    back = edited(source, kidal, ",".join(cells))
    assert back.findings.filter(code="export_weights_unread").height == 1


def test_an_export_without_its_detail_of_amounts_says_what_that_loses(source: IngestBatch) -> None:
    table = exchange_answer(dataset(source.tables), EVERY_KIND, "ml-2023")
    bare = replace(table, table=table.table.drop("amounts"))
    back = read_again(encoded_answer(bare, "csv"), "csv").tables
    assert back.findings.filter(code="export_amounts_edited").height > 0


def test_rows_that_disagree_on_the_activity_are_said(source: IngestBatch) -> None:
    back = edited(
        source, ",3001.0,,,,,,,,,,open,,ml-2023/kidal", ",4000.0,,,,,,,,,,open,,ml-2023/kidal"
    )
    assert back.findings.filter(code="export_rows_differ").height == 1


def test_a_row_without_identifier_is_rejected_with_its_money(source: IngestBatch) -> None:
    first = source.tables.activities.filter(title="Campagne")["activity_id"][0]
    back = edited(source, f"\n{first},", "\n,")
    assert back.rows["outcome"].to_list().count("rejected") == 1
    assert '"unread"' in back.findings.filter(code="row_rejected")["params"][0]


def test_a_unit_that_no_decoupage_has_keeps_its_money_unplaced(source: IngestBatch) -> None:
    back = edited(source, "ml-2023/cercle-niono", "ml-2023/atlantis")
    assert back.placements["unit_id"].to_list().count("_unplaced") == 2
    assert back.findings.filter(code="place_unknown").height == 1
    assert back.amounts["minor"].sum() == source.tables.amounts["minor"].sum()


def test_the_list_of_the_page_is_refused_with_the_file_that_can_be_read(
    source: IngestBatch,
) -> None:
    grid = dataset(source.tables).activity_grid()
    for fmt in ("csv", "csv-fr", "xlsx"):
        with pytest.raises(UnusableFileError, match="Activités et lieux"):
            read_again(encoded_answer(grid, fmt), fmt)


def test_an_export_of_the_store_itself_adds_and_changes_nothing(source: IngestBatch) -> None:
    views = ((Viewer.EDITOR, "commune"), (Viewer.PUBLIC, "cercle"))
    for (viewer, level), fmt in product(views, ("csv", "iati")):
        again = read_again(exported(source, fmt, viewer=viewer, level=level), fmt).tables
        both = merge_documents(source.tables, [again])
        for name in ("activities", "amounts", "placements"):
            assert getattr(both, name).equals(getattr(source.tables, name)), name
        known = both.findings.filter(code="activities_of_export")
        assert known["document"].to_list() == again.documents["document"].to_list()
        turned = merge_documents(again, [source.tables])
        assert logical_hash(canonical_tables(turned)) == logical_hash(canonical_tables(both))


def test_a_newer_telling_in_an_export_stands_before_the_older_document(source: IngestBatch) -> None:
    old = replace(
        source.tables,
        documents=source.tables.documents.with_columns(as_of=date(2023, 1, 1)),
        activities=source.tables.activities.with_columns(as_of=date(2023, 1, 1), target=1.0),
    )
    newer = read_again(exported(source, "csv"), "csv").tables
    assert merge_documents(old, [newer]).activities["target"].sum() == 4503
    assert merge_documents(newer, [old]).activities["target"].sum() == 4503


def test_a_public_export_stays_as_reserved_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "liste-2024-06-30.csv"
    path.write_text(
        "Titre;Organisation;Région;Cercle;Secteur;Statut;Début;Fin\n"
        "Abri des survivantes de Koro;ONG Alpha;Mopti;Koro;Protection;En cours;01/01/2024;\n"
        "Distribution de vivres au marché;ONG Alpha;Mopti;Koro;SAME;Planifié;05/07/2024;\n",
        "utf-8",
    )
    content = exported(ingest_file(path), "csv", viewer=Viewer.PUBLIC, level="cercle")
    back = read_again(content, "csv").tables
    assert back.activities["sensitivity"].sort().to_list() == ["coming_distribution", "protection"]
    assert not back.activities["title"].str.contains("survivantes|marché").any()
    again = exchange_answer(dataset(back), viewer=Viewer.PUBLIC, level="cercle").table
    assert set(again["unit_id"]) == {"_not_convertible"}  # Mopti of 2012 is no région of 2023
    told = dataset(back).activity_grid(viewer=Viewer.PUBLIC).table
    assert set(told["place"]) <= {"Mopti", "Non convertible"}


def test_an_amount_for_one_place_is_not_split_among_the_others() -> None:
    amounts = pl.DataFrame(
        {
            "activity_id": ["a", "a"],
            "minor": [100, 7],
            "usd_minor": [100, None],
            "unit_id": [None, "y"],
        }
    )
    places = pl.DataFrame({"activity_id": ["a", "a"], "unit_id": ["x", "y"], "weight": [1, 3]})
    shares = split_amounts(amounts, places).select("unit_id", "minor", "usd_minor")
    assert shares.rows() == [("x", 25, 25), ("y", 75, 75), ("y", 7, None)]


def test_an_amount_for_a_place_that_its_activity_has_not_breaks_the_contract(
    source: IngestBatch,
) -> None:
    wrong = source.tables.amounts.with_columns(unit_id=pl.lit("ml-2023/tombouctou"))
    with pytest.raises(InvariantError, match="unit_id"):
        check(replace(source.tables, amounts=wrong))


def test_shares_that_weights_do_not_give_keep_their_place_to_the_cent() -> None:
    communes = ["ml-2012/ML050101", "ml-2012/ML050102", "ml-2012/ML070101"]  # a cent each, of two
    made = Tables.of(
        documents=[{"document": "d", "file": "l.csv", "reader": "ngo", "title": "L"}
                   | {"as_of": date(2024, 6, 30), "frame": "ml-2012", "rows_read": 1}],
        activities=[{"activity_id": "a", "kind": "activity", "source": "ngo", "document": "d"}
                    | {"locator": "L1", "title": "Forage", "status": "ongoing"}],
        rows=[{"document": "d", "locator": "L1", "outcome": "activity", "activity_id": "a"}],
        amounts=[{"activity_id": "a", "kind": "budget", "minor": 2, "currency": "USD"}
                 | {"usd_minor": 2}] * 2,
        placements=[{"activity_id": "a", "unit_id": unit, "weight": 1, "rule": "reported"}
                    for unit in communes],
    )  # fmt: skip
    answer = exchange_answer(dataset(made), EVERY_KIND, "ml-2012", "region")
    back = read_again(encoded_answer(answer, "csv"), "csv").tables
    assert answer.table.select("unit_id", "budget_usd").rows() == [
        ("ml-2012/ML05", 0.04),
        ("ml-2012/ML07", 0.0),
    ]
    assert back.amounts.select("unit_id", "minor").rows() == [
        *[("ml-2012/ML05", 2)] * 2,
        *[("ml-2012/ML07", 0)] * 2,
    ]


@needs_shared
@pytest.mark.parametrize(
    ("case", "dollars", "people"),
    [("14-aller-retour-source.csv", 260_000, 4_501), ("19-personnes-repetees.csv", 290_000, 7_002)],
)
def test_the_cases_come_back_from_every_format(
    case: str, dollars: int, people: int, shared: Path
) -> None:
    first = ingest_file(shared / "cases" / "ingest" / case)
    whole = exchange_answer(dataset(first.tables), EVERY_KIND, "ml-2023")
    for fmt in FORMATS_READ:
        answer = exchange_answer(dataset(read_again(encoded_answer(whole, fmt), fmt).tables))
        assert answer.table["budget_usd"].sum() == dollars, fmt
        assert answer.table["target_once"].sum() == people, fmt
        assert set(answer.table["title"]) == set(first.tables.activities["title"]), fmt

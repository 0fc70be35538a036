"""The example month: invented, said to be an example everywhere, and something for every tab."""

from __future__ import annotations

import pytest

from atlas.dataset import Dataset
from atlas.ingest.sample import example_month_tables
from atlas.model import Viewer
from atlas.store import Store
from atlas.store.merge import merge_documents
from atlas.web.page_state import DatasetProvider
from tests.web.example import tables


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The month before, then the month."""
    made = Store(tmp_path_factory.mktemp("store"))
    for published in example_month_tables():
        made.add_documents(published, note="sample")
    return made


@pytest.fixture(scope="module")
def month(store: Store) -> Dataset:
    """The month, as published."""
    found = DatasetProvider(store, Viewer.EDITOR).current_dataset()
    assert found is not None
    return found


def test_all_of_it_is_called_an_example(month: Dataset) -> None:
    told = month.tables
    assert told.documents["is_sample"].all()
    assert told.documents["file"].str.starts_with("exemple-").all()
    assert told.activities["title"].str.starts_with("Exemple : ").all()
    assert told.findings.filter(severity="error").height == 0
    assert told.rows.filter(outcome="rejected").height == 0


@pytest.mark.parametrize(
    ("layer", "column", "wanted"),
    [
        ("coverage", "state", {"gap", "partial", "covered"}),
        ("reporting", "state", {"on_time", "missing"}),
        ("duplicates", "kind", {"double_reporting", "overlap"}),
        ("programme", "state", {"covered", "gap"}),
        ("access", "no_go", {True}),
        ("change", "change", {"new", "ended", "suspended", "amount", "people"}),
    ],
)
def test_every_tab_has_something_to_show(
    month: Dataset, layer: str, column: str, wanted: set[object]
) -> None:
    table = month.ask(layer, frame="ml-2016", level="cercle").table
    assert wanted <= set(table[column])


def test_money_and_people_are_told_and_not_all_are_known(month: Dataset) -> None:
    assert month.ask("people").table["reached"].drop_nulls().sum() > 0
    assert month.ask("budget").table["without_amount"].sum() > 0
    assert month.ask("access").table["severity_max"].drop_nulls().len() > 0


def test_the_first_real_list_takes_its_place(month: Dataset) -> None:
    real = merge_documents(month.tables, [tables()])
    assert not real.is_sample
    assert real.context["document"].unique().to_list() == ["a" * 12]

"""All of one organisation in one place, at an address of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.model import Tables, Viewer
from atlas.store import Store
from atlas.web.organisation_panel import organisation_panel
from atlas.web.page_state import DatasetProvider
from atlas.web.search import search_results
from tests.export.test_receipt import ROWS, plain, tables_of_list
from tests.layers.made import activity, fact, tables_of
from tests.web.test_views import text


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A list of ACF and IRC, with a doubt in a row of ACF, which owes a report on Mopti."""
    held = Store(tmp_path / "store")
    listed = tables_of_list(tmp_path, *ROWS[:2], ROWS[2].replace("ACF", "IRC"))
    owes = fact(
        "reporting", "ml-2016/ML05", document=listed.documents["document"][0], organisation="acf",
        as_of=date(2024, 1, 1), frequency="monthly", due_days=10,
    )  # fmt: skip
    held.publish_tables(Tables.concat([listed, Tables.of(context=[owes])]))
    return held


def panel_text(store: Store, query: str, viewer: Viewer = Viewer.EDITOR) -> str:
    with DatasetProvider(store, viewer).scene_of_query(query) as scene:
        return plain(text(organisation_panel(scene)))


def test_what_it_does_is_told_whatever_the_page_filters(store):
    words = panel_text(store, "org=acf&sector=health")
    assert "2 activités et présences" in words
    assert "15,0 k USD budget" in words
    assert "Secteurs : EHA (2)." in words


def test_the_editor_reads_what_it_owes_and_what_is_to_be_corrected(store):
    words = panel_text(store, "org=acf")
    assert "Rapports attendus Mopti, période close le" in words
    assert "acf.csv L3" in words
    assert "Date de début illisible : « du 12/05 au 12/06 »." in words
    assert "Nulle-Part" not in words  # a row of IRC
    assert "Formulaire du prochain rapport (XLSX)" in words


def test_others_read_what_it_does_and_no_more(store):
    words = panel_text(store, "org=acf", Viewer.PUBLIC)
    assert "2 activités et présences" in words
    assert "Rapports attendus" not in words
    assert "Qualité de ses rapports" not in words
    assert "acf.csv" not in words


def test_partners_and_the_editor_read_the_parts_of_each_document(store):
    """Both rows of the list are of a cercle; one has a day that cannot be read."""
    for viewer in (Viewer.PARTNER, Viewer.EDITOR):
        words = panel_text(store, "org=acf", viewer)
        assert "Qualité de ses rapports" in words
        assert "sur 2 à revoir" in words


def test_an_organisation_that_nothing_names_opens_nothing(store):
    assert panel_text(store, "org=nobody") == ""


def test_the_search_opens_the_organisation_and_shows_where_it_works(store):
    with DatasetProvider(store, Viewer.EDITOR).scene_of_query("") as scene:
        (found,) = (
            group for group in search_results(scene, "acf") if group["head"] == "Organisations"
        )
    assert found["items"][0]["go"]["org"] == "acf"
    assert found["items"][0]["go"]["organisation"] == ["acf"]


def test_a_sector_that_nobody_states_is_unknown_and_no_word_for_all(tmp_path):
    held = Store(tmp_path / "store")
    held.publish_tables(tables_of(activity(unit="ml-2016/ML07", lead_org="acf")))
    words = panel_text(held, "org=acf")
    assert "Secteurs : Secteur inconnu (1)." in words
    assert "inconnu budget, 1 sans montant" in words
    assert "inconnu personnes atteintes" in words

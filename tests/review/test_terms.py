"""Sectors, organisations and statuses left to decide, and what deciding them publishes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.corrections import (
    CorrectionLookup,
    DecisionScope,
    DecisionSubject,
    EnteredOrganisation,
    WordingCorrection,
)
from atlas.dataset import Dataset
from atlas.ingest.pipeline import ingest_file
from atlas.review import affected_documents, apply_decisions, queue_by_wording, review_queue
from atlas.store import PublicationExtras, Store
from atlas.store.decisions import WordingDecisions

LIST = """Titre;Région;Chef de file;Partenaires;Bailleur;Secteur;Statut;Budget;Devise
Forage;Gao;PAM;ONG X;Fondation Z;Forages;en cours;1 000;USD
Puits;Gao;ong x;;ECHO;Forages;à valider;500;USD
École;Gao;UNICEF;;ECHO;Éducation;en cours;700;USD
"""
OTHER = """Titre;Région;Chef de file;Secteur
Route;Ségou;UNOPS;Infrastructures
Puits;Ségou;UNOPS;FORAGES
"""
OX = EnteredOrganisation("OX", "Organisation X", "national-ngo")
X_IS_NEW = WordingCorrection("ONG X", "OX", subject=DecisionSubject.ORGANISATION, organisation=OX)
DRILLING = WordingCorrection("Forages", "wash", subject=DecisionSubject.SECTOR)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two lists with words of their own."""
    made = Store(tmp_path / "store")
    batches, readings = [], {}
    for name, text in (("liste.csv", LIST), ("autre.csv", OTHER)):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        batch = ingest_file(path, source="ngo", as_of=date(2017, 6, 30))
        made.keep_raw(path, batch.document.sha256)
        readings[batch.document.sha256] = batch.read_as.as_dict()
        batches.append(batch.tables)
    made.add_documents(batches, extras=PublicationExtras(readings))
    return made


def now(store: Store) -> Dataset:
    snapshot = store.current_snapshot()
    assert snapshot is not None
    return Dataset.from_tables(snapshot.tables)


def open_now(store: Store) -> list[tuple[str, str, int, list[str]]]:
    found = queue_by_wording(
        review_queue(now(store).tables, WordingDecisions(store.root).in_force())
    )
    return [
        (one["kind"], one["wording"], one["rows"], [told["file"] for told in one["documents"]])
        for one in found
    ]


def test_each_wording_stands_once_with_its_rows_and_documents_the_most_frequent_first(
    store: Store,
) -> None:
    assert open_now(store) == [
        ("sector", "Forages", 3, ["liste.csv", "autre.csv"]),
        ("organisation", "ONG X", 2, ["liste.csv"]),
        ("organisation", "Fondation Z", 1, ["liste.csv"]),
        ("status", "à valider", 1, ["liste.csv"]),
    ]


def test_the_nearest_terms_come_with_a_score_and_a_sector_also_by_its_words(store: Store) -> None:
    found = review_queue(now(store).tables, CorrectionLookup())
    entry = next(one for one in found if one.wording == "Forages")
    (nearest,) = entry.candidates
    assert (nearest.id, nearest.label, nearest.score) == ("wash", "EHA", 0.8)


def test_an_organisation_entered_has_its_type_also_where_it_stands_second(store: Store) -> None:
    before = store.publication_history()[0].hash
    decisions = WordingDecisions(store.root)
    decisions.add_decision(X_IS_NEW, who="Awa")
    applied = apply_decisions(store, decisions)
    assert applied.read == ("liste.csv",)
    gao = (
        now(store).ask("presence", frame="ml-2016").table.filter(unit_name="Gao").row(0, named=True)
    )
    assert (gao["organisations"], gao["organisations_national-ngo"]) == (3, 1)
    assert applied.snapshot.tables.organisations.drop("document").rows() == [
        ("OX", "OX", "Organisation X", "national-ngo")
    ]
    decisions.undo_decision(1, who="Ali")
    assert apply_decisions(store, decisions).snapshot.hash == before


def test_a_sector_decided_everywhere_is_read_again_in_every_document(store: Store) -> None:
    decisions = WordingDecisions(store.root)
    decisions.add_decision(DRILLING, who="Awa")
    applied = apply_decisions(store, decisions)
    assert sorted(applied.read) == ["autre.csv", "liste.csv"]
    sectors = applied.snapshot.tables.activities.sort("title")["sector"].to_list()
    assert sectors == ["wash", "wash", "wash", "public-infrastructure", "education"]
    assert [wording for _kind, wording, _n, _files in open_now(store)] == [
        "ONG X",
        "Fondation Z",
        "à valider",
    ]


def test_deciding_first_and_reading_after_gives_the_same_hash(store: Store, tmp_path: Path) -> None:
    decisions = WordingDecisions(store.root)
    decisions.add_decisions([DRILLING, X_IS_NEW], who="Awa")
    later = apply_decisions(store, decisions).snapshot.hash
    known = decisions.in_force()
    fresh = Store(tmp_path / "fresh")
    read = [
        ingest_file(tmp_path / name, source="ngo", as_of=date(2017, 6, 30), corrections=known)
        for name in ("autre.csv", "liste.csv")
    ]
    assert fresh.add_documents([batch.tables for batch in read]).hash == later


@pytest.mark.parametrize(
    ("decided", "files"),
    [
        (WordingCorrection("ECHO", "eu", subject=DecisionSubject.ORGANISATION), ["liste.csv"]),
        (WordingCorrection("en cours", "planned", subject=DecisionSubject.STATUS), ["liste.csv"]),
        (
            WordingCorrection("Infrastructures", "wash", subject=DecisionSubject.SECTOR),
            ["autre.csv"],
        ),
        (WordingCorrection("Fondation", "eu", subject=DecisionSubject.ORGANISATION), ["liste.csv"]),
        (WordingCorrection("Plomberie", "wash", subject=DecisionSubject.SECTOR), []),
        (
            WordingCorrection(
                "Forages", "wash", DecisionScope.DOCUMENT, "x", subject=DecisionSubject.SECTOR
            ),
            [],
        ),
    ],
)
def test_a_document_is_read_again_also_for_a_word_that_the_vocabulary_knew(
    store: Store, decided: WordingCorrection, files: list[str]
) -> None:
    assert list(affected_documents(now(store).tables, [decided]).values()) == files

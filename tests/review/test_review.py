"""The review queue, and what applying decisions publishes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from atlas.corrections import CorrectionLookup, DecisionScope, WordingCorrection
from atlas.errors import StoreError
from atlas.ingest.context_tables import read_context
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.sample import sample_tables
from atlas.review import OpenWording, affected_documents, apply_decisions, review_queue
from atlas.store import PublicationExtras, Store
from atlas.store.decisions import WordingDecisions
from tests.conftest import needs_shared

KIDAL, ABEIBARA, TINZAWATENE = "ml-2016/ML08", "ml-2016/ML080101", "ml-2016/ML080103"
LIST = """Titre;Région;Commune;Budget;Devise;Début;Fin
Forage;Kidal;Etambar;1 000;USD;01/02/2017;31/05/2017
Puits;Kidal;ETAMBAR;2 000;USD;01/02/2017;31/05/2017
École;Gao;Ansongo;500;USD;01/02/2017;31/05/2017
Marché;Mopti;Xyzzy;700;USD;01/02/2017;31/05/2017
"""
OTHER = """Titre;Région;Commune;Budget;Devise;Début;Fin
Route;Ségou;Markala;9 000;USD;01/02/2017;31/05/2017
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def ingest(store: Store, *batches: IngestBatch) -> str:
    for batch in batches:
        store.keep_raw(batch.path, batch.document.sha256)
    readings = {batch.document.sha256: batch.read_as.as_dict() for batch in batches}
    return store.add_documents(
        (batch.tables for batch in batches), extras=PublicationExtras(readings)
    ).hash


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two lists, one of which names a locality that nobody knows."""
    made = Store(tmp_path / "store")
    paths = (write(tmp_path / "liste.csv", LIST), write(tmp_path / "autre.csv", OTHER))
    ingest(made, *(ingest_file(path, source="qip", as_of=date(2017, 6, 30)) for path in paths))
    return made


@pytest.fixture
def decisions(store: Store) -> WordingDecisions:
    return WordingDecisions(store.root)


def placements(store: Store) -> list[tuple[str, str, str]]:
    snapshot = store.current_snapshot()
    assert snapshot is not None
    rows = snapshot.tables.placements.filter(pl.col("raw").str.to_lowercase().str.contains("etam"))
    return sorted(rows.select("raw", "unit_id", "how").rows())


def wording(entries: list[OpenWording], text: str) -> OpenWording:
    return next(one for one in entries if one.wording == text)


def test_the_queue_tells_a_wording_once_with_where_it_stands_and_what_it_may_mean(
    store: Store,
) -> None:
    snapshot = store.current_snapshot()
    assert snapshot is not None
    found = wording(review_queue(snapshot.tables, CorrectionLookup()), "Kidal > Etambar")
    assert (found.file, found.locators, found.count) == ("liste.csv", ("L2",), 1)
    assert found.codes == ("place_coarser", "place_unknown")
    assert (found.within, found.decision) == (KIDAL, None)
    assert found.candidates
    assert all(unit.id.startswith(KIDAL) for unit in found.candidates)
    assert KIDAL not in [unit.id for unit in found.candidates]


def test_a_contradiction_is_told_by_the_wording_of_its_row_so_that_it_can_be_decided(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "store")
    path = write(tmp_path / "carnet.csv", "Titre;Région;Lieu\nForage;Mopti;Gao\n")
    ingest(store, ingest_file(path, source="qip", as_of=date(2017, 6, 30)))
    decisions = WordingDecisions(store.root)
    (entry,) = review_queue(
        store.get(store.publication_history()[0].hash).tables, CorrectionLookup()
    )
    assert (entry.wording, entry.codes) == ("Mopti | Gao", ("place_contradiction",))
    decisions.add_decision(WordingCorrection(entry.wording, "ml-2016/ML07"), who="Awa")
    tables = apply_decisions(store, decisions).snapshot.tables
    assert tables.placements.select("unit_id", "how").rows() == [("ml-2016/ML07", "reviewed")]
    assert review_queue(tables, decisions.in_force()) == []


def test_the_queue_names_the_decision_that_answers_and_no_other(
    store: Store, decisions: WordingDecisions
) -> None:
    snapshot = store.current_snapshot()
    assert snapshot is not None
    decisions.add_decision(
        WordingCorrection("Xyzzy", ABEIBARA, DecisionScope.UNDER, KIDAL), who="Awa"
    )
    decisions.add_decision(WordingCorrection("Etambar", ABEIBARA), who="Awa")
    entries = review_queue(snapshot.tables, decisions.in_force())
    assert wording(entries, "Kidal > ETAMBAR").decision == 2
    assert wording(entries, "Mopti > Xyzzy").decision is None


def test_a_locality_is_decided_reviewed_and_undone_and_the_hash_follows(
    store: Store, decisions: WordingDecisions
) -> None:
    before = store.publication_history()[0].hash
    assert placements(store) == [
        ("Kidal > ETAMBAR", KIDAL, "exact"),
        ("Kidal > Etambar", KIDAL, "exact"),
    ]
    decisions.add_decision(
        WordingCorrection("Etambar", ABEIBARA, DecisionScope.UNDER, KIDAL), who="Awa"
    )
    applied = apply_decisions(store, decisions)
    assert (applied.read, applied.missing, applied.changed) == (("liste.csv",), (), True)
    assert placements(store) == [
        ("Kidal > ETAMBAR", ABEIBARA, "reviewed"),
        ("Kidal > Etambar", ABEIBARA, "reviewed"),
    ]
    assert "Kidal > Etambar" not in [
        one.wording for one in review_queue(applied.snapshot.tables, decisions.in_force())
    ]
    assert not apply_decisions(store, decisions).changed
    decisions.undo_decision(1, who="Ali")
    assert apply_decisions(store, decisions).snapshot.hash == before
    assert [event.hash for event in store.publication_history()] == [
        before,
        applied.snapshot.hash,
        before,
    ]


def test_deciding_first_and_reading_after_gives_the_same_hash(
    store: Store, decisions: WordingDecisions, tmp_path: Path
) -> None:
    decisions.add_decision(WordingCorrection("Etambar", ABEIBARA), who="Awa")
    later = apply_decisions(store, decisions).snapshot.hash
    fresh = Store(tmp_path / "fresh")
    known = decisions.in_force()
    day = date(2017, 6, 30)
    paths = (tmp_path / "autre.csv", tmp_path / "liste.csv")
    read = [ingest_file(path, source="qip", as_of=day, corrections=known) for path in paths]
    assert ingest(fresh, *read) == later


def test_a_decision_of_one_document_leaves_the_others_alone(
    store: Store, decisions: WordingDecisions
) -> None:
    snapshot = store.current_snapshot()
    assert snapshot is not None
    ids = {d["file"]: d["document"] for d in snapshot.document_rows}
    only = WordingCorrection("Kidal > Etambar", ABEIBARA, DecisionScope.DOCUMENT, ids["autre.csv"])
    decisions.add_decision(only, who="Awa")
    applied = apply_decisions(store, decisions)
    assert (applied.read, applied.changed) == ((), False)


def test_a_document_whose_file_is_gone_is_named_and_stands_as_it_was(
    store: Store, decisions: WordingDecisions
) -> None:
    before = placements(store)
    for kept in (store.root / "raw").glob("*"):
        kept.unlink()
    decisions.add_decision(WordingCorrection("Etambar", ABEIBARA), who="Awa")
    applied = apply_decisions(store, decisions)
    assert applied.missing == (("liste.csv", "fichier d'origine non conservé : réimportez-le"),)
    assert (applied.read, applied.changed, placements(store)) == ((), False, before)


def test_a_kept_file_that_is_damaged_is_named_and_not_read(
    store: Store, decisions: WordingDecisions
) -> None:
    for kept in (store.root / "raw").glob("*"):
        if kept.suffix == "":
            kept.write_text(LIST.replace("1 000", "9 999"), encoding="utf-8")
    decisions.add_decision(WordingCorrection("Etambar", ABEIBARA), who="Awa")
    assert [file for file, _why in apply_decisions(store, decisions).missing] == ["liste.csv"]


def test_a_file_is_read_again_with_what_was_said_of_it_the_first_time(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    text = "Intitulé libre;Où\nForage;Kidal, Etambar\n"
    path = write(tmp_path / "carnet.csv", text)
    said = {"Intitulé libre": "title", "Où": "place"}
    batch = ingest_file(
        path, source="pbf", as_of=date(2016, 5, 4), frame="ml-2012", column_map=said
    )
    ingest(store, batch)
    decisions = WordingDecisions(store.root)
    decisions.add_decision(WordingCorrection("Etambar", "ml-2012/ML080101"), who="Awa")
    tables = apply_decisions(store, decisions).snapshot.tables
    assert tables.documents.select("file", "reader", "as_of", "frame").rows() == [
        ("carnet.csv", "pbf", date(2016, 5, 4), "ml-2012")
    ]
    assert tables.placements.select("unit_id", "how").rows() == [("ml-2012/ML080101", "reviewed")]


def test_a_context_table_is_read_again_too(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    path = write(tmp_path / "acces.csv", "region;commune;text\nKidal;Etambar;piste coupée\n")
    ingest(store, read_context("access", path, as_of=date(2018, 5, 1)))
    decisions = WordingDecisions(store.root)
    decisions.add_decision(WordingCorrection("Etambar", ABEIBARA), who="Awa")
    tables = apply_decisions(store, decisions).snapshot.tables
    assert tables.context.select("unit_id", "text").rows() == [(ABEIBARA, "piste coupée")]


def test_the_sample_takes_decisions_as_any_document(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    before = store.publish_tables(sample_tables()).hash
    decisions = WordingDecisions(store.root)
    entries = review_queue(sample_tables(), CorrectionLookup())
    etambar = next(one for one in entries if one.wording.endswith("Etambar"))
    decisions.add_decision(WordingCorrection(etambar.wording, ABEIBARA), who="Awa")
    applied = apply_decisions(store, decisions)
    assert applied.snapshot.tables.is_sample
    assert ABEIBARA in applied.snapshot.tables.placements["unit_id"].to_list()
    decisions.undo_decision(1, who="Awa")
    assert apply_decisions(store, decisions).snapshot.hash == before


def test_two_files_of_one_name_are_two_documents(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for month, title in (("mars", "Forage"), ("avril", "Puits")):
        (tmp_path / month).mkdir()
        path = write(tmp_path / month / "qip.csv", f"Titre;Région;Commune\n{title};Kidal;Etambar\n")
        ingest(store, ingest_file(path, source="qip", as_of=date(2017, 6, 30)))
    decisions = WordingDecisions(store.root)
    decisions.add_decision(WordingCorrection("Etambar", ABEIBARA), who="Awa")
    assert apply_decisions(store, decisions).read == ("qip.csv", "qip.csv")
    assert [unit for _raw, unit, _how in placements(store)] == [ABEIBARA, ABEIBARA]


def test_a_decision_taken_while_others_are_applied_is_published_too(
    store: Store, decisions: WordingDecisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = Store.add_documents

    def slow(self: Store, batches: object, note: str = "", **said: object) -> object:
        if len(decisions.all_decisions()) == 1:
            decisions.add_decision(WordingCorrection("Xyzzy", "ml-2016/ML0505"), who="Ali")
        return publish(self, batches, note, **said)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "add_documents", slow)
    decisions.add_decision(WordingCorrection("Etambar", ABEIBARA), who="Awa")
    applied = apply_decisions(store, decisions)
    reviewed = applied.snapshot.tables.placements.filter(pl.col("how") == "reviewed")
    assert sorted(reviewed["unit_id"]) == ["ml-2016/ML0505", ABEIBARA, ABEIBARA]


def test_an_empty_store_has_nothing_to_apply_to(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Le fonds est vide"):
        apply_decisions(Store(tmp_path), WordingDecisions(tmp_path))


def test_who_decided_is_in_no_snapshot(store: Store, decisions: WordingDecisions) -> None:
    decisions.add_decision(
        WordingCorrection("Etambar", ABEIBARA), who="Aminatou Zzq", note="Zzq sur place"
    )
    applied = apply_decisions(store, decisions)
    assert applied.changed
    files = [path for path in (store.root / "snapshots").rglob("*") if path.is_file()]
    assert len(files) > 2
    assert not any(b"Zzq" in path.read_bytes() for path in files)
    tables = store.get(applied.snapshot.hash).tables
    assert ABEIBARA in tables.placements["unit_id"]
    assert not any("Zzq" in str(frame.to_dicts()) for _name, frame in tables.items())


def test_a_document_shares_a_word_with_a_decision_or_is_left_alone(store: Store) -> None:
    snapshot = store.current_snapshot()
    assert snapshot is not None

    def files(text: str) -> list[str]:
        return list(
            affected_documents(snapshot.tables, [WordingCorrection(text, ABEIBARA)]).values()
        )

    assert files("Etambar") == ["liste.csv"]
    assert files("Ségou > Markala") == ["autre.csv"]
    assert files("Nulle part") == []


@needs_shared
def test_the_bulletins_etambar_is_placed_and_goes_back_to_its_region(
    tmp_path: Path, shared: Path
) -> None:
    store = Store(tmp_path / "store")
    decisions = WordingDecisions(store.root)
    before = ingest(store, ingest_file(next((shared / "seeds").glob("004_*.txt"))))
    entries = review_queue(store.get(before).tables, CorrectionLookup())
    assert wording(entries, "Kidal | Etambar").within == KIDAL
    assert placements(store) == [("Kidal | Etambar", KIDAL, "exact")]
    decisions.add_decision(
        WordingCorrection("Etambar", TINZAWATENE, DecisionScope.UNDER, KIDAL), who="Awa"
    )
    after = apply_decisions(store, decisions).snapshot
    assert placements(store) == [("Kidal | Etambar", TINZAWATENE, "reviewed")]
    assert after.hash != before
    assert after.tables.amounts.equals(store.get(before).tables.amounts)
    decisions.undo_decision(1, who="Awa")
    assert apply_decisions(store, decisions).snapshot.hash == before

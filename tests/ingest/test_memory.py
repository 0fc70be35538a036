"""A long list does not stand in memory beside its tables."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from atlas.ingest.document_frame import prepared_records
from atlas.ingest.pipeline import ingest_file
from atlas.ingest.reading import PlaceText, Record
from atlas.model import Kind, Source

LIST = "Titre;Région;Partenaire;Début;Fin\nForage;Mopti;ONG A;2021-01-05;2022-06-30\n"


def test_records_are_taken_out_one_by_one() -> None:
    place = (PlaceText(region="Mopti"),)
    records = deque(
        Record(f"L{n}", Kind.ACTIVITY, Source.NGO, "Forage", places=place) for n in range(3)
    )
    taken = prepared_records(records, lambda _where: "ml-2016")
    left = [(record.locator, len(records)) for record in taken]
    assert left == [("L0", 2), ("L1", 1), ("L2", 0)]


def test_sheets_are_let_go_and_read_again_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(LIST, encoding="utf-8")
    whole = ingest_file(tmp_path / "liste.csv")
    light = ingest_file(tmp_path / "liste.csv", keep_sheets=False)
    assert light.document.sheets == ()
    assert light.with_sheets() == whole.document
    pairs = light.tables.items()
    assert [t.equals(o) for (_, t), (_, o) in zip(pairs, whole.tables.items(), strict=True)] == (
        [True] * len(whole.tables.items())
    )


def test_the_period_of_a_list_is_that_of_its_records(tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(LIST, encoding="utf-8")
    (told,) = ingest_file(tmp_path / "liste.csv").tables.documents.to_dicts()
    assert (str(told["period_start"]), str(told["period_end"])) == ("2021-01-05", "2022-06-30")

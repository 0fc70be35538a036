"""What the terminal keeps of a reading once its tables go to be published."""

from __future__ import annotations

from pathlib import Path

from atlas.ingest.pipeline import ingest_file
from atlas.terminal_ingest import handed_over


def test_a_batch_hands_its_tables_over_whole_and_keeps_what_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("Titre;Région;Budget USD;Partenaire\nForage;Nulle part;1000;PNUD\n", "utf-8")
    batches = [ingest_file(path)]
    whole = batches[0].tables
    (handed,) = handed_over(batches)
    assert handed is whole
    assert handed.activities["title"].to_list() == ["Forage"]
    kept = batches[0].tables
    assert kept.activities.is_empty()
    assert kept.amounts.is_empty()
    assert kept.placements["raw"].to_list() == ["Nulle part"]
    assert kept.findings.equals(whole.findings)

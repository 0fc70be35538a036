"""How far a reading is, told to whoever watches."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.ingest.pipeline import ingest_file
from atlas.ingest.progress import ReadingPhase, watch_progress

ROWS = "".join(f"Forage {n};Gao;Oxfam;{n}000\n" for n in range(1, 451))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A list of 450 rows."""
    file = tmp_path / "liste-ong-2024.csv"
    file.write_text("Titre;Région;Partenaire;Budget USD\n" + ROWS, "utf-8")
    return file


def test_a_reading_tells_its_phases_and_the_rows_behind(path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with watch_progress(lambda *said: told.append(said)):
        ingest_file(path)
    assert list(dict.fromkeys(phase for phase, _done, _total in told)) == [
        ReadingPhase.OPENING,
        ReadingPhase.COLUMNS,
        ReadingPhase.ROWS,
        ReadingPhase.CHECKING,
    ]
    assert [said for said in told if said[0] == ReadingPhase.ROWS] == [
        (ReadingPhase.ROWS, 0, 450),
        (ReadingPhase.ROWS, 200, 450),
        (ReadingPhase.ROWS, 400, 450),
    ]


def test_whoever_watches_may_end_a_reading(path: Path) -> None:
    class EnoughError(Exception):
        pass

    def stop(phase: ReadingPhase, done: int, _total: int) -> None:
        if (phase, done) == (ReadingPhase.ROWS, 200):
            raise EnoughError

    with pytest.raises(EnoughError), watch_progress(stop):
        ingest_file(path)


def test_nobody_is_told_once_the_watch_is_over(path: Path) -> None:
    told: list[object] = []
    with watch_progress(lambda *said: told.append(said)):
        pass
    ingest_file(path)
    assert told == []

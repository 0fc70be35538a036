"""A row with a cell too many or too few is rejected with its line; the others go in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.cli.output import write_resolved_table
from atlas.errors import AtlasError
from atlas.ingest.context_tables import read_context
from atlas.ingest.control_totals import published_totals_of
from atlas.ingest.money import read_rates
from atlas.ingest.pipeline import IngestBatch, ingest_file

DAY = date(2024, 1, 31)
SCOPES = "Organisation;Région;Secteurs;Depuis;Situation au"


def csv(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def rejected(batch: IngestBatch) -> list[str]:
    return batch.tables.rows.filter(outcome="rejected")["locator"].to_list()


@pytest.mark.parametrize(
    "row",
    [
        "ACF;Mopti;EHA ; Nutrition;01/01/2024;31/01/2024",
        "ACF;Mopti;01/01/2024;31/01/2024",
    ],
)
def test_a_scope_with_a_cell_too_many_or_too_few_is_rejected_alone(
    tmp_path: Path, row: str
) -> None:
    path = csv(tmp_path, SCOPES, row, "NRC;Gao;EHA;01/01/2024;31/01/2024")
    batch = read_context("reporting", path)
    assert rejected(batch) == ["L2"]
    assert batch.tables.context["organisation"].to_list() == ["nrc"]
    assert batch.tables.documents["as_of"].to_list() == [date(2024, 1, 31)]


def test_blank_cells_beyond_the_headings_are_no_fault(tmp_path: Path) -> None:
    path = csv(tmp_path, "Région;EHA", "Mopti;10;;", "Gao;20")
    batch = read_context("needs", path, as_of=DAY)
    assert batch.tables.context["value"].to_list() == [10.0, 20.0]


@pytest.mark.parametrize(
    "lines",
    [
        ("Titre;ONG;Région", "Puits;ONG", "Pont;ONG;Gao"),
        ("ONG;Région;Secteur", "ACF;Gao;EHA;x", "NRC;Gao;EHA"),
        ("Commune;Tonnes;Personnes;Date", "Gao;1;5;01/01/2024;x", "Gao;2;5;01/01/2024"),
    ],
    ids=["list", "presence", "distributions"],
)
def test_activities_presence_and_distributions_reject_such_a_row(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    batch = ingest_file(csv(tmp_path, *lines), as_of=DAY)
    assert rejected(batch) == ["L2"]
    assert batch.tables.activities.height == 1


def test_rates_and_control_totals_are_right_as_a_whole_and_name_the_line(tmp_path: Path) -> None:
    rates = csv(tmp_path, "currency;date;per_usd", "XOF;2024-01-01;600;x")
    with pytest.raises(AtlasError, match="L2 : 4 cellules pour 3 colonnes"):
        read_rates(rates)
    totals = csv(tmp_path, "name;published;currency", "Total;100")
    with pytest.raises(AtlasError) as error:
        published_totals_of([str(totals)])
    assert "2 cellules pour 3 colonnes" in error.value.error_sentence()


def test_a_table_of_places_keeps_such_a_row_without_an_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv(tmp_path, "region,cercle", "Mopti,Koro,x", "Gao,Gao")
    assert not write_resolved_table(path, tmp_path / "out.csv", "ml-2016")
    assert (tmp_path / "out.csv").read_text("utf-8").splitlines()[1:] == [
        'Mopti,Koro,x,,,,,,""',
        'Gao,Gao,"",ml-2016/ML0703,ML0703,cercle,exact,1.0,""',
    ]
    assert "L2" in capsys.readouterr().err

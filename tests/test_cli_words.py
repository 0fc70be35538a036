"""Texts and paths of the command line are read without the library that checks types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from atlas.cli.parameters import PlainCommand, day_of

LIST = "Titre;Région;Partenaire;Budget USD\nForage;Mopti;ONG A;1000\n"


def test_an_import_as_json_loads_neither_pydantic_nor_rich_nor_numpy(tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(LIST)
    code = (
        "import sys; sys.argv[0] = 'atlas'\n"
        "from atlas.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([n for n in ('pydantic', 'rich', 'numpy', 'pandas') if n in sys.modules],"
        " file=sys.stderr)"
    )
    words = ["ingest", str(tmp_path / "liste.csv"), "--as-of", "2022-03-31", "--json"]
    run = [sys.executable, "-c", code, *words, "--store", str(tmp_path / "store")]
    assert subprocess.run(run, capture_output=True, text=True).stderr.strip() == "[]"


def test_plain_words_become_the_types_that_a_verb_asks_for() -> None:
    app, seen = typer.Typer(), []

    @app.command(cls=PlainCommand)
    def verb(files: list[Path], name: str = "x", port: int = 1, many: list[str] | None = None):
        seen.append((files, name, port, many))

    told = ["a.csv", "b.csv", "--name", "é", "--port", "7", "--many", "1", "--many", "2"]
    assert CliRunner().invoke(app, told).exit_code == 0
    assert seen == [([Path("a.csv"), Path("b.csv")], "é", 7, ["1", "2"])]
    assert CliRunner().invoke(app, ["a.csv", "--port", "x"]).exit_code == 2
    assert CliRunner().invoke(app, []).exit_code == 2


def test_a_day_is_a_date_or_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert str(day_of("2022-03-31")) == "2022-03-31"
    assert day_of(None) is None
    with pytest.raises(typer.Exit) as ended:
        day_of("31/03/2022")
    assert ended.value.exit_code == 2
    assert "AAAA-MM-JJ" in capsys.readouterr().err

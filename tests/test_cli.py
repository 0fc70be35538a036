"""The commands others script against: output, exit codes, one-line errors."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import get_type_hints

import pytest

from atlas.cli.command import context_add, ingest, main
from atlas.ingest.context.figure_columns import table_kinds
from atlas.ingest.sources.registry import all_sources
from atlas.layers import LAYERS
from atlas.store import Store

LIST = """Titre;Secteur;Région;Cercle;Partenaire;Budget;Devise;Début;Fin;Statut
Forage pastoral;EHA;Gao;Ansongo;ACTED;12 500,50;USD;01/02/2017;31/05/2017;achevé
Réhabilitation d'une école;Éducation;Mopti;Bandiagara;Save the Children;30 000;USD;01/03/2017;30/06/2017;en cours
"""


@dataclass
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def atlas(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Said]:
    """Run a command in this process, over a store of its own."""
    monkeypatch.setenv("ATLAS_STORE", str(tmp_path / "store"))

    def run(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["atlas", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def project_list(tmp_path: Path) -> Path:
    """A French list as Excel saves it: Latin-1, semicolons, decimal commas."""
    path = tmp_path / "projets_qip_juin_2017.csv"
    path.write_bytes(LIST.encode("latin-1"))
    return path


def rows_of(said: Said) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(said.out.lstrip("\ufeff"))))


@pytest.mark.parametrize(
    ("verb", "asked", "known"),
    [
        (ingest, "source", ["auto", *all_sources()]),
        (context_add, "kind", table_kinds()),
    ],
)
def test_the_help_of_a_verb_names_all_that_it_takes(
    verb: Callable[..., None], asked: str, known: Iterable[str]
) -> None:
    (option,) = get_type_hints(verb, include_extras=True)[asked].__metadata__
    assert sorted(option.help.split(", ")) == sorted(known)


def test_the_help_of_the_verb_layer_names_every_layer(atlas: Callable[..., Said]) -> None:
    """The list is read from `LAYERS`, which `atlas ingest` never loads."""
    said = atlas("layer", "--help")
    assert [name for name in LAYERS if name not in said.out.replace(",", " ").split()] == []


def test_the_version_answers_without_loading_the_verbs() -> None:
    code = "import sys; sys.argv=['atlas','--version']; from atlas.__main__ import main; main(); print('typer' in sys.modules, 'polars' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.startswith("atlas ")
    assert out.stdout.endswith("False False\n")


def test_a_latin1_list_with_semicolons_is_read_and_published(
    atlas: Callable[..., Said], project_list: Path
) -> None:
    said = atlas("ingest", project_list, "--source", "qip", "--json")
    answer = json.loads(said.out)
    entry = answer["documents"][0]
    assert (said.code, entry["activities"], entry["rejected"]) == (0, 2, 0)
    assert entry["as_of"] == "2017-06-30"
    budget = {
        row["unit_name"]: row for row in rows_of(atlas("layer", "budget", "--level", "cercle"))
    }
    assert budget["Ansongo"]["budget_usd"] == "12500.5"
    assert budget["Bandiagara"]["budget_usd"] == "30000.0"


def test_a_dry_run_publishes_nothing(
    atlas: Callable[..., Said], project_list: Path, tmp_path: Path
) -> None:
    said = atlas("ingest", project_list, "--source", "qip", "--dry-run", "--json")
    assert (said.code, json.loads(said.out)["snapshot"]) == (0, None)
    assert not (tmp_path / "store").exists()


def test_the_same_file_twice_and_in_two_stores_gives_the_same_hash(
    atlas: Callable[..., Said], project_list: Path, tmp_path: Path
) -> None:
    words = ("ingest", project_list, "--source", "qip", "--json", "--store")
    hashes = {
        json.loads(atlas(*words, tmp_path / store).out)["snapshot"] for store in ("a", "a", "b")
    }
    assert len(hashes) == 1


def truncated(folder: Path) -> Path:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>" * 200)
    path = folder / "tronque.xlsx"
    path.write_bytes(whole.getvalue()[:120])
    return path


def empty(folder: Path) -> Path:
    path = folder / "vide.csv"
    path.touch()
    return path


def images(folder: Path) -> Path:
    path = folder / "scan.pdf"
    path.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/XObject/Subtype/Image>>endobj\n%%EOF\n")
    return path


def zeros(folder: Path) -> Path:
    path = folder / "zeros.csv"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    return path


def disguised(folder: Path) -> Path:
    path = folder / "texte.xlsx"
    path.write_text("Titre;Région\nForage;Gao\n", encoding="utf-8")
    return path


def directory(folder: Path) -> Path:
    path = folder / "dossier"
    path.mkdir()
    return path


def absent(folder: Path) -> Path:
    return folder / "absent.xlsx"


@pytest.mark.parametrize(
    "make",
    [truncated, empty, images, zeros, disguised, directory, absent],
    ids=lambda f: f.__name__,
)
def test_an_unusable_file_is_one_line_with_its_name_and_the_store_stays_as_it_was(
    atlas: Callable[..., Said],
    project_list: Path,
    tmp_path: Path,
    make: Callable[[Path], Path],
) -> None:
    atlas("ingest", project_list, "--source", "qip")
    before = Store(tmp_path / "store").current_snapshot()
    bad = make(tmp_path)
    said = atlas("ingest", bad)
    after = Store(tmp_path / "store").current_snapshot()
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert bad.name in said.err
    assert len(said.err.split(". ")) >= 2, "what failed, then what to do"
    assert before is not None
    assert after is not None
    assert after.hash == before.hash


def test_a_bad_file_among_good_ones_is_said_and_the_good_one_goes_in(
    atlas: Callable[..., Said], project_list: Path, tmp_path: Path
) -> None:
    said = atlas("ingest", project_list, empty(tmp_path), "--source", "qip", "--json")
    first, second = json.loads(said.out)["documents"]
    assert said.code == 3
    assert (first["activities"], first["error"]) == (2, None)
    assert (second["activities"], second["rows_read"]) == (0, 0)
    assert "vide.csv" in second["error"]


def test_a_file_that_changes_before_it_is_kept_is_refused_and_the_others_go_in(
    atlas: Callable[..., Said],
    project_list: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from atlas.cli import ingest_output

    growing = tmp_path / "projets_qip_mai_2017.csv"
    growing.write_bytes(LIST.encode("latin-1"))
    read_files = ingest_output.read_files

    def then_saved_anew(*given: object, **named: object) -> object:
        answer = read_files(*given, **named)  # type: ignore[arg-type]
        growing.write_bytes(LIST.replace("12 500", "13 500").encode("latin-1"))
        return answer

    monkeypatch.setattr(ingest_output, "read_files", then_saved_anew)
    said = atlas("ingest", "--json", growing, project_list)
    refused, read = json.loads(said.out)["documents"]
    assert (said.code, refused["rows_read"], read["rows_read"]) == (3, 0, 2)
    assert "projets_qip_mai_2017.csv inutilisable : il a changé" in refused["error"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("layer", "nothing"), "presence"),
        (("layer", "budget", "--frame", "ml-1999"), "ml-2012"),
        (("layer", "budget", "--level", "village"), "commune"),
        (("layer", "budget", "--where", "colour=red"), "sector"),
        (("layer", "budget", "--where", "unit=ml-2012/ML99"), "ML99"),
        (("layer", "budget", "--as", "queen"), "partner"),
        (("resolve",), "--region"),
    ],
)
def test_a_wrong_call_ends_with_2_and_names_what_is_allowed(
    atlas: Callable[..., Said], project_list: Path, words: tuple[str, ...], named: str
) -> None:
    atlas("ingest", project_list, "--source", "qip")
    said = atlas(*words)
    assert said.code == 2
    assert named in said.err


def test_an_empty_store_says_what_to_do(atlas: Callable[..., Said]) -> None:
    said = atlas("layer", "presence")
    assert said.code == 1
    assert "atlas ingest" in said.err


def test_the_public_is_refused_communes_and_told_why(
    atlas: Callable[..., Said], project_list: Path
) -> None:
    atlas("ingest", project_list, "--source", "qip")
    said = atlas("layer", "presence", "--level", "commune", "--as", "public")
    assert said.code == 1
    assert "commune" in said.err


def test_resolve_names_a_unit_with_how_and_how_surely(atlas: Callable[..., Said]) -> None:
    said = atlas(
        "resolve", "--region", "MOPTI", "--cercle", "Tenenkou", "--frame", "ml-2016", "--json"
    )
    answer = json.loads(said.out)
    assert (answer["unit_id"], answer["pcode"], answer["level"]) == (
        "ml-2016/ML0507",
        "ML0507",
        "cercle",
    )


def test_resolve_says_when_it_does_not_know(atlas: Callable[..., Said]) -> None:
    said = atlas("resolve", "--region", "Atlantide", "--json")
    assert (said.code, json.loads(said.out)["unit_id"]) == (1, None)


def test_resolve_keeps_rows_and_order_of_a_table(
    atlas: Callable[..., Said], tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        "n,region,cercle,commune\n1,Gao,,\n2,,Nowhere,\n3,Kidal,Tessalit,\n", encoding="utf-8"
    )
    atlas("resolve", "--csv", source, "--out", out, "--frame", "ml-2016")
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [row["n"] for row in rows] == ["1", "2", "3"]
    assert [row["unit_id"] for row in rows] == ["ml-2016/ML07", "", "ml-2016/ML0803"]


def test_resolve_writes_no_cell_that_a_spreadsheet_computes_and_keeps_figures(
    atlas: Callable[..., Said], tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text('region,=n,lon\nGao,"Puits ;=1+1",-0.5\n', encoding="utf-8")
    atlas("resolve", "--csv", source, "--out", out, "--frame", "ml-2016")
    with out.open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["'=n"], row["lon"]) == ("Puits ;'=1+1", "-0.5")


def test_the_sample_is_never_added_to_real_data(
    atlas: Callable[..., Said], project_list: Path
) -> None:
    atlas("ingest", project_list, "--source", "qip")
    assert atlas("sample").code == 1


def test_the_first_real_file_replaces_the_sample(
    atlas: Callable[..., Said], project_list: Path, tmp_path: Path
) -> None:
    assert atlas("sample").code == 0
    atlas("ingest", project_list, "--source", "qip")
    current = Store(tmp_path / "store").current_snapshot()
    assert current is not None
    assert current.tables.documents["file"].to_list() == [project_list.name]


@pytest.mark.parametrize("which", [(), ("--month",)])
def test_check_finds_the_sample_sound(atlas: Callable[..., Said], which: tuple[str, ...]) -> None:
    assert atlas("sample", *which).code == 0
    said = atlas("check")
    assert said.code == 0
    assert "≠" not in said.out


def test_a_context_row_without_place_is_rejected_and_the_rest_goes_in(
    atlas: Callable[..., Said], tmp_path: Path
) -> None:
    table = tmp_path / "acces.csv"
    table.write_text(
        "région;cercle;indicateur;valeur;échelle;sens;date\n"
        "Gao;Ansongo;restrictions de mouvement;4;ACAPS;higher_is_worse;2020-05-01\n"
        ";;mines;2;;;2020-05-01\n",
        encoding="utf-8",
    )
    assert atlas("context", "add", "access", table).code == 3
    rows = {r["unit_name"]: r for r in rows_of(atlas("layer", "access", "--level", "cercle"))}
    assert rows["Ansongo"]["severity_max"] == "4.0"
    assert rows["Bourem"]["severity_max"] == ""


@pytest.mark.parametrize("option", [("--source", "zzz"), ("--frame", "ml-1900")])
def test_a_source_or_decoupage_that_does_not_exist_is_a_wrong_call_before_any_reading(
    atlas: Callable[..., Said], tmp_path: Path, option: tuple[str, str]
) -> None:
    path = tmp_path / "qip.csv"
    path.write_text(LIST, "utf-8")
    said = atlas("ingest", str(path), *option, "--json")
    assert (said.code, said.out) == (2, "")
    assert option[1] in said.err


def test_a_column_map_to_a_field_that_does_not_exist_is_a_wrong_call(
    atlas: Callable[..., Said], tmp_path: Path
) -> None:
    path, said_of = tmp_path / "qip.csv", tmp_path / "map.toml"
    path.write_text(LIST, "utf-8")
    said_of.write_text('"Budget" = "prix"', "utf-8")
    said = atlas("ingest", str(path), "--map", str(said_of), "--json")
    assert (said.code, said.out) == (2, "")
    assert "prix" in said.err


def test_a_dossier_is_a_file_of_one_zone(
    atlas: Callable[..., Said], project_list: Path, tmp_path: Path
) -> None:
    out = tmp_path / "gao.html"
    assert atlas("ingest", project_list).code == 0
    said = atlas("export", "dossier", "--unit", "ml-2016/ML07", "--lang", "en", "--out", out)
    assert (said.code, said.out.split(": ")[0]) == (0, "Dossier written")
    assert '<html lang="en">' in out.read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--unit ml-2023/mopti"),
        (("--unit", "ml-2016/nowhere"), "inconnue"),
        (("--unit", "ml-2016/ML0701", "--level", "region"), "choisissez parmi : cercle, commune"),
    ],
    ids=["no zone", "unknown zone", "a coarser level"],
)
def test_a_dossier_that_cannot_be_says_why(
    atlas: Callable[..., Said], project_list: Path, tmp_path: Path,
    words: tuple[str, ...], told: str,
) -> None:  # fmt: skip
    atlas("ingest", project_list)
    said = atlas("export", "dossier", *words, "--out", tmp_path / "d.html")
    assert told in said.err
    assert said.code == 2
    assert not (tmp_path / "d.html").exists()


def test_an_export_of_a_zone_has_its_activities_alone(
    atlas: Callable[..., Said], project_list: Path, tmp_path: Path
) -> None:
    atlas("ingest", project_list)
    whole, part = tmp_path / "whole.csv", tmp_path / "part.csv"
    assert atlas("export", "csv", "--out", whole).code == 0
    assert atlas("export", "csv", "--unit", "ml-2016/ML07", "--out", part).code == 0
    assert atlas("export", "csv", "--where", "unit=ml-2016/ML07", "--out", whole).code == 0
    assert part.read_bytes() == whole.read_bytes()


def test_a_fiche_is_written_for_each_zone(
    atlas: Callable[..., Said], project_list: Path, tmp_path: Path
) -> None:
    out = tmp_path / "fiches.pdf"
    assert atlas("ingest", project_list).code == 0
    said = atlas("fiche", "ml-2016/ML07", "ml-2016/ML0701", "--out", out)
    assert (said.code, said.out.split(" : ")[0]) == (0, "2 fiches écrites")
    assert out.read_bytes().startswith(b"%PDF")
    assert atlas("fiche", "--under", "ml-2016/ML07", "--lang", "en", "--out", out).code == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("ml-2016/nowhere",), 2, "inconnue"),
        ((), 2, "Nommez une zone"),
        (("ml-2016/ML07", "--lang", "de"), 2, "--lang attend fr ou en"),
        (("ml-2012/ML050108", "--as", "public"), 1, "n'est pas ouvert à tous"),
        (("--under", "ml-2016/ML07", "--level", "village"), 2, "village"),
    ],
)
def test_a_fiche_that_cannot_be_says_why(
    atlas: Callable[..., Said], project_list: Path, tmp_path: Path,
    words: tuple[str, ...], code: int, told: str,
) -> None:  # fmt: skip
    atlas("ingest", project_list)
    said = atlas("fiche", *words, "--out", tmp_path / "f.pdf")
    assert told in said.err
    assert said.code == code
    assert not (tmp_path / "f.pdf").exists()


def test_a_fiche_says_at_once_where_it_cannot_be_written(
    atlas: Callable[..., Said], project_list: Path, tmp_path: Path
) -> None:
    atlas("ingest", project_list)
    said = atlas("fiche", "ml-2016/ML07", "--out", tmp_path / "nowhere" / "f.pdf")
    assert said.code == 2
    assert "--out FICHIER" in said.err
    assert (
        atlas("fiche", "ml-2016/ML07", "--out", tmp_path / "f.pdf", "--store", tmp_path / "no").code
        == 1
    )


def test_export_iati_says_what_is_left_out_and_a_geoparquet_has_its_style_beside_it(
    atlas: Callable[..., Said], tmp_path: Path
) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(LIST.replace(";achevé", ";"), encoding="utf-8")
    atlas("ingest", path)
    said = atlas("export", "iati", "--out", tmp_path / "a.xml")
    assert said.code == 0
    assert said.err.splitlines()[0] == (
        "Hors du fichier : 1 activité sans ce qu'IATI exige (sans statut : 1)."
    )
    assert "Réhabilitation d'une école" in (tmp_path / "a.xml").read_text(encoding="utf-8")
    words = "layer", "presence", "--format", "geoparquet", "--out", tmp_path / "carte.parquet"
    assert atlas(*words).code == 0
    assert (tmp_path / "carte.qml").read_text(encoding="utf-8").startswith("<!DOCTYPE qgis")

"""``atlas corrections``: what it prints, how it ends, what it publishes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from atlas.cli.command import main

LIST = """Titre;Région;Commune;Budget;Devise;Début;Fin
Forage;Kidal;Etambar;1 000;USD;01/02/2017;31/05/2017
"""
KIDAL, ABEIBARA = "ml-2016/ML08", "ml-2016/ML080101"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def atlas(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    """Run a command in this process, over a store where one list was read."""
    monkeypatch.setenv("ATLAS_STORE", str(tmp_path / "store"))
    path = tmp_path / "projets_qip_juin_2017.csv"
    path.write_text(LIST, encoding="utf-8")

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["atlas", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    run("ingest", path)
    return run


def hash_now(atlas: Run) -> str:
    return str(json.loads(atlas("corrections", "apply", "--json")[1])["snapshot"])


def test_the_queue_in_words_and_as_json_names_the_place_and_its_region(atlas: Run) -> None:
    code, out, _err = atlas("corrections", "queue")
    assert (code, "Kidal > Etambar" in out) == (0, True)
    (entry,) = json.loads(atlas("corrections", "queue", "--json")[1])
    assert (entry["wording"], entry["within"], entry["rows"]) == ("Kidal > Etambar", KIDAL, 1)
    (told,) = entry["documents"]
    assert (told["file"], told["locators"]) == ("projets_qip_juin_2017.csv", ["L2"])
    assert entry["decision"] is None
    assert {"id", "label", "score"} == set(entry["candidates"][0])


def test_a_place_is_decided_applied_and_undone_from_the_terminal(atlas: Run) -> None:
    before = hash_now(atlas)
    code, out, _err = atlas(
        "corrections", "add", "--place", "Kidal > Etambar", "--unit", ABEIBARA, "--who", "Awa",
        "--note", "vu sur place", "--apply", "--json",
    )  # fmt: skip
    said = json.loads(out)
    assert (code, said["changed"], said["read"]) == (0, True, ["projets_qip_juin_2017.csv"])
    assert said["decision"]["scope"] == "everywhere"
    assert json.loads(atlas("corrections", "queue", "--json")[1]) == []
    code, out, _err = atlas("corrections", "undo", 1, "--who", "Ali", "--apply")
    assert (code, f"Publié : {before}" in out) == (0, True)
    assert atlas("corrections")[1].strip() == "Aucune décision."
    (kept,) = json.loads(atlas("corrections", "list", "--all", "--json")[1])
    assert (kept["who"], kept["undone_by"], kept["in_force"]) == ("Awa", "Ali", False)
    assert "annulée par Ali" in atlas("corrections", "list", "--all")[1]


WORDS = """Titre;Région;Chef de file;Secteur;Statut
Forage;Gao;ONG X;Forages/EHA;à valider
École;Gao;UNICEF;Educ. formelle;en cours
"""


def test_sectors_organisations_and_statuses_are_decided_from_the_terminal(
    atlas: Run, tmp_path: Path
) -> None:
    path = tmp_path / "liste_ong_juin_2017.csv"
    path.write_text(WORDS, encoding="utf-8")
    atlas("ingest", path, "--source", "ngo")
    before = hash_now(atlas)
    add = ("corrections", "add", "--who", "Awa")
    new = ("--new-acronym", "OX", "--new-name", "Organisation X", "--type", "national-ngo")
    for words in (
        ("--sector", "Forages/EHA", "--as", "eha"),
        ("--sector", "Educ. formelle", "--as", "education"),
        ("--organisation", "ONG X", *new),
        ("--status", "à valider", "--as", "Planifié"),
    ):
        assert atlas(*add, *words)[0] == 0
    listed = json.loads(atlas("corrections", "list", "--json")[1])
    assert [(one["kind"], one["means"]) for one in listed] == [
        ("status", "planned"),
        ("organisation", "OX"),
        ("sector", "education"),
        ("sector", "wash"),
    ]
    assert listed[1]["organisation"]["type"] == "national-ngo"
    assert "répond : la décision 3" in atlas("corrections", "queue", "--kind", "organisation")[1]
    applied = json.loads(atlas("corrections", "apply", "--json")[1])
    assert (applied["changed"], applied["read"]) == (True, ["liste_ong_juin_2017.csv"])
    for kind in ("sector", "organisation", "status"):
        assert json.loads(atlas("corrections", "queue", "--kind", kind, "--json")[1]) == []
    for number in range(1, 5):
        atlas("corrections", "undo", number, "--who", "Ali")
    assert hash_now(atlas) == before


def test_a_decision_waits_for_the_next_import_unless_applied(atlas: Run, tmp_path: Path) -> None:
    out = atlas("corrections", "add", "--locality", "Etambar", "--unit", ABEIBARA, "--under", KIDAL)
    assert "prochain import" in out[1]
    (entry,) = json.loads(atlas("corrections", "queue", "--json")[1])
    assert entry["decision"] == 1
    assert "répond : la décision 1" in atlas("corrections", "queue")[1]
    atlas("ingest", tmp_path / "projets_qip_juin_2017.csv")
    assert "Rien à décider." in atlas("corrections", "queue")[1]


def test_a_document_is_named_by_its_file(atlas: Run) -> None:
    words = ("corrections", "add", "--place", "Etambar", "--unit", ABEIBARA, "--document")
    code, out, _err = atlas(*words, "projets_qip_juin_2017.csv")
    assert (code, "dans le document" in out) == (0, True)
    code, _out, err = atlas(*words, "absent.csv")
    assert (code, "projets_qip_juin_2017.csv" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--place", "Etambar", "--unit", "ml-2016/X"), "Unité « ml-2016/X » inconnue"),
        (("--unit", ABEIBARA), "Donnez soit --place"),
        (("--place", "A", "--region", "B", "--unit", ABEIBARA), "Donnez soit --place"),
        (
            ("--place", "Etambar", "--unit", ABEIBARA, "--under", "ml-2016/ML07"),
            "Abéïbara [ml-2016/ML080101] n'est pas dans Gao [ml-2016/ML07]",
        ),
        (("--place", "Etambar", "--unit", ABEIBARA, "--who", ""), "Décision sans auteur"),
        (("--place", "Etambar", "--as", ABEIBARA), "par un seul de : --unit"),
        (("--sector", "Forages", "--unit", ABEIBARA), "par un seul de : --as"),
        (("--sector", "Forages", "--as", "eau profonde"), "Proches : EHA [wash]"),
        (("--sector", "Forages", "--status", "fini", "--as", "wash"), "soit --sector"),
        (("--organisation", "ONG X"), "--as | --new-acronym, --new-name, --type"),
        (("--organisation", "ONG X", "--new-acronym", "PAM"), "est déjà au répertoire"),
        (("--organisation", "ONG X", "--type", "ong"), "Type d'organisation « ong » inconnu"),
        (
            ("--place", "E", "--unit", ABEIBARA, "--under", KIDAL, "--document", "d"),
            "pas les deux",
        ),
    ],
)
def test_a_decision_that_makes_no_sense_is_a_wrong_call_in_one_line(
    atlas: Run, words: tuple[str, ...], said: str
) -> None:
    code, out, err = atlas("corrections", "add", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert atlas("corrections", "list", "--all")[1].strip() == "Aucune décision."


def test_a_file_that_is_gone_ends_as_partly_done_and_is_named(atlas: Run, tmp_path: Path) -> None:
    for kept in (tmp_path / "store" / "raw").glob("*.json"):
        kept.unlink()
    code, out, _err = atlas(
        "corrections", "add", "--place", "Etambar", "--unit", ABEIBARA, "--apply"
    )
    assert (code, "Non relu : projets_qip_juin_2017.csv" in out) == (3, True)

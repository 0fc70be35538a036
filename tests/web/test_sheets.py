"""The sheet of a sector and of a donor: one page, with the figures of the page under that filter."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from flask.testing import FlaskClient

from atlas.app import create_app
from atlas.cli.command import main
from atlas.model import Viewer
from atlas.store import Store
from tests.layers.made import activity, fact, tables_of

GAO, MOPTI = "ml-2016/ML07", "ml-2016/ML05"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two works on water of AFD in Gao, a school of ECHO in Mopti, and needs of water in both."""
    made = Store(tmp_path_factory.mktemp("sheets"))
    need = {"indicator": "people-in-need", "sector": "wash", "as_of": date(2017, 6, 1)}
    made.publish_tables(
        tables_of(
            activity("Forage", GAO, sector="wash", donors=["AFD"], usd=5_000_000, reached=300,
                     lead_org="acf"),
            activity("Puits", GAO, sector="wash", donors=["AFD"], reached=200),
            activity("École", MOPTI, sector="education", donors=["ECHO"], usd=1_000_000),
            context=(
                fact("needs", GAO, **need, value=1000.0),
                fact("needs", MOPTI, **need, value=700.0),
            ),
        )
    )  # fmt: skip
    return made


@pytest.fixture(scope="module")
def client(store: Store) -> FlaskClient:
    return create_app(store, viewer=Viewer.EDITOR).server.test_client()


def words_of(content: bytes) -> str:
    """All words of a document of one page."""
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 1
    text = document[0].get_textpage().get_text_range()
    return " ".join(re.sub("[\u200b\ufffe]", "", text).split())


def sheet(client: FlaskClient, query: str) -> str:
    answer = client.get(f"/sheet.pdf?frame=ml-2016&{query}")
    assert answer.status_code == 200
    return words_of(answer.data)


def test_a_sector_has_its_activities_money_and_needs_by_zone(client: FlaskClient) -> None:
    told = sheet(client, "sector=wash")
    for words in (
        "EHA Secteur",
        "2 activités",
        "50,0 k USD",
        "1 700 dans le besoin",
        "Mopti Lacune",
    ):
        assert words in told
    assert "École" not in told


def test_a_donor_has_its_activities_money_and_who_acts_with_it(client: FlaskClient) -> None:
    told = sheet(client, "donor=AFD&indicator=budget")
    for words in (
        "AFD",
        "2 activités",
        "1 activités sans montant",
        "Budget par organisation",
        "Forage",
    ):
        assert words in told
    assert "École" not in told


def test_a_sheet_says_sources_boundaries_and_its_code(client: FlaskClient) -> None:
    told = sheet(client, "sector=wash")
    for words in ("d.csv", "ni reconnaissance ni acceptation officielle", "/sheet.pdf?sector=wash"):
        assert words in told


@pytest.mark.parametrize("query", ["", "sector=wash&sector=health", "donor=Personne"])
def test_a_sheet_of_nothing_in_particular_is_refused_in_a_sentence(
    client: FlaskClient, query: str
) -> None:
    answer = client.get(f"/sheet.pdf?{query}")
    assert answer.status_code == 404
    assert "Choisissez un seul secteur connu" in answer.get_data(as_text=True)


def test_the_command_writes_the_sheet_of_a_sector(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "eha.pdf"
    words = ["fiche", "--sector", "wash", "--lang", "en", "--out", str(out)]
    monkeypatch.setattr("sys.argv", ["atlas", *words, "--store", str(store.root)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, None)
    assert "Sources and dates" in words_of(out.read_bytes())

"""A row that says "néant" is the word of somebody, and no activity."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.sources.lists import says_nothing

HEAD = "Titre;Secteur;Région;Chef de file;Budget;Devise;Date de début;Date de fin;Situation au"
GAO = "ml-2023/gao"


def read(
    tmp_path: Path, *lines: str, name: str = "liste-ong.csv", source: str = "ngo"
) -> IngestBatch:
    path = tmp_path / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return ingest_file(path, source=source)


def outcomes(batch: IngestBatch) -> list[str]:
    return batch.tables.rows["outcome"].to_list()


def declared(batch: IngestBatch) -> list[tuple[object, ...]]:
    facts = batch.tables.context.filter(pl.col("kind") == "nothing_to_report")
    return facts.select("organisation", "sector", "unit_id", "start", "expires").rows()


def codes(batch: IngestBatch) -> list[str]:
    return batch.tables.findings["code"].to_list()


@pytest.mark.parametrize(
    "words",
    ["Néant", "NEANT", "rien à signaler", "RAS", "R.A.S.", "Pas d'activité", "aucune activité",
     "Aucune activité réalisée en juin 2024", "pas d’activités ce mois", "Nil", "No activities"],
)  # fmt: skip
def test_these_words_say_that_nothing_was_done(words: str):
    assert says_nothing(words)


@pytest.mark.parametrize(
    "words",
    ["", "Forage", "Aucune activité agricole : distribution de semences", "RAS El Ma, forage",
     "Rien ne se perd : tri des déchets", "Activités", "Assainissement néant"],
)  # fmt: skip
def test_these_words_say_something_else(words: str):
    assert not says_nothing(words)


def test_a_row_of_nothing_is_kept_as_evidence_with_its_sector_place_and_period(tmp_path: Path):
    batch = read(tmp_path, HEAD, "Néant;Santé;Gao;ACF;;;01/06/2024;30/06/2024;30/06/2024")
    assert outcomes(batch) == ["context"]
    assert batch.tables.activities.is_empty()
    june = (date(2024, 6, 1), date(2024, 6, 30))
    assert declared(batch) == [("acf", "health", GAO, *june)]
    assert "amount_missing" not in codes(batch)


def test_it_may_name_nothing_but_who(tmp_path: Path):
    batch = read(tmp_path, HEAD, "RAS;;;ACF;;;;;30/06/2024")
    assert declared(batch) == [("acf", None, None, None, None)]
    assert batch.tables.context["as_of"].to_list() == [date(2024, 6, 30)]


def test_two_sectors_in_one_row_are_two_declarations_and_one_row(tmp_path: Path):
    batch = read(tmp_path, HEAD, "Néant;Santé, EHA;Gao;ACF;;;;;30/06/2024")
    assert [sector for _who, sector, *_rest in declared(batch)] == ["health", "wash"]
    assert outcomes(batch) == ["context"]


def test_nothing_by_nobody_is_set_aside_and_said(tmp_path: Path):
    batch = read(tmp_path, HEAD, "Néant;Santé;Gao;;;;;;30/06/2024", "Forage;EHA;Gao;ACF;;;;;")
    assert outcomes(batch).count("ignored") == 1
    assert "nothing_by_nobody" in codes(batch)
    assert declared(batch) == []


def test_a_row_with_money_or_people_is_an_activity_whatever_its_title(tmp_path: Path):
    batch = read(tmp_path, HEAD, "Néant;Santé;Gao;ACF;5000;USD;;;30/06/2024")
    assert (outcomes(batch), declared(batch)) == (["activity"], [])
    assert batch.tables.amounts["usd_minor"].to_list() == [500_000]


def test_a_fund_says_nothing_by_its_own_name(tmp_path: Path):
    head = "Intitulé;Région;Bailleur;Budget (FCFA);Situation au"
    batch = read(tmp_path, head, "Néant;Gao;;;30/06/2017", name="liste-qip.csv", source="qip")
    facts = batch.tables.context
    assert facts.select("organisation", "source").rows() == [(None, "qip")]


def test_a_matrix_of_who_is_where_says_it_in_its_column_of_sectors(tmp_path: Path):
    lines = ("Organisation;Cluster;Région", "ACF;Santé;Gao", "IRC;Néant;Gao")
    batch = read(tmp_path, *lines, name="5W_juin_2024.csv")
    assert sorted(outcomes(batch)) == ["activity", "context"]
    assert declared(batch)[0][:2] == ("irc", None)


def test_a_remark_of_nothing_to_flag_leaves_the_activity_one(tmp_path: Path):
    head = f"{HEAD};Remarques"
    batch = read(tmp_path, head, "Forage;EHA;Gao;ACF;;;;;30/06/2024;RAS")
    assert outcomes(batch) == ["activity"]


def test_a_distribution_of_the_state_that_was_none_is_no_distribution(tmp_path: Path):
    lines = ("Région;Cercle;Titre;Mil (t);Mois;Année", "Gao;Gao;;12;juin;2024",
             "Gao;Ansongo;Néant;;juin;2024")  # fmt: skip
    batch = read(tmp_path, *lines, name="distributions-csa.csv", source="csa")
    assert sorted(outcomes(batch)) == ["activity", "context"]


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Néant", "Forage", "", "RAS"]),
        st.sampled_from(["ACF", ""]),
        st.sampled_from(["", "0", "1000"]),
    ),
    min_size=1,
    max_size=6,
)


@given(ROWS)
@settings(max_examples=20)
def test_every_row_has_one_outcome_and_no_money_is_lost(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
):
    lines = [f"{title};EHA;Gao;{who};{usd};USD;;;30/06/2024" for title, who, usd in rows]
    first = "Puits;EHA;Gao;ACF;1;USD;;;30/06/2024"
    tables = read(tmp_path_factory.mktemp("t"), HEAD, first, *lines).tables
    assert tables.rows["locator"].n_unique() == tables.rows.height == len(rows) + 1
    stated = sum(int(usd or 0) for title, _who, usd in rows if title)
    assert (tables.amounts["usd_minor"].sum() or 0) == 100 * (stated + 1)

from datetime import date

import pytest

from atlas.errors import UnusableFileError
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.sources import Options, study
from tests.conftest import needs_shared
from tests.ingest.sources.documents import codes, of_text, seed

CHAPTERS = (
    "**Une étude sur les puits du delta et leurs gardiens**\n\nContexte\n\nMéthodologie\n\n"
    "La collecte de données a eu lieu en mars 2019 dans trois villages.\n\nÉtudes de cas\n\n"
    "Limites\n\nBonnes pratiques\n\nRecommandations\n\nConclusion\n\nAnnexe 1\n\n"
)
PROSE = "Les gardiens des puits disent ce qu'ils voient.\n\n"


def long(text: str) -> str:
    return text + PROSE * 500


def test_a_long_text_with_the_parts_of_a_study_is_one():
    assert study.sniff(of_text(long(CHAPTERS))) == 0.7


def test_a_short_note_is_not_a_study():
    assert study.sniff(of_text(CHAPTERS)) == 0


def test_long_prose_without_those_parts_is_not_a_study():
    assert study.sniff(of_text(long("Un roman\n"))) == 0


def test_a_long_text_with_a_budget_table_is_not_a_study():
    table = "EXTRANTS\tACTIVITES\tMIN\tA\tCOUT\n\t\t\t\tAn 1\tAn 2\n"
    assert study.sniff(of_text(long(CHAPTERS + table))) == 0


def test_a_study_has_no_activity_and_says_where_its_facts_go():
    reading = study.read(of_text(long(CHAPTERS)), Options())
    assert reading.records == ()
    assert codes(reading) == ["context_document"]
    assert reading.as_of == date(2019, 3, 31)
    assert reading.title == "Une étude sur les puits du delta et leurs gardiens"


def test_a_study_dated_nowhere_asks_for_a_date():
    with pytest.raises(UnusableFileError, match="--as-of"):
        study.read(of_text(long(CHAPTERS.replace("mars 2019", "hiver"))), Options())


@needs_shared
def test_the_real_study_is_an_answer_of_zero_activities():
    document = seed("003")
    tables = normalise_reading(study.read(document, Options()), document)
    assert tables.activities.height == 0
    assert tables.findings["code"].to_list() == ["context_document"]
    assert tables.documents["as_of"].to_list() == [date(2018, 5, 31)]
    assert tables.rows["outcome"].unique().to_list() == ["context"]

"""Findings are sentences a person can read, in both languages."""

import string

import pytest

from atlas.findings import CODES, SEVERITIES, finding_sentence
from atlas.i18n import language_context


def test_a_finding_is_rendered_with_its_values() -> None:
    sentence = finding_sentence(
        "total_mismatch", {"name": "2.1.1", "published": 2900000, "read": 8700000}
    )
    assert sentence == "2.1.1 : 2900000 publié, 8700000 lu."


def test_a_value_missing_in_an_old_snapshot_shows_as_a_dash() -> None:
    assert (
        finding_sentence("amount_missing", "{}")
        == "Montant absent pour « — » : inconnu, jamais zéro."
    )


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_severity_and_an_english_sentence_with_the_same_places(code: str) -> None:
    french = CODES[code].sentence
    with language_context("en"):
        from atlas.i18n import _

        english = _(french)
    assert CODES[code].severity in SEVERITIES
    assert english != french
    assert _places(english) == _places(french)


def _places(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(sentence) if name}

"""What to do about a finding."""

from __future__ import annotations

from atlas.findings import CODES, remedy_of


def test_every_finding_that_is_not_mere_information_says_what_to_do() -> None:
    asked = [code for code, told in CODES.items() if told.severity != "info"]
    assert [code for code in asked if not remedy_of(code)] == []


def test_a_specific_fault_has_a_specific_remedy() -> None:
    assert remedy_of("amount_unreadable").startswith("Écrivez le montant en chiffres")
    assert remedy_of("encoding_inferred") == ""


def test_a_remedy_names_no_option_of_the_command_line() -> None:
    assert [code for code in CODES if "--" in remedy_of(code)] == []

"""What people decided a sector, an organisation or a status to mean."""

from __future__ import annotations

from itertools import permutations

import pytest

from atlas.corrections import (
    Correction,
    Corrections,
    Organisation,
    Scope,
    Subject,
    answered,
    entry_named,
)
from atlas.errors import UsageError

OX = Organisation("OX", "Organisation X du Mali", "national-ngo")


def sector(wording: str, means: str, document: str = "") -> Correction:
    scope = Scope.DOCUMENT if document else Scope.EVERYWHERE
    return Correction(wording, means, scope, document, subject=Subject.SECTOR)


def entered(wording: str, one: Organisation = OX) -> Correction:
    return Correction(wording, one.id, subject=Subject.ORGANISATION, organisation=one)


def means(decided: Corrections, subject: Subject, wording: str) -> str | None:
    found = decided.term(subject, wording)
    return found and found.means


def test_a_term_is_found_however_it_is_typed_and_never_in_part() -> None:
    known = Corrections.of([sector("Eau / Forages", "wash")])
    assert means(known, Subject.SECTOR, "EAU - forages") == "wash"
    assert means(known, Subject.SECTOR, "Forages") is None
    assert means(known, Subject.STATUS, "Eau / Forages") is None


def test_a_decision_of_the_document_wins_over_one_that_holds_everywhere() -> None:
    decided = (sector("Cash", "food-security"), sector("Cash", "multi-sector", "d0c"))
    for order in permutations(decided):
        known = Corrections.of(order)
        assert means(known.for_document("d0c"), Subject.SECTOR, "cash") == "multi-sector"
        assert means(known.for_document("other"), Subject.SECTOR, "cash") == "food-security"


def test_an_organisation_that_was_entered_is_known_by_its_acronym_and_its_name_too() -> None:
    known = Corrections.of([entered("ONG X")])
    for spelling in ("ong x", "OX", "Organisation X du Mali"):
        assert means(known, Subject.ORGANISATION, spelling) == "OX"
    assert known.organisations == {"OX": OX}


def test_a_decision_about_a_spelling_wins_over_the_name_of_an_organisation_entered() -> None:
    other = Correction("OX", "oxfam", subject=Subject.ORGANISATION)
    known = Corrections.of([entered("ONG X"), other])
    assert means(known, Subject.ORGANISATION, "OX") == "oxfam"


def test_of_two_that_tell_one_organisation_the_one_about_its_own_name_counts() -> None:
    other = Organisation("OX", "", "civil-society")
    for order in permutations((entered("ONG X", other), entered("OX"))):
        assert Corrections.of(order).organisations == {"OX": OX}


def test_decisions_about_words_say_nothing_of_places() -> None:
    known = Corrections.of([sector("Gao", "wash")])
    assert known.decide(("gao",)) is None
    assert not known.concern("Gao")


@pytest.mark.parametrize(
    ("decided", "said"),
    [
        (sector("Forages", "eau"), "« eau » n'est pas au répertoire"),
        (Correction("x", "wash", Scope.UNDER, "ml-2016/ML07", subject=Subject.SECTOR), "un lieu"),
        (Correction("x", "done", subject=Subject.STATUS), "n'est pas au répertoire"),
        (sector("…", "wash"), "aucun mot"),
        (entered("x", Organisation("", "", "un")), "Organisation sans nom"),
        (entered("x", Organisation("OX", "", "ong")), "Type d'organisation « ong » inconnu"),
        (entered("x", Organisation("WFP")), "« WFP » est déjà au répertoire.*--as pam"),
    ],
)
def test_what_no_vocabulary_can_hold_is_refused(decided: Correction, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        decided.checked()


def test_an_answer_may_be_an_acronym_of_the_vocabulary_and_nothing_less_sure() -> None:
    assert entry_named(Subject.SECTOR, "EHA") == "wash"
    assert entry_named(Subject.ORGANISATION, "World Food Programme") == "pam"
    assert entry_named(Subject.STATUS, "en cours") == "ongoing"
    with pytest.raises(UsageError, match=r"Proches : AMSODE \[amsode\]"):
        entry_named(Subject.ORGANISATION, "AMSOD")


def test_answers_of_the_page_become_decisions_of_their_kind() -> None:
    place = answered("place", "Etambar", "ml-2016/ML080101", "d0c")
    assert (place.subject, place.scope, place.within) == (Subject.PLACE, Scope.DOCUMENT, "d0c")
    assert answered("sector", "Forages", "wash", "d0c") == sector("Forages", "wash")
    new = {"acronym": "OX", "name": "Organisation X du Mali", "type": "national-ngo"}
    text = '{"acronym": "OX", "name": " Organisation X  du Mali", "type": "national-ngo"}'
    for value in (new, text):
        assert answered("organisation", "ONG X", value, "d0c").checked() == entered("ONG X")


def test_an_answer_may_name_an_organisation_entered_before_and_must_make_sense() -> None:
    again = answered("organisation", "ONG-X Gao", "OX", "d0c", {"OX": OX})
    assert (again.means, again.organisation) == ("OX", OX)
    for kind, value in (("sector", "eau"), ("organisation", "OX"), ("organisation", "{oops")):
        with pytest.raises(UsageError):
            answered(kind, "Forages", value, "d0c")

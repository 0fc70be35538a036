"""What people decided a sector, an organisation or a status to mean."""

from __future__ import annotations

from itertools import permutations

import pytest

from atlas.corrections import (
    CorrectionLookup,
    DecisionScope,
    DecisionSubject,
    EnteredOrganisation,
    WordingCorrection,
    correction_of_answer,
    entry_id_of,
)
from atlas.errors import UsageError

OX = EnteredOrganisation("OX", "Organisation X du Mali", "national-ngo")


def sector(wording: str, means: str, document: str = "") -> WordingCorrection:
    scope = DecisionScope.DOCUMENT if document else DecisionScope.EVERYWHERE
    return WordingCorrection(wording, means, scope, document, subject=DecisionSubject.SECTOR)


def entered(wording: str, one: EnteredOrganisation = OX) -> WordingCorrection:
    return WordingCorrection(
        wording, one.id, subject=DecisionSubject.ORGANISATION, organisation=one
    )


def means(decided: CorrectionLookup, subject: DecisionSubject, wording: str) -> str | None:
    found = decided.term_correction(subject, wording)
    return found and found.means


def test_a_term_is_found_however_it_is_typed_and_never_in_part() -> None:
    known = CorrectionLookup.from_entries([sector("Eau / Forages", "wash")])
    assert means(known, DecisionSubject.SECTOR, "EAU - forages") == "wash"
    assert means(known, DecisionSubject.SECTOR, "Forages") is None
    assert means(known, DecisionSubject.STATUS, "Eau / Forages") is None


def test_a_decision_of_the_document_wins_over_one_that_holds_everywhere() -> None:
    decided = (sector("Cash", "food-security"), sector("Cash", "multi-sector", "d0c"))
    for order in permutations(decided):
        known = CorrectionLookup.from_entries(order)
        assert means(known.for_document("d0c"), DecisionSubject.SECTOR, "cash") == "multi-sector"
        assert means(known.for_document("other"), DecisionSubject.SECTOR, "cash") == "food-security"


def test_an_organisation_that_was_entered_is_known_by_its_acronym_and_its_name_too() -> None:
    known = CorrectionLookup.from_entries([entered("ONG X")])
    for spelling in ("ong x", "OX", "Organisation X du Mali"):
        assert means(known, DecisionSubject.ORGANISATION, spelling) == "OX"
    assert known.entered_organisations == {"OX": OX}


def test_a_decision_about_a_spelling_wins_over_the_name_of_an_organisation_entered() -> None:
    other = WordingCorrection("OX", "oxfam", subject=DecisionSubject.ORGANISATION)
    known = CorrectionLookup.from_entries([entered("ONG X"), other])
    assert means(known, DecisionSubject.ORGANISATION, "OX") == "oxfam"


def test_of_two_that_tell_one_organisation_the_one_about_its_own_name_counts() -> None:
    other = EnteredOrganisation("OX", "", "civil-society")
    for order in permutations((entered("ONG X", other), entered("OX"))):
        assert CorrectionLookup.from_entries(order).entered_organisations == {"OX": OX}


def test_decisions_about_words_say_nothing_of_places() -> None:
    known = CorrectionLookup.from_entries([sector("Gao", "wash")])
    assert known.place_decision(("gao",)) is None
    assert not known.concerns_wording("Gao")


@pytest.mark.parametrize(
    ("decided", "said"),
    [
        (sector("Forages", "eau"), "« eau » n'est pas au répertoire"),
        (
            WordingCorrection(
                "x", "wash", DecisionScope.UNDER, "ml-2016/ML07", subject=DecisionSubject.SECTOR
            ),
            "un lieu",
        ),
        (WordingCorrection("x", "done", subject=DecisionSubject.STATUS), "n'est pas au répertoire"),
        (sector("…", "wash"), "aucun mot"),
        (entered("x", EnteredOrganisation("", "", "un")), "Organisation sans nom"),
        (entered("x", EnteredOrganisation("OX", "", "ong")), "Type d'organisation « ong » inconnu"),
        (entered("x", EnteredOrganisation("WFP")), "« WFP » est déjà au répertoire.*--as pam"),
    ],
)
def test_what_no_vocabulary_can_hold_is_refused(decided: WordingCorrection, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        decided.validated_copy()


def test_an_answer_may_be_an_acronym_of_the_vocabulary_and_nothing_less_sure() -> None:
    assert entry_id_of(DecisionSubject.SECTOR, "EHA") == "wash"
    assert entry_id_of(DecisionSubject.ORGANISATION, "World Food Programme") == "pam"
    assert entry_id_of(DecisionSubject.STATUS, "en cours") == "ongoing"
    with pytest.raises(UsageError, match=r"Proches : AMSODE \[amsode\]"):
        entry_id_of(DecisionSubject.ORGANISATION, "AMSOD")


def test_answers_of_the_page_become_decisions_of_their_kind() -> None:
    place = correction_of_answer("place", "Etambar", "ml-2016/ML080101", "d0c")
    assert (place.subject, place.scope, place.within) == (
        DecisionSubject.PLACE,
        DecisionScope.DOCUMENT,
        "d0c",
    )
    assert correction_of_answer("sector", "Forages", "wash", "d0c") == sector("Forages", "wash")
    new = {"acronym": "OX", "name": "Organisation X du Mali", "type": "national-ngo"}
    text = '{"acronym": "OX", "name": " Organisation X  du Mali", "type": "national-ngo"}'
    for value in (new, text):
        assert correction_of_answer(
            "organisation", "ONG X", value, "d0c"
        ).validated_copy() == entered("ONG X")


def test_an_answer_may_name_an_organisation_entered_before_and_must_make_sense() -> None:
    again = correction_of_answer("organisation", "ONG-X Gao", "OX", "d0c", {"OX": OX})
    assert (again.means, again.organisation) == ("OX", OX)
    for kind, value in (("sector", "eau"), ("organisation", "OX"), ("organisation", "{oops")):
        with pytest.raises(UsageError):
            correction_of_answer(kind, "Forages", value, "d0c")

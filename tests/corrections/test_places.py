"""What people decided: how wordings match, which decision wins, what is refused."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.corrections import (
    CorrectionLookup,
    DecisionScope,
    WordingCorrection,
    unit_lies_in,
    units_compatible,
    wording_key,
)
from atlas.errors import UnknownUnitError, UsageError

KIDAL, GAO = "ml-2016/ML08", "ml-2016/ML07"
ABEIBARA_CERCLE, ABEIBARA, TINZAWATENE = "ml-2016/ML0801", "ml-2016/ML080101", "ml-2016/ML080103"


def decide(
    wording: str, *decided: WordingCorrection, said: tuple[str, ...] = (), binding: bool = True
) -> tuple[str, bool] | None:
    verdict = CorrectionLookup.from_entries(decided).place_decision(
        wording_key(wording), said, binding=binding
    )
    return verdict and (verdict.correction.means, verdict.applies)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ouro Guiré", "OURO-GUIRE", True),
        ("N'Tillit", "Ntillit", True),
        ("Kidal > Etambar", "kidal | étambar", True),
        ("Ouro Guiré", "Ouroguiré", False),
        ("Cercle de Mopti", "Commune de Mopti", False),
        ("Ber 1", "Ber 11", False),
    ],
)
def test_case_accents_and_punctuation_make_no_other_wording_but_words_do(
    one: str, other: str, same: bool
) -> None:
    assert (wording_key(one) == wording_key(other)) is same


@pytest.mark.parametrize("wording", ["", " > ", "💧", "\x00", "\u200f", "…", "=||"])
def test_a_wording_without_a_word_has_no_key_and_cannot_be_decided(wording: str) -> None:
    assert wording_key(wording) == ()
    with pytest.raises(UsageError, match="aucun mot"):
        WordingCorrection(wording, KIDAL).validated_copy()


def test_the_unit_must_exist() -> None:
    with pytest.raises(UnknownUnitError, match="ml-2016/NULPART"):
        WordingCorrection("Etambar", "ml-2016/NULPART").validated_copy()


def test_a_unit_outside_the_parent_is_refused_with_both_readings() -> None:
    said = r"Abéïbara \[ml-2016/ML080101\] n'est pas dans Gao \[ml-2016/ML07\]"
    with pytest.raises(UsageError, match=said):
        WordingCorrection("Etambar", ABEIBARA, DecisionScope.UNDER, GAO).validated_copy()


def test_a_parent_of_another_decoupage_holds_what_lies_on_its_ground() -> None:
    assert WordingCorrection(
        "Etambar", ABEIBARA, DecisionScope.UNDER, "ml-2012/ML08"
    ).validated_copy()
    assert unit_lies_in(ABEIBARA, "ml-2012/ML08") is True
    assert unit_lies_in(ABEIBARA, "ml-2012/ML07") is False
    assert unit_lies_in(KIDAL, ABEIBARA) is None


@pytest.mark.parametrize("scope", [DecisionScope.UNDER, DecisionScope.DOCUMENT])
def test_a_narrow_scope_needs_its_parent_or_document(scope: DecisionScope) -> None:
    with pytest.raises(UsageError, match="mal précisée"):
        WordingCorrection("Etambar", ABEIBARA, scope).validated_copy()


EVERYWHERE = WordingCorrection("Etambar", ABEIBARA)
UNDER = WordingCorrection("Etambar", TINZAWATENE, DecisionScope.UNDER, KIDAL)
NEARER = WordingCorrection("Etambar", "ml-2016/ML080102", DecisionScope.UNDER, ABEIBARA_CERCLE)
IN_DOCUMENT = WordingCorrection("Etambar", "ml-2016/ML0803", DecisionScope.DOCUMENT, "d0c")
ALL = (EVERYWHERE, UNDER, NEARER, IN_DOCUMENT)


@pytest.mark.parametrize(
    ("decided", "said", "unit_id"),
    [
        (ALL, (KIDAL,), "ml-2016/ML0803"),
        (ALL[:3], (ABEIBARA_CERCLE,), "ml-2016/ML080102"),
        (ALL[:3], (KIDAL,), TINZAWATENE),
        (ALL[:3], (), ABEIBARA),
        (ALL[1:3], (), None),
    ],
)
def test_the_document_wins_over_the_nearer_parent_and_that_over_everywhere(
    decided: tuple[WordingCorrection, ...], said: tuple[str, ...], unit_id: str | None
) -> None:
    for order in permutations(decided):
        found = decide("Etambar", *order, said=said)
        assert (found[0] if found else None) == unit_id


def test_within_a_scope_the_longer_wording_wins() -> None:
    longer = WordingCorrection("Kidal > Etambar", TINZAWATENE)
    assert decide("Kidal | Etambar", EVERYWHERE, longer, said=(KIDAL,)) == (TINZAWATENE, True)
    assert decide("Etambar", EVERYWHERE, longer) == (ABEIBARA, True)


def test_names_decided_are_found_among_all_the_columns() -> None:
    decided = WordingCorrection("Mopti > Ouro Guiré", "ml-2016/ML0507")
    assert decide("Mopti > Ténenkou > Togoro > Ouro Guiré", decided) == ("ml-2016/ML0507", True)
    assert decide("Gao > Ouro Guiré", decided) is None
    assert decide("Ouro Guiré > Mopti", decided) is None


def test_a_bare_name_never_moves_a_place_out_of_what_its_row_says() -> None:
    assert decide("Gao > Etambar", EVERYWHERE, said=(GAO,)) == (ABEIBARA, False)
    assert decide("Gao > Etambar", WordingCorrection("Gao > Etambar", ABEIBARA), said=(GAO,)) == (
        ABEIBARA,
        True,
    )


def test_names_beside_it_in_a_list_bind_nothing_but_tell_the_parent() -> None:
    assert decide("Etambar", EVERYWHERE, said=(GAO,), binding=False) == (ABEIBARA, True)
    assert decide("Etambar", UNDER, said=(GAO,), binding=False) is None
    assert decide("Etambar", UNDER, said=(ABEIBARA_CERCLE,), binding=False) == (TINZAWATENE, True)


def test_a_larger_or_smaller_unit_of_the_same_place_is_no_contradiction() -> None:
    assert units_compatible(KIDAL, ABEIBARA)
    assert units_compatible(ABEIBARA, KIDAL)
    assert units_compatible(ABEIBARA, "ml-2023/kidal")
    assert not units_compatible(ABEIBARA, GAO)


def test_another_document_s_decisions_are_left_out() -> None:
    assert (
        CorrectionLookup.from_entries(ALL).for_document("other").entries
        == CorrectionLookup.from_entries(ALL[:3]).entries
    )


def test_a_wording_is_only_looked_into_where_a_decided_name_stands_in_it() -> None:
    known = CorrectionLookup.from_entries([EVERYWHERE])
    assert known.concerns_wording("Appui à la localité d'ETAMBAR (Kidal)")
    assert known.concerns_wording("Kidal, ÉTAMBAR")
    assert not known.concerns_wording("Etambara")
    assert not CorrectionLookup().concerns_wording("Etambar")


wordings = st.sampled_from(["Etambar", "Kidal > Etambar", "Djidara", "Kidal > Abeïbara > Etambar"])
scopes = st.sampled_from(
    [
        (DecisionScope.EVERYWHERE, ""),
        (DecisionScope.UNDER, KIDAL),
        (DecisionScope.UNDER, ABEIBARA_CERCLE),
        (DecisionScope.DOCUMENT, "d0c"),
    ]
)
corrections = st.builds(
    lambda wording, scope, unit: WordingCorrection(wording, unit, *scope),
    wordings,
    scopes,
    st.sampled_from([ABEIBARA, "ml-2016/ML080102", TINZAWATENE]),
)
RANK = {DecisionScope.DOCUMENT: 0, DecisionScope.UNDER: 1, DecisionScope.EVERYWHERE: 2}


@settings(max_examples=80)
@given(
    st.lists(corrections, max_size=8, unique_by=lambda one: one.decision_slot),
    wordings,
    st.sampled_from([(), (KIDAL,), (ABEIBARA_CERCLE,)]),
    st.randoms(use_true_random=False),
)
def test_the_narrowest_decision_that_fits_wins_in_whatever_order_they_come(
    decided: list[WordingCorrection], wording: str, said: tuple[str, ...], random
) -> None:
    found = CorrectionLookup.from_entries(decided).place_decision(wording_key(wording), said)
    random.shuffle(decided)
    again = CorrectionLookup.from_entries(decided).place_decision(wording_key(wording), said)
    assert (found and found.correction) == (again and again.correction)
    same_words = [c for c in decided if c.wording_parts == wording_key(wording)]
    open_scopes = [c for c in same_words if c.scope is not DecisionScope.UNDER or c.within in said]
    if open_scopes:
        assert found is not None
        assert RANK[found.correction.scope] <= min(RANK[c.scope] for c in open_scopes)

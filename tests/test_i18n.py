"""French first, English second: no sentence lacks its English, no value loses its place."""

import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlas import i18n
from atlas.findings import finding_sentence
from atlas.i18n import _, current_language, language_context, ngettext
from scripts.catalog import Sentence, forms, load, merge, sentences, text, untranslated


@pytest.fixture(scope="module")
def extracted() -> list[tuple[str, Sentence]]:
    return list(sentences())


@pytest.fixture
def own_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An English catalog of the test's own, read in place of the real one."""
    path = tmp_path / "en" / "LC_MESSAGES" / "atlas.po"
    path.parent.mkdir(parents=True)
    monkeypatch.setattr(i18n, "_LOCALE", tmp_path)
    i18n._load_catalog.cache_clear()
    yield path
    i18n._load_catalog.cache_clear()


def _places(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(sentence) if name}


def test_the_sentences_of_every_floor_are_found(extracted: list[tuple[str, Sentence]]) -> None:
    files = {name for name, _sentence in extracted}
    assert {"atlas/findings.py", "atlas/cli/command.py", "atlas/web/filter_bar.py"} <= files
    assert ("atlas/labels.py", "Non placé") in extracted


def test_every_sentence_has_its_english(extracted: list[tuple[str, Sentence]]) -> None:
    english = load()
    without = {
        forms(sentence)[0]
        for _file, sentence in extracted
        if not (known := english.get(forms(sentence)[0])) or not all(forms(known.string))
    }
    assert without == set(), "run `make catalog` and translate these in atlas.po"


def test_every_english_sentence_has_the_places_of_the_french(
    extracted: list[tuple[str, Sentence]],
) -> None:
    english = load()
    differing = {
        (french, other)
        for _file, sentence in extracted
        if (known := english.get(forms(sentence)[0])) and all(forms(known.string))
        for french, other in zip(forms(sentence), forms(known.string), strict=False)
        if _places(french) != _places(other)
    }
    assert differing == set()


def test_what_the_code_asks_for_as_one_form_or_two_is_what_gettext_answers(
    extracted: list[tuple[str, Sentence]],
) -> None:
    """A sentence marked once plainly and once with a plural must still be found both ways."""
    catalog, english = i18n._load_catalog("en"), load()
    for _file, sentence in extracted:
        one, *many = forms(sentence)
        if not (known := english.get(one)) or not all(forms(known.string)):
            continue  # told by the test above
        if many:
            assert catalog.ngettext(one, many[0], 2) == known.string[1]
        else:
            assert catalog.gettext(one) == forms(known.string)[0]


def test_english_is_punctuated_as_english() -> None:
    french_habits = ("«", "»", " :", " ;", " ?", " !", " %", "\u00a0", "\u202f")
    found = [
        english
        for message in load()
        if message.id
        for english in forms(message.string)
        if any(habit in english for habit in french_habits)
    ]
    assert found == []


def test_a_request_in_english_reads_english() -> None:
    with language_context("en"):
        assert _("Non placé") == "Not placed"
        assert _("Montant illisible : « {raw} ».", raw="PM") == "Unreadable amount: “PM”."
    assert _("Non placé") == "Non placé"


def test_a_reason_of_ours_is_translated_and_one_of_the_document_is_quoted() -> None:
    with language_context("en"):
        ours = finding_sentence("sheet_skipped", {"sheet": "A", "reason": "aucun en-tête reconnu"})
        quoted = finding_sentence("sheet_skipped", {"sheet": "A", "reason": "« voir {annexe} »"})
    assert ours == "Sheet “A” not read: no heading recognised."
    assert quoted == "Sheet “A” not read: « voir {annexe} »."


def test_a_language_nobody_speaks_here_is_french() -> None:
    with language_context("de"):
        assert current_language() == "fr"


def test_the_environment_says_the_language_where_no_request_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATLAS_LANG", "en")
    assert current_language() == "en"
    with language_context("fr"):
        assert current_language() == "fr"


@pytest.mark.parametrize(
    ("n", "french", "english"),
    [
        (0, "0 classe", "0 classes"),
        (1, "1 classe", "1 class"),
        (2, "2 classes", "2 classes"),
    ],
)
def test_nought_is_singular_in_french_and_plural_in_english(
    n: int, french: str, english: str
) -> None:
    one, many = "{n} classe, quantiles arrondis.", "{n} classes, quantiles arrondis."
    with language_context("fr"):
        assert ngettext(one, many, n) == f"{french}, quantiles arrondis."
    with language_context("en"):
        assert ngettext(one, many, n) == f"{english}, rounded quantiles."


def test_a_sentence_without_its_english_stays_french(own_catalog: Path) -> None:
    catalog = merge(load(own_catalog), [("a.py", "Bonjour"), ("a.py", ("un", "des"))])
    own_catalog.write_bytes(text(catalog))
    with language_context("en"):
        assert _("Bonjour") == "Bonjour"
        assert ngettext("un", "des", 1) == "un"
        assert ngettext("un", "des", 3) == "des"


def test_the_catalog_keeps_translations_adds_the_new_and_drops_the_gone(tmp_path: Path) -> None:
    path = tmp_path / "atlas.po"
    path.write_text(
        'msgid "Gardée"\nmsgstr "Kept"\n\nmsgid "Partie"\nmsgstr "Gone"\n', encoding="utf-8"
    )
    found: list[tuple[str, Sentence]] = [("a.py", "Partir"), ("a.py", "Gardée")]
    merged = merge(load(path), found)
    assert {m.id: m.string or "" for m in merged if m.id} == {"Gardée": "Kept", "Partir": ""}
    assert untranslated(merged) == ["Partir"]


def test_the_catalog_is_the_same_whatever_the_order_and_the_time(tmp_path: Path) -> None:
    found: list[tuple[str, Sentence]] = [("b.py", "Zone"), ("a.py", ("un {n} %", "des {n} %"))]
    once = text(merge(load(tmp_path / "none.po"), found))
    (tmp_path / "atlas.po").write_bytes(once)
    again = text(merge(load(tmp_path / "atlas.po"), reversed(found)))
    assert once == again
    assert b"POT-Creation-Date" not in once
    assert b"#:" not in once

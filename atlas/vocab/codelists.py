"""The vocabulary files, read once, and the normalised text that spellings are compared by."""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import polars as pl

from atlas.i18n import current_language
from atlas.paths import user_sources

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "&": " et "})
_AND = re.compile(r"\band\b")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def normalised_text(text: str) -> str:
    """Words of a text in lower case, without accents or punctuation, one space between.

    ``&``, ``and`` and ``et`` are one word.

    Examples
    --------
    >>> normalised_text("  Eau, Hygiène & Assainissement (EHA) ")
    'eau hygiene et assainissement eha'
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES)).casefold()
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return _AND.sub("et", _NOT_WORD.sub(" ", bare)).strip()


VOCABULARIES = (
    "sectors",
    "statuses",
    "org_types",
    "organisations",
    "sources",
    "kinds",
    "nexus",
    "access_constraints",
    "indicators",
    "context_tables",
    "scales",
    "programmes",
    "programme_components",
)
_FOLDER = Path(__file__).parent

VocabularyRow = Mapping[str, str]


@cache
def vocabulary_rows(name: str) -> tuple[VocabularyRow, ...]:
    """Rows of ``<name>.csv`` in its order, every cell stripped text.

    Raises
    ------
    KeyError
        No such vocabulary.
    """
    path = _FOLDER / f"{name}.csv"
    if not path.is_file():
        raise KeyError(name)
    with path.open(encoding="utf-8", newline="") as file:
        listed = tuple({k: v.strip() for k, v in row.items()} for row in csv.DictReader(file))
    return (*listed, *_user_sources(listed)) if name == "sources" else listed


def _user_sources(listed: tuple[VocabularyRow, ...]) -> tuple[VocabularyRow, ...]:
    """Funds of the sources that a person added, with the label that their ``.toml`` gives."""
    folder = user_sources()
    found: dict[str, VocabularyRow] = {}
    for path in sorted(folder.glob("*.toml")) if folder else ():
        data = tomllib.loads(path.read_text("utf-8"))
        fund, label_of = data.get("source", ""), data.get("label", {})
        names = {lang: label_of.get(lang, data.get("title", fund)) for lang in ("fr", "en")}
        if fund and fund not in {row["id"] for row in listed}:
            found[fund] = {"id": fund, **names, "aliases": ""}
    return tuple(found.values())


@cache
def entries_by_id(name: str) -> Mapping[str, VocabularyRow]:
    """Rows of a vocabulary by id."""
    return {row["id"]: row for row in vocabulary_rows(name)}


def entry_label(vocab: str, entry_id: str) -> str:
    """Words for an id in the language in force; the id itself when it is not listed.

    Organisations are shown by their acronym, in full when they have none: an organisation
    outside the vocabulary is stored as it was spelt, and shown so.

    Examples
    --------
    >>> entry_label("sectors", "health")
    'Santé'
    >>> entry_label("organisations", "pnud"), entry_label("organisations", "Une association")
    ('PNUD', 'Une association')
    """
    row = entries_by_id(vocab).get(entry_id)
    return _entry_words(vocab, row, current_language()) if row else entry_id


def vocabulary_table(vocab: str) -> pl.DataFrame:
    """All entries of a vocabulary, in the order of its file.

    Returns
    -------
    polars.DataFrame
        ``id``, ``fr``, ``en``: what `entry_label` says in each language.
    """
    listed = vocabulary_rows(vocab)
    return pl.DataFrame(
        {
            "id": [row["id"] for row in listed],
            "fr": [_entry_words(vocab, row, "fr") for row in listed],
            "en": [_entry_words(vocab, row, "en") for row in listed],
        },
        schema={"id": pl.String, "fr": pl.String, "en": pl.String},
    )


def iati_code(status: str) -> str | None:
    """IATI activity-status code of a status id; ``None`` where IATI has none.

    Examples
    --------
    >>> iati_code("completed"), iati_code("unknown")
    ('4', None)
    """
    row = entries_by_id("statuses").get(status)
    return (row["iati"] or None) if row else None


def _entry_words(vocab: str, row: VocabularyRow, lang: str) -> str:
    if vocab != "organisations":
        return row[lang]
    acronym = row["acronym"]
    if lang == "en":
        acronym = row["acronym_en"] or acronym
    return acronym or row[f"name_{lang}"] or row["name_fr"] or row["name_en"] or row["id"]

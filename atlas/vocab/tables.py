"""The vocabulary files: read once, kept as plain dictionaries."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import polars as pl

from atlas.i18n import language
from atlas.paths import own_sources

VOCABULARIES = (
    "sectors",
    "statuses",
    "org_types",
    "organisations",
    "sources",
    "kinds",
    "access_constraints",
    "indicators",
    "context_tables",
    "scales",
    "programmes",
    "programme_components",
)
_FOLDER = Path(__file__).parent

Row = Mapping[str, str]


@cache
def rows(name: str) -> tuple[Row, ...]:
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
    return (*listed, *_own_sources(listed)) if name == "sources" else listed


def _own_sources(listed: tuple[Row, ...]) -> tuple[Row, ...]:
    """Funds of the sources that a person added, with the label that their ``.toml`` gives."""
    folder = own_sources()
    found: dict[str, Row] = {}
    for path in sorted(folder.glob("*.toml")) if folder else ():
        data = tomllib.loads(path.read_text("utf-8"))
        fund, label_of = data.get("source", ""), data.get("label", {})
        names = {lang: label_of.get(lang, data.get("title", fund)) for lang in ("fr", "en")}
        if fund and fund not in {row["id"] for row in listed}:
            found[fund] = {"id": fund, **names, "aliases": ""}
    return tuple(found.values())


@cache
def by_id(name: str) -> Mapping[str, Row]:
    """Rows of a vocabulary by id."""
    return {row["id"]: row for row in rows(name)}


def label(vocab: str, entry_id: str) -> str:
    """Words for an id in the language in force; the id itself when it is not listed.

    Organisations are shown by their acronym, in full when they have none: an organisation
    outside the vocabulary is stored as it was spelt, and shown so.

    Examples
    --------
    >>> label("sectors", "health")
    'Santé'
    >>> label("organisations", "pnud"), label("organisations", "Une association")
    ('PNUD', 'Une association')
    """
    row = by_id(vocab).get(entry_id)
    return _words(vocab, row, language()) if row else entry_id


def entries(vocab: str) -> pl.DataFrame:
    """All entries of a vocabulary, in the order of its file.

    Returns
    -------
    polars.DataFrame
        ``id``, ``fr``, ``en``: what `label` says in each language.
    """
    listed = rows(vocab)
    return pl.DataFrame(
        {
            "id": [row["id"] for row in listed],
            "fr": [_words(vocab, row, "fr") for row in listed],
            "en": [_words(vocab, row, "en") for row in listed],
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
    row = by_id("statuses").get(status)
    return (row["iati"] or None) if row else None


def _words(vocab: str, row: Row, lang: str) -> str:
    if vocab != "organisations":
        return row[lang]
    acronym = row["acronym"]
    if lang == "en":
        acronym = row["acronym_en"] or acronym
    return acronym or row[f"name_{lang}"] or row["name_fr"] or row["name_en"] or row["id"]

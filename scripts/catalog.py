"""Bring the English catalog up to the sentences of the code; say which lack a translation.

A sentence that is still in the code keeps its translation, a new one is written empty, one
that is gone is dropped: nothing is ever guessed from a sentence that looks alike. The file
holds no date and no line number, so that it changes only where a sentence does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "atlas" / "locale" / "en" / "LC_MESSAGES" / "atlas.po"
KEYWORDS = parse_keywords(["_", "N_", "ngettext:1,2"])
HEADER = """\
# English sentences of Atlas Mali. Message ids are the French sentences of the code.
# `make catalog` brings the list up to date; only the msgstr lines are written by hand.
msgid ""
msgstr ""
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

Sentence = str | tuple[str, ...]


def sentences(root: Path = ROOT) -> Iterable[tuple[str, Sentence]]:
    """The marked sentences under ``root``, each with the file it stands in."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(root, methods, options, keywords=KEYWORDS)
    for name, _line, sentence, _comments, _context in found:
        yield name, sentence


def load(path: Path = PO) -> Catalog:
    """The catalog as it stands; an empty one where there is no file yet."""
    if not path.is_file():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def merge(old: Catalog, found: Iterable[tuple[str, Sentence]]) -> Catalog:
    """The sentences found, with the translations that ``old`` has for exactly these.

    A sentence that has gained or lost its plural is a new one.
    """
    new = Catalog(locale="en")
    for _name, sentence in found:
        new.add(sentence)
    for message in new:
        known = old.get(forms(message.id)[0])
        if message.id and known is not None and known.pluralizable == message.pluralizable:
            message.string = known.string
        message.flags.clear()  # our places are {named}: a lone "%" is no format
    return new


def text(catalog: Catalog) -> bytes:
    """The catalog as a file: sorted, one line a sentence."""
    body = BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True)
    return HEADER.encode() + body.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """French sentences without their English."""
    return [
        forms(message.id)[0]
        for message in catalog
        if message.id and not all(forms(message.string or ""))
    ]


def forms(sentence: str | Sequence[str]) -> tuple[str, ...]:
    """The one form of a plain sentence, the two of one with a plural."""
    return (sentence,) if isinstance(sentence, str) else tuple(sentence)


def main() -> int:
    """Write the catalog; 1 when a sentence has no English yet."""
    catalog = merge(load(), sentences())
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(text(catalog))
    missing = untranslated(catalog)
    for sentence in missing:
        print(sentence)
    print(f"{len(catalog)} sentences, {len(missing)} without a translation", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

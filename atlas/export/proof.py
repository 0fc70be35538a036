"""The code of a file: what makes it again, and what differs in one that was altered.

A code names the published state, the address of the file in the page with its question, and
who asked: ``9a8cb772cd51/fiche/ml-2016/ML05.pdf?sector=wash&as=editor``. The same state and
question give the same bytes, so that a file can be held against what it should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import zip_longest
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import docx
import pdfplumber
import segno
from docx.text.paragraph import Paragraph
from python_calamine import CalamineWorkbook

from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.i18n import _, current_language
from atlas.layers import LAYERS
from atlas.model import Viewer

STATE_DIGITS = 12
_CODE = re.compile(r"(?:[Cc]ode:)?(?P<state>[0-9a-f]{4,64})(?P<path>/[^?\s]+)\?(?P<query>\S*)")
_NOT_IN_CODES = re.compile(r"[^!-~]")
_VIEWER_KEY = "as"


class FileCode(NamedTuple):
    """A code, taken apart."""

    state: str
    path: str
    query: str
    viewer: Viewer

    @property
    def kind(self) -> str:
        """Ending of the file."""
        return self.path.rpartition(".")[2]


def file_code(state: str, path: str, query: str, viewer: Viewer) -> str:
    """The code of a file.

    Parameters
    ----------
    state
        Hash of the published state.
    path, query
        Its address in the page, without ``?`` between them.

    Examples
    --------
    >>> file_code("9a8cb772cd515d36", "/map.png", "tab=gaps", Viewer.EDITOR)
    '9a8cb772cd51/map.png?tab=gaps&as=editor'
    """
    asked = "&".join(filter(None, (query, f"{_VIEWER_KEY}={viewer}")))
    return f"{state[:STATE_DIGITS]}{path}?{asked}"


def code_picture(code: str) -> str:
    """A code as a QR code, an SVG of black modules with the margin that readers need.

    Examples
    --------
    >>> code_picture("9a8cb772cd51/map.png?as=public")[:4]
    '<svg'
    """
    drawn = BytesIO()
    segno.make_qr(code, error="m").save(drawn, kind="svg", border=4, xmldecl=False, nl=False)
    return drawn.getvalue().decode()


def page_query(code: FileCode) -> str:
    """The query of the page that shows what a file was made of, in its own state.

    Examples
    --------
    >>> page_query(parsed_code("9a8cb772cd51/fiche/ml-2016/ML05.pdf?sector=wash&as=editor"))
    'state=9a8cb772cd51&sector=wash&zone=ml-2016%2FML05&frame=ml-2016'
    """
    pairs = [("state", code.state), *parse_qsl(code.query)]
    if fiche := re.fullmatch(r"/fiche/((ml-\d{4})/[\w.-]+)\.pdf", code.path):
        pairs += [("zone", fiche[1]), ("frame", fiche[2])]
    return urlencode(pairs)


def question_query(filters: Filters, options: Mapping[str, Mapping[str, str]]) -> str:
    """What is asked, as the query of an address: filters, settings that differ, language."""
    said = {
        (f"{LAYERS[layer].follows or layer}.{name}", value)
        for layer, values in options.items()
        for name, value in values.items()
    }
    language = current_language()
    pairs = [*sorted(said), *([("lang", language)] if language != "fr" else [])]
    return "&".join(filter(None, (filters.to_query(), urlencode(pairs))))


def parsed_code(words: str) -> FileCode:
    """A code as it is typed or copied, without the spaces that the layout put into it.

    Raises
    ------
    UsageError
        It is no code.
    """
    found = _CODE.fullmatch(_NOT_IN_CODES.sub("", words))
    pairs = parse_qsl(found["query"]) if found else []
    viewers = [value for key, value in pairs if key == _VIEWER_KEY]
    if found is None or len(viewers) != 1 or viewers[0] not in list(Viewer):
        raise UsageError(
            _("« {words} » n'est pas un code", words=words[:80]),
            "",
            _("Copiez-le en entier, du bas de la fiche, de la carte ou de la feuille « À lire »."),
        )
    query = urlencode([(key, value) for key, value in pairs if key != _VIEWER_KEY])
    return FileCode(found["state"], found["path"], query, Viewer(viewers[0]))


def first_difference(made: bytes, given: bytes, kind: str) -> str:
    """Where a file differs first from what it should be, in a sentence; "" where it does not.

    Parameters
    ----------
    kind
        Its ending: ``pdf``, ``xlsx`` and ``docx`` are compared by what they say, text by lines,
        all else by bytes.
    """
    if made == given:
        return ""
    parts = _PARTS.get(kind, _text_lines)
    should_say = list(parts(made))
    try:
        says = list(parts(given))
    except Exception:  # whatever a damaged file makes its reader raise; ours was read above
        return _("Illisible comme {kind} : le fichier est abîmé.", kind=kind.upper())
    differing = _first_pair(should_say, says)
    if differing is None:
        at = next(n for n, (a, b) in enumerate(zip_longest(made, given)) if a != b)
        return _(
            "Dit la même chose, mais diffère à l'octet {n} sur {all}.", n=at + 1, all=len(made)
        )
    (where, should), (elsewhere, told) = differing
    return _(
        "{where} : « {told} » au lieu de « {should} ».",
        where=where or elsewhere,
        told=told[:_LONGEST],
        should=should[:_LONGEST],
    )


_LONGEST = 120
Part = tuple[str, str]
"""Where something stands, and what it says."""


def _first_pair(made: list[Part], given: list[Part]) -> tuple[Part, Part] | None:
    pairs = zip_longest(made, given, fillvalue=("", ""))
    return next((pair for pair in pairs if pair[0] != pair[1]), None)


def _pdf_lines(content: bytes) -> Iterator[Part]:
    with pdfplumber.open(BytesIO(content)) as read:
        for number, page in enumerate(read.pages, start=1):
            for line in (page.extract_text() or "").split("\n"):
                yield _("page {n}", n=number), line


def _xlsx_cells(content: bytes) -> Iterator[Part]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    for sheet in book.sheet_names:
        for number, row in enumerate(book.get_sheet_by_name(sheet).to_python(), start=1):
            for column, cell in enumerate(row, start=1):
                place = _("feuille {sheet}, ligne {row}, colonne {column}",
                          sheet=sheet, row=number, column=column)  # fmt: skip
                yield place, str(cell)


def _docx_lines(content: bytes) -> Iterator[Part]:
    for number, part in enumerate(docx.Document(BytesIO(content)).iter_inner_content(), start=1):
        if isinstance(part, Paragraph):
            yield _("paragraphe {n}", n=number), part.text
            continue
        for row, cells in enumerate(part.rows, start=1):
            for column, cell in enumerate(cells.cells, start=1):
                yield _("tableau {n}, ligne {row}, colonne {column}",
                        n=number, row=row, column=column), cell.text  # fmt: skip


def _text_lines(content: bytes) -> Iterator[Part]:
    for number, line in enumerate(content.decode("utf-8-sig").split("\n"), start=1):
        yield _("ligne {n}", n=number), line


def _no_parts(_content: bytes) -> Iterator[Part]:
    return iter(())


_PARTS = {"pdf": _pdf_lines, "xlsx": _xlsx_cells, "docx": _docx_lines,
          "png": _no_parts, "gpkg": _no_parts, "parquet": _no_parts}  # fmt: skip

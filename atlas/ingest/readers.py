"""Files → `Document`: the only place of the ingest path that opens one.

What a file claims to be (its extension) is held against what it is (its first bytes), and
nothing large is unpacked before its size is known.
"""

from __future__ import annotations

import csv
import json
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from io import StringIO
from itertools import islice
from pathlib import Path

from atlas.errors import UnusableFileError
from atlas.i18n import _
from atlas.ingest.encodings import decode
from atlas.ingest.reading import Document, Finding, Sheet
from atlas.ingest.workbooks import read_workbook

MAX_BYTES = 150 * 2**20
"""Largest file read: ten times the largest national 5W matrix seen."""
MAX_UNPACKED = 256 * 2**20
"""Largest total of a workbook's parts once unpacked, by its own directory."""

_WORKBOOKS = ("xlsx", "xlsm", "xlsb", "xls", "ods")
_TABLES = ("csv", "tsv")
_TEXTS = ("txt",)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NATURES = {
    "xls": "Excel 97-2003 (.xls)",
    "zip": "archive ZIP",
    "docx": "Word (.docx)",
    "pdf": "PDF",
    "image": "image",
    "ods": "OpenDocument (.ods)",
    "xlsb": "Excel (.xlsb)",
    "xlsx": "Excel (.xlsx)",
    "text": "texte",
    "binary": "données binaires",
}
csv.field_size_limit(2**24)


def read_document(path: Path | str) -> Document:
    """Read a workbook, a delimited table or a text.

    Parameters
    ----------
    path
        XLSX, XLSM, XLSB, XLS, ODS, CSV, TSV or TXT.

    Returns
    -------
    Document
        Identified by the sha256 of its bytes; hidden sheets left out and said so.

    Raises
    ------
    UnusableFileError
        Absent, a directory, empty, too large, truncated, protected, of another kind than
        its extension says, or of a kind that is not read. One line, with the remedy.
    """
    path = Path(path)
    extension = path.suffix.lower().lstrip(".")
    _check_there(path)
    with path.open("rb") as file:
        head = file.read(65_536)
        _check_head(path, head, extension)
        data = head + file.read()
    digest = sha256(data).hexdigest()
    nature = _nature(path, data)
    _check_nature(path, nature, extension)
    text, sheets, findings = _content(path, data, extension)
    return Document(
        document=digest[:12],
        file=path.name,
        sha256=digest,
        format=extension,
        text=text,
        sheets=sheets,
        findings=findings,
    )


def locator(document: Document, sheet: Sheet, index: int) -> str:
    """Where row ``index`` of a sheet stands, as a person finds it: ``ML_5W!12``, ``L12``."""
    row = sheet.first_row + index
    return f"L{row}" if document.text is not None or not sheet.name else f"{sheet.name}!{row}"


def _unusable(path: Path, why: str, remedy: str) -> UnusableFileError:
    return UnusableFileError(_("{file} inutilisable", file=path), why, remedy)


def _again() -> str:
    return _("Copiez-le ou exportez-le de nouveau, puis relancez.")


def _check_there(path: Path) -> None:
    if path.is_dir():
        raise _unusable(path, _("c'est un dossier"), _("Indiquez les fichiers qu'il contient."))
    if not path.exists():
        raise _unusable(path, _("fichier introuvable"), _("Vérifiez le chemin et le nom."))
    if not path.is_file():
        raise _unusable(path, _("ce n'est pas un fichier"), _("Indiquez un fichier."))
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        why = _("lecture refusée ({reason})", reason=error.strerror)
        raise _unusable(path, why, _("Vérifiez les droits du fichier.")) from error


def _check_head(path: Path, head: bytes, extension: str) -> None:
    if not head.strip():
        raise _unusable(path, _("fichier vide"), _again())
    if not head.strip(b"\x00"):
        raise _unusable(path, _("il ne contient que des octets nuls"), _again())
    size = path.stat().st_size
    if size > MAX_BYTES:
        why = _("{size} Mo, au-delà de {limit} Mo", size=size // 2**20, limit=MAX_BYTES // 2**20)
        raise _unusable(path, why, _("Découpez-le en plusieurs fichiers."))
    if head.startswith(b"%PDF"):
        return
    binary = b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if binary and extension in (*_TABLES, *_TEXTS) and not head.startswith((b"PK", _OLE)):
        why = _("ce n'est pas du texte (octets nuls)")
        raise _unusable(path, why, _again())


def _nature(path: Path, data: bytes) -> str:
    """What the bytes are, whatever the name says."""
    if data.startswith(b"PK\x03\x04"):
        return _zip_nature(path)
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            why = _("classeur protégé par un mot de passe")
            raise _unusable(path, why, _("Enregistrez-le sans mot de passe, puis relancez."))
        return "xls"
    if data.startswith(b"%PDF"):
        return "pdf"
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")):
        return "image"
    binary = b"\x00" in data[:65_536] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "binary" if binary else "text"


def _zip_nature(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        why = _("classeur tronqué ou endommagé")
        raise _unusable(path, why, _again()) from error
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED:
        why = _(
            "{size} Mo une fois décompressé, au-delà de {limit} Mo",
            size=unpacked // 2**20,
            limit=MAX_UNPACKED // 2**20,
        )
        raise _unusable(path, why, _("Enregistrez les données seules dans un nouveau classeur."))
    names = {part.filename for part in parts}
    marks = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "word/document.xml": "docx"}
    for mark, nature in marks.items():
        if mark in names:
            return nature
    return "ods" if {"mimetype", "content.xml"} <= names else "zip"


def _check_nature(path: Path, nature: str, extension: str) -> None:
    expected = {"xlsm": "xlsx", "csv": "text", "tsv": "text", "txt": "text"}
    as_table = _("Enregistrez le tableau en XLSX ou CSV, ou le texte en TXT.")
    if nature == "pdf" and extension == "pdf":
        why = _("les PDF ne sont pas lus, qu'ils soient faits de texte ou d'images")
        raise _unusable(
            path, why, _("Demandez le tableur d'origine, ou enregistrez son texte en TXT.")
        )
    if extension not in (*_WORKBOOKS, *_TABLES, *_TEXTS):
        named = (extension and f".{extension}") or _("sans extension")
        raise _unusable(path, _("format {format} non lu", format=named), as_table)
    if nature != expected.get(extension, extension):
        why = _(
            "l'extension .{extension} est contredite par le contenu : {nature}",
            extension=extension,
            nature=_NATURES[nature],
        )
        raise _unusable(path, why, _("Donnez-lui sa vraie extension, ou exportez-le de nouveau."))


def _content(
    path: Path, data: bytes, extension: str
) -> tuple[str | None, tuple[Sheet, ...], tuple[Finding, ...]]:
    if extension in _WORKBOOKS:
        sheets, findings = read_workbook(path, data)
        return None, sheets, findings
    text, findings = decode(data)
    if extension in _TEXTS:
        return text, tuple(_blocks(text)), findings
    rows, said = _delimited(text, "\t" if extension == "tsv" else "")
    return None, (Sheet("", rows),), (*findings, *said)


def _blocks(text: str) -> Iterator[Sheet]:
    """Runs of two or more lines with tabs: the tables of a text."""
    run: list[list[object]] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if "\t" in line:
            run.append([cell if cell.strip() else None for cell in line.split("\t")])
            continue
        if len(run) > 1:
            first = number - len(run)
            yield Sheet(f"L{first}", tuple(run), first)
        run = []


Rows = tuple[tuple[object, ...], ...]


def _delimited(text: str, delimiter: str = "") -> tuple[Rows, tuple[Finding, ...]]:
    """Rows of a delimited text; a quote that is never closed is read as it stands, and said."""
    delimiter = delimiter or _delimiter(text)
    findings: tuple[Finding, ...] = ()
    try:
        read = list(csv.reader(StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "end of data" in str(error) or "field limit" in str(error):
            read = list(csv.reader(StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE))
            findings = (Finding("quotes_ignored"),)
        else:
            read = list(csv.reader(StringIO(text), delimiter=delimiter))
    rows = [tuple(cell if cell.strip() else None for cell in row) for row in read]
    while rows and not any(rows[-1]):
        rows.pop()
    return tuple(rows), findings


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into most columns, most evenly."""

    def evenness(delimiter: str) -> tuple[int, int]:
        rows: Sequence[list[str]] = list(
            islice(csv.reader(StringIO(text[:200_000]), delimiter=delimiter), 50)
        )
        widths = Counter(len(row) for row in rows if any(row))
        width, count = max(widths.items(), key=lambda item: item[1] * (item[0] - 1), default=(1, 0))
        return count * (width - 1), width

    return max((";", ",", "\t", "|"), key=evenness)


def read_column_map(path: Path) -> dict[str, str]:
    """Heading → field, from a TOML, JSON or two-column CSV file.

    Raises
    ------
    UnusableFileError
        Absent, or not such a mapping.
    """
    _check_there(path)
    text, _findings = decode(path.read_bytes())
    try:
        found: object = _parsed_map(text, path.suffix.lower())
    except ValueError as error:
        raise _not_a_map(path) from error
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise _not_a_map(path)
    return {str(heading): str(field) for heading, field in found.items()}


def _parsed_map(text: str, extension: str) -> object:
    if extension == ".json":
        return json.loads(text)
    if extension == ".toml":
        found: dict[str, object] = tomllib.loads(text)
        return found.get("columns", found)
    rows, _findings = _delimited(text)
    return {str(row[0]): row[1] for row in rows if len(row) > 1 and row[0]}


def _not_a_map(path: Path) -> UnusableFileError:
    why = _("ce n'est pas une table « en-tête → champ »")
    return _unusable(path, why, _('Une ligne par colonne, par exemple "Intitulé" = "title".'))

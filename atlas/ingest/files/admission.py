"""What is let in: a file that is there, of a bearable size, and what its name says.

What a file claims to be (its extension) is held against what it is (its first bytes), before
any library sees it, and nothing large is unpacked before its size is known.
"""

from __future__ import annotations

import os
import zipfile
from io import BytesIO
from pathlib import Path

from atlas.encodings import wide_encoding
from atlas.errors import UnusableFileError
from atlas.i18n import _
from atlas.ingest.reading import PAPERS

MAX_BYTES = 150 * 2**20
"""Largest file read: ten times the largest national 5W matrix seen."""
MAX_TEXT = 48 * 2**20
"""Largest CSV or text: beyond, its cells alone would fill the memory allowed."""
MAX_UNPACKED = 256 * 2**20
"""Largest total of a workbook's parts once unpacked."""

WORKBOOKS = ("xlsx", "xlsm", "xlsb", "xls", "ods")
TABLES = ("csv", "tsv")
TEXTS = ("txt",)
ACTIVITIES = ("xml",)
POINTS = ("geojson", "json", "gpkg")
READ = (*WORKBOOKS, *TABLES, *TEXTS, *PAPERS, *ACTIVITIES, *POINTS)
"""Extensions that are read."""

_MAPS = ("kml", "kmz", "shp", "gpx", "gdb", "mif", "tab", "topojson", "parquet")
"""Extensions of maps that are not read: they become one that is."""
_PLAIN = (*TABLES, *TEXTS, "xml", "geojson", "json")
_EXPECTED = {"xlsm": "xlsx", **dict.fromkeys(_PLAIN, "text")}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_SIGNATURES = (
    (b"%PDF", "pdf"),
    (b"SQLite format 3\x00", "gpkg"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
)
_NATURES = {
    "xls": "Excel 97-2003 (.xls)",
    "zip": "archive ZIP",
    "docx": "Word (.docx)",
    "pdf": "PDF",
    "gpkg": "GeoPackage (.gpkg)",
    "image": "image",
    "ods": "OpenDocument (.ods)",
    "xlsb": "Excel (.xlsb)",
    "xlsx": "Excel (.xlsx)",
    "text": "texte",
    "binary": "données binaires",
}


def unusable_error(path: Path | str, why: str, remedy: str) -> UnusableFileError:
    """The one sentence that refuses a file."""
    return UnusableFileError(_("{file} inutilisable", file=path), why, remedy)


def copy_again_remedy() -> str:
    """Remedy of a copy that went wrong."""
    return _("Copiez-le ou exportez-le de nouveau, puis relancez.")


def admitted_bytes(path: Path) -> bytes:
    """Bytes of a file that may be read.

    Parameters
    ----------
    path
        The file; its extension says what it claims to be.

    Returns
    -------
    bytes
        All of it, read once: nothing reads the file again, should it change.

    Raises
    ------
    UnusableFileError
        Absent, a directory, empty, too large, changed meanwhile, truncated, protected, of
        another kind than its extension says, or of a kind that is not read.
    """
    extension = path.suffix.lower().lstrip(".")
    check_there(path)
    data = _whole_bytes(path, extension)
    _check_nature(path, _nature_of(path, data), extension)
    return data


def check_there(path: Path) -> None:
    """Raise unless the path is a file that may be opened."""
    if path.is_dir():
        raise unusable_error(
            path, _("c'est un dossier"), _("Indiquez les fichiers qu'il contient.")
        )
    if not path.exists():
        raise unusable_error(path, _("fichier introuvable"), _("Vérifiez le chemin et le nom."))
    if not path.is_file():
        raise unusable_error(path, _("ce n'est pas un fichier"), _("Indiquez un fichier."))
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        why = _("lecture refusée ({reason})", reason=error.strerror)
        raise unusable_error(path, why, _("Vérifiez les droits du fichier.")) from error


def _whole_bytes(path: Path, extension: str) -> bytes:
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        head = file.read(65_536)
        _check_head(path, head, extension, before.st_size)
        data = head + file.read(MAX_BYTES)
        after = os.fstat(file.fileno())
    if len(data) != before.st_size or (after.st_size, after.st_mtime_ns) != (
        before.st_size,
        before.st_mtime_ns,
    ):
        remedy = _("Relancez l'import quand le fichier n'est plus modifié.")
        raise unusable_error(path, _("il a changé pendant la lecture"), remedy)
    return data


def _check_head(path: Path, head: bytes, extension: str, size: int) -> None:
    if not head.strip():
        raise unusable_error(path, _("fichier vide"), copy_again_remedy())
    if not head.strip(b"\x00"):
        raise unusable_error(path, _("il ne contient que des octets nuls"), copy_again_remedy())
    limit = MAX_TEXT if extension in (*TABLES, *TEXTS) else MAX_BYTES
    if size > limit:
        why = _("{size} Mo, au-delà de {limit} Mo", size=size // 2**20, limit=limit // 2**20)
        raise unusable_error(path, why, _("Découpez-le en plusieurs fichiers."))
    known = head.startswith((b"PK", _OLE, *(mark for mark, _nature in _SIGNATURES)))
    if _is_binary(head) and extension in _PLAIN and not known:
        why = _("ce n'est pas du texte (octets nuls)")
        raise unusable_error(path, why, copy_again_remedy())


def _nature_of(path: Path, data: bytes) -> str:
    """What the bytes are, whatever the name says."""
    if data.startswith(b"PK\x03\x04"):
        return _zip_nature(path, data)
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise protected_error(path)
        return "xls"
    for mark, nature in _SIGNATURES:
        if data.startswith(mark):
            return nature
    return "binary" if _is_binary(data[:65_536]) else "text"


def _is_binary(head: bytes) -> bool:
    """Whether bytes are no text: UTF-16 has nul bytes too, with its mark or evidently."""
    return b"\x00" in head and not head.startswith(_WIDE) and not wide_encoding(head)


def protected_error(path: Path | str) -> UnusableFileError:
    """The error of a file that a password closes."""
    why = _("fichier protégé par un mot de passe")
    return unusable_error(path, why, _("Enregistrez-le sans mot de passe, puis relancez."))


def entities_error(path: Path | str) -> UnusableFileError:
    """The error of XML that declares entities, the stuff of XML bombs."""
    remedy = _("Retirez la déclaration DOCTYPE, ou demandez un autre export.")
    return unusable_error(
        path, _("il déclare des entités XML, ce qu'aucun tableur ne fait"), remedy
    )


def _zip_nature(path: Path, data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            names = [part.filename for part in parts]
            manifest = _manifest_bytes(archive) if "META-INF/manifest.xml" in names else b""
    except Exception as error:  # BadZipFile, zlib.error, NotImplementedError, OSError…
        raise unusable_error(
            path, _("classeur tronqué ou endommagé"), copy_again_remedy()
        ) from error
    if any(part.flag_bits & 1 for part in parts):
        raise protected_error(path)
    if len({name.casefold() for name in names}) != len(names):
        raise unusable_error(
            path, _("deux parties du classeur portent le même nom"), copy_again_remedy()
        )
    if b"encryption-data" in manifest:
        raise protected_error(path)
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED:
        raise too_large_error(path)
    marks = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "word/document.xml": "docx"}
    for mark, nature in marks.items():
        if mark in names:
            return nature
    return "ods" if {"mimetype", "content.xml"} <= set(names) else "zip"


def _manifest_bytes(archive: zipfile.ZipFile) -> bytes:
    with archive.open("META-INF/manifest.xml") as part:
        return part.read(2**20)


def too_large_error(path: Path | str, limit: int = MAX_UNPACKED) -> UnusableFileError:
    """The error of an archive that unpacks to more than ``limit`` bytes."""
    why = _("plus de {limit} Mo une fois décompressé", limit=limit // 2**20)
    return unusable_error(path, why, _("Enregistrez les données seules dans un nouveau classeur."))


def _check_nature(path: Path, nature: str, extension: str) -> None:
    if extension not in READ:
        named = (extension and f".{extension}") or _("sans extension")
        remedy = _("Enregistrez le tableau en XLSX ou CSV, ou le texte en TXT.")
        if extension in _MAPS:
            remedy = _("Enregistrez-le en GeoJSON ou GeoPackage (dans QGIS : Exporter).")
        raise unusable_error(path, _("format {format} non lu", format=named), remedy)
    if nature != _EXPECTED.get(extension, extension):
        why = _(
            "l'extension .{extension} est contredite par le contenu : {nature}",
            extension=extension,
            nature=_NATURES[nature],
        )
        raise unusable_error(
            path, why, _("Donnez-lui sa vraie extension, ou exportez-le de nouveau.")
        )

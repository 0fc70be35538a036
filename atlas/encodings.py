"""Text files: encodings found, mojibake mended, spreadsheet formulas guarded."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD, _MOSTLY = 4096, 0.7
_ONE_BYTE = ("cp1252", "mac_roman", "cp850", "latin-1")
_NAMES = {"cp1252": "Windows-1252 (Latin-1)", "mac_roman": "MacRoman", "cp850": "DOS (cp850)"}
_FRENCH = frozenset("éèêëàâäçîïôöùûüÉÈÊÀÂÇÎÔœŒ’‘«»°–—…€²")
_SPECIAL = re.compile("[^\x00-\x7f]+")
_CAPITAL_INSIDE = re.compile("[a-zà-öø-ÿ][À-ÖØ-ÞŒ]")
_MOJIBAKE = re.compile("Ã[\u0080-\u00bf\u0152-\u2122 ]|â€|Â[\u00a0-\u00bf]|Å[“’]")


def read_text(data: bytes) -> tuple[str, str]:
    """Text of the bytes, and what else than UTF-8 they were taken for ("": nothing else).

    Parameters
    ----------
    data
        Whole content of a text file.

    Returns
    -------
    tuple of str
        The text, bytes that are no character in any encoding as ``\\ufffd`` and line ends as
        ``\\n``; the name of the encoding.

    Examples
    --------
    >>> read_text("Région;Montant".encode("cp1252"))
    ('Région;Montant', 'Windows-1252 (Latin-1)')
    """
    text, inferred = _decoded_text(data)
    return text.replace("\r\n", "\n").replace("\r", "\n"), inferred


def _decoded_text(data: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            if encoding == "utf-16":
                return data.decode(encoding, errors="replace"), "UTF-16"
            data = data.removeprefix(bom)  # a mark is no proof: what follows may be cp1252
    if wide := wide_encoding(data):
        return data.decode(wide, errors="replace"), "UTF-16"
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return _decoded_by_lines(data) or _decoded_as_one(data)


def wide_encoding(data: bytes) -> str:
    """The kind of UTF-16 that bytes without its mark are evidently in; "" for any other text.

    Of Latin letters every other byte is nul, and none is in between; no text of one byte a
    letter has any.
    """
    head = data[: min(_HEAD, len(data) // 2 * 2)]
    even, odd = head[::2], head[1::2]
    for wide, nul, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if nul and nul.count(0) > _MOSTLY * len(nul) and 0 not in letters:
            return wide
    return ""


def _decoded_by_lines(data: bytes) -> tuple[str, str] | None:
    """Files put end to end: some lines prove to be UTF-8, each other is read by itself.

    ``None`` where whole lines do not tell: no line with letters beyond ASCII is UTF-8, or
    some line is mostly UTF-8 with foreign bytes in it.
    """
    lines = data.splitlines(keepends=True)
    proven: list[bytes] = []
    foreign: list[bytes] = []
    for line in lines:
        if not line.isascii():
            (proven if _is_utf8(line) else foreign).append(line)
    if not proven or any(_is_mostly_utf8(line) for line in foreign):
        return None
    best = _best_of(b"".join(foreign))
    text = "".join(
        line.decode("utf-8" if line.isascii() or _is_utf8(line) else best, errors="replace")
        for line in lines
    )
    return text, f"UTF-8, {len(foreign)} ligne(s) {_NAMES.get(best, 'Latin-1')}"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(line: bytes) -> bool:
    lenient = line.decode("utf-8", errors="surrogateescape")
    strange = sum("\udc80" <= char <= "\udcff" for char in lenient)
    return sum(char > "\x7f" for char in lenient) > 2 * strange


def _best_of(data: bytes) -> str:
    return max(_ONE_BYTE, key=lambda name: _french_likeness(data, name))


def _decoded_as_one(data: bytes) -> tuple[str, str]:
    """One encoding for all the bytes, a few foreign ones apart."""
    lenient = data.decode("utf-8", errors="surrogateescape")
    strange = sum("\udc80" <= char <= "\udcff" for char in lenient)
    proven = sum(char > "\x7f" for char in lenient) - strange
    if proven > strange:
        # UTF-8 with a few foreign bytes pasted in: only those are read as Windows-1252.
        return _foreign_bytes(lenient), f"UTF-8, {strange} octet(s) Windows-1252"
    best = _best_of(data)
    return data.decode(best, errors="replace"), _NAMES.get(best, "Latin-1")


def _foreign_bytes(text: str) -> str:
    return re.sub(
        "[\udc80-\udcff]",
        lambda m: bytes([ord(m[0]) - 0xDC00]).decode("cp1252", errors="replace"),
        text,
    )


def _french_likeness(data: bytes, encoding: str) -> float:
    """Share of the non-ASCII characters that French would use; undefined bytes cost.

    So do capitals inside a word: the "é" of DOS is the "Ç" of a Mac.
    """
    whole = data[:2_000_000].decode(encoding, errors="replace")
    text = "".join(_SPECIAL.findall(whole))
    good = sum(char in _FRENCH for char in text)
    undefined = text.count("\ufffd") + sum("\x80" <= char <= "\x9f" for char in text)
    inside = len(_CAPITAL_INSIDE.findall(whole))
    return (good - 2 * inside - 5 * undefined) / max(len(text), 1)


def is_mojibake(text: str) -> bool:
    """Whether the text shows UTF-8 that was read as a one-byte encoding."""
    return _MOJIBAKE.search(text) is not None


def mend_mojibake(text: str) -> str:
    """The text with its mojibake undone; unchanged when there is none.

    Examples
    --------
    >>> mend_mojibake("SÃ©gou")
    'Ségou'
    """
    if not is_mojibake(text):
        return text
    import ftfy

    return str(ftfy.fix_encoding(text))


def mend_lines(text: str) -> tuple[str, int]:
    """Text mended line by line, and how many lines were."""
    if not is_mojibake(text):
        return text, 0
    lines = text.split("\n")
    mended = [mend_mojibake(line) for line in lines]
    return "\n".join(mended), sum(a != b for a, b in zip(lines, mended, strict=True))


OTHER_DELIMITER = {",": ";", ";": ","}
"""Delimiter of a file → the one at which a spreadsheet of another country splits it."""

_AFTER_TAB = (r"\t[\s\"]*", r"'*[=+\-@]")
_AT_LINE = (r"[\r\n][ \"]*", r"'*[=+\-@\t]")
_AT_START = (r"(?:^|%s)[ \"]*", r"'*[=+\-@\t\r]")
"""Where a cell may begin, and beginnings that a spreadsheet would compute."""


def formula_patterns(delimiter: str) -> tuple[tuple[str, str], ...]:
    """Patterns of what stands before a formula and of how it begins, in the order to guard them.

    Parameters
    ----------
    delimiter
        Of the file: a text that holds it is quoted, so that it begins no cell.
    """
    start, formula = _AT_START
    return _AFTER_TAB, _AT_LINE, (start % OTHER_DELIMITER[delimiter], formula)


def without_guard(text: str, delimiter: str = ",") -> str:
    """A text as it was before a quote was set before what looks like a formula.

    Examples
    --------
    >>> without_guard("'=1+1"), without_guard("L'eau"), without_guard("''=1")
    ('=1+1', "L'eau", "'=1")
    """
    if "'" not in text:
        return text
    for before, formula in reversed(formula_patterns(delimiter)):
        text = re.sub(f"({before})'({formula})", r"\1\2", text)
    return text

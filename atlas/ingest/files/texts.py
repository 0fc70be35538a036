"""Bytes of a text file → text that can be read: what was inferred, lost or mended is said."""

from __future__ import annotations

from atlas.encodings import mend_text, read_text
from atlas.ingest.files.invisible import visible_text
from atlas.ingest.reading import Finding

_LOST = "\ufffd"
"""What stands where bytes are no character; a document may also write it itself."""


def decode(data: bytes) -> tuple[str, tuple[Finding, ...]]:
    """Text of the bytes, with what had to be inferred or mended.

    Parameters
    ----------
    data
        Whole content of a text file.

    Returns
    -------
    tuple of str and findings
        Line ends are ``\\n``. Findings ``encoding_inferred`` (not UTF-8),
        ``characters_lost`` (bytes that are none in any encoding), ``invisible_removed``
        and ``mojibake_mended``.

    Examples
    --------
    >>> decode("Région;Montant".encode("cp1252"))[0]
    'Région;Montant'
    """
    findings: list[Finding] = []
    text, inferred = read_text(data)
    if inferred:
        findings.append(Finding("encoding_inferred", params={"encoding": inferred}))
    if lost := text.count(_LOST) - data.count(_LOST.encode()):
        findings.append(Finding("characters_lost", params={"n": lost}))
    text, mended = mend_text(text)
    if mended:
        findings.append(Finding("mojibake_mended", params={"n": mended}))
    text, n = visible_text(text)  # after the mending, which needs the control characters
    if n:
        findings.append(Finding("invisible_removed", params={"n": n}))
    return text, tuple(findings)

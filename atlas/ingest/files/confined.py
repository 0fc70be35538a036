"""A reader in a process of its own, where memory and time are bounded.

The libraries behind Word, PDF, OpenDocument, the old Excel formats, XML and GeoPackage were
written for honest files: a few bytes may unpack to the whole memory, or loop. In a child
process that costs one refused file, in one sentence, and nothing of the parent's. What is
common and fast (XLSX, CSV) is bounded before it is read instead, and stays in this process.
"""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from atlas.errors import UnusableFileError
from atlas.i18n import _, current_language, language_context
from atlas.ingest.files.admission import copy_again_remedy, unusable_error
from atlas.ingest.files.plain_text import check_rows, visible_content
from atlas.ingest.reading import FileContent

MEMORY = 640 * 2**20
"""Bytes the child may hold; with the parent's own this stays under 1 GiB."""
SECONDS = 120
"""How long its bytes may take to become rows."""
LONGEST_S = 600
"""How long a file may take in all, until its rows are tables."""

_MEMORY = re.compile("memory|capacity overflow", re.IGNORECASE)
"""How libraries of other languages say it."""
_EXHAUSTED = (b"MemoryError", b"memory allocation", b"Cannot recover from stack overflow")
"""What a process without memory leaves behind: Python may fail at raising the error itself."""

READERS = {
    "docx": "atlas.ingest.files.word",
    "pdf": "atlas.ingest.files.pdf",
    "xml": "atlas.ingest.files.iati_xml",
    "geojson": "atlas.ingest.files.points",
    "json": "atlas.ingest.files.points",
    "gpkg": "atlas.ingest.files.points",
    "xlsb": "atlas.ingest.files.workbooks",
    "xls": "atlas.ingest.files.workbooks",
    "ods": "atlas.ingest.files.workbooks",
}
"""Extension → module whose ``read(name, data)`` makes a `FileContent` of the bytes."""


def read_confined(path: Path, data: bytes, extension: str) -> FileContent:
    """Content of a file, read in a child process.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Whole file.
    extension
        A key of `READERS`.

    Returns
    -------
    FileContent
        What the reader made of it.

    Raises
    ------
    UnusableFileError
        What the reader says; or it ran out of `MEMORY` or of `SECONDS`, or died.
    """
    command = [sys.executable, "-P", "-m", "atlas.ingest.files.confined", extension, str(path)]
    # One thread: those of numerical libraries reserve memory that is never used.
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    environment = {**os.environ, **threads, "ATLAS_LANG": current_language()}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise too_long_error(path, SECONDS) from error
    if done.returncode == 0:
        answer = pickle.loads(done.stdout)  # of our own child
        if isinstance(answer, FileContent):
            return answer
        raise UnusableFileError(*answer)
    if any(mark in done.stderr for mark in _EXHAUSTED):
        why = _("sa lecture demande plus de {n} Mo de mémoire", n=MEMORY // 2**20)
        raise unusable_error(path, why, _("Découpez-le, ou enregistrez ses données en CSV."))
    raise damaged_error(path)


def too_long_error(path: Path | str, seconds: float) -> UnusableFileError:
    """The error of a file whose reading was given up after so long."""
    why = _("lecture trop longue (plus de {n} s)", n=round(seconds))
    return unusable_error(path, why, _("Découpez-le, ou enregistrez ses données en CSV."))


def damaged_error(path: Path | str) -> UnusableFileError:
    """The error of bytes that the library of their kind cannot read."""
    return unusable_error(
        path, _("contenu endommagé ou d'une forme inattendue"), copy_again_remedy()
    )


def read_here(path: Path | str, data: bytes, extension: str) -> FileContent:
    """Content of a file, read in this process: what the child does once it is bounded.

    Raises
    ------
    UnusableFileError
        The bytes are not what the extension says, or the reader refuses them.
    MemoryError
        They do not fit; the child ends with it.
    """
    read = import_module(READERS[extension]).read
    try:
        content = visible_content(read(path, data))
        check_rows(path, sum(len(sheet.rows) for sheet in content.sheets))
    except (UnusableFileError, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # libraries raise anything; calamine even panics
        if out_of_memory(error):
            raise MemoryError from error
        raise damaged_error(path) from error
    return content


def out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that it came from, says that the memory did not suffice."""
    while error is not None:
        if isinstance(error, MemoryError) or re.search(_MEMORY, str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows: bounded by time alone
        return
    # Private memory where the system counts it (Linux), else the whole address space.
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    try:
        resource.setrlimit(kind, (MEMORY, MEMORY))
    except (ValueError, OSError):
        return


def main() -> None:
    """Read standard input, write a pickled answer to standard output."""
    _bound_memory()
    extension, path = sys.argv[1:3]
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    answer: object
    with language_context(current_language()):
        try:
            answer = read_here(path, sys.stdin.buffer.read(), extension)
        except UnusableFileError as error:
            answer = (error.what, error.why, error.remedy)
    with answers:
        pickle.dump(answer, answers, protocol=5)


if __name__ == "__main__":
    main()

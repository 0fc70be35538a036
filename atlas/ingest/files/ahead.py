"""A workbook is read while the rest of the programme loads.

calamine lets go of the interpreter while it unpacks one, and loading the programme takes
longer than that: a tenth of the time of an import on two processors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

from atlas.ingest.files.admission import WORKBOOKS
from atlas.ingest.files.readers import read_document
from atlas.ingest.reading import Document


def reading_ahead(files: Sequence[Path]) -> Callable[[Path], Document]:
    """`read_document`, which for the first of some files has begun when this returns.

    Parameters
    ----------
    files
        In the order in which they will be asked for. One file only is read ahead, so that
        two are never held at once, and only a workbook: the other readers have nothing that
        runs beside.

    Returns
    -------
    callable
        Path → document; raises what `read_document` raises, when asked for that file.
    """
    first = next(iter(files), None)
    if first is None or first.suffix.lower().lstrip(".") not in WORKBOOKS:
        return read_document
    pool = ThreadPoolExecutor(1, thread_name_prefix="reading")
    begun = [pool.submit(copy_context().run, read_document, first)]
    pool.shutdown(wait=False)

    def read(path: Path) -> Document:
        return begun.pop().result() if begun and path == first else read_document(path)

    return read

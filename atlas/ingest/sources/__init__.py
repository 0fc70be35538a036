"""One source, one ``<name>.toml`` and one small ``<name>.py``.

A source module has three names, and nothing else needs to know that it exists:

- ``SPEC``: its ``<name>.toml``, through `load_spec`;
- ``read(document, options) -> Reading``: what the document says;
- ``sniff(document) -> float``: 0 to 1, how surely the document is one of its own.

`atlas.ingest.sources.registry` finds the modules by their ``.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from atlas.ingest.reading import Document, Reading
from atlas.model import Kind, Reader, Source


@dataclass(frozen=True)
class Options:
    """What the person who ingests says about a document.

    Attributes
    ----------
    as_of
        Date of the situation told; ``None``: what the document says.
    frame
        Découpage of its places; ``None``: the one in force at ``as_of``, unless the
        document's places exist in another only. A source leaves ``Reading.frame`` as
        ``""`` to have the pipeline choose.
    column_map
        Heading as written → field of `atlas.ingest.columns`.
    """

    as_of: date | None = None
    frame: str | None = None
    column_map: Mapping[str, str] | None = None


@dataclass(frozen=True)
class SourceSpec:
    """What a source's ``.toml`` declares.

    Attributes
    ----------
    reader
        Its name on the command line (``--source``).
    source
        The fund its records belong to; ``None`` when the document says it per record.
    kind
        What its records are, unless the module knows better.
    title, origin
        French title of the documents, and publisher with licence for the source line.
    names
        Words that name the fund in a file name, a sheet name or a "fund" column.
    as_of
        Date told by the documents when the source has exactly one known edition.
    data
        The whole file, for what is particular to the source.
    """

    reader: Reader
    source: Source | None
    kind: Kind
    title: str
    origin: str = ""
    names: tuple[str, ...] = ()
    as_of: date | None = None
    data: Mapping[str, Any] = made_by(default_factory=dict)


class SourceModule(Protocol):
    """What every module of this package offers."""

    SPEC: SourceSpec

    def read(self, document: Document, options: Options) -> Reading:
        """What the document says."""
        ...

    def sniff(self, document: Document) -> float:
        """How surely, from 0 to 1, the document is one of this source."""
        ...


def load_spec(name: str) -> SourceSpec:
    """Spec of ``<name>.toml`` beside the module of that name.

    Parameters
    ----------
    name
        Module name (``"trust_fund"``), or a module's ``__name__``.

    Returns
    -------
    SourceSpec
        The declared keys, and the whole file under ``data``.

    Raises
    ------
    KeyError, ValueError
        ``reader``, ``kind`` or ``title`` is absent or not of the model: a bug of the file.
    """
    path = Path(__file__).with_name(name.rsplit(".", 1)[-1] + ".toml")
    data = tomllib.loads(path.read_text("utf-8"))
    fund = data.get("source")
    return SourceSpec(
        reader=Reader(data["reader"]),
        source=Source(fund) if fund else None,
        kind=Kind(data.get("kind", Kind.ACTIVITY)),
        title=data["title"],
        origin=data.get("origin", ""),
        names=tuple(data.get("names", ())),
        as_of=data.get("as_of"),
        data=data,
    )

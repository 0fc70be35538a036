"""One source, one ``<name>.toml``, and a small ``<name>.py`` where it is no ordinary list.

A source module has three names, and nothing else needs to know that it exists:

- ``SPEC``: its ``<name>.toml``, through `load_spec`;
- ``read(document, options) -> Reading``: what the document says;
- ``sniff(document) -> float``: 0 to 1, how surely the document is one of its own.

`atlas.ingest.sources.registry` finds the modules by their ``.toml``, here and in the folder
that ``ATLAS_SOURCES`` names: see ``docs/add-a-source.md``.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from atlas.ingest.money import NO_RATES, UserRates
from atlas.ingest.reading import Document, Reading
from atlas.model import NAME, Kind
from atlas.paths import user_sources


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
        Heading as written → field of `atlas.ingest.tables.table_columns`.
    rates
        The person's own, for holding an amount in two currencies against.
    """

    as_of: date | None = None
    frame: str | None = None
    column_map: Mapping[str, str] | None = None
    rates: UserRates = NO_RATES


@dataclass(frozen=True)
class SourceSpec:
    """What a source's ``.toml`` declares.

    Attributes
    ----------
    reader
        Its name on the command line (``--source``): small letters, digits, hyphens.
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

    reader: str
    source: str | None
    kind: Kind
    title: str
    origin: str = ""
    names: tuple[str, ...] = ()
    as_of: date | None = None
    data: Mapping[str, Any] = dataclass_field(default_factory=dict)


class SourceModule(Protocol):
    """What every module of this package offers."""

    @property
    def SPEC(self) -> SourceSpec:  # noqa: N802
        """What its ``.toml`` declares."""
        ...

    def read(self, document: Document, options: Options) -> Reading:
        """What the document says."""
        ...

    def sniff(self, document: Document) -> float:
        """How surely, from 0 to 1, the document is one of this source."""
        ...


def source_folders() -> tuple[Path, ...]:
    """Where sources lie: the package's own, then the folder a person named."""
    own = user_sources()
    return (Path(__file__).parent, *((own,) if own else ()))


def load_spec(name: str) -> SourceSpec:
    """Spec of the ``.toml`` beside a source's module.

    Parameters
    ----------
    name
        The module's ``__name__``.

    Returns
    -------
    SourceSpec
        As `read_spec` reads it.
    """
    return read_spec(Path(str(sys.modules[name].__file__)).with_suffix(".toml"))


def read_spec(path: Path) -> SourceSpec:
    """Spec of a source's ``.toml``.

    Returns
    -------
    SourceSpec
        The declared keys, and the whole file under ``data``.

    Raises
    ------
    KeyError, ValueError
        ``reader`` or ``title`` is absent; a name is not of the form of `atlas.model.NAME`; or
        ``kind`` is none of `atlas.model.Kind`. A bug of the file.
    """
    data = tomllib.loads(path.read_text("utf-8"))
    fund = data.get("source")
    for name in (data["reader"], fund):
        if name is not None and not re.match(NAME, name):
            msg = f"{path.name}: {name!r} is not small letters, digits and hyphens"
            raise ValueError(msg)
    return SourceSpec(
        reader=data["reader"],
        source=fund,
        kind=Kind(data.get("kind", Kind.ACTIVITY)),
        title=data["title"],
        origin=data.get("origin", ""),
        names=tuple(data.get("names", ())),
        as_of=data.get("as_of"),
        data=data,
    )

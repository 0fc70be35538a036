"""The sources there are, found by their ``.toml``; and which one a document is of."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

from atlas.errors import UnusableFileError, UsageError
from atlas.i18n import _
from atlas.ingest.reading import Document
from atlas.ingest.sources import SourceModule

RECOGNISED = 0.5
"""A document is of a source when that source is at least this sure."""
CERTAIN = 0.6
"""Below this the choice is said by a finding."""


@cache
def sources() -> dict[str, SourceModule]:
    """Every source module by the name of its reader, sorted by that name."""
    found: dict[str, SourceModule] = {}
    for path in Path(__file__).parent.glob("*.toml"):
        if not path.with_suffix(".py").is_file():
            continue
        module = cast("SourceModule", import_module(f"atlas.ingest.sources.{path.stem}"))
        found[str(module.SPEC.reader)] = module
    return dict(sorted(found.items()))


def source_named(name: str) -> SourceModule:
    """The source of that name.

    Raises
    ------
    UsageError
        There is no such source.
    """
    known = sources()
    if name not in known:
        raise UsageError(
            _("Source « {name} » inconnue", name=name),
            "",
            _("Choisissez parmi : {names}.", names=", ".join(["auto", *known])),
        )
    return known[name]


def check_source(name: str) -> None:
    """Raise `UsageError` unless the name is a source's or ``auto``: before any file is read."""
    if name != "auto":
        source_named(name)


def source_of(document: Document) -> tuple[SourceModule, float]:
    """The source that recognises the document most surely, and how surely (0 to 1).

    Raises
    ------
    UnusableFileError
        None is sure enough (`RECOGNISED`).
    """
    sure = {name: module.sniff(document) for name, module in sources().items()}
    best = max(sure, key=lambda name: sure[name], default="")
    if not best or sure[best] < RECOGNISED:
        raise UnusableFileError(
            _("{file} non reconnu", file=document.file),
            _("aucune source ne le reconnaît"),
            _("Indiquez-la avec --source ({names}).", names=", ".join(sure)),
        )
    return sources()[best], sure[best]

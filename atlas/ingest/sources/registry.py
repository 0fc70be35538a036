"""The sources there are, found by their ``.toml``; and which one a document is of.

A ``.toml`` with a ``.py`` of its name beside it is read by that module, one without as an
ordinary list.

Those of the package lie beside this module. A person's own lie in the folder that
``ATLAS_SOURCES`` names, and run with the rights of the atlas: it loads whatever stands there.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import cast

from atlas.errors import UnusableFileError, UsageError
from atlas.i18n import _
from atlas.ingest.reading import Document
from atlas.ingest.sources import SourceModule, read_spec, source_folders
from atlas.ingest.sources.lists import ListSource

RECOGNISED = 0.5
"""A document is of a source when that source is at least this sure."""
CERTAIN = 0.6
"""Below this the choice is said by a finding."""


def all_sources() -> dict[str, SourceModule]:
    """Every source module by the name of its reader, sorted by that name.

    Raises
    ------
    UsageError
        A person's own source cannot be loaded, or has the name of another one.
    """
    return _loaded_sources(source_folders())


@cache
def _loaded_sources(places: tuple[Path, ...]) -> dict[str, SourceModule]:
    ours, *own = places
    found = {m.SPEC.reader: m for path in _listed_specs(ours) if (m := _packaged_source(path))}
    for path in (path for folder in own for path in _listed_specs(folder)):
        module = _user_source(path)
        if module.SPEC.reader in found:
            why = _("le nom « {name} » est déjà pris", name=module.SPEC.reader)
            raise _bad_source_error(path, why)
        found[module.SPEC.reader] = module
    return dict(sorted(found.items()))


def _listed_specs(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise _bad_source_error(folder, _("dossier introuvable"))
    return sorted(folder.glob("*.toml"))


def _packaged_source(path: Path) -> SourceModule:
    if not path.with_suffix(".py").is_file():
        return ListSource(read_spec(path))
    return cast("SourceModule", import_module(f"atlas.ingest.sources.{path.stem}"))


def _user_source(path: Path) -> SourceModule:
    """A person's own source; what is wrong with it is said by its name."""
    if not path.with_suffix(".py").is_file():
        try:
            return ListSource(read_spec(path))
        except (KeyError, ValueError) as error:  # ValueError: TOML that cannot be read, too
            raise _bad_source_error(path, f"{type(error).__name__} : {error}") from error
    name = f"atlas_sources_{path.stem}"
    spec = spec_from_file_location(name, path.with_suffix(".py"))
    if spec is None or spec.loader is None:
        raise _bad_source_error(path, _("fichier illisible"))
    module: ModuleType = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever a stranger's module may raise
        del sys.modules[name]
        raise _bad_source_error(path, f"{type(error).__name__} : {error}") from error
    missing = [part for part in ("SPEC", "read", "sniff") if not hasattr(module, part)]
    if missing:
        raise _bad_source_error(path, _("il y manque {names}", names=", ".join(missing)))
    return cast("SourceModule", module)


def _bad_source_error(path: Path, why: str) -> UsageError:
    what = _("Source « {name} » inutilisable", name=path.stem)
    return UsageError(what, why, _("Corrigez-la, ou retirez-la du dossier ATLAS_SOURCES."))


def source_named(name: str) -> SourceModule:
    """The source of that name.

    Raises
    ------
    UsageError
        There is no such source.
    """
    ours, *own = source_folders()
    alone = () if own else (p for p in _listed_specs(ours) if p.stem.replace("_", "-") == name)
    for path in alone:  # the others need not be loaded
        return _packaged_source(path)
    known = all_sources()
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


def recognised_source(document: Document) -> tuple[SourceModule, float]:
    """The source that recognises the document most surely, and how surely (0 to 1).

    A format that a source claims (``formats`` of its ``.toml``) is asked of its claimants alone.

    Raises
    ------
    UnusableFileError
        None is sure enough (`RECOGNISED`).
    """
    every = all_sources()
    own = {n: m for n, m in every.items() if document.format in m.SPEC.data.get("formats", ())}
    sure = {name: module.sniff(document) for name, module in (own or every).items()}
    best = max(sure, key=lambda name: sure[name], default="")
    if not best or sure[best] < RECOGNISED:
        raise UnusableFileError(
            _("{file} non reconnu", file=document.file),
            _("aucune source ne le reconnaît"),
            _(
                "Indiquez-la avec --source ({names}), dites ses colonnes avec --map ; une table de "
                "besoins, de déplacés, d'accès ou de zones se donne par « atlas context add ».",
                names=", ".join(sure),
            ),
        )
    return all_sources()[best], sure[best]

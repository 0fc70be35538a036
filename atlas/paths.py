"""Where the data that ships with the package lies, and where a person's own data goes."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from platformdirs import user_data_path

DATABASE_URL = "ATLAS_DATABASE_URL"
"""Variable that names another database of decisions than the file beside the store."""
GEODATA = "ATLAS_GEODATA"
"""Variable that names the folder of installed boundaries and localities."""
USER_SOURCES = "ATLAS_SOURCES"
"""Variable that names a folder of sources beside those of the package."""


@cache
def data_root() -> Path:
    """Folder that holds ``geodata/`` and ``assets/``.

    Inside a wheel that is ``atlas/_data`` (hatch force-include); in a source tree or an
    editable install it is the root of the repository.

    Returns
    -------
    Path
        An existing folder.

    Raises
    ------
    FileNotFoundError
        Neither place holds ``geodata/``: the installation is broken.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "_data", package.parent):
        if (root / "geodata" / "units.csv").is_file():
            return root
    msg = f"geodata/units.csv found neither in {package / '_data'} nor in {package.parent}"
    raise FileNotFoundError(msg)


def user_root() -> Path:
    """Folder of this user's store and installed boundaries (created on first write).

    ``ATLAS_HOME`` names it; otherwise it is the platform's user data directory.
    """
    named = os.environ.get("ATLAS_HOME")
    if named:
        return Path(named)

    return user_data_path("atlas-mali", appauthor=False)


def store_root(named: Path | str | None = None) -> Path:
    """Folder of the store: the one named, else ``ATLAS_STORE``, else the user's own."""
    chosen = named or os.environ.get("ATLAS_STORE")
    return Path(chosen) if chosen else user_root() / "store"


def decisions_file(store: Path | str) -> Path | None:
    """The database of decisions beside a store; ``None`` where `DATABASE_URL` names one."""
    return None if os.environ.get(DATABASE_URL) else Path(store) / "decisions.sqlite"


def accounts_file(store: Path | str) -> Path | None:
    """The database of accounts beside a store; ``None`` where `DATABASE_URL` names one."""
    return None if os.environ.get(DATABASE_URL) else Path(store) / "accounts.sqlite"


def user_sources() -> Path | None:
    """Folder of the sources a person added (`USER_SOURCES`); ``None`` when there is none."""
    named = os.environ.get(USER_SOURCES)
    return Path(named) if named else None


def boundaries_root() -> Path:
    """Folder of the official boundaries that ``atlas geodata install`` laid down.

    ``ATLAS_GEODATA`` names it; otherwise it is beside the user's store.
    """
    named = os.environ.get(GEODATA)
    return Path(named) if named else user_root() / "geodata"

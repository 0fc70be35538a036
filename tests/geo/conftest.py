"""The real boundaries of 2019, installed once for all who look at them."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.geo.install import InstallReport, install_boundaries
from tests.conftest import SHARED


@pytest.fixture(scope="session")
def cod_2019(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, InstallReport]:
    """Folder of the boundaries, and what was said when they were installed."""
    root = tmp_path_factory.mktemp("cod")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_GEODATA", str(root))
        report = install_boundaries(SHARED / "geodata" / "cod-ab-mli-2019")
    return root, report


@pytest.fixture
def real(cod_2019: tuple[Path, InstallReport], monkeypatch: pytest.MonkeyPatch) -> InstallReport:
    """The real boundaries are in force, and what their installation said."""
    monkeypatch.setenv("ATLAS_GEODATA", str(cod_2019[0]))
    return cod_2019[1]

"""Fixtures every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["ATLAS_OFFLINE"] = "1"  # no test asks anything of the network, servers included

if "PYTEST_XDIST_WORKER" in os.environ:  # the workers fill the machine: no more threads than they
    os.environ.setdefault("POLARS_MAX_THREADS", "1")

settings.register_profile("atlas", deadline=None)  # no time is asserted in a test
settings.load_profile("atlas")

SHARED = Path(os.environ.get("ATLAS_SHARED", Path(__file__).parents[2] / "shared"))
"""Folder of the real documents, beside the checkout; absent on most machines."""

needs_shared = pytest.mark.skipif(
    not (SHARED / "seeds").is_dir(), reason=f"the real documents are not at {SHARED.name}/"
)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the store or the boundaries of the person who runs it."""
    monkeypatch.setenv("ATLAS_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.delenv("ATLAS_STORE", raising=False)
    monkeypatch.delenv("ATLAS_GEODATA", raising=False)
    monkeypatch.setenv("ATLAS_LANG", "fr")
    for name in ("ATLAS_HOSTS", "ATLAS_PROXY_VIEWER"):  # `atlas serve` names its address there
        monkeypatch.setenv(name, "")


@pytest.fixture
def shared() -> Path:
    """The folder of real documents, or a visible skip."""
    if not (SHARED / "seeds").is_dir():
        pytest.skip(f"the real documents are not at {SHARED.name}/")
    return SHARED

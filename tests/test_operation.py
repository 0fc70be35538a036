"""What operators are given: unit file, container, proxy, and a release that says what it holds."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.vulnerabilities import known_vulnerabilities, main

FOLDER = Path(__file__).parents[1] / "docs" / "operation"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_unit_without_a_word(tmp_path: Path) -> None:
    words = (FOLDER / "atlas-mali.service").read_text()
    unit = tmp_path / "atlas-mali.service"
    unit.write_text(words.replace("/opt/atlas/bin/atlas", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "atlas" in line]) == (
        0,
        [],
    )


def test_the_container_copies_what_there_is_and_runs_as_nobody_special() -> None:
    words = (FOLDER / "Containerfile").read_text()
    (copied,) = re.findall(r"^COPY (requirements\S+)", words, re.M)
    assert (FOLDER.parents[1] / copied).is_file()
    assert "--require-hashes" in words
    assert re.findall(r"^USER (\w+)", words, re.M) == ["atlas"]


def test_a_check_for_vulnerabilities_that_cannot_be_made_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert known_vulnerabilities("/bin/false") is None
    assert main("/nowhere/pip-audit", str(tmp_path / "v.txt")) == 0
    assert "could not check" in (tmp_path / "v.txt").read_text() == capsys.readouterr().out


def test_what_is_known_is_listed_and_ends_badly(tmp_path: Path) -> None:
    program = tmp_path / "audit"
    program.write_text(
        "#!/bin/sh\n"
        """echo '{"dependencies": [{"name": "p", "version": "1", "vulns": """
        """[{"id": "PYSEC-1", "fix_versions": ["2"]}]}, {"name": "q", "version": "1"}]}'\n"""
    )
    program.chmod(0o755)
    assert main(str(program), str(tmp_path / "v.txt")) == 1
    assert "p 1: PYSEC-1, mended in 2" in (tmp_path / "v.txt").read_text()

"""Known vulnerabilities of the locked packages, or that it could not be asked for them.

``python -m scripts.vulnerabilities PIP-AUDIT OUT`` writes what the program says into a file. It
ends well where nothing is known or nobody could be asked: the file says which; else with 1.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements" / "run.txt"
PATIENCE_S = 300


def known_vulnerabilities(program: str) -> list[str] | None:
    """A line for each known one: package, version, name; ``None`` where nobody answers."""
    words = [program, "-r", str(LOCK), "--disable-pip", "--no-deps", "--require-hashes"]
    try:
        done = subprocess.run(
            [*words, "--format", "json", "--progress-spinner", "off"],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        packages = json.loads(done.stdout)["dependencies"]
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired):
        return None
    return [
        f"{one['name']} {one['version']}: {found['id']}, mended in "
        f"{', '.join(found['fix_versions']) or 'no version yet'}"
        for one in packages
        for found in one.get("vulns", ())
    ]


def main(program: str, out: str) -> int:
    """Write the file; 1 where something is known."""
    day = datetime.now(UTC).date()
    found = known_vulnerabilities(program)
    if found is None:
        told = f"{day}: could not check: no list of known vulnerabilities answered."
    elif not found:
        told = f"{day}: none known."
    else:
        told = "\n".join([f"{day}: {len(found)} known.", *found])
    Path(out).write_text(told + "\n", encoding="utf-8")
    print(told)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""Hold the house rules that no linter knows: a file fits 1 000 lines, a function 50."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

FILE_LINES, FUNCTION_LINES = 1000, 50


def too_long(path: Path) -> list[str]:
    """What in this file is longer than allowed, one line each."""
    source = path.read_text(encoding="utf-8")
    lines = source.count("\n")
    found = [f"{path}: {lines} lines (at most {FILE_LINES})"] if lines > FILE_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(
                    f"{path}:{node.lineno} {node.name}: {length} lines (at most {FUNCTION_LINES})"
                )
    return found


def main() -> int:
    """Check every Python file that git knows or would know."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    found = [line for name in listed if Path(name).is_file() for line in too_long(Path(name))]
    print("\n".join(found) or f"sizes: {len(listed)} files within bounds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

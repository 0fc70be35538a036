"""``atlas`` and ``python -m atlas``: the version at once, everything else through the verbs."""

from __future__ import annotations

import sys


def main() -> None:
    """Answer ``--version`` without loading the command line, which takes longer than it."""
    if sys.argv[1:] == ["--version"]:
        from atlas import __version__

        print(f"atlas {__version__}")
        return
    from atlas.cli import main as verbs

    verbs()


if __name__ == "__main__":
    main()

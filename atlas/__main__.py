"""``atlas`` and ``python -m atlas``: the version at once, everything else through the verbs."""

from __future__ import annotations

import gc
import os
import sys

import atlas

_YOUNG = 100_000
"""New objects before Python looks for cycles among them: rows have none, and looking every few
hundred objects takes a tenth of the time of an import."""

_RETURN_AT_ONCE = "dirty_decay_ms:0,muzzy_decay_ms:0"
"""Memory that polars' allocator (jemalloc) no longer needs goes back to the system, rather than
standing beside that of the next step: 100 MB less for a list of 100 000 rows."""


def main() -> None:
    """Answer ``--version`` without loading the command line, which takes longer than it."""
    if sys.argv[1:] == ["--version"]:
        print(f"atlas {atlas.__version__}")
        return
    if sys.argv[1:2] != ["serve"]:  # a page answers a sixth slower so
        os.environ.setdefault("_RJEM_MALLOC_CONF", _RETURN_AT_ONCE)
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    from atlas.cli.command import main as verbs  # 0.4 s that --version does without

    try:
        verbs()
    finally:
        gc.freeze()  # what is left goes with the process: looking for cycles in it takes 0.07 s


if __name__ == "__main__":
    main()

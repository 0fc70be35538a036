"""Memory that is free and that the system does not have back yet."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Give what the C library keeps free back to the system.

    A workbook's reader leaves twice the size of its cells there, and neither Python nor the
    tables' library takes its memory from it. Where the C library is another (musl, macOS,
    Windows), nothing is done.
    """
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        return

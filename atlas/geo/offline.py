"""Whether the network may be asked at all."""

from __future__ import annotations

import os

OFFLINE = "ATLAS_OFFLINE"
"""Environment variable: set to anything but 0, nothing is ever asked of the network."""


def is_offline() -> bool:
    """Whether ``ATLAS_OFFLINE`` forbids any request."""
    return os.environ.get(OFFLINE, "0") not in ("", "0")

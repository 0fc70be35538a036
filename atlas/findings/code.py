"""What a code of a finding is."""

from __future__ import annotations

from typing import NamedTuple


class FindingCode(NamedTuple):
    """A kind of finding: how serious, and the French sentence with ``{places}``."""

    severity: str
    sentence: str

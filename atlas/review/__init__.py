"""What is left for people to decide, and what their decisions change."""

from __future__ import annotations

from atlas.review.applying import Applied, apply_decisions, read_again, rebuild
from atlas.review.concerned import affected
from atlas.review.entries import Candidate, Open
from atlas.review.queue import by_wording, queue

__all__ = [
    "Applied",
    "Candidate",
    "Open",
    "affected",
    "apply_decisions",
    "by_wording",
    "queue",
    "read_again",
    "rebuild",
]

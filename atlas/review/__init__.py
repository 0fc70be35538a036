"""What is left for people to decide, and what their decisions change."""

from __future__ import annotations

from atlas.review.queue import OpenWording, WordingCandidate, queue_by_wording, review_queue
from atlas.review.republication import (
    ApplicationResult,
    affected_documents,
    apply_decisions,
    read_again,
    rebuild_from_raw,
)

__all__ = [
    "ApplicationResult",
    "OpenWording",
    "WordingCandidate",
    "affected_documents",
    "apply_decisions",
    "queue_by_wording",
    "read_again",
    "rebuild_from_raw",
    "review_queue",
]

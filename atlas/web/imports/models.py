"""Forms to fill in, for those who have no list of their own yet."""

from __future__ import annotations

from dash import html


def templates() -> html.Details | None:
    """The forms that may be downloaded, each with what it is for."""
    return None

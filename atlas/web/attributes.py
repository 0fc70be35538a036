"""Attributes that Dash takes as they are: ``data-*`` for the page's script, ``aria-*``."""

from __future__ import annotations

import json
from typing import Any


def attrs(**named: str) -> dict[str, Any]:
    """Attributes by name, underscores for hyphens.

    Examples
    --------
    >>> attrs(aria_label="Carte")
    {'aria-label': 'Carte'}
    """
    return {name.replace("_", "-"): value for name, value in named.items()}


def go(**changes: str | list[str]) -> dict[str, Any]:
    """A click on this changes these keys of the URL; an empty value takes the key out.

    Examples
    --------
    >>> go(zone="")
    {'data-go': '{"zone": ""}'}
    """
    return {"data-go": json.dumps(changes)}

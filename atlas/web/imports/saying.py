"""What a click tells the server about a file; ``assets/import.js`` sends it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def says(**told: Any) -> dict[str, str]:
    """A click on this tells the server these words about the file."""
    return {"data_post": "", "data_body": json.dumps(told, ensure_ascii=False)}


def posts(action: str) -> dict[str, str]:
    """A click on this asks the server to do something with the file."""
    return {"data_post": action}


def looks(**at: Any) -> dict[str, str]:
    """A click on this changes what is shown of the file; nothing is said of it."""
    return {"data_look": json.dumps(at, ensure_ascii=False)}


def asks(path: str, **told: Any) -> dict[str, str]:
    """A click on this asks the server for something about the whole store."""
    return {"data_ask": path, "data_body": json.dumps(told, ensure_ascii=False)}


def wholly(action: str, seen: Mapping[str, int]) -> dict[str, str]:
    """A click on this does something with the whole draft, of which these answers were seen."""
    return {"data_all": action, "data_body": json.dumps({"seen": seen})}

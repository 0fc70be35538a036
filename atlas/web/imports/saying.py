"""What a click tells the server about a file; ``assets/import.js`` sends it."""

from __future__ import annotations

import json
from typing import Any


def says(**told: Any) -> dict[str, str]:
    """A click on this tells the server these words about the file."""
    return {"data_post": "", "data_body": json.dumps(told, ensure_ascii=False)}


def posts(action: str) -> dict[str, str]:
    """A click on this asks the server to do something with the file."""
    return {"data_post": action}

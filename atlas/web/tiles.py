"""Map tiles of the operator's choice to draw under the map; none unless asked for."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit


def tile_url() -> str | None:
    """Tiles to draw under the map (``ATLAS_TILES``, a ``{z}/{x}/{y}`` address), if any."""
    return os.environ.get("ATLAS_TILES") or None


def tile_origin() -> str:
    """Where the tiles come from, as a Content-Security-Policy names it; "" for this server."""
    address = urlsplit(tile_url() or "")
    if not address.netloc:
        return ""
    origin = f"{address.scheme}://{address.netloc.replace('{s}', '*')}"
    named = re.fullmatch(r"https?://(\*\.)?[\w.-]+(:\d+)?", origin)
    return origin if named else f"{address.scheme}:"


def tile_credit() -> str | None:
    """Whom the tiles are from (``ATLAS_TILES_CREDIT``): a map names the source of each layer."""
    return os.environ.get("ATLAS_TILES_CREDIT") or None if tile_url() else None

"""Data laid out by a Typst template that has no words of its own: PDF, SVG or PNG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst

from atlas.paths import data_root

DOTS_AN_INCH = 300.0
Format = Literal["pdf", "svg", "png"]


def typeset_document(template: Path, data: Mapping[str, Any], kind: Format = "pdf") -> bytes:
    """A template as a file; the same data give the same bytes, whatever the day.

    Parameters
    ----------
    template
        A ``.typ`` file, which reads the data as JSON in ``sys.inputs.data``.
    data
        ``day`` is the date of the document, ISO; "": none is known.
    kind
        ``pdf``, ``svg`` of one page, or ``png`` of one page at `DOTS_AN_INCH`.
    """
    day = datetime.fromisoformat(data["day"]) if data["day"] else datetime(2000, 1, 1)
    made = typst.compile(
        template.read_bytes(),
        font_paths=_fonts(),
        format=kind,
        ppi=DOTS_AN_INCH,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=datetime.combine(day, time(), UTC),
    )
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The fonts that come with the program, and no other: a page looks alike everywhere."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(data_root() / "assets" / "fonts" / "print")],
    )

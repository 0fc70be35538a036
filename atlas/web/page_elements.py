"""Ids of the elements of the page, and the attributes that its script reads."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any


class ElementId(StrEnum):
    """Parts of the page that callbacks write to or read from."""

    URL = "url"
    QUESTION = "question"
    PAGE = "page"
    PAGE_KEY = "page-key"
    MESSAGE = "message"
    QUESTIONS = "questions"
    FILTERS = "filters"
    SEARCH = "search"
    FOUND = "found"
    PUBLISHED = "published"
    FRESH = "fresh"
    OFFLINE = "offline"
    VISIT = "visit"
    IMPORT = "import"
    IMPORT_BODY = "import-body"
    SPEC = "control-spec"
    MAP = "map"
    UNITS = "map-units"
    SHAPES = "map-facts"
    PAINT = "map-paint"
    MAP_ASKED = "map-asked"
    MAP_HEAD = "map-head"
    LEGEND = "legend"
    SOURCES = "sources"
    FIGURES = "figures"
    CHIPS = "chips"
    SIDE = "side"
    SIDE_ASKED = "side-asked"
    PANEL = "panel"
    ZONES_GRID = "zones-grid"
    ACTIVITIES_GRID = "activities-grid"


class FilterControl(StrEnum):
    """Controls of the filter bar; the value is the key of the URL they stand for."""

    FRAME = "frame"
    LEVEL = "level"
    SOURCE = "source"
    SECTOR = "sector"
    DONOR = "donor"
    ORGANISATION = "organisation"
    STATUS = "status"
    NEXUS = "nexus"
    SINCE = "since"
    UNTIL = "until"
    AT = "at"

    @property
    def dom_id(self) -> str:
        """Id of the control in the page."""
        return f"control-{self.value}"

    @property
    def value_property(self) -> str:
        """Property of the control that holds its value."""
        return "date" if self is FilterControl.AT else "value"


class TabName(StrEnum):
    """Tabs of the side column; the value is the URL's ``tab``."""

    RANKING = "ranking"
    ZONES = "zones"
    ACTIVITIES = "activities"
    GAPS = "gaps"
    PEOPLE = "people"
    ACTORS = "actors"
    BUDGET = "budget"
    DUPLICATES = "duplicates"
    CHANGE = "change"
    PROGRAMME = "programme"
    REPORTING = "reporting"
    ACCESS = "access"
    QUALITY = "quality"
    SECTORS = "sectors"


def html_attributes(**named: str) -> dict[str, Any]:
    """Attributes by name, underscores for hyphens.

    Examples
    --------
    >>> html_attributes(aria_label="Carte")
    {'aria-label': 'Carte'}
    """
    return {name.replace("_", "-"): value for name, value in named.items()}


def url_change(**changes: str | list[str] | dict[str, str]) -> dict[str, Any]:
    """A click on this changes these keys of the URL; an empty value takes the key out,
    ``{"without": value}`` that value alone.

    Examples
    --------
    >>> url_change(zone="")
    {'data-go': '{"zone": ""}'}
    """
    return {"data-go": json.dumps(changes)}

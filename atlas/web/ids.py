"""Every id of the page, once: callbacks, styles and tests speak of these names only."""

from __future__ import annotations

from enum import StrEnum


class Id(StrEnum):
    """Parts of the page that callbacks write to or read from."""

    URL = "url"
    QUESTION = "question"
    PAGE = "page"
    PAGE_KEY = "page-key"
    MESSAGE = "message"
    PUBLISHED = "published"
    FRESH = "fresh"
    IMPORT = "import"
    IMPORT_BODY = "import-body"
    SPEC = "control-spec"
    MAP = "map"
    UNITS = "map-units"
    SHAPES = "map-facts"
    PAINT = "map-paint"
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


class Control(StrEnum):
    """Controls of the filter bar; the value is the key of the URL they stand for."""

    FRAME = "frame"
    LEVEL = "level"
    INDICATOR = "indicator"
    SOURCE = "source"
    SECTOR = "sector"
    DONOR = "donor"
    ORGANISATION = "organisation"
    STATUS = "status"
    SINCE = "since"
    UNTIL = "until"
    AT = "at"

    @property
    def dom_id(self) -> str:
        """Id of the control in the page."""
        return f"control-{self.value}"

    @property
    def prop(self) -> str:
        """Property of the control that holds its value."""
        return "date" if self is Control.AT else "value"


class Tab(StrEnum):
    """Tabs of the side column; the value is the URL's ``tab``."""

    RANKING = "ranking"
    ZONES = "zones"
    ACTIVITIES = "activities"
    GAPS = "gaps"
    ACTORS = "actors"
    BUDGET = "budget"
    DUPLICATES = "duplicates"
    CHANGE = "change"
    PROGRAMME = "programme"
    REPORTING = "reporting"
    ACCESS = "access"
    QUALITY = "quality"

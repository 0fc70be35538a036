"""What the page shows, and the URL that says the same.

A person's choices live nowhere else: a URL opened in another window, or tomorrow, shows
the same page (as long as the published data are the same).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from urllib.parse import parse_qsl, urlencode

from atlas.errors import UsageError
from atlas.filters import DEFAULT_KINDS, Filters
from atlas.i18n import LANGUAGES
from atlas.layers import LAYERS
from atlas.model import Kind, Level
from atlas.web.ids import Tab

DEFAULT_INDICATOR = "activities"
WITH_PLANS = (*DEFAULT_KINDS, Kind.PLAN.value)


@dataclass(frozen=True)
class View:
    """The state of the page.

    Attributes
    ----------
    filters
        What is asked of the activities.
    frame
        Découpage; ``None`` is the one that keeps most placed (`Dataset.default_frame`).
    level, indicator, tab
        What the map, its colours and the side column show.
    zone
        Unit whose panel is open.
    why
        Figure whose activities are listed (see `atlas.web.why`).
    only
        Which rows of an analysis are shown, in its own words (see `atlas.web.gaps`).
    lang
        Language of the page.
    options
        Settings of layers that differ from their default, by ``<layer>.<name>``.

    Examples
    --------
    >>> View.from_query("?sector=sante&tab=zones&lang=en").to_query()
    'sector=sante&tab=zones&lang=en'
    """

    filters: Filters = field(default_factory=Filters)
    frame: str | None = None
    level: str = Level.REGION.value
    indicator: str = DEFAULT_INDICATOR
    tab: str = Tab.RANKING.value
    zone: str | None = None
    why: str | None = None
    only: str | None = None
    lang: str = "fr"
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_query(cls, query: str | None) -> View:
        """View of a URL query (with or without ``?``).

        Words that mean nothing are left out rather than refused: a bookmark outlives a
        version. Filters and settings that cannot be read raise ``UsageError``: they would
        change figures.
        """
        options, problem = _settings(query)
        if problem:
            raise problem
        return cls._of(query, Filters.from_query(query or ""), options)

    @classmethod
    def readable(cls, query: str | None) -> tuple[View, UsageError | None]:
        """The same without what raises there, and what is wrong with one of them."""
        filters, problem = Filters.readable(query or "")
        options, unset = _settings(query)
        return cls._of(query, filters, options), problem or unset

    @classmethod
    def _of(cls, query: str | None, filters: Filters, options: tuple[tuple[str, str], ...]) -> View:
        said = dict(parse_qsl((query or "").lstrip("?")))
        if "plans" in said:
            filters = filters.but(kind=WITH_PLANS)
        return cls(
            filters=filters,
            frame=said.get("frame"),
            level=_one_of(said.get("level"), [str(x) for x in Level], Level.REGION),
            indicator=said.get("indicator", DEFAULT_INDICATOR),
            tab=_one_of(said.get("tab"), [str(x) for x in Tab], Tab.RANKING),
            zone=said.get("zone"),
            why=said.get("why"),
            only=said.get("only"),
            lang=_one_of(said.get("lang"), LANGUAGES, "fr"),
            options=options,
        )

    def to_query(self) -> str:
        """The URL query of what differs from the default, without ``?``."""
        plans = self.filters.kind == WITH_PLANS
        filters = self.filters.but(kind=DEFAULT_KINDS) if plans else self.filters
        default = View()
        pairs = [("plans", "1")] if plans else []
        for f in fields(self):
            value = getattr(self, f.name)
            if (
                f.name not in ("filters", "options")
                and value is not None
                and value != getattr(default, f.name)
            ):
                pairs.append((f.name, value))
        pairs += self.options
        return "&".join(part for part in (filters.to_query(), urlencode(pairs)) if part)

    def options_of(self, layer: str) -> dict[str, str]:
        """What is said to a layer beside the filters, or to the layer that it follows."""
        of, said = LAYERS[layer], dict(self.options)
        keys = {option.name: f"{of.follows or layer}.{option.name}" for option in of.options}
        return {name: said[key] for name, key in keys.items() if key in said}

    @property
    def plans(self) -> bool:
        """Whether plans are counted in figures."""
        return Kind.PLAN.value in self.filters.kind

    def but(self, **changes: object) -> View:
        """The same page with some parts changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def href(self, **changes: object) -> str:
        """Link to the same page with some parts changed."""
        return "?" + self.but(**changes).to_query()


def _settings(query: str | None) -> tuple[tuple[tuple[str, str], ...], UsageError | None]:
    """Settings of a URL query that differ from their default, and what is wrong with one."""
    said = dict(parse_qsl((query or "").lstrip("?")))
    read, problem = [], None
    for layer in LAYERS.values():
        for option in layer.options:
            key = f"{layer.name}.{option.name}"
            try:
                value = option.checked(said.get(key, ""))
            except UsageError as error:
                problem = problem or error
                continue
            if value != option.default:
                read.append((key, value))
    return tuple(read), problem


def _one_of(said: str | None, allowed: Iterable[str], default: str) -> str:
    return said if said is not None and said in set(allowed) else str(default)

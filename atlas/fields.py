"""Every column of the tables of a snapshot and of the answers: who may read it.

A column is closed until it stands here. `atlas.sensitivity` blanks what is closed to whoever
asks, in the tables before anything is computed of them and in every answer before it goes
out; a column of no row here is for editors alone, whatever it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Viewer(StrEnum):
    """Who asks, the one who may see least first."""

    PUBLIC = "public"
    PARTNER = "partner"
    EDITOR = "editor"

    def reaches(self, first: Viewer) -> bool:
        """Whether what is open from a viewer on is open to this one."""
        ranks = list(Viewer)
        return ranks.index(self) >= ranks.index(first)


PUBLIC, PARTNER, EDITOR = Viewer


@dataclass(frozen=True)
class Field:
    """One column, or all those whose name begins alike.

    Attributes
    ----------
    name
        Its name; ``amount_*`` for every column that begins so (an ending is a currency or an
        id of a vocabulary, never words of a document).
    within
        The tables and answers that it is a column of.
    opens
        The first viewer who may read it.
    words
        Whether it holds free text. What reserved activities, and the documents and facts that
        tell of them, say in their own words is for editors: it may name a place or a day.
    day
        Whether it tells when something takes place: withheld with a reserved distribution.
    neutral
        Whether a text of ours stands in for what is withheld (a title, a name of a file); else
        the cell is empty.
    of_access
        Whether it tells, or gives away, the severity of access: read only at the levels that
        the layer ``access`` is open at.
    vocabularies
        Vocabularies whose ids stand in it beside free text: ids tell nothing and are kept.
    """

    name: str
    within: str
    opens: Viewer = PUBLIC
    words: bool = False
    day: bool = False
    neutral: bool = False
    of_access: bool = False
    vocabularies: tuple[str, ...] = ()

    def open_to(self, viewer: Viewer) -> bool:
        """Whether the viewer may read it at all."""
        return viewer.reaches(self.opens)


_UNITS = (
    "presence budget coverage priorities duplicates access access_facts services published "
    "change reporting actors programme"
)
_SUMMED = "presence budget programme programme_totals"
_STOPPED = "presence actors budget programme programme_totals funds"

FIELDS: tuple[Field, ...] = (
    # documents
    Field("document", "documents activities rows findings control_totals context"),
    Field("document", "organisations published"),
    Field("file", "documents activities findings control_totals quality", words=True, neutral=True),
    Field("file", "access_facts", PARTNER, words=True),
    Field("reader", "documents"),
    Field("title", "documents", words=True, neutral=True),
    Field("as_of", "documents activities context published priorities"),
    Field("frame", "documents"),
    Field("period_start", "documents amounts", day=True),
    Field("period_end", "documents amounts", day=True),
    Field("rows_read", "documents"),
    Field("origin", "documents"),
    Field("is_sample", "documents"),
    Field("replaces", "documents"),
    Field("withdrawn", "documents"),
    # activities: the table, the grid, the list behind a figure, the exchange
    Field("activity_id", "activities amounts placements rows relations sectors published change"),
    Field("kind", "activities amounts change duplicates context"),
    Field("source", "activities published change"),
    Field("source_label", "activities"),
    Field("locator", "activities rows published", PARTNER, words=True),
    Field("title", "activities published change", words=True, neutral=True),
    Field("description", "activities", PARTNER, words=True),
    Field("result", "activities", PARTNER, words=True),
    Field("sector", "activities sectors context coverage priorities reporting actors"),
    Field("sector_label", "activities"),
    Field("sectors", "activities"),
    Field("sector_raw", "activities", EDITOR, words=True),
    Field("donors", "activities"),
    Field("lead_org", "activities"),
    Field("implementers", "activities"),
    Field("organisations", "activities"),
    Field("organisations_raw", "activities", EDITOR, words=True),
    Field("org_type", "activities"),
    Field("status", "activities"),
    Field("status_label", "activities"),
    Field("start", "activities", day=True),
    Field("end", "activities", day=True),
    Field("target", "activities"),
    Field("reached", "activities coverage"),
    Field("target_once", "activities"),
    Field("reached_once", "activities"),
    Field("modality", "activities", words=True),
    Field("remarks", "activities", EDITOR, words=True),
    Field("items", "activities published presence"),
    Field("sensitivity", "activities"),
    Field("place", "activities"),
    Field("place_rule", "activities"),
    Field("places", "activities"),
    Field("weight", "activities"),
    Field("raw", "activities", EDITOR, words=True),
    Field("budget_usd", "activities published coverage"),
    Field("share_usd", "activities"),
    Field("amount", "activities"),
    Field("currency", "activities amounts control_totals"),
    Field("no_go", "activities", PARTNER),
    Field("counted_with", "activities"),
    Field("counted_with_title", "activities", words=True),
    Field("unit_id", "activities"),
    Field("unit_name", "activities"),
    Field("region", "activities"),
    Field("region_code", "activities"),
    Field("cercle", "activities"),
    Field("cercle_code", "activities"),
    Field("commune", "activities"),
    Field("commune_code", "activities"),
    Field("lon", "activities"),
    Field("lat", "activities"),
    Field("position", "activities"),
    Field("amount_*", "activities budget"),
    Field("amounts", "activities"),
    # beside the list behind a figure
    Field("delivering", "activities"),
    Field("share", "activities"),
    Field("share_inherited", "activities"),
    Field("share_currency", "activities"),
    Field("outside", "activities"),
    Field("no_period", "activities"),
    Field("no_rate_*", "activities budget"),
    Field("dollars_per_euro", "activities"),
    Field("rate_date", "activities amounts context"),
    Field("priced", "activities"),
    Field("counts", "activities"),
    Field("past", "activities programme programme_totals"),
    Field("people", "activities coverage"),
    Field("published_usd", "activities"),
    # amounts, placements, rows
    Field("minor", "amounts"),
    Field("usd_minor", "amounts context"),
    Field("rate", "amounts context"),
    Field("rate_source", "amounts context"),
    Field("unit_id", "placements amounts control_totals context"),
    Field("weight", "placements"),
    Field("rule", "placements"),
    Field("raw", "placements", EDITOR, words=True),
    Field("how", "placements"),
    Field("score", "placements duplicates coverage"),
    Field("lon", "placements", EDITOR),
    Field("lat", "placements", EDITOR),
    Field("outcome", "rows"),
    # findings and totals
    Field("locator", "findings quality", PARTNER, words=True),
    Field("field", "findings quality", PARTNER, words=True),
    Field("code", "findings quality"),
    Field("severity", "findings quality"),
    Field("params", "findings", PARTNER, words=True, neutral=True),
    Field("sentence", "quality"),  # rendered from the params as told
    Field("name", "control_totals", words=True, neutral=True),
    Field("period", "control_totals", words=True),
    Field("published", "control_totals"),
    Field("read", "control_totals"),
    Field("difference", "control_totals"),
    # facts of the context
    Field("indicator", "context", words=True, vocabularies=("indicators", "access_constraints")),
    Field("part_of_unit", "context"),
    Field("geometry", "context", PARTNER),
    Field("organisation", "context"),
    Field("value", "context"),
    Field("total", "context"),
    Field("text", "context", words=True, neutral=True),
    Field("scale", "context"),
    Field("direction", "context"),
    Field("source", "context", words=True),
    Field("start", "context"),
    Field("expires", "context"),
    Field("frequency", "context"),
    Field("due_days", "context"),
    Field("due", "context reporting"),
    # what people entered and decided
    Field("organisation", "organisations"),
    Field("acronym", "organisations", EDITOR, words=True),
    Field("name", "organisations", EDITOR, words=True),
    Field("type", "organisations"),
    Field("activity_a", "verdicts duplicates"),
    Field("activity_b", "verdicts duplicates"),
    Field("verdict", "verdicts duplicates"),
    Field("lead", "verdicts duplicates"),
    # what documents say is a part of what: without it, money would count twice
    Field("relation", "relations"),
    Field("identifier", "relations"),
    # layers: the rows they speak of
    Field("unit_id", _UNITS),
    Field("unit_name", _UNITS),
    # presence, actors
    Field("activities", _SUMMED + " priorities reporting"),
    Field("organisations", "presence actors programme programme_totals"),
    Field("organisations_reported", "presence"),
    Field("organisations_*", "presence"),
    Field("delivering", "presence actors"),
    Field("single_actor", "presence actors"),
    Field("concentration", "presence actors"),
    # what is given up or held up
    Field("cancelled", _STOPPED),
    Field("suspended", _STOPPED),
    Field("cancelled_usd", "budget programme programme_totals funds"),
    Field("suspended_usd", "budget programme programme_totals funds"),
    Field("budget_cancelled", "budget"),
    Field("budget_suspended", "budget"),
    Field("cancelled_amount_*", "budget"),
    Field("suspended_amount_*", "budget"),
    # budget
    Field("budget_usd", _SUMMED),
    Field("inherited_usd", _SUMMED),
    Field("without_amount", _SUMMED),
    Field("budget", "budget"),
    Field("budget_low", "budget"),
    Field("budget_high", "budget"),
    Field("inherited", "budget programme programme_totals"),
    Field("committed", "budget"),
    Field("spent", "budget"),
    Field("execution", "budget"),
    Field("population", "budget coverage"),
    Field("population_year", "budget"),
    Field("per_head", "budget"),
    Field("per_head_usd", "budget"),
    Field("rate_from", "budget"),
    Field("rate_to", "budget"),
    Field("rate_low", "budget"),
    Field("rate_high", "budget"),
    Field("resplit", "budget"),
    Field("fallback", "budget"),
    Field("thin", "budget"),
    Field("dimension", "budget"),
    Field("dimension_label", "budget"),
    Field("outside", "budget"),
    Field("no_period", "budget"),
    Field("open_period", "budget activities"),
    Field("currency", "rates"),
    Field("rate_day", "rates"),
    Field("rate", "rates"),
    Field("source", "rates"),
    Field("amounts", "rates"),
    # coverage
    Field("state", "coverage priorities reporting programme"),
    Field("need_unknown", "coverage"),
    Field("need", "coverage"),
    Field("response", "coverage"),
    Field("access", "coverage", of_access=True),
    Field("class", "coverage", of_access=True),
    Field("rank", "coverage"),
    Field("parts", "coverage", of_access=True),
    Field("need_indicator", "coverage"),
    Field("need_as_of", "coverage"),
    Field("need_places", "coverage"),
    Field("need_score", "coverage"),
    Field("measure", "coverage"),
    Field("response_score", "coverage"),
    Field("access_mean", "coverage", of_access=True),
    Field("access_score", "coverage", of_access=True),
    Field("targeted", "coverage"),
    Field("budget_per_head", "coverage"),
    Field("activities_current", "coverage"),
    Field("activities_past", "coverage"),
    Field("activities_inherited", "coverage"),
    Field("presence", "coverage"),
    Field("priorities", "coverage"),
    Field("reported", "coverage"),
    Field("wider", "coverage"),
    Field("reporters", "coverage"),
    Field("reporters_heard", "coverage"),
    Field("reporters_told", "coverage"),
    Field("need_expired", "coverage"),
    Field("need_since", "coverage"),
    Field("need_units_known", "coverage"),
    Field("need_units", "coverage"),
    Field("need_units_level", "coverage"),
    Field("need_scale", "coverage"),
    Field("unmet", "coverage"),
    Field("response_ended", "coverage"),
    Field("ended_days", "coverage"),
    Field("activities_cancelled", "coverage"),
    Field("activities_suspended", "coverage"),
    # contributions beside what their fund allocated
    Field("fund", "funds"),
    Field("contributions", "funds"),
    Field("contributed_usd", "funds"),
    Field("contributions_without_usd", "funds"),
    Field("contributors", "funds"),
    Field("first_contribution", "funds"),
    Field("last_contribution", "funds"),
    Field("activities", "funds"),
    Field("without_amount", "funds"),
    Field("allocated_usd", "funds"),
    # priorities
    Field("place_id", "priorities reporting", PARTNER),
    Field("text", "priorities", words=True),
    Field("listed", "priorities"),
    Field("done", "priorities"),
    Field("source", "priorities", words=True),
    Field("fact", "priorities reporting"),
    # duplicates
    Field("pair_id", "duplicates"),
    Field("title_a", "duplicates", words=True),
    Field("source_a", "duplicates"),
    Field("title_b", "duplicates", words=True),
    Field("source_b", "duplicates"),
    Field("reasons", "duplicates"),
    Field("group_id", "duplicates"),
    # access and services
    Field("severity_max", "access"),
    Field("severity_mean", "access"),
    Field("severity_mean_population", "access"),
    Field("covered_share", "access"),
    Field("scale", "access"),
    Field("direction", "access"),
    Field("other_scales", "access"),
    Field("constraint_types", "access", PARTNER),
    Field("constraints", "access", PARTNER, words=True),
    Field("services", "access", PARTNER),
    Field("security_zone", "access", PARTNER, words=True),
    Field("no_go", "access", PARTNER),
    Field("activities_in_no_go", "access", PARTNER),
    Field("activities_partly_in_no_go", "access", PARTNER),
    Field("as_of", "access"),
    Field("stale", "access"),
    Field("kind", "access_facts", PARTNER),
    Field("type", "access_facts", PARTNER),
    Field("type_label", "access_facts", PARTNER),
    Field("wording", "access_facts", PARTNER, words=True),
    Field("value", "access_facts services", PARTNER),
    Field("total", "access_facts services", PARTNER),
    Field("scale", "access_facts", PARTNER),
    Field("direction", "access_facts", PARTNER),
    Field("source", "access_facts", PARTNER, words=True),
    Field("as_of", "access_facts services", PARTNER),
    Field("start", "access_facts", PARTNER),
    Field("expires", "access_facts", PARTNER),
    Field("stale", "access_facts services", PARTNER),
    Field("area_share", "access_facts", PARTNER),
    Field("length_km", "access_facts", PARTNER),
    Field("how", "access_facts", PARTNER),
    Field("fact", "access_facts", PARTNER),
    Field("indicator", "services", PARTNER),
    Field("indicator_label", "services", PARTNER),
    Field("places", "services", PARTNER),
    # published counts
    Field("items_*", "published"),
    Field("aggregates", "published"),
    Field("exact", "published"),
    Field("published_for", "published"),
    Field("read", "published"),
    Field("published", "published"),
    # change
    Field("change", "change"),
    Field("field", "change"),
    Field("before", "change"),
    Field("after", "change"),
    Field("difference_usd", "change"),
    # reporting
    Field("reporter", "reporting", PARTNER),
    Field("period_start", "reporting"),
    Field("period_end", "reporting"),
    Field("reported_on", "reporting"),
    Field("days_late", "reporting"),
    # programme
    Field("inside", "programme"),
    Field("part", "programme"),
    Field("zone", "programme_totals"),
    Field("component", "programme programme_totals"),
    Field("current", "programme programme_totals"),
    Field("planned", "programme programme_totals"),
    Field("possible", "programme"),
)


def _by_name() -> dict[tuple[str, str], Field]:
    found: dict[tuple[str, str], Field] = {}
    for one in FIELDS:
        for where in one.within.split():
            if (where, one.name) in found:
                msg = f"{where}.{one.name} is declared twice"
                raise ValueError(msg)
            found[where, one.name] = one
    return found


_FOUND = _by_name()
_PREFIXES = [
    (where, name.removesuffix("*"), one)
    for (where, name), one in _FOUND.items()
    if name.endswith("*")
]


def field_of(where: str, name: str) -> Field | None:
    """The declaration of a column of a table or an answer; ``None``: nobody classed it.

    Examples
    --------
    >>> field_of("budget", "amount_XOF").opens.value, field_of("presence", "a new one")
    ('public', None)
    """
    exact = _FOUND.get((where, name))
    if exact is not None:
        return exact
    found = (one for w, start, one in _PREFIXES if w == where and name.startswith(start))
    return next(found, None)

"""What the map can show: indicators, and the value of each unit under them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from atlas import formats, summaries
from atlas.dataset import HeadlineFigures
from atlas.formats import counted_name, range_text
from atlas.geo.frames import Frames
from atlas.i18n import N_, _, ngettext
from atlas.labels import label
from atlas.layers import LAYERS
from atlas.layers.change import SEPARATOR
from atlas.layers.gaps import CLASSES
from atlas.layers.perimeter import component_name
from atlas.layers.programme import State
from atlas.layers.reporting import Reported
from atlas.model import RESERVED, Level
from atlas.sentences import known_units_text
from atlas.vocab.programmes import known_programme
from atlas.web import fact_shapes, gap_tables
from atlas.web.gap_tables import known_units_sentence
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.palette import BLUE_RAMP, NO_DATA, NO_REPORT, NOT_COMPARABLE, WARM_RAMP

REPORTED_NONE, OUT_OF_DATE, STOPPED_ONLY = "reported_none", "stale", "stopped"
NO_FIGURE = "no_figure"
"""Of units of which something is known, and nothing of what the map shows."""
MOST_UNIT_NOTES = 3


@dataclass(frozen=True)
class UnitValue:
    """A unit of the map: its figure (``None`` unknown), the state it is in, its class.

    Where it has no activity (``activities`` is 0) nothing of these is unknown.
    """

    unit_id: str
    name: str
    value: float | None
    state: str
    note: str = ""
    mark: str = ""
    activities: float | None = None


def shown_units(scene: PageScene) -> frozenset[str] | None:
    """Units of the map inside the zones asked for; ``None`` where the whole country is."""
    assert scene.data is not None
    view, frames = scene.view, scene.data.frames
    if not view.filters.unit:
        return None
    return frames.wholly_in(*view.filters.unit)


def column_values(scene: PageScene, layer: str, column: str) -> list[UnitValue]:
    """A column of a layer; the state of the unit says what none of it means."""
    states, notes = unit_states(scene), gap_tables.unit_silence_notes(scene)
    present = _presence_notes(scene, states)
    counted = _unit_column(scene, "presence", "activities")
    return [
        UnitValue(
            u,
            name,
            value,
            states.get(u, NO_REPORT),
            "" if value else _joined_notes(present.get(u), notes.get(u)),
            activities=counted[u][1],
        )
        for u, (name, value) in _unit_column(scene, layer, column).items()
    ]


def coverage_values(scene: PageScene) -> list[UnitValue]:
    """The state of each unit over its sectors."""
    states, notes = unit_states(scene), gap_tables.unit_silence_notes(scene)
    more, present = _known_need_notes(scene, states), _presence_notes(scene, states)
    return [
        UnitValue(
            u,
            n,
            None,
            states.get(u, NO_REPORT),
            _joined_notes(present.get(u), more.get(u), notes.get(u)),
        )
        for u, (n, _activities) in _unit_column(scene, "presence", "activities").items()
    ]


def _joined_notes(*notes: str | None) -> str:
    return "\n".join(note for note in notes if note)


def _presence_notes(scene: PageScene, states: Mapping[str, str]) -> dict[str, str]:
    """Who is said to be present in a unit that has a gap: an unanswered need is no empty place."""
    rows = layer_answer(scene, "presence").table.filter(
        pl.col("activities") == 0, pl.col("organisations") > 0
    )
    return {
        unit: ngettext(
            "{n} organisation y est dite présente, sans activité signalée",
            "{n} organisations y sont dites présentes, sans activité signalée",
            n,
        )
        for unit, n in rows.select("unit_id", "organisations").iter_rows()
        if states.get(unit) in summaries.AGAINST_A_NEED
    }


def _known_need_notes(scene: PageScene, states: Mapping[str, str]) -> dict[str, str]:
    """Of how many of its smaller units the need behind the state of each unit is known."""
    cells = layer_answer(scene, "coverage").table.drop_nulls("need_units")
    notes: dict[str, list[str]] = {}
    for row in cells.to_dicts():
        if states.get(row["unit_id"]) == row["state"]:
            notes.setdefault(row["unit_id"], []).append(known_units_sentence(row))
    return {unit: "\n".join(told[:MOST_UNIT_NOTES]) for unit, told in notes.items()}


def unit_states(scene: PageScene) -> dict[str, str]:
    """State of each unit over its sectors (`atlas.summaries.states_of_units`)."""
    return summaries.states_of_units(
        layer_answer(scene, "coverage").table, layer_answer(scene, "presence").table
    )


def reached_values(scene: PageScene) -> list[UnitValue]:
    """People reached in each unit, everyone once, with the bounds beside them."""
    rows = layer_answer(scene, "people").table.filter(
        ~pl.col("unit_id").is_in(RESERVED), pl.col("sector").is_null()
    )
    return [
        UnitValue(row["unit_id"], row["unit_name"], row["reached"], NO_DATA, _bounds_note(row))
        for row in rows.to_dicts()
    ]


def in_need_values(scene: PageScene) -> list[UnitValue]:
    """People in need of each unit: of the one sector asked for, else as stated for all of them."""
    return _stated_values(
        scene,
        "in_need",
        lambda row: known_units_text(row) if row.get("need_units") is not None else "",
    )


def needs_severity_values(scene: PageScene) -> list[UnitValue]:
    """JIAF severity of each unit: of the one sector asked for, else as stated for all of them."""
    return _stated_values(
        scene,
        "severity",
        lambda row: (
            _("au {day}", day=formats.day_text(row["severity_as_of"]))
            if row.get("severity_as_of")
            else ""
        ),
    )


def needs_severity_scale(scene: PageScene) -> tuple[str | None, str | None]:
    """Scale of the severity of needs, and its direction."""
    scales = layer_answer(scene, "people").table["severity_scale"].drop_nulls()
    return (str(scales[0]), "higher_is_worse") if scales.len() else (None, None)


def severity_facts(scene: PageScene) -> pl.DataFrame:
    """The facts behind the map of the severity of needs."""
    return need_facts(scene).filter(indicator="severity")


def _stated_values(
    scene: PageScene, column: str, note_of: Callable[[Mapping[str, Any]], str]
) -> list[UnitValue]:
    """What is stated of the needs of each unit: in the one sector asked for, else in all."""
    asked = scene.view.filters.sector
    of_row = pl.col("sector") == asked[0] if len(asked) == 1 else pl.col("sector").is_null()
    rows = layer_answer(scene, "people").table.filter(~pl.col("unit_id").is_in(RESERVED))
    stated = {row["unit_id"]: row for row in rows.filter(of_row).to_dicts()}
    values = []
    for unit, name in rows.select("unit_id", "unit_name").unique(maintain_order=True).iter_rows():
        row = stated.get(unit, {})
        values.append(UnitValue(unit, name, row.get(column), NO_DATA, note_of(row)))
    return values


def _bounds_note(row: Mapping[str, Any]) -> str:
    bounds = range_text(row["reached_low"], row["reached"], row["reached_high"])
    notes = [] if row["reached_low"] == row["reached_high"] else [bounds]
    if row["in_need"] is not None:
        notes.append(_("{n} dans le besoin", n=formats.number_text(row["in_need"])))
    return "\n".join(notes)


def unmet_values(scene: PageScene) -> list[UnitValue]:
    """How much of its need nothing answers in each unit, in the sector where that is most.

    The largest gap is the darkest whatever its class, which is the outline: the gravest over
    the sectors of the unit.
    """
    rows = layer_answer(scene, "coverage").table.filter(~pl.col("unit_id").is_in(RESERVED))
    values = []
    for cells in rows.partition_by("unit_id", maintain_order=True):
        most = cells.sort("unmet", descending=True, nulls_last=True, maintain_order=True)
        first = most.row(0, named=True)
        mark = next((kind for kind in CLASSES if (cells["class"] == kind).any()), "")
        unmet = None if first["unmet"] is None else round(100 * first["unmet"], 1)
        note_parts = [] if unmet is None else [label("sector", first["sector"])]
        if first["need_units"] is not None:
            note_parts.append(known_units_sentence(first))
        if mark:
            note_parts.append(label("class", mark))
        unit, name = first["unit_id"], first["unit_name"]
        values.append(UnitValue(unit, name, unmet, NO_DATA, "\n".join(note_parts), mark))
    return values


def access_values(scene: PageScene) -> list[UnitValue]:
    """Worst current severity; grey where all that is known is out of date.

    One map has one scale (`access_scale`): what is said in another is named, never coloured.
    """
    rows = (
        fact_shapes.answer_with_stale(scene, "access")
        .table.filter(~pl.col("unit_id").is_in(RESERVED))
        .to_dicts()
    )
    scale, _direction = access_scale(scene)
    values = []
    for row in rows:
        known = row["stale"] is not None
        state = OUT_OF_DATE if row["stale"] else NO_DATA if known else NO_REPORT
        severity = None if row["stale"] or row["scale"] != scale else row["severity_max"]
        note = _("au {day}", day=formats.day_text(row["as_of"])) if known else ""
        if row["scale"] not in (None, scale):
            note = _("autre échelle : {name} ; {note}", name=row["scale"], note=note)
        values.append(UnitValue(row["unit_id"], row["unit_name"], severity, state, note))
    return values


def access_scale(scene: PageScene) -> tuple[str | None, str | None]:
    """Scale of severity that most units of the map speak in, and its direction."""
    said = fact_shapes.answer_with_stale(scene, "access").table.filter(
        ~pl.col("unit_id").is_in(RESERVED) & pl.col("severity_max").is_not_null()
    )
    current = said.filter(~pl.col("stale").fill_null(True))
    counted = current.group_by("scale", "direction").agg(pl.len(), pl.col("as_of").max())
    first = counted.sort(["len", "as_of", "scale"], descending=[True, True, False], nulls_last=True)
    for scale, direction in first.select("scale", "direction").head(1).iter_rows():
        return scale, direction
    return None, None


def need_facts(scene: PageScene) -> pl.DataFrame:
    """The facts behind the map of people in need."""
    return scene.tables.context.filter(pl.col("kind") == "needs")


def access_facts(scene: PageScene) -> pl.DataFrame:
    """The facts behind the map of access."""
    facts = scene.tables.context.filter(pl.col("kind").is_in(["access", "security"]))
    at = scene.view.filters.at
    return facts.filter(pl.col("as_of").is_null() | (pl.col("as_of") <= at)) if at else facts


def published_facts(scene: PageScene) -> pl.DataFrame:
    """The counts behind the map of what is published."""
    assert scene.data is not None
    view = scene.view
    return scene.data.published_figures(None, view.frame, view.level, view.filters, scene.viewer)


def published_values(scene: PageScene) -> list[UnitValue]:
    """Published counts; where they were published for a larger, older unit, whose they are."""
    assert scene.data is not None
    shared = (
        published_facts(scene)
        .filter(~pl.col("exact"))
        .group_by("unit_id", "published_for")
        .agg(pl.sum("items"))
    )
    notes = {
        unit: _(
            "{n} publiés pour {older}, dont ce n'est qu'une partie",
            n=formats.number_text(n),
            older=older,
        )
        for unit, older, n in shared.iter_rows()
    }
    return [
        UnitValue(u, name, value, NOT_COMPARABLE if u in notes else NO_REPORT, notes.get(u, ""))
        for u, (name, value) in _unit_column(scene, "published", "items").items()
    ]


def pair_values(scene: PageScene) -> list[UnitValue]:
    """Pairs to examine in each unit; none where activities are told that are like no other."""
    states = unit_states(scene)
    waiting = layer_answer(scene, "duplicates").table.filter(pl.col("verdict").is_null())
    pairs = _rows_by_unit(waiting)
    return [
        UnitValue(u, name, pairs.get(u), NO_FIGURE if n else states.get(u, NO_REPORT))
        for u, (name, n) in _unit_column(scene, "presence", "activities").items()
    ]


def change_values(scene: PageScene) -> list[UnitValue]:
    """Changes of each unit since the state compared with; unknown without one."""
    answer = layer_answer(scene, "change")
    changes = _rows_by_unit(answer.table)
    state = NO_DATA if answer.meta["since"] is None else NO_FIGURE
    return [
        UnitValue(u, name, changes.get(u), state)
        for u, (name, _n) in _unit_column(scene, "presence", "activities").items()
    ]


def change_period(scene: PageScene) -> str:
    """Between which days the changes of the map lie; unknown without an earlier state."""
    meta = layer_answer(scene, "change").meta
    if meta["since"] is None:
        return formats.UNKNOWN
    days = (meta["since_as_of"], meta["as_of"] if meta["since"] else meta["reference"])
    before, now = (formats.day_text(day if isinstance(day, date) else None) for day in days)
    return _("du {before} au {now}", before=before, now=now)


def report_day(scene: PageScene) -> str:
    """The day on which reports are judged to be due."""
    day = layer_answer(scene, "reporting").meta["reference"]
    return formats.day_text(day if isinstance(day, date) else None)


def report_values(scene: PageScene) -> list[UnitValue]:
    """Share of the reports due that came in from each unit, late ones too.

    What is due of a larger unit is none of the unit's own, and said to be due there.
    """
    assert scene.data is not None
    due = layer_answer(scene, "reporting").table.filter(pl.col("state") != Reported.EXPECTED)
    expected = _rows_by_unit(due)
    received = _rows_by_unit(due.filter(pl.col("state") != Reported.MISSING))
    wider = due.filter(pl.col("unit_id").is_in(RESERVED))["place_id"].drop_nulls().unique()
    inside = scene.data.frames.wholly_in(*wider)
    values = []
    for u, (name, _n) in _unit_column(scene, "presence", "activities").items():
        n, every = received.get(u, 0), expected.get(u, 0)
        share = round(100 * n / every) if every else None
        note = _("{n} sur {every}", n=n, every=every) if every else ""
        state = NO_FIGURE if u in inside else NO_DATA
        values.append(UnitValue(u, name, share, state, note))
    return values


def _rows_by_unit(table: pl.DataFrame) -> dict[str, int]:
    """How many rows each unit has; a row of several is one of each."""
    units = table["unit_id"].str.split(SEPARATOR).explode()
    return dict(units.value_counts().iter_rows())


WORST_STATES_FIRST = (State.GAP, State.UNCLEAR, State.PLANNED, State.PAST, State.COVERED)


def programme_values(scene: PageScene) -> list[UnitValue]:
    """The least advanced component of each unit of a perimeter; where it may be, if undefined."""
    assert scene.data is not None
    answer = layer_answer(scene, "programme")
    if answer.meta["perimeter_defined"]:
        return _least_advanced_values(answer.table)
    level, programme = Level(answer.level), str(answer.meta["programme"])
    return _possible_perimeter(scene.data.frames, answer.frame, level, programme)


def _least_advanced_values(table: pl.DataFrame) -> list[UnitValue]:
    """Each unit inside; those that say nothing are left out."""
    found = []
    inside = table.filter(pl.col("inside").fill_null(value=False))
    for (unit, name), rows in inside.group_by("unit_id", "unit_name", maintain_order=True):
        present = set(rows["state"].drop_nulls())
        state = next((one for one in WORST_STATES_FIRST if one in present), None)
        if state is not None and not str(unit).startswith("_"):
            component_names = ", ".join(
                component_name(c) for c in rows.filter(state=state)["component"]
            )
            found.append(UnitValue(str(unit), str(name), None, state.value, component_names))
    return found


def _possible_perimeter(
    frames: Frames, frame: str, level: Level, programme: str
) -> list[UnitValue]:
    """Units that share ground with the régions where an undefined perimeter is said to be."""
    ground = frozenset[str]().union(
        *(frames.certain_communes(one) for one in known_programme(programme).regions)
    )
    units = frames.units_at_level(frame, level).select("unit_id", "name")
    return [
        UnitValue(unit, name, None, State.UNDEFINED.value, _("en partie, peut-être"))
        for unit, name in units.iter_rows()
        if frames.certain_communes(unit) & ground
    ]


def _unit_column(
    scene: PageScene, layer: str, column: str
) -> Mapping[str, tuple[str, float | None]]:
    answer = layer_answer(scene, layer)
    rows = answer.table.select("unit_id", "unit_name", column).rows()
    return {unit: (name, value) for unit, name, value in rows if unit not in RESERVED}


FigureWords = Callable[[float, Collection[str]], str]
"""A figure with its noun; the kinds are those of the entries counted."""


@dataclass(frozen=True)
class NumberForm:
    """How figures are written: rounded for reading, exactly, and the sign that follows them."""

    short: Callable[[float | None], str] = formats.number_text
    exact: Callable[[float | None], str] = formats.number_text
    sign: str = ""


COUNT_FORM, PERCENT_FORM = NumberForm(), NumberForm(sign="\u00a0%")
DOLLAR_FORM = NumberForm(formats.short_money_text, formats.usd_text)


@dataclass(frozen=True)
class MapIndicator:
    """One thing that the map can show; texts are message ids.

    Attributes
    ----------
    layer, column
        Where the value stands in the answers of the dataset.
    label, title
        Name on its button, and what the map's title says it shows.
    words
        What a figure says; ``None``: units have states and no figures.
    values
        The value of each unit, where it is more than the column.
    colours
        From little to much.
    zero
        Whether 0 is a figure as any other, which somebody stated.
    unknown
        What a unit without a figure says; empty: the word of its state.
    none
        What a unit says where something is known and the figure is 0; empty: that it has none.
    nothing
        What the ranking says where no unit has a figure.
    figure_name
        Figure (`atlas.web.figure_activities.FIGURE_KINDS`) that opens the activities of a unit; a
        ratio or a level has none.
    adds_up
        Whether units and reserved rows together are the whole.
    whole
        The whole, where what is in several units is in the figure of each.
    title_with_plans
        The title where plans are counted.
    method
        How to read the colours; empty: how the classes were made.
    how
        How the figure of a zone is computed.
    terms
        Words that this takes (`atlas.web.explanations.TERMS`).
    context
        Tables of context that it draws on beside the activities.
    stated_facts
        Facts that the map shows as documents stated them on their day; ``None``: it shows
        activities of a period.
    period
        Of what time it is, where that is not the period of the page.
    scale
        Scale of the figures and its direction, where documents choose it.
    of_perimeter
        Whether its units are those of a perimeter, which is outlined and framed.
    by_sector
        Whether it can be asked sector by sector.
    """

    layer: str
    column: str
    label: str
    title: str
    words: FigureWords | None = None
    values: Callable[[PageScene], list[UnitValue]] | None = None
    form: NumberForm = COUNT_FORM
    colours: tuple[str, ...] = BLUE_RAMP
    zero: bool = False
    unknown: str = ""
    none: str = ""
    nothing: str = N_("Rien à classer : enlevez un filtre, ou choisissez un niveau plus grossier.")
    figure_name: str = ""
    adds_up: bool = False
    whole: Callable[[HeadlineFigures], int] | None = None
    title_with_plans: str = ""
    method: str = ""
    how: str = ""
    terms: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    stated_facts: Callable[[PageScene], pl.DataFrame] | None = None
    period: Callable[[PageScene], str] | None = None
    scale: Callable[[PageScene], tuple[str | None, str | None]] | None = None
    of_perimeter: bool = False
    by_sector: bool = True


def _counted_text(n: float, kinds: Collection[str]) -> str:
    return f"{formats.number_text(n)} {counted_name(kinds, int(n))}"


def _organisations_text(n: float, _kinds: Collection[str]) -> str:
    return ngettext(
        "{shown} organisation", "{shown} organisations", int(n), shown=formats.number_text(n)
    )


def _people_text(n: float, _kinds: Collection[str]) -> str:
    return ngettext("{shown} personne", "{shown} personnes", int(n), shown=formats.number_text(n))


def _published_text(n: float, _kinds: Collection[str]) -> str:
    shown = formats.number_text(n)
    return ngettext("{shown} projet publié", "{shown} projets publiés", int(n), shown=shown)


def _dollars_text(amount: float, _kinds: Collection[str]) -> str:
    return formats.usd_text(amount)


def _severity_text(level: float, _kinds: Collection[str]) -> str:
    return _("gravité {n}", n=formats.number_text(level))


def _unmet_text(share: float, _kinds: Collection[str]) -> str:
    return _("besoin sans réponse : {n} %", n=formats.number_text(share))


def _pairs_text(n: float, _kinds: Collection[str]) -> str:
    shown = formats.number_text(n)
    return ngettext("{shown} paire à examiner", "{shown} paires à examiner", int(n), shown=shown)


def _changes_text(n: float, _kinds: Collection[str]) -> str:
    return ngettext(
        "{shown} changement", "{shown} changements", int(n), shown=formats.number_text(n)
    )


def _reports_text(share: float, _kinds: Collection[str]) -> str:
    return _("rapports dus reçus : {n} %", n=formats.number_text(share))


_NEED_KINDS = ("needs", "population", "priorities", "access", "reporting", "nothing_to_report")

MAP_INDICATORS: dict[str, MapIndicator] = {
    "activities": MapIndicator(
        "presence",
        "activities",
        N_("Activités"),
        N_("Activités signalées"),
        _counted_text,
        title_with_plans=N_("Activités signalées et plans"),
        figure_name="activities",
        adds_up=True,
        whole=lambda counted: counted.activities,
        how=N_(
            "Chaque activité des filtres et de la période compte une fois dans chaque zone "
            "où elle est : la somme des zones peut donc dépasser leur nombre."
        ),
        terms=("activity", "presence", "no_report", "unplaced", "coarser", "frame"),
    ),
    "organisations": MapIndicator(
        "presence",
        "organisations",
        N_("Organisations"),
        N_("Organisations présentes"),
        _organisations_text,
        figure_name="organisations",
        how=N_(
            "Les organisations qu'un document dit présentes dans la zone, chacune une fois "
            "; avec ou sans activité."
        ),
        terms=("presence", "activity", "no_report", "unplaced", "frame"),
    ),
    "delivering": MapIndicator(
        "presence",
        "delivering",
        N_("Acteurs qui réalisent"),
        N_("Organisations qui réalisent des activités"),
        _organisations_text,
        figure_name="delivering",
        how=N_(
            "Les organisations qui réalisent une activité de la période dans la zone, "
            "chacune une fois. Ce qui est prévu, annulé ou suspendu n'y est pas."
        ),
        terms=("delivering", "activity", "unplaced", "frame"),
    ),
    "budget": MapIndicator(
        "budget",
        "budget_usd",
        N_("Budget (USD)"),
        N_("Budget placé"),
        _dollars_text,
        form=DOLLAR_FORM,
        unknown=N_("montant inconnu"),
        none=N_("aucune activité signalée"),
        figure_name="budget_usd",
        adds_up=True,
        context=("population",),
        how=N_(
            "Chaque montant est partagé une fois entre les lieux de son activité, au "
            "centime près. Les monnaies sont converties au taux que dit l'onglet Budget ; "
            "ce qui n'a pas de montant est à part."
        ),
        terms=("unknown_amount", "inherited", "unplaced", "coarser", "frame"),
    ),
    "per-head": MapIndicator(
        "budget",
        "per_head_usd",
        N_("Budget par habitant (USD)"),
        N_("Budget placé par habitant"),
        _dollars_text,
        form=DOLLAR_FORM,
        unknown=N_("population non disponible, ou montant inconnu"),
        none=N_("aucune activité signalée"),
        context=("population",),
        how=N_(
            "Le budget placé, divisé par la population que la table la plus récente donne à"
            " la zone."
        ),
        terms=("unknown_amount", "inherited", "frame"),
    ),
    "published": MapIndicator(
        "published",
        "items",
        N_("Publié, non détaillé"),
        N_("Projets publiés sans leur détail"),
        _published_text,
        published_values,
        figure_name="published",
        stated_facts=published_facts,
        how=N_(
            "Des nombres que des documents publient sans en donner le détail, un par "
            "document et par zone. Ils ne sont jamais ajoutés aux activités."
        ),
        terms=("activity", "frame"),
        by_sector=False,
    ),
    "coverage": MapIndicator(
        "coverage",
        "state",
        N_("Couverture"),
        N_("Lacunes et couverture"),
        values=coverage_values,
        method=N_("États ; « lacune » seulement où un besoin est connu."),
        context=_NEED_KINDS,
        how=N_(
            "Le besoin de chaque secteur est mis en face des activités qui y répondent. La "
            "zone prend l'état le plus grave de ses secteurs : lacune, puis partiel, puis "
            "couvert."
        ),
        terms=("gap", "need", "presence", "no_report", "frame"),
    ),
    "in-need": MapIndicator(
        "people",
        "in_need",
        N_("Personnes dans le besoin"),
        N_("Personnes dans le besoin, comme un document les dit"),
        _people_text,
        in_need_values,
        colours=WARM_RAMP,
        zero=True,
        unknown=N_("besoin inconnu, ou dit par secteur : choisissez un secteur"),
        method=N_("Le besoin du secteur choisi ; sans secteur, celui de tous ensemble."),
        context=("needs",),
        stated_facts=need_facts,
        how=N_(
            "Le chiffre du document de besoins en vigueur, pour la zone, ou la somme de "
            "ceux de ses zones."
        ),
        terms=("need", "frame"),
    ),
    "severity": MapIndicator(
        "people",
        "severity",
        N_("Sévérité des besoins"),
        N_("Sévérité des besoins (JIAF)"),
        _severity_text,
        needs_severity_values,
        colours=WARM_RAMP,
        zero=True,
        unknown=N_("sévérité inconnue, ou dite par secteur : choisissez un secteur"),
        nothing=N_("Aucune sévérité JIAF n'est chargée : ajoutez une table de besoins."),
        method=N_(
            "Le niveau de toute la population. Aucun rang ne mêle des niveaux et des personnes."
        ),
        context=("needs",),
        stated_facts=severity_facts,
        scale=needs_severity_scale,
        how=N_("Le niveau du document de besoins en vigueur, pour la zone et toute sa population."),
        terms=("severity", "need", "frame"),
    ),
    "reached": MapIndicator(
        "people",
        "reached",
        N_("Personnes atteintes"),
        N_("Personnes atteintes"),
        _people_text,
        reached_values,
        zero=True,
        unknown=N_("aucun chiffre de personnes atteintes"),
        figure_name="people_reached",
        method=N_(
            "Le meilleur chiffre : le plus grand d'un même lieu, puis la somme des lieux. Les "
            "bornes sont dans l'onglet Personnes."
        ),
        context=("population", "needs"),
        how=N_(
            "Les chiffres des activités, chaque personne comptée une fois par zone, entre "
            "un plancher et un plafond."
        ),
        terms=("activity", "unplaced", "frame"),
    ),
    "priority": MapIndicator(
        "coverage",
        "unmet",
        N_("Priorité"),
        N_("Besoin sans réponse, et priorités"),
        _unmet_text,
        unmet_values,
        PERCENT_FORM,
        WARM_RAMP,
        zero=True,
        unknown=N_("besoin inconnu, ou seul connu de son secteur"),
        method=N_(
            "Couleur : part du besoin sans réponse, de 0 à 100 %, dans le secteur où elle est la "
            "plus grande. Contour : classe de priorité ; seuils dans l'onglet Lacunes."
        ),
        context=_NEED_KINDS,
        how=N_(
            "Un moins la part du besoin à laquelle les activités répondent, dans le secteur"
            " de la zone où ce reste est le plus grand."
        ),
        terms=("gap", "need", "severity", "frame"),
    ),
    "programme": MapIndicator(
        "programme",
        "state",
        N_("Programme"),
        N_("Couverture du programme"),
        values=programme_values,
        method=N_("Dans le périmètre : l'état de la composante la moins avancée."),
        context=("programme", "components"),
        of_perimeter=True,
        how=N_(
            "L'état de chaque composante dans la zone, d'après les activités de ses "
            "secteurs ; la zone prend le moins avancé."
        ),
        terms=("perimeter", "activity", "frame"),
        by_sector=False,
    ),
    "access": MapIndicator(
        "access",
        "severity_max",
        N_("Accès"),
        N_("Contraintes d'accès signalées"),
        _severity_text,
        access_values,
        colours=WARM_RAMP,
        zero=True,
        unknown=N_("contraintes signalées, gravité inconnue"),
        nothing=N_("Aucune gravité connue à cette date. Les faits sont dans l'onglet Accès."),
        stated_facts=access_facts,
        scale=access_scale,
        how=N_("La gravité la plus forte des contraintes en vigueur qui touchent la zone."),
        terms=("severity", "frame"),
        by_sector=False,
    ),
    "duplicates": MapIndicator(
        "duplicates",
        "pair_id",
        N_("Paires à examiner"),
        N_("Doubles saisies et chevauchements à examiner"),
        _pairs_text,
        pair_values,
        none=N_("activités, aucune paire à examiner"),
        nothing=N_("Aucune paire à examiner."),
        how=N_(
            "Les paires d'activités que leurs lieux, dates, montants, titres et "
            "organisations rapprochent, et que personne n'a tranchées ; comptées dans "
            "chaque zone."
        ),
        terms=("duplicate", "activity", "frame"),
    ),
    "reports": MapIndicator(
        "reporting",
        "state",
        N_("Rapports reçus"),
        N_("Rapports reçus sur rapports dus"),
        _reports_text,
        report_values,
        PERCENT_FORM,
        zero=True,
        none=N_("rapports attendus pour une zone plus grande"),
        unknown=N_("aucun rapport attendu ici"),
        nothing=N_(
            "Aucun rapport n'est attendu à ce niveau : choisissez-en un plus grossier, ou chargez "
            "la liste de qui rend compte, et où."
        ),
        context=("reporting", "nothing_to_report"),
        period=report_day,
        how=N_(
            "Parmi les rapports dus à ce jour pour la zone, la part de ceux qui sont "
            "arrivés, à temps ou en retard."
        ),
        terms=("no_report", "frame"),
    ),
    "changes": MapIndicator(
        "change",
        "change",
        N_("Changements"),
        N_("Changements"),
        _changes_text,
        change_values,
        none=N_("aucun changement"),
        unknown=N_("rien avec quoi comparer"),
        nothing=N_("Aucun changement, ou rien avec quoi comparer : l'onglet Changements le dit."),
        period=change_period,
        how=N_("Ce qui diffère de l'état publié avant, compté dans chaque zone touchée."),
        terms=("activity", "frame"),
    ),
}


def shown_indicator(scene: PageScene) -> MapIndicator:
    """The indicator that the URL asks for, else the first: for a word that means none, and for
    one whose layer is not offered to whoever asks."""
    found = MAP_INDICATORS.get(scene.view.indicator)
    offered = found and scene.viewer.reaches(LAYERS[found.layer].offered_to)
    return found if found and offered else next(iter(MAP_INDICATORS.values()))

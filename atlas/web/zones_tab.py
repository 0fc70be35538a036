"""The table of zones: every unit, then what has no unit, so that the sum is whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from atlas.i18n import N_, _
from atlas.labels import label
from atlas.model import RESERVED, STOPPED
from atlas.web import downloads
from atlas.web.indicators import unit_states
from atlas.web.page_elements import ElementId
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import grid_number_column, sortable_grid, table_note
from atlas.web.palette import PATTERN_STATES

STOPPED_HEADS = {"cancelled": N_("Annulées"), "suspended": N_("Suspendues")}
ZONE_FIGURES = ("activities", "organisations", "budget_usd", "inherited_usd", "without_amount")


def zones_content(scene: PageScene) -> list[Any]:
    """Activities, organisations and budget of each unit, reserved rows pinned below."""
    rows = zone_rows(scene)
    return [
        table_note(
            _("Les lignes du bas complètent les zones : rien n'est perdu."),
            downloads.download_links("zones"),
        ),
        sortable_grid(
            ElementId.ZONES_GRID,
            _grid_columns(
                scene.view.counts_plans,
                [name for name in STOPPED if any(row[name] for row in rows)],
            ),
            [r for r in rows if r["unit_id"] not in RESERVED],
            pinned=[r for r in rows if r["unit_id"] in RESERVED],
        ),
    ]


def zone_rows(scene: PageScene) -> list[dict[str, Any]]:
    """One dictionary per unit and reserved row; a zero that nobody reported is unknown."""
    states = unit_states(scene)
    rows = []
    for row in zone_table(scene).to_dicts():
        state = states.get(row["unit_id"])
        if row["unit_id"] not in RESERVED and state in PATTERN_STATES:
            row |= {name: row[name] or None for name in ZONE_FIGURES}
        rows.append(row | {"state": label("state", state) if state else ""})
    return rows


def zone_table(scene: PageScene) -> pl.DataFrame:
    """The measures of presence, published aggregates and budget side by side."""
    presence = layer_answer(scene, "presence").table.select(
        "unit_id", "unit_name", "activities", "organisations", *STOPPED
    )
    budget = layer_answer(scene, "budget").table.select(
        "unit_id", "budget_usd", "inherited_usd", "without_amount"
    )
    published = layer_answer(scene, "published").table
    counted = published.group_by("unit_id").agg(pl.col("items").sum())
    table = presence.join(budget, on="unit_id", how="left", maintain_order="left")
    measures: pl.DataFrame = table.join(counted, on="unit_id", how="left", maintain_order="left")
    return measures


def _grid_columns(plans: bool, stopped: Sequence[str]) -> list[dict[str, Any]]:
    counted = _("Activités et plans") if plans else _("Activités")
    return [
        {"field": "unit_name", "headerName": _("Zone"), "pinned": "left", "width": 150},
        grid_number_column("activities", counted, width=96, sort="desc"),
        grid_number_column("organisations", _("Organisations"), width=122),
        grid_number_column("budget_usd", _("Budget (USD)"), width=132),
        grid_number_column("inherited_usd", _("dont périmètre"), width=130),
        grid_number_column("without_amount", _("Sans montant"), width=116),
        grid_number_column("items", _("Publié, non détaillé"), width=150, colId="published"),
        *(grid_number_column(name, _(STOPPED_HEADS[name]), width=110) for name in stopped),
        {"field": "state", "headerName": _("État"), "minWidth": 180, "flex": 1},
    ]

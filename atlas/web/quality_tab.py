"""Data quality: what was read, what a person should look at, which totals agree."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash import html

from atlas import formats
from atlas.export.report_form import documents_with_form
from atlas.findings import SEVERITIES, finding_sentence
from atlas.i18n import _
from atlas.labels import label
from atlas.model import Outcome, Viewer
from atlas.web import downloads
from atlas.web.page_state import PageScene
from atlas.web.page_tables import empty_note, plain_table, table_note

MOST_EXAMPLES = 4
"""Sentences shown for each kind of finding; the file holds them all."""


def quality_content(scene: PageScene) -> list[Any]:
    """Ledger of each document, control totals, findings."""
    assert scene.data is not None
    tables = scene.tables
    if not tables.documents.height:
        return [empty_note(_("Aucun document lu. Tapez : atlas ingest FICHIER…"))]
    return [
        table_note(
            _("Chaque ligne lue a un sort ; chaque écart se voit."),
            downloads.download_links("qualite"),
        ),
        html.H3(_("Documents lus")),
        row_ledger(scene),
        html.H3(_("Totaux publiés et totaux lus")),
        control_totals_table(scene),
        html.H3(_("Constats")),
        *finding_groups(scene.data.findings_with_files(scene.viewer)),
    ]


def row_ledger(scene: PageScene) -> html.Div:
    """Rows read of each document, what became of them, and what its sender gets back."""
    assert scene.data is not None
    tables = scene.tables
    counts = tables.rows.group_by("document", "outcome").len()
    counted = {(d, o): n for d, o, n in counts.iter_rows()}
    heads = [_("Document"), _("Lignes lues"), _("Sort de ces lignes")]
    if is_editor := scene.viewer == Viewer.EDITOR:
        heads.append(_("Pour l'expéditeur"))
    forms = documents_with_form(tables) if is_editor else frozenset()
    body = []
    for row in scene.data.documents_read(scene.viewer).to_dicts():
        outcomes = {o: counted.get((row["document"], str(o)), 0) for o in Outcome}
        title = html.Div(row["title"] or row["file"], title=row["file"])
        day = html.Div(_("au {day}", day=formats.day_text(row["as_of"])), className="stale")
        outcome_text = " · ".join(
            f"{label('outcome', o)}\u00a0: {formats.number_text(n)}"
            for o, n in outcomes.items()
            if n
        )
        cells = [[title, day], formats.number_text(row["rows_read"]), outcome_text]
        if is_editor:
            cells.append(downloads.sender_links(row["document"], forms))
        body.append(cells)
    return plain_table(heads, body, numeric=(1,))


def control_totals_table(scene: PageScene) -> Any:
    """Published figures beside what was read; those that differ are brought out."""
    assert scene.data is not None
    totals = scene.data.control_totals(scene.viewer)
    if not totals.height:
        return empty_note(_("Aucun total publié dans ces documents."))
    compared = totals.with_columns((pl.col("read") - pl.col("published")).alias("gap"))
    compared = compared.with_columns(
        pl.when(pl.col("gap").is_null())
        .then(2)
        .when(pl.col("gap").abs() < 0.005)
        .then(1)
        .otherwise(0)
        .alias("order")
    ).sort("order", maintain_order=True)
    rows = compared.to_dicts()
    heads = [_("Total"), _("Zone"), _("Publié"), _("Lu"), _("Écart")]
    body = [_total_row(scene, row) for row in rows]
    return plain_table(heads, body, numeric=(2, 3, 4), marked=[row["order"] == 0 for row in rows])


def _total_row(scene: PageScene, row: dict[str, Any]) -> list[Any]:
    assert scene.data is not None
    unit = scene.data.frames.unit_label(row["unit_id"]) if row["unit_id"] else ""
    name = " ".join(part for part in (row["name"], row["period"]) if part)
    currency = f"\u00a0{row['currency']}" if row["currency"] else ""
    gap = "" if row["gap"] is None else _signed_text(row["gap"])
    title = html.Div([name, html.Div(row["file"], className="stale")])
    return [title, unit, _figure_text(row["published"]) + currency, _figure_text(row["read"]), gap]


def _figure_text(value: float | None) -> str:
    return formats.number_text(value, 0 if value is None or value == round(value) else 2)


def _signed_text(gap: float) -> str:
    return "0" if abs(gap) < 0.005 else f"{'+' if gap > 0 else '−'}{_figure_text(abs(gap))}"


def finding_groups(table: pl.DataFrame) -> list[Any]:
    """Findings by severity and code, each with a few of its sentences."""
    if not table.height:
        return [empty_note(_("Aucun constat."))]
    rank = {severity: i for i, severity in enumerate(SEVERITIES)}
    groups = table.group_by("severity", "code").agg(
        pl.len().alias("n"), pl.struct("locator", "params").head(MOST_EXAMPLES).alias("some")
    )
    ordered = sorted(
        groups.to_dicts(), key=lambda g: (rank.get(g["severity"], 9), -g["n"], g["code"])
    )
    return [_finding_group(group) for group in ordered]


def _finding_group(group: dict[str, Any]) -> html.Details:
    sentences = [
        f"{s['locator'] or ''} — {finding_sentence(group['code'], s['params'])}"
        for s in group["some"]
    ]
    if group["n"] > len(sentences):
        sentences.append(
            _(
                "… et {n} autres, dans le fichier.",
                n=formats.number_text(group["n"] - len(sentences)),
            )
        )
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(
                        label("severity", group["severity"]),
                        className=f"tag tag-{group['severity']}",
                    ),
                    f" {formats.number_text(group['n'])} · {sentences[0].partition(' — ')[2]}",
                ]
            ),
            html.Ul([html.Li(text) for text in sentences]),
        ],
        className="finding",
    )


def all_findings_table(scene: PageScene) -> pl.DataFrame:
    """All findings with their sentences, for the file."""
    assert scene.data is not None
    table = scene.data.findings_with_files(scene.viewer)
    sentences = [
        finding_sentence(code, params)
        for code, params in table.select("code", "params").iter_rows()
    ]
    return table.with_columns(pl.Series("sentence", sentences, dtype=pl.String)).select(
        "file", "locator", "severity", "code", "field", "sentence"
    )

"""Who was to report and did not: read out, then row by row; counts without their items."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from dash import html

from atlas import summaries
from atlas.answers import Answer
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.web import declaring, downloads, reference, say, why
from atlas.web.attributes import attrs
from atlas.web.desk import Scene, ask
from atlas.web.gap_tables import place_name
from atlas.web.settings import settings
from atlas.web.tables import empty, more_rows, note, plain
from atlas.web.words import reporter_name

MOST_ROWS = 400


def reporting(scene: Scene) -> list[Any]:
    """Late reporters, the table of expected reports, and what is published without detail."""
    answer = ask(scene, "reporting")
    if not answer.table.height:
        told: list[Any] = [
            empty(
                _(
                    "Personne n'est dit devoir rendre compte ici : sans cela, un silence ne veut "
                    "rien dire. Ajoutez le tableau « qui rend compte, où, jusqu'à quand » : "
                    "Importer, ou atlas context add reporting FICHIER."
                )
            )
        ]
    else:
        told = [
            *_read_out(answer.table),
            note(_("Échéances jugées au {day}.", day=reference.day_words(scene, answer))),
            html.Div(_days(scene, answer), className="chips-row"),
            settings(scene, "reporting"),
            *_counted(scene, answer.table),
            *_table(scene, answer.table),
            *declaring.declaring(scene, answer.table),
        ]
    return [*told, *_published(scene)]


def _days(scene: Scene, answer: Answer) -> list[Any]:
    """Back to the newest report, or on to the newest document of all."""
    later = reference.later_day(scene, answer)
    ahead = [reference.day_on(answer, later)] if later else []
    return [*reference.days_back(scene, answer), *ahead]


def _counted(scene: Scene, table: pl.DataFrame) -> list[Any]:
    """How many of those who should report on a zone and sector did, for their latest period."""
    latest = table.filter(pl.col("period_end") == pl.col("period_end").max().over("fact"))
    heard = pl.col("state").is_in(["on_time", "late"])
    counts = latest.group_by("place_id", "unit_name", "sector", maintain_order=True).agg(
        pl.col("reporter").filter(heard).n_unique().alias("heard"),
        pl.col("reporter").n_unique().alias("every"),
    )
    rows = [
        [
            place_name(scene, row) or say.UNKNOWN,
            label("sector", row["sector"]),
            _("{n} sur {every}", n=say.number(row["heard"]), every=say.number(row["every"])),
        ]
        for row in counts.sort("unit_name", "sector", nulls_last=True).head(MOST_ROWS).to_dicts()
    ]
    title = _("Rapports reçus, par zone et secteur")
    return [html.H3(title), plain([_("Zone"), _("Secteur"), _("Rendus")], rows, caption=title)]


def late(table: pl.DataFrame) -> list[str]:
    """The sentences that name who has not reported, one a period, the longest first.

    Parameters
    ----------
    table
        Of the layer ``reporting``.
    """
    lines = []
    owed = table.filter(pl.col("state") == "missing")
    for (end,), rows in owed.group_by("period_end", maintain_order=True):
        people = (
            rows.group_by("reporter")
            .agg(pl.col("days_late").max(), pl.col("place_id").n_unique().alias("units"))
            .sort("days_late", "reporter", descending=[True, False], nulls_last=True)
        )
        names = [_owing(*row) for row in people.iter_rows()]
        day = say.day(end) if isinstance(end, date) else say.UNKNOWN
        lines.append(
            _(
                "N'ont pas rendu compte de la période close le {day} : {names}.",
                day=day,
                names=", ".join(names),
            )
        )
    return lines


def _owing(reporter: str, days: int | None, units: int) -> str:
    name = reporter_name(reporter)
    where = ngettext("{n} zone", "{n} zones", units)
    if days is None:
        return _("{name} ({where})", name=name, where=where)
    since = ngettext("{n} jour de retard", "{n} jours de retard", days)
    return _("{name} ({since}, {where})", name=name, since=since, where=where)


def _read_out(table: pl.DataFrame) -> list[Any]:
    lines = late(table)
    if not lines:
        lines = [_("Pour ces périodes, tous ceux dont l'échéance est passée ont rendu compte.")]
    return [
        html.Div([html.P(line) for line in lines], className="read-out"),
        html.Button(
            _("Copier le texte"),
            className="copy-text",
            **attrs(data_copy_text="\n".join(lines), data_done=_("Texte copié")),
        ),
    ]


def _table(scene: Scene, table: pl.DataFrame) -> list[Any]:
    heads = [
        _("Qui"),
        _("Zone"),
        _("Secteur"),
        _("Jusqu'au"),
        _("État"),
        _("Retard"),
        _("Activités"),
    ]
    n = table.height
    words = ngettext("{shown} rapport attendu", "{shown} rapports attendus", n, shown=say.number(n))
    parts: list[Any] = [
        note(f"{words}.", downloads.links("rapports")),
        plain(
            heads, [_row(scene, r) for r in table.head(MOST_ROWS).to_dicts()], (5, 6), caption=words
        ),
    ]
    return parts + more_rows(n - MOST_ROWS)


def _row(scene: Scene, row: dict[str, Any]) -> list[Any]:
    sector = label("sector", row["sector"])
    report = f"{row['fact']}.{row['period_start']}"
    late_by = row["days_late"] if row["state"] in ("late", "missing") else None
    return [
        reporter_name(row["reporter"]),
        place_name(scene, row) or say.UNKNOWN,
        sector,
        say.short_day(row["period_end"]),
        capitalised(label("state", row["state"])),
        ngettext("{n} jour", "{n} jours", late_by) if late_by else "",
        why.number(say.number(row["activities"]), "report", "", report),
    ]


def _published(scene: Scene) -> list[Any]:
    """What is published as a count, beside what is told one by one."""
    assert scene.data is not None
    view = scene.view
    told = summaries.detailed(scene.data, view.filters, view.frame, view.level, scene.viewer)
    if not told.height:
        return []
    rows = [
        [
            r["unit_name"],
            label("sources", r["source"]),
            why.number(say.number(r["published"]), "published", r["unit_id"], r["source"]),
            why.number(say.number(r["read"]), "source", r["unit_id"], r["source"]),
        ]
        for r in told.sort("unit_name", "source").to_dicts()
    ]
    heads = [_("Zone"), _("Source"), _("Publiés"), _("Dont détaillés ici")]
    return [
        html.H3(_("Publié, non détaillé")),
        note(_("Des projets comptés par leur source, dont le détail n'est pas dans l'atlas.")),
        plain(heads, rows, numeric=(2, 3)),
    ]

"""The tables of the coverage gaps: cells by rank with their parts, and the local priorities."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from dash import html

from atlas.answers import Answer
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.coverage import ALIKE
from atlas.layers.gaps import CLASSES, COVERED, GAP, PARTIAL
from atlas.vocab import by_id
from atlas.web import downloads, gap_matrix, say, why
from atlas.web.attributes import attrs, go
from atlas.web.desk import Scene
from atlas.web.reference import days_back
from atlas.web.silence import reports_said
from atlas.web.tables import empty, filled, joined, more_rows, note, plain
from atlas.web.words import stopped_words

MOST_ROWS = 25


def ranked(known: pl.DataFrame, scene: Scene) -> list[Any]:
    """The cells by score, the worst first, of the class that the URL asks for."""
    parts = {
        "": known,
        GAP: known.filter(pl.col("state") == GAP),
        **{kind: known.filter(pl.col("class") == kind) for kind in CLASSES},
    }
    chosen = scene.view.only if scene.view.only in parts else ""
    chips = [
        html.Button(
            f"{_shown(which)} ({say.number(cells.height)})",
            className="chip",
            **attrs(aria_pressed=str(which == chosen).lower()),
            **go(only=which),
        )
        for which, cells in parts.items()
    ]
    table = by_rank(parts[chosen])
    shown = html.Div(chips, className="chips-row", role="group")
    if not table.height:
        return [shown, empty(_("Aucune zone de cette classe."))]
    return [shown, *(part for cells in alike(table) for part in _ranking(cells))]


def _shown(which: str) -> str:
    """What the table is narrowed to, by the URL's ``only``."""
    words = label("state" if which == GAP else "class", which)
    return capitalised(words) if which else _("Tous les besoins")


def _ranking(table: pl.DataFrame) -> list[Any]:
    """The cells of one sector whose needs are told alike: one ranking, and no other in it."""
    heads = [_("Rang"), _("Zone et secteur"), _("État"), _("Besoin"), _("Réponse"), _("Accès"),
             _("Score")]  # fmt: skip
    rows = [_row(row) for row in table.head(MOST_ROWS).to_dicts()]
    title = alike_name(table.row(0, named=True))
    body = html.Div(plain(heads, rows, (0,), caption=title), className="gap-table")
    return [html.H4(title), body, *more_rows(table.height - MOST_ROWS)]


def by_rank(cells: pl.DataFrame) -> pl.DataFrame:
    """The worst first; of equal scores, the greater need."""
    keys = ["rank", "need", "unit_name", "sector"]
    return cells.sort(keys, descending=[False, True, False, False], nulls_last=True)


def alike(cells: pl.DataFrame) -> list[pl.DataFrame]:
    """The cells parted into rankings: those of a sector whose need is told in one way."""
    parts = by_rank(cells).partition_by(ALIKE, maintain_order=True)
    return sorted(parts, key=lambda part: alike_name(part.row(0, named=True)))


def alike_name(row: dict[str, Any]) -> str:
    """What the needs of one ranking are of: ``EHA, personnes dans le besoin``."""
    sector = capitalised(label("sector", row["sector"]))
    what = label("indicators", row["need_indicator"]) if row["need_indicator"] else ""
    return ", ".join(part for part in (sector, what[:1].lower() + what[1:]) if part)


def _row(row: dict[str, Any]) -> list[Any]:
    sector = label("sector", row["sector"])
    score = say.UNKNOWN if row["score"] is None else say.number(row["score"], 2)
    return [
        say.number(row["rank"]),
        html.Div([html.Strong(row["unit_name"]), html.Div(sector, className="meta")]),
        html.Div([_tag(row["state"], label("state", row["state"])), *_class_tag(row["class"])]),
        _part(need_words(row), row["need_score"], _places(row)),
        _part(_answer(row), row["response_score"], _doubts(row), "response"),
        _part(say.number(row["access"]), row["access_score"]),
        _part(score, row["score"], kind="score"),
    ]


def _tag(code: str, words: str) -> html.Span:
    return html.Span(
        [html.Span(gap_matrix.SIGNS.get(code, ""), **attrs(aria_hidden="true")), words],
        className=f"tag gap-{code}",
    )


def _class_tag(kind: str | None) -> list[html.Span]:
    return [_tag(kind, label("class", kind))] if kind else []


def _part(words: Any, share: float | None, doubts: Any = "", kind: str = "") -> html.Div:
    """A figure over a bar from 0 to 1; hatched where its part of the score is unknown."""
    width = "" if share is None else f"{100 * share:.0f}%"
    bar = html.Span(className="fill", style={"width": width}) if width else None
    known = "bar01" if width else "bar01 unknown"
    said = _("inconnu") if share is None else say.number(share, 2)
    meta = [html.Div(doubts, className="meta")] if doubts else []
    return html.Div(
        [html.Div(words), html.Span(bar, className=f"{known} {kind}".strip(), title=said), *meta]
    )


def _places(row: dict[str, Any]) -> str:
    if row["need_units"] is not None:
        return _known(row)
    if (row["need_places"] or 0) < 2:
        return ""
    return _("somme de {n} lieux", n=say.number(row["need_places"]))


def _known(row: dict[str, Any]) -> str:
    return _(
        "besoin connu pour {n} de {total} {levels}",
        n=say.number(row["need_units_known"]),
        total=say.number(row["need_units"]),
        levels=label("level", row["need_units_level"], full=True),
    )


def known_of(row: dict[str, Any]) -> str:
    """Of how many of its smaller units the need of a cell is known, in a sentence."""
    sector = capitalised(label("sector", row["sector"]))
    return _("{sector} : {known}.", sector=sector, known=_known(row))


def _answer(row: dict[str, Any]) -> Any:
    words = ngettext("{n} activité", "{n} activités", row["response"])
    cell = row["unit_id"], row["sector"] or ""
    counted = why.number(words, "response", *cell) if row["response"] else words
    if row["people"] is None:
        return counted
    told = _("{n} personnes", n=say.number(row["people"]))
    return html.Span([why.number(told, "people", *cell), " · ", counted])


def _doubts(row: dict[str, Any]) -> list[Any]:
    """What must be known of an answer: what is past, placed widely, or not reported on."""
    told: list[Any] = []
    cell = row["unit_id"], row["sector"] or ""
    if n := row["response_ended"]:
        told.append(ngettext("dont {n} terminée", "dont {n} terminées", n))
    if row["ended_days"] is not None:
        days = row["ended_days"]
        told.append(ngettext("terminé depuis {n} jour", "terminé depuis {n} jours", days))
    stopped = stopped_words(row["activities_cancelled"], row["activities_suspended"])
    for status, words in stopped.items():
        figure = why.number(say.number(row[f"activities_{status}"]), status, *cell)
        told.append(html.Span(filled(words, figure)))
    if n := row["activities_past"]:
        words = ngettext("{n} passée", "{n} passées", n)
        told.append(why.number(words, "response_past", *cell))
    if n := row["activities_inherited"]:
        words = ngettext("{n} au périmètre", "{n} au périmètre", n)
        told.append(why.number(words, "response_inherited", *cell))
    if row["wider"]:
        told.append(_("d'autres placées plus largement"))
    if not row["response"] and not row["reported"]:
        told.append(reports_said(row) if row["reporters"] else _("aucun rapport reçu ici"))
    if row["budget_per_head"] is not None:
        told.append(_("{money} par habitant", money=say.short_usd(row["budget_per_head"])))
    return joined([one] for one in told)


def cell_name(row: dict[str, Any]) -> str:
    """The unit of a cell, and its sector."""
    if not row["sector"]:
        return str(row["unit_name"])
    return _("{unit}, {sector}", unit=row["unit_name"], sector=label("sectors", row["sector"]))


def need_words(row: dict[str, Any]) -> str:
    """A need in words: people, a level of its scale, or how many local priorities."""
    if row["need"] is None:
        return ngettext("{n} priorité locale", "{n} priorités locales", row["priorities"])
    figure = say.number(row["need"], 0 if row["need"] == round(row["need"]) else 1)
    if in_people(row["need_indicator"]):
        return _("{n} personnes", n=figure)
    return f"{label('indicators', row['need_indicator'])} {figure}"


def in_people(indicator: str) -> bool:
    """Whether an indicator of need counts people."""
    return by_id("indicators").get(indicator, {}).get("unit") == "people"


def needs_said(known: pl.DataFrame, today: object) -> str:
    """Which tables the needs of some cells come from, and how old they are."""
    told = (
        known.drop_nulls("need")
        .group_by("need_indicator")
        .agg(pl.col("need_as_of").min().alias("first"), pl.col("need_as_of").max().alias("last"))
        .sort("need_indicator")
    )
    parts = [_dated(name, first, last, today) for name, first, last in told.iter_rows()]
    return _("Besoins : {tables}.", tables=" ; ".join(parts)) if parts else ""


def _dated(indicator: str, first: date | None, last: date | None, today: object) -> str:
    days = say.day(first) if first == last else f"{say.day(first)} – {say.day(last)}"
    words = _("{what}, au {days}", what=label("indicators", indicator), days=days)
    if first is None or not isinstance(today, date):
        return words
    months = (today - first).days // 30
    if months < 1:
        return words
    ago = ngettext("il y a {n} mois", "il y a {n} mois", months)
    return f"{words} ({ago})"


def expired(cells: pl.DataFrame, day: date | None) -> list[Any]:
    """The needs that are past on the day of reference: greyed, never dropped."""
    past = cells.drop_nulls("need_expired").sort("unit_name", "sector", nulls_last=True)
    if not past.height:
        return []
    heads = [_("Zone"), _("Secteur"), _("Valable jusqu'au")]
    rows = [
        [
            html.Span(cell, className="stale")
            for cell in (
                row["unit_name"],
                label("sector", row["sector"]),
                say.short_day(row["need_expired"]),
            )
        ]
        for row in past.head(MOST_ROWS).to_dicts()
    ]
    title = _("Besoins expirés au {day}", day=say.day(day))
    return [
        html.H3(title), plain(heads, rows, caption=title), *more_rows(past.height - MOST_ROWS)
    ]  # fmt: skip


# local priorities


def local(scene: Scene, answer: Answer) -> list[Any]:
    """The priorities chosen locally, those without an activity first; the past are counted."""
    wanted, past, day = answer.table, int(str(answer.meta["expired"])), answer.meta["reference"]
    told = ngettext(
        "{n} priorité expirée au {day}.",
        "{n} priorités expirées au {day}.",
        past,
        day=say.day(day if isinstance(day, date) else None),
    )
    counted = [html.P(told, className="stale"), *days_back(scene, answer)] if past else []
    if not wanted.height:
        return counted
    figures = [_counted(scene, row) for row in wanted.drop_nulls("listed").to_dicts()]
    order = pl.col("state").replace_strict({GAP: 0, PARTIAL: 1, COVERED: 2}, default=3)
    listed = wanted.filter(pl.col("listed").is_null()).sort(order, "unit_name", "text")
    parts: list[Any] = [html.H3(_("Priorités locales")), *(html.P(line) for line in figures)]
    parts += counted
    if not listed.height:
        return parts
    missed = listed.filter(pl.col("state") == GAP).height
    words = _(
        "{missed} sur {all} sans activité depuis qu'elles sont posées.",
        missed=say.number(missed),
        all=say.number(listed.height),
    )
    heads = [_("Zone"), _("Priorité"), _("Secteur"), _("État"), _("Activités"), _("Depuis")]
    rows = [_priority(scene, row) for row in listed.head(MOST_ROWS).to_dicts()]
    table = plain(heads, rows, (4,), caption=_("Priorités locales"))
    return [*parts, note(words, downloads.links("priorites")), table]


def _counted(scene: Scene, row: dict[str, Any]) -> str:
    """A number of priorities published without their list, and what they are about."""
    about = f" ({row['text']})" if row["text"] else ""
    document = scene.tables.context["document"][row["fact"]]
    files = scene.tables.documents.filter(document=document)["file"]
    return _(
        "{place} : {n} priorités publiées sans leur liste, au {day}{about}, dans {file}.",
        file=files.first() or row["source"],
        place=place_name(scene, row),
        n=say.number(row["listed"]),
        day=say.day(row["as_of"]),
        about=about,
    )


def place_name(scene: Scene, row: dict[str, Any]) -> str:
    """The place that a fact is stated of, as finely as this viewer is told."""
    assert scene.data is not None
    own = row["place_id"]
    return scene.data.frames.label(own) if own in scene.data.frames else row["unit_name"]


def _priority(scene: Scene, row: dict[str, Any]) -> list[Any]:
    return [
        place_name(scene, row),
        row["text"] or say.UNKNOWN,
        label("sectors", row["sector"]) if row["sector"] else _("sans secteur"),
        _tag(row["state"], label("state", row["state"])),
        why.number(say.number(row["activities"]), "priority", "", str(row["fact"])),
        say.short_day(row["as_of"]),
    ]

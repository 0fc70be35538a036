"""Sentences of answers, the same on the page and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from atlas import formats
from atlas.dataset import Answer
from atlas.geo import estimated, shapes
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.change import Change
from atlas.vocab import entries_by_id

MOST_NAMES = 6
"""Places named beside a change."""
ACTIVITY_CHANGES = [c for c in Change if c not in (Change.FIRST_ACTOR, Change.LAST_ACTOR)]


def change_sentences(answer: Answer, level: str) -> list[str]:
    """The sentences that a chairperson reads out.

    Parameters
    ----------
    answer
        Of the layer ``change``.
    level
        Level of its units.
    """
    table = answer.table
    head = _comparison_sentence(answer)
    activities = table.filter(pl.col("activity_id").is_not_null())
    if not table.height:
        return [head, _("Rien n'a changé.")]
    counted = [_counted_activities_text(activities, kind) for kind in ACTIVITY_CHANGES]
    changes = [part for part in counted if part]
    lines = [head]
    if changes:
        lines.append(_("{changes}.", changes=" ; ".join(changes)))
    lines += _money_sentences(activities)
    lines += [
        _units_sentence(table, kind, level) for kind in (Change.LAST_ACTOR, Change.FIRST_ACTOR)
    ]
    return [line for line in lines if line]


def _comparison_sentence(answer: Answer) -> str:
    before, now = answer.meta["since_as_of"], answer.meta["reference"]
    if answer.meta["since"]:
        return _(
            "Depuis l'état précédent (documents jusqu'au {before}, à présent jusqu'au {now}) :",
            before=formats.day_text(before),  # type: ignore[arg-type]
            now=formats.day_text(answer.meta["as_of"]),  # type: ignore[arg-type]
        )
    return _("Du {before} au {now} :", before=formats.day_text(before), now=formats.day_text(now))  # type: ignore[arg-type]


def _counted_activities_text(activities: pl.DataFrame, kind: Change) -> str:
    """``5 activités nouvelles (Gao 3, Mopti 2)``; empty where there is none."""
    of_kind = activities.filter(pl.col("change") == kind)
    n = of_kind["activity_id"].n_unique()
    if not n:
        return ""
    words = {
        Change.NEW: ngettext("{n} activité nouvelle", "{n} activités nouvelles", n),
        Change.STARTED: ngettext("{n} commencée", "{n} commencées", n),
        Change.SUSPENDED: ngettext("{n} suspendue", "{n} suspendues", n),
        Change.CANCELLED: ngettext("{n} annulée", "{n} annulées", n),
        Change.RESUMED: ngettext("{n} reprise", "{n} reprises", n),
        Change.PEOPLE: ngettext(
            "{n} au nombre de personnes changé", "{n} au nombre de personnes changé", n
        ),
        Change.ENDED: ngettext("{n} terminée", "{n} terminées", n),
        Change.EXTENDED: ngettext("{n} prolongée", "{n} prolongées", n),
        Change.SHORTENED: ngettext("{n} écourtée", "{n} écourtées", n),
        Change.MOVED: ngettext("{n} déplacée", "{n} déplacées", n),
        Change.AMOUNT: ngettext("{n} au montant changé", "{n} au montant changé", n),
        Change.GONE: ngettext("{n} n'est plus signalée", "{n} ne sont plus signalées", n),
    }[kind]
    named = of_kind.unique("activity_id").drop_nulls("unit_name").group_by("unit_name").len()
    where = named.sort(["len", "unit_name"], descending=[True, False])
    places = [f"{name} {count}" for name, count in where.head(MOST_NAMES).iter_rows()]
    return f"{words} ({', '.join(places)})" if places else words


def _money_sentences(activities: pl.DataFrame) -> list[str]:
    """What the changed budgets add up to; nothing where none is known on both sides."""
    budgets = activities.filter((pl.col("change") == Change.AMOUNT) & (pl.col("field") == "budget"))
    known = budgets["difference_usd"].drop_nulls()
    if not known.len():
        return []
    total = round(float(known.sum()), 2)
    amount = formats.usd_text(abs(total))
    if total < 0:
        return [_("Budgets changés : {amount} de moins.", amount=amount)]
    return [_("Budgets changés : {amount} de plus.", amount=amount)]


def _units_sentence(table: pl.DataFrame, kind: str, level: str) -> str:
    names = sorted(table.filter(pl.col("change") == kind)["unit_name"].to_list())
    if not names:
        return ""
    listed = ", ".join(names)
    if kind == Change.LAST_ACTOR:
        return _(
            "{levels} sans plus aucun acteur : {names}.",
            levels=capitalised(label("level", level, full=True)),
            names=listed,
        )
    return _(
        "{levels} avec un premier acteur : {names}.",
        levels=capitalised(label("level", level, full=True)),
        names=listed,
    )


def known_units_text(row: Mapping[str, Any]) -> str:
    """Of how many of its smaller units the need of a cell is known."""
    return _(
        "besoin connu pour {n} de {total} {levels}",
        n=formats.number_text(row["need_units_known"]),
        total=formats.number_text(row["need_units"]),
        levels=label("level", row["need_units_level"], full=True),
    )


def cell_name(row: dict[str, Any]) -> str:
    """The unit of a cell, and its sector."""
    if not row["sector"]:
        return str(row["unit_name"])
    return _("{unit}, {sector}", unit=row["unit_name"], sector=label("sectors", row["sector"]))


def need_text(row: dict[str, Any]) -> str:
    """A need in words: people, a level of its scale, or how many local priorities."""
    if row["need"] is None:
        return ngettext("{n} priorité locale", "{n} priorités locales", row["priorities"])
    figure = formats.number_text(row["need"], 0 if row["need"] == round(row["need"]) else 1)
    if is_in_people(row["need_indicator"]):
        return _("{n} personnes", n=figure)
    return f"{label('indicators', row['need_indicator'])} {figure}"


def is_in_people(indicator: str) -> bool:
    """Whether an indicator of need counts people."""
    return entries_by_id("indicators").get(indicator, {}).get("unit") == "people"


def need_sources_text(known: pl.DataFrame, today: object) -> str:
    """Which tables the needs of some cells come from, and how old they are."""
    by_indicator = (
        known.drop_nulls("need")
        .group_by("need_indicator")
        .agg(pl.col("need_as_of").min().alias("first"), pl.col("need_as_of").max().alias("last"))
        .sort("need_indicator")
    )
    parts = [
        _dated_need_text(name, first, last, today) for name, first, last in by_indicator.iter_rows()
    ]
    return _("Besoins : {tables}.", tables=" ; ".join(parts)) if parts else ""


def _dated_need_text(indicator: str, first: date | None, last: date | None, today: object) -> str:
    days = (
        formats.day_text(first)
        if first == last
        else f"{formats.day_text(first)} – {formats.day_text(last)}"
    )
    words = _("{what}, au {days}", what=label("indicators", indicator), days=days)
    if first is None or not isinstance(today, date):
        return words
    months = (today - first).days // 30
    if months < 1:
        return words
    ago = ngettext("il y a {n} mois", "il y a {n} mois", months)
    return f"{words} ({ago})"


def boundary_text(frame: str, level: str) -> str:
    """What the lines of the map are, and how sure: official, derived, indicative, a point."""
    status, drawn = shapes.boundary_status(), shapes.count_by_basis(frame, level)
    shown = _(
        "{levels} du {frame}", levels=label("level", level, full=True), frame=label("frame", frame)
    )
    parts = [capitalised(shown)]
    if status["installed"]:
        parts.append(_("limites : {source}", source=_boundary_publishers(frame, level)))
    else:
        parts.append(_("limites officielles non installées"))
    basis_counts = [
        _("{name} : {value}", name=label("boundary", basis), value=formats.number_text(n))
        for basis, n in drawn.items()
        if basis != "official"
    ]
    parts.append(", ".join(basis_counts))
    if drawn.get("estimated"):
        parts.append(
            _(
                "communes des cercles : listes publiques du {day}",
                day=formats.day_text(estimated.AS_OF),
            )
        )
    return " ; ".join(part for part in parts if part) + "."


def _boundary_publishers(frame: str, level: str) -> str:
    """The official boundaries that draw the units of a map, each with its date."""
    status = shapes.boundary_status()
    versions = [
        v for v, places in shapes.units_by_version().items() if f"{frame}/{level}" in places
    ]
    dated_versions = [
        f"{v} ({formats.day_text(date.fromisoformat(day))})"
        if (day := status["dates"].get(v))
        else v
        for v in versions
    ]
    return (
        "OCHA COD-AB Mali, " + ", ".join(dated_versions)
        if dated_versions
        else str(status["source"])
    )

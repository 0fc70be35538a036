"""Synthetic activities over the real communes, as many as a benchmark asks for."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from atlas.fields import BENEFICIARIES
from atlas.geo.frames import shipped_frames
from atlas.model import SCHEMAS, Source, Tables, check, empty, frame_of

SOURCES = [str(source) for source in Source if source is not Source.STATE_PLAN]
SECTORS = [
    "health",
    "education",
    "wash",
    "food-security",
    "protection",
    "local-economy",
    "governance",
]
ORGANISATIONS = [f"org-{number}" for number in range(400)]
TYPES = ["un", "international-ngo", "national-ngo", "government"]
AS_OF = date(2022, 3, 31)
LISTS = 400
"""Documents the synthetic activities come in."""
AGAIN = 0.03
"""Share of the rows that tell another row once more, in another list."""
WORK = [
    "Réhabilitation", "Construction", "Équipement", "Appui", "Formation", "Distribution",
    "Sensibilisation", "Mise en place", "Suivi", "Évaluation", "Extension", "Fourniture",
    "Organisation", "Renforcement", "Prise en charge", "Entretien", "Création", "Plaidoyer",
]  # fmt: skip
OBJECT = [
    "du centre de santé", "d'un forage", "des écoles fondamentales", "de latrines scolaires",
    "de kits d'hygiène", "de semences améliorées", "de vivres", "des comités de gestion",
    "d'un périmètre maraîcher", "de la digue", "de la piste rurale", "des groupements féminins",
    "de jeunes aux métiers", "des enseignants", "des agents de santé", "d'un marché à bétail",
    "de la maternité", "du système d'alerte précoce", "des ménages déplacés", "d'abris",
    "d'un parc de vaccination", "de la radio locale", "des relais communautaires", "du tribunal",
    "d'une banque de céréales", "de l'éclairage solaire", "des survivantes de violences",
    "de la cantine scolaire", "du dialogue entre communautés", "des coopératives de pêcheurs",
    "d'activités génératrices de revenus", "de moulins", "d'un château d'eau", "de la mairie",
    "du dépôt de médicaments", "de transferts monétaires", "d'aliments pour bétail",
    "de l'état civil", "des victimes de mines", "de la maison des jeunes",
]  # fmt: skip
FOR = [
    "pour les femmes", "pour {n} ménages", "pour {n} élèves", "pour les jeunes", "au quartier {n}",
    "avec les autorités locales", "en période de soudure", "après les inondations", "phase 1",
    "phase 2", "pour {n} personnes", "pour les familles d'accueil", "par travaux à haute intensité",
    "au profit des rapatriés", "dans {n} villages", "à l'hivernage", "", "", "", "",
]  # fmt: skip


def tables(rows: int, seed: int = 1) -> Tables:
    """The tables of ``rows`` synthetic activities, one commune and one amount each.

    They come in lists of many senders, under titles put together from words of the field, and
    a few tell another one again (`AGAIN`).
    """
    ids = [f"{number:016x}" for number in range(rows)]
    lists = [f"synthetic-{number}" for number in range(min(LISTS, rows))]
    told = _told(rows, random.Random(seed), lists)
    amounts = _fill(
        "amounts", rows, activity_id=ids, kind="budget", minor=told["minor"], currency="USD",
        usd_minor=told["minor"], rate=1.0, rate_date=AS_OF,
    )  # fmt: skip
    placements = _fill(
        "placements", rows, activity_id=ids, unit_id=told["unit"], weight=1, rule="reported",
        how="exact", score=1.0,
    )  # fmt: skip
    others = {name: empty(name) for name in ("rows", "findings", "control_totals", "context")}
    activities = _activities(ids, told)
    made = Tables(
        documents=frame_of("documents", [_document(name) for name in lists]),
        activities=activities,
        figures=_figures(activities),
        amounts=amounts,
        placements=placements,
        **others,
    )
    check(made)
    return made


def repeated(tables: Tables, times: int) -> Tables:
    """The same activities several times, under other ids: tables too long to make one by one."""
    told = ("activities", "amounts", "placements", "figures")
    parts = [tables]
    for number in range(1, times):
        other = pl.concat_str(pl.col("activity_id"), pl.lit(f"-{number}")).alias("activity_id")
        again = {name: getattr(tables, name).with_columns(other) for name in told}
        parts.append(replace(tables, documents=tables.documents.clear(), **again))
    return Tables.concat(parts)


def needs(seed: int = 2) -> pl.DataFrame:
    """Context of the same communes: people in need by sector and in all, severity of access."""
    dice = random.Random(seed)
    told = {"document": "synthetic-0", "as_of": AS_OF}
    facts: list[dict[str, Any]] = []
    for unit in shipped_frames().units_at_level("ml-2016", "commune")["unit_id"]:
        here = told | {"unit_id": unit}
        level = {
            "value": float(dice.randrange(6)),
            "scale": "ACAPS",
            "direction": "higher_is_worse",
        }
        facts.append(here | level | {"kind": "access", "indicator": "access-severity"})
        people = {"kind": "needs", "indicator": "people-in-need"}
        facts += [
            here | people | {"sector": sector, "value": float(dice.randrange(10_000))}
            for sector in (*SECTORS, None)
        ]
    return frame_of("context", facts)


def _document(name: str) -> dict[str, Any]:
    return {
        "document": name, "file": name, "reader": "ngo", "title": name,
        "as_of": AS_OF, "frame": "ml-2016", "rows_read": 0, "is_sample": False,
    }  # fmt: skip


def _told(rows: int, dice: random.Random, lists: list[str]) -> dict[str, list[Any]]:
    """What is drawn for each row, a list for each column."""
    units = shipped_frames().units_at_level("ml-2016", "commune")
    names = dict(units.select("unit_id", "name").iter_rows())

    def pick(values: list[str]) -> list[str]:
        return dice.choices(values, k=rows)

    told: dict[str, list[Any]] = {
        "source": pick(SOURCES),
        "document": pick(lists),
        "sector": pick(SECTORS),
        "giver": pick(ORGANISATIONS),
        "lead": pick(ORGANISATIONS),
        "doer": pick(ORGANISATIONS),
        "type": pick(TYPES),
        "start": [date(2020, 1, 1) + timedelta(days=dice.randrange(800)) for _row in range(rows)],
        "minor": [dice.randrange(100_000, 10_000_000) for _row in range(rows)],
        "unit": pick(units["unit_id"].to_list()),
    }
    told["title"] = [_title(dice, names[unit]) for unit in told["unit"]]
    _tell_again(told, dice, lists)
    return told


def _activities(ids: list[str], told: dict[str, list[Any]]) -> pl.DataFrame:
    return _fill(
        "activities",
        len(ids),
        activity_id=ids,
        kind="activity",
        source=told["source"],
        document=told["document"],
        locator=[f"L{number}" for number in range(len(ids))],
        as_of=AS_OF,
        title=told["title"],
        sector=told["sector"],
        donors=[[org] for org in told["giver"]],
        lead_org=told["lead"],
        implementers=[[org] for org in told["doer"]],
        organisations_raw=[[org] for org in told["lead"]],
        org_type=told["type"],
        status="ongoing",
        start=told["start"],
        end=[start + timedelta(days=200) for start in told["start"]],
        target=_people(len(ids), 3),
        reached=_people(len(ids), 4),
    )


def _figures(activities: pl.DataFrame) -> pl.DataFrame:
    """Displaced people and hosts among those reached, two of five and the others."""
    reached = activities.select("activity_id", "reached").drop_nulls()
    displaced = (pl.col("reached") * 0.4).floor()
    parts = [
        reached.select(
            "activity_id",
            value=people,
            status=pl.lit(group),
            indicator=pl.lit(BENEFICIARIES),
        )
        for group, people in (("idp", displaced), ("host", pl.col("reached") - displaced))
    ]
    rows = pl.concat(parts).with_columns(measure=pl.lit("reached"), is_part=pl.lit(value=False))
    return pl.concat([empty("figures"), rows], how="diagonal")


def _people(rows: int, seed: int) -> list[float | None]:
    """People of each row, drawn apart from all else; one of four says nothing."""
    dice = random.Random(seed)
    drawn = ((dice.random(), float(dice.randrange(10, 5_000))) for _row in range(rows))
    return [people if told < 0.75 else None for told, people in drawn]


def _title(dice: random.Random, place: str) -> str:
    """A synthetic title: some work on something, for someone, at times with its place."""
    what = f"{dice.choice(WORK)} {dice.choice(OBJECT)} {dice.choice(FOR)}"
    where = f" de {place}" if dice.random() < 0.5 else ""
    return what.format(n=dice.randrange(1, 60) * 10).strip() + where


def _tell_again(told: dict[str, list[Any]], dice: random.Random, lists: list[str]) -> None:
    """Let some rows tell an earlier one once more: same doer, place and month, sum rounded."""
    for row in range(1, len(told["unit"])):
        if dice.random() >= AGAIN:
            continue
        first = dice.randrange(row)
        for column in ("title", "sector", "lead", "giver", "start", "unit"):
            told[column][row] = told[column][first]
        words = told["title"][first].split()
        told["title"][row] = " ".join(words[:-1] if len(words) > 5 else words)
        told["minor"][row] = round(told["minor"][first], -4)
        told["document"][row] = dice.choice(lists)


def _fill(table: str, rows: int, **columns: object) -> pl.DataFrame:
    """Frame of a table from columns; a scalar repeats, an absent column is null."""
    schema = dict(SCHEMAS[table])
    return pl.DataFrame(
        {
            name: values if isinstance(values := columns.get(name), list) else [values] * rows
            for name in schema
        },
        schema=schema,
    )

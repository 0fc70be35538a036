"""How badly a cell is missed: need × response × access, as one score, a class and a rank.

Method: the Access Working Group of Burkina Faso sets the severity of access constraints,
the needs and the response of each commune beside each other and points out two kinds of
priority, *access priority* and *nexus priority* (OCHA, Global Humanitarian Overview,
"Understanding the severity of needs", gho.unocha.org). It publishes no thresholds and no
formula: those below are ours, and every one is a setting.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from atlas.i18n import N_
from atlas.layers.options import Option
from atlas.layers.reference import DAY

COVERED, PARTIAL, GAP = "covered", "partial", "gap"
ACCESS_PRIORITY, NEXUS_PRIORITY = "access_priority", "nexus_priority"
CLASSES = (ACCESS_PRIORITY, NEXUS_PRIORITY)
PARTS = ("need", "response", "access")


def _part_option(name: str, default: str, label: str) -> Option:
    return Option(name, default, label, "number", lowest=0, highest=1)


def _weight_option(name: str, label: str) -> Option:
    return Option(name, "1", label, "number", lowest=0, highest=10)


SCORE_OPTIONS = (
    Option(
        "need",
        "people",
        N_("Le besoin se lit d'abord dans"),
        choices={
            "people": N_("les personnes dans le besoin"),
            "severity": N_("les phases et niveaux"),
            "population": N_("les personnes, à défaut la population"),
        },
    ),
    Option(
        "need-scale",
        "rank",
        N_("Il se mesure"),
        choices={
            "rank": N_("à son rang parmi les zones"),
            "largest": N_("au plus grand besoin du secteur"),
            "population": N_("à la population"),
        },
    ),
    Option(
        "need-zones",
        "2",
        N_("Zones au besoin connu, au moins, pour les comparer"),
        "number",
        lowest=2,
        highest=999,
    ),
    DAY,
    Option("need-age", "730", N_("Un besoin sans date de fin vaut (jours)"), "number", lowest=0),
    Option(
        "activities",
        "need",
        N_("Activités comptées"),
        choices={
            "need": N_("en cours, ou faites depuis que le besoin est posé"),
            "current": N_("en cours à la date de référence"),
            "period": N_("toutes celles de la période"),
        },
    ),
    Option(
        "ended-days", "365", N_("Une activité terminée répond encore (jours)"), "number", lowest=0
    ),
    Option("undated-days", "365", N_("Une activité sans fin vaut (jours)"), "number", lowest=0),
    Option(
        "perimeter",
        "with",
        N_("Activités sans lieu propre, mises au périmètre de leur document"),
        choices={"with": N_("comptées"), "without": N_("laissées de côté")},
    ),
    Option(
        "measure",
        "people",
        N_("La réponse se mesure"),
        choices={
            "people": N_("aux personnes atteintes, à défaut visées"),
            "activities": N_("au nombre d'activités"),
            "organisations": N_("au nombre d'organisations"),
        },
    ),
    Option(
        "enough", "5", N_("Nombre d'activités tenu pour suffisant"), "number", lowest=1, highest=999
    ),
    _part_option("partial-from", "0.1", N_("Couverture partielle à partir de")),
    _part_option("covered-from", "0.75", N_("Couvert à partir de")),
    Option(
        "access",
        "worst",
        N_("Sévérité de l'accès"),
        choices={"worst": N_("la pire de la zone"), "mean": N_("la moyenne de la zone")},
    ),
    _weight_option("need-weight", N_("Poids du besoin")),
    _weight_option("response-weight", N_("Poids de la réponse")),
    _weight_option("access-weight", N_("Poids de l'accès")),
    _part_option("high-need", "0.67", N_("Besoin élevé à partir de")),
    _part_option("moderate-need", "0.33", N_("Besoin modéré à partir de")),
    _part_option("severe-access", "0.6", N_("Accès difficile à partir de")),
    _part_option("weak-response", "0.5", N_("Réponse faible au-dessous de")),
)


def response_score(measure: str, enough: float) -> list[pl.Expr]:
    """How much of the need is answered, from 0 to 1, and by which measure it is known.

    People: those reached, else targeted, over the people in need; activities whose people
    nobody gives, or that answer a need not told in people, count as a part of ``enough``.
    The better of the two counts, so that one activity more never lowers it; ``sufficient``
    is the one that may tell that the need is covered.
    """
    by_people = pl.when(pl.col("counted") & (pl.col("need") > 0)).then(
        (pl.col("people") / pl.col("need")).clip(0, 1)
    )
    told = "presence" if measure == "organisations" else "response"
    loose = pl.when(by_people.is_null()).then(pl.col("response")).otherwise(pl.col("uncounted"))
    number = loose if measure == "people" else pl.col(told)
    by_number = (number / enough).clip(0, 1)
    if measure != "people":
        return [
            by_number.alias("response_score"),
            by_number.alias("sufficient"),
            pl.lit(measure).alias("measure"),
        ]
    return [
        pl.max_horizontal(by_people, by_number).alias("response_score"),
        by_people.alias("sufficient"),
        pl.when(by_people.is_not_null() & (by_people >= by_number))
        .then(pl.lit("people"))
        .otherwise(pl.lit("activities"))
        .alias("measure"),
    ]


def need_state(partial_from: float, covered_from: float) -> pl.Expr:
    """``covered``, ``partial`` or ``gap`` of a cell whose need is known.

    Where the need is none, it is covered. A number of activities shows that something is
    done, not that it suffices: unless it is the measure asked for, it makes no cell covered.
    """
    score, enough = pl.col("response_score"), pl.col("sufficient").fill_null(0.0)
    return (
        pl.when(pl.col("need") == 0)
        .then(pl.lit(COVERED))
        .when((enough >= covered_from) & (enough > 0))
        .then(pl.lit(COVERED))
        .when((score >= partial_from) & (score > 0))
        .then(pl.lit(PARTIAL))
        .otherwise(pl.lit(GAP))
    )


def gap_score(weights: Mapping[str, float]) -> list[pl.Expr]:
    """The score of a cell and how many of its parts are known.

    The weighted geometric mean of *need*, *1 − response* and *(1 + access) / 2*: what needs
    nothing, or is fully answered, has no gap, and constraints of access make a gap worse
    (from a half, where there are none, to one) without being needed for one. Where access
    is unknown it is left out with its weight; where need or response is unknown there is no
    score.
    """
    parts = {
        "need": pl.col("need_score"),
        "response": 1 - pl.col("response_score"),
        "access": (1 + pl.col("access_score")) / 2,
    }
    known = {name: part.is_not_null() for name, part in parts.items()}
    weight = pl.sum_horizontal(
        *(pl.when(known[name]).then(weights[name]).otherwise(0.0) for name in PARTS)
    )
    product = pl.lit(1.0)
    for name in PARTS:
        product = product * parts[name].fill_null(1.0).pow(weights[name])
    whole = known["need"] & known["response"] & (weight > 0)
    return [
        pl.when(whole).then(product.pow(1 / weight)).alias("score"),
        pl.sum_horizontal(*(known[name].cast(pl.Int64) for name in PARTS)).alias("parts"),
    ]


def priority_class(
    high_need: float, moderate_need: float, severe_access: float, weak_response: float
) -> pl.Expr:
    """``access_priority``: severe access, high need, weak response. ``nexus_priority``: low to
    moderate access constraints, moderate need, weak response. Null: neither, or a part of it
    is unknown."""
    need, access = pl.col("need_score"), pl.col("access_score")
    weak = pl.col("response_score") < weak_response
    severe, high = access >= severe_access, need >= high_need
    moderate = (need >= moderate_need) & ~high
    return (
        pl.when(severe & high & weak)
        .then(pl.lit(ACCESS_PRIORITY))
        .when(~severe & moderate & weak)
        .then(pl.lit(NEXUS_PRIORITY))
        .alias("class")
    )


def reclassified_cells(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """The cells that stand in another class or state under other settings.

    Parameters
    ----------
    now, then
        Two answers of the layer ``coverage`` to one question.

    Returns
    -------
    polars.DataFrame
        ``unit_id, unit_name, sector, class, class_before, state, state_before``.
    """
    before = then.select(
        "unit_id",
        "sector",
        pl.col("class").alias("class_before"),
        pl.col("state").alias("state_before"),
    )
    both = now.join(before, on=["unit_id", "sector"], nulls_equal=True, maintain_order="left")
    other = pl.col("class").ne_missing(pl.col("class_before"))
    return both.filter(other | (pl.col("state") != pl.col("state_before"))).select(
        *("unit_id", "unit_name", "sector"),
        *("class", "class_before", "state", "state_before"),
    )

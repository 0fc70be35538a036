"""People of one group of each activity, or in need, where a document tells groups apart.

Nothing is made up from a whole: a group counts where it is stated, or where the groups of one
breakdown (women, men, girls and boys; displaced women and men, hosts …) add up to the whole and
so tell it: displaced people are then its displaced women and men.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from atlas.fields import BENEFICIARIES
from atlas.i18n import N_, _
from atlas.layers.options import Option
from atlas.layers.prepare import Prepared
from atlas.model import GROUP_NEEDS, GROUP_PARTS, NEEDS

EVERYONE = "all"
PART_OF_CODE: Mapping[str, str] = {
    code: part for part, codes in GROUP_PARTS.items() for code in codes
}
"""Code of a group → what it is a code of."""
GROUP_LABELS: Mapping[str, str] = {
    EVERYONE: N_("tout le monde"),
    "f": N_("femmes et filles"),
    "m": N_("hommes et garçons"),
    "child": N_("enfants"),
    "adult": N_("adultes"),
    "elderly": N_("personnes âgées"),
    "idp": N_("personnes déplacées"),
    "returnee": N_("personnes retournées"),
    "refugee": N_("personnes réfugiées"),
    "migrant": N_("personnes migrantes"),
    "host": N_("communautés hôtes"),
    "disabled": N_("personnes handicapées"),
}
GROUP_OPTION = Option("group", EVERYONE, N_("Personnes comptées"), choices=GROUP_LABELS)

_ROUNDING = 0.005
"""Groups that differ from their whole by less are rounded figures."""


def group_words(said: Mapping[str, str]) -> str:
    """The group that settings hold figures to, in words; "" for everyone."""
    group = said.get(GROUP_OPTION.name, EVERYONE)
    return "" if group == EVERYONE else _(GROUP_LABELS[group])


def figures_of_group(prepared: Prepared, measure: str, group: str) -> pl.Series:
    """People of a group of each activity; null where its document does not tell.

    Parameters
    ----------
    measure
        ``target`` or ``reached``.
    group
        `EVERYONE`: the figure of the activity itself; else a code of `PART_OF_CODE`.

    Returns
    -------
    polars.Series
        One value an activity of `Prepared.activities`. Of several periods the largest counts.
    """
    if group == EVERYONE:
        return prepared.activities[measure]
    wholes = prepared.activities.select("activity_id", whole=measure)
    period = pl.struct("activity_id", "period_start", "period_end")
    rows = (
        prepared.tables.figures.filter(measure=measure, indicator=BENEFICIARIES)
        .join(wholes, on="activity_id", how="inner", maintain_order="left")
        .with_columns(key=period)
    )
    people = group_values(_with_whole_of_period(rows), group)
    largest = people.group_by(activity_id=pl.col("key").struct.field("activity_id")).agg(
        pl.col("value").max()
    )
    ids = prepared.activities.select("activity_id")
    return ids.join(largest, on="activity_id", how="left", maintain_order="left")["value"]


def _with_whole_of_period(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of groups; the whole of a period is what is stated of everyone in it."""
    nobody = pl.all_horizontal(pl.col(part).is_null() for part in GROUP_PARTS)
    everyone = rows.filter(nobody & ~pl.col("is_part")).group_by("key").agg(stated=pl.sum("value"))
    in_period = pl.col("period_start").is_not_null()
    return (
        rows.filter(~nobody)
        .join(everyone, on="key", how="left", nulls_equal=True, maintain_order="left")
        .with_columns(whole=pl.when(in_period).then("stated").otherwise("whole"))
    )


def group_values(rows: pl.DataFrame, group: str) -> pl.DataFrame:
    """``key, value``: the people of a group, of the rows of one key.

    Parameters
    ----------
    rows
        ``key``, the columns of `atlas.model.GROUP_PARTS`, ``is_part``, ``value`` and ``whole``
        (people of all groups together, null where unknown).

    Examples
    --------
    >>> columns = {part: pl.String for part in GROUP_PARTS} | {"sex": pl.String}
    >>> rows = pl.DataFrame(
    ...     [("a", "idp", "f", 30.0), ("a", "idp", "m", 20.0), ("a", "host", "f", 5.0)],
    ...     schema=["key", "status", "sex", "value"], orient="row",
    ... ).with_columns(age=pl.lit(None), disability=pl.lit(None), is_part=False, whole=55.0)
    >>> group_values(rows, "idp")["value"].to_list(), group_values(rows, "f")["value"].to_list()
    ([50.0], [35.0])
    """
    wanted = PART_OF_CODE[group]
    shape = pl.concat_str(pl.col(part).is_not_null().cast(pl.Int8) for part in GROUP_PARTS)
    parts = sum(pl.col(part).is_not_null().cast(pl.Int64) for part in GROUP_PARTS)
    shaped = rows.filter(~pl.col("is_part"), pl.col(wanted).is_not_null()).with_columns(
        shape=shape, parts=parts
    )
    # women and men that are not everyone are the adults, or some: of girls nothing is told
    one_sex = (pl.lit(wanted != "sex")) | pl.col("complete") | (pl.col("codes") == 1)
    alone = (pl.col("parts") == 1) & (pl.col("rows") == 1) & one_sex
    margin = pl.max_horizontal(_ROUNDING * pl.col("whole").first(), pl.lit(1.0))
    complete = ((pl.sum("value") - pl.col("whole").first()).abs() <= margin).fill_null(value=False)
    told = (
        shaped.group_by("key", "shape", "parts")
        .agg(
            told=(pl.col(wanted) == group).any(),
            people=pl.col("value").filter(pl.col(wanted) == group).sum(),
            rows=(pl.col(wanted) == group).sum(),
            codes=pl.col(wanted).n_unique(),
            complete=complete,
        )
        .filter("told", alone | pl.col("complete"))
        .sort("parts", "shape")
    )
    return told.group_by("key").agg(value=pl.col("people").first())


def needs_of_group(context: pl.DataFrame, group: str) -> pl.DataFrame:
    """The facts of needs as if the group alone were in need.

    Where no fact of a figure is of the group itself, those of its parts in one breakdown that adds
    up to the whole are (`group_values`).
    """
    if group == EVERYONE:
        return context
    facts = context.filter(pl.col("kind").is_in([NEEDS, GROUP_NEEDS])).with_columns(
        key=pl.struct("document", "unit_id", "sector", "indicator", "as_of", "start", "expires")
    )
    codes = pl.col("group").str.split(" ")
    of_groups = facts.drop_nulls("group").with_columns(
        *(
            codes.list.eval(pl.element().filter(pl.element().is_in(list(listed))))
            .list.first()
            .alias(part)
            for part, listed in GROUP_PARTS.items()
        ),
        is_part=pl.lit(value=False),
    )
    wholes = facts.filter(kind=NEEDS).group_by("key").agg(whole=pl.sum("value"))
    joined = of_groups.join(wholes, on="key", how="left", nulls_equal=True, maintain_order="left")
    people = group_values(joined, group)
    first = of_groups.unique("key", keep="first", maintain_order=True).drop("value")
    told = first.join(people, on="key", how="inner", nulls_equal=True, maintain_order="left")
    return told.with_columns(kind=pl.lit(NEEDS)).select(context.columns)

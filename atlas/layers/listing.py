"""The activities behind an answer, one row each; and the values that a filter offers."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.i18n import _
from atlas.layers import access
from atlas.layers.budget import major_units
from atlas.layers.counting import BY_ANY, with_leader_rows
from atlas.layers.prepare import LEVELS, Prepared
from atlas.layers.scope import Scope
from atlas.model import RESERVED, STOPPED, Level
from atlas.vocab import entry_label, vocabulary_table

FACETS = {
    "source": "sources",
    "donor": "organisations",
    "organisation": "organisations",
    "sector": "sectors",
    "status": "statuses",
    "nexus": "nexus",
    "year": None,
}
"""Filter → the vocabulary that names its values."""

Facet = list[tuple[str, str, int]]


def filter_values(prepared: Prepared, activities: pl.DataFrame, name: str) -> Facet:
    """Values of one filter among these activities: ``(value, label, count)``.

    Parameters
    ----------
    activities
        What the other filters keep.

    Returns
    -------
    list of tuple
        Years in order; the others by count, the largest first, then by label. What is
        cancelled or suspended is counted under its status alone: a value that nothing else
        has stands with 0.
    """
    counts = _value_counts(prepared, activities, name)
    vocab = FACETS[name]
    rows = [
        (str(value), entry_label(vocab, value) if vocab else str(value), count)
        for value, count in counts.drop_nulls().iter_rows()
    ]
    if name == "year":
        return sorted(rows)
    return sorted(rows, key=lambda row: (-row[2], row[1]))


def _value_counts(prepared: Prepared, activities: pl.DataFrame, name: str) -> pl.DataFrame:
    """``value, count`` of the values that any of these activities has."""
    every = facet_rows(prepared, activities, name).group_by("value").len("count")
    if name == "status":
        return every
    counting = activities.filter(~pl.col("status").is_in(STOPPED).fill_null(False))
    if counting.height == activities.height:
        return every
    counts = facet_rows(prepared, counting, name).group_by("value").len("count")
    told = every.select("value").join(counts, on="value", how="left", nulls_equal=True)
    return told.with_columns(pl.col("count").fill_null(0))


def facet_rows(prepared: Prepared, activities: pl.DataFrame, name: str) -> pl.DataFrame:
    """``a, value``: the values by which a filter finds each activity, each once."""
    chosen = activities.select("a")
    if name == "donor":
        return chosen.join(prepared.donors, on="a").select("a", pl.col("donor").alias("value"))
    if name == "organisation":
        return (
            chosen.join(prepared.actors, on="a")
            .join(prepared.organisations, on="org")
            .select("a", pl.col("organisation").alias("value"))
        )
    if name == "year":
        first, last = pl.col("from_day").dt.year(), pl.col("to_day").dt.year()
        return (
            activities.drop_nulls(["from_day", "to_day"])
            .select("a", pl.int_ranges(first, last + 1).alias("value"))
            .explode("value")
        )
    parts = [activities.select("a", pl.col(name).alias("value"))]
    if name in BY_ANY and not prepared.follower.is_empty():
        lent = prepared.follower.select(pl.col("leader").alias("a"), pl.col(name).alias("value"))
        parts.append(lent.join(chosen, on="a", how="semi"))
    if name == "sector" and not prepared.named_sectors.is_empty():
        named = with_leader_rows(prepared.named_sectors, prepared.follower).rename(
            {"sector": "value"}
        )
        parts.append(named.join(chosen, on="a", how="semi"))
    return pl.concat(parts).unique() if len(parts) > 1 else parts[0]


TO_CONFIRM = "to_confirm"
"""Status shown where a document says "ongoing" and the end has passed."""

_SEPARATOR = " ; "


def activity_list(scope: Scope, finest: Level = Level.COMMUNE) -> pl.DataFrame:
    """One row per activity or presence that passes the filters, and per record it counts for.

    Parameters
    ----------
    scope
        The question, applied to a snapshot.
    finest
        Finest level at which a place may be told.

    Returns
    -------
    polars.DataFrame
        ``activity_id, kind, source, source_label, title, place, place_rule, sector,
        sector_label, status, status_label, nexus, donors, organisations, org_type, start, end,
        budget_usd`` (whole activity, null when unknown), ``share_usd`` (the part inside the
        units asked for; null of what is cancelled or suspended), ``amount, currency`` (where it
        has one currency), ``target, reached, result, description, modality, people_flag, remarks,
        no_go`` (see `atlas.layers.access`)``, document, file, locator, as_of, counted_with,
        counted_with_title`` (the record that counts for this one, which adds to no figure and
        has no ``share_usd``; else null); newest first, such records below theirs. ``status``
        is ``to_confirm`` where an activity is said to be under way and its end lies before the
        reference date.
    """
    scopes = [scope, behind] if (behind := _followers_behind(scope)).activities.height else [scope]
    table = pl.concat([_listed_rows(one, finest) for one in scopes])
    marked = table.join(_leaders_of_followers(scope), on="a", how="left").with_columns(
        pl.coalesce("_day", "to_day").alias("_day"), pl.coalesce("leader", "a").alias("_head")
    )
    counted = pl.col("counted_with").is_null()
    return (
        marked.sort(
            *("_day", "_head", ~counted, "a"),
            descending=[True, False, False, False],
            nulls_last=True,
        )
        .with_columns(pl.when(counted).then("share_usd").alias("share_usd"))
        .select(
            *("activity_id", "kind", "source", _label_column("source", "sources"), "title"),
            *("place", "place_rule", "sector", _sector_label()),
            *("status", _status_label(), "nexus"),
            *(pl.col("donors_").alias("donors"), "organisations"),
            *("org_type", "start", "end", "budget_usd", "share_usd", "amount", "currency"),
            *("target", "reached", "result", "description", "modality", "people_flag", "remarks"),
            *("no_go", "document", "file", "locator", "as_of"),
            *("counted_with", "counted_with_title"),
        )
    )


def _listed_rows(scope: Scope, finest: Level) -> pl.DataFrame:
    """All that is told of the activities of a scope, in the columns of the table and more."""
    files = scope.prepared.tables.documents.select("document", "file").unique("document")
    return (
        scope.activities.join(
            _place_texts(scope, finest), on="a", how="left", maintain_order="left"
        )
        .join(_budget_columns(scope), on="a", how="left", maintain_order="left")
        .join(_name_lists(scope.prepared.donors, "donor", "donors_"), on="a", how="left")
        .join(_organisation_lists(scope), on="a", how="left")
        .join(_sector_lists(scope.prepared), on="a", how="left", maintain_order="left")
        .join(files, on="document", how="left")
        .join(access.of_activities(scope), on="a", how="left")
        .with_columns(_status_words(scope))
    )


def _followers_behind(scope: Scope) -> Scope:
    """The records that the activities of a scope count for, wherever they are placed."""
    own = scope.activities.select("a")
    found = scope.prepared.follower.join(own, left_on="leader", right_on="a", how="semi")
    rows = scope.prepared.activities.join(found, on="a", how="semi").join(own, on="a", how="anti")
    return replace(scope, activities=rows, kept_units=None, rows=None)


def _leaders_of_followers(scope: Scope) -> pl.DataFrame:
    """``a, leader`` of each follower; ``counted_with, counted_with_title, _day`` of its lead."""
    lead = scope.prepared.activities.select(
        pl.col("a").alias("leader"),
        pl.col("activity_id").alias("counted_with"),
        pl.coalesce("title", pl.col("implementers").list.join(_SEPARATOR)).alias(
            "counted_with_title"
        ),
        pl.col("to_day").alias("_day"),
    )
    return scope.prepared.follower.select("a", "leader").join(lead, on="leader")


def place_labels(scope: Scope, rows: pl.DataFrame, finest: Level) -> pl.DataFrame:
    """``a, u`` with ``place``: the readable name of each place, as finely as may be told."""
    limit = LEVELS.index(finest)
    fine = scope.prepared.activities.select("a", pl.col("finest").clip(0, limit).alias("depth"))
    coded = (
        rows.select("a", "u").unique(maintain_order=True).join(fine, on="a", maintain_order="left")
    )
    pairs = coded.select("u", "depth").unique()
    names = [_place_text(scope, u, depth) for u, depth in pairs.iter_rows()]
    named = pairs.with_columns(pl.Series("place", names, dtype=pl.String))
    return coded.join(named, on=["u", "depth"], maintain_order="left").select("a", "u", "place")


def _place_text(scope: Scope, u: int, depth: int) -> str:
    """``Dourou, Bandiagara``: the unit, and the région it lies in."""
    frames, unit_id = scope.prepared.frames, scope.prepared.units[u]
    if unit_id in RESERVED:
        return frames.unit_label(unit_id)
    if unit_id not in frames:
        return str(unit_id)
    for level in reversed(LEVELS[: depth + 1]):
        told = frames.ancestor_at_level(unit_id, level)
        if told:
            break
    else:
        return frames.unit_label(RESERVED[-1])
    region = frames.ancestor_at_level(told, Level.REGION)
    names = [frames.unit_label(told)]
    if region and region != told and frames.unit_label(region) != names[0]:
        names.append(frames.unit_label(region))
    return ", ".join(names)


def _place_texts(scope: Scope, finest: Level) -> pl.DataFrame:
    named = place_labels(scope, scope.placement_rows, finest)
    rules = scope.placement_rows.group_by("a").agg(
        pl.when(pl.col("inherited").all())
        .then(pl.lit("inherited"))
        .otherwise(pl.lit("reported"))
        .alias("place_rule")
    )
    return (
        named.group_by("a", maintain_order=True)
        .agg(pl.col("place").unique(maintain_order=True).str.join(_SEPARATOR))
        .join(rules, on="a", how="left")
    )


def _budget_columns(scope: Scope) -> pl.DataFrame:
    """Budget of each activity: in USD, inside the question, and in its own currency."""
    kept = scope.budget_shares
    whole = scope.prepared.before_counting_once.shares.filter(
        (pl.col("kind") == "budget") & pl.col("a").is_in(scope.activities["a"].implode())
    )
    usd = pl.col("usd_minor")
    known = pl.when(usd.count() > 0)
    own = whole.group_by("a").agg(
        known.then(major_units(usd.sum(), "USD")).alias("budget_usd"),
        pl.col("minor").sum(),
        pl.when(pl.col("currency").n_unique() == 1)
        .then(pl.col("currency").first())
        .alias("currency"),
    )
    inside = kept.group_by("a").agg(known.then(major_units(usd.sum(), "USD")).alias("share_usd"))
    amount = pl.lit(None, dtype=pl.Float64)
    for currency in own["currency"].drop_nulls().unique():
        mine = pl.col("currency") == currency
        amount = pl.when(mine).then(major_units(pl.col("minor"), currency)).otherwise(amount)
    return own.with_columns(amount.alias("amount")).drop("minor").join(inside, on="a", how="left")


def _name_lists(pairs: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    ids = pairs[column].unique()
    words = pl.DataFrame(
        {column: ids, name: [entry_label("organisations", i) for i in ids]},
        schema={column: pl.String, name: pl.String},
    )
    return (
        pairs.join(words, on=column, maintain_order="left")
        .group_by("a", maintain_order=True)
        .agg(pl.col(name).unique(maintain_order=True).str.join(_SEPARATOR))
    )


def _organisation_lists(scope: Scope) -> pl.DataFrame:
    pairs = scope.prepared.actors.join(
        scope.prepared.organisations.select("org", "organisation"), on="org", maintain_order="left"
    )
    return _name_lists(pairs.select("a", "organisation"), "organisation", "organisations")


def _status_words(scope: Scope) -> pl.Expr:
    passed = pl.col("end") < pl.lit(scope.reference, dtype=pl.Date)
    late = (pl.col("status") == "ongoing") & passed.fill_null(False)
    return pl.when(late).then(pl.lit(TO_CONFIRM)).otherwise(pl.col("status")).alias("status")


def _status_label() -> pl.Expr:
    names = {i: entry_label("statuses", i) for i in vocabulary_table("statuses")["id"]}
    names[TO_CONFIRM] = _("À confirmer")
    return pl.col("status").replace(names).alias("status_label")


def _sector_lists(prepared: Prepared) -> pl.DataFrame:
    """``a, sectors_``: the names of the sectors of each activity of several."""
    names = {i: entry_label("sectors", i) for i in vocabulary_table("sectors")["id"]}
    named = prepared.named_sectors.with_columns(pl.col("sector").replace(names))
    return named.group_by("a").agg(pl.col("sector").sort().str.join(_SEPARATOR).alias("sectors_"))


def _sector_label() -> pl.Expr:
    """The name of a sector; of one that stands for several, theirs too."""
    own = _label_column("sector", "sectors")
    both = pl.concat_str(own, pl.col("sectors_"), separator=" : ")
    return pl.coalesce(both, own).alias("sector_label")


def _label_column(column: str, vocab: str) -> pl.Expr:
    names = {i: entry_label(vocab, i) for i in vocabulary_table(vocab)["id"]}
    return pl.col(column).replace(names).alias(f"{column}_label")

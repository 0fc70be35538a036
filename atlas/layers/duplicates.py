"""Pairs a person should look at: one thing told twice, or two doing the same thing."""

from __future__ import annotations

import polars as pl

from atlas.i18n import N_, _, ngettext
from atlas.layers.layer import Layer
from atlas.layers.pairing.groups import NOT_FOUND, OPTIONS, decided_pairs, not_found
from atlas.layers.pairing.pairs import candidate_pairs, reasons_in_words
from atlas.layers.prepare import LEVELS
from atlas.layers.scope import Scope, target_at
from atlas.model import STOPPED, UNPLACED, digest

COLUMNS = {
    "pair_id": pl.String,
    "kind": pl.String,
    "score": pl.Float64,
    "activity_a": pl.String,
    "title_a": pl.String,
    "source_a": pl.String,
    "activity_b": pl.String,
    "title_b": pl.String,
    "source_b": pl.String,
    "unit_id": pl.String,
    "unit_name": pl.String,
    "reasons": pl.String,
    "group_id": pl.String,
    "verdict": pl.String,
    "lead": pl.String,
}


def duplicate_pairs(scope: Scope) -> pl.DataFrame:
    """Pairs of which at least one activity passes the filters.

    A pair is a question put to a person: nothing is taken out of a sum until one answers.
    How pairs are found and scored is in `atlas.layers.pairing.pairs`, what is counted once after a
    decision in `atlas.layers.counting`.

    Parameters
    ----------
    scope
        The question, applied to a snapshot; a plan is compared only when plans are asked
        for. ``options["show"]``: the pairs that are ``open`` (default), ``decided``, or
        ``all``, with those decided that are found no more (their ``score`` is null).

    Returns
    -------
    polars.DataFrame
        ``pair_id, kind`` (``double_reporting`` or ``overlap``)``, score, activity_a,
        title_a, source_a, activity_b, title_b, source_b, unit_id, unit_name`` (the place
        they share, in the units asked for)``, reasons`` (a sentence)``, group_id`` (of a
        double report: one for all the records of an activity; null for an overlap)``,
        verdict, lead`` (see `atlas.layers.pairing.groups.decided_pairs`); best first.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> dataset.ask("duplicates").table.select("kind", "source_a", "source_b").row(0)
    ('double_reporting', 'qip', 'trust-fund')
    """
    prepared, show = scope.prepared, scope.options["show"]
    found = prepared.with_nothing_withheld.before_counting_once.computed_once(
        candidate_pairs
    )  # whoever asks, the same pairs
    told = _as_told(scope, _pairs_asked(scope, decided_pairs(prepared, found, show)))
    with_words = told.with_columns(
        reasons_in_words(prepared.before_counting_once, told).alias("reasons")
    )
    more = _found_no_more(scope, found, show)
    ids = [digest(*sorted(pair)) for pair in _pair_ids(with_words, more)]
    return (
        pl.concat([with_words, more], how="diagonal_relaxed")
        .with_columns(pl.Series("pair_id", ids, dtype=pl.String))
        .with_row_index("pair")
        .pipe(
            lambda every: every.join(_shared_places(scope, every), on="pair", maintain_order="left")
        )
        .select([pl.col(name).cast(dtype) for name, dtype in COLUMNS.items()])
    )


def counts_in_words(doubles: int, overlaps: int) -> str:
    """How many pairs there are of each kind.

    Examples
    --------
    >>> counts_in_words(2, 1)
    '2 doubles saisies · 1 chevauchement'
    """
    told = ngettext("{n} double saisie", "{n} doubles saisies", doubles)
    beside = ngettext("{n} chevauchement", "{n} chevauchements", overlaps)
    return f"{told} · {beside}"


def _pair_ids(*parts: pl.DataFrame) -> list[tuple[str, str]]:
    return [pair for part in parts for pair in part.select("activity_a", "activity_b").iter_rows()]


def _found_no_more(scope: Scope, found: pl.DataFrame, show: str) -> pl.DataFrame:
    """Pairs that somebody decided about and that nothing but the decision tells of."""
    rest = not_found(scope.prepared, found).with_columns(pl.lit(None, pl.String).alias("group_id"))
    told = _pairs_asked(scope, decided_pairs(scope.prepared, rest, show))
    return told.with_columns(pl.lit(_(NOT_FOUND)).alias("reasons"))


def _pairs_asked(scope: Scope, chosen: pl.DataFrame) -> pl.DataFrame:
    """Pairs of the kinds asked for, one of which passes the filters, with their names."""
    prepared = scope.prepared
    kinds = prepared.activities.filter(pl.col("kind").is_in(list(scope.filters.kind)))
    own = pl.concat([scope.counted_activities["a"], scope.set_aside.counted_activities["a"]])
    behind = prepared.follower.filter(pl.col("leader").is_in(own.implode()))
    stopped = prepared.activities.filter(pl.col("status").is_in(STOPPED))
    asked, given_up = kinds["a"].implode(), stopped["a"].implode()
    passing = pl.concat([own, behind["a"]]).implode()
    side = prepared.activities.select("a", "activity_id", "title", "source")
    return (
        chosen.filter(
            pl.col("a").is_in(asked) & pl.col("b").is_in(asked),
            pl.col("a").is_in(passing) | pl.col("b").is_in(passing),
            # what was given up may be told twice, but overlaps with nothing
            (pl.col("kind") != "overlap")
            | pl.col("verdict").is_not_null()
            | ~pl.any_horizontal(pl.col("a", "b").is_in(given_up)),
        )
        .join(_side_columns(side, "a"), on="a", maintain_order="left")
        .join(_side_columns(side, "b"), on="b", maintain_order="left")
    )


def _as_told(scope: Scope, found: pl.DataFrame) -> pl.DataFrame:
    """Pairs without the evidence that would tell what is reserved of one by the other's words.

    "Same commune" or "titles alike" beside an open activity names the place of a reserved one.
    """
    finest, whole = _finest_level(scope, found), len(LEVELS) - 1
    words = ("same_figure", "alike")
    return (
        found.with_columns(finest.alias("_finest"))
        .with_columns(
            pl.when(pl.col("_finest") < whole)
            .then(pl.min_horizontal("tier", "_finest"))
            .otherwise("tier")
            .cast(found.schema["tier"])
            .alias("tier"),
            pl.when(pl.col("_finest") > 0).then("dates").alias("dates"),
            *(pl.when(pl.col("_finest") == whole).then(name).alias(name) for name in words),
        )
        .drop("_finest")
    )


def _finest_level(scope: Scope, told: pl.DataFrame) -> pl.Series:
    """Index in `LEVELS` of the finest level at which both records of each pair are told."""
    finest = scope.prepared.activities["finest"]
    sides = (finest.gather(told[side]) for side in ("a", "b"))
    return pl.select(pl.min_horizontal(*sides)).to_series()


def _side_columns(side: pl.DataFrame, which: str) -> pl.DataFrame:
    names = {"activity_id": "activity", "title": "title", "source": "source"}
    return side.rename({c: f"{name}_{which}" for c, name in names.items()} | {"a": which})


def _shared_places(scope: Scope, told: pl.DataFrame) -> pl.DataFrame:
    """``pair, unit_id, unit_name`` of the shared place among the rows of the scope."""
    known = told.filter(pl.col("u").is_not_null()).select("pair", "a", "b", "u")
    rows = known.with_columns(target_at(scope.targets, known["u"], _finest_level(scope, known)))
    units = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    named = rows.join(units, on="target").select("pair", "unit_id", "unit_name")
    unknown = scope.prepared.frames.unit_label(UNPLACED)
    return (
        told.select("pair")
        .join(named, on="pair", how="left", maintain_order="left")
        .with_columns(pl.col("unit_id").fill_null(UNPLACED), pl.col("unit_name").fill_null(unknown))
    )


LAYER = Layer(
    "duplicates", N_("Doublons possibles"), duplicate_pairs, OPTIONS, asked_with={"show": "all"},
    tab="duplicates", file="doublons", label=N_("Doublons"),
)  # fmt: skip

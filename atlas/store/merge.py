"""What the published tables become when documents are added to them.

The result depends on which documents are there and on what people said of them
(`atlas.store.succession`), never on the order in which they came.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from atlas.corrections.chains import chains_of, totals_of_wholes
from atlas.errors import StoreError
from atlas.findings import severity_of
from atlas.i18n import _
from atlas.model import OF_ACTIVITIES, Reader, Tables, frame_of
from atlas.shares import exponent
from atlas.store.canonical import canonical, logical_hash
from atlas.store.succession import KEY, Rank, Succession, bare, ranks

DERIVED = (
    "activities_superseded",
    "activities_same_date",
    "activities_of_export",
    "activities_orphaned",
    "activities_withdrawn",
    "activity_absent",
    "counted_with_parts",
    "parts_of_others",
    "parts_and_whole",
)
"""Codes of findings that come of several documents together."""

LONGEST_TITLE = 200
"""Letters of a title that a finding carries."""


def merge(
    current: Tables | None,
    batches: Iterable[Tables],
    replacing: Collection[str] = (),
) -> Tables:
    """The current tables, with the new documents in place of the sample and of themselves.

    Parameters
    ----------
    current
        What is published; ``None`` for an empty store.
    batches
        One or more documents each. A document that is there already is replaced: it is
        known by its content, so this is a new reading of the same file.
    replacing
        Documents among the new ones that a person said replace the earlier lists of their
        sender: what these lists alone tell goes. The word is kept with the document.

    Returns
    -------
    Tables
        An activity that several documents report (same key) is told once, with all its
        rows, as the newest of them tells it. One that the newest list of its sender leaves
        out stays, and a finding marks it, unless a person said that it goes.

    Raises
    ------
    StoreError
        The sample would be mixed with real data.
    """
    new = _once_each(batches)
    if not new:
        return current or Tables.empty()
    kept = current or Tables.empty()
    fresh = [document for batch in new for document in batch.documents["document"]]
    if any(batch.is_sample for batch in new):
        if not all(batch.is_sample for batch in new) or _real(kept):
            raise StoreError(
                _("Exemple non ajouté"),
                _("l'exemple ne se mêle jamais à des données réelles"),
                _("Pour le revoir, choisissez un dossier vide avec --store."),
            )
    else:
        fresh += kept.documents.filter(pl.col("is_sample"))["document"].to_list()
    parts = [kept.without(fresh), *new]
    whole = _with_words(Tables.concat(parts), kept.documents, replacing)
    if whole.documents.height == 1:  # there is no other to tell what it tells
        return _saying_also(whole, _chained(whole))
    told = Tables.concat(_told_once(parts, whole.documents))
    return _with_derived(_withdrawing(replace(told, documents=whole.documents), replacing))


Words = dict[str, dict[str, list[str]]]
"""``replaces`` and ``withdrawn`` of each document."""


def _words(*documents: pl.DataFrame) -> Words:
    return {
        row["document"]: {name: row[name] or [] for name in ("replaces", "withdrawn")}
        for frame in documents
        for row in frame.iter_rows(named=True)
    }


def _saying(tables: Tables, said: Words) -> Tables:
    names = tables.documents["document"].to_list()
    documents = tables.documents.with_columns(
        pl.Series(
            column,
            [sorted(set(said[name][column])) or None for name in names],
            dtype=pl.List(pl.String),
        )
        for column in ("replaces", "withdrawn")
    )
    return replace(tables, documents=documents)


def _with_words(
    whole: Tables,
    before: pl.DataFrame,
    replacing: Collection[str],
) -> Tables:
    """The tables with what people said of documents: what was said before, and now."""
    said = _words(whole.documents, before)  # a new reading keeps what was said of the file
    whole = _saying(whole, said)
    succession = Succession(whole)
    for document in sorted(set(replacing) & set(succession.ranks)):
        ties = [name for name in succession.tied(document) if name not in replacing]
        older = {*said[document]["replaces"], *succession.related(document), *ties}
        said[document]["replaces"] = sorted(older)
        for name in ties:  # the latest word counts
            said[name]["replaces"] = [n for n in said[name]["replaces"] if n != document]
    return _saying(whole, said)


def _withdrawing(tables: Tables, replacing: Collection[str]) -> Tables:
    """Without what a person's word took out, now or earlier; the rows of documents stay."""
    succession = Succession(tables)
    said = _words(tables.documents)
    if replacing:
        absent = succession.absences().select("document", "newer", key=KEY).unique()
        for document, newer, key in absent.iter_rows():
            if newer in replacing and document in said[newer]["replaces"]:
                said[newer]["withdrawn"].append(key)
    words = [(key, name) for name, told in said.items() for key in told["withdrawn"]]
    if not words:
        return tables
    order = _order(succession.ranks)
    until = (
        pl.DataFrame(words, schema={"key": pl.String, "document": pl.String}, orient="row")
        .join(order, on="document")
        .group_by("key")
        .agg(until=pl.col("order").max())
    )
    gone = (
        tables.activities.select("activity_id", "document", key=KEY)
        .join(order, on="document")
        .join(until, on="key")
        .filter(pl.col("order") < pl.col("until"))
    )
    return _dropping(_saying(tables, said), gone["activity_id"])


def _order(newest: Mapping[str, Rank]) -> pl.DataFrame:
    """``document, order``: the place of each document from the oldest to the newest."""
    names = sorted(newest, key=newest.__getitem__)
    schema = {"document": pl.String, "order": pl.Int64}
    return pl.DataFrame({"document": names, "order": range(len(names))}, schema=schema)


def _real(tables: Tables) -> bool:
    return not tables.documents["is_sample"].fill_null(False).all()


def _once_each(batches: Iterable[Tables]) -> list[Tables]:
    """Batches without copies of a document: of two, the one that sorts first is kept.

    One file given twice under two names is one document, whichever name came first.
    """
    many = [batch for batch in batches if batch.documents.height]
    documents = pl.concat([Tables.empty().documents, *(b.documents for b in many)])["document"]
    if not documents.is_duplicated().any():
        return many
    seen: set[str] = set()
    kept = []
    for batch in sorted(many, key=_rank):
        own = batch.documents["document"].to_list()
        kept.append(batch.without([d for d in own if d in seen]))
        seen.update(own)
    return [batch for batch in kept if batch.documents.height]


def _rank(batch: Tables) -> tuple[list[str], str]:
    return sorted(batch.documents["file"].fill_null("").to_list()), logical_hash(canonical(batch))


def _told_once(parts: list[Tables], documents: pl.DataFrame) -> list[Tables]:
    """Each key in one document only, with all its activities: the newest that tells it.

    Done part by part, because amounts and placements know their activity, not their document.
    """
    told = pl.concat(
        part.activities.select("activity_id", "document", "as_of", key=KEY, part=pl.lit(number))
        for number, part in enumerate(parts)
    )
    told = told.join(
        _order_of_tellings(told, documents), on=["document", "as_of"], nulls_equal=True
    )
    older = told.filter(pl.col("order") < pl.col("order").max().over("key"))
    return [
        _dropping(part, older.filter(pl.col("part") == number)["activity_id"])
        for number, part in enumerate(parts)
    ]


def _order_of_tellings(told: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """``document, as_of, order`` of what documents tell, the oldest first.

    A document is as new as its date, whatever it tells. An export of the atlas tells what other
    documents told, each thing as new as that: only a newer telling stands before the document
    it came from, if that is here.
    """
    newest = ranks(documents)
    exports = set(documents.filter(pl.col("reader") == Reader.EXCHANGE)["document"])
    own = sorted(set(newest) - exports, key=newest.__getitem__)
    at = {name: float(number) for number, name in enumerate(own)}
    days = [newest[name][0] for name in own]
    among = {name: n for n, name in enumerate(sorted(exports, key=newest.__getitem__), start=1)}

    def order(document: str, day: date | None) -> float:
        if document not in among:
            return at[document]
        older = bisect_left(days, day or date.min)
        return older - 0.5 + among[document] / (2 * len(among) + 2)

    pairs = told.select("document", "as_of").unique()
    orders = [order(document, day) for document, day in pairs.iter_rows()]
    return pairs.with_columns(pl.Series("order", orders, dtype=pl.Float64))


def _dropping(part: Tables, activity_ids: pl.Series) -> Tables:
    if activity_ids.is_empty():
        return part
    gone = activity_ids.implode()
    kept = {
        name: getattr(part, name).filter(~pl.col("activity_id").is_in(gone))
        for name in ("activities", *OF_ACTIVITIES)
    }
    return replace(part, **kept)


def _with_derived(tables: Tables) -> Tables:
    """Say what of a document another one now tells, leaves out or took out, or nobody tells.

    Worked out anew from the tables each time, so that it depends on nothing else.
    """
    named = tables.documents.select("document", "file").iter_rows()
    files = {document: bare(file or "") or document for document, file in named}
    absent = [
        _finding(
            document, "activity_absent", {"title": _short(title), "file": files[newer]}, locator
        )
        for _id, document, locator, title, newer in Succession(tables).absences().iter_rows()
    ]
    retold = [
        _finding(document, code, {"n": n, **({"file": files[other]} if other else {})})
        for document, code, other, n in _retold(tables).iter_rows()
    ]
    return _saying_also(tables, [*retold, *absent, *_chained(tables)])


def _saying_also(tables: Tables, rows: list[dict[str, object]]) -> Tables:
    """The tables with these findings in place of those derived before."""
    own = tables.findings.filter(~pl.col("code").is_in(list(DERIVED)))
    return replace(tables, findings=pl.concat([own, frame_of("findings", rows)]))


def _chained(tables: Tables) -> list[dict[str, object]]:
    """Findings about what is told at several levels, of the wholes and of their parts.

    As documents tell it: what people decide about pairs comes after a publication.
    """
    chains = chains_of(replace(tables, verdicts=tables.verdicts.clear()))
    if not chains.parts:
        return []
    money = chains.elsewhere.items()
    ids = [*chains.behind, *(one for (whole, _kind), told in money for one in (whole, *told))]
    of = dict(
        tables.activities.filter(pl.col("activity_id").is_in(ids))
        .select("activity_id", "document")
        .iter_rows()
    )
    behind = Counter(of[whole] for whole in chains.behind)
    met = {
        (of[part], of[whole], whole)
        for (whole, _kind), told in money
        for part in told
        if of[part] != of[whole]
    }
    others = Counter((mine, theirs) for mine, theirs, _whole in met)
    files = dict(tables.documents.select("document", "file").iter_rows())
    return [
        *(_finding(one, "counted_with_parts", {"n": n}) for one, n in sorted(behind.items())),
        *(
            _finding(one, "parts_of_others", {"n": n, "file": bare(files[other] or "") or other})
            for (one, other), n in sorted(others.items())
        ),
        *(
            _finding(total["document"], "parts_and_whole", _of_total(total))
            for total in totals_of_wholes(tables, chains).iter_rows(named=True)
            if total["published"] != total["read"]
        ),
    ]


def _of_total(total: Mapping[str, Any]) -> dict[str, object]:
    digits = exponent(total["currency"])
    sums = {side: total[side] for side in ("published", "read") if total[side] is not None}
    said = {side: f"{value:.{digits}f}" for side, value in sums.items()}
    return {"name": total["name"], "currency": total["currency"], **said}


def _short(title: str | None) -> str | None:
    """A title to be recognised by: thousands of long ones would fill the memory."""
    return (
        title if title is None or len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
    )


def _retold(tables: Tables) -> pl.DataFrame:
    """``document, code, other, n``: fate of the activities that a document does not tell.

    ``other`` is the document to name; null where none is.
    """
    said = tables.documents.select("document", "as_of", "replaces", "reader")
    tellers = tables.activities.select(key=KEY, teller="document").unique("key")
    takers = (
        tables.documents.select(taker="document", key="withdrawn")
        .explode("key", keep_nulls=False)
        .sort("taker")
        .unique("key", keep="first", maintain_order=True)
    )
    rows = tables.rows.filter(pl.col("activity_id").is_not_null())
    same_date = pl.col("as_of").eq_missing(pl.col("as_of_teller"))
    worded = pl.col("replaces_teller").list.contains(pl.col("document")).fill_null(value=False)
    fate = (
        pl.when(pl.col("teller").is_null() & pl.col("taker").is_null())
        .then(pl.struct(code=pl.lit("activities_orphaned"), other=pl.lit(None, pl.String)))
        .when(pl.col("teller").is_null())
        .then(pl.struct(code=pl.lit("activities_withdrawn"), other=pl.col("taker")))
        .when(pl.col("reader") == Reader.EXCHANGE)
        .then(pl.struct(code=pl.lit("activities_of_export"), other=pl.col("teller")))
        .when(same_date & ~worded)
        .then(pl.struct(code=pl.lit("activities_same_date"), other=pl.col("teller")))
        .otherwise(pl.struct(code=pl.lit("activities_superseded"), other=pl.lit(None, pl.String)))
    )
    return (
        rows.select("document", "activity_id", key=KEY)
        .unique()
        .join(tellers, on="key", how="left")
        .filter(~pl.col("document").eq_missing(pl.col("teller")))
        .join(takers, on="key", how="left")
        .join(said, on="document")
        .join(said, left_on="teller", right_on="document", how="left", suffix="_teller")
        .select("document", fate.alias("fate"))
        .unnest("fate")
        .group_by("document", "code", "other")
        .len()
    )


def _finding(
    document: str, code: str, params: Mapping[str, object], locator: str | None = ""
) -> dict[str, object]:
    return {
        "document": document,
        "locator": locator,
        "field": "",
        "code": code,
        "severity": severity_of(code),
        "params": json.dumps(params, ensure_ascii=False, sort_keys=True),
    }

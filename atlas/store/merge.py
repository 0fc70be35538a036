"""What the published tables become when documents are added to them.

Which document comes after which, what the newer one leaves out, and what each adds or changes."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import polars as pl

from atlas.activity_reports import (
    ACTIVITY_KEY,
    NO_LISTS,
    SEVERAL_SENDERS,
    leader_of_rows,
    report_rows,
)
from atlas.corrections.relations import chains_of, leaders_by_record, totals_of_wholes, verdicts_of
from atlas.errors import StoreError
from atlas.findings import severity_of
from atlas.i18n import _
from atlas.model import OF_ACTIVITIES, SCHEMAS, Kind, Reader, Tables, frame_of
from atlas.shares import minor_unit_digits
from atlas.store.disk import canonical_tables, logical_hash
from atlas.store.outliers import FIGURES, figure_text, outliers

_PROVENANCE = ("activity_id", "document", "locator", "as_of", "sensitivity")
"""Where an activity was read, and what follows of it: no change of the activity."""

_FIELDS = tuple(name for name in SCHEMAS["activities"] if name not in _PROVENANCE)


class SnapshotDiff(NamedTuple):
    """Activities that differ between two snapshots.

    Attributes
    ----------
    added, removed
        ``activity_id, title, source``, ordered by title.
    changed
        ``activity_id, title, field, before, after``: one row per field that differs, as
        text; ``field`` is a column of ``activities``, ``budget``, ``committed``, ``spent``
        (minor units and currency), ``places``, or ``counted_with`` (the record that counts for
        it after a decision about a pair, or a part of it). Null is unknown, or none.
    """

    added: pl.DataFrame
    removed: pl.DataFrame
    changed: pl.DataFrame

    @property
    def is_empty(self) -> bool:
        """Whether both snapshots tell the same activities."""
        return not (self.added.height or self.removed.height or self.changed.height)

    def as_dict(self) -> dict[str, list[dict[str, Any]]]:
        """The three tables as lists of rows, for JSON."""
        return {
            "added": self.added.to_dicts(),
            "removed": self.removed.to_dicts(),
            "changed": self.changed.to_dicts(),
        }


UNCHANGED = pl.DataFrame(
    schema=dict.fromkeys(("activity_id", "title", "field", "before", "after"), pl.String)
)
"""`SnapshotDiff.changed` of tables that tell the same."""


def compare_tables(before: Tables, after: Tables) -> SnapshotDiff:
    """The way from ``before`` to ``after``."""
    old, new = before.activities, after.activities
    return SnapshotDiff(
        added=_activity_list(new.join(old, on="activity_id", how="anti")),
        removed=_activity_list(old.join(new, on="activity_id", how="anti")),
        changed=_changed_fields(before, after),
    )


def _activity_list(activities: pl.DataFrame) -> pl.DataFrame:
    return activities.select("activity_id", "title", "source").sort("title", "activity_id")


def _changed_fields(before: Tables, after: Tables) -> pl.DataFrame:
    both = _activity_facts(before).join(
        _activity_facts(after),
        on=["activity_id", "field"],
        how="full",
        coalesce=True,
        suffix="_after",
    )
    common = before.activities.select("activity_id").join(
        after.activities.select("activity_id", "title"), on="activity_id"
    )
    return (
        both.rename({"value": "before", "value_after": "after"})
        .filter(~pl.col("before").eq_missing(pl.col("after")))
        .join(common, on="activity_id")
        .select("activity_id", "title", "field", "before", "after")
        .sort("title", "activity_id", "field")
    )


def _activity_facts(tables: Tables) -> pl.DataFrame:
    """``activity_id, field, value``: all that is said of the activities, as text."""
    lists = [n for n in _FIELDS if isinstance(tables.activities.schema[n], pl.List)]
    fields = tables.activities.with_columns(pl.col(lists).list.join(" · ")).with_columns(
        pl.col(_FIELDS).cast(pl.String)
    )
    told = fields.unpivot(_FIELDS, index="activity_id", variable_name="field", value_name="value")
    since, until = (pl.col(c).cast(pl.String).fill_null("") for c in ("period_start", "period_end"))
    money = _joined_values(
        tables.amounts,
        field=pl.col("kind"),
        value=pl.format("{} {} {}/{}", pl.col("minor"), pl.col("currency"), since, until),
    )
    place = pl.format("{} ×{}", pl.col("unit_id"), pl.col("weight"))
    places = _joined_values(tables.placements, field=pl.lit("places"), value=place)
    return pl.concat([told, money, places, _counted_with(tables)])


def _counted_with(tables: Tables) -> pl.DataFrame:
    """The record that counts for each that is counted with another."""
    same = leaders_by_record(verdicts_of(tables.verdicts))
    behind = {**chains_of(tables, same).listed_with, **same}
    rows = [(activity, "counted_with", lead) for activity, lead in behind.items()]
    schema = dict.fromkeys(("activity_id", "field", "value"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _joined_values(frame: pl.DataFrame, *, field: pl.Expr, value: pl.Expr) -> pl.DataFrame:
    return (
        frame.select("activity_id", field=field, value=value)
        .group_by("activity_id", "field")
        .agg(pl.col("value").sort().str.join(" · "))
        .select("activity_id", "field", "value")
    )


DocumentRank = tuple[date, int, tuple[tuple[str, int], ...], str]
DocumentRow = Mapping[str, Any]

_SENDER = ("kind", "source", "owner")


def document_ranks(documents: pl.DataFrame) -> dict[str, DocumentRank]:
    """Documents from the oldest to the newest: what each is to be sorted by.

    Their date decides; among those of one date a person's word, then the number or name of
    the file ("liste v2" after "liste v1"), then the content.
    """
    rows = {row["document"]: row for row in documents.iter_rows(named=True)}
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 0  # a circle of words ends here
            same = (o for o in _list_or_empty(rows[name]["replaces"]) if o in rows)
            earlier = [o for o in same if rows[o]["as_of"] == rows[name]["as_of"]]
            depths[name] = 1 + max((depth(o) for o in earlier), default=-1)
        return depths[name]

    return {
        name: (row["as_of"] or date.min, depth(name), _file_sort_key(row["file"] or ""), name)
        for name, row in rows.items()
    }


def natural_sort_key(text: str) -> tuple[tuple[str, int], ...]:
    """A text with its numbers as numbers: 10 comes after 9, "liste v2" after "liste"."""
    return tuple(
        (words.casefold(), int(digits or -1))
        for words, digits in re.findall(r"(\D*)(\d*)", text)
        if words or digits
    )


def _file_sort_key(file: str) -> tuple[tuple[str, int], ...]:
    return natural_sort_key(PurePosixPath(bare_file_name(file)).stem)


def bare_file_name(file: str) -> str:
    """A file's name without the folder it lay in."""
    return PurePosixPath(file.replace("\\", "/")).name


def without_pull_moment(file: str) -> str:
    """A file's name without the moment at which it was pulled, which each pull of a list has.

    Examples
    --------
    >>> without_pull_moment("kobo-2024-07-01-120000-kobo.example.org-aX9.xlsx")
    'kobo-kobo.example.org-aX9.xlsx'
    """
    return re.sub(r"-\d{4}-\d\d-\d\d-\d{6}(?=-)", "", bare_file_name(file))


def _list_or_empty(many: list[str] | None) -> list[str]:
    return many or []


class DocumentSuccession:
    """The lists among the documents of some tables, by sender and period.

    Parameters
    ----------
    tables
        Each activity told once or several times; rows of every document.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.ranks = document_ranks(tables.documents)
        self._lists: dict[str, DocumentRow] = {
            row["document"]: row
            for row in tables.documents.iter_rows(named=True)
            if row["reader"] not in NO_LISTS
        }

    @cached_property
    def _document_keys(self) -> pl.DataFrame:
        """``document, key``: what each list's rows tell."""
        told = pl.col("activity_id").is_not_null() & pl.col("document").is_in(list(self._lists))
        return self._tables.rows.filter(told).select("document", key=ACTIVITY_KEY).unique()

    @cached_property
    def _shared_key_counts(self) -> dict[tuple[str, str], int]:
        """How many keys two lists have in common; those that a list has, with itself."""
        pairs = (
            self._document_keys.join(self._document_keys, on="key")
            .group_by("document", "document_right")
            .len()
        )
        return {(one, other): n for one, other, n in pairs.iter_rows()}

    @cached_property
    def _listed_activities(self) -> pl.DataFrame:
        """Activities with key and sender; published aggregates are not items of a list.

        The sender is the fund; for NGOs and IATI files, who share one, the organisation.
        """
        readers = self._tables.documents.select("document", "reader")
        return (
            self._tables.activities.filter(pl.col("kind") != Kind.AGGREGATE)
            .join(readers, on="document", how="left")
            .select(
                *("activity_id", "document", "locator", "title", "kind", "source", "end"),
                key=ACTIVITY_KEY,
                owner=pl.when(pl.col("reader").is_in(list(SEVERAL_SENDERS)))
                .then(leader_of_rows().fill_null(""))
                .otherwise(pl.lit("")),
            )
        )

    @cached_property
    def _document_senders(self) -> pl.DataFrame:
        """``document, kind, source, owner``: whose activities each list tells."""
        return (
            self._document_keys.join(self._listed_activities.select("key", *_SENDER), on="key")
            .drop("key")
            .unique()
        )

    def _senders_of(self, document: str) -> pl.DataFrame:
        return self._document_senders.filter(pl.col("document") == document).select(_SENDER)

    def related_lists(self, document: str) -> list[str]:
        """Older lists of the same sender and period: they and this one tell of the same.

        One activity in common shows it, or the same name of file from the same sender, whenever
        it was pulled.
        """
        rank = self.ranks[document]
        return [n for n in self._lists if self.ranks[n] < rank and self._are_related(n, document)]

    def tied_lists(self, document: str) -> list[str]:
        """Lists of the same sender and date that nothing but a name or content puts later."""
        rank = self.ranks[document]
        return [
            name
            for name in self._lists
            if self.ranks[name][0] == rank[0]
            and self.ranks[name] > rank
            and self._are_related(document, name)
        ]

    def _are_related(self, older: str, newer: str) -> bool:
        one, other = self._lists.get(older), self._lists.get(newer)
        if one is None or other is None or one["reader"] != other["reader"]:
            return False
        same = (newer, older) in self._shared_key_counts or self._same_file(newer, older)
        return same and not _is_before(one["period_end"], other["period_start"])

    def _same_file(self, one: str, other: str) -> bool:
        names = {without_pull_moment(self._lists[name]["file"] or "") for name in (one, other)}
        if len(names) > 1:
            return False
        return self._senders_of(one).join(self._senders_of(other), on=_SENDER).height > 0

    def absent_activities(self) -> pl.DataFrame:
        """Activities that a newer list of their sender should tell, and does not.

        Returns
        -------
        polars.DataFrame
            ``activity_id, document, locator, title, newer``: ``newer`` is the newest of
            those lists.
        """
        found = [_NO_ABSENCE]
        for name in sorted(self._lists, key=lambda name: self.ranks[name]):
            found += [self._left_out(older, name) for older in self.related_lists(name)]
        return pl.concat(found).unique("activity_id", keep="last", maintain_order=True)

    def _left_out(self, older: str, newer: str) -> pl.DataFrame:
        """What the older of two lists alone tells, as far as the newer speaks for it.

        A matrix of many organisations speaks for one that left it, provided it takes up
        half of the older matrix; the list of one organisation never speaks for others.
        """
        shared, whole = (self._shared_key_counts.get((older, other), 0) for other in (newer, older))
        scope = _SENDER[:2] if 2 * shared >= whole else _SENDER
        told = self._document_keys.filter(pl.col("document") == newer)
        left = (
            self._listed_activities.filter(pl.col("document") == older)
            .join(told, on="key", how="anti")
            .join(self._senders_of(newer), on=scope, how="semi")
        )
        if since := self._lists[newer]["period_start"]:
            left = left.filter(pl.col("end").is_null() | (pl.col("end") >= since))
        return left.select("activity_id", "document", "locator", "title", newer=pl.lit(newer))


_NO_ABSENCE = pl.DataFrame(
    schema=dict.fromkeys(("activity_id", "document", "locator", "title", "newer"), pl.String)
)


def _is_before(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one < other


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
    "outlier_of_activity",
    "outlier_of_sector",
)
"""Codes of findings that come of several documents together."""

LONGEST_TITLE = 200
"""Letters of a title that a finding carries."""


def merge_documents(
    current: Tables | None,
    batches: Iterable[Tables],
    replacing: Collection[str] = (),
) -> Tables:
    """The current tables, with the new documents in place of the sample and of themselves.

    Parameters
    ----------
    current, batches
        What is published (``None``: an empty store), and one or more documents each. A document
        that is there already is replaced: it is known by its content, so this is a new reading of
        the same file.
    replacing
        Documents among the new ones that a person said replace the earlier lists of their
        sender: what these lists alone tell goes. The word is kept with the document.

    Returns
    -------
    Tables
        An activity that several documents report (same key) is told once, with all its
        rows, as the newest of them tells it; what the others said is in ``earlier_reports``. One
        that the newest list of its sender leaves out stays, and a finding marks it, unless a
        person said that it goes.

    Raises
    ------
    StoreError
        The sample would be mixed with real data.
    """
    new, kept = _once_each(batches), current or Tables.empty()
    if not new:
        return kept
    fresh = [document for batch in new for document in batch.documents["document"]]
    if any(batch.is_sample for batch in new):
        if not all(batch.is_sample for batch in new) or _has_real_documents(kept):
            raise StoreError(
                _("Exemple non ajouté"),
                _("l'exemple ne se mêle jamais à des données réelles"),
                _("Pour le revoir, choisissez un dossier vide avec --store."),
            )
    else:
        fresh += kept.documents.filter(pl.col("is_sample"))["document"].to_list()
    parts = [kept.without(fresh), *new]
    whole = _with_people_words(Tables.concat(parts), kept.documents, replacing)
    if whole.documents.height == 1:  # there is no other to tell what it tells
        return _replace_derived_findings(whole, _chain_findings(whole))
    told = Tables.concat(_latest_reports(parts, whole.documents))
    told = _without_withdrawn(replace(told, documents=whole.documents), replacing)
    return _with_derived_findings(told)


DocumentWords = dict[str, dict[str, list[str]]]
"""``replaces`` and ``withdrawn`` of each document."""


def _document_words(*documents: pl.DataFrame) -> DocumentWords:
    return {
        row["document"]: {name: row[name] or [] for name in ("replaces", "withdrawn")}
        for frame in documents
        for row in frame.iter_rows(named=True)
    }


def _set_document_words(tables: Tables, said: DocumentWords) -> Tables:
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


def _with_people_words(
    whole: Tables,
    before: pl.DataFrame,
    replacing: Collection[str],
) -> Tables:
    """The tables with what people said of documents: what was said before, and now."""
    said = _document_words(whole.documents, before)  # a new reading keeps what was said of the file
    whole = _set_document_words(whole, said)
    succession = DocumentSuccession(whole)
    for document in sorted(set(replacing) & set(succession.ranks)):
        ties = [name for name in succession.tied_lists(document) if name not in replacing]
        older = {*said[document]["replaces"], *succession.related_lists(document), *ties}
        said[document]["replaces"] = sorted(older)
        for name in ties:  # the latest word counts
            said[name]["replaces"] = [n for n in said[name]["replaces"] if n != document]
    return _set_document_words(whole, said)


def _without_withdrawn(tables: Tables, replacing: Collection[str]) -> Tables:
    """Without what a person's word took out, now or earlier; the rows of documents stay."""
    succession = DocumentSuccession(tables)
    said = _document_words(tables.documents)
    if replacing:
        absent = (
            succession.absent_activities().select("document", "newer", key=ACTIVITY_KEY).unique()
        )
        for document, newer, key in absent.iter_rows():
            if newer in replacing and document in said[newer]["replaces"]:
                said[newer]["withdrawn"].append(key)
    words = [(key, name) for name, told in said.items() for key in told["withdrawn"]]
    if not words:
        return tables
    order = _document_order(succession.ranks)
    until = (
        pl.DataFrame(words, schema={"key": pl.String, "document": pl.String}, orient="row")
        .join(order, on="document")
        .group_by("key")
        .agg(until=pl.col("order").max())
    )
    gone = (
        tables.activities.select("activity_id", "document", key=ACTIVITY_KEY)
        .join(order, on="document")
        .join(until, on="key")
        .filter(pl.col("order") < pl.col("until"))
    )
    return _with_earlier_reports(_set_document_words(tables, said), gone["activity_id"])


def _document_order(newest: Mapping[str, DocumentRank]) -> pl.DataFrame:
    """``document, order``: the place of each document from the oldest to the newest."""
    names = sorted(newest, key=newest.__getitem__)
    schema = {"document": pl.String, "order": pl.Int64}
    return pl.DataFrame({"document": names, "order": range(len(names))}, schema=schema)


def _has_real_documents(tables: Tables) -> bool:
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
    for batch in sorted(many, key=_batch_rank):
        own = batch.documents["document"].to_list()
        kept.append(batch.without([d for d in own if d in seen]))
        seen.update(own)
    return [batch for batch in kept if batch.documents.height]


def _batch_rank(batch: Tables) -> tuple[list[str], str]:
    return sorted(batch.documents["file"].fill_null("").to_list()), logical_hash(
        canonical_tables(batch)
    )


def _latest_reports(parts: list[Tables], documents: pl.DataFrame) -> list[Tables]:
    """Each key in one document only, with all its activities: the newest that tells it.

    Done part by part, because amounts and placements know their activity, not their document.
    """
    told = pl.concat(
        part.activities.select(
            "activity_id", "document", "as_of", key=ACTIVITY_KEY, part=pl.lit(number)
        )
        for number, part in enumerate(parts)
    )
    told = told.join(_order_of_reports(told, documents), on=["document", "as_of"], nulls_equal=True)
    older = told.filter(pl.col("order") < pl.col("order").max().over("key"))
    return [
        _with_earlier_reports(part, older.filter(pl.col("part") == number)["activity_id"])
        for number, part in enumerate(parts)
    ]


def _with_earlier_reports(part: Tables, not_in_force: pl.Series) -> Tables:
    """The part without these activities, and with what its documents said of them."""
    if not_in_force.is_empty():
        return part
    said = report_rows(part).filter(pl.col("activity_id").is_in(not_in_force.implode()))
    kept = _without_activities(part, not_in_force)
    return replace(kept, earlier_reports=pl.concat([part.earlier_reports, said]))


def _order_of_reports(told: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """``document, as_of, order`` of what documents tell, the oldest first.

    A document is as new as its date, whatever it tells. An export of the atlas tells what other
    documents told, each thing as new as that: only a newer telling stands before the document
    it came from, if that is here.
    """
    newest = document_ranks(documents)
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


def _without_activities(part: Tables, activity_ids: pl.Series) -> Tables:
    if activity_ids.is_empty():
        return part
    gone = activity_ids.implode()
    kept = {
        name: getattr(part, name).filter(~pl.col("activity_id").is_in(gone))
        for name in ("activities", *OF_ACTIVITIES)
    }
    return replace(part, **kept)


def _with_derived_findings(tables: Tables) -> Tables:
    """Say what of a document another one now tells, leaves out or took out, or nobody tells.

    Worked out anew from the tables each time, so that it depends on nothing else.
    """
    named = tables.documents.select("document", "file").iter_rows()
    files = {document: bare_file_name(file or "") or document for document, file in named}
    absent = [
        _finding_row(
            document,
            "activity_absent",
            {"title": _shortened_title(title), "file": files[newer]},
            locator,
        )
        for _id, document, locator, title, newer in DocumentSuccession(tables)
        .absent_activities()
        .iter_rows()
    ]
    retold = [
        _finding_row(document, code, {"n": n, **({"file": files[other]} if other else {})})
        for document, code, other, n in _unreported_fates(tables).iter_rows()
    ]
    far = _outlier_findings(tables, files)
    return _replace_derived_findings(tables, [*retold, *absent, *_chain_findings(tables), *far])


def _outlier_findings(tables: Tables, files: Mapping[str, str]) -> list[dict[str, object]]:
    """The question to the sender about each figure far from what the earlier months said."""
    titles = tables.activities.select("activity_id", "title")
    found = outliers(tables).join(titles, on="activity_id", how="left", maintain_order="left")
    rows = []
    for one in found.iter_rows(named=True):
        figure = one["figure"]
        params = {
            "title": _shortened_title(one["title"]),
            "reason": FIGURES[figure],
            "after": figure_text(figure, one["value"], one["currencies"], one["budget_minor"]),
        }
        if one["peers"] is None:
            code, older = "outlier_of_activity", one["before_document"]
            stated = one["before_value"], one["before_currencies"], one["before_minor"]
            params |= {"before": figure_text(figure, *stated), "file": files[older]}
            params["row"] = one["before_locator"]
        else:
            code = "outlier_of_sector"
            params |= {name: figure_text(figure, one[name]) for name in ("median", "low", "high")}
            params["n"] = one["peers"]
        rows.append(_finding_row(one["document"], code, params, one["locator"], figure))
    return rows


def _replace_derived_findings(tables: Tables, rows: list[dict[str, object]]) -> Tables:
    """The tables with these findings in place of those derived before."""
    own = tables.findings.filter(~pl.col("code").is_in(list(DERIVED)))
    return replace(tables, findings=pl.concat([own, frame_of("findings", rows)]))


def _chain_findings(tables: Tables) -> list[dict[str, object]]:
    """Findings about what is told at several levels, of the wholes and of their parts.

    As documents tell it: what people decide about pairs comes after a publication.
    """
    chains = chains_of(replace(tables, verdicts=tables.verdicts.clear()))
    if not chains.parts:
        return []
    money = chains.elsewhere.items()
    ids = [*chains.listed_with, *(one for (whole, _kind), told in money for one in (whole, *told))]
    of = dict(
        tables.activities.filter(pl.col("activity_id").is_in(ids))
        .select("activity_id", "document")
        .iter_rows()
    )
    behind = Counter(of[whole] for whole in chains.listed_with)
    met = {
        (of[part], of[whole], whole)
        for (whole, _kind), told in money
        for part in told
        if of[part] != of[whole]
    }
    others = Counter((mine, theirs) for mine, theirs, _whole in met)
    files = dict(tables.documents.select("document", "file").iter_rows())
    return [
        *(_finding_row(one, "counted_with_parts", {"n": n}) for one, n in sorted(behind.items())),
        *(
            _finding_row(
                one,
                "parts_of_others",
                {"n": n, "file": bare_file_name(files[other] or "") or other},
            )
            for (one, other), n in sorted(others.items())
        ),
        *(
            _finding_row(total["document"], "parts_and_whole", _total_params(total))
            for total in totals_of_wholes(tables, chains).iter_rows(named=True)
            if total["published"] != total["read"]
        ),
    ]


def _total_params(total: Mapping[str, Any]) -> dict[str, object]:
    digits = minor_unit_digits(total["currency"])
    sums = {side: total[side] for side in ("published", "read") if total[side] is not None}
    said = {side: f"{value:.{digits}f}" for side, value in sums.items()}
    return {"name": total["name"], "currency": total["currency"], **said}


def _shortened_title(title: str | None) -> str | None:
    """A title to be recognised by: thousands of long ones would fill the memory."""
    return (
        title if title is None or len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
    )


def _unreported_fates(tables: Tables) -> pl.DataFrame:
    """``document, code, other, n``: fate of the activities that a document does not tell.

    ``other`` is the document to name; null where none is.
    """
    said = tables.documents.select("document", "as_of", "replaces", "reader")
    tellers = tables.activities.select(key=ACTIVITY_KEY, teller="document").unique("key")
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
        rows.select("document", "activity_id", key=ACTIVITY_KEY)
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


def _finding_row(
    document: str,
    code: str,
    params: Mapping[str, object],
    locator: str | None = "",
    field: str = "",
) -> dict[str, object]:
    return {
        "document": document,
        "locator": locator,
        "field": field,
        "code": code,
        "severity": severity_of(code),
        "params": json.dumps(params, ensure_ascii=False, sort_keys=True),
    }


class DocumentUpdate(NamedTuple):
    """What one document does to what was published.

    Attributes
    ----------
    added
        ``activity_id, title``: told for the first time.
    changed
        ``activity_id, title, field, before, after``: a row per field that differs, as text.
    gone
        ``activity_id, title, kept``: left out by this newer list; ``kept`` is true for
        those that stay published until a person says otherwise.
    findings
        ``code, params`` of what other documents, and its own earlier name, mean for this one.
    """

    added: pl.DataFrame
    changed: pl.DataFrame
    gone: pl.DataFrame
    findings: pl.DataFrame

    def change_counts(self) -> dict[str, int]:
        """Number of activities added, changed and gone."""
        return {
            "added": self.added.height,
            "changed": self.changed["activity_id"].n_unique(),
            "gone": self.gone.height,
        }


def plan_updates(
    current: Tables | None,
    batches: Iterable[Tables],
    replacing: Collection[str] = (),
) -> dict[str, DocumentUpdate]:
    """What adding documents would do, document by document, oldest first.

    Parameters
    ----------
    current, batches, replacing
        As `atlas.store.merge.merge_documents` takes them; one document a batch.

    Returns
    -------
    dict
        By document; one that came twice is there once.
    """
    updates: dict[str, DocumentUpdate] = {}
    before = current if current is not None and not current.is_sample else None
    for batch in _oldest_first(batches):
        (document,) = batch.documents["document"].to_list()
        if document in updates:
            continue
        after = merge_documents(before, [batch], replacing)
        updates[document] = _document_update(before or Tables.empty(), after, document)
        before = after
    return updates


def _oldest_first(batches: Iterable[Tables]) -> Sequence[Tables]:
    many = [batch for batch in batches if batch.documents.height]
    if not many:
        return many
    order = document_ranks(pl.concat([batch.documents for batch in many]))
    return sorted(many, key=lambda batch: order[batch.documents["document"][0]])


def _document_update(before: Tables, after: Tables, document: str) -> DocumentUpdate:
    items = pl.col("kind") != Kind.AGGREGATE  # published figures stand among the totals
    own = items & (pl.col("document") == document)
    told = after.activities.lazy().filter(own).select("activity_id", "title").collect()
    fresh = told.join(before.activities, on="activity_id", how="anti")
    ids = told.join(before.activities, on="activity_id", how="semi")["activity_id"]
    absent = DocumentSuccession(after).absent_activities().filter(pl.col("newer") == document)
    lost = before.activities.filter(items).join(after.activities, on="activity_id", how="anti")
    gone = pl.concat(
        [
            lost.select("activity_id", "title", kept=pl.lit(value=False)),
            absent.select("activity_id", "title", kept=pl.lit(value=True)),
        ]
    )
    return DocumentUpdate(
        added=fresh.select("activity_id", "title").sort("title", "activity_id"),
        changed=compare_tables(_only_activities(before, ids), _only_activities(after, ids)).changed
        if ids.len()
        else UNCHANGED,
        gone=gone.sort("title", "activity_id"),
        findings=pl.concat(
            [_renamed_documents(before, after, document), _derived_findings_of(after, document)]
        ),
    )


def _derived_findings_of(tables: Tables, document: str) -> pl.DataFrame:
    mine = (pl.col("document") == document) & pl.col("code").is_in(list(DERIVED))
    return tables.findings.filter(mine).select("code", "params").sort("code", "params")


def _renamed_documents(before: Tables, after: Tables, document: str) -> pl.DataFrame:
    """What is said of the same content under another name, or of another day."""
    mine = pl.col("document") == document
    both = (before.documents, after.documents)
    told = [documents.filter(mine).select("file", "as_of").rows() for documents in both]
    rows = []
    if told[0] and told[1] and told[0][0][0] != told[1][0][0]:
        (file, day), (_new, now) = told[0][0], told[1][0]
        code = "document_again" if day == now else "document_redated"
        params = {"file": file, "before": _day_text(day), "now": _day_text(now)}
        rows = [(code, json.dumps(params, ensure_ascii=False, sort_keys=True))]
    return pl.DataFrame(rows, after.findings.select("code", "params").schema, orient="row")


def _day_text(day: date | None) -> str:
    return day.isoformat() if day else "?"


def _only_activities(tables: Tables, activity_ids: pl.Series) -> Tables:
    """The tables with these activities alone, as they count each by itself."""
    kept = activity_ids.implode()
    frames = {
        name: getattr(tables, name).filter(pl.col("activity_id").is_in(kept))
        for name in ("activities", "amounts", "placements", "sectors")
    }
    alone = {name: getattr(tables, name).clear() for name in ("verdicts", "relations")}
    return replace(tables, **frames, **alone)

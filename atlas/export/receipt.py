"""What a sender gets back for a document: what was understood, what to correct, what is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.export.typesetting import typeset_document
from atlas.filters import Filters
from atlas.findings import SEVERITIES, finding_sentence, sender_remedy_of
from atlas.formats import day_text, money_text, number_text, range_text
from atlas.i18n import _, current_language, ngettext
from atlas.labels import label
from atlas.model import NATIONAL, RESERVED, STOPPED, Kind, Viewer
from atlas.store.merge import natural_sort_key

TEMPLATE = Path(__file__).with_name("receipt.typ")
MOST_CORRECTIONS = 3
"""Things to correct that one receipt names: more are not read."""

MOST_ADDRESSES = 5
MOST_DUE = 6


@dataclass(frozen=True)
class Correction:
    """One thing to correct.

    Attributes
    ----------
    sentence, remedy
        What was wrong with the first of its rows, and what to do.
    addresses
        Where its first rows are, as the sender finds them.
    rows
        How many there are.
    """

    sentence: str
    remedy: str
    addresses: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Receipt:
    """What is told to the sender of a document, in the language in force.

    Attributes
    ----------
    rows
        What became of the rows: ``("activités", 12)``.
    understood
        What the activities of the document are, in sentences.
    corrections, left
        What to correct first, and how many more kinds of findings there are.
    counts_for
        What the sender counts for in what is published, of all documents.
    due
        Reports that are awaited of the sender.
    as_of
        Date of what is published.
    """

    file: str
    day: date | None
    sender: str
    rows: tuple[tuple[str, int], ...]
    understood: tuple[str, ...]
    corrections: tuple[Correction, ...]
    left: int
    counts_for: tuple[str, ...]
    due: tuple[str, ...]
    as_of: date | None

    def as_text(self) -> str:
        """The receipt as plain text, for a mail or a message."""
        parts = [
            self._title(),
            self._rows_text(),
            *_section(_("Compris"), self.understood),
            *_section(_("À corriger"), self._corrections_text()),
            *_section(self._counts_heading(), self.counts_for),
            *_section(_("Attendu de vous"), self.due),
        ]
        return "\n".join(parts) + "\n"

    def as_pdf(self) -> bytes:
        """The receipt as one page of A4."""
        corrections = [
            {"where": correction_where(one), "sentence": one.sentence, "remedy": one.remedy}
            for one in self.corrections
        ]
        parts: tuple[tuple[str, Iterable[str], list[dict[str, str]]], ...] = (
            (_("Compris"), self.understood, []),
            (_("À corriger"), self._other_corrections(), corrections),
            (self._counts_heading(), self.counts_for, []),
            (_("Attendu de vous"), self.due, []),
        )
        return typeset_document(TEMPLATE, {
            "lang": current_language(),
            "title": self._title(),
            "author": _("Atlas du Mali : qui fait quoi, où"),
            "product": _("Reçu de votre liste"),
            "file": self.file,
            "situation": _("Situation au {day}", day=day_text(self.day)) if self.day else "",
            "rows": self._rows_text(),
            "sections": [
                {"title": title, "lines": list(lines), "corrections": some}
                for title, lines, some in parts
                if lines or some
            ],
            "foot": _("Selon tout ce qui est publié au {day}.", day=day_text(self.as_of)),
            "day": self.as_of.isoformat() if self.as_of else "",
        })  # fmt: skip

    def _counts_heading(self) -> str:
        return _("{sender}, dans tout ce qui est publié", sender=self.sender)

    def _title(self) -> str:
        title = _("Reçu : {file}", file=self.file)
        return title + _(", situation au {day}", day=day_text(self.day)) if self.day else title

    def _rows_text(self) -> str:
        rows = ", ".join(f"{number_text(n)} {words}" for words, n in self.rows)
        return _("Lignes lues : {rows}.", rows=rows)

    def _corrections_text(self) -> list[str]:
        return [*map(_correction_text, self.corrections), *self._other_corrections()]

    def _other_corrections(self) -> list[str]:
        """What there is to say of corrections beside those that are named."""
        if not self.corrections:
            return [_("Rien : tout a été lu sans question.")]
        if not self.left:
            return []
        return [
            ngettext(
                "Et {n} autre sorte de constat, dans le rapport complet.",
                "Et {n} autres sortes de constats, dans le rapport complet.",
                self.left,
            )
        ]


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = [f"- {line}" for line in lines]
    return ["", title, *found] if found else []


def correction_where(one: Correction) -> str:
    """Where a correction is to be made: its first rows, and how many more."""
    where = ", ".join(one.addresses)
    if (more := one.rows - len(one.addresses)) > 0:
        where += " " + ngettext("et {n} autre", "et {n} autres", more)
    return where


def _correction_text(one: Correction) -> str:
    where = correction_where(one)
    text = f"{where} : {one.sentence}" if where else one.sentence
    return f"{text} → {one.remedy}" if one.remedy else text


def receipt_of(dataset: Dataset, document: str, today: date) -> Receipt:
    """The receipt of a document.

    Parameters
    ----------
    dataset
        Of what is published now.
    document
        Beginning of the document's id, or its file name.
    today
        The day on which reports are due or late.

    Raises
    ------
    UsageError
        No published document is called so; those there are are named.
    """
    told = document_named(dataset, document)
    own = activities_of_document(dataset, told["document"])
    sender = _sender_of(own)
    corrections, left = _corrections(dataset, told["document"])
    return Receipt(
        file=told["file"],
        day=told["as_of"],
        sender=label("organisations", sender) if sender else _("Ce document"),
        rows=_outcomes(dataset, told["document"]),
        understood=_understood(dataset, own),
        corrections=corrections,
        left=left,
        counts_for=organisation_counts(dataset, sender) if sender else (),
        due=due_report_lines(dataset, sender, today) if sender else (),
        as_of=dataset.as_of,
    )


def document_named(dataset: Dataset, word: str) -> dict[str, Any]:
    """The row of a published document; of several of one file name, the newest.

    Parameters
    ----------
    word
        Beginning of its id, or its file name.

    Raises
    ------
    UsageError
        There is none; those there are are named.
    """
    documents = dataset.tables.documents
    found = documents.filter(pl.col("document").str.starts_with(word) | (pl.col("file") == word))
    if found.height == 1 or (word and found["file"].n_unique() == 1 and found.height):
        return found.sort("as_of", nulls_last=False).row(-1, named=True)
    raise UsageError(
        _("Document « {name} » inconnu", name=word),
        "",
        _("Documents publiés : {names}.", names=", ".join(documents["file"].unique().sort())),
    )


def activities_of_document(dataset: Dataset, document: str) -> pl.DataFrame:
    """The activities that a document tells, those too that a newer one tells in its place.

    In the order of its rows.
    """
    rows = dataset.tables.rows.filter(pl.col("document") == document).select("activity_id")
    told = rows.drop_nulls().unique(maintain_order=True)
    return told.join(dataset.tables.activities, on="activity_id", maintain_order="left")


def _sender_of(own: pl.DataFrame) -> str:
    """The organisation that leads most of the activities of a document; "" where none does."""
    leads = own["lead_org"].drop_nulls()
    leads = leads.filter(leads != "")
    counted = leads.value_counts(sort=True)
    alone = counted.height and counted["count"][0] * 2 > own.height
    return str(counted["lead_org"][0]) if alone else ""


def _outcomes(dataset: Dataset, document: str) -> tuple[tuple[str, int], ...]:
    rows = dataset.tables.rows.filter(document=document)["outcome"].value_counts(sort=True)
    return tuple((label("outcome", outcome), n) for outcome, n in rows.iter_rows())


def _understood(dataset: Dataset, own: pl.DataFrame) -> tuple[str, ...]:
    """The activities of a document: their places, sectors, money and people as stated."""
    items = own.filter(pl.col("kind") != Kind.AGGREGATE)
    ids = items["activity_id"].implode()
    places = dataset.tables.placements.filter(pl.col("activity_id").is_in(ids))
    units = [u for u in places["unit_id"].unique().sort() if u in dataset.frames]
    if not items.height:
        return ()
    lines = [_activities_text(items.height, ngettext("{n} lieu", "{n} lieux", len(units)))]
    sectors = items["sector"].drop_nulls().unique().sort()
    if sectors.len():
        names = ", ".join(label("sectors", sector) for sector in sectors)
        lines.append(_("Secteurs : {names}.", names=names))
    stopped = items["status"].is_in(STOPPED)
    if stopped.any():
        lines.append(
            ngettext(
                "Annulée ou suspendue, hors de ce qui suit : {n}.",
                "Annulées ou suspendues, hors de ce qui suit : {n}.",
                int(stopped.sum()),
            )
        )
        items = items.filter(~stopped)
        ids = items["activity_id"].implode()
    if money := _money_text(dataset.tables.amounts.filter(pl.col("activity_id").is_in(ids))):
        lines.append(_("Budget : {money}.", money=money))
    for column, words in (("target", _("visées")), ("reached", _("atteintes"))):
        if items[column].count():
            n = number_text(float(items[column].sum()))
            lines.append(_("Personnes {what}, telles que dites : {n}.", what=words, n=n))
    return tuple(lines)


def _activities_text(n: int, places: str) -> str:
    return ngettext(
        "{n} activité, dans {places}.", "{n} activités, dans {places}.", n, places=places
    )


def _money_text(amounts: pl.DataFrame) -> str:
    sums = amounts.filter(kind="budget").group_by("currency").agg(pl.col("minor").sum())
    texts = []
    for currency, minor in sums.sort("currency").iter_rows():
        whole = minor if currency == "XOF" else minor / 100
        texts.append(money_text(whole, currency))
    return ", ".join(texts)


def _corrections(dataset: Dataset, document: str) -> tuple[tuple[Correction, ...], int]:
    """The gravest kinds of findings about rows, those of most first; and how many more there are.

    What is said of a document as a whole is for those who import it.
    """
    return first_corrections(dataset.tables.findings.filter(document=document))


def first_corrections(findings: pl.DataFrame) -> tuple[tuple[Correction, ...], int]:
    """As `_corrections`, of some findings."""
    of_rows = pl.col("locator") != "", pl.col("severity") != "info"  # null where of none
    findings = findings.filter(*of_rows)
    kinds = findings.group_by("code", "field", maintain_order=True).agg(
        pl.col("severity").first(), pl.col("params").first(), pl.col("locator"), pl.len()
    )
    rank = {severity: n for n, severity in enumerate(SEVERITIES)}
    ordered = sorted(kinds.to_dicts(), key=lambda one: (rank[one["severity"]], -one["len"]))
    found = [
        Correction(
            sentence=finding_sentence(one["code"], one["params"]),
            remedy=sender_remedy_of(one["code"]),
            addresses=tuple(sorted(set(one["locator"]), key=natural_sort_key))[:MOST_ADDRESSES],
            rows=len(set(one["locator"])),
        )
        for one in ordered[:MOST_CORRECTIONS]
    ]
    return tuple(found), len(ordered) - len(found)


def organisation_counts(dataset: Dataset, sender: str) -> tuple[str, ...]:
    """What an organisation counts for in all that is published, in sentences."""
    asked = Filters(organisation=(sender,))
    regions = regions_reached(dataset, asked)
    n = dataset.filtered_scope(asked).counted_activities.height
    lines = [_activities_text(n, ngettext("{n} région", "{n} régions", regions))]
    if (usd := known_budget(dataset, asked)) is not None:
        lines.append(_("Budget : {money}.", money=money_text(usd, "USD")))
    people = dataset.ask("people", asked).meta["reached"]
    if isinstance(people, tuple):
        told = range_text(*people, full=True)
        lines.append(_("Personnes atteintes, chacune comptée une fois : {n}.", n=told))
    return tuple(lines)


def known_budget(dataset: Dataset, asked: Filters, viewer: Viewer = Viewer.EDITOR) -> float | None:
    """Dollars of the budgets under some filters; ``None`` where no activity has one in dollars."""
    usd = dataset.filtered_scope(asked, viewer=viewer).budget_shares["usd_minor"]
    return float(usd.sum()) / 100 if usd.count() else None


def regions_reached(dataset: Dataset, asked: Filters, viewer: Viewer = Viewer.EDITOR) -> int:
    """In how many régions something is done, or somebody is present, under some filters."""
    table = dataset.ask("presence", asked, viewer=viewer).table
    there = ~pl.col("unit_id").is_in(RESERVED) & (pl.col("organisations") > 0)
    return table.filter(there).height


def _place_name(dataset: Dataset, unit_id: str | None) -> str:
    return dataset.frames.unit_label(unit_id or NATIONAL)


def due_report_lines(dataset: Dataset, sender: str, today: date) -> tuple[str, ...]:
    """Reports that a sender owes, or that will be due."""
    table = dataset.ask("reporting", options={"day": today.isoformat()}).table
    own = table.filter(
        pl.col("state").is_in(["missing", "expected"]), pl.col("reporter") == sender
    ).sort("due", "unit_name", nulls_last=True)
    lines = []
    for row in own.head(MOST_DUE).to_dicts():
        sector = label("sectors", row["sector"]) if row["sector"] else ""
        what = ", ".join(filter(None, (_place_name(dataset, row["place_id"]), sector)))
        lines.append(
            _(
                "{what}, période close le {end} : {due} ({state}).",
                what=what,
                end=day_text(row["period_end"]),
                due=_("à rendre avant le {day}", day=day_text(row["due"]))
                if row["due"]
                else _("sans échéance connue"),
                state=label("state", row["state"]),
            )
        )
    if (left := own.height - len(lines)) > 0:
        lines.append(ngettext("Et {n} autre rapport.", "Et {n} autres rapports.", left))
    return tuple(lines)

"""What people decided, as histories to which rows are only ever added.

Meanings of wordings, pairs of activities, what activities are for, declarations of nothing to
report."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import polars as pl

from atlas.corrections import (
    CorrectionLookup,
    DecisionScope,
    DecisionSubject,
    EnteredOrganisation,
    WordingCorrection,
    is_known_entry,
)
from atlas.corrections.relations import PairRelation, PairVerdict
from atlas.errors import StoreError, UsageError
from atlas.i18n import _
from atlas.labels import label
from atlas.model import Tables, frame_of
from atlas.store.commits import finish_pending
from atlas.store.database import (
    NEXUS_TAGS,
    NOTHING_TO_REPORT,
    PAIRS,
    PLACES,
    SINCE,
    DecisionTable,
    as_utc,
    with_datetimes,
)
from atlas.store.disk import DecisionChange, DecisionRow


@dataclass(frozen=True, kw_only=True)
class HistoryLine(ABC):
    """A decision as its history has it.

    Attributes
    ----------
    id
        Its number, in the order of deciding.
    who, note
        In the words of whoever decided.
    at, undone_at
        UTC; ``undone_at`` is ``None`` while it stands.
    superseded_by
        Number of the newer decision that stands in its place, or ``None``.
    """

    id: int
    who: str
    note: str
    at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None
    superseded_by: int | None = None

    @property
    def in_force(self) -> bool:
        """Whether it applies now."""
        return self.undone_at is None and self.superseded_by is None

    @property
    @abstractmethod
    def decision_slot(self) -> Hashable:
        """What it is about: the newest decision of each slot that is not undone is in force."""

    @property
    @abstractmethod
    def decided_text(self) -> str:
        """What was decided, in a line: ids and the words of whoever decided."""


Told = TypeVar("Told", bound=HistoryLine)


class DecisionHistory(DecisionTable, ABC, Generic[Told]):
    """One table of decisions.

    Parameters
    ----------
    root
        Folder of the store; the database is made there on the first write.
    url
        Another database, as SQLAlchemy writes it (default: ``ATLAS_DATABASE_URL``).
    """

    command: ClassVar[str]
    """The command whose ``list --all`` shows the numbers."""

    @abstractmethod
    def _line_from_row(self, row: DecisionRow, trail: Mapping[str, Any]) -> Told:
        """The decision of a row; ``trail`` holds the fields that all histories share."""

    def all_decisions(self, change: DecisionChange | None = None) -> list[Told]:
        """Every decision ever taken, newest first.

        Parameters
        ----------
        change
            Decisions that are not written down yet: the history as it will be with them.
        """
        newest: dict[Hashable, int] = {}
        found = []
        for row in self._rows_with_change(self._settled_rows(), change or DecisionChange()):
            one = self._line_from_row(row, _trail_of(row))
            if one.undone_at is None:
                above = newest.setdefault(one.decision_slot, one.id)
                one = one if above == one.id else replace(one, superseded_by=above)
            found.append(one)
        return found

    def _rows_with_change(
        self, rows: list[DecisionRow], change: DecisionChange
    ) -> list[DecisionRow]:
        """The rows as they will be once a change is written down."""
        undone = {row["id"]: row for row in change.undone.get(self.table.name, ())}
        stand = [{**row, **undone.get(row["id"], {})} for row in rows]
        last = max((row["id"] for row in rows), default=0)
        fresh = {"undone_by": None, "undone_at": None}
        added = [
            {**fresh, **row, "id": last + number}
            for number, row in enumerate(change.added.get(self.table.name, ()), 1)
        ]
        return [*reversed(added), *stand]

    def get(self, decision: int) -> Told:
        """A decision by its number; `UsageError` when there is none."""
        for one in self.all_decisions():
            if one.id == decision:
                return one
        raise UsageError(
            _("Décision {id} inconnue", id=decision),
            "",
            _("Voyez leurs numéros avec « {command} list --all ».", command=self.command),
        )

    def undo_change(self, decision: int, *, who: str) -> DecisionChange:
        """What taking a decision back writes down; what it had superseded stands again then.

        Raises
        ------
        UsageError
            There is no such decision, it is undone already, or nobody takes it back.
        """
        if self.get(decision).undone_at is not None:
            raise UsageError(_("Décision {id} déjà annulée", id=decision))
        row = {"id": decision, "undone_by": _require_author(who), "undone_at": datetime.now(UTC)}
        return DecisionChange(undone={self.table.name: [row]})

    def undo_decision(self, decision: int, *, who: str) -> Told:
        """Take a decision back; what it had superseded stands again.

        Raises
        ------
        UsageError
            There is no such decision, or it is undone already.
        StoreError
            The database cannot be written.
        """
        if not self.write_once(self.undo_change(decision, who=who)):
            raise UsageError(_("Décision {id} déjà annulée", id=decision))
        return self.get(decision)

    def _settled_rows(self) -> list[DecisionRow]:
        """Rows, newest first, once what a killed publication left to write is written."""
        finish_pending(self._root)
        return self._rows_now()

    def recorded_decisions(self, change: DecisionChange) -> list[Told]:
        """The decisions of a change that is written down, in the order of deciding."""
        rows = change.added.get(self.table.name, ())
        undone = {row["id"] for row in change.undone.get(self.table.name, ())}
        added = {
            row["id"] for row in self._settled_rows() if any(_is_same_row(row, one) for one in rows)
        }
        return [one for one in reversed(self.all_decisions()) if one.id in undone | added]

    def write(self, change: DecisionChange) -> list[Told]:
        """Write a change down, all or nothing, apart from any publication."""
        finish_pending(self._root)
        self.write_once(change)
        return self.recorded_decisions(change)


def _is_same_row(row: DecisionRow, said: DecisionRow) -> bool:
    """Whether a row of the database is the one that was to be written down."""
    told = with_datetimes(said)
    moment = as_utc(row["decided_at"]) == told["decided_at"]
    return moment and all(row.get(n) == v for n, v in told.items() if n != "decided_at")


def author_columns(who: str, note: str) -> dict[str, object]:
    """Who decides now, and why, as columns.

    Raises
    ------
    UsageError
        Nobody takes the decision.
    """
    return {"who": _require_author(who), "note": note.strip(), "decided_at": datetime.now(UTC)}


def _trail_of(row: DecisionRow) -> dict[str, Any]:
    return {
        "id": row["id"],
        "who": row["who"],
        "note": row["note"],
        "at": as_utc(row["decided_at"]),
        "undone_by": row["undone_by"],
        "undone_at": as_utc(row["undone_at"]) if row["undone_at"] else None,
    }


def _require_author(who: str) -> str:
    if not who.strip():
        raise UsageError(
            _("Décision sans auteur"),
            "",
            _("Dites qui décide : --who NOM."),
        )
    return who.strip()


@dataclass(frozen=True, kw_only=True)
class WordingDecision(HistoryLine):
    """One line of the history; imports apply it while in force."""

    correction: WordingCorrection

    @property
    def decision_slot(self) -> Hashable:
        """The subject, wording and scope."""
        return self.correction.decision_slot

    @property
    def decided_text(self) -> str:
        """The wording and what it means."""
        return f"« {self.correction.wording} » → {self.correction.means}"


class WordingDecisions(DecisionHistory[WordingDecision]):
    """The decisions of a store about places and words.

    Parameters
    ----------
    root
        Folder of the store; the database is made there on the first write.
    url
        Another database, as SQLAlchemy writes it (default: ``ATLAS_DATABASE_URL``).
    """

    table = PLACES
    command = "atlas corrections"
    since = SINCE

    def add_decision(
        self, correction: WordingCorrection, *, who: str, note: str = ""
    ) -> WordingDecision:
        """Write a decision down.

        Parameters
        ----------
        correction
            What is decided; checked first (see `WordingCorrection.validated_copy`).
        who
            The name of the person who decides, as a free word.

        Raises
        ------
        UnknownUnitError, UsageError
            It makes no sense, or nobody takes it.
        StoreError
            The database cannot be written.
        """
        return self.add_decisions([correction], who=who, note=note)[0]

    def add_decisions(
        self, corrections: Iterable[WordingCorrection], *, who: str, note: str = ""
    ) -> list[WordingDecision]:
        """Write several decisions down together, all or none; see `add_decision`."""
        return self.write(self.decision_change(corrections, who=who, note=note))

    def decision_change(
        self, corrections: Iterable[WordingCorrection], *, who: str, note: str = ""
    ) -> DecisionChange:
        """What taking decisions writes down; raises as `add_decision` does."""
        said = author_columns(who, note)
        return DecisionChange(
            {PLACES.name: [_correction_as_row(one.validated_copy()) | said for one in corrections]}
        )

    def _line_from_row(self, row: DecisionRow, trail: Mapping[str, Any]) -> WordingDecision:
        return WordingDecision(correction=_correction_from_row(row), **trail)

    def in_force(self, change: DecisionChange | None = None) -> CorrectionLookup:
        """What imports apply now; with a change, once it is written down.

        Raises
        ------
        StoreError
            A decision names a unit or an id that this version does not know: nothing is
            applied in part.
        """
        standing = [one.correction for one in self.all_decisions(change) if one.in_force]
        for one in standing:
            asked = [] if one.organisation else [one.means]
            asked += [one.within] if one.scope is DecisionScope.UNDER else []
            unknown = [entry for entry in asked if not is_known_entry(one.subject, entry)]
            if unknown:
                raise StoreError(
                    _("Décision {id} inapplicable", id=one.decision),
                    _("« {entry} » n'est pas au répertoire", entry=unknown[0]),
                    _("Annulez-la : atlas corrections undo {id}.", id=one.decision),
                )
        return CorrectionLookup.from_entries(standing)


def _correction_as_row(one: WordingCorrection) -> dict[str, object]:
    entry = json.dumps(one.organisation.as_dict(), ensure_ascii=False) if one.organisation else ""
    return {
        "subject": str(one.subject),
        "wording": one.wording.strip(),
        "unit_id": one.means,
        "entry": entry,
        "scope": str(one.scope),
        "within_id": one.within,
    }


def _correction_from_row(row: DecisionRow) -> WordingCorrection:
    entry = row.get("entry")
    return WordingCorrection(
        row["wording"],
        row["unit_id"],
        DecisionScope(row["scope"]),
        row["within_id"],
        row["id"],
        DecisionSubject(row.get("subject", DecisionSubject.PLACE)),
        EnteredOrganisation.from_mapping(json.loads(str(entry))) if entry else None,
    )


_WORDS, _DAYS = ("reporter", "sector", "unit_id"), ("first", "last", "said_on")


@dataclass(frozen=True)
class NothingToReport:
    """That a reporter has nothing to report.

    Attributes
    ----------
    sector, unit_id
        Of what and where; ``""``: of all sectors, of every place.
    first, last
        The period, both days included.
    said_on
        The day on which it was said.
    """

    reporter: str
    first: date
    last: date
    said_on: date
    sector: str = ""
    unit_id: str = ""


@dataclass(frozen=True, kw_only=True)
class NothingDeclaration(HistoryLine):
    """One line of the history, with the document that holds it while it is published."""

    said: NothingToReport
    document: str

    @property
    def decision_slot(self) -> str:
        """The document: the same words on the same day are the same declaration."""
        return self.document

    @property
    def decided_text(self) -> str:
        """Who has nothing to report, of what, where and when."""
        said = self.said
        period = f"{said.first} – {said.last}"
        return " ".join(filter(None, (said.reporter, said.sector, said.unit_id, period)))


class NothingDeclarations(DecisionHistory[NothingDeclaration]):
    """The declarations of nothing to report of a store."""

    table = NOTHING_TO_REPORT
    command = "atlas layer reporting"

    def declaration_change(
        self, declared: NothingToReport, document: str, *, who: str, note: str = ""
    ) -> DecisionChange:
        """What making a declaration writes down; `UsageError` where nobody makes it."""
        words = {name: getattr(declared, name) for name in _WORDS}
        days = {name: getattr(declared, name).isoformat() for name in _DAYS}
        row = {"document": document, **words, **days, **author_columns(who, note)}
        return DecisionChange({NOTHING_TO_REPORT.name: [row]})

    def undo_all_change(self, document: str, *, who: str) -> DecisionChange:
        """What taking back the declarations of a document writes down."""
        stand = [
            one for one in self.all_decisions() if one.document == document and not one.undone_at
        ]
        undone = [
            self.undo_change(one.id, who=who).undone[NOTHING_TO_REPORT.name][0] for one in stand
        ]
        return DecisionChange(undone={NOTHING_TO_REPORT.name: undone})

    def _line_from_row(self, row: DecisionRow, trail: Mapping[str, Any]) -> NothingDeclaration:
        first, last, said_on = (date.fromisoformat(row[name]) for name in _DAYS)
        said = NothingToReport(row["reporter"], first, last, said_on, row["sector"], row["unit_id"])
        return NothingDeclaration(said=said, document=row["document"], **trail)


@dataclass(frozen=True, kw_only=True)
class PairDecision(HistoryLine):
    """One line of the history; snapshots with both its activities hold it while in force."""

    said: PairVerdict

    @property
    def decision_slot(self) -> tuple[str, str]:
        """The pair."""
        return self.said.activity_pair

    @property
    def decided_text(self) -> str:
        """The pair and what its activities are to each other."""
        return f"{' ↔ '.join(self.said.activity_pair)} : {label('verdict', self.said.verdict)}"


class PairDecisions(DecisionHistory[PairDecision]):
    """The decisions of a store about pairs of activities."""

    table = PAIRS
    command = "atlas duplicates"

    def add_decision(self, verdict: PairVerdict, *, who: str, note: str = "") -> PairDecision:
        """Write a decision down; it stands in the place of an older one about the pair.

        Raises
        ------
        UsageError
            Nobody takes it.
        StoreError
            The database cannot be written.
        """
        return self.write(self.decision_change(verdict, who=who, note=note))[0]

    def decision_change(self, verdict: PairVerdict, *, who: str, note: str = "") -> DecisionChange:
        """What taking a decision writes down; raises as `add_decision` does."""
        row = {
            "activity_a": verdict.activity_a,
            "activity_b": verdict.activity_b,
            "verdict": str(verdict.verdict),
            "lead": verdict.lead,
        }
        return DecisionChange({PAIRS.name: [row | author_columns(who, note)]})

    def _line_from_row(self, row: DecisionRow, trail: Mapping[str, Any]) -> PairDecision:
        one, other, answer = row["activity_a"], row["activity_b"], PairRelation(row["verdict"])
        return PairDecision(said=PairVerdict(one, other, answer, row["lead"], row["id"]), **trail)

    def in_force(self, change: DecisionChange | None = None) -> list[PairVerdict]:
        """One word a pair, the newest that is not undone; see `history` for `change`."""
        return [one.said for one in self.all_decisions(change) if one.in_force]


@dataclass(frozen=True, kw_only=True)
class NexusTag(HistoryLine):
    """One line of the history: what an activity is for, as somebody says.

    Attributes
    ----------
    nexus
        An id of ``vocab/nexus.csv``; ``""``: nothing any more.
    """

    activity_id: str
    nexus: str

    @property
    def decision_slot(self) -> str:
        """The activity."""
        return self.activity_id

    @property
    def decided_text(self) -> str:
        """The activity and what it is for."""
        return f"{self.activity_id} : {label('nexus', self.nexus) or '—'}"


class NexusTags(DecisionHistory[NexusTag]):
    """What people say that activities are for."""

    table = NEXUS_TAGS
    command = "atlas nexus"

    def tag_change(
        self, activities: Iterable[str], nexus: str, *, who: str, note: str = ""
    ) -> DecisionChange:
        """What tagging activities writes down; `UsageError` where nobody does it."""
        author = author_columns(who, note)
        rows = [{"activity_id": one, "nexus": nexus, **author} for one in activities]
        return DecisionChange({NEXUS_TAGS.name: rows})

    def _line_from_row(self, row: DecisionRow, trail: Mapping[str, Any]) -> NexusTag:
        return NexusTag(activity_id=row["activity_id"], nexus=row["nexus"], **trail)

    def in_force(self, change: DecisionChange | None = None) -> dict[str, str]:
        """Activity → what it is for; those of which nobody says it are not in it."""
        told = (one for one in self.all_decisions(change) if one.in_force and one.nexus)
        return {one.activity_id: one.nexus for one in told}


def with_decisions(
    tables: Tables, root: Path | str, change: DecisionChange | None = None
) -> Tables:
    """The tables with the decisions in force about their activities and pairs, and no others.

    Parameters
    ----------
    change
        Decisions that are written down with these tables.
    """
    known = set(tables.activities["activity_id"])
    rows = [
        {
            "activity_a": one.activity_a,
            "activity_b": one.activity_b,
            "verdict": str(one.verdict),
            "lead": one.lead or None,
        }
        for one in PairDecisions(root).in_force(change)
        if known.issuperset(one.activity_pair)
    ]
    tags, own = NexusTags(root).in_force(change), pl.col("activity_id").cast(pl.String)
    nexus = own.replace_strict(tags, default=None, return_dtype=pl.String)
    tagged = tables.activities.with_columns(nexus=nexus if tags else pl.lit(None, pl.String))
    return replace(tables, verdicts=frame_of("verdicts", rows), activities=tagged)

"""What people decided about places, as a lookup that an import applies.

A correction says which unit a wording means, and where that holds: everywhere, in places
that lie in a parent unit, or in one document. The narrower scope wins; within a scope the
smaller parent, then the longer wording. A bare name never moves a place out of what the
rest of its row says: such a decision is set aside, and both readings are told.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from atlas.errors import UsageError
from atlas.geo.frames import LEVELS, frames
from atlas.i18n import _
from atlas.model import COARSER, NOT_CONVERTIBLE, RESERVED

Parts = tuple[str, ...]

_SEPARATORS = re.compile(r"[>|]")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_ELISION = re.compile(r"\b([dl])['’‘`´ʼ]")
_WORDS = re.compile(r"[^\W_]+")


class Scope(StrEnum):
    """Where a decision holds."""

    EVERYWHERE = "everywhere"
    UNDER = "under"
    DOCUMENT = "document"


_NARROWEST = (Scope.DOCUMENT, Scope.UNDER, Scope.EVERYWHERE)


def wording_key(wording: str) -> Parts:
    """What two writings of one wording have in common; recording and applying both use it.

    Case, accents, punctuation and spacing make no difference; words and their order do.
    It stands apart from the keys of `atlas.geo.names` on purpose: a better matcher must
    not change what a person decided.

    Parameters
    ----------
    wording
        A name, or names from the larger to the finer with ``>`` or ``|`` between them, as
        the placements and findings show them.

    Returns
    -------
    tuple of str
        One folded name each, none empty.

    Examples
    --------
    >>> wording_key("MOPTI > Ouro-Guiré")
    ('mopti', 'ouro guire')
    """
    return tuple(part for piece in _SEPARATORS.split(wording) if (part := _folded(piece)))


def _folded(text: str) -> str:
    spelt = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    bare = "".join(char for char in spelt if not unicodedata.combining(char))
    return " ".join(_WORDS.findall(_APOSTROPHES.sub("", _ELISION.sub(r"\1 ", bare))))


def lies_in(unit_id: str, area: str) -> bool | None:
    """Whether a unit lies in another, of whatever découpages; ``None`` if they cannot say."""
    holder = frames().unit(area)
    found = frames().convert(unit_id, holder.frame, holder.level)
    return None if found in (COARSER, NOT_CONVERTIBLE) else found == area


def compatible(unit_id: str, said: str) -> bool:
    """Whether a unit and what a row says of the place can both be true."""
    verdicts = (lies_in(unit_id, said), lies_in(said, unit_id))
    return True in verdicts or False not in verdicts


@dataclass(frozen=True)
class Correction:
    """One decision in force.

    Attributes
    ----------
    wording
        As the person gave it (see `wording_key`).
    unit_id
        What it means.
    within
        The parent unit or the document of the scope; "" for everywhere.
    decision
        Its number in the history; no part of what it says.
    """

    wording: str
    unit_id: str
    scope: Scope = Scope.EVERYWHERE
    within: str = ""
    decision: int = field(default=0, compare=False)

    @cached_property
    def parts(self) -> Parts:
        """Key of the wording."""
        return wording_key(self.wording)

    @property
    def slot(self) -> tuple[Parts, str, str]:
        """What another decision must share to take the place of this one."""
        return self.parts, str(self.scope), self.within

    def checked(self) -> Correction:
        """The same, once it makes sense.

        Raises
        ------
        UnknownUnitError
            No découpage has the unit, or the parent.
        UsageError
            The wording says nothing, the scope lacks its parent or document, or the unit
            lies outside the parent.
        """
        if not self.parts:
            raise UsageError(
                _("Décision sans lieu"),
                _("« {wording} » ne contient aucun mot", wording=self.wording),
                _("Donnez le nom tel que le document l'écrit."),
            )
        frames().unit(self.unit_id)
        if bool(self.within) == (self.scope is Scope.EVERYWHERE):
            raise UsageError(
                _("Portée « {scope} » mal précisée", scope=self.scope),
                "",
                _("Une décision vaut partout, sous une unité, ou dans un document."),
            )
        if self.scope is Scope.UNDER and lies_in(self.unit_id, self.within) is not True:
            raise UsageError(
                _("Décision refusée pour « {wording} »", wording=self.wording),
                _(
                    "{unit} n'est pas dans {parent}",
                    unit=_reading(self.unit_id),
                    parent=_reading(self.within),
                ),
                _("Corrigez l'unité ou le parent."),
            )
        return self


def _reading(unit_id: str) -> str:
    return f"{frames().label(unit_id)} [{unit_id}]"


@dataclass(frozen=True)
class Verdict:
    """What a correction does to a place: it applies, or the row contradicts it."""

    correction: Correction
    applies: bool


@dataclass(frozen=True, eq=False)
class Corrections:
    """Decisions in force, ready to be looked up. Two are the same when their entries are.

    Compared by identity, so that answers can be remembered by it at no cost.
    """

    entries: tuple[Correction, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Correction]) -> Corrections:
        """Corrections in one order, whatever the order they come in."""
        return cls(tuple(sorted(entries, key=lambda one: (*one.slot, one.unit_id))))

    def __bool__(self) -> bool:
        return bool(self.entries)

    def for_document(self, document: str) -> Corrections:
        """Those that may hold in a document."""
        kept = (c for c in self.entries if c.scope is not Scope.DOCUMENT or c.within == document)
        return Corrections(tuple(kept))

    @cached_property
    def _by_name(self) -> dict[str, list[Correction]]:
        index: dict[str, list[Correction]] = defaultdict(list)
        for one in self.entries:
            index[one.parts[-1]].append(one)
        return dict(index)

    def concern(self, wording: str) -> bool:
        """Whether a decided name stands somewhere in a wording."""
        if not self.entries:
            return False
        written = f" {' '.join(wording_key(wording))} "
        return any(f" {name} " in written for name in self._by_name)

    def decide(
        self, parts: Parts, said: Collection[str] = (), *, binding: bool = True
    ) -> Verdict | None:
        """The decision about a wording.

        Parameters
        ----------
        parts
            Key of the wording, names from the larger to the finer.
        said
            Units that the rest of the row or text names.
        binding
            Whether the place must be compatible with one of those; names beside it in a
            list only tell whether it lies under a parent.

        Returns
        -------
        Verdict or None
            ``None`` when nobody decided anything about it.
        """
        around = [unit_id for unit_id in said if unit_id not in RESERVED]
        named = self._by_name.get(parts[-1], ()) if parts else ()
        fit = [c for c in named if _in_order(c.parts, parts) and _holds(c, around)]
        for one in sorted(fit, key=_precedence):
            whole = len(parts) > 1 and one.parts == parts
            if whole or not (binding and around) or any(compatible(one.unit_id, u) for u in around):
                return Verdict(one, applies=True)
        return Verdict(min(fit, key=_precedence), applies=False) if fit else None


def _in_order(some: Parts, every: Parts) -> bool:
    """Whether names are among others, in the same order, and end with the same."""
    rest = iter(every[:-1])
    return some[-1] == every[-1] and all(name in rest for name in some[:-1])


def _holds(one: Correction, around: Collection[str]) -> bool:
    if one.scope is not Scope.UNDER:
        return True
    return bool(around) and all(lies_in(unit_id, one.within) for unit_id in around)


def _precedence(one: Correction) -> tuple[int, int, int, Parts, str]:
    depth = LEVELS.index(frames().unit(one.within).level) if one.scope is Scope.UNDER else 0
    return _NARROWEST.index(one.scope), -depth, -len(one.parts), one.parts, one.within


NO_CORRECTIONS = Corrections()

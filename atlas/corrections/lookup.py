"""The decisions in force, ready to be looked up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from atlas.corrections.decided import Correction, Organisation, Scope, Subject
from atlas.corrections.places import Verdict, verdict
from atlas.corrections.wording import Parts, term_key, wording_key


@dataclass(frozen=True, eq=False)
class Corrections:
    """Decisions in force. Two are the same when their entries are.

    Compared by identity, so that answers can be remembered by it at no cost.
    """

    entries: tuple[Correction, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Correction]) -> Corrections:
        """Corrections in one order, whatever the order they come in."""
        return cls(tuple(sorted(entries, key=lambda one: (*one.slot, one.means))))

    def __bool__(self) -> bool:
        return bool(self.entries)

    def for_document(self, document: str) -> Corrections:
        """Those that may hold in a document."""
        kept = (c for c in self.entries if c.scope is not Scope.DOCUMENT or c.within == document)
        return Corrections(tuple(kept))

    @cached_property
    def _by_name(self) -> Mapping[str, list[Correction]]:
        index: dict[str, list[Correction]] = defaultdict(list)
        for one in self.entries:
            if one.subject is Subject.PLACE:
                index[one.parts[-1]].append(one)
        return dict(index)

    def concern(self, wording: str) -> bool:
        """Whether the decided name of a place stands somewhere in a wording."""
        if not self._by_name:
            return False
        written = f" {' '.join(wording_key(wording))} "
        return any(f" {name} " in written for name in self._by_name)

    def decide(
        self, parts: Parts, said: Collection[str] = (), *, binding: bool = True
    ) -> Verdict | None:
        """The decision about the wording of a place.

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
        named = self._by_name.get(parts[-1], ()) if parts else ()
        return verdict(named, parts, said, binding=binding)

    def term(self, subject: Subject, wording: str) -> Correction | None:
        """The decision about the wording of a sector, an organisation or a status.

        One of the document (see `for_document`) wins over one that holds everywhere, and
        either over the spellings of an organisation that a person entered.
        """
        return self._terms.get((subject, term_key(wording))) if self._terms else None

    @cached_property
    def _terms(self) -> Mapping[tuple[Subject, str], Correction]:
        own = {(Subject.ORGANISATION, key): one for key, one in self._own_spellings()}
        terms = [one for one in self.entries if one.subject is not Subject.PLACE]
        wide = {(c.subject, c.parts[0]): c for c in terms if c.scope is not Scope.DOCUMENT}
        narrow = {(c.subject, c.parts[0]): c for c in terms if c.scope is Scope.DOCUMENT}
        return {**own, **wide, **narrow}

    def _own_spellings(self) -> Iterable[tuple[str, Correction]]:
        for one in reversed(self.entries):  # of two that enter one spelling, the first counts
            if one.organisation is not None:
                for spelling in (one.organisation.acronym, one.organisation.name):
                    if key := term_key(spelling):
                        yield key, one

    @cached_property
    def organisations(self) -> Mapping[str, Organisation]:
        """Organisations that people entered, by id.

        Where decisions tell one in two ways, the one about its own name counts.
        """
        found: dict[str, Organisation] = {}
        for one in reversed(self.entries):
            if one.organisation is not None:
                found[one.means] = one.organisation
        for one in self.entries:
            if one.organisation is not None and one.parts[0] == term_key(one.means):
                found[one.means] = one.organisation
        return found


NO_CORRECTIONS = Corrections()

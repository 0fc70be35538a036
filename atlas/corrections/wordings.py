"""What people decided that wordings mean, as a lookup: keys, scopes, precedence.

`wording_key` stands apart from the keys of the matchers: a better matcher never changes what was
decided."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import NamedTuple

from atlas.errors import UsageError
from atlas.geo.frames import LEVELS, shipped_frames
from atlas.i18n import _
from atlas.model import COARSER, NOT_CONVERTIBLE, RESERVED
from atlas.vocab import entries_by_id, entry_label, entry_spelt_as, nearest_in_vocabulary

WordingParts = tuple[str, ...]

_SEPARATORS = re.compile(r"[>|]")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_ELISION = re.compile(r"\b([dl])['’‘`´ʼ]")
_WORDS = re.compile(r"[^\W_]+")


def wording_key(wording: str) -> WordingParts:
    """What two writings of one wording have in common; recording and applying both use it.

    Case, accents, punctuation and spacing make no difference; words and their order do.
    It stands apart from the keys of `atlas.geo.names` and `atlas.vocab` on purpose: a better
    matcher must not change what a person decided.

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
    return tuple(part for piece in _SEPARATORS.split(wording) if (part := _folded_words(piece)))


def term_key(wording: str) -> str:
    """The same for a wording that is one name, whatever stands in it.

    Examples
    --------
    >>> term_key("Eau | Hygiène (EHA)")
    'eau hygiene eha'
    """
    return " ".join(wording_key(wording))


def _folded_words(text: str) -> str:
    spelt = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    bare = "".join(char for char in spelt if not unicodedata.combining(char))
    return " ".join(_WORDS.findall(_APOSTROPHES.sub("", _ELISION.sub(r"\1 ", bare))))


def unit_lies_in(unit_id: str, area: str) -> bool | None:
    """Whether a unit lies in another, of whatever découpages; ``None`` if they cannot say."""
    holder = shipped_frames().unit_by_id(area)
    found = shipped_frames().converted_unit(unit_id, holder.frame, holder.level)
    return None if found in (COARSER, NOT_CONVERTIBLE) else found == area


def units_compatible(unit_id: str, said: str) -> bool:
    """Whether a unit and what a row says of the place can both be true."""
    verdicts = (unit_lies_in(unit_id, said), unit_lies_in(said, unit_id))
    return True in verdicts or False not in verdicts


class DecisionScope(StrEnum):
    """Where a decision holds."""

    EVERYWHERE = "everywhere"
    UNDER = "under"
    DOCUMENT = "document"


class DecisionSubject(StrEnum):
    """What a wording is about."""

    PLACE = "place"
    SECTOR = "sector"
    ORGANISATION = "organisation"
    STATUS = "status"

    @property
    def vocabulary_name(self) -> str:
        """List its answers come from; "" for places, which have units."""
        return "" if self is DecisionSubject.PLACE else _VOCABULARIES[self]


_VOCABULARIES = {
    DecisionSubject.SECTOR: "sectors",
    DecisionSubject.ORGANISATION: "organisations",
    DecisionSubject.STATUS: "statuses",
}


@dataclass(frozen=True)
class EnteredOrganisation:
    """An organisation that no vocabulary has, as a person enters it.

    Attributes
    ----------
    acronym, name
        One of them at least; the first there is is its id, and what it is shown as.
    type
        Id of `org_types`, or "" when nobody knows.
    """

    acronym: str = ""
    name: str = ""
    type: str = ""

    @property
    def id(self) -> str:
        """What activities carry."""
        return self.acronym or self.name

    def as_dict(self) -> dict[str, str]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, said: Mapping[str, str]) -> EnteredOrganisation:
        """From what `as_dict` or a person gives, without blanks around."""
        parts = (" ".join(str(said.get(key) or "").split()) for key in ("acronym", "name", "type"))
        return cls(*parts)


@dataclass(frozen=True)
class WordingCorrection:
    """One decision in force.

    Attributes
    ----------
    wording
        As the person gave it (see `wording_key`).
    means
        Id of the unit, sector, organisation or status.
    within
        The parent unit or the document of the scope; "" for everywhere.
    decision
        Its number in the history; no part of what it says.
    organisation
        The organisation itself, where no vocabulary has it.
    """

    wording: str
    means: str
    scope: DecisionScope = DecisionScope.EVERYWHERE
    within: str = ""
    decision: int = field(default=0, compare=False)
    subject: DecisionSubject = DecisionSubject.PLACE
    organisation: EnteredOrganisation | None = None

    @property
    def wording_parts(self) -> WordingParts:
        """Key of the wording: names of a place, or the one name of anything else."""
        if self.subject is DecisionSubject.PLACE:
            return wording_key(self.wording)
        key = term_key(self.wording)
        return (key,) if key else ()

    @property
    def decision_slot(self) -> tuple[str, WordingParts, str, str]:
        """What another decision must share to take the place of this one."""
        return str(self.subject), self.wording_parts, str(self.scope), self.within

    def validated_copy(self) -> WordingCorrection:
        """The same, once it makes sense.

        Raises
        ------
        UnknownUnitError
            No découpage has the unit, or the parent.
        UsageError
            The wording says nothing, the scope lacks its parent or document or does not suit
            the subject, the unit lies outside the parent, or no vocabulary has the id.
        """
        if not self.wording_parts:
            raise UsageError(
                _("Décision sans objet"),
                _("« {wording} » ne contient aucun mot", wording=self.wording),
                _("Donnez le nom tel que le document l'écrit."),
            )
        if bool(self.within) == (self.scope is DecisionScope.EVERYWHERE):
            raise UsageError(
                _("Portée « {scope} » mal précisée", scope=self.scope),
                "",
                _("Une décision vaut partout, sous une unité, ou dans un document."),
            )
        if self.subject is DecisionSubject.PLACE:
            self._check_place()
        else:
            self._check_term()
        return self

    def _check_place(self) -> None:
        shipped_frames().unit_by_id(self.means)
        if self.scope is DecisionScope.UNDER and unit_lies_in(self.means, self.within) is not True:
            raise UsageError(
                _("Décision refusée pour « {wording} »", wording=self.wording),
                _(
                    "{unit} n'est pas dans {parent}",
                    unit=answer_label(DecisionSubject.PLACE, self.means),
                    parent=answer_label(DecisionSubject.PLACE, self.within),
                ),
                _("Corrigez l'unité ou le parent."),
            )

    def _check_term(self) -> None:
        if self.scope is DecisionScope.UNDER:
            raise UsageError(
                _("Portée « {scope} » mal précisée", scope=self.scope),
                _("seul un lieu se trouve sous une unité"),
                _("Cette décision vaut partout, ou dans un document."),
            )
        if self.organisation is not None and self.subject is DecisionSubject.ORGANISATION:
            _check_organisation(self.organisation, self.means)
        elif not is_known_entry(self.subject, self.means):
            raise _unlisted_error(self.subject, self.means)


def _check_organisation(one: EnteredOrganisation, means: str) -> None:
    """A new organisation has a name of its own, and a type of the list or none."""
    if not term_key(one.id) or one.id != means:
        raise UsageError(
            _("Organisation sans nom"), "", _("Donnez son sigle ou son nom, et son type.")
        )
    if one.type and one.type not in entries_by_id("org_types"):
        raise UsageError(
            _("Type d'organisation « {type} » inconnu", type=one.type),
            "",
            _("Choisissez parmi : {types}.", types=", ".join(entries_by_id("org_types"))),
        )
    for spelling in filter(None, (one.acronym, one.name)):
        taken = entry_spelt_as("organisations", spelling)
        if taken:
            raise UsageError(
                _("« {name} » est déjà au répertoire", name=spelling),
                answer_label(DecisionSubject.ORGANISATION, taken),
                _("Décidez qu'il s'agit d'elle : --as {id}.", id=taken),
            )


def is_known_entry(subject: DecisionSubject, entry: str) -> bool:
    """Whether an id is a unit, or in the vocabulary of the subject."""
    return entry in (
        entries_by_id(subject.vocabulary_name) if subject.vocabulary_name else shipped_frames()
    )


def entry_id_of(subject: DecisionSubject, said: str) -> str:
    """Id that a person means by an id, a name or an acronym of a vocabulary.

    Raises
    ------
    UsageError
        Nothing is called so; the nearest are named.

    Examples
    --------
    >>> entry_id_of(DecisionSubject.SECTOR, "EHA"), entry_id_of(DecisionSubject.ORGANISATION, "WFP")
    ('wash', 'pam')
    """
    found = said if is_known_entry(subject, said) else entry_spelt_as(subject.vocabulary_name, said)
    if found is None:
        raise _unlisted_error(subject, said)
    return found


def answer_label(subject: DecisionSubject, entry: str) -> str:
    """How an answer is shown to the person who decides.

    Examples
    --------
    >>> answer_label(DecisionSubject.SECTOR, "wash"), answer_label(DecisionSubject.SECTOR, "Bidule")
    ('EHA [wash]', 'Bidule')
    """
    if subject.vocabulary_name:
        name = entry_label(subject.vocabulary_name, entry)
    else:
        name = shipped_frames().unit_label(entry) if entry in shipped_frames() else ""
    return f"{name} [{entry}]" if name and name != entry else entry or "—"


def correction_of_answer(
    subject: str,
    wording: str,
    value: str | Mapping[str, str],
    document: str,
    entered: Mapping[str, EnteredOrganisation] | None = None,
) -> WordingCorrection:
    """The decision that an answer about a wording of a document is, checked.

    Parameters
    ----------
    subject
        A value of `DecisionSubject`.
    value
        Id of a unit or of an entry of the vocabulary; or an organisation that it lacks, as a
        mapping with `acronym`, `name`, `type`, or as that mapping in JSON.
    document
        Where a place is; what a word means holds everywhere.
    entered
        Organisations that people entered before, which an id may name too.

    Raises
    ------
    UnknownUnitError, UsageError
        The answer makes no sense, see `WordingCorrection.validated_copy`.
    """
    kind = DecisionSubject(subject)
    if kind is DecisionSubject.PLACE:
        return WordingCorrection(
            wording, str(value), DecisionScope.DOCUMENT, document
        ).validated_copy()
    if isinstance(value, str) and value.startswith("{"):
        value = _parsed_mapping(value)
    one = (
        (entered or {}).get(value)
        if isinstance(value, str)
        else EnteredOrganisation.from_mapping(value)
    )
    if one is not None:
        return WordingCorrection(wording, one.id, subject=kind, organisation=one).validated_copy()
    return WordingCorrection(wording, str(value), subject=kind).validated_copy()


def _parsed_mapping(text: str) -> dict[str, str]:
    try:
        return dict(json.loads(text))
    except ValueError as error:
        raise UsageError(_("Réponse illisible : « {text} »", text=text[:60])) from error


def _unlisted_error(subject: DecisionSubject, said: str) -> UsageError:
    near = [
        answer_label(subject, one.id)
        for one in nearest_in_vocabulary(subject.vocabulary_name, said)
    ]
    every = (
        list(entries_by_id(subject.vocabulary_name))
        if subject is not DecisionSubject.ORGANISATION
        else []
    )
    choices = ", ".join(near or every)
    return UsageError(
        _("« {name} » n'est pas au répertoire", name=said),
        "",
        _("Proches : {near}.", near=choices) if choices else "",
    )


_NARROWEST = (DecisionScope.DOCUMENT, DecisionScope.UNDER, DecisionScope.EVERYWHERE)


class PlaceVerdict(NamedTuple):
    """What a correction does to a place: it applies, or the row contradicts it."""

    correction: WordingCorrection
    applies: bool


def place_verdict(
    named: Iterable[WordingCorrection], parts: WordingParts, said: Collection[str], *, binding: bool
) -> PlaceVerdict | None:
    """What the decisions about a name do to a place; see `CorrectionLookup`."""
    around = [unit_id for unit_id in said if unit_id not in RESERVED]
    fit = [
        one for one in named if _in_order(one.wording_parts, parts) and _scope_holds(one, around)
    ]
    for one in sorted(fit, key=_precedence_key):
        whole = len(parts) > 1 and one.wording_parts == parts
        if whole or not (binding and around) or any(units_compatible(one.means, u) for u in around):
            return PlaceVerdict(one, applies=True)
    return PlaceVerdict(min(fit, key=_precedence_key), applies=False) if fit else None


def _in_order(some: WordingParts, every: WordingParts) -> bool:
    """Whether names are among others, in the same order, and end with the same."""
    rest = iter(every[:-1])
    return some[-1] == every[-1] and all(name in rest for name in some[:-1])


def _scope_holds(one: WordingCorrection, around: Collection[str]) -> bool:
    if one.scope is not DecisionScope.UNDER:
        return True
    return bool(around) and all(unit_lies_in(unit_id, one.within) for unit_id in around)


def _precedence_key(one: WordingCorrection) -> tuple[int, int, int, WordingParts, str]:
    depth = (
        LEVELS.index(shipped_frames().unit_by_id(one.within).level)
        if one.scope is DecisionScope.UNDER
        else 0
    )
    return (
        _NARROWEST.index(one.scope),
        -depth,
        -len(one.wording_parts),
        one.wording_parts,
        one.within,
    )


@dataclass(eq=False)
class CorrectionLookup:
    """Decisions in force. Two are the same when their entries are.

    Compared by identity, so that answers can be remembered by it at no cost.
    """

    entries: tuple[WordingCorrection, ...] = ()

    def __post_init__(self) -> None:
        self._by_name = self._places_by_name()
        self._term_index = self._corrections_of_terms()
        self.entered_organisations = self._organisations_by_id()
        """Organisations that people entered, by id."""

    @classmethod
    def from_entries(cls, entries: Iterable[WordingCorrection]) -> CorrectionLookup:
        """Corrections in one order, whatever the order they come in."""
        return cls(tuple(sorted(entries, key=lambda one: (*one.decision_slot, one.means))))

    def __bool__(self) -> bool:
        return bool(self.entries)

    def for_document(self, document: str) -> CorrectionLookup:
        """Those that may hold in a document."""
        kept = (
            c for c in self.entries if c.scope is not DecisionScope.DOCUMENT or c.within == document
        )
        return CorrectionLookup(tuple(kept))

    def _places_by_name(self) -> Mapping[str, list[WordingCorrection]]:
        index: dict[str, list[WordingCorrection]] = defaultdict(list)
        for one in self.entries:
            if one.subject is DecisionSubject.PLACE:
                index[one.wording_parts[-1]].append(one)
        return dict(index)

    def concerns_wording(self, wording: str) -> bool:
        """Whether the decided name of a place stands somewhere in a wording."""
        if not self._by_name:
            return False
        written = f" {' '.join(wording_key(wording))} "
        return any(f" {name} " in written for name in self._by_name)

    def place_decision(
        self, parts: WordingParts, said: Collection[str] = (), *, binding: bool = True
    ) -> PlaceVerdict | None:
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
        PlaceVerdict or None
            ``None`` when nobody decided anything about it.
        """
        named = self._by_name.get(parts[-1], ()) if parts else ()
        return place_verdict(named, parts, said, binding=binding)

    def term_correction(self, subject: DecisionSubject, wording: str) -> WordingCorrection | None:
        """The decision about the wording of a sector, an organisation or a status.

        One of the document (see `for_document`) wins over one that holds everywhere, and
        either over the spellings of an organisation that a person entered.
        """
        return self._term_index.get((subject, term_key(wording))) if self._term_index else None

    def _corrections_of_terms(self) -> Mapping[tuple[DecisionSubject, str], WordingCorrection]:
        own = {(DecisionSubject.ORGANISATION, key): one for key, one in self._entered_spellings()}
        terms = [one for one in self.entries if one.subject is not DecisionSubject.PLACE]
        wide = {
            (c.subject, c.wording_parts[0]): c
            for c in terms
            if c.scope is not DecisionScope.DOCUMENT
        }
        narrow = {
            (c.subject, c.wording_parts[0]): c for c in terms if c.scope is DecisionScope.DOCUMENT
        }
        return {**own, **wide, **narrow}

    def _entered_spellings(self) -> Iterable[tuple[str, WordingCorrection]]:
        for one in reversed(self.entries):  # of two that enter one spelling, the first counts
            if one.organisation is not None:
                for spelling in (one.organisation.acronym, one.organisation.name):
                    if key := term_key(spelling):
                        yield key, one

    def _organisations_by_id(self) -> Mapping[str, EnteredOrganisation]:
        """Where decisions tell one organisation in two ways, the one about its own name counts."""
        found: dict[str, EnteredOrganisation] = {}
        for one in reversed(self.entries):
            if one.organisation is not None:
                found[one.means] = one.organisation
        for one in self.entries:
            if one.organisation is not None and one.wording_parts[0] == term_key(one.means):
                found[one.means] = one.organisation
        return found


NO_CORRECTIONS = CorrectionLookup()

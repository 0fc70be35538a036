"""One decision: what a wording means, of which subject, and where that holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property

from atlas.corrections.units import lies_in
from atlas.corrections.wording import Parts, term_key, wording_key
from atlas.errors import UsageError
from atlas.geo.frames import frames
from atlas.i18n import _
from atlas.vocab import by_id, known_as, label, nearest


class Scope(StrEnum):
    """Where a decision holds."""

    EVERYWHERE = "everywhere"
    UNDER = "under"
    DOCUMENT = "document"


class Subject(StrEnum):
    """What a wording is about."""

    PLACE = "place"
    SECTOR = "sector"
    ORGANISATION = "organisation"
    STATUS = "status"

    @property
    def vocabulary(self) -> str:
        """List its answers come from; "" for places, which have units."""
        return "" if self is Subject.PLACE else _VOCABULARIES[self]


_VOCABULARIES = {
    Subject.SECTOR: "sectors",
    Subject.ORGANISATION: "organisations",
    Subject.STATUS: "statuses",
}


@dataclass(frozen=True)
class Organisation:
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
    def of(cls, said: Mapping[str, str]) -> Organisation:
        """From what `as_dict` or a person gives, without blanks around."""
        parts = (" ".join(str(said.get(key) or "").split()) for key in ("acronym", "name", "type"))
        return cls(*parts)


@dataclass(frozen=True)
class Correction:
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
    scope: Scope = Scope.EVERYWHERE
    within: str = ""
    decision: int = field(default=0, compare=False)
    subject: Subject = Subject.PLACE
    organisation: Organisation | None = None

    @cached_property
    def parts(self) -> Parts:
        """Key of the wording: names of a place, or the one name of anything else."""
        if self.subject is Subject.PLACE:
            return wording_key(self.wording)
        key = term_key(self.wording)
        return (key,) if key else ()

    @property
    def slot(self) -> tuple[str, Parts, str, str]:
        """What another decision must share to take the place of this one."""
        return str(self.subject), self.parts, str(self.scope), self.within

    def checked(self) -> Correction:
        """The same, once it makes sense.

        Raises
        ------
        UnknownUnitError
            No découpage has the unit, or the parent.
        UsageError
            The wording says nothing, the scope lacks its parent or document or does not suit
            the subject, the unit lies outside the parent, or no vocabulary has the id.
        """
        if not self.parts:
            raise UsageError(
                _("Décision sans objet"),
                _("« {wording} » ne contient aucun mot", wording=self.wording),
                _("Donnez le nom tel que le document l'écrit."),
            )
        if bool(self.within) == (self.scope is Scope.EVERYWHERE):
            raise UsageError(
                _("Portée « {scope} » mal précisée", scope=self.scope),
                "",
                _("Une décision vaut partout, sous une unité, ou dans un document."),
            )
        if self.subject is Subject.PLACE:
            self._check_place()
        else:
            self._check_term()
        return self

    def _check_place(self) -> None:
        frames().unit(self.means)
        if self.scope is Scope.UNDER and lies_in(self.means, self.within) is not True:
            raise UsageError(
                _("Décision refusée pour « {wording} »", wording=self.wording),
                _(
                    "{unit} n'est pas dans {parent}",
                    unit=label_of(Subject.PLACE, self.means),
                    parent=label_of(Subject.PLACE, self.within),
                ),
                _("Corrigez l'unité ou le parent."),
            )

    def _check_term(self) -> None:
        if self.scope is Scope.UNDER:
            raise UsageError(
                _("Portée « {scope} » mal précisée", scope=self.scope),
                _("seul un lieu se trouve sous une unité"),
                _("Cette décision vaut partout, ou dans un document."),
            )
        if self.organisation is not None and self.subject is Subject.ORGANISATION:
            _check_organisation(self.organisation, self.means)
        elif not known_entry(self.subject, self.means):
            raise _unlisted(self.subject, self.means)


def _check_organisation(one: Organisation, means: str) -> None:
    """A new organisation has a name of its own, and a type of the list or none."""
    if not term_key(one.id) or one.id != means:
        raise UsageError(
            _("Organisation sans nom"), "", _("Donnez son sigle ou son nom, et son type.")
        )
    if one.type and one.type not in by_id("org_types"):
        raise UsageError(
            _("Type d'organisation « {type} » inconnu", type=one.type),
            "",
            _("Choisissez parmi : {types}.", types=", ".join(by_id("org_types"))),
        )
    for spelling in filter(None, (one.acronym, one.name)):
        taken = known_as("organisations", spelling)
        if taken:
            raise UsageError(
                _("« {name} » est déjà au répertoire", name=spelling),
                label_of(Subject.ORGANISATION, taken),
                _("Décidez qu'il s'agit d'elle : --as {id}.", id=taken),
            )


def known_entry(subject: Subject, entry: str) -> bool:
    """Whether an id is a unit, or in the vocabulary of the subject."""
    return entry in (by_id(subject.vocabulary) if subject.vocabulary else frames())


def entry_named(subject: Subject, said: str) -> str:
    """Id that a person means by an id, a name or an acronym of a vocabulary.

    Raises
    ------
    UsageError
        Nothing is called so; the nearest are named.

    Examples
    --------
    >>> entry_named(Subject.SECTOR, "EHA"), entry_named(Subject.ORGANISATION, "WFP")
    ('wash', 'pam')
    """
    found = said if known_entry(subject, said) else known_as(subject.vocabulary, said)
    if found is None:
        raise _unlisted(subject, said)
    return found


def label_of(subject: Subject, entry: str) -> str:
    """How an answer is shown to the person who decides.

    Examples
    --------
    >>> label_of(Subject.SECTOR, "wash"), label_of(Subject.SECTOR, "Bidule")
    ('EHA [wash]', 'Bidule')
    """
    if subject.vocabulary:
        name = label(subject.vocabulary, entry)
    else:
        name = frames().label(entry) if entry in frames() else ""
    return f"{name} [{entry}]" if name and name != entry else entry or "—"


def answered(
    subject: str,
    wording: str,
    value: str | Mapping[str, str],
    document: str,
    entered: Mapping[str, Organisation] | None = None,
) -> Correction:
    """The decision that an answer about a wording of a document is, checked.

    Parameters
    ----------
    subject
        A value of `Subject`.
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
        The answer makes no sense, see `Correction.checked`.
    """
    kind = Subject(subject)
    if kind is Subject.PLACE:
        return Correction(wording, str(value), Scope.DOCUMENT, document).checked()
    if isinstance(value, str) and value.startswith("{"):
        value = _mapping(value)
    one = (entered or {}).get(value) if isinstance(value, str) else Organisation.of(value)
    if one is not None:
        return Correction(wording, one.id, subject=kind, organisation=one).checked()
    return Correction(wording, str(value), subject=kind).checked()


def _mapping(text: str) -> dict[str, str]:
    try:
        return dict(json.loads(text))
    except ValueError as error:
        raise UsageError(_("Réponse illisible : « {text} »", text=text[:60])) from error


def _unlisted(subject: Subject, said: str) -> UsageError:
    near = [label_of(subject, one.id) for one in nearest(subject.vocabulary, said)]
    every = list(by_id(subject.vocabulary)) if subject is not Subject.ORGANISATION else []
    choices = ", ".join(near or every)
    return UsageError(
        _("« {name} » n'est pas au répertoire", name=said),
        "",
        _("Proches : {near}.", near=choices) if choices else "",
    )

"""``atlas corrections``: what people decide about places and words, from the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atlas.cli_options import (
    DONE,
    PARTLY,
    EverythingOption,
    JsonOption,
    NoteOption,
    StoreOption,
    WhoOption,
    decision_as_dict,
    decision_line,
    store_of,
    who_or_session,
    wrong,
)
from atlas.i18n import _, ngettext
from atlas.labels import label

if TYPE_CHECKING:
    from atlas.corrections import Correction, Scope
    from atlas.review import Applied
    from atlas.store import Change, Store
    from atlas.store.decisions import Decision, Decisions

SHOWN_LOCATORS = 3

corrections_app = typer.Typer(
    help=_(
        "Ce que des personnes ont décidé de lieux, secteurs, organisations et statuts : "
        "liste, décision, annulation, file d'attente."
    )
)

ApplyOption = Annotated[
    bool, typer.Option("--apply", help=_("Relire aussitôt les documents concernés et publier."))
]


@corrections_app.callback()
def corrections(context: typer.Context, store: StoreOption = None) -> None:
    """List the decisions in force when no verb follows."""
    if context.invoked_subcommand is None:
        corrections_list(store=store)


@corrections_app.command("list", help=_("Les décisions en vigueur, la plus récente d'abord."))
def corrections_list(
    everything: EverythingOption = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """One line a decision."""
    from atlas.store.decisions import Decisions

    history = Decisions(store_of(store).root).history()
    shown = [one for one in history if everything or one.in_force]
    if as_json:
        print(json.dumps([_as_dict(one) for one in shown], ensure_ascii=False, indent=1))
        return
    for one in shown:
        print(_line(one))
    if not shown:
        print(_("Aucune décision."))


@corrections_app.command("add", help=_("Décider de ce que désigne un lieu ou un mot."))
def corrections_add(
    place: Annotated[
        str, typer.Option(help=_("Le lieu tel que la file d'attente ou le document l'écrit."))
    ] = "",
    region: Annotated[str, typer.Option(help=_("Région"))] = "",
    cercle: Annotated[str, typer.Option(help=_("Cercle"))] = "",
    commune: Annotated[str, typer.Option(help=_("Commune"))] = "",
    locality: Annotated[str, typer.Option(help=_("Localité"))] = "",
    sector: Annotated[str, typer.Option(help=_("Un secteur tel qu'il est écrit."))] = "",
    organisation: Annotated[
        str, typer.Option(help=_("Une organisation ou un bailleur tel qu'il est écrit."))
    ] = "",
    status: Annotated[str, typer.Option(help=_("Un statut tel qu'il est écrit."))] = "",
    unit: Annotated[
        str, typer.Option(help=_("Identifiant de l'unité, pour un lieu : ml-2016/ML0507."))
    ] = "",
    means: Annotated[
        str,
        typer.Option("--as", help=_("Identifiant, sigle ou nom au répertoire, pour un mot.")),
    ] = "",
    new_acronym: Annotated[
        str, typer.Option(help=_("Sigle d'une organisation absente du répertoire."))
    ] = "",
    new_name: Annotated[str, typer.Option(help=_("Nom de cette organisation."))] = "",
    org_type: Annotated[
        str, typer.Option("--type", help=_("Type de cette organisation : national-ngo…"))
    ] = "",
    under: Annotated[
        str | None, typer.Option(help=_("Seulement pour les lieux situés dans cette unité."))
    ] = None,
    document: Annotated[
        str | None, typer.Option(help=_("Seulement dans ce document : son numéro ou son nom."))
    ] = None,
    who: WhoOption = None,
    note: NoteOption = "",
    apply: ApplyOption = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Write a decision down; publish what it changes if asked to."""
    from atlas.store.decisions import Decisions

    about = {"sector": sector, "organisation": organisation, "status": status}
    kind, wording = _decided(place, (region, cercle, commune, locality), about)
    target = store_of(store)
    decisions = Decisions(target.root)
    new = {"acronym": new_acronym, "name": new_name, "type": org_type}
    scope = _scope_of(target, under, document)
    correction = _correction(decisions, kind, wording, unit, means, new, scope)
    change = decisions.deciding([correction], who=who_or_session(who), note=note)
    _end(target, change, apply=apply, as_json=as_json)


def _decided(place: str, names: Sequence[str], about: Mapping[str, str]) -> tuple[str, str]:
    """What is decided about: exactly one kind and its wording, or the call is wrong."""
    path = [name.strip() for name in names if name.strip()]
    if path and place.strip():
        wrong(_("Donnez soit --place, soit --region, --cercle, --commune, --locality."))
    said = {"place": place.strip() or " > ".join(path)}
    said |= {kind: wording.strip() for kind, wording in about.items()}
    given = [(kind, wording) for kind, wording in said.items() if wording]
    if len(given) != 1:
        wrong(
            _(
                "Donnez soit --place (ou --region, --cercle, --commune, --locality), "
                "soit --sector, --organisation ou --status."
            )
        )
    return given[0]


def _scope_of(store: Store, under: str | None, document: str | None) -> tuple[Scope, str]:
    from atlas.corrections import Scope

    if under and document:
        wrong(_("Une décision vaut sous une unité ou dans un document, pas les deux."))
    if under:
        return Scope.UNDER, under
    return (Scope.DOCUMENT, _document(store, document)) if document else (Scope.EVERYWHERE, "")


def _correction(
    decisions: Decisions,
    kind: str,
    wording: str,
    unit: str,
    means: str,
    new: dict[str, str],
    scope: tuple[Scope, str],
) -> Correction:
    """The decision that the words of the command make."""
    from atlas.corrections import Correction, Organisation, Subject, entry_named

    subject = Subject(kind)
    answers = {
        "--unit": unit,
        "--as": means,
        "--new-acronym, --new-name, --type": any(new.values()),
    }
    allowed = {"place": ("--unit",), "organisation": tuple(answers)[1:]}.get(kind, ("--as",))
    given = [option for option, value in answers.items() if value]
    if len(given) != 1 or given[0] not in allowed:
        wrong(_("Dites ce que c'est, par un seul de : {options}.", options=" | ".join(allowed)))
    if subject is Subject.PLACE:
        return Correction(wording, unit, *scope)
    entered = decisions.in_force().organisations
    if subject is Subject.ORGANISATION and (means in entered or not means):
        one = entered.get(means) or Organisation.of(new)
        if not one.id:
            one = Organisation.of({**new, "name": wording})
        return Correction(wording, one.id, *scope, subject=subject, organisation=one)
    return Correction(wording, entry_named(subject, means), *scope, subject=subject)


@corrections_app.command("undo", help=_("Annuler une décision ; elle reste dans l'historique."))
def corrections_undo(
    decision: Annotated[int, typer.Argument(help=_("Numéro de la décision."))],
    who: WhoOption = None,
    apply: ApplyOption = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Take a decision back; publish what that changes if asked to."""
    from atlas.store.decisions import Decisions

    target = store_of(store)
    change = Decisions(target.root).undoing(decision, who=who_or_session(who))
    _end(target, change, apply=apply, as_json=as_json)


@corrections_app.command("apply", help=_("Relire les documents concernés et publier."))
def corrections_apply(as_json: JsonOption = False, store: StoreOption = None) -> None:
    """Read again, from the kept files, what decisions may concern."""
    applied = _apply(store_of(store))
    if as_json:
        print(json.dumps(_applied_as_dict(applied), ensure_ascii=False, indent=1))
    else:
        _show_applied(applied)
    raise typer.Exit(PARTLY if applied.missing else DONE)


@corrections_app.command("queue", help=_("Ce qui reste à décider dans ce qui est publié."))
def corrections_queue(
    kind: Annotated[
        str, typer.Option("--kind", help="place | sector | organisation | status")
    ] = "",
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Each wording once: in how many rows of which documents, and what it may mean."""
    from atlas.corrections import Subject
    from atlas.review import by_wording, queue
    from atlas.store.decisions import Decisions

    if kind and kind not in list(Subject):
        wrong(_("Choisissez parmi : {kinds}.", kinds=", ".join(Subject)))
    target = store_of(store)
    snapshot = target.current()
    entries = []
    if snapshot is not None:
        found = queue(snapshot.tables, Decisions(target.root).in_force())
        entries = by_wording(one for one in found if kind in ("", one.kind))
    if as_json:
        print(json.dumps(entries, ensure_ascii=False, indent=1))
        return
    for entry in entries:
        _show_entry(entry)
    if not entries:
        print(_("Rien à décider."))


def _show_entry(entry: dict[str, Any]) -> None:
    where = [
        f"{told['file']} {', '.join(told['locators'][:SHOWN_LOCATORS])}"
        + (" …" if told["rows"] > SHOWN_LOCATORS else "")
        for told in entry["documents"]
    ]
    kind = label("subject", entry["kind"])
    print(f"{entry['rows']:>5}  {kind} « {entry['wording']} »  ({' ; '.join(where)})")
    for unit in entry["candidates"]:
        print(f"         {unit['score']:.2f}  {unit['label']} [{unit['id']}]")
    if entry["decision"] is not None:
        print("         " + _("répond : la décision {id}, à appliquer", id=entry["decision"]))


def _end(store: Store, change: Change, *, apply: bool, as_json: bool) -> None:
    """Write down what is decided, with what follows from it if asked to, and say it."""
    from atlas.store.decisions import Decisions

    decisions = Decisions(store.root)
    applied = _apply(store, change) if apply else None
    (decision,) = decisions.recorded(change) if apply else decisions.write(change)
    if not as_json:
        print(_line(decision))
    if as_json:
        out = {"decision": _as_dict(decision)}
        if applied:
            out |= _applied_as_dict(applied)
        print(json.dumps(out, ensure_ascii=False, indent=1))
    elif applied:
        _show_applied(applied)
    else:
        print(_("À appliquer au prochain import, ou avec « atlas corrections apply »."))
    raise typer.Exit(PARTLY if applied and applied.missing else DONE)


def _apply(store: Store, change: Change | None = None) -> Applied:
    from atlas.review import apply_decisions
    from atlas.store.decisions import Decisions

    return apply_decisions(store, Decisions(store.root), change)


def _show_applied(applied: Applied) -> None:
    n = len(applied.read)
    print(ngettext("{n} document relu", "{n} documents relus", n))
    for file, reason in applied.missing:
        print(_("Non relu : {file}, {reason}", file=file, reason=reason))
    if applied.changed:
        print(_("Publié : {hash}", hash=applied.snapshot.hash))
    else:
        print(_("Rien n'a changé : {hash}", hash=applied.snapshot.hash))


def _applied_as_dict(applied: Applied) -> dict[str, Any]:
    return {
        "snapshot": applied.snapshot.hash,
        "changed": applied.changed,
        "read": list(applied.read),
        "missing": [{"file": file, "reason": reason} for file, reason in applied.missing],
    }


def _line(one: Decision) -> str:
    from atlas.corrections import label_of

    said = one.correction
    meant = label_of(said.subject, said.means)
    return decision_line(one, f"« {said.wording} » → {meant}, {_scope(said)}")


def _scope(said: Correction) -> str:
    from atlas.corrections import Scope, label_of

    if said.scope is Scope.UNDER:
        return _("sous {unit}", unit=label_of(said.subject, said.within))
    if said.scope is Scope.DOCUMENT:
        return _("dans le document {document}", document=said.within)
    return _("partout")


def _as_dict(one: Decision) -> dict[str, Any]:
    said = one.correction
    told = {
        "kind": str(said.subject),
        "wording": said.wording,
        "means": said.means,
        "organisation": said.organisation.as_dict() if said.organisation else None,
        "scope": str(said.scope),
        "within": said.within or None,
    }
    return decision_as_dict(one, told)


def _document(store: Store, named: str) -> str:
    """Id of the published document of this id or file name."""
    snapshot = store.current()
    known = snapshot.documents if snapshot else []
    found = [d["document"] for d in known if named in (d["document"], d["file"])]
    if len(found) != 1:
        names = ", ".join(f"{d['document']} ({d['file']})" for d in known) or "—"
        wrong(_("Document « {named} » : {names}.", named=named, names=names))
    return str(found[0])

"""``atlas corrections``, ``duplicates`` and ``nexus``: what people decide, from the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
import typer

from atlas.cli.parameters import (
    DONE,
    PARTLY,
    EverythingOption,
    JsonOption,
    NoteOption,
    StoreOption,
    WhereOption,
    WhoOption,
    decision_as_dict,
    decision_sentence,
    end_wrong_call,
    store_of,
    who_or_session,
)
from atlas.corrections import (
    DecisionScope,
    DecisionSubject,
    EnteredOrganisation,
    WordingCorrection,
    answer_label,
    entry_id_of,
)
from atlas.corrections.relations import PairVerdict
from atlas.filters import Filters
from atlas.i18n import _, ngettext
from atlas.labels import label

if TYPE_CHECKING:
    from atlas.review import ApplicationResult
    from atlas.review.statements import PairDecisionResult
    from atlas.store import DecisionChange, Store
    from atlas.store.decisions import PairDecision, WordingDecision, WordingDecisions


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
    history = _wording_decisions(store_of(store)).all_decisions()
    shown = [one for one in history if everything or one.in_force]
    if as_json:
        print(json.dumps([_correction_as_dict(one) for one in shown], ensure_ascii=False, indent=1))
        return
    for one in shown:
        print(_correction_line(one))
    if not shown:
        print(_("Aucune décision."))


OrganisationOption = Annotated[
    str, typer.Option(help=_("Une organisation ou un bailleur tel qu'il est écrit."))
]


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
    organisation: OrganisationOption = "",
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
    about = {"sector": sector, "organisation": organisation, "status": status}
    kind, wording = _kind_and_wording(place, (region, cercle, commune, locality), about)
    target = store_of(store)
    decisions = _wording_decisions(target)
    new = {"acronym": new_acronym, "name": new_name, "type": org_type}
    where = _scope_of(target, under, document)
    correction = _correction_from_words(decisions, kind, wording, unit, means, new, where)
    made = decisions.decision_change([correction], who=who_or_session(who), note=note)
    _finish_correction(target, made, apply=apply, as_json=as_json)


def _kind_and_wording(
    place: str, names: Sequence[str], about: Mapping[str, str]
) -> tuple[str, str]:
    """What is decided about: exactly one kind and its wording, or the call is wrong."""
    path = [name.strip() for name in names if name.strip()]
    if path and place.strip():
        end_wrong_call(_("Donnez soit --place, soit --region, --cercle, --commune, --locality."))
    said = {"place": place.strip() or " > ".join(path)}
    said |= {kind: wording.strip() for kind, wording in about.items()}
    given = [(kind, wording) for kind, wording in said.items() if wording]
    if len(given) != 1:
        end_wrong_call(
            _(
                "Donnez soit --place (ou --region, --cercle, --commune, --locality), "
                "soit --sector, --organisation ou --status."
            )
        )
    return given[0]


def _wording_decisions(store: Store) -> WordingDecisions:
    from atlas.store.decisions import WordingDecisions  # loads SQLAlchemy: 0.3 s

    return WordingDecisions(store.root)


def _scope_of(store: Store, under: str | None, document: str | None) -> tuple[DecisionScope, str]:
    if under and document:
        end_wrong_call(_("Une décision vaut sous une unité ou dans un document, pas les deux."))
    if under:
        return DecisionScope.UNDER, under
    return (
        (DecisionScope.DOCUMENT, _document_id(store, document))
        if document
        else (DecisionScope.EVERYWHERE, "")
    )


def _correction_from_words(
    decisions: WordingDecisions,
    kind: str,
    wording: str,
    unit: str,
    means: str,
    new: dict[str, str],
    scope: tuple[DecisionScope, str],
) -> WordingCorrection:
    """The decision that the words of the command make."""
    subject = DecisionSubject(kind)
    answers = {
        "--unit": unit,
        "--as": means,
        "--new-acronym, --new-name, --type": any(new.values()),
    }
    allowed = {"place": ("--unit",), "organisation": tuple(answers)[1:]}.get(kind, ("--as",))
    given = [option for option, value in answers.items() if value]
    if len(given) != 1 or given[0] not in allowed:
        end_wrong_call(
            _("Dites ce que c'est, par un seul de : {options}.", options=" | ".join(allowed))
        )
    if subject is DecisionSubject.PLACE:
        return WordingCorrection(wording, unit, *scope)
    entered = decisions.in_force().entered_organisations
    if subject is DecisionSubject.ORGANISATION and (means in entered or not means):
        one = entered.get(means) or EnteredOrganisation.from_mapping(new)
        if not one.id:
            one = EnteredOrganisation.from_mapping({**new, "name": wording})
        return WordingCorrection(wording, one.id, *scope, subject=subject, organisation=one)
    return WordingCorrection(wording, entry_id_of(subject, means), *scope, subject=subject)


@corrections_app.command("undo", help=_("Annuler une décision ; elle reste dans l'historique."))
def corrections_undo(
    decision: Annotated[int, typer.Argument(help=_("Numéro de la décision."))],
    who: WhoOption = None,
    apply: ApplyOption = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Take a decision back; publish what that changes if asked to."""
    target = store_of(store)
    change = _wording_decisions(target).undo_change(decision, who=who_or_session(who))
    _finish_correction(target, change, apply=apply, as_json=as_json)


@corrections_app.command("apply", help=_("Relire les documents concernés et publier."))
def corrections_apply(as_json: JsonOption = False, store: StoreOption = None) -> None:
    """Read again, from the kept files, what decisions may concern."""
    applied = _apply_change(store_of(store))
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
    from atlas.review import queue_by_wording, review_queue  # loads SQLAlchemy

    if kind and kind not in list(DecisionSubject):
        end_wrong_call(_("Choisissez parmi : {kinds}.", kinds=", ".join(DecisionSubject)))
    target = store_of(store)
    snapshot = target.current_snapshot()
    entries = []
    if snapshot is not None:
        found = review_queue(snapshot.tables, _wording_decisions(target).in_force())
        entries = queue_by_wording(one for one in found if kind in ("", one.kind))
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


def _finish_correction(store: Store, change: DecisionChange, *, apply: bool, as_json: bool) -> None:
    """Write down what is decided, with what follows from it if asked to, and say it."""
    decisions = _wording_decisions(store)
    applied = _apply_change(store, change) if apply else None
    (decision,) = decisions.recorded_decisions(change) if apply else decisions.write(change)
    if not as_json:
        print(_correction_line(decision))
    if as_json:
        out = {"decision": _correction_as_dict(decision)}
        if applied:
            out |= _applied_as_dict(applied)
        print(json.dumps(out, ensure_ascii=False, indent=1))
    elif applied:
        _show_applied(applied)
    else:
        print(_("À appliquer au prochain import, ou avec « atlas corrections apply »."))
    raise typer.Exit(PARTLY if applied and applied.missing else DONE)


def _apply_change(store: Store, change: DecisionChange | None = None) -> ApplicationResult:
    from atlas.review import apply_decisions  # loads SQLAlchemy

    return apply_decisions(store, _wording_decisions(store), change)


def _show_applied(applied: ApplicationResult) -> None:
    n = len(applied.read)
    print(ngettext("{n} document relu", "{n} documents relus", n))
    for file, reason in applied.missing:
        print(_("Non relu : {file}, {reason}", file=file, reason=reason))
    if applied.changed:
        print(_("Publié : {hash}", hash=applied.snapshot.hash))
    else:
        print(_("Rien n'a changé : {hash}", hash=applied.snapshot.hash))


def _applied_as_dict(applied: ApplicationResult) -> dict[str, Any]:
    return {
        "snapshot": applied.snapshot.hash,
        "changed": applied.changed,
        "read": list(applied.read),
        "missing": [{"file": file, "reason": reason} for file, reason in applied.missing],
    }


def _correction_line(one: WordingDecision) -> str:
    said = one.correction
    meant = answer_label(said.subject, said.means)
    return decision_sentence(one, f"« {said.wording} » → {meant}, {_scope_text(said)}")


def _scope_text(said: WordingCorrection) -> str:
    if said.scope is DecisionScope.UNDER:
        return _("sous {unit}", unit=answer_label(said.subject, said.within))
    if said.scope is DecisionScope.DOCUMENT:
        return _("dans le document {document}", document=said.within)
    return _("partout")


def _correction_as_dict(one: WordingDecision) -> dict[str, Any]:
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


def _document_id(store: Store, named: str) -> str:
    """Id of the published document of this id or file name."""
    snapshot = store.current_snapshot()
    known = snapshot.document_rows if snapshot else []
    found = [d["document"] for d in known if named in (d["document"], d["file"])]
    if len(found) != 1:
        names = ", ".join(f"{d['document']} ({d['file']})" for d in known) or "—"
        end_wrong_call(_("Document « {named} » : {names}.", named=named, names=names))
    return str(found[0])


duplicates_app = typer.Typer(
    help=_("Paires d'activités : ce qui reste à décider, les décisions, leur annulation.")
)
IDS_SEPARATOR = ","
"""Between the two ids of a pair that has no number of its own."""


@duplicates_app.callback()
def duplicates(context: typer.Context, store: StoreOption = None) -> None:
    """List the pairs to look at when no verb follows."""
    if context.invoked_subcommand is None:
        duplicates_list(store=store)


@duplicates_app.command("list", help=_("Les paires à examiner, puis les décisions en vigueur."))
def duplicates_list(
    everything: EverythingOption = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Pairs best first, then decisions newest first."""
    from atlas.layers.duplicates import counts_in_words  # loads every layer
    from atlas.review.statements import idle_decisions  # loads SQLAlchemy
    from atlas.store.decisions import PairDecisions

    target = store_of(store)
    pairs = [row for row in _published_pairs(target) if row["verdict"] is None]
    history = PairDecisions(target.root).all_decisions()
    decisions = [one for one in history if everything or one.in_force]
    why_idle = idle_decisions(target.current_snapshot(), history)
    if as_json:
        told = [_pair_decision_as_dict(one) | {"idle": why_idle.get(one.id)} for one in decisions]
        print(json.dumps({"pairs": pairs, "decisions": told}, ensure_ascii=False, indent=1))
        return
    for row in pairs:
        print(_pair_line(row))
    if pairs:
        doubles = sum(row["kind"] == "double_reporting" for row in pairs)
        print(_("À examiner : {pairs}", pairs=counts_in_words(doubles, len(pairs) - doubles)))
    else:
        print(_("Aucune paire à examiner."))
    for one in decisions:
        print(_pair_decision_line(one))
        if one.id in why_idle:
            print("      " + _idle_words(why_idle[one.id]))


@duplicates_app.command("decide", help=_("Dire ce que deux activités sont l'une à l'autre."))
def duplicates_decide(
    pair: Annotated[
        str, typer.Argument(help=_("Le numéro d'une paire, ou deux identifiants : A,B."))
    ],
    verdict: Annotated[str, typer.Option(help="same | different | overlap_accepted")],
    lead: Annotated[
        str, typer.Option(help=_("De deux fois la même : celle qui compte (a, b ou son numéro)."))
    ] = "",
    who: WhoOption = None,
    note: NoteOption = "",
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Write a decision down and publish what follows from it."""
    from atlas.review.statements import decide_pair  # loads SQLAlchemy

    target = store_of(store)
    one, other = _pair_activities(target, pair)
    named = {"a": one, "b": other}.get(lead.lower(), lead)
    said = PairVerdict.from_ids(one, other, verdict, named)
    _finish_pair_decision(
        decide_pair(target, said, who=who_or_session(who), note=note), as_json=as_json
    )


@duplicates_app.command("undo", help=_("Annuler une décision : les chiffres d'avant reviennent."))
def duplicates_undo(
    decision: int,
    who: WhoOption = None,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Take a decision back and publish what follows from it."""
    from atlas.review.statements import undo_pair_decision  # loads SQLAlchemy

    _finish_pair_decision(
        undo_pair_decision(store_of(store), decision, who=who_or_session(who)), as_json=as_json
    )


nexus_app = typer.Typer(
    help=_("Ce que des personnes disent des activités : humanitaire, développement ou paix.")
)


@nexus_app.callback()
def nexus(context: typer.Context, store: StoreOption = None) -> None:
    """Without another word: how many activities have each tag."""
    if context.invoked_subcommand is None:
        nexus_list(store=store)


@nexus_app.command("list", help=_("Combien d'activités ont chaque étiquette."))
def nexus_list(as_json: JsonOption = False, store: StoreOption = None) -> None:
    """Tags of what is published, those of most activities first."""
    snapshot = store_of(store).current_snapshot()
    told = snapshot.tables.activities["nexus"] if snapshot else pl.Series("nexus", [], pl.String)
    counts = dict(told.cast(pl.String).value_counts(sort=True).iter_rows())
    if as_json:
        print(json.dumps({one or "": n for one, n in counts.items()}, indent=1))
        return
    for one, n in counts.items():
        print(f"{label('nexus', one) if one else _('sans étiquette')} : {n}")


@nexus_app.command("set", help=_("Étiqueter les activités que gardent des filtres."))
def nexus_set(
    tag: Annotated[str, typer.Argument(help="humanitarian | development | peace | none")],
    where: WhereOption = None,
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Tag every activity that the filters keep, and publish."""
    from atlas.dataset import Dataset  # loads every layer
    from atlas.review.statements import tag_nexus  # loads SQLAlchemy

    target = store_of(store)
    snapshot = target.current_snapshot()
    filters = Filters.from_where(where or ())
    kept = Dataset(snapshot).filtered_scope(filters).activities if snapshot else None
    ids = kept["activity_id"].to_list() if kept is not None else []
    published = tag_nexus(target, ids, "" if tag == "none" else tag, who=who_or_session(who))
    print(
        ngettext("{n} activité étiquetée.", "{n} activités étiquetées.", len(ids))
        + " "
        + _("Publié : {hash}", hash=published.hash)
    )


def _published_pairs(store: Store) -> list[dict[str, Any]]:
    """Every pair of what is published, plans included."""
    from atlas.dataset import Dataset  # loads every layer
    from atlas.layers.counting import ITEM_KINDS

    snapshot = store.current_snapshot()
    if snapshot is None:
        return []
    filters = Filters(kind=ITEM_KINDS)
    return Dataset(snapshot).ask("duplicates", filters, options={"show": "all"}).table.to_dicts()


def _pair_activities(store: Store, pair: str) -> tuple[str, str]:
    """The two activities of a pair by its number, or as they are named."""
    one, between, other = pair.partition(IDS_SEPARATOR)
    if between:
        return one.strip(), other.strip()
    for row in _published_pairs(store):
        if row["pair_id"] == pair:
            return row["activity_a"], row["activity_b"]
    return end_wrong_call(
        _("Paire « {pair} » inconnue : voyez « atlas duplicates list ».", pair=pair)
    )


def _finish_pair_decision(decided: PairDecisionResult, *, as_json: bool) -> None:
    if as_json:
        told = {
            "decision": _pair_decision_as_dict(decided.decision),
            "snapshot": decided.snapshot.hash,
            "asleep": decided.asleep,
            "without_effect": decided.without_effect,
            "activities": decided.activities,
            "budget_usd": decided.usd,
        }
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        print(_pair_decision_line(decided.decision))
        if decided.asleep:
            print(_idle_words("asleep"))
        if decided.without_effect:
            print(_idle_words("without_effect"))
        if decided.activities:
            usd = "–" if decided.usd is None else f"{decided.usd:+.2f}"
            n = f"{decided.activities:+d}"
            print(_("Dans les totaux : {n} activité, {usd} USD", n=n, usd=usd))
        print(_("Publié : {hash}", hash=decided.snapshot.hash))
    raise typer.Exit(DONE)


def _idle_words(why: str) -> str:
    """Why a decision in force changes nothing."""
    if why == "asleep":
        return _("Sans effet tant que les deux activités ne sont pas publiées.")
    return _("Sans effet : deux des activités réunies ont été dites différentes.")


def _pair_line(row: dict[str, Any]) -> str:
    kind = label("kind", row["kind"])
    sides = " ↔ ".join(
        f"{row[f'title_{side}'] or '—'} [{row[f'source_{side}']} {row[f'activity_{side}']}]"
        for side in ("a", "b")
    )
    return f"{row['pair_id']}  {row['score']:.2f}  {kind}  {sides}\n    {row['reasons']}"


def _pair_decision_line(one: PairDecision) -> str:
    said = f"{one.said.activity_a} ↔ {one.said.activity_b} : {_relation_text(one)}"
    return decision_sentence(one, said)


def _relation_text(one: PairDecision) -> str:
    """The answer in words."""
    answer = label("verdict", one.said.verdict)
    lead = one.said.lead
    return _("{answer} : {lead} mène", answer=answer, lead=lead) if lead else answer


def _pair_decision_as_dict(one: PairDecision) -> dict[str, Any]:
    said = {
        "activity_a": one.said.activity_a,
        "activity_b": one.said.activity_b,
        "verdict": str(one.said.verdict),
        "lead": one.said.lead or None,
    }
    return decision_as_dict(one, said)

"""The routes by which the editor decides about pairs, and takes decisions back."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from atlas.corrections.pairs import PairVerdict
from atlas.errors import UsageError
from atlas.i18n import N_, _
from atlas.review.pairs import Decided, decide, undo
from atlas.web import say
from atlas.web.desk import Desk
from atlas.web.guard import guarded, said, spoken
from atlas.web.imports.publishing import who


def register(server: Flask, desk: Desk) -> None:
    """Add the routes to the server: for the person at this machine, and no one else."""
    only = N_("seule la personne devant cette machine peut décider d'une paire")
    routes = guarded("pairs", desk, N_("Décision refusée"), only)

    @routes.post("/decide")
    @spoken
    def answer() -> Response:
        words = said()
        told = {key: str(value) for key, value in words.items()}
        seen = words.get("seen")
        verdict = PairVerdict.of(
            told.get("a", ""), told.get("b", ""), told.get("verdict", ""), told.get("lead", "")
        )
        decided = decide(
            desk.store,
            verdict,
            who=who(),
            note=told.get("note", ""),
            seen=seen if isinstance(seen, int) else None,
        )
        return _told(decided)

    @routes.post("/undo")
    @spoken
    def take_back() -> Response:
        decision = said().get("decision")
        if not isinstance(decision, int):
            raise UsageError(_("Décision inconnue"))
        return _told(undo(desk.store, decision, who=who()))

    server.register_blueprint(routes)


def _told(decided: Decided) -> Response:
    """What is published now, what that changed, and the way back."""
    one = decided.decision
    undone = one.undone_at is not None
    return jsonify(
        published=decided.snapshot.hash,
        told=sentence(decided),
        decision=None if undone else one.id,
        back=_("Annuler"),
    )


def sentence(decided: Decided) -> str:
    """What a decision came to, for the person who took it."""
    undone = decided.decision.undone_at is not None
    head = _("Décision annulée.") if undone else _("Décision enregistrée.")
    return f"{head} {_effect(decided)}"


def _effect(decided: Decided) -> str:
    if decided.asleep:
        return _("Elle attend que ses deux activités soient publiées.")
    if decided.without_effect:
        return _("Sans effet : deux des activités ainsi réunies ont été dites différentes.")
    if not decided.activities and not decided.usd:
        return _("Les totaux ne changent pas.")
    activities = f"{decided.activities:+d}".replace("-", "−")
    if decided.usd is None:
        return _("Dans les totaux : {n} activité, montant inconnu.", n=activities)
    sign = "−" if decided.usd < 0 else "+"
    usd = sign + say.usd(abs(decided.usd))
    return _("Dans les totaux : {n} activité, {usd}.", n=activities, usd=usd)

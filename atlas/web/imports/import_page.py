"""The import page: its files, its history, its templates, and the routes that serve it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from dash import html
from flask import Blueprint, Flask, Response, jsonify, request, send_file

from atlas import formats, senders
from atlas.errors import AtlasError, ChangedError, UsageError
from atlas.export.spreadsheets import formula_guarded_table
from atlas.i18n import N_, _, ngettext
from atlas.ingest.templates import TableTemplate, all_templates
from atlas.review.statements import PAIR_DECIDED, PAIR_DECISION_UNDONE
from atlas.store import PublicationEvent, Store
from atlas.store.accounts import UPLOADS
from atlas.store.decisions import WordingDecision, WordingDecisions
from atlas.web.guard import guarded_blueprint, localised_view, page_language, request_object
from atlas.web.imports import drafts, file_card, publication, reader_process, row_findings
from atlas.web.imports.components import (
    LookSettings,
    action_button,
    draft_action_attributes,
    folded_section,
    store_action_attributes,
)
from atlas.web.imports.dialog import MISSING_DATA
from atlas.web.imports.drafts import (
    CONTEXT_PREFIX,
    MAX_BYTES,
    MAX_FILES,
    DraftFile,
    DraftGoneError,
    FileAnswers,
    ImportDraft,
    ReadingState,
    clean_file_name,
)
from atlas.web.imports.file_answers import (
    MARK_LENGTH,
    changes_with_marks,
    checked_source,
    kind_and_value,
    value_label,
    window_mark,
    wording_choices,
)
from atlas.web.imports.file_card import file_section, phase_text, progress_share
from atlas.web.imports.publication import ACCEPTED_NOTE, UNDONE_NOTE, unanswered_entries
from atlas.web.markup import html_markup
from atlas.web.page_elements import html_attributes
from atlas.web.page_state import DatasetProvider
from atlas.web.page_tables import plain_table


def template_list(topic: str = "") -> html.Details:
    """The forms that may be downloaded, each with what it is for.

    Parameters
    ----------
    topic
        What is missing, as a table of context: its form comes alone.
    """
    wanted = [one for one in all_templates() if one.read_as == CONTEXT_PREFIX + topic]
    every = wanted or all_templates()
    lists = [one for one in every if not one.read_as.startswith(CONTEXT_PREFIX)]
    tables = [one for one in every if one.read_as.startswith(CONTEXT_PREFIX)]
    groups = ((_("Activités"), lists), (_("Tables de contexte"), tables))
    parts = [_template_group(name, group) for name, group in groups if group]
    hint = html.P(
        _("Vous n'avez pas encore de liste ? Prenez un modèle : ses exemples se remplacent.")
    )
    return folded_section(_("Modèles à remplir"), [hint, *parts], is_open=bool(wanted))


def _template_group(name: str, group: Iterable[TableTemplate]) -> html.Div:
    rows = [
        html.Li(
            [
                html.A(
                    one.file,
                    href=f"/import/templates/{one.file}",
                    download=one.file,
                    **html_attributes(aria_label=_("Télécharger le modèle {file}", file=one.file)),
                ),
                html.Span(one.title),
            ]
        )
        for one in group
    ]
    return html.Div([html.H4(name), html.Ul(rows, className="import-models")])


MOST_EVENTS = 12
"""Publications and decisions listed, the newest first."""


def drafts_begun(store: Store, here: str) -> html.Section | None:
    """Imports that were begun and left: to go on with, or to give up."""
    left = [draft for draft in ImportDraft.all_drafts(store.root) if draft.name != here]
    if not left:
        return None
    rows = []
    for draft in left[:MOST_EVENTS]:
        with suppress(DraftGoneError):  # published or given up while it is looked at
            rows.append(html.Li(_draft_line(draft)))
    title = html.H3(_("Imports commencés, pas encore publiés"), id="import-begun")
    named = html_attributes(aria_labelledby="import-begun")
    return html.Section([title, html.Ul(rows)], className="import-begun", **named)


def _draft_line(draft: ImportDraft) -> list[html.Span | html.Button]:
    names = [item.file_answers.file for item in draft.draft_files()]
    files = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    when = _moment_text(datetime.fromtimestamp(draft.last_touched).astimezone())
    text = ngettext("{n} fichier, {when} : {files}", "{n} fichiers, {when} : {files}",
                    len(names), when=when, files=files)  # fmt: skip
    again = _("Reprendre l'import de {files}", files=files)
    gone = _("Abandonner l'import de {files}", files=files)
    return [
        html.Span(text),
        action_button(_("Reprendre"), {"data_resume": draft.name}, "plain-button", again),
        action_button(
            _("Abandonner"),
            store_action_attributes(f"{draft.name}/discard", seen=draft.answers_seen),
            "link-button",
            gone,
        ),
    ]


def publication_history(store: Store) -> list[html.Details]:
    """Publications and the decisions taken in the page, each with its way back."""
    events = store.publication_history()
    if not events:
        return []
    decisions = [d for d in WordingDecisions(store.root).all_decisions() if d.in_force]
    return [_snapshot_table(events), *([_decision_table(decisions)] if decisions else [])]


def _snapshot_table(events: Sequence[PublicationEvent]) -> html.Details:
    rows = [
        [
            _moment_text(event.time.astimezone()),
            event.who or formats.UNKNOWN,
            _("exemple") if event.note == "sample" else _(event.note) if event.note else "",
            _file_names(event),
            formats.number_text(event.activities),
            _restore_button(event, events[0]),
        ]
        for event in events[:MOST_EVENTS]
    ]
    heads = [_("Quand"), _("Qui"), _("Pourquoi"), _("Documents"), _("Activités"), ""]
    title = _("États publiés") + f" · {len(events)}"
    return folded_section(
        title, [plain_table(heads, rows, numeric=(4,), caption=_("États publiés"))]
    )


def _file_names(event: PublicationEvent) -> str:
    names = [_("exemple") if name == "sample" else name for name in dict.fromkeys(event.documents)]
    return ", ".join(names[:3]) + (f" … (+{len(names) - 3})" if len(names) > 3 else "")


def _restore_button(event: PublicationEvent, now: PublicationEvent) -> html.Span | html.Button:
    if event.hash == now.hash:
        return html.Span(_("publié en ce moment"))
    when = _moment_text(event.time.astimezone())
    named = _("Rétablir l'état du {when}", when=when)
    asked = store_action_attributes("restore", snapshot=event.hash, published=now.hash)
    return action_button(_("Rétablir"), asked, "plain-button", named)


def last_publication(events: Sequence[PublicationEvent]) -> list[html.Span | html.Button]:
    """The current snapshot, and the way back to the one before."""
    if not events:
        return []
    now = events[0]
    when = _moment_text(now.time.astimezone())
    state_text = html.Span(_("État publié le {when} : {files}", when=when, files=_file_names(now)))
    if len(events) < 2 or now.note in (UNDONE_NOTE, PAIR_DECIDED, PAIR_DECISION_UNDONE):
        return [state_text]  # a decision is taken back where it was taken
    undo = store_action_attributes("undo", snapshot=now.hash)
    return [state_text, action_button(_("Annuler cette publication"), undo, "plain-button")]


def _decision_table(decisions: Sequence[WordingDecision]) -> html.Details:
    """Decisions in force: taking one back reads again what it had settled."""
    rows = [
        [
            _moment_text(one.at.astimezone()),
            one.who,
            _("« {raw} »", raw=one.correction.wording),
            value_label(*kind_and_value(one.correction)),
            _(ACCEPTED_NOTE) if one.note == ACCEPTED_NOTE else one.note,
            action_button(
                _("Reprendre la décision"),
                store_action_attributes("decisions", decision=one.id),
                "plain-button",
                _("Reprendre la décision sur « {raw} »", raw=one.correction.wording),
            ),
        ]
        for one in decisions[:MOST_EVENTS]
    ]
    heads = [_("Quand"), _("Qui"), _("Écrit"), _("Lu comme"), _("Note"), ""]
    title = _("Décisions en vigueur") + f" · {len(decisions)}"
    return folded_section(title, [plain_table(heads, rows, caption=_("Décisions en vigueur"))])


def _moment_text(when: datetime) -> str:
    return f"{when:%d/%m/%Y %H:%M}"


FORMATS_TEXT = (
    "XLSX, XLSM, XLSB, XLS, ODS, CSV, TSV, TXT, DOCX, PDF, XML (IATI), GeoJSON, GeoPackage"
)
AskedParts = Mapping[str, Any]


def page_body(store: Store, asked: AskedParts) -> list[Any]:
    """The page as it stands.

    Parameters
    ----------
    asked
        ``draft``, ``topic``, ``look`` (what is shown of each file, by its number), and what
        the last action came to: ``error``, ``done``.
    """
    items: Sequence[DraftFile] = ()
    draft = str(asked.get("draft") or "")
    topic = str(asked.get("topic") or "")
    error = str(asked.get("error") or "")
    if draft:
        try:
            items = ImportDraft.find_draft(store.root, draft).draft_files()
        except AtlasError as gone:
            error = error or gone.error_sentence()
    looks: Mapping[str, LookSettings] = asked.get("look") or {}
    cards = [file_section(item, draft, looks.get(item.number, {})) for item in items]
    return [
        _page_head(),
        _offline_note(),
        html.Div(error, role="alert", className="import-error") if error else None,
        _done_note(str(asked.get("done") or "")),
        *_topic_note(topic),
        _drop_area(empty=not items),
        _draft_progress(items),
        html.Div(cards or _empty_page(store, draft, topic), className="import-files"),
        _page_foot(items, store),
    ]


def _empty_page(store: Store, draft: str, topic: str) -> list[Any]:
    """What will happen, what was left unfinished, what may be filled in, what was published."""
    return [
        drafts_begun(store, draft),
        _import_steps(),
        template_list(topic),
        *publication_history(store),
    ]


def _page_head() -> html.Div:
    close = html.Button(_("Fermer"), className="plain-button", **html_attributes(data_do="close"))
    return html.Div(
        [html.H2(_("Importer des documents"), id="import-title"), close], className="import-title"
    )


def _topic_note(topic: str) -> list[Any]:
    """Why something is asked for, and the formats understood."""
    missing = [m for m in MISSING_DATA if m.key == topic]
    return [
        html.P([_(m.why), " ", html.Strong(_("Formats : ")), _(m.formats)], className="import-why")
        for m in missing
    ]


def _offline_note() -> html.Div:
    """Shown by the script while the server does not answer."""
    text = _("Connexion interrompue : la page réessaie toute seule, rien n'est perdu.")
    return html.Div(text, id="import-offline", role="alert", hidden=True, className="import-error")


def _drop_area(*, empty: bool) -> html.Div:
    limits = _(
        "{formats}. {n} fichiers au plus, {size} Mo chacun. Rien n'est publié avant votre accord.",
        formats=FORMATS_TEXT,
        n=MAX_FILES,
        size=MAX_BYTES // 2**20,
    )
    choose = html.Button(
        _("Choisir des fichiers"), className="primary", **html_attributes(data_do="choose")
    )
    words = html.P([_("Déposez vos fichiers ici, ou "), choose])
    paste = html.Textarea(
        placeholder=_("… ou collez ici un tableau copié d'un classeur"),
        rows=1,
        className="import-paste",
        **html_attributes(aria_label=_("Coller un tableau")),
    )
    parts = [words, paste, html.P(limits, className="import-limits")]
    return html.Div(parts, id="import-drop", className="empty" if empty else "")


def _import_steps() -> html.Ol:
    """What will happen, before there is anything to show."""
    steps = (
        _("Chaque fichier est lu ici, sur cette machine ; rien n'en sort."),
        _("Vous voyez le tableau trouvé, ses colonnes, le sort de chaque ligne et les constats."),
        _("Vous corrigez ce qui doit l'être : source, date, colonnes, lieux."),
        _("Vous publiez tout ensemble. Une publication s'annule d'un clic."),
    )
    return html.Ol([html.Li(step) for step in steps], className="import-steps")


def _draft_progress(items: Sequence[DraftFile]) -> html.Div:
    """How far it is; the script moves the bar while files are sent and read."""
    states = [item.reading_state for item in items]
    done = sum(state.name in ("read", "failed") for state in states)
    bar = html.Progress(
        value=f"{sum(map(progress_share, states)):.2f}",
        max=str(max(len(items), 1)),
        id="import-bar",
        **html_attributes(aria_label=_("Lecture des fichiers")),
    )
    text = _("{n} sur {total} lus", n=done, total=len(items))
    state = " busy" if any(state.is_pending for state in states) else " idle"
    return html.Div(
        [bar, html.Span(text, id="import-told", role="status")],
        className="import-progress" + state,
        **html_attributes(
            data_sending=_("Envoi de {file}"),
            data_again=_("Connexion interrompue, nouvel essai : {file}"),
        ),
    )


def _page_foot(items: Sequence[DraftFile], store: Store) -> html.Div:
    kept = [item for item in items if item.file_answers.kept]
    ready = [item for item in kept if item.reading_state.name == "read"]
    waits = any(item.reading_state.is_pending for item in kept)
    left = sum(_open_question_count(item) for item in ready)
    now = store.current_snapshot()
    sample = now is not None and now.tables.is_sample
    if not items:
        return html.Div(last_publication(store.publication_history()), className="import-foot")
    n = len(ready)
    text = ngettext("Publier {n} fichier", "Publier {n} fichiers", n)
    if waits:
        text = _("Lecture en cours…")
    seen = {item.number: item.file_answers.answers for item in items}
    publish, discard = (draft_action_attributes(action, seen) for action in ("publish", "discard"))
    return html.Div(
        [
            html.Button(
                text, className="primary", disabled=waits or not ready, **html_attributes(**publish)
            ),
            html.Button(_("Abandonner"), className="plain-button", **html_attributes(**discard)),
            html.Span(_remaining_text(left)),
            html.Span(_("L'exemple laissera la place à ces données.")) if sample else None,
        ],
        className="import-foot",
    )


def _open_question_count(item: DraftFile) -> int:
    shown = item.saved_preview or {}
    return len(unanswered_entries(shown.get("proposals") or [], item.file_answers))


def _remaining_text(left: int) -> str:
    """What publishing now would leave undecided."""
    if not left:
        return _("Publiés ensemble, en un seul état ; annulable ensuite.")
    return ngettext(
        "Reste {n} proposition à décider : elle restera à vérifier.",
        "Restent {n} propositions à décider : elles resteront à vérifier.",
        left,
    )


_DONE_TEXTS = {
    "published": N_("Publié. La page montre les nouvelles données."),
    "undone": N_("Publication annulée : l'état précédent est rétabli."),
    "restored": N_("État rétabli. La page montre ses données."),
    "taken_back": N_("Décision reprise : les documents concernés ont été relus."),
}


def _done_note(what: str) -> html.Div | None:
    """What the last action came to."""
    if what not in _DONE_TEXTS:
        return None
    return html.Div(_(_DONE_TEXTS[what]), role="status", className="import-done")


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the routes to the server."""
    only = N_("seule la personne devant cette machine peut importer")
    routes = guarded_blueprint("import", provider, N_("Import refusé"), only)
    _add_page_routes(routes, provider.store)
    _add_file_routes(routes, provider)
    _add_answer_routes(routes, provider.store.root)
    _add_table_routes(routes, provider.store.root)
    _add_template_routes(routes)
    _add_draft_routes(routes, provider.store)
    _add_undo_routes(routes, provider.store)
    server.register_blueprint(routes)


def _add_page_routes(routes: Blueprint, store: Store) -> None:
    """The page as it stands, as plain markup that the script puts in its place."""

    @routes.post("/page")
    @localised_view
    def page() -> Response:
        response = Response(html_markup(page_body(store, request_object())), mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response


def _add_file_routes(routes: Blueprint, provider: DatasetProvider) -> None:
    """Take files in, and tell how far they are."""
    root = provider.store.root

    @routes.post("/")
    @localised_view
    def new() -> Response:
        return jsonify(draft=ImportDraft.create_draft(root).name)

    @routes.get("/<string(length=32):draft>")
    @localised_view
    def status(draft: str) -> Response:
        asked = ImportDraft.find_draft(root, draft)
        reader_process.ensure_reader(asked)
        files = []
        for item, state in asked.files_with_state():
            with suppress(drafts.DraftGoneError):
                files.append(_progress_json(item, state))
        return jsonify(files=files)

    @routes.post("/<string(length=32):draft>/files")
    @localised_view
    def add(draft: str) -> Response:
        name = clean_file_name(request.args.get("name", ""))
        who = provider.visitor.name
        if who:
            provider.accounts.count_within(UPLOADS, who)
        if (request.content_length or 0) > drafts.MAX_BYTES:
            raise drafts.too_large_error(name)
        source = checked_source(request.args.get("source") or "auto")
        once, by = (request.args.get(key, "")[:MARK_LENGTH] for key in ("once", "by"))
        answers = FileAnswers(name, source=source, once=once, by=by, lang=page_language())
        asked = ImportDraft.find_draft(root, draft)
        item = asked.add_file(answers, request.stream)  # type: ignore[arg-type]
        reader_process.ensure_reader(asked)
        return jsonify(_progress_json(item, item.reading_state))


def _add_answer_routes(routes: Blueprint, root: Path) -> None:
    """Hear what is said of a file, and tell what may be said."""

    @routes.get("/choices/<kind>", defaults={"frame": ""})
    @routes.get("/choices/<kind>/<frame>")
    @localised_view
    def choices(kind: str, frame: str) -> Response:
        entered = WordingDecisions(root).in_force().entered_organisations
        return jsonify(choices=wording_choices(kind, frame, entered))

    @routes.post("/<string(length=32):draft>/files/<number>")
    @localised_view
    def tell(draft: str, number: str) -> Response:
        asked = ImportDraft.find_draft(root, draft)
        item = asked.draft_file(number)
        words = request_object()
        item.change_answers(lambda now: changes_with_marks(now, words))
        reader_process.ensure_reader(asked)
        return jsonify(_progress_json(item, item.reading_state))

    @routes.post("/<string(length=32):draft>/files/<number>/remove")
    @localised_view
    def remove(draft: str, number: str) -> Response:
        asked, words = ImportDraft.find_draft(root, draft), request_object()
        with asked.exclusive_lock():
            item, seen = asked.draft_file(number), words.get("seen")
            if isinstance(seen, int) and item.file_answers.is_changed_since(
                seen, window_mark(words)
            ):
                raise ChangedError(
                    _("{file} gardé", file=item.file_answers.file),
                    _("une autre fenêtre y a répondu entre-temps"),
                    _("Relisez, puis recommencez."),
                )
            asked.remove_file(item)
        return jsonify({})

    @routes.post("/<string(length=32):draft>/files/<number>/forget")
    @localised_view
    def forget(draft: str, number: str) -> Response:
        asked = ImportDraft.find_draft(root, draft)
        item = asked.draft_file(number)
        shown = item.saved_preview or {"tables": []}
        for table in shown["tables"]:
            senders.forget_columns(root, [column["heading"] for column in table["columns"]])
        words = request_object() | {"forgetting": True}
        item.change_answers(lambda now: changes_with_marks(now, words))
        reader_process.ensure_reader(asked)
        return jsonify(_progress_json(item, item.reading_state))


def _add_table_routes(routes: Blueprint, root: Path) -> None:
    """What is said of a file, as tables to keep or to send back."""

    @routes.get("/<string(length=32):draft>/files/<number>/constats.csv")
    @localised_view
    def findings_of(draft: str, number: str) -> Response:
        item = ImportDraft.find_draft(root, draft).draft_file(number)
        tables = (item.saved_preview or {}).get("tables", ())
        headings = {c["field"]: c["heading"] for t in tables for c in t["columns"] if c["field"]}
        table = row_findings.findings_table(item.file_answers.file, item.findings, headings)
        return _csv_response(table, _("constats") + " " + item.file_answers.file)

    @routes.get("/<string(length=32):draft>/files/<number>/changements.csv")
    @localised_view
    def changes_of_file(draft: str, number: str) -> Response:
        item = ImportDraft.find_draft(root, draft).draft_file(number)
        return _csv_response(
            file_card.changes_table(item.publication_changes),
            _("changements") + " " + item.file_answers.file,
        )


def _add_template_routes(routes: Blueprint) -> None:
    """Forms to fill in."""

    @routes.get("/templates/<name>")
    @localised_view
    def model(name: str) -> Response:
        found = [one for one in all_templates() if one.file == name]
        if not found:
            raise UsageError(_("Modèle « {name} » inconnu", name=name))
        return send_file(found[0].path, as_attachment=True, download_name=name)


def _csv_response(table: pl.DataFrame, name: str) -> Response:
    """A table as CSV that spreadsheets open with its accents and without its formulas."""
    stem = name.rpartition(".")[0] or name
    safe = formula_guarded_table(table, ";")
    response = Response(
        "\ufeff" + safe.write_csv(separator=";", null_value=""), mimetype="text/csv"
    )
    response.headers.set("Content-Disposition", "attachment", filename=f"{stem}.csv")
    response.headers["Cache-Control"] = "no-store"
    return response


def _add_draft_routes(routes: Blueprint, store: Store) -> None:
    """Publish a draft, or give it up."""

    @routes.post("/<string(length=32):draft>/discard")
    @localised_view
    def discard(draft: str) -> Response:
        asked, words = ImportDraft.find_draft(store.root, draft), request_object()
        with asked.exclusive_lock():
            asked.require_seen(words.get("seen"), window_mark(words))
            asked.discard_draft()
        return jsonify({})

    @routes.post("/<string(length=32):draft>/publish")
    @localised_view
    def publish(draft: str) -> Response:
        asked, words = ImportDraft.find_draft(store.root, draft), request_object()
        with asked.exclusive_lock():
            asked.require_seen(words.get("seen"), window_mark(words))
            snapshot = publication.publish_draft(store, asked)
        return jsonify(published=snapshot.hash, done="published")


def _add_undo_routes(routes: Blueprint, store: Store) -> None:
    """Take the last publication back, or a decision; go back to an older state."""

    @routes.post("/undo")
    @localised_view
    def undo() -> Response:
        snapshot = publication.undo_publication(store, str(request_object().get("snapshot", "")))
        return jsonify(published=snapshot.hash, done="undone")

    @routes.post("/restore")
    @localised_view
    def restore() -> Response:
        words = request_object()
        wanted, seen = (str(words.get(key) or "") for key in ("snapshot", "published"))
        snapshot = publication.restore_snapshot(store, wanted, seen)
        return jsonify(published=snapshot.hash, done="restored")

    @routes.post("/decisions")
    @localised_view
    def take_back() -> Response:
        decision = request_object().get("decision")
        if not isinstance(decision, int):
            raise UsageError(_("Décision inconnue"))
        applied = publication.undo_decision(store, decision)
        return jsonify(published=applied.snapshot.hash, done="taken_back")


def _progress_json(item: drafts.DraftFile, state: ReadingState) -> dict[str, Any]:
    answers = item.file_answers
    return {
        "file": item.number,
        "state": state.name,
        "version": answers.version,
        "answers": answers.answers,
        "share": round(progress_share(state), 3),
        "told": phase_text(state) if state.is_pending else "",
    }

"""The tab of a programme: its perimeter by its components, and their editor."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from dash import dcc, html

from atlas import formats
from atlas.errors import AtlasError
from atlas.formats import stopped_text
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.perimeter import Programme, component_name
from atlas.layers.programme import ALL, NONE, OUTSIDE, UNKNOWN, ZONES, State
from atlas.model import STOPPED, Level, Viewer
from atlas.vocab import vocabulary_table
from atlas.vocab.programmes import known_programme
from atlas.web import (
    downloads,
    figure_activities,
    filter_bar,
    layer_settings,
    programme_publication,
)
from atlas.web.page_elements import html_attributes, url_change
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import empty_note, filled_pieces, table_note

CELL_SIGNS: dict[State, str] = {
    State.COVERED: "●",
    State.PAST: "◐",
    State.PLANNED: "○",
    State.GAP: "✕",
    State.UNCLEAR: "?",
    State.UNMAPPED: "–",
    State.NOT_MEANT: "·",
}
"""Sign of each state, in the order of the legend."""
LACKING_STATES = (State.GAP, State.PAST, State.PLANNED, State.UNCLEAR)
"""States whose cells are named: what is over or announced covers nothing on the day."""


def cell_state_text(state: str) -> str:
    """A state of a cell, which no need is set against."""
    return label("state", state, full=True)


def undefined_sentence(plan: Programme) -> str:
    """The state of a programme whose units nobody has named."""
    if plan.expected is None:
        return _("Périmètre à définir")
    n = plan.expected
    return ngettext(
        "Périmètre à définir ({n} cercle non nommé)",
        "Périmètre à définir ({n} cercles non nommés)",
        n,
    )


SumLine = tuple[str, list[tuple[str, str, str]]]
"""A sentence with a ``|`` for each figure; the figures: words, name and zone of each."""


def zone_sums(totals: pl.DataFrame) -> list[SumLine]:
    """What is inside, outside, and what cannot be said, in one sentence each."""
    rows = {row["zone"]: row for row in totals.filter(component=ALL).to_dicts()}
    return [_zone_sum(rows[zone], zone) for zone in ZONES if zone in rows]


def _zone_sum(row: dict[str, Any], zone: str) -> SumLine:
    n, inherited = row["activities"], row["inherited"]
    counted = ngettext("{shown} activité", "{shown} activités", n, shown=formats.number_text(n))
    figures = [
        (counted, "programme", zone),
        (formats.usd_text(row["budget_usd"]), "programme_usd", zone),
    ]
    name = capitalised(label("zone", zone))
    line = _("{name} : {counted}, {money}", name=name, counted="|", money="|")
    line += _on_perimeter_text(inherited)
    if inherited:
        figures.append((formats.number_text(inherited), "programme_inherited", zone))
    return f"{line}{stopped_clause(row)}.", figures


def stopped_clause(row: dict[str, Any]) -> str:
    """What is cancelled or suspended, which is in neither figure."""
    stopped_parts = stopped_text(row["cancelled"], row["suspended"])
    money = sum(row[f"{status}_usd"] or 0 for status in STOPPED)
    if money:
        stopped_parts += f", {formats.usd_text(money)}"
    return _(" ; hors compte : {told}", told=stopped_parts) if stopped_parts else ""


def plain_sentence(line: SumLine) -> str:
    """A sentence in words alone."""
    words, figures = line
    return "".join(filled_pieces(words, *(shown for shown, _name, _zone in figures)))


def _on_perimeter_text(n: int) -> str:
    if not n:
        return ""
    return ngettext(
        ", dont {shown} placée sur tout le périmètre de son document",
        ", dont {shown} placées sur tout le périmètre de leur document",
        n,
        shown="|",
    )


def lacking_sentences(table: pl.DataFrame, *, whole: bool = True) -> list[str]:
    """How many cells stand how; which lack; what is to be checked or has no sector.

    Parameters
    ----------
    whole
        Whether every unit of the perimeter has its row: without that, no gap is no news. Nor is
        it where anything meant has no activity under way.
    """
    meant = table.drop_nulls("state").filter(pl.col("state") != State.NOT_MEANT)
    covered = meant.height > 0 and (meant["state"] == State.COVERED).all()
    lines = [_cell_counts_sentence(table), _("Aucune lacune.") if whole and covered else ""]
    lines += [
        *(
            _("{what} : {where}.", what=capitalised(cell_state_text(state)), where=where)
            for state in LACKING_STATES
            if (where := _cells_in_state(table, state))
        ),
    ]
    unmapped = table.filter(state=State.UNMAPPED)["component"].unique(maintain_order=True)
    if unmapped.len():
        names = ", ".join(component_name(one) for one in unmapped)
        lines.append(_("Aucun secteur n'est rattaché à : {names}.", names=names))
    return [line for line in lines if line]


def _cell_counts_sentence(table: pl.DataFrame) -> str:
    """``Cases zone par composante : couvert, activité en cours 3 ; sans secteur rattaché 1.``"""
    counts = {state: table.filter(state=state).height for state in CELL_SIGNS}
    parts = [f"{cell_state_text(state)} {n}" for state, n in counts.items() if n]
    return _("Cases zone par composante : {counts}.", counts=" ; ".join(parts)) if parts else ""


def _cells_in_state(table: pl.DataFrame, state: State) -> str:
    in_state = table.filter(state=state)
    return " ; ".join(
        f"{name} ({', '.join(component_name(c) for c in rows['component'])})"
        for (name,), rows in in_state.group_by("unit_name", maintain_order=True)
    )


def short_component_name(component: str | None) -> str:
    """Name of a component as the head of a narrow column."""
    if component is None:
        return _("Sans composante")
    name = component_name(component)
    lead, colon, rest = name.partition(":")
    name = rest.strip() if colon and len(lead) < 14 and rest.strip() else name
    return name if len(name) <= 34 else f"{name[:33].rsplit(' ', 1)[0]}…"


DATE_ID = "programme-as-of"


def programme_editor(scene: PageScene) -> html.Details:
    """The perimeter, the component of each sector, the effect, and the way to publish.

    It stays open while there is something to do: to choose, to publish, or to take back.
    """
    shown, drafting, undoing = (
        programme_publication.shown_programme(scene),
        programme_publication.is_drafting(scene),
        _undo_form(scene),
    )
    return html.Details(
        [
            html.Summary(_("Définir le périmètre et les composantes")),
            *([_draft_effect(scene), _publication_form(scene)] if drafting else []),
            html.H3(_("Périmètre")),
            _perimeter_field(scene, shown),
            html.H3(_("Composante de chaque secteur")),
            _component_table(scene, shown),
            undoing,
        ],
        className="programme-editor",
        open=drafting or not shown.units or undoing is not None,
        key=f"{shown.id} {drafting}",
    )


def _perimeter_field(scene: PageScene, shown: Programme) -> html.Div:
    """The units, searched by name; communes at the level of communes."""
    fine = scene.view.level == Level.COMMUNE
    hint = (
        _("Cherchez un cercle ou une commune par son nom.")
        if fine
        else _("Cherchez un cercle par son nom ; pour des communes, passez au niveau commune.")
    )
    picker = dcc.Dropdown(
        _unit_options(scene, shown),
        list(shown.units),
        id={"type": layer_settings.SETTING_KIND, "key": "programme.perimeter"},
        multi=True,
        searchable=True,
        closeOnSelect=True,
        placeholder=_("Ajouter une zone"),
        maxHeight=300,
        labels=filter_bar.choice_labels(),
    )
    return html.Div([help_line(hint), picker], className="perimeter")


def help_line(text: str) -> html.P:
    """A line of help."""
    return html.P(text, className="meta")


def _unit_options(scene: PageScene, shown: Programme) -> list[dict[str, str]]:
    """Units to choose from: those of the perimeter, then those where it is said to be, then all."""
    assert scene.data is not None
    frames, frame = scene.data.frames, scene.view.frame or scene.data.default_frame
    levels = [Level.CERCLE, *([Level.COMMUNE] if scene.view.level == Level.COMMUNE else [])]
    ids = [unit for level in levels for unit in frames.units_at_level(frame, level)["unit_id"]]
    likely = set(known_programme(shown.id).regions)
    of = {frames.unit_by_id(region).frame for region in likely}
    near = {u for u in ids if likely & {frames.converted_unit(u, one, Level.REGION) for one in of}}
    ordered = dict.fromkeys([*shown.units, *(u for u in ids if u in near), *ids])
    return [
        {"value": unit, "label": _qualified_unit_name(scene, unit)}
        for unit in ordered
        if unit in frames
    ]


def _qualified_unit_name(scene: PageScene, unit_id: str) -> str:
    """``Bankass (cercle, Mopti)``: a name alone is often that of several places."""
    assert scene.data is not None
    frames = scene.data.frames
    unit = frames.unit_by_id(unit_id)
    above = frames.unit_label(unit.parent) if unit.parent else ""
    where = ", ".join(part for part in (label("level", unit.level), above) if part)
    return f"{unit.name} ({where})"


def _component_table(scene: PageScene, shown: Programme) -> html.Div:
    """A list for each sector; each choice writes the whole draft into the URL."""
    published_sectors = programme_publication.published_programme(scene).sectors
    rows = [
        _sector_row(shown, dict(published_sectors), sector)
        for sector in vocabulary_table("sectors")["id"]
    ]
    return html.Div(html.Table(html.Tbody(rows), className="plain sectors"), className="scroll")


def _sector_row(shown: Programme, published_sectors: dict[str, str | None], sector: str) -> html.Tr:
    now = shown.sectors.get(sector)
    choices = [None, *(one for one in shown.components if not one.startswith("_"))]
    drafts = {one: _draft_setting(shown, published_sectors, sector, one) for one in choices}
    options = [
        html.Option(
            component_name(one) if one else _("aucune"),
            value=draft,
            selected="selected" if one == now else None,
        )
        for one, draft in drafts.items()
    ]
    select = html.Select(
        options,
        key=f"{sector}={drafts[now]}",
        **html_attributes(
            data_setting="programme.components",
            data_default="",
            aria_label=label("sectors", sector),
        ),
    )
    tag = html.Span(_("proposé"), className="tag") if sector in shown.proposed else ""
    return html.Tr([html.Td(label("sectors", sector)), html.Td(select), html.Td(tag)])


def _draft_setting(
    shown: Programme, published_sectors: dict[str, str | None], sector: str, component: str | None
) -> str:
    """The setting that says this of a sector, and of the others what is tried already."""
    wanted = {**shown.sectors, sector: component}
    changed = {s: c for s, c in wanted.items() if published_sectors.get(s) != c}
    return "|".join(f"{s}:{c or ''}" for s, c in sorted(changed.items()))


def _draft_effect(scene: PageScene) -> html.Div:
    """What the draft changes, as counts of cells."""
    before, after = (_state_counts(scene, drafted) for drafted in (False, True))
    parts = [
        _(
            "{what} : {before} → {after}",
            what=cell_state_text(state),
            before=n,
            after=after[state],
        )
        for state, n in before.items()
        if n != after[state]
    ]
    effect = " ; ".join(parts) or _("aucune case ne change d'état")
    return html.Div(
        [
            html.P(html.Strong(_("À l'essai, non publié : la page en montre déjà l'effet."))),
            html.P(_("Effet : {effect}.", effect=effect)),
        ],
        className="read-out",
    )


def _state_counts(scene: PageScene, drafted: bool) -> dict[State, int]:
    assert scene.data is not None
    view = scene.view
    options = view.layer_options(programme_publication.PROGRAMME_LAYER)
    if not drafted:
        options = {
            name: value
            for name, value in options.items()
            if name not in programme_publication.DRAFT_SETTINGS
        }
    table = scene.data.ask(
        programme_publication.PROGRAMME_LAYER,
        view.filters,
        view.frame,
        view.level,
        scene.viewer,
        options,
    ).table
    return {state: table.filter(pl.col("state") == state).height for state in CELL_SIGNS}


def _publication_form(scene: PageScene) -> html.Div:
    """The day from which it holds, said by the person; publish, or give it up."""
    assert scene.data is not None
    day = scene.data.as_of
    return html.Div(
        [
            html.Label(
                [
                    html.Span(_("Valable à partir du")),
                    dcc.Input(
                        id=DATE_ID,
                        type="text",
                        value=f"{day:%d/%m/%Y}" if day else "",
                        placeholder=_("JJ/MM/AAAA"),
                        className="setting-typed",
                        autoComplete="off",
                    ),
                ],
                className="setting",
            ),
            html.Button(
                _("Publier"),
                className="primary",
                **html_attributes(
                    data_post="/programme/publish",
                    data_day=DATE_ID,
                    data_seen=programme_publication.definition_version(
                        scene.tables, programme_publication.shown_programme(scene).id
                    ),
                    data_then=json.dumps(programme_publication.CLEARED_DRAFT),
                ),
            ),
            html.Button(
                _("Abandonner l'essai"), **url_change(**programme_publication.CLEARED_DRAFT)
            ),
        ],
        className="settings",
    )


def _undo_form(scene: PageScene) -> Any:
    """Take the last publication back, where it was of a programme."""
    events = scene.history()
    if len(events) < 2 or events[0].note not in (
        _(programme_publication.ENTRY_NOTE),
        programme_publication.ENTRY_NOTE,
    ):
        return None
    text = _("Annuler la dernière publication du programme")
    made = f"{formats.day_text(events[0].time.date())}"
    return html.Div(
        html.Button(
            text,
            title=made,
            **html_attributes(data_post="/programme/undo", data_published=events[0].hash),
        ),
        className="settings",
    )


ROW_OF_ZONE = {"inside": "", "outside": OUTSIDE, "unknown": UNKNOWN}
"""Rows of sums, and what opens the activities each is made of."""


def programme_content(scene: PageScene) -> list[Any]:
    """Which programme, its matrix or what is missing for one, and the editor."""
    try:
        shown = programme_publication.shown_programme(scene)
        answer, totals = (
            layer_answer(scene, "programme"),
            layer_answer(scene, "programme_totals").table,
        )
    except AtlasError as error:
        return [_programme_choice(scene, ""), empty_note(error.error_sentence())]
    body = (
        _defined_content(scene, shown, answer.table, totals, answer.meta)
        if shown.units
        else _undefined_content(scene, shown, totals)
    )
    made = [*body, programme_editor(scene)] if scene.viewer is Viewer.EDITOR else body
    return [_programme_choice(scene, shown.id), *made]


def _programme_choice(scene: PageScene, chosen: str) -> html.Div:
    return html.Div(
        [
            html.Button(
                name,
                className="chosen" if one == chosen else None,
                **html_attributes(aria_pressed=str(one == chosen).lower()),
                **url_change(
                    **{
                        "programme.programme": "" if one == "psirc" else one,
                        **programme_publication.CLEARED_DRAFT,
                    }
                ),
            )
            for one, name in programme_publication.programme_names(scene).items()
        ],
        className="settings programmes",
        role="group",
        **html_attributes(aria_label=_("Programme")),
    )


def _undefined_content(scene: PageScene, shown: Programme, totals: pl.DataFrame) -> list[Any]:
    """What is known, what to do, and what is reported of each component meanwhile."""
    assert scene.data is not None
    known = [html.P(html.Strong(undefined_sentence(shown) + "."))]
    if shown.source:
        known.append(html.P(_("Source : {source}.", source=shown.source)))
    if shown.id == "psirc":
        known.append(
            html.P(
                _(
                    "Ces cercles sont dans les régions de Mopti et de Ségou de l'époque, "
                    "partagées depuis entre Mopti, Bandiagara, Douentza, Ségou et San."
                )
            )
        )
    todo = (
        _(
            "Choisissez-les ci-dessous et publiez, ou importez le tableau « Périmètre d'un "
            "programme ». D'ici là, aucune zone n'est dite en lacune."
        )
        if scene.viewer is Viewer.EDITOR
        else _(
            "Le bureau du gouverneur peut les choisir ici, depuis sa machine. D'ici là, aucune "
            "zone n'est dite en lacune."
        )
    )
    return [
        html.Div([*known, html.P(todo)], className="read-out undefined"),
        *_own_frame_button(scene, shown),
        html.H3(_("Signalé dans tout le pays, par composante")),
        _programme_matrix(shown, pl.DataFrame(), totals, {"unknown": _("Tout le pays")}),
    ]


def _own_frame_button(scene: PageScene, shown: Programme) -> list[Any]:
    """A way to the units that the programme counts, in the découpage of its time."""
    public = known_programme(shown.id)
    frames = {region.split("/")[0] for region in public.regions}
    if not public.level or len(frames) != 1:
        return []
    frame = frames.pop()
    if (scene.view.level, scene.view.frame) == (public.level, frame):
        return []
    text = _(
        "Montrer par {level}, {frame}",
        level=label("level", public.level),
        frame=label("frame", frame),
    )
    return [
        html.Div(
            html.Button(text, **url_change(level=public.level, frame=frame)), className="settings"
        )
    ]


def _defined_content(
    scene: PageScene,
    shown: Programme,
    table: pl.DataFrame,
    totals: pl.DataFrame,
    meta: dict[str, object],
) -> list[Any]:
    sums = zone_sums(totals)
    lacking = lacking_sentences(table, whole=not meta.get("not_convertible"))
    sentences = [*map(plain_sentence, sums), *lacking]
    heads = {zone: capitalised(label("zone", zone)) for zone in ROW_OF_ZONE}
    return [
        *_own_level_button(scene, shown, lost=bool(meta.get("not_convertible"))),
        *_lost_units_note(scene, meta),
        table_note(_perimeter_origin(shown), downloads.download_links("programme")),
        _programme_matrix(
            shown, table.filter(pl.col("inside").fill_null(value=False)), totals, heads
        ),
        _signs_legend(table),
        html.Div(
            [html.P(one) for one in [*map(_linked_sentence, sums), *lacking]], className="read-out"
        ),
        html.Button(
            _("Copier le texte"),
            className="copy-text",
            **html_attributes(data_copy_text="\n".join(sentences), data_done=_("Texte copié")),
        ),
    ]


def _linked_sentence(line: SumLine) -> list[Any]:
    """A sentence whose figures open what they are made of."""
    text, figures = line
    return filled_pieces(
        text,
        *(
            figure_activities.linked_figure(shown, name, ROW_OF_ZONE[zone])
            for shown, name, zone in figures
        ),
    )


def _own_level_button(scene: PageScene, shown: Programme, *, lost: bool) -> list[Any]:
    """A way to the perimeter's own level and découpage, where the page shows another."""
    assert scene.data is not None
    perimeter_levels = {
        (unit.level, unit.frame) for unit in map(scene.data.frames.unit_by_id, shown.units)
    }
    level, frame = next(iter(perimeter_levels))
    if len(perimeter_levels) != 1 or (scene.view.level == level and not lost):
        return []
    goes = {"level": "" if level == Level.REGION else level}
    goes |= {"frame": frame} if lost else {}
    text = (
        _("Montrer par {level}, {frame}", level=label("level", level), frame=label("frame", frame))
        if lost
        else _("Montrer par {level}", level=label("level", level))
    )
    return [html.Div(html.Button(text, **url_change(**goes)), className="settings")]


def _perimeter_origin(shown: Programme) -> str:
    if shown.as_of is None:
        return _("Périmètre à l'essai.")
    text = _("Périmètre : {source}, {day}.", source=shown.source, day=formats.day_text(shown.as_of))
    if shown.proposed:
        text += " " + _("Secteurs par composante : proposés, à confirmer.")
    return text


def _lost_units_note(scene: PageScene, meta: dict[str, object]) -> list[Any]:
    """Units of the perimeter that this découpage cannot tell at this level."""
    assert scene.data is not None
    lost = meta.get("not_convertible")
    if not isinstance(lost, list) or not lost:
        return []
    names = ", ".join(scene.data.frames.unit_label(unit) for unit in lost)
    frame = label("frame", scene.view.frame or scene.data.default_frame)
    return [
        table_note(
            _(
                "Sans ligne propre à ce niveau dans le {frame} : {names}. Leurs activités sont "
                "comptées dans le périmètre, sans lieu plus précis.",
                frame=frame,
                names=names,
            )
        )
    ]


# the matrix


def _programme_matrix(
    shown: Programme, cells: pl.DataFrame, totals: pl.DataFrame, heads: dict[str, str]
) -> html.Div:
    """Units by components, then the sums; a last column for what has no component."""
    columns: list[str | None] = [*shown.components, None]
    if not totals.filter(pl.col("component").is_null()).height:
        columns.pop()
    head = [html.Td(), *(_component_head(one) for one in columns)]
    body = [_unit_row(rows, columns) for rows in _unit_groups(cells)]
    zones = set(totals["zone"])
    body += [_sum_row(totals, zone, heads[zone], columns) for zone in heads if zone in zones]
    return html.Div(
        html.Table(
            [html.Thead(html.Tr(head)), html.Tbody(body)], className="plain programme-matrix"
        ),
        className="scroll",
        tabIndex=0,
    )


def _component_head(component: str | None) -> html.Th:
    title = component_name(component) if component else _("Secteur inconnu ou d'aucune composante")
    return html.Th(short_component_name(component), scope="col", title=title)


def _unit_groups(cells: pl.DataFrame) -> list[pl.DataFrame]:
    return cells.partition_by("unit_id", maintain_order=True) if cells.height else []


def _unit_row(rows: pl.DataFrame, columns: list[str | None]) -> html.Tr:
    first = rows.row(0, named=True)
    name = _("{name} (en partie)", name=first["unit_name"]) if first["part"] else first["unit_name"]
    by_component = {row["component"]: row for row in rows.to_dicts()}
    return html.Tr(
        [
            html.Th(name, scope="row"),
            *(_matrix_cell(by_component.get(one), name, one) for one in columns),
        ]
    )


def _matrix_cell(row: dict[str, Any] | None, name: str, component: str | None) -> html.Td:
    """Sign and count, the money below; both open what they are made of."""
    if row is None:
        return html.Td("")
    state = row["state"]
    sign = CELL_SIGNS[State(state)] if state else ""
    shown = f"{sign} {formats.number_text(row['activities'])}" if row["activities"] else sign
    state_text = cell_state_text(state) if state else _("activités sans composante")
    title = f"{name}, {short_component_name(component)} : {state_text}"
    if row["possible"] and not row["activities"]:
        title += f" ({formats.number_text(row['possible'])})"
    if apart := stopped_clause(row):
        title += apart
    if not row["activities"]:
        return html.Td(html.Span(shown, title=title), className=f"told told-{state}")
    key = component or NONE
    return html.Td(
        [
            html.Button(
                shown,
                title=title,
                **figure_activities.opening_attributes("programme", row["unit_id"], key),
            ),
            _money_line(row, row["unit_id"], key),
        ],
        className=f"told told-{state}" if state else "told",
    )


def _money_line(row: dict[str, Any], unit: str, key: str) -> html.Div:
    if row["budget_usd"] is None:
        return html.Div(_("montant inconnu"), className="meta")
    text = formats.short_money_text(row["budget_usd"])
    return html.Div(
        figure_activities.linked_figure(text, "programme_usd", unit, key), className="meta"
    )


def _sum_row(totals: pl.DataFrame, zone: str, name: str, columns: list[str | None]) -> html.Tr:
    by_component = {row["component"]: row for row in totals.filter(zone=zone).to_dicts()}
    return html.Tr(
        [
            html.Th(name, scope="row"),
            *(_sum_cell(by_component.get(one), zone, one) for one in columns),
        ],
        className="sum",
    )


def _sum_cell(row: dict[str, Any] | None, zone: str, component: str | None) -> html.Td:
    if row is None:
        return html.Td("0", className="told")
    count, unit = formats.number_text(row["activities"]), ROW_OF_ZONE[zone]
    key = component or NONE
    return html.Td(
        [
            figure_activities.linked_figure(count, "programme", unit, key),
            _money_line(row, unit, key),
        ],
        className="told",
    )


def _signs_legend(table: pl.DataFrame) -> html.P:
    present = set(table["state"].drop_nulls())
    parts = [
        html.Span([html.B(sign), f" {cell_state_text(state)}"])
        for state, sign in CELL_SIGNS.items()
        if state in present
    ]
    return html.P(parts, className="programme-legend")

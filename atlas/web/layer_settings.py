"""The settings of a layer as controls, and the day on which it is judged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from dash import dcc, html

from atlas import formats
from atlas.dataset import Answer
from atlas.i18n import _
from atlas.layers import LAYERS
from atlas.layers.options import Option
from atlas.web.page_elements import html_attributes, url_change
from atlas.web.page_state import PageScene

SETTING_KIND = "setting"
"""Type of the ids that `atlas.web.page_layout` listens to."""


def setting_controls(
    scene: PageScene, layer: str, names: Collection[str] | None = None
) -> html.Div:
    """Controls for the settings of a layer, and a way back to the defaults.

    Parameters
    ----------
    names
        The settings to show, by name; ``None``: all of them.
    """
    options = scene.view.layer_options(layer)
    shown = [o for o in LAYERS[layer].options if names is None or o.name in names]
    controls: list[Any] = [
        _labelled_control(layer, option, options.get(option.name)) for option in shown
    ]
    changed = {f"{layer}.{o.name}": "" for o in shown if o.name in options}
    if changed:
        controls.append(html.Button(_("Rétablir"), className="chip reset", **url_change(**changed)))
    return html.Div(controls, className="settings", role="group")


def figure_words(scene: PageScene, layer: str, words: str) -> str:
    """Words of a figure of a layer, with whom the settings of the page hold it to."""
    held_to = LAYERS[layer].held_to(scene.view.layer_options(layer))
    return _("{what} : {group}", what=words, group=held_to) if held_to else words


def _labelled_control(layer: str, option: Option, written: str | None) -> html.Label:
    value = option.default if written is None else written
    key = f"{layer}.{option.name}"
    control = (
        _choice_control(key, option, value)
        if option.form == "choice"
        else _typed_control(key, option, value)
    )
    return html.Label([html.Span(_(option.label)), control], className="setting")


def _choice_control(key: str, option: Option, value: str) -> html.Select:
    entries = [
        html.Option(_(words), value=choice, selected="selected" if choice == value else None)
        for choice, words in option.choices.items()
    ]
    attributes = html_attributes(data_setting=key, data_default=option.default)
    # A new key for a new value: the browser keeps what was picked by hand otherwise.
    return html.Select(entries, key=f"{key}={value}", **attributes)


def _typed_control(key: str, option: Option, value: str) -> dcc.Input:
    """A number or a day; it counts when the person leaves the field or presses Enter."""
    number = option.form == "number"
    return dcc.Input(
        id={"type": SETTING_KIND, "key": key},
        type="number" if number else "text",
        value=float(value) if number and value else value,
        min=option.lowest,
        max=option.highest,
        step="any",
        placeholder=_("AAAA-MM-JJ") if option.form == "day" else "",
        debounce=True,
        autoComplete="off",
        className="setting-typed",
    )


def is_day_moved(scene: PageScene, answer: Answer) -> bool:
    """Whether a person chose another day than that of the newest document of the kind."""
    asked = scene.view.filters.at or "day" in scene.view.layer_options(answer.layer)
    return bool(asked) and answer.meta["reference"] != answer.meta["own_day"]


def reference_day_text(scene: PageScene, answer: Answer) -> str:
    """The day, and whose it is: of the newest document of the kind, or of the person."""
    day = answer.meta["reference"]
    day_text = formats.day_text(day if isinstance(day, date) else None)
    if is_day_moved(scene, answer):
        return _("{day}, date choisie", day=day_text)
    return _("{day}, date du document le plus récent de ce genre", day=day_text)


def reset_day_buttons(scene: PageScene, answer: Answer) -> list[Any]:
    """A button that sets the day back, where a person moved it."""
    usual_day = answer.meta["own_day"]
    if not is_day_moved(scene, answer) or not isinstance(usual_day, date):
        return []
    changes = {f"{_day_setting_layer(answer)}.day": ""} | (
        {"at": ""} if scene.view.filters.at else {}
    )
    return [
        html.Button(
            _("Revenir au {day}", day=formats.day_text(usual_day)),
            className="chip",
            **url_change(**changes),
        )
    ]


def day_button(answer: Answer, day: date, words: str = "") -> html.Button:
    """A button that judges a layer on another day."""
    text = words or _("Juger au {day}", day=formats.day_text(day))
    return html.Button(
        text,
        className="chip",
        **url_change(**{f"{_day_setting_layer(answer)}.day": day.isoformat()}),
    )


def later_document_day(scene: PageScene, answer: Answer) -> date | None:
    """The day of the newest document of all, where it is later and nobody chose a day."""
    assert scene.data is not None
    newest, day = scene.data.as_of, answer.meta["reference"]
    if scene.view.filters.at or "day" in scene.view.layer_options(answer.layer):
        return None
    return newest if newest and isinstance(day, date) and newest > day else None


def _day_setting_layer(answer: Answer) -> str:
    """The layer that holds the setting in the page, for those that follow another."""
    return LAYERS[answer.layer].follows or answer.layer


def choice_field(words: str, name: str, choices: list[tuple[str, str]]) -> html.Label:
    """A field of a form that is posted: a list to choose from, of ``(words, value)``."""
    options = [html.Option(text, value=value) for text, value in choices]
    return html.Label([html.Span(words), html.Select(options, name=name)], className="setting")


def text_field(form: str, words: str, name: str, value: str, placeholder: str = "") -> html.Label:
    """A field of the form of this id that is posted: a text to write."""
    box = dcc.Input(
        id=f"{form}-{name}",
        name=name,
        type="text",
        value=value,
        placeholder=placeholder,
        className="setting-typed",
        autoComplete="off",
    )
    return html.Label([html.Span(words), box], className="setting")

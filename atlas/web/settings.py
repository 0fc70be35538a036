"""The settings of a layer as controls: what they say is in the URL, as everything is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dash import dcc, html

from atlas.i18n import _
from atlas.layers import LAYERS
from atlas.layers.options import Option
from atlas.web.attributes import attrs, go
from atlas.web.desk import Scene

KIND = "setting"
"""Type of the ids that `atlas.web.callbacks` listens to."""


def settings(scene: Scene, layer: str, names: Collection[str] | None = None) -> html.Div:
    """Controls for the settings of a layer, and a way back to the defaults.

    Parameters
    ----------
    names
        The settings to show, by name; ``None``: all of them.
    """
    said = scene.view.options_of(layer)
    shown = [o for o in LAYERS[layer].options if names is None or o.name in names]
    controls: list[Any] = [_labelled(layer, option, said.get(option.name)) for option in shown]
    changed = {f"{layer}.{o.name}": "" for o in shown if o.name in said}
    if changed:
        controls.append(html.Button(_("Rétablir"), className="chip reset", **go(**changed)))
    return html.Div(controls, className="settings", role="group")


def _labelled(layer: str, option: Option, said: str | None) -> html.Label:
    value = option.default if said is None else said
    key = f"{layer}.{option.name}"
    control = _choice(key, option, value) if option.form == "choice" else _typed(key, option, value)
    return html.Label([html.Span(_(option.label)), control], className="setting")


def _choice(key: str, option: Option, value: str) -> html.Select:
    entries = [
        html.Option(_(words), value=choice, selected="selected" if choice == value else None)
        for choice, words in option.choices.items()
    ]
    told = attrs(data_setting=key, data_default=option.default)
    # A new key for a new value: the browser keeps what was picked by hand otherwise.
    return html.Select(entries, key=f"{key}={value}", **told)


def _typed(key: str, option: Option, value: str) -> dcc.Input:
    """A number or a day; it counts when the person leaves the field or presses Enter."""
    number = option.form == "number"
    return dcc.Input(
        id={"type": KIND, "key": key},
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

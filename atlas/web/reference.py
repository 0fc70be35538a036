"""On which day a layer is judged, what is past on that day, and the ways there and back."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import html

from atlas.answers import Answer
from atlas.i18n import _
from atlas.layers import LAYERS
from atlas.web import say
from atlas.web.attributes import go
from atlas.web.desk import Scene


def is_moved(scene: Scene, answer: Answer) -> bool:
    """Whether a person chose another day than that of the newest document of the kind."""
    asked = scene.view.filters.at or "day" in scene.view.options_of(answer.layer)
    return bool(asked) and answer.meta["reference"] != answer.meta["own_day"]


def day_words(scene: Scene, answer: Answer) -> str:
    """The day, and whose it is: of the newest document of the kind, or of the person."""
    day = answer.meta["reference"]
    told = say.day(day if isinstance(day, date) else None)
    if is_moved(scene, answer):
        return _("{day}, date choisie", day=told)
    return _("{day}, date du document le plus récent de ce genre", day=told)


def days_back(scene: Scene, answer: Answer) -> list[Any]:
    """A button that sets the day back, where a person moved it."""
    own = answer.meta["own_day"]
    if not is_moved(scene, answer) or not isinstance(own, date):
        return []
    changes = {f"{_setting(answer)}.day": ""} | ({"at": ""} if scene.view.filters.at else {})
    return [html.Button(_("Revenir au {day}", day=say.day(own)), className="chip", **go(**changes))]


def day_on(answer: Answer, day: date, words: str = "") -> html.Button:
    """A button that judges a layer on another day."""
    told = words or _("Juger au {day}", day=say.day(day))
    return html.Button(told, className="chip", **go(**{f"{_setting(answer)}.day": day.isoformat()}))


def later_day(scene: Scene, answer: Answer) -> date | None:
    """The day of the newest document of all, where it is later and nobody chose a day."""
    assert scene.data is not None
    newest, day = scene.data.as_of, answer.meta["reference"]
    if scene.view.filters.at or "day" in scene.view.options_of(answer.layer):
        return None
    return newest if newest and isinstance(day, date) and newest > day else None


def _setting(answer: Answer) -> str:
    """The layer that holds the setting in the page, for those that follow another."""
    return LAYERS[answer.layer].follows or answer.layer

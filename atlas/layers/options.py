"""What a layer may be told beside the filters: settings that are declared, checked and kept.

A layer module names its own in ``OPTIONS``; the command line takes them as
``--option NAME=VALUE``, a URL as ``<layer>.<name>=value``, and every file says them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Literal

from atlas.errors import UsageError
from atlas.i18n import _

Form = Literal["choice", "number", "day", "text"]


@dataclass(frozen=True)
class Option:
    """One setting of a layer.

    Attributes
    ----------
    name
        Its key; lower case words joined by hyphens.
    default
        Value in force where nothing is said; empty is "not set".
    label
        What the page calls it (a message id).
    form
        ``choice`` (one of ``choices``), ``number``, ``day`` (ISO date) or ``text``.
    choices
        Value → what the page calls it (a message id).
    lowest, highest
        Bounds of a number, both included.

    Examples
    --------
    >>> Option("kind", "budget", "Montant", choices={"budget": "Budget"}).checked_value("budget")
    'budget'
    """

    name: str
    default: str
    label: str
    form: Form = "choice"
    choices: Mapping[str, str] = field(default_factory=dict)
    lowest: float | None = None
    highest: float | None = None

    def checked_value(self, value: str) -> str:
        """The value as it is kept.

        Raises
        ------
        UsageError
            It is none that this setting takes; what it takes is named.
        """
        if value in ("", self.default):
            return self.default
        if not self._allowed_values(value):
            raise UsageError(
                _("{setting} « {value} » : réglage inconnu", setting=_(self.label), value=value),
                "",
                self._remedy_text(),
            )
        return value

    def _allowed_values(self, value: str) -> bool:
        if self.form == "choice":
            return value in self.choices
        if self.form == "day":
            return _is_day(value)
        return self.form == "text" or self._in_bounds(value)

    def _in_bounds(self, value: str) -> bool:
        try:
            number = float(value)
        except ValueError:
            return False
        low = self.lowest is None or number >= self.lowest
        return isfinite(number) and low and (self.highest is None or number <= self.highest)

    def _remedy_text(self) -> str:
        if self.form == "choice":
            return _("Valeurs possibles : {names}.", names=", ".join(self.choices))
        if self.form == "day":
            return _("Écrivez une date AAAA-MM-JJ.")
        low, high = ("…" if b is None else f"{b:g}" for b in (self.lowest, self.highest))
        return _("Écrivez un nombre de {low} à {high}.", low=low, high=high)


def all_settings(options: Sequence[Option], said: Mapping[str, str]) -> dict[str, str]:
    """All settings of a layer: those said, checked, and the defaults of the others.

    Raises
    ------
    UsageError
        A setting the layer does not have, or a value it does not take.
    """
    known = {option.name: option for option in options}
    strange = sorted(set(said) - set(known))
    if strange:
        names = ", ".join(known) or _("aucun")
        raise UsageError(
            _("Réglage « {name} » inconnu", name=strange[0]),
            "",
            _("Réglages de cette couche : {names}.", names=names),
        )
    return {name: option.checked_value(said.get(name, "")) for name, option in known.items()}


def changed_settings(options: Sequence[Option], in_force: Mapping[str, str]) -> dict[str, str]:
    """The settings that differ from the default."""
    return {
        option.name: in_force[option.name]
        for option in options
        if in_force.get(option.name, option.default) != option.default
    }


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True

"""A command line without what typer does beyond need.

Texts and paths are taken as they are typed: typer hands each of them to pydantic, and loading
that takes a tenth of the time in which an ordinary workbook is read and published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer import Typer
    from typer.models import CommandInfo


def with_verb(app: Typer, verb: Sequence[str]) -> Typer:
    """The command with the verb that is called alone: typer builds all there are before it looks.

    As it is, for a verb of a group or one that there is not.
    """
    called = [one for one in app.registered_commands if [_name(one)] == verb]
    if not called:
        return app
    alone = copy(app)
    alone.registered_commands, alone.registered_groups = called, []
    return alone


def _name(command: CommandInfo) -> str:
    return str(command.name or getattr(command.callback, "__name__", ""))


class PlainCommand(TyperCommand):
    """A verb that reads texts and paths itself and leaves all else to typer."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As of typer."""
        _read_plainly(self.get_params(ctx))
        return super().parse_args(ctx, args)


class PlainGroup(TyperGroup):
    """A command with verbs, read so as well."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As of typer."""
        _read_plainly(self.get_params(ctx))
        return super().parse_args(ctx, args)


def _read_plainly(params: Iterable[object]) -> None:
    """Put the plain reader where typer keeps those that it makes.

    Should a later typer keep them elsewhere, it reads everything again: slower, and the same.
    """
    for param in params:
        vars(param)["_runtime_param"] = _AsTyped()


class _AsTyped:
    """Reader of one parameter, as typer calls it."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        kind = param.type_descriptor.annotation
        many = get_origin(kind) is list
        if value is None:
            return () if many else None
        make = get_args(kind)[0] if many else kind
        if make not in (str, Path):
            param._runtime_param = None  # typer makes its own where there is none
            return param.get_runtime_param().coerce(value, param=param, ctx=ctx)
        return [make(one) for one in value] if many else make(value)

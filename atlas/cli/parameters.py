"""What the verbs of ``atlas`` share: options, exit codes, the store, plain parameters."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Never, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup

from atlas.author import current_author
from atlas.errors import StoreError
from atlas.i18n import LANGUAGES, _, current_language
from atlas.model import Viewer
from atlas.paths import store_root

if TYPE_CHECKING:
    from typer import Typer
    from typer.models import CommandInfo

    from atlas.dataset import Dataset
    from atlas.store import Store
    from atlas.store.decisions import HistoryLine


def with_verb(app: Typer, verb: Sequence[str]) -> Typer:
    """The command with the verb that is called alone: typer builds all there are before it looks.

    As it is, for a verb of a group or one that there is not.
    """
    called = [one for one in app.registered_commands if [_command_name(one)] == verb]
    if not called:
        return app
    alone = copy(app)
    alone.registered_commands, alone.registered_groups = called, []
    return alone


def _command_name(command: CommandInfo) -> str:
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


DONE, NOTHING, WRONG_CALL, PARTLY = 0, 1, 2, 3

StoreOption = Annotated[
    Path | None, typer.Option("--store", help=_("Dossier du fonds (sinon ATLAS_STORE)."))
]
FrameOption = Annotated[
    str | None, typer.Option("--frame", help=_("Découpage : ml-2012, ml-2016 ou ml-2023."))
]
LevelOption = Annotated[str, typer.Option("--level", help="region | cercle | commune")]
WhereOption = Annotated[
    list[str] | None, typer.Option("--where", help=_("CLÉ=VALEUR, répétable : source=qip."))
]
SettingOption = Annotated[
    list[str] | None,
    typer.Option("--option", help=_("Réglage de la couche, répétable : kind=spent.")),
]
DateOption = Annotated[str | None, typer.Option(metavar="DATE", help="AAAA-MM-JJ")]
LangOption = Annotated[str | None, typer.Option("--lang", help="fr | en")]
AsOption = Annotated[str, typer.Option("--as", help="public | partner | editor")]
JsonOption = Annotated[bool, typer.Option("--json", help=_("Rien que du JSON sur la sortie."))]
WhoOption = Annotated[
    str | None, typer.Option("--who", help=_("Qui décide (sinon le nom de session)."))
]
EverythingOption = Annotated[
    bool, typer.Option("--all", help=_("Aussi les décisions annulées ou remplacées."))
]
NoteOption = Annotated[str, typer.Option(help=_("Pourquoi, en quelques mots."))]
SourceOption = Annotated[
    str,
    typer.Option(
        help="auto, bulletin, qip, trust-fund, pbf, pnud, ngo, csa, iati, state-plan, study, "
        "exchange"
    ),
]
ReplaceOption = Annotated[
    bool,
    typer.Option(
        "--replace", help=_("Retirer ce que la liste précédente du même émetteur est seule à dire.")
    ),
]
RatesOption = Annotated[
    Path | None,
    typer.Option(
        "--rates", help=_("Table de taux (devise, date, par USD ou EUR), retenue pour la suite.")
    ),
]
ControlOption = Annotated[
    list[str] | None,
    typer.Option("--control", help=_("Total publié, répétable : NOM=VALEUR[DEVISE] ou une table.")),
]
OutOption = Annotated[Path | None, typer.Option("--out", help=_("Fichier à écrire."))]


def store_of(named: Path | None) -> Store:
    """The store named, or the one of the environment."""
    from atlas.store import Store  # 0.1 s of the verbs that ask no store

    return Store(store_root(named))


def day_of(text: str | None) -> date | None:
    """The day of an option; the call is wrong where it is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date() if text else None
    except ValueError:
        end_wrong_call(_("« {text} » n'est pas une date : il faut AAAA-MM-JJ.", text=text))


def settings_of(words: Sequence[str] | None) -> dict[str, str]:
    """Settings of repeated ``NAME=VALUE`` words; the last of a name counts."""
    pairs = [word.partition("=") for word in words or ()]
    unread = [name for name, equals, _value in pairs if not equals]
    if unread:
        end_wrong_call(_("--option « {word} » : il faut NOM=VALEUR.", word=unread[0]))
    return {name.strip(): value.strip() for name, _equals, value in pairs}


def language_named(name: str | None) -> str:
    """The language of an option, else that of the terminal."""
    spoken = name or current_language()
    if spoken not in LANGUAGES:
        end_wrong_call(_("--lang attend fr ou en, pas « {name} ».", name=spoken))
    return spoken


def viewer_named(name: str) -> Viewer:
    """Who asks, by the word of an option."""
    if name not in set(Viewer):
        end_wrong_call(_("--as attend public, partner ou editor, pas « {name} ».", name=name))
    return Viewer(name)


def current_dataset(named: Path | None) -> Dataset:
    """What is published in the store of a command.

    Raises
    ------
    StoreError
        Nothing is.
    """
    from atlas.dataset import Dataset  # loads every layer: 0.5 s of every other verb

    held = store_of(named)
    snapshot = held.current_snapshot()
    if snapshot is None:
        raise StoreError(
            _("Le fonds est vide"), "", _("Lancez « atlas ingest FICHIER » ou « atlas sample ».")
        )
    return Dataset(snapshot, earlier=held.comparison_snapshot)


def who_or_session(named: str | None) -> str:
    """Who decides: the name given, else that of the session."""
    return current_author() if named is None else named


def decision_sentence(one: HistoryLine, said: str) -> str:
    """A decision as a sentence: number, what it says, who and when, whether it still stands."""
    line = f"{one.id:>4}  {said}  ({one.who}, {one.at:%Y-%m-%d %H:%M})"
    if one.note:
        line += f"  {one.note}"
    if one.undone_at:
        line += "  " + _("annulée par {who}", who=one.undone_by)
    elif one.superseded_by:
        line += "  " + _("remplacée par la décision {id}", id=one.superseded_by)
    return line


def decision_as_dict(one: HistoryLine, said: Mapping[str, Any]) -> dict[str, Any]:
    """A decision for JSON: its number, what it says, who and when, whether it still stands."""
    return {
        "id": one.id,
        **said,
        "who": one.who,
        "note": one.note or None,
        "at": one.at.isoformat(),
        "in_force": one.in_force,
        "superseded_by": one.superseded_by,
        "undone_by": one.undone_by,
        "undone_at": one.undone_at.isoformat() if one.undone_at else None,
    }


def end_wrong_call(message: str) -> Never:
    """End as a wrong call, with a line that says why."""
    print(message, file=sys.stderr)
    raise typer.Exit(WRONG_CALL)

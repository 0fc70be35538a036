"""The verbs that ask the published snapshot: ``atlas layer`` and ``atlas export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from atlas.cli_options import (
    AsOption,
    DateOption,
    FrameOption,
    LevelOption,
    OutOption,
    SettingOption,
    StoreOption,
    WhereOption,
    day_of,
    settings_of,
    store_of,
    wrong,
)
from atlas.i18n import _

if TYPE_CHECKING:
    from atlas.dataset import Dataset
    from atlas.model import Viewer


class LayerCommand(TyperCommand):
    """The verb ``layer``: its help names the layers, which are loaded for nothing else here."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As of typer."""
        from atlas.layers import LAYERS

        (name,) = (param for param in self.params if param.name == "name")
        vars(name)["help"] = ", ".join(LAYERS)
        super().format_help(ctx, formatter)


def layer(
    name: str,
    frame: FrameOption = None,
    level: LevelOption = "region",
    where: WhereOption = None,
    at: DateOption = None,
    option: SettingOption = None,
    fmt: Annotated[
        str, typer.Option("--format", help="csv | csv-fr | json | geojson | xlsx")
    ] = "csv",
    out: OutOption = None,
    viewer: AsOption = "editor",
    store: StoreOption = None,
) -> None:
    """Compute a layer of the published snapshot and write it."""
    from atlas.export import write_answer
    from atlas.export.notice import frame_chosen, frame_name, judged_in_words, split_in_words
    from atlas.filters import Filters

    filters = Filters.from_where(where or (), at=day_of(at))
    answer = _dataset(store).ask(name, filters, frame, level, _viewer(viewer), settings_of(option))
    write_answer(answer, fmt, out)
    chosen = frame_chosen(answer)
    told = [f"{frame_name(answer.frame)} {chosen}" if chosen else ""]
    for words in (*told, *judged_in_words(answer), split_in_words(answer)):
        if words:
            print(words, file=sys.stderr)


def export(
    fmt: Annotated[
        str, typer.Argument(help="hxl | xlsx | csv | csv-fr | geojson | gpkg | geoparquet")
    ],
    out: Annotated[Path, typer.Option("--out", help=_("Fichier à écrire."))],
    frame: FrameOption = None,
    level: LevelOption = "commune",
    where: WhereOption = None,
    at: DateOption = None,
    viewer: AsOption = "editor",
    store: StoreOption = None,
) -> None:
    """Write one row per activity and place."""
    from atlas.export import write_answer
    from atlas.export.exchange import exchange
    from atlas.filters import Filters

    filters = Filters.from_where(where or (), at=day_of(at))
    seen_by = _viewer(viewer)
    if seen_by == "public" and level == "commune":
        level = "cercle"
    answer = exchange(_dataset(store), filters, frame=frame, level=level, viewer=seen_by)
    write_answer(answer, fmt, out)


def _dataset(named: Path | None) -> Dataset:
    from atlas.dataset import Dataset
    from atlas.errors import StoreError

    held = store_of(named)
    snapshot = held.current()
    if snapshot is None:
        raise StoreError(
            _("Le fonds est vide"), "", _("Lancez « atlas ingest FICHIER » ou « atlas sample ».")
        )
    return Dataset(snapshot, earlier=held.before)


def _viewer(name: str) -> Viewer:
    from atlas.model import Viewer

    if name not in set(Viewer):
        wrong(_("--as attend public, partner ou editor, pas « {name} ».", name=name))
    return Viewer(name)

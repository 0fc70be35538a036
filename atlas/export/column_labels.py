"""What the columns of an answer are called, how they are written, and their HXL tags."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from atlas.fields import labelled
from atlas.i18n import _
from atlas.labels import WORDS, label, words_of

LIST_SEPARATOR = "; "

_LEVEL_TAGS = {"region": "#adm1", "cercle": "#adm2", "commune": "#adm3"}


class Column(NamedTuple):
    """How a column is shown: its heading in the language in force, form, HXL tag, vocabulary."""

    heading: str
    form: str
    hxl: str = ""
    vocab: str = ""


def column_display(name: str, dtype: pl.DataType, layer: str, level: str = "") -> Column:
    """How a column of an answer is shown.

    Parameters
    ----------
    dtype
        As in the table: it decides the form of a column that has no label.
    layer, level
        Of the answer; the level is what ``unit_name`` is a name of.
    """
    known = labelled(layer, name)
    if known is None:
        return Column(name, _default_form(dtype))
    heading, tag, vocab = _(known.label), known.hxl, known.vocab
    if known.name.endswith("*"):
        ending = name.removeprefix(known.name[:-1])
        what = label(vocab, ending) if vocab else ending.upper()
        what = _("type inconnu") if what == "unknown" else what
        heading = heading.format(what=what)
        tag, vocab = tag.format(what=ending.lower().replace("-", "_")), ""
    elif name in ("unit_id", "unit_name") and level in _LEVEL_TAGS:
        tag = tag.replace("#loc", _LEVEL_TAGS[level])
    return Column(heading, known.type.form, tag, vocab)


def _default_form(dtype: pl.DataType) -> str:
    if dtype == pl.Boolean:
        return "flag"
    if dtype.is_integer():
        return "count"
    if dtype.is_float():
        return "number"
    return "date" if dtype == pl.Date else "text"


def column_displays(table: pl.DataFrame, layer: str, level: str = "") -> dict[str, Column]:
    """All columns of a table (see `column_display`).

    A table that names its régions, cercles and communes has units of any level; one that has
    people once an activity repeats them on each of its places.
    """
    level = "" if "region" in table.columns else level
    layer = "exchange" if "target_once" in table.columns else layer
    return {name: column_display(name, dtype, layer, level) for name, dtype in table.schema.items()}


def readable_table(table: pl.DataFrame, layer: str) -> pl.DataFrame:
    """The table as people read it: words for vocabulary ids, lists joined into one text.

    Where a column has its words beside it (``sector``, ``sector_label``) they take its place.
    """
    worded = [n for n in table.columns if f"{n}_label" in table.columns]
    table = table.with_columns(pl.col(f"{n}_label").alias(n) for n in worded).drop(
        f"{n}_label" for n in worded
    )
    shown = column_displays(table, layer)
    return table.with_columns(
        _in_words(table[name], shown[name].vocab)
        for name, dtype in table.schema.items()
        if isinstance(dtype, pl.List) or dtype == pl.String
    )


def _in_words(series: pl.Series, vocab: str) -> pl.Series:
    if series.name in WORDS:
        series = series.replace(words_of(series.name))
    if vocab:
        series = _entries_in_words(series, vocab)
    return _joined_lists(series) if isinstance(series.dtype, pl.List) else series


def _entries_in_words(series: pl.Series, vocab: str) -> pl.Series:
    """Words for the ids of a column, each distinct id looked up once."""
    if not isinstance(series.dtype, pl.List):
        return series.replace({i: label(vocab, i) for i in series.unique().drop_nulls()})
    words = {i: label(vocab, i) for i in series.explode().unique().drop_nulls()}
    each = pl.col(series.name).list.eval(pl.element().replace(words))
    return series.to_frame().select(each).to_series()


def _joined_lists(series: pl.Series) -> pl.Series:
    """A list as one text; an empty list is empty, not a text."""
    texts = series.cast(pl.List(pl.String)).list.join(LIST_SEPARATOR, ignore_nulls=True)
    return texts.set(texts == "", None)

"""What the columns of an answer are called, how they are written, and their HXL tags.

One list for all formats: a column that is not in it keeps its own name and has no tag.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.export.headings import FIGURES, PREFIXES, REPEATED, TEXT, Column
from atlas.i18n import _
from atlas.labels import WORDS, label, words_of

LIST_SEPARATOR = "; "

_LEVEL_TAGS = {"region": "#adm1", "cercle": "#adm2", "commune": "#adm3"}


def column(name: str, dtype: pl.DataType, level: str = "") -> Column:
    """How a column of an answer is shown, its heading in the language in force.

    Parameters
    ----------
    name, dtype
        As in the table; the dtype decides between homonyms (a count of organisations, a
        list of them) and the form of columns that are in no list.
    level
        Level of the answer: what ``unit_name`` is a name of.
    """
    known = (FIGURES if dtype.is_numeric() or dtype.is_temporal() else TEXT).get(name)
    known = known or FIGURES.get(name) or TEXT.get(name)
    if known is None:
        return _with_ending(name) or Column(name, _form(dtype))
    tag = known.hxl
    if name in ("unit_id", "unit_name", "pcode") and level in _LEVEL_TAGS:
        tag = tag.replace("#loc", _LEVEL_TAGS[level])
    return replace(known, heading=_(known.heading), hxl=tag)


def _with_ending(name: str) -> Column | None:
    for prefix, pattern in PREFIXES.items():
        if name.startswith(prefix):
            ending = name.removeprefix(prefix)
            what = label(pattern.vocab, ending) if pattern.vocab else ending.upper()
            what = _("type inconnu") if what == "unknown" else what
            tag = pattern.hxl.format(what=ending.lower().replace("-", "_"))
            return Column(_(pattern.heading, what=what), pattern.form, tag)
    return None


def _form(dtype: pl.DataType) -> str:
    if dtype == pl.Boolean:
        return "flag"
    if dtype.is_integer():
        return "count"
    if dtype.is_float():
        return "number"
    return "date" if dtype == pl.Date else "text"


def columns(table: pl.DataFrame, level: str = "") -> dict[str, Column]:
    """All columns of a table (see `column`).

    A table that names its régions, cercles and communes has units of any level.
    """
    level = "" if "region" in table.columns else level
    shown = {name: column(name, dtype, level) for name, dtype in table.schema.items()}
    return shown | {
        name: replace(told, heading=_(told.heading))
        for name, told in REPEATED.items()
        if f"{name}_once" in shown
    }


def for_people(table: pl.DataFrame) -> pl.DataFrame:
    """The table as people read it: words for vocabulary ids, lists joined into one text.

    Where a column has its words beside it (``sector``, ``sector_label``) they take its place.
    """
    worded = [n for n in table.columns if f"{n}_label" in table.columns]
    table = table.with_columns(pl.col(f"{n}_label").alias(n) for n in worded).drop(
        f"{n}_label" for n in worded
    )
    shown = columns(table)
    return table.with_columns(
        _in_words(table[name], shown[name].vocab)
        for name, dtype in table.schema.items()
        if isinstance(dtype, pl.List) or dtype == pl.String
    )


def _in_words(series: pl.Series, vocab: str) -> pl.Series:
    if series.name in WORDS:
        series = series.replace(words_of(series.name))
    if vocab:
        series = _spelt(series, vocab)
    return _joined(series) if isinstance(series.dtype, pl.List) else series


def _spelt(series: pl.Series, vocab: str) -> pl.Series:
    """Words for the ids of a column, each distinct id looked up once."""
    if not isinstance(series.dtype, pl.List):
        return series.replace({i: label(vocab, i) for i in series.unique().drop_nulls()})
    words = {i: label(vocab, i) for i in series.explode().unique().drop_nulls()}
    each = pl.col(series.name).list.eval(pl.element().replace(words))
    return series.to_frame().select(each).to_series()


def _joined(series: pl.Series) -> pl.Series:
    """A list as one text; an empty list is empty, not a text."""
    texts = series.cast(pl.List(pl.String)).list.join(LIST_SEPARATOR, ignore_nulls=True)
    return texts.set(texts == "", None)

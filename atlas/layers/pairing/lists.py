"""Long tables that are looked up by number, again and again, for a few numbers at a time."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Lists:
    """Rows of a long table, each number's together: a look-up costs what it finds.

    Attributes
    ----------
    table
        The rows, in the order of their numbers.
    first, last
        For each number from 0, where its rows begin and where the next ones do.
    """

    table: pl.DataFrame
    first: pl.Series
    last: pl.Series

    @classmethod
    def of(cls, table: pl.DataFrame, key: str, numbers: int) -> Lists:
        """The rows of ``table`` by its column ``key``, for numbers below ``numbers``."""
        every = pl.DataFrame({key: pl.int_range(numbers, dtype=pl.UInt32, eager=True)})
        sizes = every.join(
            table.group_by(key).len("size"), on=key, how="left", maintain_order="left"
        )["size"].fill_null(0)
        last = sizes.cast(pl.Int64).cum_sum()
        return cls(table.sort(key).drop(key), (last - sizes).rename("first"), last.rename("last"))

    def size(self, numbers: pl.Series) -> pl.Series:
        """How many rows each of some numbers has."""
        return (self.last.gather(numbers) - self.first.gather(numbers)).rename("size")

    def at(self, numbers: pl.Series) -> pl.DataFrame:
        """The rows of some numbers; ``pair`` is the place of the number among them."""
        bounds = [self.first.gather(numbers), self.last.gather(numbers)]
        spread = (
            pl.DataFrame(bounds)
            .select(pl.int_ranges("first", "last").alias("row"))
            .with_row_index("pair")
            .filter(pl.col("row").list.len() > 0)
            .explode("row", empty_as_null=False)
        )
        return self.table[spread["row"]].with_columns(spread["pair"])

    def common(self, one: pl.Series, two: pl.Series, on: str) -> pl.DataFrame:
        """Rows that pairs of numbers have in common in the column ``on``; ``_b``: the other's."""
        return self.at(one).join(self.at(two), on=["pair", on], suffix="_b")

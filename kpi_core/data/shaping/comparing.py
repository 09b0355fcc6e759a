"""What the rows there are and tables on their way in hold, and have in common: columns, values, keys and periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

MONTH, DAY = "%Y-%m", "%Y-%m-%d"


def shared_columns(tables: Sequence[Path]) -> tuple[str, ...]:
    """The columns that all tables have, in the first one's order."""
    names = [list(pl.read_parquet_schema(table)) for table in tables]
    return tuple(name for name in names[0] if all(name in other for other in names)) if names else ()


def tells_apart(table: Path, keys: Sequence[str]) -> bool:
    """Whether every row has another key, and each a whole one."""
    frame = pl.scan_parquet(table).select(keys)
    whole = pl.all_horizontal(pl.all().is_not_null()).sum().alias("\0whole")
    counts = frame.select(pl.len().alias("\0rows"), whole).collect().row(0)
    rows = int(counts[0])
    return rows > 0 and counts[1] == rows and frame.unique().select(pl.len()).collect().item() == rows


def meet(there: Path, coming: Sequence[Path], column: str) -> bool:
    """Whether a value of the column is on both sides."""
    return _meet(there, coming, pl.col(column).cast(pl.String))


def periods_meet(there: Path, coming: Sequence[Path], column: str, pattern: str = MONTH) -> bool:
    """Whether a period (a month, with ``DAY`` a day) of the column of dates is on both sides."""
    return _meet(there, coming, pl.col(column).dt.strftime(pattern))


def values_in(table: Path, column: str, most: int) -> tuple[str, ...]:
    """The column's different values as text, the most frequent first."""
    values = pl.scan_parquet(table).select(pl.col(column).cast(pl.String).alias("one")).drop_nulls()
    counts = values.group_by("one").len().sort(["len", "one"], descending=[True, False]).head(most).collect()
    return tuple(counts["one"].to_list())


def newest_day(table: Path, column: str, until: date) -> date | None:
    """The column's newest day up to ``until``; ``None`` where there is none, or a later one: rows yet to come."""
    days = pl.scan_parquet(table).select(pl.col(column).cast(pl.Date).max())
    found = days.collect().item() if column in pl.read_parquet_schema(table) else None
    return found if isinstance(found, date) and found <= until else None


def _meet(there: Path, coming: Sequence[Path], text: pl.Expr) -> bool:
    def different(table: Path) -> pl.LazyFrame:
        return pl.scan_parquet(table).select(text.alias("one")).drop_nulls().unique()

    old = different(there).collect().lazy()
    return any(different(table).join(old, on="one", how="semi").head(1).collect().height for table in coming)

"""What the rows there are and tables on their way in hold, and have in common: columns, values, keys and periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

_DAY, _MONTH = "\0day", "\0month"
MONTH, DAY = "%Y-%m", "%Y-%m-%d"


def shared_columns(tables: Sequence[Path]) -> tuple[str, ...]:
    """The columns that all tables have, in the first one's order."""
    names = [list(pl.read_parquet_schema(table)) for table in tables]
    return tuple(name for name in names[0] if all(name in other for other in names)) if names else ()


def tells_apart(table: Path, keys: Sequence[str], share: float = 1) -> bool:
    """Whether every row has a whole key, and this share of the rows at the least a key of its own."""
    frame = pl.scan_parquet(table).select(keys)
    whole = pl.all_horizontal(pl.all().is_not_null()).sum().alias("\0whole")
    counts = frame.select(pl.len().alias("\0rows"), whole).collect().row(0)
    rows = int(counts[0])
    return rows > 0 and counts[1] == rows and frame.unique().select(pl.len()).collect().item() >= share * rows


def filled(table: Path, column: str) -> float:
    """The share of the rows that have a cell in the column, 0-1."""
    return float(pl.scan_parquet(table).select(pl.col(column).is_not_null().mean().fill_null(0)).collect().item())


def rows_move(tables: Sequence[Path], keys: Sequence[str], column: str) -> bool:
    """Whether rows of the same ``keys`` are not the same rows: one is of another month later, or all of another day.

    ``column`` is of dates; a day that was empty moves nowhere, one that is emptied does.
    """
    frames = [pl.scan_parquet(table).select(*keys, pl.col(column).cast(pl.Date).alias(_DAY)) for table in tables]
    day, month = pl.col(_DAY), pl.col(_DAY).dt.truncate("1mo")
    rows = (
        pl.concat(frames, how="vertical_relaxed")
        .group_by(keys)
        .agg(
            pl.len().alias("\0rows"),
            ((month.drop_nulls().n_unique() > 1) | (day.last().is_null() & (day.count() > 0))).alias("\0month"),
            (day.drop_nulls().n_unique() > 1).alias("\0day"),
        )
    )
    met = rows.filter(pl.col("\0rows") > 1).select(pl.len(), pl.col("\0month").sum(), pl.col("\0day").sum())
    count, months, days = met.collect().row(0)
    return bool(months) or 0 < count == days


def met_and_moved(there: Path, coming: Sequence[Path], keys: Sequence[str], column: str) -> tuple[int, int]:
    """How many rows of ``coming`` are found by ``keys`` among those there are, and how many of them in other months.

    ``column`` is of dates; a row without a day, here or there, is in no other month. None is found by keys of another
    type.
    """
    tables = (there, *coming)
    schemas = [pl.read_parquet_schema(table) for table in tables]
    if any(schema[key] != schemas[0][key] for schema in schemas for key in keys):
        return 0, 0
    month = pl.col(column).dt.strftime(MONTH).alias(_MONTH)
    old, new = (
        pl.concat([pl.scan_parquet(table).select(*keys, month) for table in side]).collect()
        for side in ([there], coming)
    )
    by = list(keys)
    old = old.unique()
    met = new.join(old, on=by, how="semi")
    others = met.filter(pl.col(_MONTH).is_not_null()).join(old, on=[*by, _MONTH], how="anti")
    moved = others.join(old.filter(pl.col(_MONTH).is_null()), on=by, how="anti")
    return met.height, moved.height


def undated(tables: Sequence[Path]) -> str | None:
    """A column of dates in one table that all have, and that is empty where it is none: its type was not told."""
    schemas = [pl.read_parquet_schema(table) for table in tables]
    for name in shared_columns(tables):
        dated = [isinstance(schema[name], pl.Date | pl.Datetime) for schema in schemas]
        others = [table for table, is_date in zip(tables, dated, strict=True) if not is_date]
        filled = (pl.scan_parquet(table).select(pl.col(name).count()).collect().item() for table in others)
        if any(dated) and others and not any(filled):
            return name
    return None


def spans(there: Path, coming: Sequence[Path], column: str) -> bool:
    """Whether the days of the tables on their way reach from the first to the last there is, or further."""

    def days(tables: Sequence[Path]) -> pl.DataFrame:
        found = pl.concat([pl.scan_parquet(table).select(pl.col(column).cast(pl.Date).alias(_DAY)) for table in tables])
        return found.select(pl.col(_DAY).min().alias("first"), pl.col(_DAY).max().alias("last")).collect()

    (old,), (new,) = (days(tables).rows(named=True) for tables in ([there], coming))
    if None in (*old.values(), *new.values()):
        return False
    return bool(new["first"] <= old["first"] and old["last"] <= new["last"])


def periods_meet(there: Path, coming: Sequence[Path], column: str, pattern: str = MONTH) -> bool:
    """Whether a period (a month, with ``DAY`` a day) of the column of dates is on both sides."""

    def different(table: Path) -> pl.LazyFrame:
        period = pl.col(column).dt.strftime(pattern)
        return pl.scan_parquet(table).select(period.alias("one")).drop_nulls().unique()

    old = different(there).collect().lazy()
    return any(different(table).join(old, on="one", how="semi").head(1).collect().height for table in coming)


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

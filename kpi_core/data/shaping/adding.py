"""New rows beside the rows a dataset has: appended, or in place of those of the same key or period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kpi_core.errors import RefusedError
from kpi_core.vocabulary import Adding, Twice


@dataclass(frozen=True)
class Overlap:
    """Periods (months, as 2026-04) of ``column`` that both hold; ``there`` and ``coming`` are the rows in them.

    ``there`` counts the first table's rows, ``coming`` those of all later ones.
    """

    column: str
    periods: tuple[str, ...]
    there: int
    coming: int


def overlap(parts: Sequence[Path], column: str | None = None) -> Overlap | None:
    """The periods that more than one of the tables covers, by ``column``, else the first of dates they share."""
    frames = [pl.scan_parquet(part) for part in parts]
    column = period_column(parts, column)
    if column is None:
        return None
    counts = [_rows_by_month(frame, column) for frame in frames]
    seen: set[str] = set()
    twice: set[str] = set()
    for months in counts:
        twice |= seen & months.keys()
        seen |= months.keys()
    rows = [sum(months.get(period, 0) for period in twice) for months in counts]
    return Overlap(column, tuple(sorted(twice)), rows[0], sum(rows[1:])) if twice else None


def date_columns(parts: Sequence[Path]) -> tuple[str, ...]:
    """The columns of dates that all tables have, in the first one's order."""
    schemas = [pl.read_parquet_schema(part) for part in parts]
    dates = [{name for name, kind in schema.items() if isinstance(kind, pl.Date | pl.Datetime)} for schema in schemas]
    shared = set.intersection(*dates) if dates else set()
    return tuple(name for name in schemas[0] if name in shared) if schemas else ()


def period_column(parts: Sequence[Path], stated: str | None = None) -> str | None:
    """The column of dates that says which period a row is of: ``stated`` where all tables have it, else the first."""
    shared = date_columns(parts)
    return stated if stated in shared else next(iter(shared), None)


def periods_of(part: Path, column: str) -> tuple[str, ...]:
    """The months of ``column``, in order."""
    return tuple(sorted(_rows_by_month(pl.scan_parquet(part), column)))


def combine(
    parts: Sequence[Path],
    target: Path,
    adding: Adding,
    keys: Sequence[str],
    twice: Twice | None,
    period: str | None = None,
) -> None:
    """The tables as one at ``target``. Raises as ``put_together``."""
    put_together(parts, adding, keys, twice, period).sink_parquet(target, compression="zstd")


def put_together(
    parts: Sequence[Path], adding: Adding, keys: Sequence[str], twice: Twice | None, period: str | None = None
) -> pl.LazyFrame:
    """The tables as one, the later ones after the earlier.

    ``Twice.NEW``: of a period (by the column ``period``) that two cover the later one's rows alone stay. Upserting,
    rows of the same ``keys`` stay as the last table has them. Raises ``RefusedError``.
    """
    frames = _alike([pl.scan_parquet(part) for part in parts])
    if adding is Adding.UPSERT:
        frames = _by_key(frames, keys)
    elif twice is Twice.NEW and (found := overlap(parts, period)):
        frames = _newest_periods(frames, found.column)
    return pl.concat(frames, how="diagonal")


def null_counts(path: Path) -> tuple[int, dict[str, int]]:
    """Rows of a table, and empty cells by column."""
    frame = pl.scan_parquet(path)
    counts = frame.select(pl.len().alias("\0rows"), pl.all().null_count()).collect().row(0, named=True)
    return int(counts.pop("\0rows")), {name: int(count) for name, count in counts.items()}


def _alike(frames: Sequence[pl.LazyFrame]) -> list[pl.LazyFrame]:
    """The frames with one type for each column: whole numbers beside fractions become fractions."""
    types: dict[str, pl.DataType] = {}
    for frame in frames:
        for name, kind in frame.collect_schema().items():
            known = types.setdefault(name, kind)
            if known == kind:
                continue
            if known.is_numeric() and kind.is_numeric():
                types[name] = pl.Float64()
            elif {type(known), type(kind)} == {pl.Date, pl.Datetime}:
                types[name] = pl.Datetime("us")
            else:
                raise RefusedError("column_types_differ", column=name)
    return [frame.cast({name: types[name] for name in frame.collect_schema()}) for frame in frames]


def _by_key(frames: Sequence[pl.LazyFrame], keys: Sequence[str]) -> list[pl.LazyFrame]:
    if not keys:
        raise RefusedError("keys_missing")
    for frame in frames:
        names = frame.collect_schema().names()
        if lost := next((key for key in keys if key not in names), None):
            raise RefusedError("key_column_missing", column=lost)
    for frame in frames[1:]:
        doubled = frame.group_by(keys).len().filter(pl.col("len") > 1).select(pl.len()).collect().item()
        if doubled:
            raise RefusedError("keys_not_unique", columns=", ".join(keys), count=doubled)
    kept = []
    for at, frame in enumerate(frames):
        left = frame
        for later in frames[at + 1 :]:
            left = left.join(later.select(keys), on=list(keys), how="anti", nulls_equal=True)
        kept.append(left)
    return kept


def _newest_periods(frames: Sequence[pl.LazyFrame], column: str) -> list[pl.LazyFrame]:
    kept = []
    for at, frame in enumerate(frames):
        later: set[str] = set()
        for other in frames[at + 1 :]:
            later |= set(other.select(_month(column)).unique().collect().to_series().drop_nulls().to_list())
        kept.append(frame.filter(~_month(column).is_in(sorted(later)).fill_null(False)))
    return kept


def _rows_by_month(frame: pl.LazyFrame, column: str) -> dict[str, int]:
    counts = frame.select(_month(column)).drop_nulls().group_by("month").len().collect()
    return dict(counts.iter_rows())


def _month(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime("%Y-%m").alias("month")

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
    """Periods (months, as 2026-04) of ``column`` that both hold."""

    column: str
    periods: tuple[str, ...]


def overlap(parts: Sequence[Path]) -> Overlap | None:
    """The periods that more than one of the tables covers, by the first column of dates they share."""
    frames = [pl.scan_parquet(part) for part in parts]
    column = _date_column([frame.collect_schema() for frame in frames])
    if column is None:
        return None
    seen: set[str] = set()
    twice: set[str] = set()
    for frame in frames:
        months = set(frame.select(_month(column)).unique().collect().to_series().drop_nulls().to_list())
        twice |= seen & months
        seen |= months
    return Overlap(column, tuple(sorted(twice))) if twice else None


def combine(parts: Sequence[Path], target: Path, adding: Adding, keys: Sequence[str], twice: Twice | None) -> None:
    """The tables as one at ``target``, the later ones after the earlier.

    ``Twice.NEW``: of a period that two cover the later one's rows alone stay. Upserting, rows of the same ``keys``
    stay as the last table has them. Raises ``RefusedError``.
    """
    frames = _alike([pl.scan_parquet(part) for part in parts])
    if adding is Adding.UPSERT:
        frames = _by_key(frames, keys)
    elif twice is Twice.NEW and (found := overlap(parts)):
        frames = _newest_periods(frames, found.column)
    pl.concat(frames, how="diagonal").sink_parquet(target, compression="zstd")


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
            raise RefusedError("keys_not_unique", columns="、".join(keys), count=doubled)
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


def _month(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime("%Y-%m").alias("month")


def _date_column(schemas: Sequence[pl.Schema]) -> str | None:
    dates = [{name for name, kind in schema.items() if isinstance(kind, pl.Date | pl.Datetime)} for schema in schemas]
    shared = set.intersection(*dates) if dates else set()
    return next((name for name in schemas[0] if name in shared), None)

"""What adding files would do to the rows there are, counted before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kpi_core.data.shaping.adding import overlap, put_together
from kpi_core.vocabulary import Adding, Twice

#: Above this many cells of the rows there are and those that come, rows are not compared: a page waits for it.
MOST_CELLS = 15_000_000
_ROW, _KEY = "\0row", "\0key"


@dataclass(frozen=True)
class RowCounts:
    """Rows ``before`` and ``after``; of these ``new``, ``changed`` (same key, other cells), ``same`` and ``leaving``.

    ``before - leaving + new == after`` and ``same + changed == before - leaving``. Without keys a row that changed is
    one that leaves and one that is new. ``None``: too many to compare them.
    """

    before: int
    after: int
    new: int | None = None
    changed: int | None = None
    same: int | None = None
    leaving: int | None = None


def count_rows(
    before: Path | None,
    coming: Sequence[Path],
    adding: Adding,
    keys: Sequence[str] = (),
    twice: Twice | None = None,
    period: str | None = None,
) -> RowCounts:
    """What becomes of the rows of ``before`` with the tables ``coming``. Raises as ``put_together``."""
    parts = [*([before] if before is not None and adding is not Adding.REPLACE else []), *coming]
    frame = put_together(parts, adding, keys, twice, period)
    if before is None:
        rows = _rows(frame)
        return RowCounts(0, rows, rows, 0, 0, 0)
    was = pl.scan_parquet(before)
    old, new = _rows(was), sum(_rows(pl.scan_parquet(part)) for part in coming)
    if adding is Adding.APPEND and (twice is not Twice.NEW or overlap(parts, period) is None):
        return RowCounts(old, old + new, new, 0, old, 0)
    if (old + new) * len({*was.collect_schema(), *frame.collect_schema()}) > MOST_CELLS:
        return RowCounts(old, _rows(frame))
    there, after = _hashed(was, frame, () if adding is Adding.APPEND else keys)
    rows = after.height
    same = _same(there[_ROW], after[_ROW])
    changed = _changed(there, after) if _KEY in there.columns else 0
    return RowCounts(old, rows, rows - same - changed, changed, same, old - same - changed)


def _rows(frame: pl.LazyFrame) -> int:
    return int(frame.select(pl.len()).collect().item())


def _same(was: pl.Series, now: pl.Series) -> int:
    """Rows that both have; one that is there twice in both counts twice."""
    both = was.value_counts().join(now.value_counts(), on=_ROW)
    return int(both.select(pl.min_horizontal("count", "count_right").sum()).item())


def _changed(was: pl.DataFrame, now: pl.DataFrame) -> int:
    """Keys whose row is another one now, of those that have one row on both sides."""
    once, one = (frame.filter(pl.len().over(_KEY) == 1) for frame in (was, now))
    return once.join(one, on=_KEY).filter(pl.col(_ROW) != pl.col(f"{_ROW}_right")).height


def _hashed(was: pl.LazyFrame, now: pl.LazyFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One number for each row, and one for its key where both sides have its columns.

    A column that one side lacks is empty there. 1 and 1.0 are equal, and a day and its midnight.
    """
    sides = [frame.collect_schema() for frame in (was, now)]
    names = list(dict.fromkeys(name for side in sides for name in side))
    kinds = {name: _common([side[name] for side in sides if name in side]) for name in names}

    def hashes(side: pl.Schema, of: Sequence[str]) -> pl.Expr:
        cells = (pl.col(name) if name in side else pl.lit(None) for name in of)
        each = [cell.cast(kinds[name]).hash(at) for at, (name, cell) in enumerate(zip(of, cells, strict=True))]
        return pl.sum_horizontal(each)

    told_apart = bool(keys) and all(key in side for key in keys for side in sides)
    found = []
    for frame, side in zip((was, now), sides, strict=True):
        of = {_ROW: names, **({_KEY: list(keys)} if told_apart else {})}
        found.append(frame.select(hashes(side, of_these).alias(name) for name, of_these in of.items()).collect())
    return found[0], found[1]


def _common(kinds: Sequence[pl.DataType]) -> pl.DataType:
    """The type by which cells of these are compared."""
    if len(set(kinds)) == 1:
        return kinds[0]
    if all(kind.is_integer() for kind in kinds):
        return pl.Int64()
    if all(kind.is_numeric() for kind in kinds):
        return pl.Float64()
    return pl.Datetime("us") if all(kind.is_temporal() for kind in kinds) else pl.String()

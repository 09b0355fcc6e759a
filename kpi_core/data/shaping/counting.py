"""What adding files would do to the rows there are, counted before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kpi_core.data.shaping.adding import overlap, put_together
from kpi_core.vocabulary import Adding, Twice

#: Above this many rows on either side, rows are not compared one by one.
MOST_ROWS = 2_000_000
_SIDE = "\0side"


@dataclass(frozen=True)
class RowCounts:
    """Rows ``before`` and ``after``; of these ``new``, ``changed`` (same key, other cells), ``same`` and ``leaving``.

    ``before - leaving + new == after`` and ``same + changed == before - leaving``. Without keys a row that changed is
    one that leaves and one that is new. ``None``: too many rows to compare them.
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
    rows = int(frame.select(pl.len()).collect().item())
    if before is None:
        return RowCounts(0, rows, rows, 0, 0, 0)
    old = int(pl.scan_parquet(before).select(pl.len()).collect().item())
    if adding is Adding.APPEND and (twice is not Twice.NEW or overlap(parts, period) is None):
        return RowCounts(old, rows, rows - old, 0, old, 0)
    if max(old, rows) > MOST_ROWS:
        return RowCounts(old, rows)
    was, now = pl.read_parquet(before), frame.collect()
    columns = [name for name in was.columns if name in now.columns]
    was, now = (_as_text(one, columns) for one in (was, now))
    same = _same(was, now)
    changed = 0 if adding is Adding.APPEND else _changed(was, now, keys)
    return RowCounts(old, rows, rows - same - changed, changed, same, old - same - changed)


def _same(was: pl.DataFrame, now: pl.DataFrame) -> int:
    """Rows that both have, cell by cell; one that is there twice in both counts twice."""
    if not was.columns:
        return 0
    sides = pl.concat(
        [was.with_columns(pl.lit(value=False).alias(_SIDE)), now.with_columns(pl.lit(value=True).alias(_SIDE))]
    )
    counts = sides.group_by(was.columns).agg(pl.col(_SIDE).sum().alias("\0now"), pl.len().alias("\0all"))
    both = pl.min_horizontal(pl.col("\0now"), pl.col("\0all") - pl.col("\0now"))
    return int(counts.select(both.sum()).item())


def _changed(was: pl.DataFrame, now: pl.DataFrame, keys: Sequence[str]) -> int:
    """Keys whose row is another one now; only where the keys tell the rows of both sides apart."""
    if not keys or not set(keys) <= set(was.columns):
        return 0
    if any(frame.select(keys).is_duplicated().any() for frame in (was, now)):
        return 0
    both = was.join(now, on=list(keys), how="inner", nulls_equal=True)
    return both.height - was.join(now, on=was.columns, how="inner", nulls_equal=True).height


def _as_text(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The cells as text, so that 1 and 1.0 are equal, and a day and its midnight."""

    def plain(name: str) -> pl.Expr:
        kind = frame.schema[name]
        wide = pl.Float64() if kind.is_numeric() else pl.Datetime("us") if isinstance(kind, pl.Date) else kind
        return pl.col(name).cast(wide).cast(pl.String)

    return frame.select(plain(name) for name in columns)

"""Two tables of the same dataset side by side: rows come, gone and changed by key, columns come, gone and retyped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

#: How many changed rows are shown as examples.
EXAMPLES = 20
#: How many keys that several rows have are named.
DOUBLED_NAMED = 5
MOST_ROWS = 2_000_000
#: The share of keys that are different where a column tells rows apart.
DIFFERENT = 0.95
#: What a table's keys are looked for in, where nobody stated them.
_KEY_TYPES = ("String", "Int64")


@dataclass(frozen=True)
class Example:
    """One row that differs: its key, and (column, before, after) of the cells that do."""

    key: tuple[str, ...]
    cells: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True)
class Differences:
    """How ``after`` differs from ``before``.

    ``keys`` tell rows apart; without them nothing is known of single rows, and ``added``, ``removed``, ``changed`` and
    ``same`` are ``None``. ``changed_columns`` counts the changed cells by column. A cell that is empty in both is the
    same; a column that only one of them has changes no row. ``too_many``: more than ``MOST_ROWS``, which are not looked
    at one by one. ``doubled``: keys that several different rows have, left out of these four; ``doubled_rows``:
    how many rows of both have them, ``doubled_keys`` the first of them. ``repeated``: how many rows of before
    and after are another row cell by cell. So ``removed + changed + same`` with both is ``rows_before``, and so after.
    """

    rows_before: int
    rows_after: int
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    columns_retyped: tuple[tuple[str, str, str], ...]
    keys: tuple[str, ...] = ()
    too_many: bool = False
    doubled: int = 0
    doubled_rows: tuple[int, int] = (0, 0)
    doubled_keys: tuple[tuple[str, ...], ...] = ()
    repeated: tuple[int, int] = (0, 0)
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    same: int | None = None
    changed_columns: tuple[tuple[str, int], ...] = ()
    examples: tuple[Example, ...] = ()


def differences(before: Path, after: Path, stated: Sequence[Sequence[str]] = ()) -> Differences:
    """``stated`` are columns (or several together) that should tell rows apart; the first that do are taken.

    Without any, a column that is filled and different in nearly every row of both tables is. A row that is there twice,
    cell by cell, counts once; rows that share their key with another are left out (``doubled``).
    """
    import polars as pl

    was, now = pl.read_parquet_schema(before), pl.read_parquet_schema(after)
    shared = [name for name in was if name in now]
    begun = Differences(
        _height(before),
        _height(after),
        tuple(name for name in now if name not in was),
        tuple(name for name in was if name not in now),
        tuple((name, str(was[name]), str(now[name])) for name in shared if _retyped(was[name], now[name])),
    )
    if max(begun.rows_before, begun.rows_after) > MOST_ROWS:
        return replace(begun, too_many=True)
    old, new = pl.read_parquet(before), pl.read_parquet(after)
    keys = next((tuple(one) for one in _candidates(old, new, shared, stated)), ())
    if not keys:
        return begun
    return _by_key(replace(begun, keys=keys), old, new, [name for name in shared if name not in keys])


def _height(path: Path) -> int:
    import polars as pl

    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _retyped(one: pl.DataType, other: pl.DataType) -> bool:
    return one != other and not (one.is_numeric() and other.is_numeric())


def _candidates(
    old: pl.DataFrame, new: pl.DataFrame, shared: Sequence[str], stated: Sequence[Sequence[str]]
) -> list[Sequence[str]]:
    given = [keys for keys in stated if keys and set(keys) <= set(shared)]
    found = [name for kind in _KEY_TYPES for name in shared if str(old[name].dtype) == kind]  # an amount is a poor key
    return [
        keys for keys in (*given, *([name] for name in found)) if _tells_apart(old, keys) and _tells_apart(new, keys)
    ]


def _tells_apart(frame: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Whether nearly every row has another key, and each a whole one."""
    part = frame.select(keys)
    whole = bool(frame.height) and part.null_count().sum_horizontal().item() == 0
    return whole and part.unique().height >= DIFFERENT * frame.height


def _by_key(begun: Differences, old: pl.DataFrame, new: pl.DataFrame, columns: Sequence[str]) -> Differences:
    import polars as pl

    keys = list(begun.keys)
    old, new = (frame.unique(maintain_order=True) for frame in (old, new))
    as_text = [pl.col(name).cast(pl.String) for name in keys]  # a code read as a number in one of them stays itself
    doubled = [frame.select(keys).filter(frame.select(keys).is_duplicated()).unique() for frame in (old, new)]
    twice = pl.concat([frame.with_columns(as_text) for frame in doubled]).unique()
    once = [frame.with_columns(as_text).join(twice, on=keys, how="anti", maintain_order="left") for frame in (old, new)]
    left = once[0].select(*keys, *columns)
    right = once[1].select(*keys, *(pl.col(name).alias(f"\0{name}") for name in columns))
    both = left.join(right, on=keys, how="inner", maintain_order="left")
    differ = {name: _differs(both, name) for name in columns}
    marked = both.with_columns(**{f"\1{name}": flag for name, flag in differ.items()})
    flags = [pl.col(f"\1{name}") for name in columns]
    changed = marked.filter(pl.any_horizontal(flags)) if flags else marked.head(0)
    counts = [(name, int(changed[f"\1{name}"].sum())) for name in columns]
    return replace(
        begun,
        doubled=twice.height,
        doubled_rows=(old.height - once[0].height, new.height - once[1].height),
        doubled_keys=tuple(
            tuple(str(cell) for cell in row) for row in twice.sort(keys).head(DOUBLED_NAMED).iter_rows()
        ),
        repeated=(begun.rows_before - old.height, begun.rows_after - new.height),
        added=right.height - both.height,
        removed=left.height - both.height,
        changed=changed.height,
        same=both.height - changed.height,
        changed_columns=tuple(sorted(((name, n) for name, n in counts if n), key=lambda one: -one[1])),
        examples=tuple(_example(row, keys, columns) for row in changed.head(EXAMPLES).iter_rows(named=True)),
    )


def _differs(both: pl.DataFrame, name: str) -> pl.Series:
    import polars as pl

    one, other = both[name], both[f"\0{name}"]
    if one.dtype == other.dtype or (one.dtype.is_numeric() and other.dtype.is_numeric()):
        return one.ne_missing(other)
    return one.cast(pl.String).ne_missing(other.cast(pl.String))


def _example(row: dict[str, object], keys: Sequence[str], columns: Sequence[str]) -> Example:
    cells = [(name, _text(row[name]), _text(row[f"\0{name}"])) for name in columns if row[f"\1{name}"]]
    return Example(tuple(str(row[name]) for name in keys), tuple(cells))


def _text(cell: object) -> str | None:
    return None if cell is None else f"{cell:.15g}" if isinstance(cell, float) else str(cell)

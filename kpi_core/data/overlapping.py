"""Whether two tables hold the same objects: keys they share, columns that mean the same, sums by month of both."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

#: The share of the smaller table's keys that the other must have, and of common rows in which two columns must agree.
_COMMON, _AGREE = 0.5, 0.5
_LEAST = 5
#: The joined rows' key; two columns are only compared row by row where about this share of the first ones agrees.
_JOINED = "\0\0key"
_FIRST, _LIKELY = 2_000, 0.4
#: Two keys are only joined where this share of as many of the smaller table's is in the other: the sample's share is
#: that of all to 0.01, so none is passed over.
_SAMPLE, _MAYBE = 5_000, 0.35
#: The share of a key's cells that are different.
_DIFFERENT = 0.95
_FEW = 3


@dataclass(frozen=True)
class Paired:
    """A column here and one there that mean the same; ``same`` of the ``compared`` common rows have equal cells."""

    here: str
    there: str
    kind: str  # number, date or text
    same: int
    compared: int


@dataclass(frozen=True)
class Overlap:
    """The same objects in two tables, told by ``key`` (column here, column there).

    ``months``: paired number column (here) → month (2026-04) → its sum here and there, over the common objects, each
    side by its own date; ``None``: none of them has a number in that month. What only one table has is counted, not
    added: the one may hold open deals, the other invoices alone.
    """

    key: tuple[str, str]
    common: int
    only_here: int
    only_there: int
    columns: tuple[Paired, ...]
    months: Mapping[str, Mapping[str, tuple[float | None, float | None]]] = field(default_factory=dict)

    def there(self, column: str) -> str | None:
        """What a column of this table is called in the other."""
        if column == self.key[0]:
            return self.key[1]
        return next((pair.there for pair in self.columns if pair.here == column), None)

    def turned(self) -> Overlap:
        """The same seen from the other table."""
        columns = tuple(Paired(pair.there, pair.here, pair.kind, pair.same, pair.compared) for pair in self.columns)
        return Overlap((self.key[1], self.key[0]), self.common, self.only_there, self.only_here, columns)


def overlap(here: Path, there: Path) -> Overlap | None:
    """The objects both hold; ``None`` where nothing says that they are the same.

    A key is filled and different in nearly every row of both (running numbers alone prove nothing: it takes a date or
    an amount that agrees in most common rows, too).
    """
    import polars as pl

    one, other = pl.read_parquet(here), pl.read_parquet(there)
    best: Overlap | None = None
    lefts, rights = ([(name, _folds(frame, name)) for name in _keys(frame)] for frame in (one, other))
    for left, left_folds in lefts:
        for right, right_folds in rights:
            fold = left_folds and right_folds
            found = _by(one, other, left, right, fold=fold) if _may_share(one, other, left, right, fold=fold) else None
            if found is not None and (best is None or found.common > best.common):
                best = found
    return best


def _keys(frame: pl.DataFrame) -> list[str]:
    """The columns that tell rows apart: nearly every row filled, and hardly a cell twice (exports repeat some rows)."""
    found = []
    for name in frame.columns:
        cells = frame[name].drop_nulls()
        filled = cells.len() >= max(_LEAST, 0.9 * frame.height)
        tells = _kind(frame, name) == "text" or frame[name].dtype.is_integer()
        if filled and tells and cells.n_unique() >= _DIFFERENT * cells.len():
            found.append(name)
    return found


def _may_share(one: pl.DataFrame, other: pl.DataFrame, left: str, right: str, *, fold: bool) -> bool:
    """Whether a sample of the smaller table's keys speaks for half of them being in the other."""
    (few, few_key), (many, many_key) = sorted(((one, left), (other, right)), key=lambda side: side[0].height)
    sample = few.select(few_key).drop_nulls()
    sample = sample.sample(min(sample.height, _SAMPLE), seed=0).select(_as_key(few_key, fold=fold).alias(_JOINED))
    found = sample.join(many.select(_as_key(many_key, fold=fold).alias(_JOINED)), on=_JOINED, how="semi")
    return found.height >= _MAYBE * sample.height


def _by(one: pl.DataFrame, other: pl.DataFrame, left: str, right: str, *, fold: bool) -> Overlap | None:
    a, b = _objects(one, left, fold=fold), _objects(other, right, fold=fold)
    both = a.join(b.rename({name: f"\0{name}" for name in other.columns}), on=_JOINED, how="inner")
    if both.height < max(_LEAST, _COMMON * min(a.height, b.height)):
        return None
    columns = _paired(one, other, both, left, right)
    proof = [pair for pair in columns if pair.kind != "text" and pair.same >= _AGREE * max(pair.compared, 1)]
    if not any(both[pair.here].n_unique() > _FEW for pair in proof):
        return None
    begun = Overlap((left, right), both.height, a.height - both.height, b.height - both.height, columns)
    return replace(begun, months=_months(begun, both))


def _folds(frame: pl.DataFrame, key: str) -> bool:
    """Whether capital and small letters make no difference; ids of some systems differ in nothing else."""

    kept, folded = frame.select(_as_key(key, fold=False).n_unique(), folded=_as_key(key, fold=True).n_unique()).row(0)
    return bool(kept == folded)


def _objects(frame: pl.DataFrame, key: str, *, fold: bool) -> pl.DataFrame:
    """A row for each key, with the key as text beside it; rows repeated cell by cell count once.

    Keys with several different rows are left out: which of them would be compared?
    """
    import polars as pl

    keyed = frame.with_columns(_as_key(key, fold=fold).alias(_JOINED)).filter(pl.col(_JOINED).is_not_null())
    once = keyed.select(pl.len().over(_JOINED) == 1).to_series()
    again = keyed.filter(~once).unique(maintain_order=True)
    return pl.concat([keyed.filter(once), again.filter(pl.len().over(_JOINED) == 1)])


def _as_key(name: str, *, fold: bool) -> pl.Expr:
    import polars as pl

    text = pl.col(name).cast(pl.String).str.strip_chars()
    return text.str.to_lowercase() if fold else text


def _paired(one: pl.DataFrame, other: pl.DataFrame, both: pl.DataFrame, left: str, right: str) -> tuple[Paired, ...]:
    """The columns that mean the same: by name, or by agreeing in most common rows; each at most once."""
    found = []
    first = both.head(_FIRST)
    for here in one.columns:
        for there in other.columns:
            kind = _kind(one, here)
            if here == left or there == right or kind is None or kind != _kind(other, there):
                continue
            named = _plain(here) == _plain(there)
            if not named and not _alike(first[here], first[f"\0{there}"]):
                continue
            cells = both.select(here, f"\0{there}").drop_nulls()
            same = int(_equal(cells[here], cells[f"\0{there}"]).sum()) if cells.height else 0
            enough = cells.height >= _LEAST and same >= _AGREE * cells.height and cells[here].n_unique() > 1
            if named or enough:
                found.append((named, same / max(cells.height, 1), Paired(here, there, kind, same, cells.height)))
    taken: list[Paired] = []
    for _, _, pair in sorted(found, key=lambda one: (not one[0], -one[1])):
        if all(pair.here != other.here and pair.there != other.there for other in taken):
            taken.append(pair)
    order = {name: at for at, name in enumerate(one.columns)}
    return tuple(sorted(taken, key=lambda pair: order[pair.here]))


def _alike(one: pl.Series, other: pl.Series) -> bool:
    """Whether the first rows speak for two columns meaning the same; only then are all compared."""
    there = one.is_not_null() & other.is_not_null()
    count = int(there.sum())
    return not count or int(_equal(one.filter(there), other.filter(there)).sum()) >= _LIKELY * count


def _equal(one: pl.Series, other: pl.Series) -> pl.Series:
    import polars as pl

    if one.dtype.is_numeric():
        return (one.cast(pl.Float64) - other.cast(pl.Float64)).abs() <= 1e-9 * one.cast(pl.Float64).abs().clip(1)
    if one.dtype.is_temporal():
        return one.cast(pl.Date) == other.cast(pl.Date)
    return one.cast(pl.String).str.strip_chars() == other.cast(pl.String).str.strip_chars()


def _kind(frame: pl.DataFrame, name: str) -> str | None:
    kind = frame[name].dtype
    if kind.is_numeric():
        return "number"
    if kind.is_temporal():
        return "date"
    return "text" if str(kind) == "String" else None


def _months(found: Overlap, both: pl.DataFrame) -> dict[str, dict[str, tuple[float | None, float | None]]]:
    dates = [pair for pair in found.columns if pair.kind == "date"]
    if not dates:
        return {}
    by = max(dates, key=lambda pair: pair.same / max(pair.compared, 1))
    sums = {}
    for pair in found.columns:
        if pair.kind == "number":
            left, right = _summed(both, pair.here, by.here), _summed(both, f"\0{pair.there}", f"\0{by.there}")
            sums[pair.here] = {
                month: (left.get(month), right.get(month)) for month in sorted(left.keys() | right.keys())
            }
    return sums


def _summed(frame: pl.DataFrame, column: str, date: str) -> dict[str, float]:
    import polars as pl

    filled = frame.filter(pl.col(column).is_not_null() & pl.col(date).is_not_null())
    month = pl.col(date).dt.strftime("%Y-%m").alias("month")
    return {str(key): float(total) for key, total in filled.group_by(month).agg(pl.col(column).sum()).iter_rows()}


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())

"""A column's plan found on a sample, proved on every row by the cheapest expression that can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpi_core.data.reading import notation
from kpi_core.data.reading.conversion import NOTATION, plain
from kpi_core.data.reading.evidence import HALF
from kpi_core.data.reading.verdict import Verdict
from kpi_core.vocabulary import ColumnType

if TYPE_CHECKING:
    import polars as pl

_DAYS = ("%Y-%m-%d", "%Y/%m/%d")
_MOMENTS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M:%S%.f",
)
_FORMATS: Mapping[ColumnType, tuple[str, ...]] = {
    ColumnType.TEXT: ("",),
    ColumnType.INTEGER: ("", NOTATION),
    ColumnType.DECIMAL: ("", NOTATION),
    ColumnType.BOOLEAN: ("TRUE", "true", "True"),
    ColumnType.DATE: (*_DAYS, *_MOMENTS),
    ColumnType.DATETIME: _MOMENTS,
}
_MARKS = {"JPY": r"¥￥\\円", "USD": "$", "EUR": "€", "percent": "%"}
# no cell that converts to anything fails this; a column of names passes it rarely
_MAYBE_VALUE = (
    r"^[\s\u3000]*(?:[-+(△▲−¥$€￥＄－＋（.．0-9０-９]|令和|平成|昭和|大正|明治|[RHSTMＲＨＳＴＭ][.．]?[0-9０-９元]"
    r"|(?i:true|false|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s)|[ｔｆＴＦＡ-ｚ])"
)
_EXACT_DIGITS = 1e15


def form_of(verdict: Verdict, sample: pl.Series) -> str | None:
    """The cheapest form all sampled cells obey; ``None`` when the column needs its different cells looked at."""
    import polars as pl

    cells = sample.drop_nulls()
    if not cells.len():
        return None
    if verdict.type is ColumnType.TEXT:
        return ""
    for form in _FORMATS[verdict.type]:
        if form == NOTATION and cells.n_unique() * 2 < cells.len():
            continue  # few different cells: a dictionary of them is cheaper
        value = plain(pl.col(cells.name), verdict, form)
        if cells.to_frame().select(value.is_not_null().all()).item():
            return form
    return None


@dataclass(frozen=True)
class Proof:
    """What is counted over all rows to prove that ``source`` has the ``verdict`` in the ``form``."""

    source: str
    verdict: Verdict
    form: str

    def value(self) -> pl.Expr | None:
        """The converted cells, computed once beside the text."""
        import polars as pl

        if self.verdict.type is ColumnType.TEXT:
            return None
        cell = pl.col(self.source)
        if self.verdict.type is ColumnType.DATE and "%H" in self.form:
            return cell.str.to_datetime(self.form, time_unit="us", strict=False)
        return plain(cell, self.verdict, self.form)

    def counts(self) -> dict[str, pl.Expr]:
        """Aggregates over a frame that has the text as ``source`` and its value as ``source.value``."""
        import polars as pl

        cell, value = pl.col(self.source), pl.col(f"{self.source}.value")
        filled = {"filled": cell.count()}
        match self.verdict.type:
            case ColumnType.TEXT:
                blank = pl.any_horizontal(
                    cell.str.starts_with(space) for space in (" ", "\t", "\u3000", "\u00a0", "\n")
                )
                return filled | {"values": cell.str.contains(_MAYBE_VALUE).sum(), "blank": blank.sum()}
            case ColumnType.INTEGER:
                return filled | {"values": value.count(), "size": value.abs().max(), **self._doubts(cell)}
            case ColumnType.DECIMAL:
                return filled | {"values": value.is_not_nan().sum(), "size": value.abs().max(), **self._doubts(cell)}
            case ColumnType.BOOLEAN:
                return filled | {"values": value.count()}
            case _:
                span = {"first": value.min().dt.year(), "last": value.max().dt.year()}
                timed = {"timed": (value.dt.time() != pl.time(0)).sum()} if self._hides_time else {}
                return filled | {"values": value.count()} | span | timed

    @property
    def _hides_time(self) -> bool:
        return self.verdict.type is ColumnType.DATE and "%H" in self.form

    def _doubts(self, cell: pl.Expr) -> dict[str, pl.Expr]:
        """Cells that would overturn the verdict: codes with a leading zero, another unit."""
        zero = cell.str.starts_with("0") & (cell.str.len_bytes() > 1) & ~cell.str.starts_with("0.")
        signed = cell.str.starts_with("-0") & (cell.str.len_bytes() > 2) & ~cell.str.starts_with("-0.")
        doubts = zero | signed
        if self.form == NOTATION:
            others = "".join(marks for unit, marks in _MARKS.items() if unit != self.verdict.unit)
            doubts = cell.str.contains(notation.CODE) | cell.str.contains(f"[{others}]")
        return {"doubts": doubts.sum()}

    def holds(self, answer: Mapping[str, int | float | None]) -> int | None:
        """The number of filled cells when the counts prove the verdict for all of them."""
        filled = int(answer["filled"] or 0)
        if self.verdict.type is ColumnType.TEXT:
            few = (answer["values"] or 0) < HALF * filled  # from half on, their cells are looked at and told
            return filled if few and not answer["blank"] else None
        if answer["values"] != filled or answer.get("doubts") or answer.get("timed"):
            return None
        size, first, last = answer.get("size"), answer.get("first"), answer.get("last")
        if size is not None and not size < _EXACT_DIGITS:
            return None
        if first is not None and last is not None and not (first >= 1000 and last <= 9999):
            return None
        return filled

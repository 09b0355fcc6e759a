"""A workbook's only sheet with its numbers and days as the reader has them, wherever nothing is lost by that.

Writing a number as text and parsing it again takes as long as reading the sheet. But the reader takes words such as N/A
among numbers for nothing, TRUE for 1, and the first row for names: where that may have happened (or the sheet is of
another make), ``None`` is given, and the sheet is read as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.data.reading.limits import Limits
from kpi_core.data.reading.package_check import SheetNotes, sheet_xml, strings_xml

if TYPE_CHECKING:
    import polars as pl

_DECIMALS = 7
_SHOWN_BY = 5e-10
"""The reader writes nine decimals: what is nearer than that to a number of at most seven is that number."""
_LARGEST = 9e18
_WRITTEN_OUT = 1e-5
"""Below it numbers become text with an exponent, if nothing is done."""
_RENAMED = re.compile(r"(.*)_[1-9][0-9]*")
# words that the reader takes for nothing among numbers; runs, entities, comments and escapes may spell one
_LOST = re.compile(
    rb">\s*(?:#N/?A(?: N/A)?|-?1\.#(?:IND|QNAN)|-?NaN|-?nan|<NA>|N/A|NA|NULL|None|n/a|null)\s*<"
    rb"|<(?:\w+:)?r[ >]|&#|&lt;NA&|<!|<\?(?!xml )|_x[0-9A-Fa-f]{4}_"
)
_BORDER = 64

CLOCK_ONLY = r"^1899-12-3[01] "
"""A time without a day is one of the day before the first."""

FirstRow = tuple[str | None, ...]


@dataclass(frozen=True)
class Values:
    """The sheet below its ``first`` row: columns of numbers, times (milliseconds) and text."""

    first: FirstRow
    below: pl.DataFrame


def load_values(book: Any, sheet: str) -> Any:
    """The sheet as Arrow, each column of the type that all its cells have; ``None`` where some have none in common."""
    import fastexcel

    try:
        return book.load_sheet(sheet, header_row=0, skip_rows=0, schema_sample_rows=None, eager=True)
    except fastexcel.FastExcelError:
        return None


def values_of(batch: Any, words: int, notes: SheetNotes, path: Path, sheet: str, limits: Limits) -> Values | None:
    """What :func:`load_values` gave, when every cell is accounted for: ``words`` are those that row 1 must have."""
    import polars as pl

    names = list(batch.schema.names)
    first = tuple(None if name == f"__UNNAMED__{at}" else name for at, name in enumerate(names))
    renamed = any((found := _RENAMED.fullmatch(name)) and found[1] in names for name in names)
    if renamed or sum(name is not None for name in first) != words:
        return None
    cells = pl.DataFrame(batch)
    cells.columns = [f"c{index}" for index in range(cells.width)]
    kinds = cells.schema
    if not set(kinds.values()) <= {pl.String(), pl.Float64(), pl.Boolean(), pl.Datetime("ms")}:
        return None
    columns = {kind: [name for name, own in kinds.items() if own == kind] for kind in set(kinds.values())}
    numbers, times = columns.get(pl.Float64(), []), columns.get(pl.Datetime("ms"), [])
    booleans = columns.get(pl.Boolean(), [])
    if notes.booleans != sum(cells[name].count() for name in booleans):
        return None  # some are among numbers, where they would be 0 and 1, or in text
    holes = any(cells[name].null_count() for name in (*numbers, *times, *booleans))
    if holes and _loses_words(path, sheet, limits):
        return None
    if not _in_range(cells, numbers, times):
        return None
    texts = columns.get(pl.String(), [])
    seen = cells.with_columns(
        *(_as_shown(pl.col(name), tiny=notes.tiny).alias(name) for name in numbers),
        *(pl.col(name).cast(pl.String) for name in booleans),
        *(pl.when(pl.col(name).str.len_bytes() > 0).then(pl.col(name)) for name in texts),
    )
    return Values(tuple(name or None for name in first), seen)


def _in_range(cells: pl.DataFrame, numbers: Sequence[str], times: Sequence[str]) -> bool:
    """Whether all can be written as text again: finite numbers of whole digits, years of four."""
    import polars as pl

    near = [(pl.col(name).abs() < _LARGEST).all() for name in numbers]
    years = [pl.col(name).dt.year().is_between(1899, 9999).all() for name in times]
    held = cells.select(pl.lit(value=True), *(flag.alias(str(at)) for at, flag in enumerate((*near, *years))))
    return all(held.row(0))


def _as_shown(number: pl.Expr, *, tiny: bool) -> pl.Expr:
    """Without the noise of the last digits, as its text would be: 0.30000000000000004 is 0.3."""
    import polars as pl

    near = number.round(_DECIMALS)
    noise = (number - near).abs() < _SHOWN_BY
    if tiny:
        noise &= near != 0
    return pl.when(noise).then(near).otherwise(number)


def as_texts(frame: pl.LazyFrame | pl.DataFrame) -> list[pl.Expr]:
    """The columns that are not text as the text the reader would have given for them."""
    import polars as pl

    found = []
    for name, kind in frame.lazy().collect_schema().items():
        cell = pl.col(name)
        if kind == pl.Float64():
            whole = pl.when(cell.abs() < _LARGEST).then(cell).cast(pl.Int64, strict=False)
            small = (cell.abs() < _WRITTEN_OUT) & (cell.round(_DECIMALS) == cell)
            text = pl.when(small).then(_written_out(cell)).otherwise(cell.cast(pl.String))
            found.append(pl.when(cell == cell.floor()).then(whole.cast(pl.String)).otherwise(text))
        elif kind != pl.String():
            split = cell.dt.truncate("1s") != cell
            exact, plain = cell.dt.strftime("%Y-%m-%d %H:%M:%S%.3f"), cell.dt.strftime("%Y-%m-%d %H:%M:%S")
            found.append(pl.when(split).then(exact).otherwise(plain).str.replace(CLOCK_ONLY, ""))
    return found


def _written_out(small: pl.Expr) -> pl.Expr:
    """0.000001 rather than 1e-6; for numbers below ``_WRITTEN_OUT`` of at most seven decimals."""
    import polars as pl

    last = (small.abs() * 10**_DECIMALS).round().cast(pl.Int64, strict=False).cast(pl.String).str.zfill(2)
    sign = pl.when(small < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, pl.lit("0.00000"), last).str.strip_chars_end("0")


def _loses_words(path: Path, sheet: str, limits: Limits) -> bool:
    """Whether the workbook may hold a word that the reader takes for an empty cell."""
    xml = chain(strings_xml(path, limits), sheet_xml(path, sheet, limits))
    return any(_LOST.search(part) for part in _bordered(xml))


def _bordered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Each part with the end of the one before, so that a word across the border is seen."""
    last = b""
    for part in parts:
        yield last + part
        last = part[-_BORDER:]

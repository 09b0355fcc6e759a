"""The cells of one sheet as text, each number with all its digits and each error as a spreadsheet writes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.data.reading.first_row import words_in_first_row
from kpi_core.data.reading.limits import Limits
from kpi_core.data.reading.long_numbers import long_numbers
from kpi_core.data.reading.package_check import CELLS_AT_MOST, SheetNotes, check_sheet, ods_xml, sheet_xml
from kpi_core.data.reading.unvalued_formulas import UnvaluedCell, in_ods, in_xlsx
from kpi_core.data.reading.workbook_values import CLOCK_ONLY, FirstRow, Values, load_values, values_of
from kpi_core.errors import RefusedError

if TYPE_CHECKING:
    import polars as pl

_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
_ERROR = re.compile(r"Error\((\w+)\)")
_DURATION = re.compile(r"DurationIso\(\\?\"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?")
# the reader writes numbers as text with at most nine decimals: these may have had more
_CUT = r"^-?[0-9]+\.[0-9]{8,9}$"
_CUT_BY = 5.1e-10
_FLOAT_STEP = 2.0**-51
_CHECK_BESIDE_FROM = 2 << 20

ErrorCell = tuple[int, int, str]
"""Row of the sheet from 1, column from 0, the error as a spreadsheet writes it."""


@dataclass(frozen=True)
class Sheet:
    """A sheet as its reader gives it: as ``values`` below row 1, as a ``whole`` table of text, or ``lazy`` where errors
    must be asked for. ``unvalued`` are its formulas without a result, which the reader leaves empty.
    """

    path: Path
    name: str
    notes: SheetNotes
    lazy: Any = None
    whole: Any = None
    values: Values | None = None
    unvalued: Sequence[UnvaluedCell] = ()

    @property
    def hidden(self) -> bool:
        return self.lazy is not None and self.lazy.visible != "visible"

    @property
    def width(self) -> int:
        if self.values is not None:
            return self.values.below.width
        return int(self.whole.num_columns if self.lazy is None else self.lazy.width)

    @property
    def height(self) -> int:
        if self.values is not None:
            return self.values.below.height + 1
        return int(self.whole.num_rows if self.lazy is None else self.lazy.height)


def load_sheet(
    book: Any, name: str, path: Path, kind: str, limits: Limits, *, alone: bool, values: bool = False
) -> Sheet:
    """The sheet loaded, its XML checked: before, or beside it when that would take long.

    The reader is quickest when it is not asked for errors nor, where the sheet is ``alone``, whether it is hidden.
    ``values``: numbers and days as such below row 1, where that row and nothing else stands against it.
    """

    def load(*, whole: bool) -> Any:
        return book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string", eager=whole)

    if kind != "xlsx":
        unvalued = in_ods(ods_xml(path, limits), name) if kind == "ods" and _has_formulas(path, limits) else ()
        return Sheet(path, name, SheetNotes(), load(whole=False), unvalued=unvalued)
    words = words_in_first_row(path, name, limits) if alone and values else None
    if path.stat().st_size < _CHECK_BESIDE_FROM:
        notes = check_sheet(path, name, limits)
        plain = alone and not notes.errors and not notes.unvalued
        loaded = load_values(book, name) if words is not None and plain else load(whole=plain)
    else:
        with ThreadPoolExecutor(1) as beside:  # the reader leaves the interpreter free meanwhile
            check = beside.submit(check_sheet, path, name, limits)
            loaded = load(whole=alone) if words is None else load_values(book, name)
            notes = check.result()
    unvalued = in_xlsx(sheet_xml(path, name, limits)) if notes.unvalued else ()
    if not alone:
        return Sheet(path, name, notes, loaded, unvalued=unvalued)
    if notes.errors or notes.unvalued:
        return Sheet(path, name, notes, load(whole=False), unvalued=unvalued)
    if words is None:
        return Sheet(path, name, notes, whole=loaded)
    found = None if loaded is None else values_of(loaded, words, notes, path, name, limits)
    return Sheet(path, name, notes, whole=load(whole=True) if found is None else None, values=found)


def cells_of(book: Any, sheet: Sheet, limits: Limits) -> tuple[FirstRow | None, pl.DataFrame, list[ErrorCell]]:
    """All cells, and those of them that are errors: as text from row 1 of the sheet, or row 1 and those below it."""
    import polars as pl

    if sheet.values is not None:
        below = _mended(book, sheet, sheet.values.below, limits)
        return sheet.values.first, below, []
    batch, failures = (sheet.whole, None) if sheet.lazy is None else sheet.lazy.to_arrow_with_errors()
    cells = pl.DataFrame(batch)
    cells.columns = [f"c{index}" for index in range(cells.width)]
    cells = _mended(book, sheet, cells.with_columns(pl.when(pl.all().str.len_bytes() > 0).then(pl.all())), limits)
    lost = [(*failure.position, _lost_text(failure.detail)) for failure in failures.errors] if failures else []
    lost += sheet.unvalued
    errors = [(row + 1, column, text) for row, column, text in lost if text.startswith(("#", "="))]
    return None, _with_texts(_reaching(cells, sheet.unvalued, limits), lost), errors


def _has_formulas(path: Path, limits: Limits) -> bool:
    """Whether an ODS file holds any formula at all."""
    last = b""
    for part in ods_xml(path, limits):
        if b"table:formula" in last + part:
            return True
        last = part[-16:]
    return False


def _reaching(cells: pl.DataFrame, unvalued: Sequence[UnvaluedCell], limits: Limits) -> pl.DataFrame:
    """The cells with rows and columns added for formulas outside them: the reader ends with the last filled cell."""
    import polars as pl

    width = max((column + 1 for _, column, _ in unvalued), default=0)
    height = max((row + 1 for row, _, _ in unvalued), default=0)
    if width > limits.columns:
        raise RefusedError("too_many_columns", columns=width, limit=limits.columns)
    if width * height > CELLS_AT_MOST:
        raise RefusedError("far_cells", columns=width, rows=height)
    cells = cells.with_columns(pl.lit(None, pl.String).alias(f"c{at}") for at in range(cells.width, width))
    if height <= cells.height:
        return cells
    added = {name: pl.Series([None] * (height - cells.height), dtype=pl.String) for name in cells.columns}
    return pl.concat([cells, pl.DataFrame(added)])


def _mended(book: Any, sheet: Sheet, cells: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The columns of text with all digits of their numbers, and times without the day they never had."""
    import polars as pl

    texts = [column for column, kind in cells.schema.items() if kind == pl.String()]
    cut = texts if sheet.notes.tiny else _holding(cells, texts, _CUT)
    cells = _with_all_digits(book, sheet, cells, cut, limits)
    clocks = _holding(cells, texts, CLOCK_ONLY)
    return cells.with_columns(pl.col(column).str.replace(CLOCK_ONLY, "") for column in clocks)


def _holding(cells: pl.DataFrame, columns: Sequence[str], pattern: str) -> list[str]:
    """The columns with a cell that has the pattern."""
    import polars as pl

    if not columns:
        return []
    held = cells.select(pl.col(columns).str.contains(pattern).any()).row(0, named=True)
    return [column for column, holds in held.items() if holds]


def _with_all_digits(book: Any, sheet: Sheet, cells: pl.DataFrame, cut: Sequence[str], limits: Limits) -> pl.DataFrame:
    """Numbers that were cut, with every digit a float64 has: as the XML has them, else from a second reading."""
    if not cut:
        return cells
    written = _as_written(cells, cut, sheet, limits) if sheet.lazy is None and not sheet.notes.tiny else {}
    cells = cells.with_columns(written.values())
    left = [column for column in cut if column not in written]
    return _reread(book, sheet.name, cells, left, tiny=sheet.notes.tiny) if left else cells


def _as_written(cells: pl.DataFrame, cut: Sequence[str], sheet: Sheet, limits: Limits) -> dict[str, pl.Series]:
    """The columns with their cut numbers as the XML has them, if it has one for each that rounds to it."""
    import polars as pl

    numbers = long_numbers(sheet.path, sheet.name, [int(column[1:]) for column in cut], limits)
    if numbers is None:
        return {}
    found = {}
    first = 0 if sheet.values is None else 1  # the row of the sheet, from 0, that the cells begin with
    for column in cut:
        text, exact = pl.col(column), pl.col("exact")
        own = numbers.filter(pl.col("column") == int(column[1:])).select("row", "exact")
        beside = (
            cells.select(column).with_row_index("row", first).join(own, on="row", how="left", maintain_order="left")
        )
        shortened = text.str.contains(_CUT).fill_null(value=False)
        off = (exact - text.cast(pl.Float64, strict=False)).abs()
        agrees = (off <= _CUT_BY + exact.abs() * _FLOAT_STEP).fill_null(value=False)
        if beside.select((agrees | ~shortened).all()).item():
            whole = pl.when(shortened).then(exact.cast(pl.String)).otherwise(text)
            found[column] = beside.select(whole.alias(column)).to_series()
    return found


def _reread(book: Any, name: str, cells: pl.DataFrame, cut: Sequence[str], *, tiny: bool) -> pl.DataFrame:
    """The columns whose numbers were cut, read again as numbers and written with every digit a float64 has."""
    import polars as pl

    positions = {column: int(column[1:]) for column in cut}
    exact = pl.DataFrame(book.load_sheet(name, header_row=None, skip_rows=0, dtypes="float"))
    exact = exact.tail(cells.height)

    def whole(column: str, number: pl.Series) -> pl.Expr:
        shortened = pl.col(column).str.contains(_CUT)
        vanished = pl.col(column).is_in(["0", "-0"]) & (pl.lit(number) != 0)
        reread = pl.coalesce(pl.lit(number).cast(pl.String), pl.col(column))
        return pl.when(shortened | vanished if tiny else shortened).then(reread).otherwise(pl.col(column)).alias(column)

    return cells.with_columns(
        whole(column, exact.to_series(index).cast(pl.Float64, strict=False)) for column, index in positions.items()
    )


def _lost_text(detail: str) -> str:
    """What a cell that has no text form holds: an error as a spreadsheet writes it, or a duration."""
    if spell := _DURATION.search(detail):
        hours, minutes, seconds = (part or "0" for part in spell.groups())
        return f"{hours}:{minutes:0>2}:{seconds:0>2}"
    found = _ERROR.search(detail)
    return _ERRORS.get(found[1], "#ERROR!") if found else "#ERROR!"


def _with_texts(cells: pl.DataFrame, errors: list[ErrorCell]) -> pl.DataFrame:
    import polars as pl

    for column in {column for _, column, _ in errors}:
        name = f"c{column}"
        rows = [row for row, at, _ in errors if at == column]
        texts = [text for _, at, text in errors if at == column]
        changed = cells.get_column(name).to_frame().with_row_index("row")
        put = pl.DataFrame({"row": pl.Series(rows, dtype=pl.UInt32), "text": texts})
        merged = changed.join(put, on="row", how="left", maintain_order="left")
        cells = cells.with_columns(merged.select(pl.coalesce("text", name)).to_series().alias(name))
    return cells

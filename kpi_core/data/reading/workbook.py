"""Excel and OpenDocument sheets as a grid of text, each number with all its digits."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.data.reading.contract import PREVIEW_ROWS, ReadOptions
from kpi_core.data.reading.grid import Grid
from kpi_core.data.reading.header import find_header
from kpi_core.data.reading.limits import Limits
from kpi_core.data.reading.package_check import SheetNotes, check_package, check_sheet, left_out, refuse_password
from kpi_core.errors import RefusedError

if TYPE_CHECKING:
    import polars as pl

_TOP_ROWS = 200
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
_CHECK_BESIDE_FROM = 2 << 20
_CLOCK_ONLY = r"^1899-12-3[01] "


def read_workbook(path: Path, kind: str, options: ReadOptions, limits: Limits) -> Grid:
    """The grid of one sheet: the one asked for, else the first visible one that holds anything."""
    import fastexcel

    if kind == "xls":
        refuse_password(path)
    else:
        check_package(path, kind, limits)
    try:
        book = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise _refusal(error) from error
    names = tuple(book.sheet_names)
    if options.sheet is not None and options.sheet not in names:
        raise RefusedError("no_such_sheet", sheet=options.sheet, sheets=", ".join(names))
    sheet, cells, errors = _first_filled(book, path, kind, names if options.sheet is None else (options.sheet,), limits)
    grid = _as_grid(cells, errors, sheet, names, options, limits)
    return grid if kind == "xls" else replace(grid, problems=(*grid.problems, *left_out(path)))


def _refusal(error: Exception) -> RefusedError:
    said = str(error).lower()
    if "password" in said or "encrypt" in said:
        return RefusedError("password")
    return RefusedError("unreadable_workbook", detail=str(error).splitlines()[0][:200])


def _first_filled(
    book: Any, path: Path, kind: str, names: tuple[str, ...], limits: Limits
) -> tuple[str, pl.DataFrame, list[tuple[int, int, str]]]:
    import fastexcel

    refusal: RefusedError | None = None
    for name in names:
        try:
            loaded, notes = _loaded(book, name, path, kind, limits)
        except fastexcel.FastExcelError as error:
            refusal = _refusal(error)
            if "not a valid worksheet" not in str(error):  # a sheet that is a chart holds no cells
                raise refusal from error
            continue
        if len(names) > 1 and loaded.visible != "visible":
            continue
        if loaded.width > limits.columns:
            raise RefusedError("too_many_columns", columns=loaded.width, limit=limits.columns)
        if loaded.width and loaded.height:
            cells, errors = _cells(book, name, loaded, notes)
            if errors or any(cells.select(column.is_not_null().any() for column in _texts(cells)).row(0)):
                return name, cells, errors
    raise refusal or RefusedError("empty_workbook")


def _loaded(book: Any, name: str, path: Path, kind: str, limits: Limits) -> tuple[Any, SheetNotes]:
    """The sheet loaded as text, its XML checked: before, or beside it when that would take long."""

    def load() -> Any:
        return book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")

    if kind != "xlsx":
        return load(), SheetNotes()
    if path.stat().st_size < _CHECK_BESIDE_FROM:
        notes = check_sheet(path, name, limits)
        return load(), notes
    with ThreadPoolExecutor(1) as beside:  # the reader leaves the interpreter free meanwhile
        check = beside.submit(check_sheet, path, name, limits)
        loaded = load()
        return loaded, check.result()


def _texts(cells: pl.DataFrame) -> list[pl.Expr]:
    import polars as pl

    return [pl.col(name) for name in cells.columns]


def _cells(book: Any, name: str, loaded: Any, notes: SheetNotes) -> tuple[pl.DataFrame, list[tuple[int, int, str]]]:
    """All cells as text, from row 1 of the sheet; error cells hold their error as a spreadsheet writes it."""
    import polars as pl

    batch, failures = loaded.to_arrow_with_errors()
    cells = pl.DataFrame(batch)
    cells.columns = [f"c{index}" for index in range(cells.width)]
    cells = cells.with_columns(pl.when(pl.all().str.len_bytes() > 0).then(pl.all()))
    cut = [
        column for column in cells.columns if notes.tiny or cells.select(pl.col(column).str.contains(_CUT).any()).item()
    ]
    if cut:
        cells = _with_all_digits(book, name, cells, cut, tiny=notes.tiny)
    clocks = [column for column in cells.columns if cells.select(pl.col(column).str.contains(_CLOCK_ONLY).any()).item()]
    cells = cells.with_columns(pl.col(column).str.replace(_CLOCK_ONLY, "") for column in clocks)
    lost = [(*failure.position, _lost_text(failure.detail)) for failure in failures.errors] if failures else []
    errors = [(row + 1, column, text) for row, column, text in lost if text.startswith("#")]
    return _with_texts(cells, lost), errors


def _with_all_digits(book: Any, name: str, cells: pl.DataFrame, cut: list[str], *, tiny: bool) -> pl.DataFrame:
    """The columns whose numbers were cut, read again as numbers and written with every digit a float64 has."""
    import polars as pl

    positions = {column: int(column[1:]) for column in cut}
    again = book.load_sheet(
        name,
        header_row=None,
        skip_rows=0,
        dtypes={index: "float" if index in positions.values() else "string" for index in range(cells.width)},
    )
    exact = pl.DataFrame(again)

    def whole(column: str, number: pl.Series) -> pl.Expr:
        shortened = pl.col(column).str.contains(_CUT)
        vanished = (pl.col(column) == "0") & (pl.lit(number) != 0)
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


def _with_texts(cells: pl.DataFrame, errors: list[tuple[int, int, str]]) -> pl.DataFrame:
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


def _as_grid(
    cells: pl.DataFrame,
    errors: list[tuple[int, int, str]],
    sheet: str,
    names: tuple[str, ...],
    options: ReadOptions,
    limits: Limits,
) -> Grid:
    import polars as pl

    if cells.head(_TOP_ROWS).select(pl.any_horizontal(pl.all().str.contains("\0", literal=True).any())).item():
        raise RefusedError("unreadable_workbook", detail="NUL")
    if options.header_row is not None and options.header_row > cells.height:
        raise RefusedError("header_row_outside", row=options.header_row)
    top_rows = max(_TOP_ROWS, options.header_row or 0)
    top = [[cell or "" for cell in row] for row in cells.head(top_rows).iter_rows()]
    header = find_header(top, cells.width, options.header_row, sheet)
    return Grid(
        cells.slice(header.row).lazy(),
        header,
        tuple(tuple(row) for row in top[:PREVIEW_ROWS]),
        header.problems,
        sheet=sheet,
        sheets=names,
        spreadsheet=True,
        error_cells=tuple(error for error in errors if error[0] > header.row),
        top=tuple(map(tuple, top)),
    )

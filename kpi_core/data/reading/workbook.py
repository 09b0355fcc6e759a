"""Excel and OpenDocument sheets as a grid of text, each number with all its digits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.data.reading.contract import PREVIEW_ROWS, ReadOptions
from kpi_core.data.reading.grid import Grid
from kpi_core.data.reading.header import find_header
from kpi_core.data.reading.limits import Limits
from kpi_core.data.reading.package_check import check_package, left_out, refuse_password
from kpi_core.data.reading.sheet_cells import ErrorCell, cells_of, load_sheet
from kpi_core.data.reading.workbook_values import FirstRow, as_texts
from kpi_core.errors import RefusedError

if TYPE_CHECKING:
    import polars as pl

_TOP_ROWS = 200
# what the reader says (in English), by the refusal that says it to a person
_SAID = {
    "password": ("password", "encrypt"),
    "sheet_too_large": ("cell limit",),
    "truncated": ("end of file", "eof", "eocd", "invalid zip", "cfb error", "relationship not found", "unexpected end"),
}


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
    asked = names if options.sheet is None else (options.sheet,)
    values = options.header_row in (None, 1)
    sheet, first, cells, errors = _first_filled(book, path, kind, asked, limits, values=values)
    grid = _as_grid(first, cells, errors, sheet, names, options, limits)
    return grid if kind == "xls" else replace(grid, problems=(*grid.problems, *left_out(path)))


def _refusal(error: Exception) -> RefusedError:
    said = str(error).lower()
    code = next((code for code, words in _SAID.items() if any(word in said for word in words)), "unreadable_workbook")
    if code == "password":
        return RefusedError(code)
    return RefusedError(code, detail=str(error).splitlines()[0][:200])  # the reader's words, beside the sentence


def _first_filled(
    book: Any, path: Path, kind: str, names: tuple[str, ...], limits: Limits, *, values: bool
) -> tuple[str, FirstRow | None, pl.DataFrame, list[ErrorCell]]:
    import fastexcel

    refusal: RefusedError | None = None
    for name in names:
        try:
            loaded = load_sheet(book, name, path, kind, limits, alone=len(names) == 1, values=values)
        except fastexcel.FastExcelError as error:
            refusal = _refusal(error)
            if "not a valid worksheet" not in str(error):  # a sheet that is a chart holds no cells
                raise refusal from error
            continue
        if len(names) > 1 and loaded.hidden:
            continue
        if loaded.width > limits.columns:
            raise RefusedError("too_many_columns", columns=loaded.width, limit=limits.columns)
        if (loaded.width and loaded.height) or loaded.unvalued:
            first, cells, errors = cells_of(book, loaded, limits)
            if (
                errors
                or any(first or ())
                or any(cells.select(column.is_not_null().any() for column in _texts(cells)).row(0))
            ):
                return name, first, cells, errors
    raise refusal or RefusedError("empty_workbook")


def _texts(cells: pl.DataFrame) -> list[pl.Expr]:
    import polars as pl

    return [pl.col(name) for name in cells.columns]


def _as_grid(
    first: FirstRow | None,
    cells: pl.DataFrame,
    errors: list[ErrorCell],
    sheet: str,
    names: tuple[str, ...],
    options: ReadOptions,
    limits: Limits,
) -> Grid:
    import polars as pl

    height = cells.height + (first is not None)
    if options.header_row is not None and options.header_row > height:
        raise RefusedError("header_row_outside", row=options.header_row)
    top_rows = max(_TOP_ROWS, options.header_row or 0)
    texts = _with_row(first, _texts_of(cells.head(top_rows))).head(top_rows)
    if texts.head(_TOP_ROWS).select(pl.any_horizontal(pl.all().str.contains("\0", literal=True).any())).item():
        raise RefusedError("unreadable_workbook", detail="NUL")
    top = [[cell or "" for cell in row] for row in texts.iter_rows()]
    header = find_header(top, cells.width, options.header_row, sheet)
    if first is not None and header.row != 1:
        first, cells = None, _with_row(first, _texts_of(cells))
    return Grid(
        cells.slice(header.row - (first is not None)).lazy(),
        header,
        tuple(tuple(row) for row in top[:PREVIEW_ROWS]),
        header.problems,
        sheet=sheet,
        sheets=names,
        spreadsheet=True,
        error_cells=tuple(error for error in errors if error[0] > header.row),
        top=tuple(map(tuple, top)),
    )


def _texts_of(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.with_columns(as_texts(cells))


def _with_row(first: FirstRow | None, below: pl.DataFrame) -> pl.DataFrame:
    """The cells of text with row 1 of the sheet above them, where it was kept apart."""
    import polars as pl

    if first is None:
        return below
    return pl.concat([pl.DataFrame([first], schema=below.schema, orient="row"), below])

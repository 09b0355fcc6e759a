"""A file's table before typing: text columns, its header, and what was noticed on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpi_core.data.reading.header import Header
from kpi_core.errors import Problem

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Grid:
    """``frame`` has a text column ``c0, c1, …`` for each name of the header and one row for each row below it, empty
    rows included, so that its first row is row ``header.row + 1`` of the sheet. ``raw`` is the top of the sheet.
    """

    frame: pl.LazyFrame
    header: Header
    raw: tuple[tuple[str, ...], ...]
    problems: tuple[Problem, ...]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    spreadsheet: bool = False
    error_cells: tuple[tuple[int, int, str], ...] = ()  # row of the sheet, column, text such as #DIV/0!

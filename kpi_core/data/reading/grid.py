"""A file's table before typing: text columns, its header, and what was noticed on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpi_core.data.reading.header import Header
from kpi_core.data.reading.workbook_values import as_texts
from kpi_core.errors import Problem

if TYPE_CHECKING:
    import polars as pl

    from kpi_core.model.recipe import Step


@dataclass(frozen=True)
class Grid:
    """``frame`` has a text column ``c0, c1, …`` for each name of the header and one row for each row below it, empty
    rows included, so that its first row is row ``header.row + 1`` of the sheet; where a recipe changed that, ``rows``
    has the row of the sheet for each, and ``source`` the names before. ``top`` is the top of the sheet and ``raw`` what
    is shown of it; ``otherwise`` is as in ``Reading``. A workbook's reader may have given numbers and times as such:
    ``texts`` has them as text.
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
    top: tuple[tuple[str, ...], ...] = ()
    rows: tuple[int, ...] | None = None
    source: tuple[str, ...] | None = None
    otherwise: tuple[tuple[int, Step], ...] = ()

    @property
    def texts(self) -> pl.LazyFrame:
        """The frame with text columns only."""
        return self.frame.with_columns(as_texts(self.frame))

    def row_of(self, index: int) -> int:
        """The row of the sheet, from 1, that row ``index`` of the frame, from 0, came from."""
        return self.header.row + 1 + index if self.rows is None else self.rows[index]

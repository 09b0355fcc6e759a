"""A file's cells while a recipe works on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

ROW = "\0row"
"""The column that remembers which row of the file a row came from."""

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Sheet:
    """``cells`` are text columns, null where empty, with ``ROW`` first; ``c0, c1, …`` until a step names them.

    ``top`` are the first rows of the file as they stand, for what its title says. ``header`` is the last row of the
    header (0: none yet), ``above`` the rows over it, and ``source`` the names it gave. ``corner`` is the unit that the
    header states over the labels, found while a recipe is looked for.
    """

    cells: pl.DataFrame
    top: Rows = ()
    file_name: str = ""
    sheet: str = ""
    header: int = 0
    above: int = 0
    source: tuple[str, ...] = ()
    corner: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, without ``ROW``."""
        return tuple(name for name in self.cells.columns if name != ROW)

    def having(self, cells: pl.DataFrame) -> Sheet:
        """The same with other cells."""
        return replace(self, cells=cells)


def sheet_of(frame: pl.LazyFrame, top: Rows, file_name: str = "", sheet: str | None = None) -> Sheet:
    """The sheet of a frame that begins at row 1 of the file; blanks count as empty."""
    trimmed = pl.all().str.strip_chars()
    cells = frame.select(pl.when(trimmed.str.len_bytes() > 0).then(pl.all())).collect()
    return Sheet(cells.with_row_index(ROW, offset=1), top, file_name, sheet or "")

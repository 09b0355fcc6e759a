"""The cells of a small upload as they are written, for sheets whose shape is our own."""

from __future__ import annotations

import tempfile
from pathlib import Path

from kpi_core.data.reading import ReadOptions, read_upload
from kpi_core.vocabulary import ColumnType

#: Columns that are read at most.
_COLUMNS = 400

Cells = tuple[tuple[str | None, ...], ...]


def text_cells(path: Path, file_name: str) -> Cells:
    """Every row of the first filled sheet that holds anything, all cells as text, ``None`` for an empty one.

    Read in a child process with the limits of any upload; raises ``RefusedError`` for a file that is no table.
    """
    import polars as pl

    texts = {f"column_{at}": ColumnType.TEXT for at in range(1, _COLUMNS + 1)}
    with tempfile.TemporaryDirectory(prefix="kpi-cells-", ignore_cleanup_errors=True) as folder:
        options = ReadOptions(header_row=0, types=texts, blank_failed=True)
        reading = read_upload(path, file_name=file_name, options=options, into=Path(folder))
        return () if reading.parquet is None else tuple(pl.read_parquet(reading.parquet).rows())

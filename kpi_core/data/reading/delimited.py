"""Comma, semicolon, tab and bar separated text as a grid."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.data.reading.contract import PREVIEW_ROWS, ReadOptions
from kpi_core.data.reading.encodings import Utf8Text, to_utf8
from kpi_core.data.reading.grid import Grid
from kpi_core.data.reading.header import Header, find_header
from kpi_core.data.reading.limits import Limits
from kpi_core.data.reading.lines import DELIMITERS
from kpi_core.errors import Problem, RefusedError
from kpi_core.vocabulary import Severity

if TYPE_CHECKING:
    import polars as pl

_TOP_BYTES = 1 << 20
_TOP_ROWS = 200
STREAM_FROM = 1 << 20
"""Files from this size are scanned in place when their records are regular; smaller ones are always rewritten."""
_HELD_UP_TO = 400 << 20
_BYTES_A_CELL = 16
"""Polars holds a text as a view of 16 bytes beside its own."""


def read_delimited(
    path: Path, folder: Path, options: ReadOptions, limits: Limits, stream_from: int = STREAM_FROM
) -> Grid:
    """The grid of a text file; ``folder`` takes its UTF-8 copy. Raises ``RefusedError`` for what is no table."""
    csv.field_size_limit(limits.line_bytes)
    text = to_utf8(path, folder / "utf8.csv", options.encoding, limits)
    with text.path.open("rb") as file:
        top = file.read(_TOP_BYTES).decode("utf-8", "ignore").lstrip("\ufeff")
    if not top.strip(" \t\r\n,;|\u3000"):
        raise RefusedError("empty_file")
    delimiter = options.delimiter or find_delimiter(top)
    rows = list(itertools.islice(_records(io.StringIO(top, newline=""), delimiter), _TOP_ROWS))
    if len(top) > 200_000 and len(rows) > 1:
        rows = rows[:-1]  # the top may end inside a record
    width = max(map(len, rows))
    if width > limits.columns:
        raise RefusedError("too_many_columns", columns=width, limit=limits.columns)
    header = find_header(rows, _header_width(rows, options, width), options.header_row)
    notices: list[Problem] = []
    frame = None
    if text.path.stat().st_size >= stream_from:
        frame = _scanned(text, delimiter, header, rows)
    if frame is None:
        frame, header, notices = _rewritten(text, delimiter, header, folder / "rows.csv", limits)
    raw = tuple(tuple(row) for row in rows[:PREVIEW_ROWS])
    top_rows = tuple(map(tuple, rows))
    problems = (*header.problems, *notices)
    return Grid(frame, header, raw, problems, text.encoding, delimiter, top=top_rows)


def find_delimiter(top: str) -> str:
    """The separator with which most rows have the same number of cells, of equals the one with more cells."""
    lines = list(itertools.islice(io.StringIO(top, newline=""), 300))

    def regularity(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in itertools.islice(_records(lines, delimiter), 100) if any(row))
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            return 0.0, 0
        usual, count = max(wide.items(), key=lambda item: (item[1], item[0]))
        return round(count / sum(widths.values()), 2), usual

    best = max(DELIMITERS, key=regularity)
    return best if regularity(best)[0] > 0 else ","


def _records(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise RefusedError("unclosed_quote", row=reader.line_num) from error


def _header_width(rows: Sequence[Sequence[str]], options: ReadOptions, widest: int) -> int:
    """Cells of the usual row: a header shorter than its rows gets names for the rest."""
    if options.header_row is not None and options.header_row > len(rows):
        raise RefusedError("header_row_outside", row=options.header_row)
    usual = Counter(len(row) for row in rows if any(cell.strip() for cell in row)).most_common(1)
    return max(usual[0][0] if usual else widest, 1)


def _columns(width: int) -> dict[str, pl.DataType]:
    import polars as pl

    return {f"c{index}": pl.String() for index in range(width)}


def _scanned(text: Utf8Text, delimiter: str, header: Header, rows: Sequence[Sequence[str]]) -> pl.LazyFrame | None:
    """The file read in place; ``None`` when its records are not as regular as that takes."""
    import polars as pl

    width = len(header.names)
    above = rows[: header.row]
    if text.stray_quotes or text.open_quote or text.lone_returns or (text.marked and not header.row):
        return None
    between = text.delimiters.get(delimiter, -1) - sum(max(len(row) - 1, 0) for row in above)
    if between != (width - 1) * (text.records - len(above)):
        return None
    frame = pl.scan_csv(
        text.path, has_header=False, separator=delimiter, skip_rows=header.row, schema=_columns(width), glob=False
    )
    if text.empty_quotes:  # the scan takes "" between separators for a text of no characters
        frame = frame.with_columns(pl.when(pl.all().str.len_bytes() > 0).then(pl.all()))
    held = text.records * width * _BYTES_A_CELL + text.path.stat().st_size <= _HELD_UP_TO
    return frame.collect().lazy() if held else frame  # what fits is split into cells once, not at each pass


def _rewritten(
    text: Utf8Text, delimiter: str, header: Header, target: Path, limits: Limits
) -> tuple[pl.LazyFrame, Header, list[Problem]]:
    """The rows below the header written anew, each as wide as the widest; what was irregular is told."""
    import polars as pl

    notices = _Ragged(len(header.names), limits.listed_cells)
    row = 0
    with (
        text.path.open(encoding="utf-8-sig", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\r\n")  # also quotes a lone return inside a cell
        before = 0
        reader = csv.reader(source, delimiter=delimiter)
        try:
            for row, cells in enumerate(reader, start=1):
                spans, before = reader.line_num - before, reader.line_num
                if row > header.row:
                    notices.see(row, cells)
                    writer.writerow(cells if len(cells) > 1 or any(cells) else ["", ""])
        except csv.Error as error:
            raise RefusedError("unclosed_quote", row=row + 1) from error
    if text.open_quote and row and spans > 1:
        raise RefusedError("unclosed_quote", row=row)
    width = max(len(header.names), notices.widest)
    if width > limits.columns:
        raise RefusedError("too_many_columns", columns=width, limit=limits.columns)
    extra = tuple(f"column_{index + 1}" for index in range(len(header.names), width))
    frame = pl.scan_csv(
        target,
        has_header=False,
        schema=_columns(width),
        missing_columns="insert",
        truncate_ragged_lines=True,
        glob=False,
        raise_if_empty=False,
    )
    if target.stat().st_size == 0:
        frame = pl.LazyFrame(schema=_columns(width))
    return frame, Header(header.row, (*header.names, *extra), header.problems), notices.problems()


class _Ragged:
    """Rows that are longer or shorter than the header: listed up to a limit, counted in all."""

    def __init__(self, width: int, limit: int) -> None:
        self.width, self.limit = width, limit
        self.widest = self.count = 0
        self._listed: list[Problem] = []

    def see(self, row: int, cells: list[str]) -> None:
        size = len(cells)
        if size == self.width or (size <= 1 and not any(cells)):
            return
        if size > self.width and not any(cell.strip() for cell in cells[self.width :]):
            del cells[self.width :]
            return
        self.widest = max(self.widest, size)
        self.count += 1
        if self.count <= self.limit:
            code = "row_longer" if size > self.width else "row_shorter"
            self._listed.append(Problem(code, {"cells": size, "columns": self.width}, Severity.WARNING, row=row))

    def problems(self) -> list[Problem]:
        if self.count <= self.limit:
            return self._listed
        total = Problem("rows_ragged", {"count": self.count, "listed": self.limit}, Severity.WARNING)
        return [total, *self._listed]

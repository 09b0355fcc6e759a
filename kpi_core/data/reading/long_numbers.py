"""The numbers of a sheet's XML that have more decimals than the workbook reader keeps when it writes them as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.data.reading.limits import Limits
from kpi_core.data.reading.package_check import sheet_xml

if TYPE_CHECKING:
    import polars as pl

_CELL_START = b"<c "
_CELL = (
    r'<c r="({columns})([1-9][0-9]{{0,6}})"[^<>]*>(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)?'
    r"<v>(-?[0-9]*\.[0-9]{{8,}}(?:[eE][-+]?[0-9]+)?)</v>"
)
_FIRST_COLUMN = re.compile(rb'<c r="A[0-9]{1,7}"[^<>]*>(?:<f[^<>]*>(?:[^<]*</f>)?)?<(?:v|is><t)[^<>]*>[^<]')
_OPEN_AT_MOST = 1 << 20


def long_numbers(path: Path, sheet: str, columns: Sequence[int], limits: Limits) -> pl.DataFrame | None:
    """Those in the ``columns`` (from 0) of an xlsx: ``column`` and ``row`` from 0, and the number as ``exact``.

    Complete only for cells as Excel writes them, so the caller compares. ``None`` where column A holds nothing: the
    reader then counts from another column.
    """
    import polars as pl

    numbers = {_letters(column): column for column in columns}
    cell = re.compile(_CELL.format(columns="|".join(numbers)).encode())
    schema = {"column": pl.UInt32, "row": pl.UInt32, "exact": pl.Float64}
    found = [pl.DataFrame(schema=schema)]
    from_a = False
    for xml in _whole_cells(sheet_xml(path, sheet, limits)):
        from_a = from_a or _FIRST_COLUMN.search(xml) is not None
        cells = [(numbers[letters.decode()], int(row) - 1, float(text)) for letters, row, text in cell.findall(xml)]
        found.append(pl.DataFrame(cells, schema=schema, orient="row"))
    return pl.concat(found).unique(["column", "row"], keep="last", maintain_order=True) if from_a else None


def _whole_cells(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts cut anew where a cell begins, so that none is torn."""
    begun = b""
    for part in parts:
        whole = begun + part
        start = max(whole.rfind(_CELL_START), 0)
        begun = whole[start:] if len(whole) - start < _OPEN_AT_MOST else b""
        if start:
            yield whole[:start]
    yield begun


def _letters(column: int) -> str:
    """The name of a column counted from 0, as a spreadsheet has it."""
    letters = ""
    rest = column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters

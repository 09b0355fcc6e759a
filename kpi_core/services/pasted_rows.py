"""Rows copied in a spreadsheet, as text with tabs, put into the rows of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any


def pasted_rows(
    text: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], names: Mapping[str, str], key: str
) -> list[dict[str, Any]]:
    """``rows`` with those of ``text`` behind them; a pasted row with the ``key`` of one there is changes that one.

    The first line may hold the columns' names (``names``: name → column); else cells follow the order of ``columns``.
    Cells beyond the columns, and columns with a name nobody knows, are left out; empty lines say nothing.
    """
    lines = [line for line in _cells(text) if any(line)]
    if not lines:
        return [dict(row) for row in rows]
    told = [names.get(cell) for cell in lines[0]]
    headed = sum(one is not None for one in told) * 2 > sum(bool(cell) for cell in lines[0])
    order: Sequence[str | None] = told if headed else columns
    kept = [dict(row) for row in rows]
    places = {row[key]: row for row in kept if row.get(key)}
    for line in lines[1:] if headed else lines:
        cells = {name: cell for name, cell in zip(order, line, strict=False) if name is not None and cell}
        if cells.get(key) in places:
            places[cells[key]].update(cells)
        elif cells:
            kept.append({**dict.fromkeys(columns, ""), **cells})
    return kept


def _cells(text: str) -> list[list[str]]:
    """A spreadsheet puts a cell with a line break in quotes; where the quotes are not so, they are letters."""
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter="\t", strict=True))
    except csv.Error:
        lines = [line.split("\t") for line in text.splitlines()]
    return [[cell.strip() for cell in line] for line in lines]

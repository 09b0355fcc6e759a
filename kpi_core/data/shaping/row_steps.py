"""Steps that choose rows or make a header of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from kpi_core.data.reading.header import unique_names
from kpi_core.data.shaping.sheet import ROW, Sheet
from kpi_core.data.shaping.wanted import StepError, existing
from kpi_core.model.recipe import JOINT, DropNotes, DropTotals, FillDown, Header, KeepRows, Names, Skip


def skip(sheet: Sheet, step: Skip) -> Sheet:
    return sheet.having(sheet.cells.slice(step.rows))


def header(sheet: Sheet, step: Header) -> Sheet:
    rows = [[cell or "" for cell in row[1:]] for row in sheet.cells.head(step.rows).iter_rows()]
    if not rows:
        raise StepError("step_no_rows")
    above = sheet.cells[ROW][0] - 1
    sheet = replace(sheet, above=above)
    return named(sheet, joined(rows, carried=step.carried), step.rows, sheet.cells[ROW][len(rows) - 1])


def names(sheet: Sheet, step: Names) -> Sheet:
    return named(sheet, [*step.names, *[""] * len(sheet.names)][: len(sheet.names)], 0, 0)


def named(sheet: Sheet, words: Sequence[str], below: int, last: int) -> Sheet:
    """The columns named by ``words``, the rows from ``below`` on."""
    unique, _ = unique_names(words, last, sheet.sheet or None)
    cells = sheet.cells.slice(below).rename(dict(zip(sheet.names, unique, strict=True)))
    return replace(sheet, cells=cells, header=last, source=unique)


def joined(rows: Sequence[Sequence[str]], *, carried: bool) -> list[str]:
    """The names of the columns below ``rows``: each different word of a column once, from top to bottom."""
    plain = [["".join(cell.split()) if "\n" in cell else " ".join(cell.split()) for cell in row] for row in rows]
    for row, beneath in itertools.pairwise(plain):
        if not carried:
            break
        for at in range(1, len(row)):
            # a gap between blocks has nothing beneath it; a merged cell has a word beneath each of its columns
            group = row is plain[0] or plain[0][at] == plain[0][at - 1]
            if not row[at] and beneath[at] and beneath[at - 1] and group:
                row[at] = row[at - 1]
    columns = list(zip(*plain, strict=True))
    return [JOINT.join(dict.fromkeys(word for word in column if word)) for column in columns]


def drop_notes(sheet: Sheet, step: DropNotes) -> Sheet:
    columns = [pl.col(name) for name in sheet.names]
    first = pl.coalesce(columns).str.strip_chars()
    noted = pl.any_horizontal(first.str.starts_with(mark) for mark in step.marks)
    if step.alone:
        noted = noted & (pl.sum_horizontal(column.is_not_null() for column in columns) == 1)
    return sheet.having(sheet.cells.filter(~noted.fill_null(False)))


def without_spaces(column: str) -> pl.Expr:
    return pl.col(column).str.replace_all(r"[\s\u3000]", "")


def drop_totals(sheet: Sheet, step: DropTotals) -> Sheet:
    existing(sheet, [step.column])
    words = ["".join(word.split()) for word in step.words]
    return sheet.having(sheet.cells.filter(~without_spaces(step.column).is_in(words).fill_null(False)))


def keep_rows(sheet: Sheet, step: KeepRows) -> Sheet:
    existing(sheet, [step.column])
    cell = pl.col(step.column).str.strip_chars()
    match step.op:
        case "is":
            kept = cell.is_in(step.values)
        case "is_not":
            kept = ~cell.is_in(step.values).fill_null(False)
        case "starts":
            kept = pl.any_horizontal(cell.str.starts_with(value) for value in step.values or ("",))
        case "filled":
            kept = cell.is_not_null()
    return sheet.having(sheet.cells.filter(kept.fill_null(False)))


def fill_down(sheet: Sheet, step: FillDown) -> Sheet:
    existing(sheet, step.columns)
    return sheet.having(sheet.cells.with_columns(pl.col(list(step.columns)).forward_fill()))

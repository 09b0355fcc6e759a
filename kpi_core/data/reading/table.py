"""A grid typed: what each column is, every cell that failed, and the table as Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.data.reading.contract import HEAD_ROWS, ColumnReport, ReadOptions
from kpi_core.data.reading.grid import Grid
from kpi_core.data.reading.limits import Limits
from kpi_core.data.reading.plan import ColumnPlan, Decisions, plan_table
from kpi_core.data.reading.valued import with_plans
from kpi_core.errors import Param, Problem
from kpi_core.vocabulary import ColumnType, Severity

if TYPE_CHECKING:
    import polars as pl

_SAMPLES = 5
_SAMPLE_LENGTH = 80
_ROW = "row"
_TEXT_LENGTH = 120


@dataclass(frozen=True)
class Typed:
    rows: int
    columns: tuple[ColumnReport, ...]
    problems: tuple[Problem, ...]
    head: tuple[tuple[str | None, ...], ...]


def type_grid(grid: Grid, options: ReadOptions, limits: Limits, target: Path | None) -> Typed:
    """The grid's columns typed from all rows; written to ``target`` when given and nothing blocks."""
    import polars as pl

    decisions = Decisions(options.types, options.day_first, grid.spreadsheet, grid.sheet)
    grid, valued = with_plans(grid, decisions)
    plan = plan_table(grid.frame, grid.header.names, decisions, valued)
    plans, empty = plan.columns, plan.empty
    rows = plan.height - empty
    empty_row = pl.all_horizontal(pl.col(column.source).is_null() for column in plans)
    problems = [
        *_unknown_columns(grid, options),
        *_empty_rows(grid, empty, rows),
        *(problem for column in plans for problem in column.verdict.problems),
        *_failed_cells(grid, plans, options, limits),
        *_unvalued(grid),
        *_error_cells(grid, plans, limits),
    ]
    kept = grid.frame.filter(~empty_row) if empty else grid.frame
    typed = kept.select(column.typed().alias(column.name) for column in plans)
    if target is not None and not any(problem.severity is Severity.ERROR for problem in (*grid.problems, *problems)):
        typed.sink_parquet(target, compression="zstd")
        head = pl.scan_parquet(target).head(HEAD_ROWS).collect()
    else:
        head = typed.head(HEAD_ROWS).collect()
    samples = replace(grid, frame=kept.head(1_000)).texts.collect()
    columns = tuple(
        ColumnReport(
            column.name,
            column.verdict.type,
            rows - column.converts,
            column.failed,
            _samples(samples, column),
            column.verdict.unit,
        )
        for column in plans
    )
    return Typed(rows, columns, tuple(problems), _as_text(head))


def _unknown_columns(grid: Grid, options: ReadOptions) -> list[Problem]:
    blank = options.blank_failed if isinstance(options.blank_failed, frozenset) else frozenset()
    named = sorted({*options.types, *options.day_first, *blank} - set(grid.header.names))
    return [Problem("no_such_column", {"name": name}, Severity.WARNING, sheet=grid.sheet) for name in named]


def _empty_rows(grid: Grid, empty: int, rows: int) -> list[Problem]:
    found = []
    if empty:
        found.append(Problem("empty_rows", {"count": empty}, Severity.INFO, sheet=grid.sheet))
    if not rows:
        found.append(Problem("no_rows", {"header_row": grid.header.row}, Severity.ERROR, sheet=grid.sheet))
    return found


def _failed_cells(grid: Grid, plans: Sequence[ColumnPlan], options: ReadOptions, limits: Limits) -> list[Problem]:
    """Every cell that did not convert, by row and column; beyond the limit one problem says how many there are."""
    import polars as pl

    failing = [plan for plan in plans if plan.failed]
    total = sum(plan.failed for plan in failing)
    listed: list[Problem] = []
    for plan in failing:
        severity = Severity.WARNING if options.blanks(plan.name) else Severity.ERROR
        cells = (
            grid.frame.select(plan.source).with_row_index(_ROW).filter(plan.fails()).head(limits.listed_cells).collect()
        )
        for index, text in cells.select(pl.col(_ROW), pl.col(plan.source)).iter_rows():
            row = grid.row_of(index)
            params = {"text": text[:_TEXT_LENGTH], "type": plan.verdict.type.value}
            listed.append(Problem("conversion_failed", params, severity, sheet=grid.sheet, row=row, column=plan.name))
    shown = sorted(listed, key=lambda problem: problem.row or 0)[: limits.listed_cells]
    if total <= len(shown):
        return shown
    severity = Severity.WARNING if all(options.blanks(plan.name) for plan in failing) else Severity.ERROR
    summary: dict[str, Param] = {
        "count": total,
        "listed": len(shown),
        "columns": ", ".join(plan.name for plan in failing),
    }
    return [Problem("conversions_failed", summary, severity, sheet=grid.sheet), *shown]


def _unvalued(grid: Grid) -> list[Problem]:
    """That formulas came without their results, with what to do about it; the cells themselves are listed, too."""
    count = sum(text.startswith("=") for _, _, text in grid.error_cells)
    if not count:
        return []
    return [Problem("formulas_unvalued", {"count": count}, Severity.WARNING, sheet=grid.sheet)]


def _error_cells(grid: Grid, plans: Sequence[ColumnPlan], limits: Limits) -> list[Problem]:
    """Errors such as #DIV/0!, and formulas without a result, in text columns.

    In others they are among the cells that did not convert.
    """
    texts = {plan.source: plan.name for plan in plans if plan.verdict.type is ColumnType.TEXT}
    found = [
        Problem(
            "formula_unvalued" if text.startswith("=") else "error_cell",
            {"text": text},
            Severity.WARNING,
            sheet=grid.sheet,
            row=row,
            column=texts[f"c{column}"],
        )
        for row, column, text in grid.error_cells
        if f"c{column}" in texts
    ]
    if len(found) <= limits.listed_cells:
        return found
    params = {"count": len(found), "listed": limits.listed_cells}
    return [Problem("error_cells", params, Severity.WARNING, sheet=grid.sheet), *found[: limits.listed_cells]]


def _samples(cells: pl.DataFrame, plan: ColumnPlan) -> tuple[str, ...]:
    column = cells.get_column(plan.source).drop_nulls()
    texts = (text.strip() for text in column.unique(maintain_order=True).head(_SAMPLES * 4).to_list())
    return tuple([text[:_SAMPLE_LENGTH] for text in texts if text][:_SAMPLES])


def _as_text(frame: pl.DataFrame) -> tuple[tuple[str | None, ...], ...]:
    import polars as pl

    times = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    shown = frame.with_columns(pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S") for name in times)
    return tuple(tuple(row) for row in shown.cast(pl.String).iter_rows())

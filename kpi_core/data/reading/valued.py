"""Plans for the columns that a workbook's reader gave as numbers or times: nothing is left to parse or to fail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kpi_core.data.reading.conversion import VALUE
from kpi_core.data.reading.evidence import Evidence
from kpi_core.data.reading.grid import Grid
from kpi_core.data.reading.plan import ColumnPlan, Decisions
from kpi_core.data.reading.workbook_values import as_texts

if TYPE_CHECKING:
    import polars as pl

_EXACT = 1e15
_FIRST_YEAR = 1900


def with_plans(grid: Grid, decisions: Decisions) -> tuple[Grid, dict[str, ColumnPlan]]:
    """The plans by column, and the grid with text where there is none: by the person's say, or for long numbers."""
    kinds = {name: kind for name, kind in grid.frame.collect_schema().items() if _is_value(kind)}
    if not kinds:
        return grid, {}
    names = {f"c{at}": name for at, name in enumerate(grid.header.names)}
    found = grid.frame.select(
        answer.alias(f"{name}.{key}") for name, kind in kinds.items() for key, answer in _asked(name, kind).items()
    )
    answers = found.collect().row(0, named=True)
    plans = {}
    for source, kind in kinds.items():
        own = {key: answers[f"{source}.{key}"] for key in _asked(source, kind)}
        evidence = _evidence(own)
        if evidence is not None and names[source] not in decisions.types:
            verdict = decisions.judged(names[source], evidence)
            plans[source] = ColumnPlan(names[source], source, verdict, evidence.filled, evidence.filled, format=VALUE)
    left = grid.frame.select(name for name in kinds if name not in plans)
    texts = as_texts(left)
    return replace(grid, frame=grid.frame.with_columns(texts)) if texts else grid, plans


def _is_value(kind: pl.DataType) -> bool:
    import polars as pl

    return kind != pl.String()


def _asked(name: str, kind: pl.DataType) -> dict[str, pl.Expr]:
    import polars as pl

    cell = pl.col(name)
    if kind == pl.Float64():
        return {"filled": cell.count(), "size": cell.abs().max(), "whole": (cell == cell.floor()).sum()}
    return {
        "filled": cell.count(),
        "first": cell.min().dt.year(),
        "not_midnight": (cell.dt.truncate("1d") != cell).sum(),
    }


def _evidence(found: dict[str, Any]) -> Evidence | None:
    """What the column's text would have said; ``None`` where only the text can say it."""
    filled = found["filled"]
    if not filled:
        return None
    if "size" in found:
        return Evidence(filled, numbers=filled, whole=found["whole"]) if found["size"] < _EXACT else None
    if found["first"] < _FIRST_YEAR:
        return None
    return Evidence(filled, fixed=filled, timed=filled, not_midnight=found["not_midnight"])

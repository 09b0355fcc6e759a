"""A recipe applied to a file's cells: each step in turn, stopped at the first that cannot be taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kpi_core.data.shaping import column_steps, row_steps
from kpi_core.data.shaping.sheet import Sheet
from kpi_core.data.shaping.wanted import StepError
from kpi_core.errors import Problem
from kpi_core.model.recipe import Step
from kpi_core.vocabulary import Severity

_BY_NAME: dict[str, Callable[[Sheet, Any], Sheet]] = {
    "skip": row_steps.skip,
    "header": row_steps.header,
    "names": row_steps.names,
    "rename": column_steps.rename,
    "drop_columns": column_steps.drop_columns,
    "drop_empty": column_steps.drop_empty,
    "blocks": column_steps.blocks,
    "drop_notes": row_steps.drop_notes,
    "drop_totals": row_steps.drop_totals,
    "keep_rows": row_steps.keep_rows,
    "fill_down": row_steps.fill_down,
    "unit": column_steps.unit,
    "unpivot": column_steps.unpivot,
    "join_date": column_steps.join_date,
    "add_column": column_steps.add_column,
}


def taken(sheet: Sheet, step: Step) -> Sheet:
    """The sheet after one step. Raises ``StepError``."""
    return _BY_NAME[step.step](sheet, step)


def shaped(sheet: Sheet, steps: Sequence[Step]) -> tuple[Sheet, tuple[Problem, ...]]:
    """The sheet after all steps; where one cannot be taken, as it was before it, with the problem that blocks."""
    for number, step in enumerate(steps, start=1):
        try:
            sheet = taken(sheet, step)
        except StepError as error:
            params = {"number": number, "step": step.step, **error.params}
            return sheet, (Problem(error.code, params, Severity.ERROR, sheet=sheet.sheet or None),)
    return sheet, ()

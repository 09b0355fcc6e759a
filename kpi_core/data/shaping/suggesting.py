"""What a file's layout asks for: a recipe proposed from its cells, for a person to look at. Nothing is applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpi_core.data.shaping import seen_columns, seen_corner, seen_names, seen_rows, seen_units
from kpi_core.data.shaping.applying import taken
from kpi_core.data.shaping.sheet import Sheet
from kpi_core.data.shaping.wanted import StepError
from kpi_core.model.recipe import Header, Step

_LOOKS = (
    seen_rows.notes,
    seen_columns.gaps,
    seen_corner.label_name,
    seen_columns.side_by_side,
    seen_columns.years_once,
    seen_rows.totals,
    seen_columns.wide_periods,
    seen_columns.split_date,
    seen_columns.periods_in_words,
    seen_units.units,
    seen_names.short_names,
    seen_columns.day_of_title,
)


def suggest(sheet: Sheet) -> tuple[Step, ...]:
    """The steps that make a plain table of the sheet; none where the usual reading does already."""
    plain = seen_rows.header_steps(sheet)
    steps = list(plain)
    sheet = _after(sheet, steps)
    sheet = replace(sheet, corner=seen_corner.corner_unit(sheet))
    for look in _LOOKS:
        found = look(sheet)
        try:
            sheet = _after(sheet, found)
        except StepError:
            if look is not seen_columns.wide_periods:  # a year only the person knows is asked for
                continue
            steps += found
            break
        steps += found
    usual = len(steps) == len(plain) and not any(isinstance(step, Header) and step.rows > 1 for step in plain)
    return () if usual else tuple(steps)


def _after(sheet: Sheet, steps: Sequence[Step]) -> Sheet:
    for step in steps:
        sheet = taken(sheet, step)
    return sheet

"""What a file's layout asks for: a recipe proposed from its cells, for a person to look at. Nothing is applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pydantic import ValidationError

from kpi_core.data.shaping import seen_columns, seen_corner, seen_names, seen_rows, seen_units
from kpi_core.data.shaping.applying import taken
from kpi_core.data.shaping.sheet import Sheet
from kpi_core.data.shaping.wanted import StepError
from kpi_core.model.recipe import Header, Step, Unit, Unpivot

Look = Callable[[Sheet], tuple[Step, ...]]

_LOOKS: tuple[Look, ...] = (
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
    seen_names.names_in_full,
    seen_columns.day_of_title,
)


def suggest(sheet: Sheet) -> tuple[Step, ...]:
    """The steps that make a plain table of the sheet; none where the usual reading does already."""
    plain = seen_rows.header_steps(sheet)
    sheet = _after(sheet, plain)
    sheet = replace(sheet, corner=seen_corner.corner_unit(sheet))
    found = _found(sheet, _LOOKS)
    if sheet.corner and not any(isinstance(step, Unit) and step.unit == sheet.corner for step in found):
        found = _found(sheet, [look for look in _LOOKS if look is not seen_corner.label_name])  # its word stays
    usual = not found and not any(isinstance(step, Header) and step.rows > 1 for step in plain)
    return () if usual else (*plain, *found)


def _found(sheet: Sheet, looks: Sequence[Look]) -> list[Step]:
    """What each look asks for, after what the ones before it did."""
    steps: list[Step] = []
    for look in looks:
        try:
            found = look(sheet)
        except ValidationError:  # a name or a word too long for a step
            continue
        try:
            sheet = _after(sheet, found)
        except StepError:
            if look is not seen_columns.wide_periods:
                continue
            try:  # a year only the person knows is asked for; what follows is the same for any
                sheet = _after(sheet, [_in_a_year(step) for step in found])
            except StepError:
                return [*steps, *found]
        steps += found
    return steps


def _in_a_year(step: Step) -> Step:
    return step.model_copy(update={"year": step.year or 2000}) if isinstance(step, Unpivot) else step


def _after(sheet: Sheet, steps: Sequence[Step]) -> Sheet:
    for step in steps:
        sheet = taken(sheet, step)
    return sheet

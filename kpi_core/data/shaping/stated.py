"""What a file itself says of the year and the units that a recipe has fixed: its title, its name, its header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kpi_core.data.shaping.applying import taken
from kpi_core.data.shaping.periods import split_name
from kpi_core.data.shaping.seen_columns import stated_year
from kpi_core.data.shaping.seen_corner import corner_unit
from kpi_core.data.shaping.seen_units import unit_of
from kpi_core.data.shaping.sheet import Sheet
from kpi_core.data.shaping.units import bare_name, scale_of
from kpi_core.data.shaping.wanted import StepError
from kpi_core.model.recipe import Header, Names, Rename, Step, Unit, Unpivot


def stated_otherwise(sheet: Sheet, steps: Sequence[Step]) -> tuple[tuple[int, Step], ...]:
    """The steps, by their place from 0, that the file states otherwise: another fiscal year, other units.

    A year that the file does not state at all is given as ``None``. A place comes twice where the columns of one step
    are in different units by now. A step that cannot be taken is passed over.
    """
    found: list[tuple[int, Step]] = []
    called: dict[str, str] = {}  # a column by its name now → as the file calls it
    for at, step in enumerate(steps):
        if isinstance(step, Unpivot) and _needs_year(sheet, step):
            year = stated_year(sheet, step.start, step.year)
            if year != step.year:
                found.append((at, step.model_copy(update={"year": year})))
        elif isinstance(step, Unit):
            found += [(at, one) for one in _in_units(sheet, step, called)]
        elif isinstance(step, Rename):
            called |= {new: called.get(old, old) for old, new in step.names}
        try:
            sheet = taken(sheet, step)
        except StepError:
            continue
        if isinstance(step, Header | Names):
            sheet = replace(sheet, corner=corner_unit(sheet))
    return tuple(found)


def _needs_year(sheet: Sheet, step: Unpivot) -> bool:
    """Whether columns are periods without a year; also where none is found, as the header may have moved."""
    read = [split_name(name)[0] for name in step.columns or sheet.names]
    periods = [written for written in read if written is not None]
    return not periods or any(written.year is None for written in periods)


def _in_units(sheet: Sheet, step: Unit, called: Mapping[str, str]) -> list[Step]:
    """The step by the units that its columns are stated in; none where that changes no number."""
    grouped: dict[str, list[str]] = {}
    for name in step.columns:
        grouped.setdefault(_stated_unit(sheet, name, called) or step.unit, []).append(name)
    if all(scale_of(unit) == scale_of(step.unit) for unit in grouped):
        return []
    return [step.model_copy(update={"columns": tuple(names), "unit": unit}) for unit, names in grouped.items()]


def _stated_unit(sheet: Sheet, name: str, called: Mapping[str, str]) -> str | None:
    """The unit of a column as the file calls it, of one that is called the same but for the unit, or of the table."""
    if name in called:
        return unit_of(sheet, called[name])
    there = name if name in sheet.names else None
    there = there or next((one for one in sheet.names if bare_name(one) == bare_name(name)), None)
    return unit_of(sheet, there or name)

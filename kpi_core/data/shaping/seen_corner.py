"""The cell of a header over the labels: a unit that is said of the table, or nothing at all."""

from __future__ import annotations

from kpi_core.data.reading.header import is_unnamed, is_value
from kpi_core.data.shaping.periods import period_in
from kpi_core.data.shaping.sheet import Sheet
from kpi_core.data.shaping.units import only_unit
from kpi_core.model.recipe import JOINT, Rename, Step

ITEM = "項目"
"""What a column of labels is called where the file does not say."""

_WORDS = 0.5


def is_nameless(name: str) -> bool:
    """Whether a name only stands for one: column_1, （人）."""
    return is_unnamed(name) or all(only_unit(part) for part in name.split(JOINT))


def corner_unit(sheet: Sheet) -> str | None:
    """The unit that stands over the labels, where the first filled column is one of labels or periods."""
    name, cells = _first(sheet)
    if not cells or sum(is_value(cell) and period_in(cell) is None for cell in cells) >= _WORDS * len(cells):
        return None
    return next((unit for part in name.split(JOINT) if (unit := only_unit(part))), None)


def label_name(sheet: Sheet) -> tuple[Step, ...]:
    """A name for the column of labels that has none, or whose name holds a unit for the whole table."""
    name, cells = _first(sheet)
    if not sheet.header or not cells:
        return ()
    if sum(is_value(cell) or period_in(cell) is not None for cell in cells) >= _WORDS * len(cells):
        return ()  # a column of periods is named after what it becomes, one of numbers only by a person
    words = [] if is_unnamed(name) else [part for part in name.split(JOINT) if not only_unit(part)]
    new = JOINT.join(words) or ITEM
    if new == name or new in sheet.names:
        return ()
    return (Rename(step="rename", names=((name, new),)),)


def _first(sheet: Sheet) -> tuple[str, list[str]]:
    """The first column that is not empty, and its filled cells."""
    for name in sheet.names:
        cells = [str(cell) for cell in sheet.cells[name].drop_nulls().to_list()]
        if cells:
            return name, cells
    return "", []

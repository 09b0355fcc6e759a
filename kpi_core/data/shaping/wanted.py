"""What a step needs and a file does not have."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

from kpi_core.data.shaping.sheet import Sheet
from kpi_core.errors import Param

_ALIKE = 60


class StepError(Exception):
    """A step cannot be taken: ``code`` under ``reading.problems``."""

    def __init__(self, code: str, **params: Param) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def existing(sheet: Sheet, columns: Iterable[str]) -> None:
    """Raises ``StepError`` for a column that is not there, with the name nearest to it."""
    for column in columns:
        if column not in sheet.names:
            if near := nearest(column, sheet.names):
                raise StepError("step_column_near", name=column, near=near)
            raise StepError("step_column_missing", name=column)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The most similar of ``names``, if one is similar at all."""
    found = process.extractOne(name, list(names), scorer=fuzz.WRatio, score_cutoff=_ALIKE)
    return None if found is None else str(found[0])

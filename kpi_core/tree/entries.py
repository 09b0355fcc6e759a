"""What goes into an evaluation: measured values, manual entries and targets, laid out as rows and columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from kpi_core.model.base import PeriodValue
from kpi_core.model.node import Node
from kpi_core.model.period import grain_of_key
from kpi_core.tree.arithmetic import Calendar, Matrix
from kpi_core.vocabulary import Grain

Values = Mapping[str, Mapping[str, float]]
"""Node code → period key → value; keys of all grains together, a missing key is unmeasured."""


@dataclass(frozen=True)
class Entries:
    """Measured values, manual entries and targets by node and period key.

    ``whole``: what was measured is there at every grain, so that a coarser period it lacks has no value.
    """

    measured: Values
    manual: Values
    targets: Values
    whole: bool = False

    def grains(self) -> frozenset[Grain]:
        """The grains that manual entries and targets speak of."""
        return frozenset(
            grain_of_key(key) for values in (self.manual, self.targets) for stated in values.values() for key in stated
        )


def entries(nodes: Iterable[Node], values: Values, *, segment: bool, whole: bool) -> Entries:
    """The entries of a workshop's nodes; for a segment only what was measured, since the rest speaks of the whole."""
    if segment:
        return Entries(values, {}, {}, whole)
    nodes = tuple(nodes)
    manual = {node.code: _by_period(node.manual) for node in nodes if node.manual}
    targets = {node.code: _by_period(node.targets) for node in nodes if node.targets}
    return Entries(values, manual, targets, whole)


def _by_period(stated: Sequence[PeriodValue]) -> dict[str, float]:
    return {entry.period: float(entry.value) for entry in stated}


def layout(values: Values, rows: Mapping[str, int], keys: Sequence[str]) -> Matrix:
    """The values as a matrix, one row a node and an empty one at the end; NaN where there is no finite value."""
    matrix = np.full((len(rows) + 1, len(keys)), np.nan)
    if not values:
        return matrix
    all_keys = itemgetter(*keys) if len(keys) > 1 else None
    for code, known in values.items():
        row = rows.get(code)
        if row is None or not known:
            continue
        try:
            matrix[row] = all_keys(known) if all_keys else known[keys[0]]  # three times as fast as a loop
        except KeyError:
            matrix[row] = [known.get(key, np.nan) for key in keys]
    matrix[~np.isfinite(matrix)] = np.nan
    return matrix


def calendar_of(years: Sequence[int], first_is_complete: bool) -> Calendar:
    """The calendar of columns whose fiscal years are ``years``."""
    starts = [at for at, year in enumerate(years) if at == 0 or year != years[at - 1]]
    ends = [*starts[1:], len(years)]
    return Calendar(
        tuple((start, end, start > 0 or first_is_complete) for start, end in zip(starts, ends, strict=True))
    )

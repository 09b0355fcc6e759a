"""One node split by a dimension: the parts of a period's value, and each part's course over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kpi_core.model.period import Period
from kpi_core.services.evaluating import evaluate
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State

#: As many segments have a panel of their own; the rest is one more.
MOST_PANELS = 5


@dataclass(frozen=True)
class Segment:
    """One cell of the dimension (``None``: empty cells); a value per period, ``None`` = no value."""

    name: str | None
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Split:
    """``segments`` have a value in the last of ``periods``, the largest first; ``without`` had one only before."""

    periods: tuple[Period, ...]
    segments: tuple[Segment, ...]
    without: tuple[str | None, ...]

    @property
    def latest(self) -> tuple[tuple[str | None, float | None], ...]:
        """Each segment's value in the last period."""
        return tuple((one.name, one.values[-1]) for one in self.segments)

    def panels(self, most: int = MOST_PANELS) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
        """The segments that have a panel, and the rest; a rest of one has its own."""
        cut = most if len(self.segments) > most + 1 else most + 1
        return self.segments[:cut], self.segments[cut:]


def split_of(state: State, workshop_id: str, periods: Sequence[Period], code: str, by: str, *, today: date) -> Split:
    """The node's values over ``periods`` for each cell of the column ``by``."""
    snapshot(state, workshop_id)
    first, last = periods[0], periods[-1]
    found = evaluate(
        state,
        workshop_id,
        grain=last.grain,
        first=first.key,
        last=last.key,
        nodes=[code],
        by=by,
        today=today,
    )
    courses = [
        Segment(name or None, tuple(None if math.isnan(value) else float(value) for value in series.actual))
        for (_, name), series in found.series.items()
        if name is not None
    ]
    present = [(one.values[-1], one) for one in courses]
    measured = sorted(((value, one) for value, one in present if value is not None), key=lambda pair: -pair[0])
    without = tuple(one.name for value, one in present if value is None)
    return Split(found.periods, tuple(one for _, one in measured), without)


def added(segments: Sequence[Segment]) -> tuple[float | None, ...]:
    """Their sum per period, of the values that are known; ``None`` where none is."""
    columns = [
        [value for value in column if value is not None]
        for column in zip(*(one.values for one in segments), strict=True)
    ]
    return tuple(sum(column) if column else None for column in columns)

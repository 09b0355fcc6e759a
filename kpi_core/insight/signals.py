"""Signal or noise: a series beside its own usual variation (XmR chart, Shewhart and Wheeler).

Limits are mean ± 2.66 x the mean moving range between neighbouring periods. A signal is a point outside them, or eight
points in a row on one side of the mean. Nothing is deseasonalised: what comes back every year is part of the usual
variation, and the limits are the wider for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_core.vocabulary import Variation

Numbers = NDArray[np.float64]

#: Fewer points than this make no limits worth drawing.
LEAST_POINTS = 10
#: This many in a row on one side of the mean are a signal.
RUN = 8
#: 3 / 1.128, the constant of moving ranges of two.
WIDTH = 2.66
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Signals:
    """Limits of a series, and what each point says, in the series' order.

    ``outside`` and ``run`` mark points beyond a limit and points of a run; all false without limits.
    ``points`` counts the values. ``latest`` speaks of the last point of the series; without a value there it is not
    enough data.
    """

    mean: float | None
    lower: float | None
    upper: float | None
    outside: tuple[bool, ...]
    run: tuple[bool, ...]
    points: int
    latest: Variation


def signals(values: Numbers) -> Signals:
    """What is a signal in a series of ended periods, oldest first; NaN = no value.

    A gap breaks a run and has no moving range; a point on the mean is on neither side.
    """
    known = np.isfinite(values)
    points = int(known.sum())
    ranges = np.abs(np.diff(values))
    ranges = ranges[np.isfinite(ranges)]
    nothing = (False,) * len(values)
    if points < LEAST_POINTS or not len(ranges):
        return Signals(None, None, None, nothing, nothing, points, Variation.NOT_ENOUGH_DATA)
    mean = float(values[known].mean())
    reach = WIDTH * float(ranges.mean())
    slack = _ROUNDING * max(abs(mean), reach)
    away = np.where(known, values - mean, 0.0)
    outside = np.abs(away) > reach + slack
    run = _runs(np.where(np.abs(away) > slack, np.sign(away), 0.0))
    latest = Variation.NOT_ENOUGH_DATA
    if known[-1]:
        latest = Variation.SIGNAL if outside[-1] or run[-1] else Variation.USUAL
    return Signals(mean, mean - reach, mean + reach, tuple(outside.tolist()), tuple(run.tolist()), points, latest)


def _runs(sides: Numbers) -> NDArray[np.bool_]:
    """The points of every stretch of at least ``RUN`` neighbours on one side (+1 or -1; 0 is on none)."""
    marked = np.zeros(len(sides), dtype=np.bool_)
    begun = 0
    for at in range(1, len(sides) + 1):
        if at == len(sides) or sides[at] != sides[begun]:
            marked[begun:at] = sides[begun] != 0 and at - begun >= RUN
            begun = at
    return marked

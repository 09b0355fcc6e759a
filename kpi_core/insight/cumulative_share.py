"""The rest of a year by how much of earlier years was reached by the same point: total = year to date ÷ that share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def cumulative_share(years: Sequence[Numbers], reached: float) -> float:
    """Σ over earlier full years of what was there after the share ``reached`` (0-1) of their periods, ÷ Σ totals.

    Years of 52 and 53 weeks are compared by the share of their weeks. NaN where the totals add up to 0.
    """
    totals = sum(float(year.sum()) for year in years)
    there = sum(float(np.interp(reached * len(year), np.arange(len(year) + 1), _running(year))) for year in years)
    return there / totals if totals else float("nan")


def rest_of_year(years: Sequence[Numbers], to_date: Numbers, periods: int) -> Numbers | str:
    """The periods of a year of ``periods`` that follow those of ``to_date``, or a code for why they cannot be told.

    ``no_full_year``: no earlier year has all its periods; ``year_not_begun``: nothing of this one is known;
    ``nothing_to_date``: earlier years had nothing by now, so what there is tells nothing of the total.
    """
    if not years:
        return "no_full_year"
    if not len(to_date):
        return "year_not_begun"
    steps = np.arange(len(to_date), periods + 1) / periods
    shares = np.array([cumulative_share(years, step) for step in steps])
    if not np.isfinite(shares).all() or shares[0] <= 0:
        return "nothing_to_date"
    total = float(to_date.sum()) / shares[0]
    rest: Numbers = total * np.diff(shares)
    return rest


def _running(year: Numbers) -> Numbers:
    return np.concatenate([[0.0], np.cumsum(year)])

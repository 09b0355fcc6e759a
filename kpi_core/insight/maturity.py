"""Maturity of a conversion rate by cohort: how much of a recent cohort has not yet had the usual time to convert.

The usual time is what 90 % of conversions took. Recent cohorts show fast conversions only, so it is taken from cohorts
old enough to show slow ones too: at least twice the time that all conversions together suggest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import pandas as pd

from kpi_core.insight.proportion import wilson
from kpi_core.model.period import Period

#: The share of conversions that the usual time holds, and how many are needed to tell it.
USUAL, LEAST = 0.9, 20


@dataclass(frozen=True)
class CohortMaturity:
    """The cohort that entered in ``period``: ``converted`` of ``entered`` so far, with its 95 % Wilson interval.

    ``immature`` is the share (0-1) of its members for whom the usual time has not passed.
    """

    period: Period
    entered: int
    converted: int
    low: float | None
    high: float | None
    immature: float


@dataclass(frozen=True)
class Maturity:
    """``usual_days`` is what 9 of 10 conversions took at the most, told by ``conversions`` of them.

    ``code`` says why there is none: ``not_enough_history``; the cohorts are empty then.
    """

    usual_days: float | None
    conversions: int
    cohorts: tuple[CohortMaturity, ...]
    code: str | None = None


Days: TypeAlias = "pd.Series[pd.Timestamp]"


def usual_days(entered: Days, converted: Days, until: date) -> tuple[float, int]:
    """The usual time in days and the conversions it is told by; NaN with fewer than ``LEAST`` of them.

    A row each that converted: when it had entered, and when it converted (NaT: not known).
    """
    took = _days_between(entered, converted)
    took = took[took >= 0]
    if len(took) < LEAST:
        return float("nan"), len(took)
    first = float(took.quantile(USUAL))
    settled = took[_age(entered.loc[took.index], until) >= 2 * first]
    if len(settled) < LEAST:
        return float("nan"), len(settled)
    return float(settled.quantile(USUAL)), len(settled)


def maturity(members: Days, entered: Days, converted: Days, periods: Sequence[Period], until: date) -> Maturity:
    """The maturity of the cohorts of ``periods``; ``members`` has everyone's day of entry.

    ``entered`` and ``converted`` have a row each that converted. ``until`` is the first day the rows do not tell.
    """
    days, conversions = usual_days(entered, converted, until)
    if np.isnan(days):
        return Maturity(None, conversions, (), "not_enough_history")
    cohorts = []
    for period in periods:
        ages = _age(members[_within(members, period)], until)
        done = int(_within(entered, period).sum())
        if len(ages):
            low, high = wilson(done, len(ages)) or (None, None)
            cohorts.append(CohortMaturity(period, len(ages), done, low, high, float((ages < days).mean())))
    return Maturity(days, conversions, tuple(cohorts))


def _within(day: Days, period: Period) -> pd.Series[bool]:
    inside: pd.Series[bool] = (day >= pd.Timestamp(period.start)) & (day < pd.Timestamp(period.end))
    return inside


def _age(entered: Days, until: date) -> pd.Series[float]:
    return _days_between(entered, pd.Series(pd.Timestamp(until), index=entered.index))


def _days_between(first: Days, last: Days) -> pd.Series[float]:
    days: pd.Series[float] = (last - first).dt.total_seconds() / 86_400
    return days

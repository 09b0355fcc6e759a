"""Which period a day falls in, as a whole number a query can group by, and back to the period.

A week's number counts Mondays, a month's counts months since year 0, a quarter's and a year's those of the fiscal year.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from kpi_core.data.values import Value, as_day
from kpi_core.model.period import Period
from kpi_core.vocabulary import Grain

_FIRST_MONDAY = date(1969, 12, 29)
_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def number_of(column: Value, grain: Grain, fiscal_year_start: int) -> Value:
    """The number of the period that holds the column's day; no value where the cell is empty."""
    day = as_day(column)
    if grain is Grain.WEEK:
        return (day.epoch_days() + 3) // 7
    months = day.year().cast("int64") * 12 + day.month().cast("int64") - 1
    return months if grain is Grain.MONTH else (months - (fiscal_year_start - 1)) // _MONTHS[grain]


def number_in(period: Period) -> int:
    """The number that ``number_of`` gives the days of ``period``."""
    if period.grain is Grain.WEEK:
        return (period.start - _FIRST_MONDAY).days // 7
    months = period.start.year * 12 + period.start.month - 1
    return months if period.grain is Grain.MONTH else (months - (period.fiscal_year_start - 1)) // _MONTHS[period.grain]


def coarser(number: int, grain: Grain, to: Grain, fiscal_year_start: int) -> int:
    """The number of the period at grain ``to`` that holds the one numbered so at ``grain``; weeks lie in none."""
    months = number if grain is Grain.MONTH else number * _MONTHS[grain] + fiscal_year_start - 1
    return months if to is Grain.MONTH else (months - (fiscal_year_start - 1)) // _MONTHS[to]


@lru_cache(maxsize=8192)
def period_numbered(number: int, grain: Grain, fiscal_year_start: int) -> Period:
    """The period that ``number_of`` numbers so."""
    if grain is Grain.WEEK:
        return Period(grain, _FIRST_MONDAY + timedelta(days=7 * number), fiscal_year_start)
    offset = 0 if grain is Grain.MONTH else fiscal_year_start - 1
    months = number * _MONTHS[grain] + offset
    return Period(grain, date(months // 12, months % 12 + 1, 1), fiscal_year_start)

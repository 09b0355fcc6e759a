"""Periods: ISO weeks, months, and fiscal quarters and years, as they are written in files and compared over time.

``2026-04`` is a month, ``2026-Q1`` a fiscal quarter, ``2026`` a fiscal year (named by the calendar year it starts in),
``2026-W14`` an ISO week.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import total_ordering

from kpi_core.errors import RefusedError
from kpi_core.vocabulary import Grain

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
_WRITTEN = (
    (Grain.WEEK, re.compile(r"([0-9]{4})-W([0-9]{2})")),
    (Grain.MONTH, re.compile(r"([0-9]{4})-([0-9]{2})")),
    (Grain.QUARTER, re.compile(r"([0-9]{4})-Q([1-4])")),
    (Grain.YEAR, re.compile(r"([0-9]{4})()")),
)
#: Years that can be written: inside them every period has a successor and a predecessor.
_YEARS = range(1000, 9999)
#: From fine to coarse. Weeks do not nest in months: a week belongs to the month, quarter and year of its Thursday.
GRAINS = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@total_ordering
@dataclass(frozen=True)
class Period:
    """A stretch of days: ``start`` is its first day; ``fiscal_year_start`` (month 1-12) names quarters and years."""

    grain: Grain
    start: date
    fiscal_year_start: int = 4

    @property
    def key(self) -> str:
        """The period as it is written in files and the store."""
        if self.grain is Grain.WEEK:
            year, week, _ = self.start.isocalendar()
            return f"{year:04d}-W{week:02d}"
        if self.grain is Grain.MONTH:
            return f"{self.start.year:04d}-{self.start.month:02d}"
        if self.grain is Grain.QUARTER:
            quarter = (self.start.month - self.fiscal_year_start) % 12 // 3 + 1
            return f"{self.fiscal_year:04d}-Q{quarter}"
        return f"{self.fiscal_year:04d}"

    @property
    def fiscal_year(self) -> int:
        """The calendar year in which this period's fiscal year starts."""
        anchor = self.anchor
        return anchor.year if anchor.month >= self.fiscal_year_start else anchor.year - 1

    @property
    def anchor(self) -> date:
        """The day that decides which coarser period this one belongs to: a week's Thursday, else the first day."""
        return self.start + timedelta(days=3) if self.grain is Grain.WEEK else self.start

    @property
    def end(self) -> date:
        """The first day after the period."""
        return self.shift(1).start

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def shift(self, count: int) -> Period:
        """The period ``count`` steps later (earlier when negative)."""
        if self.grain is Grain.WEEK:
            return Period(self.grain, self.start + timedelta(days=7 * count), self.fiscal_year_start)
        months = self.start.year * 12 + self.start.month - 1 + count * _MONTHS[self.grain]
        return Period(self.grain, date(months // 12, months % 12 + 1, 1), self.fiscal_year_start)

    def at(self, grain: Grain) -> Period:
        """The period of another grain that holds this one's anchor day."""
        return period_of(self.anchor, grain, self.fiscal_year_start)

    def year_before(self) -> Period:
        """The same period of the previous year; for week 53 the last week of a previous year that has only 52."""
        if self.grain is Grain.WEEK:
            year, week, _ = self.start.isocalendar()
            last = date(year - 1, 12, 28).isocalendar().week
            return Period(self.grain, date.fromisocalendar(year - 1, min(week, last), 1), self.fiscal_year_start)
        return self.shift({Grain.MONTH: -12, Grain.QUARTER: -4}.get(self.grain, -1))

    def holds(self, other: Period) -> bool:
        """Whether all days of ``other`` are days of this one."""
        return self.start <= other.start and other.end <= self.end

    def __lt__(self, other: Period) -> bool:
        return (self.start, GRAINS.index(self.grain)) < (other.start, GRAINS.index(other.grain))


def period_of(day: date, grain: Grain, fiscal_year_start: int = 4) -> Period:
    """The period of ``grain`` that holds ``day``."""
    if grain is Grain.WEEK:
        return Period(grain, day - timedelta(days=day.weekday()), fiscal_year_start)
    if grain is Grain.MONTH:
        return Period(grain, day.replace(day=1), fiscal_year_start)
    since = (day.month - fiscal_year_start) % (3 if grain is Grain.QUARTER else 12)
    first_month = Period(Grain.MONTH, day.replace(day=1)).shift(-since)
    return Period(grain, first_month.start, fiscal_year_start)


def parse_period(text: str, fiscal_year_start: int = 4) -> Period:
    """The period that ``text`` writes (full-width characters allowed); raises ``RefusedError('period_unreadable')``."""
    narrow = unicodedata.normalize("NFKC", text).strip()
    for grain, pattern in _WRITTEN:
        match = pattern.fullmatch(narrow)
        if match and int(match[1]) in _YEARS:
            try:
                return _from_parts(grain, int(match[1]), int(match[2] or 0), fiscal_year_start)
            except ValueError:
                break
    raise RefusedError("period_unreadable", text=text)


def grain_of_key(key: str) -> Grain:
    """The grain of a period by how its key is written; that of a key which writes none is not told."""
    if "W" in key:
        return Grain.WEEK
    if "Q" in key:
        return Grain.QUARTER
    return Grain.MONTH if "-" in key else Grain.YEAR


def _from_parts(grain: Grain, year: int, number: int, fiscal_year_start: int) -> Period:
    if grain is Grain.WEEK:
        return Period(grain, date.fromisocalendar(year, number, 1), fiscal_year_start)
    if grain is Grain.MONTH:
        return Period(grain, date(year, number, 1), fiscal_year_start)
    first = Period(grain, date(year, fiscal_year_start, 1), fiscal_year_start)
    return first.shift(number - 1) if grain is Grain.QUARTER else first


def periods_between(first: Period, last: Period) -> tuple[Period, ...]:
    """All periods from ``first`` to ``last``, both included; empty when ``last`` is before ``first``."""
    periods = []
    while first.start <= last.start:
        periods.append(first)
        first = first.shift(1)
    return tuple(periods)


def periods_within(period: Period, grain: Grain) -> tuple[Period, ...]:
    """The finer periods of ``grain`` that belong to ``period`` (by their anchor day)."""
    first = period_of(period.start, grain, period.fiscal_year_start)
    found = []
    while first.anchor < period.end:
        if first.anchor >= period.start:
            found.append(first)
        first = first.shift(1)
    return tuple(found)

"""When a review meeting comes back: its next day, and the days it was held."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterator
from datetime import date, timedelta

from kpi_core.model.operation import Review
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Cadence, Weekday

#: Months between two meetings of the cadences that go by month.
_MONTHS = {Cadence.MONTH: 1, Cadence.QUARTER: 3, Cadence.YEAR: 12}
_WEEKDAYS = tuple(Weekday)
_DAYS_A_WEEK = 7


def next_meeting(review: Review, today: date, held: Collection[date] = (), fiscal_year_start: int = 4) -> date | None:
    """The day the review is due next: today or later, and not a day on which it was ``held`` already.

    Weekly: its weekday. Monthly: its day of the month (the month's last where the month is shorter), else the first of
    its weekday in the month. Quarterly and yearly: likewise, in the first month of each fiscal quarter or year, when
    the one before can be looked at. Daily: every day. ``None`` while the weekday or day is not decided.
    """
    return next((day for day in _due(review, today, fiscal_year_start) if day >= today and day not in held), None)


def _due(review: Review, today: date, fiscal_year_start: int) -> Iterator[date]:
    """Days the review is due, in order, from the month of ``today`` on; as many as can matter."""
    if review.cadence in _MONTHS:
        step = _MONTHS[review.cadence]
        months = range(today.year * 12 + today.month - 1, today.year * 12 + today.month + 3 * 12)
        days = (_day_in(review, *divmod(month, 12)) for month in months if (month - fiscal_year_start + 1) % step == 0)
        yield from (day for day in days if day is not None)
        return
    ahead = (today + timedelta(days=count) for count in range(8 * _DAYS_A_WEEK))
    if review.cadence is Cadence.DAY:
        yield from ahead
    elif review.weekday is not None:
        yield from (day for day in ahead if _WEEKDAYS[day.weekday()] is review.weekday)


def _day_in(review: Review, year: int, month_from_0: int) -> date | None:
    month = month_from_0 + 1
    if review.day is not None:
        return date(year, month, min(review.day, monthrange(year, month)[1]))
    if review.weekday is None:
        return None
    wanted = _WEEKDAYS.index(review.weekday)
    return date(year, month, 1 + (wanted - date(year, month, 1).weekday()) % _DAYS_A_WEEK)


def held_days(workshop: Workshop, review: str) -> frozenset[date]:
    """The days on which a review was held, as recorded by its meetings and revisions."""
    held = [(meeting.review, meeting.held_on) for meeting in workshop.meetings]
    held += [(revision.review, revision.held_on) for revision in workshop.revisions if revision.review]
    return frozenset(day for code, day in held if code == review)

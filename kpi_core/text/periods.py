"""How periods, days and moments are written for people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_datetime as babel_datetime
from babel.dates import format_skeleton, format_timedelta

from kpi_core.text import say
from kpi_core.vocabulary import Language

#: ``full``: 2026年度Q1 (4–6月); ``name``: 2026年度Q1; ``axis``: the shortest that is understood beside its neighbours.
PeriodStyle = Literal["full", "name", "axis"]

_MOMENT = {Language.JA: "y年M月d日 HH:mm", Language.EN: "MMM d, y, HH:mm"}


class Keyed(Protocol):
    """A period of the model (this layer lies below it)."""

    @property
    def key(self) -> str: ...
    @property
    def fiscal_year_start(self) -> int: ...


def format_period(
    period: Keyed | str, language: Language, fiscal_year_start: int = 4, *, style: PeriodStyle = "full"
) -> str:
    """A period or its key in words; raises ``ValueError`` for a key that is none.

    Fiscal years are named by the calendar year they start in. ``axis`` leaves the year out of months and weeks.

    >>> format_period("2026-Q1", Language.JA)
    '2026年度Q1 (4–6月)'
    >>> format_period("2026-W14", Language.EN)
    'Week 14, 2026 (Mar 30–Apr 5)'
    """
    if isinstance(period, str):
        return _written(period, language, fiscal_year_start, style)
    return _written(period.key, language, period.fiscal_year_start, style)


@lru_cache(maxsize=4096)
def _written(key: str, language: Language, fiscal_year_start: int, style: PeriodStyle) -> str:
    year, _, part = key.partition("-")
    if not part:
        return say("numbers.period.year", language, year=int(year))
    if part.startswith("Q"):
        return _quarter(int(year), int(part[1:]), language, fiscal_year_start, style)
    if part.startswith("W"):
        return _week(int(year), int(part[1:]), language, style)
    return format_month(date(int(year), int(part), 1), language, year=style != "axis")


def format_month(day: date, language: Language, *, year: bool = True) -> str:
    """``2026年4月`` / ``Apr 2026``; without the year ``4月`` / ``Apr``."""
    return str(format_skeleton("yMMM" if year else "MMM", day, locale=language.value))


def format_date(day: date, language: Language, *, year: bool = True, weekday: bool = False) -> str:
    """``2026年4月1日`` / ``Apr 1, 2026``; without the year ``4/1`` / ``Apr 1``; ``weekday`` adds ``(水)`` / ``Wed``."""
    if year:
        return str(format_skeleton("yMMMEd" if weekday else "yMMMd", day, locale=language.value))
    if weekday:
        return str(format_skeleton("MMMEd", day, locale=language.value))
    return str(format_skeleton("Md" if language is Language.JA else "MMMd", day, locale=language.value))


def format_datetime(moment: datetime, language: Language, timezone: str = "Asia/Tokyo") -> str:
    """A moment in the workshop's time zone, 24 hours: ``2026年4月1日 09:05``. A naive moment is taken as UTC."""
    local = _aware(moment).astimezone(ZoneInfo(timezone))
    return str(babel_datetime(local, _MOMENT[language], locale=language.value))


def ago(moment: datetime, language: Language, *, now: datetime | None = None) -> str:
    """How long since ``moment``: ``3分前`` / ``3 minutes ago``; under a minute, or ahead of ``now``, "just now"."""
    passed = _aware(now or datetime.now(UTC)) - _aware(moment)
    if passed < timedelta(minutes=1):
        return say("numbers.just_now", language)
    words = str(format_timedelta(-passed, add_direction=True, threshold=1, locale=language.value))
    return words.replace(" ", "") if language is Language.JA else words


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _quarter(year: int, number: int, language: Language, fiscal_year_start: int, style: PeriodStyle) -> str:
    if not 1 <= number <= 4:
        raise ValueError(f"{year}-Q{number}")
    if style != "full":
        return say("numbers.period.quarter_axis", language, year=year, number=number)
    months = [(fiscal_year_start - 1 + 3 * (number - 1) + offset) % 12 + 1 for offset in (0, 2)]
    names = [
        month if language is Language.JA else format_month(date(year, month, 1), language, year=False)
        for month in months
    ]
    return say("numbers.period.quarter", language, year=year, number=number, first=names[0], last=names[1])


def _week(year: int, number: int, language: Language, style: PeriodStyle) -> str:
    monday = date.fromisocalendar(year, number, 1)
    if style == "axis":
        return say("numbers.period.week_axis", language, number=number)
    first, last = (format_date(monday + timedelta(days=days), language, year=False) for days in (0, 6))
    text = say("numbers.period.week", language, year=year, number=number, first=first, last=last)
    return text if style == "full" else text.partition(" (")[0]

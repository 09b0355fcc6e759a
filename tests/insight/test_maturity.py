"""Cohorts that are too young to judge, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from kpi_core.insight.maturity import maturity, usual_days
from kpi_core.insight.proportion import wilson
from kpi_core.model.period import parse_period, periods_between


def days(*values: date | None) -> pd.Series:
    return pd.to_datetime(pd.Series(list(values), dtype="object"))


def cohort(start: date, delays: list[int]) -> tuple[list[date], list[date]]:
    return [start] * len(delays), [start + timedelta(days=delay) for delay in delays]


def test_the_usual_time_is_what_9_of_10_conversions_took() -> None:
    # 1 to 21 days: the 90 % quantile of 21 values is the 19th
    entered, converted = cohort(date(2026, 1, 5), list(range(1, 22)))
    assert usual_days(days(*entered), days(*converted), date(2026, 6, 1)) == (19, 21)


def test_young_cohorts_do_not_make_conversions_look_fast() -> None:
    # 21 old conversions of 1 to 21 days; 30 of last week's cohort, all within a day, the only ones it can show yet
    entered, converted = cohort(date(2026, 1, 5), list(range(1, 22)))
    young_in, young_out = cohort(date(2026, 5, 25), [1] * 30)
    found, count = usual_days(days(*entered, *young_in), days(*converted, *young_out), date(2026, 6, 1))
    assert (found, count) == (19, 21)


def test_the_share_of_a_cohort_whose_time_has_not_passed() -> None:
    entered, converted = cohort(date(2026, 1, 5), list(range(1, 22)))
    # April: all 4 entered more than 19 days before 1 June; May: 13 May is 19 days old, 14 and 30 May are younger
    members = [*entered, *[date(2026, 4, 10)] * 4, date(2026, 5, 13), date(2026, 5, 14), date(2026, 5, 30)]
    young = maturity(
        days(*members),
        days(*entered, date(2026, 4, 10)),
        days(*converted, date(2026, 4, 12)),
        periods_between(parse_period("2026-01"), parse_period("2026-05")),
        date(2026, 6, 1),
    )
    assert young.usual_days == pytest.approx(19, abs=1)
    january, april, may = young.cohorts
    assert (january.entered, january.converted, january.immature) == (21, 21, 0)
    assert (april.period.key, april.entered, april.converted, april.immature) == ("2026-04", 4, 1, 0)
    assert (april.low, april.high) == pytest.approx(wilson(1, 4))
    assert (may.entered, may.converted, may.immature) == (3, 0, pytest.approx(2 / 3))


def test_too_few_conversions_tell_no_usual_time() -> None:
    entered, converted = cohort(date(2026, 1, 5), [3] * 19)
    found = maturity(days(*entered), days(*entered), days(*converted), (), date(2026, 6, 1))
    assert (found.usual_days, found.conversions, found.code) == (None, 19, "not_enough_history")


def test_conversions_before_the_entry_or_without_a_day_do_not_count() -> None:
    entered, converted = cohort(date(2026, 1, 5), [5] * 20)
    odd = maturity(
        days(*entered, date(2026, 1, 5), date(2026, 1, 5)),
        days(*entered, date(2026, 1, 5), date(2026, 1, 5)),
        days(*converted, date(2025, 12, 1), None),
        (parse_period("2026-01"),),
        date(2026, 6, 1),
    )
    assert (odd.usual_days, odd.conversions, odd.cohorts[0].converted) == (5, 20, 22)

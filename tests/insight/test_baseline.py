"""A target beside its baseline; numbers worked by hand."""

from __future__ import annotations

import pytest

from kpi_core.insight.baseline import level, step
from kpi_core.model.period import parse_period
from kpi_core.vocabulary import Grain


@pytest.mark.parametrize(
    ("period", "grain", "adds_up", "expected"),
    [
        ("2025", Grain.MONTH, True, 10),  # 120 over 12 months
        ("2025", Grain.QUARTER, True, 30),
        ("2025-Q2", Grain.MONTH, True, 40),
        ("2025", Grain.MONTH, False, 120),  # a rate is the same in every month
        ("2025-04", Grain.MONTH, True, 120),
        ("2025-04", Grain.QUARTER, True, None),  # a month says nothing of a quarter
    ],
)
def test_a_baseline_is_put_on_the_level_of_one_period(period, grain, adds_up, expected) -> None:
    assert level(120, parse_period(period), grain, adds_up=adds_up) == expected


def test_a_years_baseline_is_compared_with_the_sum_of_the_targets() -> None:
    found = step(400, parse_period("2025"), [100, 150, 120, 130], adds_up=True)
    assert found is not None
    assert (found.target, found.change, found.share) == (500, 100, 0.25)


def test_a_year_with_a_gap_or_a_months_baseline_is_not_compared() -> None:
    assert step(400, parse_period("2025"), [100, None, 120, 130], adds_up=True) is None
    assert step(40, parse_period("2025-04"), [100, 150], adds_up=True) is None
    assert step(40, parse_period("2025"), [None, None], adds_up=False) is None


def test_a_rate_is_compared_with_its_last_target() -> None:
    found = step(0.20, parse_period("2025-12"), [0.21, 0.25, None], adds_up=False)
    assert found is not None
    assert (found.target, round(found.change, 12)) == (0.25, 0.05)


@pytest.mark.parametrize("start", [0, -5])
def test_no_relative_change_from_nothing_or_less(start: float) -> None:
    found = step(start, parse_period("2025"), [10], adds_up=False)
    assert found is not None
    assert found.share is None

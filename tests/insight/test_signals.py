"""XmR limits and signals, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kpi_core.insight.signals import LEAST_POINTS, signals
from kpi_core.vocabulary import Variation

NONE = float("nan")


def series(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def test_limits_are_the_mean_and_2_66_mean_moving_ranges() -> None:
    # ten points between 10 and 12: mean 11; nine ranges of 2: limits 11 ± 2.66 x 2 = 5.68 and 16.32
    found = signals(series(10, 12, 10, 12, 10, 12, 10, 12, 10, 12))
    assert (found.mean, found.lower, found.upper) == pytest.approx((11, 5.68, 16.32))
    assert not any(found.outside + found.run)
    assert found.latest is Variation.USUAL


def test_a_point_beyond_a_limit_is_a_signal() -> None:
    # 10 12 ... 30: sum 9 x 11 - 1 + 30 = 128, mean 12.8; ranges 8 x 2 + 20 = 36 / 9 = 4; upper 12.8 + 10.64 = 23.44
    found = signals(series(10, 12, 10, 12, 10, 12, 10, 12, 10, 30))
    assert found.mean == pytest.approx(12.8)
    assert found.upper == pytest.approx(23.44)
    assert found.outside == (False,) * 9 + (True,)
    assert found.latest is Variation.SIGNAL


def test_eight_in_a_row_on_one_side_are_a_signal_and_seven_are_not() -> None:
    # eight of 10 and 11 then eight of 14 and 15: mean 12.5
    low, high = (10, 11, 10, 11, 10, 11, 10, 11), (14, 15, 14, 15, 14, 15, 14, 15)
    found = signals(series(*low, *high))
    assert found.run == (True,) * 16
    assert found.latest is Variation.SIGNAL
    shorter = signals(series(*low[1:], *high[1:]))  # seven each, mean 12.57 between the levels
    assert shorter.run == (False,) * 14
    assert shorter.latest is Variation.USUAL


def test_a_missing_period_breaks_a_run_and_has_no_moving_range() -> None:
    low, high = (10, 11, 10, 11, 10, 11, 10, 11), (14, 15, 14, 15, 14, 15, 14)
    found = signals(series(*low, *high[:4], NONE, *high[4:], NONE, 14))
    assert found.run == (True,) * 8 + (False,) * 10
    # eleven steps of one within the stretches and one of 3 between them: (7 + 3 + 3 + 2) / 13
    assert found.upper - found.mean == pytest.approx(2.66 * 15 / 13)


def test_a_constant_series_has_no_signal() -> None:
    found = signals(np.full(30, 0.1))
    assert not any(found.outside + found.run)
    assert found.latest is Variation.USUAL


def test_too_few_points_are_not_enough_data() -> None:
    found = signals(np.arange(float(LEAST_POINTS - 1)))
    assert (found.mean, found.points, found.latest) == (None, LEAST_POINTS - 1, Variation.NOT_ENOUGH_DATA)
    assert signals(series()).latest is Variation.NOT_ENOUGH_DATA


def test_without_a_latest_value_nothing_is_said_of_it() -> None:
    found = signals(series(*range(10), NONE))
    assert found.mean == pytest.approx(4.5)
    assert found.latest is Variation.NOT_ENOUGH_DATA

"""Scores and colours, with every number worked by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.insight.achievement import Standing, elapsed_share, standing, standings
from kpi_core.model.node import Node
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Settings
from kpi_core.vocabulary import Grain, Status

SETTINGS = Settings(name="w", fiscal_year_start=4)
AFTER = date(2027, 4, 1)
GREEN, AMBER, RED, GREY = Status.ON_TRACK, Status.WATCH, Status.OFF_TRACK, Status.NONE


def stand(
    actual: float | None,
    target: float | None = None,
    *,
    key: str = "2026-04",
    today: date = AFTER,
    additive: bool = False,
    settings: Settings = SETTINGS,
    **card: Any,
) -> Standing:
    node = Node.model_validate({"code": "x", "kind": "kpi", **card})
    return standing(node, settings, parse_period(key, 4), actual, target, today=today, additive=additive)


@pytest.mark.parametrize(
    ("actual", "score", "status"),
    [
        # goal 100, red 80: a step of 20 is 10/3
        (100, 20 / 3, GREEN),
        (110, 25 / 3, GREEN),
        (120, 10, GREEN),
        (500, 10, GREEN),
        (99.9, 20 / 3 - 1 / 60, AMBER),
        (90, 5, AMBER),
        (80, 10 / 3, AMBER),
        (79, 10 / 3 - 1 / 6, RED),
        (60, 0, RED),
        (-500, 0, RED),
    ],
)
def test_higher_is_better_against_a_target(actual, score, status) -> None:
    found = stand(actual, 100)
    assert found.score == pytest.approx(score)
    assert found.status is status


@pytest.mark.parametrize(
    ("actual", "score", "status"),
    # goal 10, red 12
    [(10, 20 / 3, GREEN), (8, 10, GREEN), (11, 5, AMBER), (12, 10 / 3, AMBER), (13, 5 / 3, RED), (14, 0, RED)],
)
def test_lower_is_better_against_a_target(actual, score, status) -> None:
    found = stand(actual, 10, direction="down")
    assert found.score == pytest.approx(score)
    assert found.status is status


@pytest.mark.parametrize(
    ("actual", "score", "status"),
    # goal -100, red -120: a loss of 110 is halfway
    [(-100, 20 / 3, GREEN), (-80, 10, GREEN), (-110, 5, AMBER), (-120, 10 / 3, AMBER), (-140, 0, RED)],
)
def test_a_negative_target_works(actual, score, status) -> None:
    found = stand(actual, -100)
    assert found.score == pytest.approx(score)
    assert found.status is status


def test_a_negative_target_where_lower_is_better() -> None:
    # goal -10, red -8
    assert stand(-9, -10, direction="down").score == pytest.approx(5)


@pytest.mark.parametrize(
    ("actual", "direction", "score", "status"),
    [
        (0, "down", 20 / 3, GREEN),  # no complaint: 目標 0件 以下
        (1, "down", 0, RED),
        (-1, "down", 10, GREEN),
        (0, "up", 20 / 3, GREEN),  # break even
        (5, "up", 10, GREEN),
        (-0.1, "up", 0, RED),
    ],
)
def test_a_target_of_zero_is_reached_or_missed(actual, direction, score, status) -> None:
    found = stand(actual, 0, direction=direction)
    assert found == Standing(actual, 0, pytest.approx(score), status, 1.0, 0)


def test_a_target_of_zero_is_judged_alike_in_a_running_month_and_not_without_a_value() -> None:
    half = {"today": date(2026, 4, 16), "additive": True, "direction": "down"}
    assert [stand(value, 0, **half).status for value in (0, 1, None)] == [GREEN, RED, GREY]
    assert stand(0, 0, today=date(2026, 4, 2), additive=True).status is GREY  # too early, as ever


def test_thresholds_give_a_target_of_zero_its_scale() -> None:
    # goal 0, red 4: 1 is three quarters of the way
    found = stand(1, 0, direction="down", thresholds={"goal": 0, "red": 4})
    assert (found.score, found.status) == (pytest.approx(10 / 3 + 2.5), AMBER)
    assert stand(0, 0, direction="down", thresholds={"goal": 0, "red": 4}).status is GREEN


def test_thresholds_are_taken_before_the_target() -> None:
    found = stand(35, 100, thresholds={"goal": 40, "red": 30})
    assert (found.score, found.status, found.target, found.goal_to_date) == (5, AMBER, 100, 40)


def test_a_goal_that_equals_red_gives_no_score() -> None:
    assert stand(5, 5, thresholds={"goal": 5, "red": 5}).status is GREY


@pytest.mark.parametrize(
    ("actual", "score", "status"),
    # 20 to 30 is good, below 10 or above 50 is red
    [(25, 7.5, GREEN), (20, 20 / 3, GREEN), (30, 20 / 3, GREEN), (15, 5, AMBER), (40, 5, AMBER), (5, 5 / 3, RED)],
)
def test_inside_a_band_the_worse_side_counts(actual, score, status) -> None:
    band = {"goal": 20, "red": 10, "goal_upper": 30, "red_upper": 50}
    found = stand(actual, direction="range", thresholds=band)
    assert found.score == pytest.approx(score)
    assert found.status is status


def test_a_band_without_thresholds_is_not_judged() -> None:
    assert stand(25, 25, direction="range").status is GREY


def test_half_a_band_is_not_judged_as_if_more_were_better() -> None:
    half = {"goal": 20, "red": 10}
    assert stand(100, 30, direction="range", thresholds=half).status is GREY
    assert stand(100, 30, direction="range", thresholds=half | {"goal_upper": 30}).status is GREY


def test_an_upper_bound_says_nothing_where_higher_is_better() -> None:
    band = {"goal": 20, "red": 10, "goal_upper": 30, "red_upper": 50}
    assert stand(60, thresholds=band).score == 10


def test_without_a_value_or_a_goal_it_is_grey() -> None:
    assert stand(None, 10) == Standing(None, 10, None, GREY, 1.0, 10)
    assert stand(10, None) == Standing(10, None, None, GREY, 1.0, None)


@pytest.mark.parametrize(
    ("today", "elapsed", "status"),
    [
        (date(2026, 3, 31), 0, GREY),  # not begun
        (date(2026, 4, 1), 0, GREY),
        (date(2026, 4, 6), 5 / 30, GREY),  # the first 20 % of 30 days
        (date(2026, 4, 7), 6 / 30, GREEN),
        (date(2026, 4, 16), 0.5, GREEN),
        (date(2026, 4, 30), 29 / 30, AMBER),
        (date(2026, 5, 1), 1, AMBER),
    ],
)
def test_a_running_month_is_measured_against_the_goal_to_date(today, elapsed, status) -> None:
    # 27 of 30: more than 29 days' goal allows by the 16th, less than the 29 of the 30th
    found = stand(27, 30, today=today, additive=True)
    assert found.elapsed == pytest.approx(elapsed)
    assert found.status is status


def test_goal_and_red_shrink_alike_in_a_running_month() -> None:
    # half of the month: goal 15, red 12; 13.5 is halfway
    found = stand(13.5, 30, today=date(2026, 4, 16), additive=True)
    assert (found.score, found.goal_to_date, found.target) == (pytest.approx(5), 15, 30)


def test_reaching_the_prorated_goal_exactly_is_green_on_every_day() -> None:
    for day in range(7, 31):
        today = date(2026, 4, day)
        assert stand(0.1 * (day - 1) / 30, 0.1, today=today, additive=True).status is GREEN


def test_a_rate_is_not_prorated_but_still_grey_at_first() -> None:
    assert stand(0.3, 0.3, today=date(2026, 4, 16)).score == pytest.approx(20 / 3)
    assert stand(0.3, 0.3, today=date(2026, 4, 4)).status is GREY


def test_thresholds_of_a_sum_grow_with_the_period() -> None:
    thresholds = {"goal": 40, "red": 30}
    # a quarter is three months: goal 120, red 90
    assert stand(105, key="2026-Q1", additive=True, thresholds=thresholds).score == pytest.approx(5)
    assert stand(35, key="2026-Q1", thresholds=thresholds).score == pytest.approx(5)
    # the year to 30 September: 183 of 365 days of 480
    found = stand(300, key="2026", additive=True, thresholds=thresholds, today=date(2026, 10, 1))
    assert found.goal_to_date == pytest.approx(480 * 183 / 365)


def test_a_month_of_a_weekly_workshop_has_as_many_goals_as_thursdays() -> None:
    weekly = SETTINGS.model_copy(update={"grain": Grain.WEEK})
    found = stand(50, key="2026-04", additive=True, settings=weekly, thresholds={"goal": 10, "red": 8})
    assert found.goal_to_date == 50  # 2, 9, 16, 23, 30 April


def test_a_leap_year_has_one_more_day_to_share() -> None:
    assert elapsed_share(parse_period("2027", 4), date(2027, 10, 1)) == pytest.approx(183 / 366)
    assert elapsed_share(parse_period("2028-02"), date(2028, 2, 29)) == pytest.approx(28 / 29)


def test_all_periods_stand_as_each_alone() -> None:
    node = Node.model_validate({"code": "x", "kind": "kpi"})
    periods = tuple(parse_period(key, 4) for key in ("2026-04", "2026-05", "2026-06"))
    actual, target = np.array([80.0, np.nan, 120.0]), np.array([100.0, 100.0, np.nan])
    found = standings(node, SETTINGS, periods, actual, target, today=AFTER, additive=True)
    assert [item.status for item in found] == [AMBER, GREY, GREY]
    assert found[0] == stand(80, 100, additive=True)
    assert (found[1].actual, found[2].target) == (None, None)


reals = st.floats(-1e9, 1e9, allow_nan=False)


@given(reals, reals, reals.filter(lambda goal: abs(goal) > 1e-6))
def test_a_higher_value_never_scores_less_where_higher_is_better(one: float, other: float, goal: float) -> None:
    low, high = sorted((one, other))
    assert _score(low, goal, "up") <= _score(high, goal, "up")
    assert _score(low, goal, "down") >= _score(high, goal, "down")


@given(reals, reals, reals)
def test_thresholds_order_scores_by_their_own_direction(value: float, goal: float, red: float) -> None:
    found = stand(value, thresholds={"goal": goal, "red": red}).score
    assert found is None or 0 <= found <= 10
    if goal != red:
        assert stand(goal, thresholds={"goal": goal, "red": red}).status is GREEN


def _score(actual: float, goal: float, direction: str) -> float:
    found = stand(actual, goal, direction=direction).score
    assert found is not None
    return found

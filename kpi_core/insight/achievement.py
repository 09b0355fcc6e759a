"""How a value stands against its goal: a score from 0 to 10 and a colour.

score = 10/3 + 10/3 x (value - red) / (goal - red), clipped to 0-10: 10/3 at red, 20/3 at the goal. The same line serves
lower-is-better (goal below red), zero and negative goals. A target of 0 without thresholds has no way between red and
goal; there the line is its limit: 10 on the better side, 20/3 at the goal, 0 on the worse side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kpi_core.insight.goals import Goals, ToDate, goals_of
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.model.workshop import Settings
from kpi_core.vocabulary import Status

Numbers = NDArray[np.float64]

#: A running period says nothing before this share of it has passed.
TOO_EARLY = 0.2
_STEP = 10 / 3
#: A goal prorated by days is not exact to the last bit; reaching it must still be green.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Standing:
    """``score`` is 0-10; ``elapsed`` the share (0-1) of the period's days that are over, today not included, and of a
    running period those that the data reach.

    ``goal_to_date`` is the goal the value was compared with: the target (or the threshold's goal), of a node that adds
    up over time the part of it that belongs to what is measured. ``score`` is ``None`` exactly where ``status`` is
    ``NONE``.
    """

    actual: float | None
    target: float | None
    score: float | None
    status: Status
    elapsed: float
    goal_to_date: float | None


def standing(
    node: Node,
    settings: Settings,
    period: Period,
    actual: float | None,
    target: float | None,
    *,
    today: date,
    additive: bool,
) -> Standing:
    """How one value stands; see ``standings``."""
    one = [np.array([np.nan if value is None else value]) for value in (actual, target)]
    return standings(node, settings, (period,), one[0], one[1], today=today, additive=additive)[0]


def standings(
    node: Node,
    settings: Settings,
    periods: Sequence[Period],
    actual: Numbers,
    target: Numbers,
    *,
    today: date,
    additive: bool,
    known_to: date | None = None,
    measured: ToDate | None = None,
) -> tuple[Standing, ...]:
    """How a node's values (NaN = none) stand against its goals, one standing a period.

    ``additive``: whether the node's values add up over time (``code in evaluation.additive``): then thresholds, which
    are per period of the workshop's grain, are multiplied for a coarser one, and a running period's goal is prorated:
    to today, or to ``known_to``, the first day its data say nothing of, where they end within the period before today.
    ``measured`` (of an additive node) says what part of each period the values speak of: goals are that part's, in a
    running period and in one that is over alike.
    """
    reached = today if known_to is None else min(known_to, today)
    elapsed = np.array(
        [
            elapsed_share(period, reached if period.start < reached and today < period.end else today)
            for period in periods
        ],
        dtype=np.float64,
    )
    goals = goals_of(node, settings, periods, target, elapsed if additive else None, measured if additive else None)
    scores = score(actual, goals)
    running = np.array([period.start <= today < period.end for period in periods], dtype=np.bool_)
    begun = np.array([period.start <= today for period in periods], dtype=np.bool_)
    scores[~begun | (running & (elapsed < TOO_EARLY))] = np.nan
    statuses = statuses_of(scores)
    return tuple(
        Standing(_number(value), _number(aim), _number(points), status, float(share), _number(goal))
        for value, aim, points, status, share, goal in zip(
            actual, target, scores, statuses, elapsed, goals.goal, strict=True
        )
    )


def elapsed_share(period: Period, today: date) -> float:
    """The share of a period's days that are over before ``today``: 0 before and on its first day, 1 after its last."""
    return min(max((today - period.start).days / period.days, 0.0), 1.0)


def score(actual: Numbers, goals: Goals) -> Numbers:
    """0-10 for each value; NaN without a value or goal, or with equal thresholds. In a band the worse side counts."""
    points = _points(actual, goals.goal, goals.red)
    if goals.exact is not None:
        better = (actual - goals.goal) * goals.exact
        limit = np.where(better > 0, 10.0, np.where(better < 0, 0.0, 2 * _STEP))
        points = np.where((goals.exact != 0) & np.isfinite(better), limit, points)
    if goals.goal_upper is not None and goals.red_upper is not None:
        points = np.minimum(points, _points(actual, goals.goal_upper, goals.red_upper))
    return points


def statuses_of(scores: Numbers) -> tuple[Status, ...]:
    """Green from 20/3, amber from 10/3, red below; grey without a score."""
    return tuple(_status(float(points)) for points in scores)


def _status(points: float) -> Status:
    if np.isnan(points):
        return Status.NONE
    if points >= 2 * _STEP - _ROUNDING:
        return Status.ON_TRACK
    return Status.WATCH if points >= _STEP - _ROUNDING else Status.OFF_TRACK


def _points(actual: Numbers, goal: Numbers, red: Numbers) -> Numbers:
    with np.errstate(all="ignore"):
        way = (actual - red) / np.where(goal == red, np.nan, goal - red)
        points: Numbers = np.clip(_STEP + _STEP * way, 0.0, 10.0)
    return points


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)

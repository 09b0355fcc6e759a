"""What a value is compared with in each period: goal and red, from the node's thresholds, else from its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_core.model.node import Node
from kpi_core.model.period import GRAINS, Period, periods_within
from kpi_core.model.workshop import Settings
from kpi_core.vocabulary import Direction

Numbers = NDArray[np.float64]

#: Without thresholds, red lies this share of the target away from it.
RED_MARGIN = 0.2


@dataclass(frozen=True)
class Goals:
    """One number a period; NaN = none. ``goal_upper``/``red_upper`` bound a band from above.

    ``exact`` is not 0 where a target of 0 leaves no way between red and goal: 1 where more is better, -1 where less.
    """

    goal: Numbers
    red: Numbers
    goal_upper: Numbers | None = None
    red_upper: Numbers | None = None
    exact: Numbers | None = None


@dataclass(frozen=True)
class ToDate:
    """What is measured of each period: its part of the whole ``target``, and how many ``periods`` of the workshop's
    grain that is (one that is measured in part counts as its share; 0 = nothing is measured)."""

    target: Numbers
    periods: Numbers


def goals_of(
    node: Node,
    settings: Settings,
    periods: Sequence[Period],
    target: Numbers,
    elapsed: Numbers | None,
    measured: ToDate | None = None,
) -> Goals:
    """Goal and red for each period.

    Thresholds are taken literally. Without them the goal is the target and red lies 20 % of it on the worse side (at a
    target of 0 on the goal itself: ``exact``). A band (``range``) needs all four of its thresholds: else there is no
    red, so no score. ``elapsed`` is
    given for a node that adds up over time: the share (0-1) of each period that is over, by which goals are prorated;
    thresholds are then multiplied by the number of the workshop's periods within a coarser one. ``measured`` (of such a
    node) says instead what part of each period the value speaks of, and the goals are that part's.
    """
    stated = node.thresholds
    share = np.ones(len(periods)) if elapsed is None else elapsed.copy()
    share[share <= 0] = 1.0  # not begun: the whole goal is shown, and nothing is scored
    if stated is not None:
        size = share if elapsed is None else share * np.array([_periods_in(period, settings) for period in periods])
        if measured is not None:
            whole = np.array([_periods_in(period, settings) for period in periods], dtype=np.float64)
            size = np.where(measured.periods > 0, measured.periods, whole)
        banded = node.direction is Direction.RANGE and stated.goal_upper is not None and stated.red_upper is not None
        half = node.direction is Direction.RANGE and not banded
        return Goals(
            float(stated.goal) * size,
            np.full(len(periods), np.nan) if half else float(stated.red) * size,
            float(stated.goal_upper or 0) * size if banded else None,
            float(stated.red_upper or 0) * size if banded else None,
        )
    goal = target * share if measured is None else measured.target
    if node.direction is Direction.RANGE:
        return Goals(goal, np.full(len(periods), np.nan))
    margin = RED_MARGIN * np.abs(goal)
    better = 1.0 if node.direction is Direction.UP else -1.0
    return Goals(goal, goal - better * margin, exact=np.where(goal == 0, better, 0.0))


def _periods_in(period: Period, settings: Settings) -> int:
    if GRAINS.index(period.grain) <= GRAINS.index(settings.grain):
        return 1
    return len(periods_within(period, settings.grain))

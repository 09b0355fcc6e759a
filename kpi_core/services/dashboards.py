"""What a dashboard shows of a workshop in one period: a tile per node, and what is off track, furthest first."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypeVar

import numpy as np

from kpi_core.errors import RefusedError
from kpi_core.insight.achievement import Standing, elapsed_share
from kpi_core.model.node import Node
from kpi_core.model.period import Period, parse_period, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.services.alike import Earlier, earlier_values
from kpi_core.services.evaluating import Evaluated, NodeSeries, evaluate
from kpi_core.services.recency import Recency, recency
from kpi_core.services.remembered import Remembered
from kpi_core.services.snapshots import Snapshot
from kpi_core.services.standing import standpoint
from kpi_core.store.state import State
from kpi_core.tree.structure import ancestors
from kpi_core.vocabulary import Direction, Grain, NodeKind, NodeStatus, Status

#: How many periods a sparkline looks back, the shown one included.
SPARK_PERIODS = 13
#: How many periods a trend shows: a year and a half by month, each beside the previous year's.
TREND_PERIODS = 18
_WORST_FIRST = (Status.OFF_TRACK, Status.WATCH, Status.ON_TRACK, Status.NONE)
#: How many nodes off track an executive is shown.
MOST_OFF_TRACK = 5


Made = TypeVar("Made")


@dataclass(frozen=True)
class Tile:
    """One node in one period. Values are in the node's unit; ``None`` = no value.

    ``achievement`` is actual ÷ goal to date (goal ÷ actual where lower is better); ``change`` is against the previous
    period, ``year_change`` against the same period of the previous year, both over the same stretch: of a year so far
    the same months. Where there is none they are ``None``, and ``unlike`` or ``year_unlike`` says so.
    """

    node: Node
    standing: Standing
    achievement: float | None
    change: float | None
    previous_year: float | None
    year_change: float | None
    coverage: float
    recency: Recency | None
    unlike: bool = False
    year_unlike: bool = False

    @property
    def goal_of_part(self) -> bool:
        """Whether the goal is that of a part of the period, because no more of it is over or measured."""
        goal, target = self.standing.goal_to_date, self.standing.target
        return self.node.thresholds is None and None not in (goal, target) and goal != target

    @property
    def goal_change(self) -> float | None:
        """The difference to the goal to date, in the node's unit."""
        return _difference(self.standing.actual, self.standing.goal_to_date)


@dataclass(frozen=True, eq=False)
class Board:
    """All nodes of a workshop in ``period``, seen on ``today``; ``evaluated``: their series at the same grain.

    ``kept`` is what was drawn of this board (``once``): a board never changes, so neither does that.
    """

    period: Period | None
    periods: tuple[Period, ...]
    tiles: Mapping[str, Tile]
    evaluated: Evaluated
    today: date
    kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @property
    def running(self) -> bool:
        """Whether the period has begun and is not over."""
        return self.period is not None and self.period.start <= self.today < self.period.end

    @property
    def reached(self) -> float:
        """The share (0-1) of the shown period's days that the KGI's data reach, today at the most (or just today)."""
        kgi = next((tile for tile in self.tiles.values() if tile.node.kind is NodeKind.KGI), None)
        if kgi is not None:
            return kgi.standing.elapsed
        return 0.0 if self.period is None else elapsed_share(self.period, self.today)

    @property
    def statuses(self) -> dict[str, Status]:
        """Every node's status; a KSF, which has no number of its own, is as its worst KPI."""
        found = {code: tile.standing.status for code, tile in self.tiles.items()}
        for tile in self.tiles.values():
            if tile.node.kind is NodeKind.KPI:
                self._tell_factor(tile, found)
        return found

    def _tell_factor(self, tile: Tile, found: dict[str, Status]) -> None:
        above: Tile | None = tile
        while above is not None and above.node.kind is NodeKind.KPI:
            above = self.tiles.get(above.node.parent or "")
        if above is not None and above.node.kind is NodeKind.KSF:
            found[above.node.code] = min(found[above.node.code], tile.standing.status, key=_WORST_FIRST.index)

    def once(self, about: Hashable, make: Callable[[], Made]) -> Made:
        """What ``make`` gives, made once for this board; ``about`` names it, with all it depends on besides."""
        if about not in self.kept:
            self.kept[about] = make()
        made: Made = self.kept[about]
        return made

    def trend(self, code: str, most: int = TREND_PERIODS) -> Course:
        """A node's course over the periods that end with the shown one (``most`` at the most)."""
        shown = len(self.evaluated.periods) if self.period is None else self.evaluated.periods.index(self.period) + 1
        return _course(self.evaluated, code, slice(max(0, shown - most), shown))


#: A workshop's series, at most a few hundred periods each, and its boards of the periods people look at.
_courses: Remembered[tuple[Evaluated, tuple[Period, ...]]] = Remembered(16)
_boards: Remembered[Board] = Remembered(32)


class Course(NamedTuple):
    """A node's values by period, in order; ``None`` = no value. Without a target, ``target`` is the thresholds' goal
    (of a running period only where it is not prorated).
    """

    periods: tuple[Period, ...]
    actual: tuple[float | None, ...]
    target: tuple[float | None, ...]
    previous_year: tuple[float | None, ...]


def running_total(board: Board, code: str) -> tuple[Period, Course] | None:
    """The fiscal year of the shown period and a node's course in it, for nodes whose periods add up.

    The course holds every period of the year for its target; actuals end with the shown period. ``None`` where adding
    up means nothing (rates, averages, stocks), for a year as a whole, or without a period.
    """
    if board.period is None or board.period.grain is Grain.YEAR or code not in board.evaluated.additive:
        return None
    year = board.period.at(Grain.YEAR)
    places = [at for at, period in enumerate(board.evaluated.periods) if period.at(Grain.YEAR) == year]
    course = _course(board.evaluated, code, slice(places[0], places[-1] + 1))
    actual = tuple(
        value if period.start <= board.period.start else None
        for period, value in zip(course.periods, course.actual, strict=True)
    )
    return year, course._replace(actual=actual)


def year_target(board: Board, code: str) -> float | None:
    """What the landing of the shown period's fiscal year is held against: the whole year's target.

    That is the sum of its periods' targets where every period of the year has one; ``None`` where one lacks it, or
    where the year's first periods are not measured, so that the landing is not of a whole year.
    """
    if board.period is not None and board.period.grain is Grain.YEAR:
        return board.tiles[code].standing.target
    total = running_total(board, code)
    if total is None:
        return None
    year, course = total
    whole = len(course.periods) == len(periods_within(year, course.periods[0].grain))
    known = [value for value in course.target if value is not None]
    return sum(known) if whole and len(known) == len(course.target) and course.actual[0] is not None else None


def _course(evaluated: Evaluated, code: str, part: slice) -> Course:
    series = evaluated.series[code, None]
    actual, previous_year = (
        tuple(_number(value) for value in column[part]) for column in (series.actual, series.previous_year)
    )
    additive = code in evaluated.additive
    target = tuple(
        standing.goal_to_date
        if standing.target is None and (standing.elapsed == 1 or not additive)
        else standing.target
        for standing in series.standings[part]
    )
    return Course(evaluated.periods[part], actual, target, previous_year)


def board(state: State, workshop_id: str, grain: Grain, shown: str | None = None, *, today: date) -> Board:
    """The board of the period with key ``shown``; by default the last ended period in which the KGI has a value.

    ``periods`` are those one can choose: from the first to the last in which anything has a value. Without any value
    the period is ``None`` and no tile has one. As long as nothing in the workshop changes it is the same object.
    """
    about = (grain, shown, today)
    return _boards.answer(state, workshop_id, about, lambda found: _board(state, found, grain, shown, today))


def _board(state: State, found: Snapshot, grain: Grain, shown: str | None, today: date) -> Board:
    workshop = found.workshop
    evaluated, periods = _courses.answer(
        state, found.id, (grain, today), lambda _: _all_courses(state, found.id, grain, today)
    )
    start = workshop.settings.fiscal_year_start
    period = next((one for one in periods if one.key == shown), None)
    if period is None and shown is not None and _readable(shown, start, grain) in evaluated.periods:
        period = parse_period(shown, start)
    period = period or _default_period(workshop, evaluated, periods, today)
    if period is None:
        return Board(None, (), {}, evaluated, today)
    recent = recency(state, found.id, today)
    at = evaluated.periods.index(period)
    nodes = [
        node
        for node in workshop.nodes
        if node.status is not NodeStatus.RETIRED and (node.code, None) in evaluated.series
    ]
    here, codes = standpoint(state, found.id), [node.code for node in nodes]
    before, year = (
        earlier_values(here, codes, period, other, today=today) for other in (period.shift(-1), period.year_before())
    )
    tiles = {
        node.code: _tile(
            node, evaluated.series[node.code, None], at, recent.get(node.code), before[node.code], year[node.code]
        )
        for node in nodes
    }
    return Board(period, periods, tiles, evaluated, today)


def _all_courses(state: State, workshop_id: str, grain: Grain, today: date) -> tuple[Evaluated, tuple[Period, ...]]:
    """Every node over all periods, and the periods in which anything has a value."""
    evaluated = evaluate(state, workshop_id, grain=grain, today=today)
    if not evaluated.series:
        return evaluated, ()
    known = ~np.isnan(np.array([one.actual for one in evaluated.series.values()])).all(axis=0)
    return evaluated, tuple(period for period, any_value in zip(evaluated.periods, known, strict=True) if any_value)


def off_track(board: Board, most: int | None = MOST_OFF_TRACK) -> tuple[Tile, ...]:
    """The KPIs to act on: off track before watch, within each the largest shortfall against the goal first.

    At most ``most`` of them; ``None``: all.
    """
    order = {Status.OFF_TRACK: 0, Status.WATCH: 1}
    behind = [tile for tile in board.tiles.values() if tile.node.kind is NodeKind.KPI and tile.standing.status in order]
    behind.sort(key=lambda tile: (order[tile.standing.status], shortfall_key(tile)))
    return tuple(behind[:most])


def shortfall_key(tile: Tile) -> float:
    """Sorts the furthest from its goal first: by achievement, else by score."""
    if tile.achievement is not None:
        return tile.achievement
    return (tile.standing.score or 0.0) / 10


def ksf_of(workshop: Workshop, code: str) -> Node | None:
    """The success factor that a KPI hangs below, at whatever depth."""
    return next((node for node in ancestors(workshop, code) if node.kind is NodeKind.KSF), None)


def _readable(key: str, fiscal_year_start: int, grain: Grain) -> Period | None:
    try:
        period = parse_period(key, fiscal_year_start)
    except RefusedError:  # a link that somebody typed
        return None
    return period if period.grain is grain else None


def _default_period(
    workshop: Workshop, evaluated: Evaluated, periods: tuple[Period, ...], today: date
) -> Period | None:
    kgi = evaluated.series.get((workshop.kgi.code, None)) if workshop.kgi else None
    ended = [period for period in periods if period.end <= today]
    for period in reversed(ended):
        if kgi is not None and _number(kgi.actual[evaluated.periods.index(period)]) is not None:
            return period
    return next(iter([*reversed(ended), *periods]), None)


def _tile(node: Node, series: NodeSeries, at: int, recent: Recency | None, before: Earlier, last_year: Earlier) -> Tile:
    standing = series.standings[at]
    return Tile(
        node=node,
        standing=standing,
        achievement=_achievement(node, standing),
        change=_difference(standing.actual, before.value),
        previous_year=last_year.value,
        year_change=_difference(standing.actual, last_year.value),
        coverage=float(series.coverage[at]) if not math.isnan(series.coverage[at]) else 0.0,
        recency=recent,
        unlike=before.unlike,
        year_unlike=last_year.unlike,
    )


def _achievement(node: Node, standing: Standing) -> float | None:
    goal, actual = standing.goal_to_date, standing.actual
    if goal is None or actual is None or node.direction is Direction.RANGE:
        return None
    upper, lower = (actual, goal) if node.direction is Direction.UP else (goal, actual)
    return upper / lower if lower > 0 and upper >= 0 else None


def _difference(value: float | None, base: float | None) -> float | None:
    return None if value is None or base is None else value - base


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)

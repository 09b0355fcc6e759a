"""Every node's values over periods: actual, target, previous year and how it stands against its goal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from kpi_core.errors import RefusedError
from kpi_core.insight.achievement import Standing, standings
from kpi_core.insight.measured_part import finer_grains, measured_parts, to_date
from kpi_core.model.measure import dimensions_of
from kpi_core.model.period import GRAINS, Period, parse_period, period_of, periods_between, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import without_waiting
from kpi_core.services.data_days import data_days
from kpi_core.services.datasets import today_of
from kpi_core.services.snapshots import snapshot
from kpi_core.store import observations
from kpi_core.store.state import State
from kpi_core.store.versions import newest_days, versions_of
from kpi_core.tree.evaluation import evaluate as evaluate_tree
from kpi_core.vocabulary import Grain

Values = Mapping[str, Mapping[str, float]]
Numbers = NDArray[np.float64]

#: More periods than this in a row are refused; a default stretch that long is cut to the periods that have values.
MOST_PERIODS = 1200
#: What keys of a grain look like, to SQLite.
KEYS = {
    Grain.WEEK: "[0-9][0-9][0-9][0-9]-W[0-9][0-9]",
    Grain.MONTH: "[0-9][0-9][0-9][0-9]-[0-9][0-9]",
    Grain.QUARTER: "[0-9][0-9][0-9][0-9]-Q[1-4]",
    Grain.YEAR: "[0-9][0-9][0-9][0-9]",
}
_DAYS = {Grain.WEEK: 7, Grain.MONTH: 30, Grain.QUARTER: 91, Grain.YEAR: 365}


@dataclass(frozen=True)
class NodeSeries:
    """One node (of one segment) over the periods, one number each; NaN = no value.

    ``coverage`` is the share of a period that the value speaks of: of its finer periods those that are measured, of
    the one in which the rows end its share of days.
    """

    actual: Numbers
    target: Numbers
    previous_year: Numbers
    coverage: Numbers
    standings: tuple[Standing, ...]


@dataclass(frozen=True)
class Evaluated:
    """``series``: (node, segment) → its numbers; segment ``None`` = all rows, ``""`` = rows with an empty cell.

    ``additive`` are the nodes whose values add up over time.
    """

    periods: tuple[Period, ...]
    series: Mapping[tuple[str, str | None], NodeSeries]
    additive: frozenset[str]


@dataclass(frozen=True)
class Freshness:
    """How recent a measured node is: its last period that has begun, and the upload it was computed from."""

    period: str | None
    computed_at: datetime
    uploaded_at: datetime | None
    file_name: str | None


def evaluate(
    state: State,
    workshop_id: str,
    *,
    grain: Grain | None = None,
    first: str | None = None,
    last: str | None = None,
    nodes: Collection[str] | None = None,
    by: str | None = None,
    today: date | None = None,
) -> Evaluated:
    """Every node (or those of ``nodes``) at ``grain``, from period key ``first`` to ``last``.

    Without them: from the first period with a value to the last with a value or target (values absurdly far from today,
    such as of rows dated 9998-12-31, left out); without any value the current fiscal year to date. ``by`` adds a series
    for each segment of a dimension, of nodes measured by it and formulas over them; targets and typed values are of the
    whole, so segments have none. A node whose uploaded rows wait for a refresh has no value, typed ones included.

    Raises ``RefusedError``: ``period_unreadable``, ``grain_too_fine``, ``period_wrong_grain``, ``periods_reversed``,
    ``too_many_periods``, ``node_unknown``, ``dimension_unknown``.
    """
    with state.reading() as connection:
        workshop = without_waiting(connection, workshop_id, snapshot(state, workshop_id).workshop)
        overall = observations.overall(connection, workshop_id)
        uploaded = newest_days(connection, workshop_id)
        segments = {} if by is None else observations.by_segment(connection, workshop_id, by)
    asked = grain or workshop.settings.grain
    _refuse_unknown(workshop, asked, nodes, by)
    day = today or today_of(workshop)
    periods = _stretch(workshop, overall, asked, first, last, day)
    series, additive = _series(workshop, overall, periods, nodes, None, day, uploaded)
    for segment in sorted(segments, key=str):
        series |= _series(workshop, segments[segment], periods, nodes, segment, day, uploaded)[0]
    return Evaluated(periods, series, additive)


def freshness(state: State, workshop_id: str, today: date | None = None) -> Mapping[str, Freshness]:
    """How recent every measured node is; nodes that were not measured, or no longer hold, are absent."""
    with state.reading() as connection:
        workshop = snapshot(state, workshop_id).workshop
        measured = observations.measured(connection, workshop_id)
        versions = {str(version.id): version for version in versions_of(connection, workshop_id)}
        grain = workshop.settings.grain
        until = period_of(today or today_of(workshop), grain, workshop.settings.fiscal_year_start).key
        latest = observations.latest_periods(connection, workshop_id, KEYS[grain], until)
    return {
        code: Freshness(
            latest.get(code),
            found.computed_at,
            version.uploaded_at if (version := versions.get(found.version)) else None,
            version.file_name if version else None,
        )
        for code, found in measured.items()
    }


def _refuse_unknown(workshop: Workshop, grain: Grain, nodes: Collection[str] | None, by: str | None) -> None:
    if GRAINS.index(grain) < GRAINS.index(workshop.settings.grain):
        raise RefusedError("grain_too_fine", grain=grain.value, least=workshop.settings.grain.value)
    for code in nodes or ():
        if workshop.node(code) is None:
            raise RefusedError("node_unknown", node=code)
    known = {name for node in workshop.nodes if node.measure for name in dimensions_of(node.measure)}
    if by is not None and by not in known:
        raise dimension_refused(by, known)


def dimension_refused(dimension: str, known: Collection[str]) -> RefusedError:
    """That nothing is split by ``dimension``, and by what else it is (– by nothing)."""
    return RefusedError("dimension_unknown", dimension=dimension, known=", ".join(sorted(known)) or "–")


def _stretch(
    workshop: Workshop, values: Values, grain: Grain, first: str | None, last: str | None, today: date
) -> tuple[Period, ...]:
    start = workshop.settings.fiscal_year_start
    given = [None if key is None else _period(key, grain, start) for key in (first, last)]
    measured = set(periods_at(grain, start, (key for keys in values.values() for key in keys)))
    typed = set(periods_at(grain, start, (entry.period for node in workshop.nodes for entry in node.manual)))
    aimed = set(periods_at(grain, start, (entry.period for node in workshop.nodes for entry in node.targets)))
    current = period_of(today, grain, start)
    year = period_of(today, Grain.YEAR, start)
    known = {period for period in measured | typed if within_reach(period, today)}
    begin = given[0] or min(known, default=period_of(year.start, grain, start))
    end = given[1] or max(known | aimed, default=current)
    if first is not None and last is not None and end < begin:
        raise RefusedError("periods_reversed", first=first, last=last)
    if (end.start - begin.start).days // _DAYS[grain] < MOST_PERIODS:
        return periods_between(begin, end)
    if first is not None and last is not None:
        raise RefusedError("too_many_periods", limit=MOST_PERIODS)
    return tuple(sorted(period for period in known | aimed if begin <= period <= end)[-MOST_PERIODS:])


def _period(key: str, grain: Grain, fiscal_year_start: int) -> Period:
    period = parse_period(key, fiscal_year_start)
    if period.grain is not grain:
        raise RefusedError("period_wrong_grain", text=key, grain=grain.value)
    return period


def within_reach(period: Period, today: date) -> bool:
    """Whether a period lies so near to today that a slip in a date is no more likely than a value."""
    return abs((period.start - today).days) < MOST_PERIODS * _DAYS[period.grain]


def periods_at(grain: Grain, fiscal_year_start: int, keys: Iterable[str]) -> Iterator[Period]:
    """The periods of ``grain`` that hold these keys' periods (coarser ones tell nothing of finer periods)."""
    for key in set(keys):
        try:
            period = parse_period(key, fiscal_year_start)
        except RefusedError:
            continue  # rows dated 9999-12-31, which many systems write for "never"
        if GRAINS.index(period.grain) <= GRAINS.index(grain):
            yield period.at(grain)


def _series(
    workshop: Workshop,
    values: Values,
    periods: tuple[Period, ...],
    nodes: Collection[str] | None,
    segment: str | None,
    today: date,
    uploaded: Mapping[str, date],
) -> tuple[dict[tuple[str, str | None], NodeSeries], frozenset[str]]:
    """The nodes' series, and the nodes that add up over time; a segment's only where it has a value at all."""
    before = tuple(period.year_before() for period in periods)
    base = workshop.settings.grain
    finer = {
        part
        for period in periods
        for grain in finer_grains(base, period.grain)
        for part in periods_within(period, grain)
    }
    everything = tuple(sorted({*periods, *before, *finer}))
    found = evaluate_tree(workshop, values, everything, nodes=nodes, segment=segment is not None, whole=True)
    place = {period: at for at, period in enumerate(everything)}
    now = np.array([place[period] for period in periods], dtype=np.intp)
    then = np.array([place[period] for period in before], dtype=np.intp)
    made: dict[tuple[str, str | None], NodeSeries] = {}
    running = any(period.start <= today < period.end for period in periods)
    reach = data_days(workshop, uploaded, found.additive) if running else {}
    listed = [node.code for node in workshop.nodes if node.code in found.actual and segment is None]
    axis = tuple(sorted(part for part in {*periods, *finer} if part.grain is base))
    parts = measured_parts(workshop, values, uploaded, axis, found, listed, today=today)
    within = parts.within(periods)
    sizes = within.sum(axis=1)
    for node in workshop.nodes:
        if node.code not in found.actual:
            continue
        actual, target = found.actual[node.code][now], found.target[node.code][now]
        if segment is not None:
            if np.isnan(actual).all():
                continue
            node = node.model_copy(update={"thresholds": None})  # stated of the whole, they say nothing of a part
        additive = node.code in found.additive
        coverage, measured = found.coverage[node.code][now], None
        if segment is None:
            coverage = np.minimum(coverage, within @ parts.measured[node.code] / sizes)
            measured = to_date(parts, node.code, periods, within, target, found) if additive else None
        stand = standings(
            node,
            workshop.settings,
            periods,
            actual,
            target,
            today=today,
            additive=additive,
            known_to=reach.get(node.code),
            measured=measured,
        )
        made[node.code, segment] = NodeSeries(actual, target, found.actual[node.code][then], coverage, stand)
    return made, found.additive

"""Where every node lands (着地見込み): three methods side by side, how far each was off, and people's own numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from kpi_core.errors import RefusedError
from kpi_core.insight.backtest import Accuracy, Missed, accuracies, misses, past_landings
from kpi_core.insight.landing import METHODS, PATHS, Foreseen, foresee
from kpi_core.model.period import Period, parse_period, period_of, periods_between, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.services.evaluating import evaluate
from kpi_core.services.landing_leaves import Ground, ground_of
from kpi_core.services.remembered import Remembered
from kpi_core.services.snapshots import Snapshot
from kpi_core.store.forecasts import StoredForecast, forecasts_by
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain, LandingMethod, NodeStatus


@dataclass(frozen=True)
class MethodLanding:
    """What one method says, or the code of why it says nothing; ``accuracy`` is its past by periods to go.

    ``now`` is the accuracy with as many periods to go as today, ``missed`` the single landings it is the mean of
    (period key → share of the actual); ``None`` and empty = not enough history to tell.
    """

    method: LandingMethod
    foreseen: Foreseen
    accuracy: tuple[Accuracy, ...]
    now: Accuracy | None
    missed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Landing:
    """A node's landing at the end of ``period``: the running one, or the fiscal year.

    ``to_go`` counts the periods of the workshop's grain from the last known one (``known_to``) to the end. ``chosen``
    is what a page shows first: the override, else the method that was off least with as much to go (in the past
    landings that two methods share; without any the one with more of them), else smoothing, cumulative share, pipeline
    in this order; ``None`` where no method has a value. ``value``, ``low`` and ``high`` are
    the chosen one's; an interval holds 8 of 10 simulated futures.
    """

    node: str
    period: Period
    known_to: str | None
    to_go: int
    methods: tuple[MethodLanding, ...]
    override: StoredForecast | None
    chosen: LandingMethod | None
    value: float | None
    low: float | None
    high: float | None


_kept: Remembered[tuple[Landing, ...]] = Remembered(16)
#: Which method speaks where none has a past to be judged by.
_BY_DEFAULT = (LandingMethod.SMOOTHING, LandingMethod.CUMULATIVE_SHARE, LandingMethod.PIPELINE)


def landings(
    state: State, workshop_id: str, nodes: Collection[str] | None = None, *, today: date
) -> tuple[Landing, ...]:
    """For each of ``nodes`` (or all that have a number): the running period's landing, then the fiscal year's.

    Only ended periods count as known; the running one's partial value is not used. Nothing is stored
    (``services.forecasts.record_landings`` does). Raises ``RefusedError('node_unknown')``.
    """
    chosen = None if nodes is None else tuple(dict.fromkeys(nodes))
    return _kept.answer(state, workshop_id, (chosen, today), lambda found: _landings(state, found, chosen, today))


def _landings(state: State, found: Snapshot, nodes: tuple[str, ...] | None, today: date) -> tuple[Landing, ...]:
    workshop = found.workshop
    unknown = next((code for code in nodes or () if workshop.node(code) is None), None)
    if unknown is not None:
        raise RefusedError("node_unknown", node=unknown)
    codes = nodes or tuple(node.code for node in workshop.nodes if _has_number(workshop, node.code))
    start = workshop.settings.fiscal_year_start
    year = period_of(today, Grain.YEAR, start)
    running = period_of(today, workshop.settings.grain, start)
    if running.at(Grain.YEAR) != year:  # a week that belongs to the year its Thursday lies in
        year = running.at(Grain.YEAR)
    ground = ground_of(state, found.id, codes, year, today=today)
    overrides = forecasts_by(state.connection, found.id, start, LandingMethod.OVERRIDE)
    promised = forecasts_by(state.connection, found.id, start, LandingMethod.PIPELINE)
    said = {
        method: foresee(workshop, ground.leaves, codes, method, len(ground.axis), year, (running, year), paths=PATHS)
        for method in METHODS
    }
    past: dict[LandingMethod, dict[tuple[str, Grain], list[Missed]]] = {
        method: past_landings(workshop, ground.leaves, codes, method, until=len(ground.axis))
        for method in METHODS
        if method is not LandingMethod.PIPELINE
    }
    past[LandingMethod.PIPELINE] = _pipeline_record(state, found.id, workshop, promised, codes, today)
    return tuple(
        _landing(code, target, ground, {method: said[method][code, target.key] for method in METHODS}, past, overrides)
        for code in codes
        for target in (running, year)
    )


def _has_number(workshop: Workshop, code: str) -> bool:
    node = workshop.node(code)
    if node is None or node.status is NodeStatus.RETIRED:
        return False
    return bool(node.formula or node.measure or node.manual)


def _landing(
    code: str,
    target: Period,
    ground: Ground,
    said: dict[LandingMethod, Foreseen],
    past: dict[LandingMethod, dict[tuple[str, Grain], list[Missed]]],
    stored: Iterable[StoredForecast],
) -> Landing:
    known_to = ground.known_to(code)
    to_go = _to_go(known_to, target, ground)
    methods: list[MethodLanding] = []
    for method, foreseen in said.items():
        known = past[method].get((code, target.grain), ())
        accuracy = accuracies(known)
        now = next((one for one in accuracy if one.to_go == to_go), None)
        methods.append(MethodLanding(method, foreseen, accuracy, now, misses(known, to_go)))
    override = _override(code, target, stored)
    chosen, shown = _chosen(methods, override)
    return Landing(
        code,
        target,
        known_to.key if known_to else None,
        to_go,
        tuple(methods),
        override,
        chosen,
        shown.value,
        shown.low,
        shown.high,
    )


def with_override(landing: Landing, stored: Iterable[StoredForecast]) -> Landing:
    """The landing as people's own numbers on record (of any node) now have it."""
    override = _override(landing.node, landing.period, stored)
    chosen, shown = _chosen(list(landing.methods), override)
    return replace(landing, override=override, chosen=chosen, value=shown.value, low=shown.low, high=shown.high)


def _to_go(known_to: Period | None, target: Period, ground: Ground) -> int:
    inside = periods_within(target, ground.grain) if target.grain is not ground.grain else (target,)
    if known_to is None:
        return len(inside)
    return len(periods_between(known_to.shift(1), inside[-1]))


def _override(code: str, target: Period, stored: Iterable[StoredForecast]) -> StoredForecast | None:
    """The last number a person gave for this landing, unless it was taken back."""
    mine = [one for one in stored if (one.foreseen.node, one.foreseen.period) == (code, target.key)]
    return mine[-1] if mine and mine[-1].foreseen.value is not None else None


def _chosen(methods: list[MethodLanding], override: StoredForecast | None) -> tuple[LandingMethod | None, Foreseen]:
    if override is not None:
        return LandingMethod.OVERRIDE, Foreseen(override.foreseen.value)
    able = [one for one in methods if one.foreseen.value is not None]
    best: MethodLanding | None = None
    for one in sorted((one for one in able if one.missed), key=lambda one: -len(one.missed)):
        best = one if best is None or _was_nearer(one, best) else best
    best = best or min(able, key=lambda one: _BY_DEFAULT.index(one.method), default=None)
    return (best.method, best.foreseen) if best else (None, Foreseen())


def _was_nearer(one: MethodLanding, other: MethodLanding) -> bool:
    """Whether it missed by less on average, where both have a past landing of the same period: like against like."""
    shared = sorted(one.missed.keys() & other.missed.keys())
    return bool(shared) and sum(one.missed[key] for key in shared) < sum(other.missed[key] for key in shared)


def _pipeline_record(
    state: State,
    workshop_id: str,
    workshop: Workshop,
    stored: Iterable[StoredForecast],
    codes: Collection[str],
    today: date,
) -> dict[tuple[str, Grain], list[Missed]]:
    """How far the pipeline was off: only the record tells, since rows say how deals stand now, not how they stood."""
    start, grain = workshop.settings.fiscal_year_start, workshop.settings.grain
    found: dict[tuple[str, Grain], list[Missed]] = {}
    came: dict[tuple[str, str], float] = {}  # asked once: a period has a forecast for every day somebody looked
    for one in stored:
        said = one.foreseen
        period = parse_period(said.period, start)
        if said.value is None or said.node not in codes:
            continue
        if period.end > today or said.known_to is None:
            continue
        if (said.node, period.key) not in came:
            told = evaluate(
                state,
                workshop_id,
                grain=period.grain,
                first=period.key,
                last=period.key,
                nodes=[said.node],
                today=today,
            )
            came[said.node, period.key] = float(told.series[said.node, None].actual[0])
        actual = came[said.node, period.key]
        last = periods_within(period, grain)[-1] if period.grain is not grain else period
        to_go = len(periods_between(parse_period(said.known_to, start).shift(1), last))
        if np.isfinite(actual):
            found.setdefault((said.node, period.grain), []).append(Missed(to_go, said.value, actual, period.key))
    return found

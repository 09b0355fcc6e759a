"""How certain a number is: signal or noise, intervals of counted rates, and cohorts that are not mature yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from kpi_core.data.cohorts import days_of
from kpi_core.errors import MissingError
from kpi_core.insight.maturity import Maturity, maturity
from kpi_core.insight.proportion import wilson
from kpi_core.insight.signals import Signals, signals
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.model.period import Period, period_of
from kpi_core.services.actuals import actuals
from kpi_core.services.datasets import tables
from kpi_core.services.rates import COUNTS, rate_parts
from kpi_core.services.remembered import Remembered
from kpi_core.services.snapshots import Snapshot
from kpi_core.store.state import State


@dataclass(frozen=True)
class NodeSignals:
    """``found`` has a mark for each of ``periods``, the ended ones of the workshop's grain, oldest first.

    ``period`` is the last one with a value, which ``found.latest`` speaks of; ``None`` without any. ``signed``: a value
    below 0 was seen, so that a limit below 0 means something.
    """

    periods: tuple[Period, ...]
    period: Period | None
    found: Signals
    signed: bool = False


@dataclass(frozen=True)
class CountedRate:
    """A rate of counts in one period: ``successes`` of ``trials``, with its 95 % Wilson interval."""

    period: Period
    successes: float
    trials: float
    low: float
    high: float


_signals: Remembered[Mapping[str, NodeSignals]] = Remembered(16)
_rates: Remembered[tuple[CountedRate, ...]] = Remembered(64)
_maturities: Remembered[Maturity] = Remembered(64)


def node_signals(state: State, workshop_id: str, *, today: date) -> Mapping[str, NodeSignals]:
    """Node code → what is a signal in its ended periods, its last value's word included; all nodes with a value."""
    return _signals.answer(state, workshop_id, (today,), lambda found: _node_signals(state, found, today))


def _node_signals(state: State, found: Snapshot, today: date) -> Mapping[str, NodeSignals]:
    known = actuals(state, found.id, today=today)
    made: dict[str, NodeSignals] = {}
    for code, values in known.series.items():
        there = np.flatnonzero(np.isfinite(values))
        if len(there):
            end = int(there[-1]) + 1
            signed = bool(values[there].min() < 0)
            made[code] = NodeSignals(known.periods[:end], known.periods[end - 1], signals(values[:end]), signed)
    return made


def counted_rate(state: State, workshop_id: str, node: str, *, today: date) -> tuple[CountedRate, ...]:
    """The counts behind a rate and how certain it is, by ended period; empty for what is no ratio of counts."""
    return _rates.answer(state, workshop_id, (node, today), lambda found: _counted_rate(state, found, node, today))


def _counted_rate(state: State, found: Snapshot, code: str, today: date) -> tuple[CountedRate, ...]:
    node = _node(found, code)
    parts = rate_parts(found.workshop, tables(state, found.id), node, COUNTS)
    if parts is None:
        return ()
    known = actuals(state, found.id, [code], today=today)
    made = []
    for period, value in zip(known.periods, known.series[code], strict=True):
        successes, trials = (part.get(period.key, np.nan) for part in parts)
        interval = wilson(successes, trials) if np.isfinite([value, successes, trials]).all() else None
        if interval is not None:
            made.append(CountedRate(period, successes, trials, *interval))
    return tuple(made)


def node_maturity(state: State, workshop_id: str, node: str, *, today: date) -> Maturity:
    """Which cohorts of a conversion rate are too young to judge, the running period's among them.

    Known for a node whose ratio counts both parts by one date column of one dataset and that names the column with
    the date of conversion (``converted``). Else ``code`` tells: ``not_a_cohort``, ``no_conversion_date``,
    ``not_enough_history``. Raises ``MissingError('item_missing')`` and ``RefusedError('rows_refused')``.
    """
    return _maturities.answer(
        state, workshop_id, (node, None, today), lambda found: _maturity(state, found, _node(found, node), today)
    )


def preview_maturity(state: State, workshop_id: str, node: str, converted: str | None, *, today: date) -> Maturity:
    """``node_maturity`` as it would be with ``converted`` as the column of the day of conversion. Raises the same."""

    def made(found: Snapshot) -> Maturity:
        return _maturity(state, found, _node(found, node).model_copy(update={"converted": converted}), today)

    return _maturities.answer(state, workshop_id, (node, (converted,), today), made)


def _maturity(state: State, found: Snapshot, node: Node, today: date) -> Maturity:
    code, cohort = node.code, cohort_of(node)
    if cohort is None:
        return Maturity(None, 0, (), "not_a_cohort")
    if node.converted is None:
        return Maturity(None, 0, (), "no_conversion_date")
    numerator, denominator = cohort
    rows = tables(state, found.id)
    members = days_of(found.workshop, rows, denominator)
    done = days_of(found.workshop, rows, numerator, node.converted)
    known = actuals(state, found.id, [code], today=today)
    running = period_of(today, found.workshop.settings.grain, found.workshop.settings.fiscal_year_start)
    return maturity(
        members["entered"],
        done["entered"],
        done["converted"],
        (*known.periods, running),
        min(known.full_until[code], today),
    )


def cohort_of(node: Node) -> tuple[SimpleMeasure, SimpleMeasure] | None:
    """Numerator and denominator of a rate whose parts are counted over the same rows by the same day; else ``None``."""
    if not isinstance(node.measure, RatioMeasure):
        return None
    numerator, denominator = node.measure.parts
    same = (numerator.dataset, numerator.date, numerator.aggregate, numerator.column) == (
        denominator.dataset,
        denominator.date,
        denominator.aggregate,
        denominator.column,
    )
    fits = same and denominator.date is not None and denominator.aggregate in COUNTS
    return (numerator, denominator) if fits else None


def _node(found: Snapshot, code: str) -> Node:
    node = found.workshop.node(code)
    if node is None:
        raise MissingError("item_missing", item=code)
    return node

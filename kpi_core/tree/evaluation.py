"""Actual values, targets and coverage of every node for any periods, of the whole or of one segment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_core.model.period import GRAINS, Period, period_of, periods_between, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.entries import Entries, Values, entries
from kpi_core.tree.level import Level, base_level, coarse_level, exact_level
from kpi_core.tree.plan import Plan, plan_of, structure_of
from kpi_core.vocabulary import Grain

Series = NDArray[np.float64]


@dataclass(frozen=True)
class Evaluation:
    """Node code → one number a period, in the order of ``periods``; NaN = no value.

    ``coverage`` is the share (0-1) of finer periods that have a value: 1 where the number was measured or entered for
    exactly that period; a formula has the least of its inputs. ``additive`` are the nodes whose values add up over time
    (their goals are prorated in a running period).
    """

    periods: tuple[Period, ...]
    actual: Mapping[str, Series]
    target: Mapping[str, Series]
    coverage: Mapping[str, Series]
    additive: frozenset[str]


def evaluate(
    workshop: Workshop,
    values: Values,
    periods: Sequence[Period],
    *,
    nodes: Collection[str] | None = None,
    segment: bool = False,
    whole: bool = False,
) -> Evaluation:
    """The nodes' values and targets for ``periods`` (grains may be mixed).

    ``values`` are the measured ones: node code → period key → value, of all grains together. ``nodes`` restricts the
    answer, and the work to them and what their formulas use. With ``segment`` the values are those of one segment
    (one region, say): manual entries and targets, which speak of all rows, stay out.

    ``whole``: ``values`` hold every grain, as ``kpi_core.data.observing`` gives them. A coarser period that is not in
    them has no value then, instead of what its finer ones add up to: a quarter whose one amount is unknown is not the 0
    of its other months.
    """
    structure = structure_of(workshop)
    plan = plan_of(structure, None if nodes is None else frozenset(nodes))
    if not periods or not plan.rules:
        return _answer(plan, {}, tuple(periods), nodes)
    listed = (node for node in workshop.nodes if node.code in plan.rules)
    entered = entries(listed, values, segment=segment, whole=whole)
    with np.errstate(all="ignore"):
        levels = _levels(plan, entered, periods)
    return _answer(plan, levels, tuple(periods), nodes)


def _levels(plan: Plan, entered: Entries, periods: Sequence[Period]) -> dict[Grain, Level]:
    base_at = GRAINS.index(plan.grain)
    asked = {period.grain for period in periods}
    levels = {
        grain: exact_level(plan, entered, _run_of([period for period in periods if period.grain is grain]))
        for grain in asked
        if GRAINS.index(grain) < base_at
    }
    known = [period for period in periods if GRAINS.index(period.grain) >= base_at]
    if not known:
        return levels
    axes = _axes(plan, known)
    spoken = entered.grains()
    whole = axes[plan.grain]
    finer = [
        exact_level(plan, entered, _parts_of(whole, grain)) for grain in reversed(GRAINS[:base_at]) if grain in spoken
    ]
    base = levels[plan.grain] = base_level(plan, entered, whole, finer)
    between: Level | None = None
    for grain, axis in axes.items():
        if grain is not plan.grain and (grain in asked or grain in spoken):
            levels[grain] = coarse_level(plan, entered, axis, grain, base, between)
            between = levels[grain] if grain in spoken else between
    return levels


def _axes(plan: Plan, periods: Sequence[Period]) -> dict[Grain, tuple[Period, ...]]:
    """The periods to compute at the workshop's grain and each coarser one up to the coarsest asked for.

    Every coarse period is covered in full, and enough earlier ones for what formulas look back to.
    """
    top = max((period.grain for period in periods), key=GRAINS.index)
    fiscal = periods[0].fiscal_year_start
    tops = _run_of([period.at(top) for period in periods])
    fine = [part for period in (tops[0], tops[-1]) for part in periods_within(period, plan.grain)]
    first = fine[0].shift(-plan.history)
    axes = {plan.grain: periods_between(first, fine[-1])}
    if top is plan.grain:
        return axes
    tops = periods_between(period_of(first.anchor, top, fiscal), tops[-1])
    for grain in GRAINS[GRAINS.index(plan.grain) : GRAINS.index(top) + 1]:
        axes[grain] = _parts_of(tops, grain)
    return axes


def _parts_of(periods: Sequence[Period], grain: Grain) -> tuple[Period, ...]:
    """The finer periods from the first one's first part to the last one's last."""
    return periods_between(periods_within(periods[0], grain)[0], periods_within(periods[-1], grain)[-1])


def _run_of(periods: Sequence[Period]) -> tuple[Period, ...]:
    return periods_between(min(periods), max(periods))


def _answer(
    plan: Plan, levels: Mapping[Grain, Level], periods: tuple[Period, ...], nodes: Collection[str] | None
) -> Evaluation:
    shape = (len(plan.rules), len(periods))
    actual, target, coverage = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    for grain, level in levels.items():
        column = {period.key: at for at, period in enumerate(level.axis)}
        here = [at for at, period in enumerate(periods) if period.grain is grain]
        there = [column[periods[at].key] for at in here]
        for whole, part in ((actual, level.actual), (target, level.target), (coverage, level.coverage)):
            whole[:, here] = part[:-1, there]
    rows = plan.actual.rows
    codes = [code for code in plan.rules if nodes is None or code in nodes]
    return Evaluation(
        periods,
        {code: actual[rows[code]] for code in codes},
        {code: target[rows[code]] for code in codes},
        {code: coverage[rows[code]] for code in codes},
        plan.additive,
    )

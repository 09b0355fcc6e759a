"""The values of all nodes at one grain: the workshop's own, and the coarser ones that follow from it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kpi_core.model.expression import names_in
from kpi_core.model.period import Period
from kpi_core.tree.aligning import aligned
from kpi_core.tree.arithmetic import Calendar, Matrix
from kpi_core.tree.coarse_entries import Finer, own_targets, own_values, rolled_up, typed_within, weighed
from kpi_core.tree.entries import Entries, calendar_of, layout
from kpi_core.tree.plan import Flags, Plan, coarse_plan
from kpi_core.tree.roll_up import Rolled, Spans
from kpi_core.vocabulary import Grain


@dataclass(frozen=True)
class Level:
    """One row a node (in the plan's order) and an empty one, one column a period; NaN = no value.

    ``measured`` and ``manual`` are what was entered for exactly these periods; ``stated`` the targets that people
    stated, rolled up where they did so for finer periods; ``target`` also holds those that formulas give.
    """

    axis: tuple[Period, ...]
    calendar: Calendar
    measured: Matrix
    manual: Matrix
    stated: Matrix
    actual: Matrix
    coverage: Matrix
    target: Matrix


def base_level(plan: Plan, entries: Entries, axis: tuple[Period, ...], finer: Sequence[Level] = ()) -> Level:
    """The workshop's own grain: measured, else manual, else by formula; targets as stated, else by formula.

    ``finer`` are the exact levels of finer grains that entries speak of (months, typed before the workshop turned to
    quarters): they roll up where nothing was entered for the period itself.
    """
    measured, manual, stated = _entered(plan, entries, axis)
    share = np.ones(measured.shape)
    for level in finer:
        spans = spans_of(level.axis, axis)
        rolled = rolled_up(plan, level.manual, spans)
        taken = np.isnan(measured) & np.isnan(manual) & np.isfinite(rolled.values)
        manual, share = np.where(taken, rolled.values, manual), np.where(taken, rolled.coverage, share)
        parts = (level.measured, level.manual, level.actual, level.stated, level.target)
        stated = own_targets(plan, stated, Finer(*parts, spans), None)
    calendar = _calendar(axis)
    actual = np.where(np.isnan(measured), manual, measured)
    plan.actual.run(actual, calendar, filled=_filled(actual))
    target = stated.copy()
    if np.isfinite(target).any():
        plan.target.run(target, calendar, filled=_filled(target))
    return Level(axis, calendar, measured, manual, stated, actual, _present(actual) * share, target)


def exact_level(plan: Plan, entries: Entries, axis: tuple[Period, ...]) -> Level:
    """A grain finer than the workshop's: only what was entered for exactly those periods."""
    measured, manual, stated = _entered(plan, entries, axis)
    actual = np.where(np.isnan(measured), manual, measured)
    return Level(axis, _calendar(axis), measured, manual, stated, actual, _present(actual), stated)


def coarse_level(
    plan: Plan, entries: Entries, axis: tuple[Period, ...], grain: Grain, base: Level, between: Level | None
) -> Level:
    """A coarser grain; ``between`` is one in the middle that entries speak of (quarters, between month and year)."""
    measured, manual, exact_targets = _entered(plan, entries, axis)
    calendar = _calendar(axis)
    spans = spans_of(base.axis, axis)
    means = weighed(plan, base.actual, base.calendar, spans)
    target_means = weighed(plan, base.target, base.calendar, spans, strict=True)
    fine = Finer(base.measured, base.manual, base.actual, base.stated, base.target, spans, means, target_means)
    middle = None
    if between is not None:
        within = spans_of(between.axis, axis)
        parts = (between.measured, between.manual, between.actual, between.stated, between.target)
        middle = Finer(*parts, within)
    own = own_values(plan, measured, manual, fine, middle, whole=entries.whole)
    stated = own_targets(plan, exact_targets, fine, middle)
    values = _recomputed(plan, own, grain, base.calendar, calendar, base.actual, spans, for_target=False)
    entered = np.isfinite(manual) | (typed_within(middle) if middle is not None else False)
    together = aligned(plan, base.actual, values.values, entered, calendar, spans)
    for row, column, value in together:
        own.values[row, column], own.coverage[row, column] = value, values.coverage[row, column]
    if together:
        values = _recomputed(plan, own, grain, base.calendar, calendar, base.actual, spans, for_target=False)
        _forget(plan, own.values, values.values, [(row, column) for row, column, value in together if np.isnan(value)])
    certain = Rolled(stated, np.ones(stated.shape))
    targets = _recomputed(plan, certain, grain, base.calendar, calendar, base.target, spans, for_target=True)
    return Level(axis, calendar, measured, manual, stated, values.values, values.coverage, targets.values)


def _forget(plan: Plan, own: Matrix, values: Matrix, places: Sequence[tuple[int, int]]) -> None:
    """Takes the values at (row, column) away, and those of the formulas that rest on them."""
    rows = plan.actual.rows
    for column in {column for _, column in places}:
        gone = {row for row, at in places if at == column}
        for code, expression in plan.expressions.items():
            rests = code not in plan.measured and any(rows.get(name) in gone for name in names_in(expression))
            if rests and np.isnan(own[rows[code], column]):
                gone.add(rows[code])
        values[list(gone), column] = np.nan


def spans_of(fine: tuple[Period, ...], coarse: tuple[Period, ...]) -> Spans:
    """Which fine columns belong to which coarse period, by their anchor day; ``fine`` covers all of them."""
    anchors = [period.anchor for period in fine]
    first = [bisect_left(anchors, period.start) for period in coarse]
    after = [bisect_left(anchors, period.end) for period in coarse]
    return Spans(np.array(first, dtype=np.intp), np.array(after, dtype=np.intp))


def _recomputed(
    plan: Plan,
    own: Rolled,
    grain: Grain,
    base_calendar: Calendar,
    calendar: Calendar,
    base: Matrix,
    spans: Spans,
    *,
    for_target: bool,
) -> Rolled:
    """``own`` values with the formulas' results where there is none."""
    coarse = coarse_plan(plan, grain, for_target)
    nodes = len(plan.rules)
    matrix = np.full((coarse.program.height, own.values.shape[1]), np.nan)
    coverage = np.zeros(matrix.shape)
    matrix[:nodes] = own.values[:nodes]
    coverage[:nodes] = own.coverage[:nodes]
    coarse.fill_terms(base, base_calendar, spans, matrix, coverage, strict=for_target)
    held = np.isfinite(matrix)
    if for_target and not held.any():
        return own  # nobody stated a target
    coarse.program.run(matrix, calendar, filled=_filled(matrix))
    if not for_target:
        coarse.program.spread_coverage(coverage, held)
    keep = [*range(nodes), coarse.program.missing]
    return Rolled(matrix[keep], coverage[keep])


def _entered(plan: Plan, entries: Entries, axis: tuple[Period, ...]) -> tuple[Matrix, Matrix, Matrix]:
    rows = plan.actual.rows
    keys = [period.key for period in axis]
    return (
        layout(entries.measured, rows, keys),
        layout(entries.manual, rows, keys),
        layout(entries.targets, rows, keys),
    )


def _calendar(axis: tuple[Period, ...]) -> Calendar:
    first_is_complete = axis[0].shift(-1).fiscal_year != axis[0].fiscal_year
    return calendar_of([period.fiscal_year for period in axis], first_is_complete)


def _filled(matrix: Matrix) -> Flags:
    filled: Flags = np.logical_or.reduce(np.isfinite(matrix), axis=1)
    return filled


def _present(matrix: Matrix) -> Matrix:
    return np.isfinite(matrix).astype(np.float64)

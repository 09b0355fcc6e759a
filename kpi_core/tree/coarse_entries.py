"""What a coarser period takes from entries: exact ones first, else finer ones rolled up; formulas fill the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_core.tree.arithmetic import Calendar, Matrix
from kpi_core.tree.plan import Plan
from kpi_core.tree.roll_up import Rolled, Spans, common, roll_up
from kpi_core.vocabulary import RollUp

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Finer:
    """A finer grain's entries and results, and which of its columns make up each coarser period.

    ``weighed`` and ``weighed_target`` are the coarser values of levels that are weighted means, NaN where none is.
    """

    measured: Matrix
    manual: Matrix
    actual: Matrix
    stated: Matrix
    target: Matrix
    spans: Spans
    weighed: Matrix | None = None
    weighed_target: Matrix | None = None


def own_values(
    plan: Plan, measured: Matrix, manual: Matrix, fine: Finer, middle: Finer | None, *, whole: bool
) -> Rolled:
    """Values and coverage by the order of sources, NaN where a formula (or nothing) is left.

    Measured for exactly this period, unless the team stated another roll-up or a manual entry fills one of its finer
    periods that was not measured; measured finer ones rolled up; manual of exactly this period; manual finer ones
    (with what else is known of the finer periods) rolled up. ``whole``: rows were counted at every grain, so what they
    do not give for this period is not made up from finer ones (a week of two months would count in both).
    """
    rules = plan.rule_rows
    rolled = rolled_up(plan, fine.actual, fine.spans)
    rolled = Rolled(_first_of(fine.weighed, rolled.values), rolled.coverage)
    typed = _any_within(np.isfinite(fine.manual), fine.spans)
    seen = _any_within(np.isfinite(fine.measured), fine.spans)
    filling = np.isfinite(fine.manual) & np.isnan(fine.measured)
    fills = _any_within(filling, fine.spans)
    # a month without any row would break the sum of months, but not the rows' own sum with the typed months added
    added = _sum_within(np.where(filling, fine.manual, 0.0), fine.spans)
    joined = rules.sums[:, None] & fills & np.isfinite(measured)
    rolled = Rolled(np.where(joined, measured + added, rolled.values), rolled.coverage)
    if middle is not None:
        over = rolled_up(plan, middle.actual, middle.spans)
        typed_between = typed_within(middle)
        better = typed_between & (over.coverage >= rolled.coverage)
        rolled = Rolled(np.where(better, over.values, rolled.values), np.where(better, over.coverage, rolled.coverage))
        typed |= typed_between
        fills |= typed_between
    passed_over = rules.overrides[:, None] | (rules.rejoin[:, None] & fills)
    from_finer = rules.from_finer[:, None]
    if whole:
        from_finer = from_finer & ~rules.rows_decide[:, None]
    use_rows = np.isfinite(measured) & ~passed_over
    use_seen = ~use_rows & seen & from_finer
    use_typed = ~use_rows & ~use_seen & np.isfinite(manual)
    use_rolled = use_seen | (~use_rows & ~use_typed & (from_finer | typed))
    values = np.where(use_rows, measured, np.where(use_typed, manual, np.where(use_rolled, rolled.values, np.nan)))
    coverage = np.where(use_rows | use_typed, 1.0, np.where(use_rolled, rolled.coverage, 0.0))
    return Rolled(values, coverage)


def typed_within(middle: Finer) -> Mask:
    """Where something was typed for a period in the middle."""
    return _any_within(np.isfinite(middle.manual), middle.spans)


def own_targets(plan: Plan, stated: Matrix, fine: Finer, middle: Finer | None) -> Matrix:
    """Targets stated for exactly this period, else those that follow from all finer ones; NaN where neither is."""
    targets = stated
    for finer in (fine, middle):
        if finer is not None and np.isfinite(finer.target).any():
            targets = np.where(np.isnan(targets), _targets_from(plan, finer), targets)
    return targets


def _targets_from(plan: Plan, finer: Finer) -> Matrix:
    """A sum's target is the sum of all its finer ones, a mean's their mean, a last's the last.

    A formula that adds up over time has the sum of the stated ones; a rate or price the value they all share.
    """
    rules = plan.rule_rows
    found = np.full((finer.target.shape[0], len(finer.spans.first)), np.nan)
    for rule, rows in rules.by_roll_up:
        found[rows] = roll_up(finer.target[rows], finer.spans, rule, strict=True).values
    found[rules.formula_adds] = roll_up(finer.stated[rules.formula_adds], finer.spans, RollUp.SUM, strict=True).values
    found[rules.shared] = common(finer.stated[rules.shared], finer.spans)
    return _first_of(finer.weighed_target, found)


def rolled_up(plan: Plan, fine: Matrix, spans: Spans) -> Rolled:
    """Finer values by each node's own rule; NaN for nodes that have none."""
    values = np.full((fine.shape[0], len(spans.first)), np.nan)
    coverage = np.zeros(values.shape)
    for rule, rows in plan.rule_rows.by_finer:
        values[rows], coverage[rows] = roll_up(fine[rows], spans, rule)
    return Rolled(values, coverage)


def weighed(plan: Plan, fine: Matrix, calendar: Calendar, spans: Spans, *, strict: bool = False) -> Matrix | None:
    """The weighted means of the plan's levels; NaN where nothing is known or the weights add up to nothing.

    ``strict`` (targets): only where every finer period is known.
    """
    if plan.weighing is None:
        return None
    wide = np.full((plan.weighing.height, fine.shape[1]), np.nan)
    wide[: len(plan.rules)] = fine[: len(plan.rules)]
    plan.weighing.run(wide, calendar)
    levels, products, weights = plan.weighing_rows
    known = np.isfinite(wide[products])
    total = _sum_within(np.where(known, wide[products], 0.0), spans)
    weight = _sum_within(np.where(known, wide[weights], 0.0), spans)
    enough = _sum_within(known, spans) == (spans.after - spans.first) if strict else _any_within(known, spans)
    found = np.full((fine.shape[0], len(spans.first)), np.nan)
    with np.errstate(all="ignore"):
        found[levels] = np.where(enough & (weight != 0), total / weight, np.nan)
    return found


def _first_of(first: Matrix | None, other: Matrix) -> Matrix:
    return other if first is None else np.where(np.isfinite(first), first, other)


def _sum_within(numbers: Matrix | Mask, spans: Spans) -> Matrix:
    offset, end = int(spans.first[0]), int(spans.after[-1])
    total: Matrix = np.add.reduceat(numbers[:, offset:end], spans.first - offset, axis=1, dtype=np.float64)
    return total


def _any_within(present: Mask, spans: Spans) -> Mask:
    offset, end = int(spans.first[0]), int(spans.after[-1])
    found: Mask = np.logical_or.reduceat(present[:, offset:end], spans.first - offset, axis=1)
    return found

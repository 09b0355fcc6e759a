"""A workshop whose targets are those of the part of a period that is measured: the footing of "against target"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kpi_core.insight.goals import goals_of
from kpi_core.insight.measured_part import Parts, finer_grains, finest, to_date
from kpi_core.model.base import PeriodValue
from kpi_core.model.node import Node
from kpi_core.model.period import Period, parse_period, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.evaluation import Evaluation, evaluate
from kpi_core.tree.plan import Plan, plan_of, structure_of
from kpi_core.tree.rules import FROM_FINER

Numbers = NDArray[np.float64]


def aimed(workshop: Workshop, code: str, period: Period, parts: Parts) -> Workshop:
    """The workshop with the targets of ``period`` on the footing of what ``code``'s value speaks of there.

    ``code`` has the goal that its value is compared with; its drivers have their targets over the same finer periods
    (``parts``, those of ``code``): sums their parts, rates and prices as they roll up over these. The same workshop
    where the whole period is measured and the goal is the target.
    """
    plan = plan_of(structure_of(workshop), frozenset({code}))
    base = workshop.settings.grain
    inside = [one for one in parts.axis if one in set(finest(period, base))]
    between = [one for grain in finer_grains(base, period.grain) for one in periods_within(period, grain)]
    found = evaluate(workshop, {}, sorted({period, *inside, *between}), nodes=list(plan.rules))
    over = parts.over[code]
    own = Parts(parts.axis, dict.fromkeys(plan.rules, over), dict.fromkeys(plan.rules, over))
    within = parts.within([period])
    share = over[within[0]]
    whole = bool((share == 1).all() or not share.any())
    nodes = {node.code: node for node in workshop.nodes}
    if whole and nodes[code].thresholds is None:
        return workshop
    levels = {} if whole else _levels_to_date(workshop, plan, period, inside, share, found)
    at = found.periods.index(period)
    aims: dict[str, float] = {}
    for name in plan.rules:
        adds_up, target = name in plan.additive, found.target[name][[at]]
        measured = to_date(own, name, [period], within, target, found) if adds_up else None
        elapsed = np.ones(1) if adds_up else None
        goal = float(goals_of(nodes[name], workshop.settings, [period], target, elapsed, measured).goal[0])
        stated = float(measured.target[0]) if measured is not None else levels.get(name, float(target[0]))
        if name == code:
            aims[name] = goal
        elif _has_its_own(nodes[name], plan, period):
            aims[name] = stated if np.isfinite(stated) else goal
    changed = tuple(
        _with_target(node, period, aims[node.code]) if np.isfinite(aims.get(node.code, np.nan)) else node
        for node in workshop.nodes
    )
    return workshop.model_copy(update={"nodes": changed})


def _has_its_own(node: Node, plan: Plan, period: Period) -> bool:
    """Whether a node's target is its own, and not what the formula makes of its drivers'."""
    if node.formula is None or plan.rules[node.code].roll_up in FROM_FINER:
        return True
    spoken = (parse_period(entry.period, period.fiscal_year_start) for entry in node.targets)
    return any(map(period.holds, spoken))


def _levels_to_date(
    workshop: Workshop, plan: Plan, period: Period, inside: Sequence[Period], share: Numbers, found: Evaluation
) -> Mapping[str, float]:
    """The targets of what does not add up over the measured finer periods, rolled up as values are."""
    column = {one: at for at, one in enumerate(found.periods)}
    kept = [(one, float(part)) for one, part in zip(inside, share, strict=True) if part > 0]
    nodes = []
    for node in workshop.nodes:
        typed: list[PeriodValue] = []
        if node.code in plan.rules and _has_its_own(node, plan, period):
            size = node.code in plan.additive
            aims = [(one, found.target[node.code][column[one]] * (part if size else 1.0)) for one, part in kept]
            typed = [PeriodValue(period=one.key, value=float(aim)) for one, aim in aims if np.isfinite(aim)]
            typed = typed if len(typed) == len(kept) else []
        nodes.append(node.model_copy(update={"manual": tuple(typed), "targets": ()}))
    told = evaluate(workshop.model_copy(update={"nodes": tuple(nodes)}), {}, [period], nodes=list(plan.rules)).actual
    return {code: float(row[0]) for code, row in told.items() if np.isfinite(row[0]) and code not in plan.additive}


def _with_target(node: Node, period: Period, value: float) -> Node:
    others = tuple(entry for entry in node.targets if entry.period != period.key)
    return node.model_copy(update={"targets": (*others, PeriodValue(period=period.key, value=value))})

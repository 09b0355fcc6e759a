"""A node's network filled with the values of two sides, cut where a value does not come from its formula.

An entry typed for a node that also has a formula, or a roll-up that leaves a month out, makes the node's value another
than its formula's: there the way down ends, and the node counts as a leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.tree.entries import Values
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.network import Network, Numbers, Place, Slot, operate
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.tree.unrolling import unroll

#: Two values are the same when they differ by no more than rounding does.
SAME = 1e-9
ValueOf = Callable[[str, int, Period | None], float]
"""(code, side, period) → value; NaN = none, 0 where that side has no such period."""


@dataclass(frozen=True)
class Matched:
    """``cells``: each cell's value on both sides; ``computed``: what the formula gives.

    ``changed`` are the leaves that are not the same on both sides. ``before``/``after`` are the node's own values;
    ``open_gap`` says that its formula does not give them. ``missing`` are (leaf, period, whether it is a target); the
    node itself where its formula has a value and it has none.
    """

    network: Network
    cells: Mapping[int, Numbers]
    computed: Numbers
    before: float | None
    after: float | None
    changed: tuple[str, ...]
    open_gap: bool
    missing: tuple[tuple[str, Period, bool], ...]


def match(
    workshop: Workshop, values: Values, code: str, slot: Slot, *, from_target: bool = False, whole: bool = True
) -> Matched:
    """The network of ``code`` in ``slot`` with its values; ``from_target``: the first side holds targets."""
    plan = plan_of(structure_of(workshop))
    network = unroll(plan, code, slot)
    value_of = reader(workshop, values, network, from_target=from_target, whole=whole)
    closed = not_by_formula(network, value_of)
    if closed:
        network = unroll(plan, code, slot, closed)
    cells = {
        at: np.array([value_of(name, side, where[side]) for side in (0, 1)]) for at, (name, where) in _cells(network)
    }
    computed = np.broadcast_to(network.run(cells)[network.top], (2,))
    own = [value_of(code, side, slot[side]) for side in (0, 1)]
    changed = {name: None for at, (name, _) in _cells(network) if cells[at][0] != cells[at][1]}
    missing = {
        (name, period, from_target and side == 0): None
        for at, (name, where) in _cells(network)
        for side in (0, 1)
        if np.isnan(cells[at][side]) and (period := where[side]) is not None
    }
    for side in (0, 1):
        period = slot[side]
        if np.isnan(own[side]) and not np.isnan(computed[side]) and period is not None:
            missing[code, period, from_target and side == 0] = None
    open_gap = not all(_same(own[side], float(computed[side])) for side in (0, 1))
    known = [None if np.isnan(value) else value for value in own]
    return Matched(network, cells, computed, known[0], known[1], tuple(changed), open_gap, tuple(missing))


def _cells(network: Network) -> list[tuple[int, Place]]:
    return sorted(network.cells.items())


def reader(
    workshop: Workshop,
    values: Values,
    network: Network,
    *,
    from_target: bool = False,
    whole: bool = True,
    also: Collection[Period] = (),
) -> ValueOf:
    """What each node of the network has on either side, as everybody sees it; ``also`` in these further periods."""
    periods = sorted({period for _, slot in network.nodes for period in slot if period is not None}.union(also))
    codes = {code for code, _ in network.nodes}
    found = evaluate(workshop, values, periods, nodes=codes, whole=whole)
    column = {period: at for at, period in enumerate(found.periods)}
    sides = (found.target if from_target else found.actual, found.actual)

    def value_of(code: str, side: int, period: Period | None) -> float:
        if period is None:
            return 0.0
        series = sides[side].get(code)
        return np.nan if series is None else float(series[column[period]])

    return value_of


def not_by_formula(network: Network, value_of: ValueOf) -> frozenset[Place]:
    """The places below the top whose own values differ from what their formulas make of their inputs' own values."""
    own = {
        at: np.array([value_of(code, side, slot[side]) for side in (0, 1)])
        for (code, slot), at in network.nodes.items()
    }
    results: list[Numbers] = []
    differing = set()
    places = {at: place for place, at in network.nodes.items()}
    with np.errstate(all="ignore"):
        for at, step in enumerate(network.steps):
            if step.what == "cell":
                results.append(own[at])
                continue
            result = operate(step, [results[operand] for operand in step.operands])
            if at in places and at != network.top:
                sides = np.broadcast_to(result, (2,))
                if not all(_same(float(own[at][side]), float(sides[side])) for side in (0, 1)):
                    differing.add(places[at])
                result = own[at]
            results.append(result)
    return frozenset(differing)


def _same(first: float, second: float) -> bool:
    if np.isnan(first) or np.isnan(second):
        return bool(np.isnan(first) and np.isnan(second))
    return abs(first - second) <= SAME * max(abs(first), abs(second))

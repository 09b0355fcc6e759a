"""Why a node changed: what each leaf of its formula contributed, adding up to the change exactly.

``SHAPLEY`` takes every order in which the leaves could have changed, and is exact for any formula; up to 12 changed
leaves it is the default. ``CHAIN`` follows the formula operation by operation, is exact too, and is used beyond (and
where a mixed state, some leaves as before and some as after, divides by zero). ``LMDI`` is the chain with logarithmic
means, for leaves that are not negative. ``SEQUENTIAL`` changes one leaf after the other in a stated order.

A leaf counts once however many formulas use it. Where the node also has a measure, its formula need not give what was
measured: the difference is the ``gap``. A missing input gives no contributions, and is named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.tree.entries import Values
from kpi_core.tree.matching import Matched, match
from kpi_core.tree.multipliers import NotLogarithmicError, Pair, chained, factors, logarithmic
from kpi_core.tree.network import Network, Numbers
from kpi_core.tree.shapley import MOST_PLAYERS, shapley, subsets
from kpi_core.vocabulary import AttributionMethod


class Missing(NamedTuple):
    """A leaf without a value, and the period it lacks; ``target`` where it is its target that is missing."""

    node: str
    period: Period
    target: bool = False


@dataclass(frozen=True)
class Attribution:
    """``before`` and ``after`` are the node's values (``None`` = none); ``contributions`` are in its unit, by leaf.

    ``leaves`` are all leaves of the formula, also those that did not change (their contribution is 0). ``missing`` says
    why there are no contributions; where it is empty and there are none, some formula on the way has no value
    (``singular``: it divides by zero, as it stands or in a mixed state that the method asks for).
    """

    node: str
    method: AttributionMethod
    before: float | None
    after: float | None
    leaves: tuple[str, ...]
    contributions: Mapping[str, float] | None
    gap: float = 0.0
    missing: tuple[Missing, ...] = ()
    singular: bool = False

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def residual(self) -> float | None:
        """What contributions and gap do not add up to: nothing but the last bits."""
        if self.contributions is None or self.change is None:
            return None
        return self.change - math.fsum((*self.contributions.values(), self.gap))


def attribute(
    workshop: Workshop,
    values: Values,
    code: str,
    start: Period,
    end: Period,
    *,
    method: AttributionMethod | None = None,
    order: Sequence[str] = (),
    from_target: bool = False,
    whole: bool = True,
) -> Attribution:
    """What the leaves of ``code`` contributed to its change from ``start`` to ``end`` (of one grain).

    ``from_target``: from the targets at ``end`` to the actual values there. ``method`` ``None`` is Shapley, or the
    chain rule where that cannot be; the answer says which. ``order`` (for ``SEQUENTIAL``) names leaves in the order in
    which they change; those not named follow in the formula's own order. ``values``, ``whole``: as for ``evaluate``.
    """
    found = match(workshop, values, code, (end if from_target else start, end), from_target=from_target, whole=whole)
    chosen = method or (AttributionMethod.SHAPLEY if len(found.changed) <= MOST_PLAYERS else AttributionMethod.CHAIN)
    if chosen is AttributionMethod.SHAPLEY and len(found.changed) > MOST_PLAYERS:
        chosen = AttributionMethod.CHAIN
    blank = Attribution(code, chosen, found.before, found.after, found.network.leaves, None)
    missing = tuple(Missing(*each) for each in found.missing)
    if missing or found.before is None or found.after is None or not np.isfinite(found.computed).all():
        return replace(blank, missing=missing, singular=not missing)
    shares = contributions(found, chosen, order)
    if shares is None and method is None:
        chosen = AttributionMethod.CHAIN
        shares = contributions(found, chosen, order)
    if shares is None:
        return replace(blank, method=chosen, singular=True)
    change = found.after - found.before
    computed = float(found.computed[1] - found.computed[0])
    gap = change - computed if found.open_gap else 0.0
    closed = _closed(shares, change - gap)
    return replace(blank, method=chosen, contributions={leaf: closed.get(leaf, 0.0) for leaf in blank.leaves}, gap=gap)


def contributions(found: Matched, method: AttributionMethod, order: Sequence[str] = ()) -> dict[str, float] | None:
    """The changed leaves' shares by one method; ``None`` where a state it needs has no value."""
    if method is AttributionMethod.SHAPLEY:
        results = _results(found, subsets(len(found.changed)))
        return dict(zip(found.changed, shapley(results).tolist(), strict=True)) if np.isfinite(results).all() else None
    if method is AttributionMethod.SEQUENTIAL:
        ranked = sorted(found.changed, key=lambda leaf: order.index(leaf) if leaf in order else len(order))
        places = [ranked.index(leaf) for leaf in found.changed]
        stages = np.arange(len(ranked) + 1)[None, :] > np.array(places, dtype=np.intp)[:, None]
        results = _results(found, stages)
        return dict(zip(ranked, np.diff(results).tolist(), strict=True)) if np.isfinite(results).all() else None
    return _passed_down(found, logarithmic_means=method is AttributionMethod.LMDI)


def _results(found: Matched, member: NDArray[np.bool_]) -> Numbers:
    """The node's value in each state: a column of ``member`` says which changed leaves are as after."""
    network = found.network
    at = {leaf: row for row, leaf in enumerate(found.changed)}
    states: dict[int, Numbers] = {}
    for cell, (code, _) in network.cells.items():
        before, after = found.cells[cell]
        states[cell] = np.where(member[at[code]], after, before) if code in at else np.array([before])
    return np.broadcast_to(network.run(states)[network.top], member.shape[1:])


def _passed_down(found: Matched, *, logarithmic_means: bool) -> dict[str, float] | None:
    """From the top downwards: how much of each step's change the node's change holds, summed over all ways."""
    network = found.network
    pairs: list[Pair] = [(float(value[0]), float(value[-1])) for value in network.run(found.cells)]
    weights = [0.0] * len(network.steps)
    weights[network.top] = 1.0
    shares = dict.fromkeys(found.changed, 0.0)
    if logarithmic_means and any(min(pairs[cell]) < 0 for cell in network.cells):
        return None
    for at in range(network.top, -1, -1):
        weight = weights[at]
        if weight == 0.0:
            continue
        if at in network.cells:
            code = network.cells[at][0]
            if code in shares:
                shares[code] += weight * (pairs[at][1] - pairs[at][0])
            continue
        try:
            parts = _multipliers(network, pairs, at, logarithmic_means=logarithmic_means)
        except (NotLogarithmicError, ZeroDivisionError, OverflowError):
            return None
        for operand, multiplier in parts:
            weights[operand] += weight * multiplier
    return shares if all(map(math.isfinite, shares.values())) else None


def _multipliers(
    network: Network, pairs: Sequence[Pair], at: int, *, logarithmic_means: bool
) -> list[tuple[int, float]]:
    step = network.steps[at]
    product = factors(network, at) if logarithmic_means else None
    if product is not None:
        means = logarithmic(pairs[at], [(pairs[factor], exponent) for factor, exponent in product])
        return [(factor, mean) for (factor, _), mean in zip(product, means, strict=True)]
    operands = [pairs[operand] for operand in step.operands]
    return list(zip(step.operands, chained(step, pairs[at], operands), strict=True)) if operands else []


def _closed(shares: Mapping[str, float], change: float) -> dict[str, float]:
    """The shares with the last bits that rounding lost given to the largest."""
    found = dict(shares)
    if found:
        largest = max(found, key=lambda leaf: abs(found[leaf]))
        found[largest] += change - math.fsum(found.values())
    return found

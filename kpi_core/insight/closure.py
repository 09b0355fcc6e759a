"""Formula against measure: where a node has both, how far they are apart by period, and whose definition does not fit.

For each child it is asked: if its values were all wrong by one and the same factor, how much of the gap would that
explain? A child whose own formula and measure disagree is named first. Where two children explain the gap equally well,
as both factors of a product always do, the numbers cannot tell them apart, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_core.vocabulary import ClosureVerdict

Numbers = NDArray[np.float64]
Compute = Callable[[Mapping[str, Numbers]], Numbers]
"""The formula's values, given its children's values over the same periods."""

#: Gaps up to this share of the measured value are roundings.
TOLERANCE = 0.01
#: Periods with both values that are needed to name a child.
LEAST = 3
#: A child must explain this much of the gap to be named, and this much more than the next to be named alone.
EXPLAINS, BETTER = 0.5, 0.1
_FARTHEST = np.log(10)


@dataclass(frozen=True)
class Suspect:
    """``factor`` is what the child's values would have to be multiplied by; ``share`` (0-1) of the gap is gone then.

    ``own_gap``: the child's own formula and measure disagree too.
    """

    child: str
    factor: float
    share: float
    own_gap: bool


@dataclass(frozen=True)
class Closure:
    """By period: ``measured``, ``computed`` by the formula, ``residual`` = measured - computed; NaN = no value.

    ``closes`` marks periods within the tolerance. ``suspects`` are the children that may be defined differently, the
    likeliest first: one for ``CHILD``, several for ``AMBIGUOUS``, else none.
    """

    measured: Numbers
    computed: Numbers
    residual: Numbers
    closes: tuple[bool, ...]
    verdict: ClosureVerdict
    suspects: tuple[Suspect, ...]


def closure(
    measured: Numbers,
    children: Mapping[str, Numbers],
    compute: Compute,
    own_gaps: Sequence[str] = (),
) -> Closure:
    """How a node's measured values and its formula over its children's values fit together."""
    computed = compute(children)
    residual = measured - computed
    known = np.isfinite(residual)
    near = known & (np.abs(residual) <= TOLERANCE * np.maximum(np.abs(measured), np.abs(computed)))
    made = (measured, computed, residual, tuple(near.tolist()))
    if not known.any():
        return Closure(*made, ClosureVerdict.NOT_ENOUGH_DATA, ())
    if near[known].all():
        return Closure(*made, ClosureVerdict.CLOSES, ())
    if known.sum() < LEAST:
        return Closure(*made, ClosureVerdict.NOT_ENOUGH_DATA, ())
    found = [_suspect(child, measured, children, compute, child in own_gaps) for child in children]
    able = sorted((one for one in found if one.share >= EXPLAINS), key=lambda one: (not one.own_gap, -one.share))
    if not able:
        return Closure(*made, ClosureVerdict.UNEXPLAINED, ())
    first = able[0]
    rivals = [one for one in able[1:] if one.own_gap == first.own_gap and one.share > first.share - BETTER]
    if rivals:
        return Closure(*made, ClosureVerdict.AMBIGUOUS, (first, *rivals))
    return Closure(*made, ClosureVerdict.CHILD, (first,))


def _suspect(
    child: str, measured: Numbers, children: Mapping[str, Numbers], compute: Compute, own_gap: bool
) -> Suspect:
    from scipy.optimize import minimize_scalar

    def gap(exponent: float) -> float:
        with np.errstate(all="ignore"):
            changed = compute({**children, child: children[child] * np.exp(exponent)})
        left = (measured - changed)[known]
        return float(left @ left) if np.isfinite(left).all() else 10 * now

    known = np.isfinite(measured - compute(children))
    now = float(((measured - compute(children))[known] ** 2).sum())
    # looked for from both sides of 1, so that one far valley does not hide a near one
    best = min(
        (minimize_scalar(gap, bounds=bounds, method="bounded") for bounds in ((-_FARTHEST, 0), (0, _FARTHEST))),
        key=lambda result: float(result.fun),
    )
    return Suspect(child, float(np.exp(best.x)), max(0.0, 1 - float(best.fun) / now), own_gap)

"""The numerics of back-solving: relative changes of several levers, as rows; columns are points tried at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from kpi_core.tree.network import Numbers

Value = Callable[[Numbers], Numbers]
_MOST_CORNERS = 4096
#: How far the search goes from where things stand, in steps, before it asks for more.
_REACHES = (0.1, 0.5, 1.0, 3.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)


def best_reachable(value: Value, target: float, start: Numbers, box: Numbers) -> Numbers:
    """A point on the other side of ``target``, as near to ``start`` as it is found; else the point that comes nearest.

    Corners of growing boxes are tried first (where the node grows or falls with every lever, the best is a corner),
    then each lever alone climbs on from the best.
    """
    side = np.sign(target - float(value(start[:, None])[0]))
    best = start
    for reach in _REACHES:
        inner = np.clip(box, (start - reach)[:, None], (start + reach)[:, None])
        best = _better(value, side, best, _corners(inner, best))
        if side * (float(value(best[:, None])[0]) - target) < 0:
            best = _climbed(value, side, best, inner, rounds=1)
        if side * (float(value(best[:, None])[0]) - target) >= 0:
            return best
        if (inner == box).all():
            break
    return _climbed(value, side, best, box, rounds=20)


def _corners(box: Numbers, best: Numbers) -> Numbers:
    if 2 ** len(box) <= _MOST_CORNERS:
        return np.array(list(product(*box)), dtype=np.float64).T
    # too many: each lever to either end on its own, and all together as the best of those say
    alone = np.repeat(best[:, None], 2 * len(box), axis=1)
    for row in range(len(box)):
        alone[row, [2 * row, 2 * row + 1]] = box[row]
    return np.concatenate([alone, box], axis=1)


def _better(value: Value, side: float, best: Numbers, points: Numbers) -> Numbers:
    results = side * value(points)
    if np.isnan(results).all():
        return best
    at = int(np.nanargmax(results))
    return points[:, at] if results[at] > side * float(value(best[:, None])[0]) else best


def _climbed(value: Value, side: float, best: Numbers, box: Numbers, *, rounds: int) -> Numbers:
    """Each lever in turn to the best of a grid between its limits, until nothing improves."""
    for _ in range(rounds):
        before = best
        for row in range(len(box)):
            points = np.repeat(best[:, None], 201, axis=1)
            points[row] = np.linspace(float(box[row, 0]), float(box[row, 1]), 201)
            best = _better(value, side, best, points)
        if best is before:
            break
    return best


def one_lever(value: Value, target: float, start: Numbers, far: Numbers) -> Numbers:
    """The relative change of the one lever nearest to ``start`` that reaches ``target``; ``far`` lies beyond it."""
    ends = sorted((float(start[0]), float(far[0])))
    return np.array([_root(lambda change: float(value(np.array([[change]]))[0]) - target, *ends)])


def several_levers(value: Value, target: float, start: Numbers, far: Numbers, box: Numbers, cost: Numbers) -> Numbers:
    """The point of least Σ cost·change² at which the value is ``target``, within the box."""
    from scipy.optimize import minimize

    def on_the_way(point: Numbers) -> Numbers | None:
        """Where the straight way from ``start`` through ``point`` (kept within the box) meets the target."""

        def at(t: float) -> Numbers:
            return np.clip(start + t * (point - start), box[:, 0], box[:, 1])

        def off(t: float) -> float:
            return float(value(at(t)[:, None])[0]) - target

        stretch = next((t for t in (1.0, 1 + 1e-6, 1.001, 1.1, 2.0, 10.0) if off(t) * off(0.0) <= 0), None)
        return None if stretch is None else at(_root(off, 0.0, stretch))

    def effort(point: Numbers) -> float:
        return float(cost @ point**2)

    best = on_the_way(far)
    if best is None:
        return far
    size = max(abs(target), abs(float(value(start[:, None])[0])), 1e-300)
    meet = {"type": "eq", "fun": lambda point: (float(value(point[:, None])[0]) - target) / size}
    for first in (best, best / 2, _gradient(value, start, target, box, cost)):
        try:
            found = minimize(
                effort, first, method="SLSQP", bounds=box, constraints=[meet], options={"maxiter": 300, "ftol": 1e-14}
            )
        except (ValueError, FloatingPointError):
            continue
        point = on_the_way(np.clip(found.x, box[:, 0], box[:, 1])) if np.isfinite(found.x).all() else None
        if point is not None and effort(point) < effort(best):
            best = point
    return best


def _gradient(value: Value, start: Numbers, target: float, box: Numbers, cost: Numbers) -> Numbers:
    """The first step of least effort: along the slope over the cost."""
    step = 1e-6 * np.eye(len(start))
    slope = (value(start[:, None] + step) - value(start[:, None] - step)) / 2e-6
    slope = np.nan_to_num(slope)
    along = slope / cost
    length = float(slope @ along)
    if not length:
        return start
    return np.clip(start + along * (target - float(value(start[:, None])[0])) / length, box[:, 0], box[:, 1])


def _root(off: Callable[[float], float], low: float, high: float) -> float:
    """A root between two ends of different sign."""
    from scipy.optimize import brentq

    if off(low) == 0:
        return low
    if off(high) == 0:
        return high
    return float(brentq(off, low, high, xtol=1e-15, rtol=8.9e-16, maxiter=500))

"""Back-solve: what the drivers must reach for a node to reach its target, with the least relative effort.

Effort is Σ weight x (relative change)². Locked drivers stay, free ones stay within their limits (what never was
negative does not become so). One free driver: a root finder. Several: a constrained optimiser from a point that reaches
the target, corrected along its own direction until the target is met to 1e-9 of it. Where no point within the limits
reaches it: the best that can be reached, and the limits that stop it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from kpi_core.tree.attribution import contributions
from kpi_core.tree.matching import Matched
from kpi_core.tree.network import Numbers
from kpi_core.tree.outlook import Outlook
from kpi_core.tree.reaching import best_reachable, one_lever, several_levers
from kpi_core.tree.shapley import MOST_PLAYERS
from kpi_core.vocabulary import AttributionMethod

#: The target counts as reached within this share of it.
CLOSE = 1e-9
#: Changes beyond this (a million times as much) are not looked at where there is no limit.
FARTHEST = 1e6
Limits = tuple[float, float]


@dataclass(frozen=True)
class Required:
    """``now``/``required``: the driver's value in each of its open periods (their mean over several periods).

    ``at_limit``: ``low``/``high`` where a limit binds, ``locked``, ``too_late`` where it cannot act before the period,
    else ``None``. ``contribution`` is its part of the way from the node's value now to the one reached. ``by_period``:
    its value in the open periods in which it can act; ``standing``: in those in which it cannot, as things stand.
    """

    node: str
    now: float
    required: float
    at_limit: str | None
    contribution: float
    by_period: Mapping[str, float]
    standing: Mapping[str, float]


@dataclass(frozen=True)
class Solution:
    """``now`` → ``reached`` is the node's value as things stand and with the drivers as required.

    Not ``feasible``: ``reached`` is the best that the limits allow, and ``drivers`` are there.
    """

    target: float
    now: float
    reached: float
    feasible: bool
    drivers: tuple[Required, ...]


def solve(
    ahead: Outlook,
    target: float,
    *,
    locks: Collection[str] = (),
    bounds: Mapping[str, Limits] | None = None,
    natural: Mapping[str, Limits] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Solution:
    """What the drivers of ``ahead`` must reach for its node to be ``target``.

    ``bounds`` are values per period: of the mean over the open ones, whose shape stays. ``natural`` ones hold in each.
    ``weights`` (default 1): how much more a relative change of this driver costs than of another.
    """
    each = {leaf: natural_limits(ahead, leaf) for leaf in ahead.levers} | dict(natural or {})
    stated = bounds or {}
    free = [leaf for leaf, cells in ahead.levers.items() if cells and leaf not in locks]
    box = np.array([_box(ahead, leaf, each[leaf], stated.get(leaf)) for leaf in free]).reshape(-1, 2)
    cost = np.array([(weights or {}).get(leaf, 1.0) for leaf in free])
    value: Callable[[Numbers], Numbers] = lambda changes: ahead.results(free, changes)  # noqa: E731
    found, feasible = _search(value, target, ahead.value, box, cost)
    cells = dict(ahead.standing)
    for leaf, change in zip(free, found, strict=True):
        cells |= {at: float(moved[0]) for at, moved in ahead.moved(leaf, np.array([change])).items()}
    reached = float(ahead.network.run({at: np.array([v]) for at, v in cells.items()})[ahead.network.top][0])
    shares = _shares(ahead, cells, reached)
    at = {leaf: place for place, leaf in enumerate(free)}
    feasible = feasible and abs(reached - target) <= _close(target, ahead.value)
    drivers = tuple(
        Required(
            leaf,
            ahead.level(leaf),
            ahead.level(leaf, cells),
            _limit(box[at[leaf]], found[at[leaf]], ahead, leaf) if leaf in at else "locked" if places else "too_late",
            shares.get(leaf, 0.0),
            {_period(ahead, place): cells[place] for place in places},
            {_period(ahead, place): ahead.standing[place] for place in _out_of_reach(ahead, leaf)},
        )
        for leaf, places in ahead.levers.items()
    )
    return Solution(target, ahead.value, reached, feasible, drivers)


def natural_limits(ahead: Outlook, leaf: str) -> Limits:
    """Not below 0 for what never was; no other limit."""
    known = ahead.history[leaf][np.isfinite(ahead.history[leaf])]
    standing = [ahead.standing[at] for at in ahead.levers[leaf]]
    return (0.0 if min([*known, *standing], default=0.0) >= 0 else -np.inf), np.inf


def _close(target: float, now: float) -> float:
    return CLOSE * (abs(target) or abs(now) or 1.0)


def _search(
    value: Callable[[Numbers], Numbers], target: float, now: float, box: Numbers, cost: Numbers
) -> tuple[Numbers, bool]:
    start = np.clip(np.zeros(len(box)), box[:, 0], box[:, 1])
    close = _close(target, now)
    if not len(box) or np.isnan(now):
        return start, bool(abs(now - target) <= close)
    here = float(value(start[:, None])[0])
    if abs(here - target) <= close:
        return start, True
    far = best_reachable(value, target, start, np.clip(box, -FARTHEST, FARTHEST))
    there = float(value(far[:, None])[0])
    if abs(there - target) > close and (there - target) * (here - target) > 0:
        return far, False
    if len(box) == 1:
        return one_lever(value, target, start, far), True
    return several_levers(value, target, start, far, box, cost), True


def _box(ahead: Outlook, leaf: str, each: Limits, stated: Limits | None) -> Limits:
    """Limits of the relative change: those of every open cell, and those of their mean."""
    boxes = [_relative(ahead, leaf, ahead.standing[at], each) for at in ahead.levers[leaf]]
    boxes += [] if stated is None else [_relative(ahead, leaf, ahead.level(leaf), stated)]
    low = max(low for low, _ in boxes)
    return low, max(low, min(high for _, high in boxes))


def _relative(ahead: Outlook, leaf: str, value: float, limits: Limits) -> Limits:
    size, offset = (value, 1.0) if value else (ahead.step(leaf), 0.0)
    low, high = sorted(limit / size - offset for limit in limits)
    return low, high


def _limit(box: Numbers, change: float, ahead: Outlook, leaf: str) -> str | None:
    near = 1e-9 * max(1.0, abs(change))
    upside = ahead.level(leaf) >= 0
    if np.isfinite(box[0]) and change - box[0] <= near:
        return "low" if upside else "high"
    if np.isfinite(box[1]) and box[1] - change <= near:
        return "high" if upside else "low"
    return None


def _shares(ahead: Outlook, cells: Mapping[int, float], reached: float) -> dict[str, float]:
    """Each driver's part of the way from now to what is reached."""
    pairs = {at: np.array([ahead.standing[at], cells[at]]) for at in cells}
    changed = tuple(leaf for leaf in ahead.levers if any(np.ptp(pairs[at]) for at in ahead.levers[leaf]))
    ends = np.array([ahead.value, reached])
    if not changed or np.isnan(ends).any():
        return {}
    matched = Matched(ahead.network, pairs, ends, ahead.value, reached, changed, False, ())
    exact = contributions(matched, AttributionMethod.SHAPLEY) if len(changed) <= MOST_PLAYERS else None
    return exact or contributions(matched, AttributionMethod.CHAIN) or {}


def _period(ahead: Outlook, cell: int) -> str:
    period = ahead.network.cells[cell][1][1]
    return "" if period is None else period.key


def _out_of_reach(ahead: Outlook, leaf: str) -> list[int]:
    """The leaf's open cells in which it cannot act in time."""
    return [
        at
        for at, (code, (_, period)) in ahead.network.cells.items()
        if code == leaf and period is not None and period.end > ahead.now.end and at not in ahead.levers[leaf]
    ]

"""A driver that can be moved: where it stands, and between what it may lie by its kind and by its past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.text.numbers import is_typed_percent
from kpi_core.tree.outlook import Outlook
from kpi_core.tree.solving import Limits, natural_limits
from kpi_core.tree.units import RATIO, unit_kind
from kpi_core.vocabulary import Direction


@dataclass(frozen=True)
class Lever:
    """A driver that can be moved: its value per open period as things stand, and the range that a slider offers.

    ``bounds``: what its kind allows. ``open``: whether it can act before the period is over. ``history``: its values
    so far (no NaN); ``latest``: the period of the last of them.
    """

    node: str
    now: float
    low: float
    high: float
    bounds: Limits
    open: bool
    history: tuple[float, ...]
    latest: Period | None

    def beyond(self, level: float) -> float | None:
        """The end of its history that ``level`` lies beyond; ``None`` within it, or without one."""
        if not self.history:
            return None
        low, high = min(self.history), max(self.history)
        return high if level > high else low if level < low else None


def lever(node: Node, ahead: Outlook) -> Lever:
    """A slider reaches from half to one and a half of what was seen, within what the driver's kind allows."""
    leaf = node.code
    now, bounds = ahead.level(leaf), natural_bounds(node, ahead)
    known = tuple(float(value) for value in ahead.history[leaf] if np.isfinite(value))
    seen = (*known, now)
    room = 0.5 * max(abs(min(seen)), abs(max(seen)))
    low, high = max(min(seen) - room, bounds[0]), min(max(seen) + room, max(bounds[1], now))
    at = np.flatnonzero(np.isfinite(ahead.history[leaf]))
    latest = ahead.history_periods[at[-1]] if len(at) else None
    return Lever(leaf, now, low, high, bounds, bool(ahead.levers[leaf]), known, latest)


def natural_bounds(node: Node, ahead: Outlook) -> Limits:
    """Not below 0 where it never was; not above the whole (1, or 100 of the unit %) for a share that never was."""
    low, high = natural_limits(ahead, node.code)
    known = ahead.history[node.code]
    known = known[np.isfinite(known)]
    whole = 100.0 if is_typed_percent(node.unit) else 1.0
    is_share = unit_kind(node.unit) == RATIO and max(known, default=0.0) <= whole
    return low, whole if is_share else high


def past_bounds(node: Node, ahead: Outlook, kind: str) -> Limits:
    """Between where things stand and the best (or 90th percentile) of the history, in the better direction."""
    known = ahead.history[node.code]
    known = known[np.isfinite(known)]
    now = ahead.level(node.code)
    down = node.direction is Direction.DOWN
    if not len(known):
        return now, now
    share = (0 if down else 100) if kind == "best" else (10 if down else 90)
    edge = float(np.percentile(known, share))
    return (min(edge, now), now) if down else (now, max(edge, now))

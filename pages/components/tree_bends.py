"""How far a link beside the parent edges bends, so that its words stand clear of the boxes, which are drawn over it."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, NamedTuple

from kpi_core.tree.layout import Place

#: As vis-network names the two sides, and how far: the gentlest that is clear is taken.
_BENDS = tuple((side, roundness) for roundness in (0.25, 0.4, 0.6, 0.8, 1.0) for side in ("curvedCCW", "curvedCW"))


class Box(NamedTuple):
    """A rectangle by its middle and half its sides, in the drawing's pixels."""

    x: float
    y: float
    across: float
    down: float

    def shared(self, other: Box) -> float:
        """The area that two boxes have in common."""
        wide = self.across + other.across - abs(self.x - other.x)
        high = self.down + other.down - abs(self.y - other.y)
        return max(wide, 0.0) * max(high, 0.0)


def bend(source: Place, target: Place, label: tuple[float, float], boxes: Collection[Box]) -> dict[str, Any]:
    """vis-network's ``smooth`` of a link with a ``label`` of that width and height, among ``boxes``."""

    def hidden(one: tuple[str, float]) -> float:
        x, y = label_at(source, target, *one)
        words = Box(x, y, label[0] / 2, label[1] / 2)
        return sum(words.shared(box) for box in boxes)

    side, roundness = min(_BENDS, key=hidden)  # of equals the first: the gentlest
    return {"enabled": True, "type": side, "roundness": roundness}


def label_at(source: Place, target: Place, side: str, roundness: float) -> tuple[float, float]:
    """Where vis-network puts the label: halfway on a quadratic curve whose third point it computes like this."""
    across, up = target.x - source.x, source.y - target.y
    turned = -roundness if side == "curvedCCW" else roundness
    angle, reach = math.atan2(up, across) + (0.5 * turned + 0.5) * math.pi, (0.5 * roundness + 0.5)
    reach *= math.hypot(across, up)
    via = source.x + reach * math.sin(angle), source.y + reach * math.cos(angle)
    return 0.25 * source.x + 0.5 * via[0] + 0.25 * target.x, 0.25 * source.y + 0.5 * via[1] + 0.25 * target.y

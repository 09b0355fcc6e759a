"""What if a driver were different: the node and all on the way, elasticities, and a tornado of ±10 %."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from kpi_core.tree.network import Numbers
from kpi_core.tree.outlook import Outlook

#: How far a tornado moves each driver, either way.
SWING = 0.1
_POINTS = 41
_SMALL = 1e-5


@dataclass(frozen=True)
class Swing:
    """The node's value with one driver lower and higher by the swing; ``None`` where it has none there.

    ``elasticity``: by how many percent the node moves when the driver moves by 1 %, at the point where things stand.
    ``singular``: somewhere between the two ends a formula divides by zero, so the ends do not tell what lies between.
    """

    node: str
    low: float | None
    high: float | None
    elasticity: float | None
    singular: bool


def changed_cells(ahead: Outlook, levels: Mapping[str, float]) -> dict[int, Numbers]:
    """The open cells of drivers put at new values (the mean over their open periods, whose shape stays)."""
    cells: dict[int, Numbers] = {}
    for leaf, level in levels.items():
        now = ahead.level(leaf)
        for at in ahead.levers.get(leaf, ()):
            cells[at] = np.array([level * (ahead.standing[at] / now) if now else level])
    return cells


def put(ahead: Outlook, levels: Mapping[str, float]) -> Outlook:
    """The outlook with drivers standing at new values: from there a tornado or a chance goes on."""
    moved = {at: float(value[0]) for at, value in changed_cells(ahead, levels).items()}
    return replace(ahead, standing={**ahead.standing, **moved})


def with_levels(ahead: Outlook, levels: Mapping[str, float]) -> dict[str, float]:
    """Every node of the network that the change reaches → its new value in the period; NaN = no value.

    A driver whose value in the period is not made from its open cells is told at its level.
    """
    fresh = ahead.network.run_changed(ahead.values, changed_cells(ahead, levels))
    here = (ahead.period, ahead.period)
    found = {
        code: float(fresh[at][0]) for (code, slot), at in ahead.network.nodes.items() if slot == here and at in fresh
    }
    moving = {leaf: level for leaf, level in levels.items() if ahead.levers.get(leaf)}
    return found | {leaf: level for leaf, level in moving.items() if not ahead.is_made_of_finer(leaf)}


def tornado(ahead: Outlook, swing: float = SWING, *, among: Collection[str] | None = None) -> tuple[Swing, ...]:
    """Each driver (of ``among``) moved alone by ``swing`` either way, the widest first."""
    moving = [leaf for leaf, cells in ahead.levers.items() if cells and (among is None or leaf in among)]
    found = [_swing(ahead, leaf, swing) for leaf in moving]
    return tuple(sorted(found, key=lambda one: -_width(one)))


def _swing(ahead: Outlook, leaf: str, swing: float) -> Swing:
    changes = np.concatenate([np.linspace(-swing, swing, _POINTS), [-_SMALL, _SMALL]])
    fresh = ahead.network.run_changed(ahead.values, ahead.moved(leaf, changes))
    top = ahead.network.top
    results = fresh[top] if top in fresh else np.full(len(changes), ahead.value)
    singular = _divides_by_zero(ahead, fresh) or not np.isfinite(results).all()
    low, high = (None if np.isnan(value) else float(value) for value in (results[0], results[_POINTS - 1]))
    moved = ahead.value and not singular and any(ahead.standing[at] for at in ahead.levers[leaf])
    elasticity = float((results[-1] - results[-2]) / (2 * _SMALL) / ahead.value) if moved else None
    return Swing(leaf, low, high, elasticity, singular)


def _divides_by_zero(ahead: Outlook, fresh: Mapping[int, Numbers]) -> bool:
    for at in fresh:
        step = ahead.network.steps[at]
        if step.what == "/" and step.operands[1] in fresh:
            below = fresh[step.operands[1]]
            if below.min() <= 0 <= below.max():
                return True
    return False


def _width(swing: Swing) -> float:
    return abs(swing.high - swing.low) if swing.low is not None and swing.high is not None else np.inf

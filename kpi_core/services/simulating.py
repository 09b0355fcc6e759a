"""What if: drivers at other values, what that does to the tree, how much each matters, and the chance of the target."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from kpi_core.errors import RefusedError
from kpi_core.model.period import Period
from kpi_core.services.solving import natural_bounds, outlook_for
from kpi_core.services.standing import standpoint
from kpi_core.store.state import State
from kpi_core.tree.chance import DRAWS, Chance, chance
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.outlook import Outlook
from kpi_core.tree.what_if import SWING, Swing, put, tornado, with_levels
from kpi_core.vocabulary import Direction


@dataclass(frozen=True)
class Lever:
    """A driver that can be moved: its value per open period as things stand, and the range that a slider offers.

    ``open``: whether it can act before the period is over. ``history``: its values so far (no NaN).
    """

    node: str
    now: float
    low: float
    high: float
    open: bool
    history: tuple[float, ...]


@dataclass(frozen=True)
class Simulation:
    """``before``/``after``: every node of the tree that has a value in ``period``, as things stand and as simulated.

    ``after`` holds only what the changed drivers reach; ``None`` = no value (a division by zero, say). ``target`` is
    the node's own for the period. ``swings`` tell how much each driver matters from there, the
    widest first.
    """

    node: str
    period: Period
    now: Period
    target: float | None
    levers: tuple[Lever, ...]
    before: Mapping[str, float | None]
    after: Mapping[str, float | None]
    swings: tuple[Swing, ...]
    chance: Chance | None


def simulate(
    state: State,
    workshop_id: str,
    node: str,
    period: str,
    levels: Mapping[str, float] | None = None,
    *,
    swing: float = SWING,
    draws: int | None = DRAWS,
    seed: int = 1,
    seasonal: bool = False,
) -> Simulation:
    """``node`` and all other nodes in ``period`` with drivers at ``levels``.

    Levels are values per period of the workshop's grain, in the open periods. ``draws`` ``None`` leaves out the chance.
    ``seasonal`` and what is raised: as for ``what_it_takes``.
    """
    here = standpoint(state, workshop_id)
    others = [other.code for other in here.workshop.nodes if other.code != node]
    ahead = outlook_for(here, node, period, also=others, seasonal=seasonal)
    for code in levels or {}:
        if code not in ahead.levers:
            raise RefusedError("solve_not_a_driver", node=node, driver=code, known=", ".join(ahead.levers))
    own = ahead.network.own_leaves
    moved = put(ahead, levels or {})
    swings = tuple(one for one in tornado(moved, swing) if one.node in own)
    told = evaluate(here.workshop, here.values, [ahead.period], nodes=[node], whole=True).target[node][0]
    target = None if np.isnan(told) else float(told)
    card = here.node(node)
    likely = None
    if draws is not None:
        highest = {code: natural_bounds(here.node(code), ahead)[1] for code in own}
        aim = None if card.direction is Direction.RANGE else target
        up = card.direction is not Direction.DOWN
        likely = chance(moved, aim, up=up, highest=highest, draws=draws, seed=seed, among=own)
    return Simulation(
        node, ahead.period, ahead.now, target, _levers(ahead, own), _standing(ahead),
        {code: _known(value) for code, value in with_levels(ahead, levels or {}).items()}, swings, likely,
    )  # fmt: skip


def _levers(ahead: Outlook, own: Collection[str]) -> tuple[Lever, ...]:
    return tuple(_lever(ahead, leaf) for leaf in ahead.levers if leaf in own)


def _lever(ahead: Outlook, leaf: str) -> Lever:
    """A slider reaches from half to one and a half of what was seen."""
    now = ahead.level(leaf)
    known = tuple(float(value) for value in ahead.history[leaf] if np.isfinite(value))
    seen = (*known, now)
    room = 0.5 * max(abs(min(seen)), abs(max(seen)))
    low, high = min(seen) - room, max(seen) + room
    return Lever(leaf, now, max(low, 0.0) if min(seen) >= 0 else low, high, bool(ahead.levers[leaf]), known)


def _standing(ahead: Outlook) -> dict[str, float | None]:
    here = (ahead.period, ahead.period)
    return {
        code: _known(float(ahead.values[at][0])) for (code, slot), at in ahead.network.nodes.items() if slot == here
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value

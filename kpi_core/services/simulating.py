"""What if: drivers at other values, what that does to the tree, how much each matters, and the chance of the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from kpi_core.errors import RefusedError
from kpi_core.insight.tracks import SEASON
from kpi_core.model.period import Period
from kpi_core.services.finite import refuse_infinite
from kpi_core.services.levers import Lever, natural_bounds
from kpi_core.services.prospects import Prospect, judge, prospect, with_factors
from kpi_core.store.state import State
from kpi_core.tree.chance import DRAWS, Chance, chance
from kpi_core.tree.what_if import SWING, Swing, put, tornado, with_levels
from kpi_core.vocabulary import Basis, Direction, Status


@dataclass(frozen=True)
class Simulation:
    """``before``/``after``: every node of the tree that has a value in ``period``, as things stand and as simulated.

    ``after`` holds only what the changed drivers reach; ``None`` = no value (a division by zero, say). ``target`` is
    the node's own for the period. ``levers``: those that matter most first. ``swings`` tell how much each driver
    matters from there, the widest first. ``statuses``: how every node would stand against its goal when the period is
    over; a KSF is as its worst KPI.
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
    statuses: Mapping[str, Status]

    def value(self, code: str) -> float | None:
        """A node's value as simulated."""
        return self.after[code] if code in self.after else self.before.get(code)


def simulate(
    state: State,
    workshop_id: str,
    node: str,
    period: str,
    levels: Mapping[str, float] | None = None,
    *,
    basis: Basis = Basis.LATEST,
    swing: float = SWING,
    most_swings: int | None = None,
    draws: int | None = DRAWS,
    seed: int = 1,
    today: date | None = None,
) -> Simulation:
    """``node`` and all other nodes in ``period`` with drivers at ``levels``.

    Levels are values per period of the workshop's grain, in the open periods. ``draws`` ``None`` leaves out the chance;
    ``most_swings``: only the drivers that matter most get a swing. Raises ``RefusedError`` as ``what_it_takes`` does.
    """
    refuse_infinite((levels or {}).values())
    seen = prospect(state, workshop_id, node, period, basis, today=today)
    ahead = seen.ahead
    for code in levels or {}:
        if code not in seen.order:
            raise RefusedError("solve_not_a_driver", node=node, driver=code, known=", ".join(seen.order))
    moved = put(ahead, levels or {})
    target = seen.targets.get(node)
    likely = None
    if draws is not None:
        card = seen.here.node(node)
        highest = {code: natural_bounds(seen.here.node(code), ahead)[1] for code in seen.order}
        aim = None if card.direction is Direction.RANGE else target
        up = card.direction is not Direction.DOWN
        year = SEASON[moved.now.grain] if basis is Basis.SEASON else None
        likely = chance(moved, aim, up=up, highest=highest, draws=draws, seed=seed, among=seen.order, year=year)
    after = {code: _known(value) for code, value in with_levels(ahead, levels or {}).items()}
    return Simulation(
        node, ahead.period, ahead.now, target, seen.levers, seen.before, after,
        tornado(moved, swing, among=seen.order[:most_swings]), likely, _statuses(seen, after),
    )  # fmt: skip


def _statuses(seen: Prospect, after: Mapping[str, float | None]) -> dict[str, Status]:
    """Only what changed is judged anew."""
    judged = {**seen.statuses, **{code: judge(seen, code, value) for code, value in after.items()}}
    return with_factors(seen.here.workshop, judged)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value

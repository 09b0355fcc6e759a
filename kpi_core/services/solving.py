"""What would it take: from a node's target to what each driver, and each owner, must reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from kpi_core.errors import RefusedError
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.services.prospects import outlook_for
from kpi_core.services.standing import Standpoint
from kpi_core.store.state import State
from kpi_core.text.numbers import is_typed_percent
from kpi_core.tree.outlook import Outlook
from kpi_core.tree.solving import Limits, Required, Solution, natural_limits, solve
from kpi_core.tree.units import RATIO, unit_kind
from kpi_core.vocabulary import Basis, Direction

HISTORY_LIMITS = ("best", "p90")


@dataclass(frozen=True)
class OwnerShare:
    """What one owner (as the definition card names them, ``""`` for nobody) must move, and what that brings."""

    owner: str
    drivers: tuple[Required, ...]
    contribution: float


@dataclass(frozen=True)
class Answer:
    """``solution`` for ``node`` in ``period``, as things stand after ``now``; ``owners``: who has to bring what.

    The owners' contributions add up to ``reached - now``. Counts are real numbers: rounding is for display only.
    """

    node: str
    period: Period
    now: Period
    solution: Solution
    owners: tuple[OwnerShare, ...]


def what_it_takes(
    state: State,
    workshop_id: str,
    node: str,
    value: float,
    period: str,
    *,
    locks: Collection[str] = (),
    bounds: Mapping[str, Limits] | None = None,
    from_history: str | None = None,
    weights: Mapping[str, float] | None = None,
    basis: Basis = Basis.LATEST,
    today: date | None = None,
) -> Answer:
    """What the drivers of ``node`` must reach for it to be ``value`` in ``period``: one period, or the rest of a
    quarter or fiscal year (what is over stays).

    ``basis``: how the open periods stand. ``bounds`` are values per period of the workshop's grain (the mean over the
    open ones); ``from_history`` sets those not stated: ``best`` ever or
    the ``p90`` of the history, in the direction that is better. ``weights``: whose relative change costs more.

    Raises ``RefusedError``: ``node_unknown``, ``period_unreadable``, ``grain_too_fine``, ``solve_no_drivers``,
    ``solve_no_value`` (a driver never had one, or the node has none as things stand), ``solve_not_a_driver``,
    ``solve_bounds_reversed``.
    """
    here, ahead = outlook_for(state, workshop_id, node, period, basis, today=today)
    for code in (*locks, *(bounds or {}), *(weights or {})):
        if code not in ahead.levers:
            raise RefusedError("solve_not_a_driver", node=node, driver=code, known=", ".join(ahead.levers))
    for code, (low, high) in (bounds or {}).items():
        if low > high:
            raise RefusedError("solve_bounds_reversed", driver=code)
    natural = {code: natural_bounds(here.node(code), ahead) for code in ahead.levers}
    kind = from_history
    past = {} if kind is None else {code: past_bounds(here.node(code), ahead, kind) for code in ahead.levers}
    stated = {**past, **(bounds or {})}
    found = solve(ahead, value, locks=locks, bounds=stated, natural=natural, weights=weights)
    return Answer(node, ahead.period, ahead.now, found, _by_owner(here, found))


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


def _by_owner(here: Standpoint, found: Solution) -> tuple[OwnerShare, ...]:
    owners: dict[str, list[Required]] = {}
    for driver in found.drivers:
        owners.setdefault(here.node(driver.node).owner, []).append(driver)
    return tuple(
        OwnerShare(owner, tuple(drivers), sum(driver.contribution for driver in drivers))
        for owner, drivers in owners.items()
    )

"""What would it take: from a node's target to what each driver, and each owner, must reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from kpi_core.errors import RefusedError
from kpi_core.model.period import Period
from kpi_core.services.finite import refuse_infinite
from kpi_core.services.levers import natural_bounds, past_bounds
from kpi_core.services.prospects import outlook_for
from kpi_core.services.standing import Standpoint
from kpi_core.store.state import State
from kpi_core.tree.solving import Limits, Required, Solution, solve
from kpi_core.vocabulary import Basis

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
    ``solve_no_value``, ``solve_not_computable``, ``solve_not_a_driver``,
    ``solve_bounds_reversed``, ``solve_weight_not_positive``, ``number_not_finite``.
    """
    refuse_infinite([value, *(weights or {}).values()])
    here, ahead = outlook_for(state, workshop_id, node, period, basis, today=today)
    for code in (*locks, *(bounds or {}), *(weights or {})):
        if code not in ahead.levers:
            raise RefusedError("solve_not_a_driver", node=node, driver=code, known=", ".join(ahead.levers))
    for code, (low, high) in (bounds or {}).items():
        if not low <= high:
            raise RefusedError("solve_bounds_reversed", driver=code)
    for code, weight in (weights or {}).items():
        if weight <= 0:
            raise RefusedError("solve_weight_not_positive", driver=code)
    natural = {code: natural_bounds(here.node(code), ahead) for code in ahead.levers}
    kind = from_history
    past = {} if kind is None else {code: past_bounds(here.node(code), ahead, kind) for code in ahead.levers}
    stated = {**past, **(bounds or {})}
    found = solve(ahead, value, locks=locks, bounds=stated, natural=natural, weights=weights)
    return Answer(node, ahead.period, ahead.now, found, _by_owner(here, found))


def _by_owner(here: Standpoint, found: Solution) -> tuple[OwnerShare, ...]:
    owners: dict[str, list[Required]] = {}
    for driver in found.drivers:
        owners.setdefault(here.node(driver.node).owner, []).append(driver)
    return tuple(
        OwnerShare(owner, tuple(drivers), sum(driver.contribution for driver in drivers))
        for owner, drivers in owners.items()
    )

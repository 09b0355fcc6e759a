"""What would it take, negotiated in the room: one goal, everyone's limits, and the answer that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.node import Node
from kpi_core.model.scenario import Limit, Negotiation
from kpi_core.model.workshop import Workshop
from kpi_core.services.composing import composed
from kpi_core.services.editing import change
from kpi_core.services.levers import past_bounds
from kpi_core.services.numbering import numbered
from kpi_core.services.people import Who, authorise
from kpi_core.services.prospects import outlook_for
from kpi_core.services.snapshots import snapshot
from kpi_core.services.solving import Answer, OwnerShare, what_it_takes
from kpi_core.services.targets import whole_target, with_targets
from kpi_core.store import room
from kpi_core.store.state import State, now
from kpi_core.tree.solving import Limits
from kpi_core.vocabulary import Basis, Direction, Effort, PastLimit, Role

#: What a relative change of such a driver costs.
WEIGHTS = {Effort.EASY: 0.5, Effort.USUAL: 1.0, Effort.HARD: 3.0}
#: A required value this close to where things stand is no change.
_SAME = 1e-9


@dataclass(frozen=True)
class NewTarget:
    """A driver's targets as accepting would write them; ``before``: those it has now (``None`` = none).

    ``moves``: whether the plan moves the driver, or rests on its level as things stand.
    """

    node: str
    targets: Mapping[str, float]
    before: Mapping[str, float | None]
    moves: bool


def open_negotiation(
    state: State, workshop_id: str, node: str, period: str, basis: Basis, value: float, who: Who
) -> str:
    """Put a goal to the room and give the negotiation's code; the open one for the same node and period goes on.

    Raises as ``what_it_takes`` where the node has no drivers or values.
    """
    authorise(who, Role.FACILITATOR)
    outlook_for(state, workshop_id, node, period, basis)
    made: list[str] = []

    def opened(workshop: Workshop) -> Workshop:
        going = current_negotiation(workshop, node, period)
        code = going.code if going else numbered("negotiation", [one.code for one in workshop.negotiations])
        made.append(code)
        room.touch(state.connection, workshop_id)
        fields = {"code": code, "node": node, "period": period, "basis": basis, "value": value}
        new = composed(Negotiation, {**fields, "opened_at": now()}, going)
        others = tuple(one for one in workshop.negotiations if one.code != code)
        return workshop.model_copy(update={"negotiations": (*others, new)})

    change(state, workshop_id, who, opened)
    return made[-1]


def current_negotiation(workshop: Workshop, node: str, period: str) -> Negotiation | None:
    """The one for this node and period that nobody accepted yet."""
    asked = (node, period)
    found = [one for one in workshop.negotiations if (one.node, one.period) == asked and one.accepted_at is None]
    return found[-1] if found else None


def set_goal(state: State, workshop_id: str, code: str, value: float, past: PastLimit | None, who: Who) -> None:
    """Another goal, or another limit from the past for drivers without own limits."""
    authorise(who, Role.FACILITATOR)
    _steer(state, workshop_id, code, who, lambda one: composed(Negotiation, {"value": value, "past": past}, one))


def set_limit(state: State, workshop_id: str, code: str, node: str, fields: Mapping[str, Any], who: Who) -> None:
    """What can be promised of one driver: fields of ``Limit``; the others' limits stay, whoever writes first.

    Raises ``RefusedError``: ``solve_not_a_driver``, ``solve_bounds_reversed``.
    """

    def limited(one: Negotiation) -> Negotiation:
        drivers = outlook_for(state, workshop_id, one.node, one.period, one.basis)[1].levers
        if node not in drivers:
            raise RefusedError("solve_not_a_driver", node=one.node, driver=node, known=", ".join(drivers))
        old = limit_of(one, node)
        new = composed(Limit, {**fields, "author": who.name}, old)
        if new.low is not None and new.high is not None and new.low > new.high:
            raise RefusedError("solve_bounds_reversed", driver=node)
        others = tuple(limit for limit in one.limits if limit.node != node)
        return one.model_copy(update={"limits": (*others, new)})

    _steer(state, workshop_id, code, who, limited)


def limit_of(negotiation: Negotiation, node: str) -> Limit:
    """The limit stated for a driver; one that limits nothing while none is."""
    return next((limit for limit in negotiation.limits if limit.node == node), Limit(node=node))


def answer(state: State, workshop_id: str, one: Negotiation) -> Answer:
    """What it takes under everyone's limits. An own bound on one side leaves the other as the past says."""
    snapshot(state, workshop_id)
    here, ahead = outlook_for(state, workshop_id, one.node, one.period, one.basis)
    stated = {limit.node: limit for limit in one.limits if limit.node in ahead.levers}
    bounds: dict[str, Limits] = {}
    for code, limit in stated.items():
        if limit.low is None and limit.high is None:
            continue
        low, high = (-inf, inf) if one.past is None else past_bounds(here.node(code), ahead, one.past.value)
        bounds[code] = (
            low if limit.low is None else float(limit.low),
            high if limit.high is None else float(limit.high),
        )
        if limit.low is None:  # an own upper bound below where the past would have it stand counts
            bounds[code] = (min(bounds[code]), bounds[code][1])
        if limit.high is None:
            bounds[code] = (bounds[code][0], max(bounds[code]))
    return what_it_takes(
        state,
        workshop_id,
        one.node,
        float(one.value),
        one.period,
        basis=one.basis,
        locks=[code for code, limit in stated.items() if limit.locked],
        bounds=bounds,
        from_history=one.past.value if one.past else None,
        weights={code: WEIGHTS[limit.effort] for code, limit in stated.items()},
    )


def own_first(workshop: Workshop, shares: tuple[OwnerShare, ...], who: Who) -> tuple[OwnerShare, ...]:
    """The owners' shares, the person's own first."""
    return tuple(sorted(shares, key=lambda share: not is_own(workshop, share, who)))


def is_own(workshop: Workshop, share: OwnerShare, who: Who) -> bool:
    """Whether the person is the owner by name, or belongs to the department of one of the drivers."""
    if who.name.strip() and who.name.strip() in share.owner:
        return True
    nodes = [workshop.node(driver.node) for driver in share.drivers]
    return who.department is not None and any(node and node.department == who.department for node in nodes)


def new_targets(workshop: Workshop, found: Answer) -> tuple[NewTarget, ...]:
    """What accepting would write: every driver at the level of the plan, in each open period whose target is another.

    Those that stay are written too, else the targets together would not give the goal.
    """
    told = []
    for driver in found.solution.drivers:
        node = workshop.node(driver.node)
        if node is None:
            continue
        moves = abs(driver.required - driver.now) > _SAME * max(1.0, abs(driver.now))
        up = driver.required > driver.now if moves else node.direction is not Direction.DOWN
        stated = {entry.period: float(entry.value) for entry in node.targets}
        plan = {key: value for key, value in {**driver.standing, **driver.by_period}.items() if key}
        targets = {key: whole_target(plan[key], node, up=up) for key in sorted(plan)}
        targets = {key: value for key, value in targets.items() if stated.get(key) != value}
        if targets:
            told.append(NewTarget(driver.node, targets, {key: stated.get(key) for key in targets}, moves))
    return tuple(told)


def accept(state: State, workshop_id: str, code: str, rationale: str, who: Who) -> int:
    """Write the plan's values as the drivers' targets, with the reason, and close the negotiation; how many drivers.

    Raises ``RefusedError``: ``negotiation_infeasible``, ``negotiation_closed``, ``negotiation_moves_nothing``.
    """
    authorise(who, Role.FACILITATOR)
    written: list[int] = []

    def accepted(workshop: Workshop) -> Workshop:
        one = _of(workshop, code)
        found = answer(state, workshop_id, one)
        if not found.solution.feasible:
            raise RefusedError("negotiation_infeasible")
        targets = {new.node: new.targets for new in new_targets(workshop, found)}
        if not targets:
            raise RefusedError("negotiation_moves_nothing")
        written.append(len(targets))
        start = workshop.settings.fiscal_year_start
        nodes = tuple(
            composed(
                Node,
                {
                    "targets": with_targets(node.targets, targets[node.code], start),
                    "target_rationale": "\n".join(filter(None, (node.target_rationale.strip(), rationale.strip()))),
                },
                node,
            )
            if node.code in targets
            else node
            for node in workshop.nodes
        )
        room.touch(state.connection, workshop_id)
        closed = _replaced(workshop, composed(Negotiation, {"accepted_at": now()}, one))
        return closed.model_copy(update={"nodes": nodes})

    change(state, workshop_id, who, accepted)
    return written[-1]


def _of(workshop: Workshop, code: str) -> Negotiation:
    found = next((one for one in workshop.negotiations if one.code == code), None)
    if found is None:
        raise MissingError("item_missing", item=code)
    if found.accepted_at is not None:
        raise RefusedError("negotiation_closed")
    return found


def _replaced(workshop: Workshop, new: Negotiation) -> Workshop:
    changed = tuple(new if one.code == new.code else one for one in workshop.negotiations)
    return workshop.model_copy(update={"negotiations": changed})


def _steer(state: State, workshop_id: str, code: str, who: Who, make: Any) -> None:
    def steered(workshop: Workshop) -> Workshop:
        room.touch(state.connection, workshop_id)
        return _replaced(workshop, make(_of(workshop, code)))

    change(state, workshop_id, who, steered)

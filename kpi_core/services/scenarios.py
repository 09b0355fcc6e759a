"""Saved scenarios: what drivers were put at, kept with the workshop and compared side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.scenario import Level, Scenario
from kpi_core.model.workshop import Workshop
from kpi_core.services.composing import composed
from kpi_core.services.editing import change
from kpi_core.services.finite import refuse_infinite
from kpi_core.services.numbering import numbered
from kpi_core.services.people import Who, authorise, may
from kpi_core.services.prospects import prospect
from kpi_core.services.simulating import Simulation, simulate
from kpi_core.store.state import State, now
from kpi_core.vocabulary import Basis, Direction, Role

#: Names that a workshop usually gives (their words: ``vocabulary.outlook_view``), the bold one first.
VIEWS = ("bold", "usual", "cautious")
#: A bold (cautious) level is the best (worst) quarter of the last so many known periods.
_LAST = 12
_QUARTILE = {"bold": 75, "cautious": 25}


@dataclass(frozen=True)
class Compared:
    """A scenario with its simulation; ``scenario`` is ``None`` for things as they stand.

    ``lost``: nodes of its levels that are no drivers any more, left out of the simulation.
    """

    scenario: Scenario | None
    simulation: Simulation
    lost: tuple[str, ...] = ()


def keep_scenario(
    state: State,
    workshop_id: str,
    name: str,
    node: str,
    period: str,
    basis: Basis,
    levels: Mapping[str, float],
    who: Who,
) -> str:
    """Keep the levels under a name and give the scenario's code; the person's own of that name is replaced.

    Raises ``RefusedError``: ``scenario_name_needed``, ``number_not_finite``.
    """
    text = name.strip()
    if not text:
        raise RefusedError("scenario_name_needed")
    refuse_infinite(levels.values())
    kept = tuple(Level(node=code, value=value) for code, value in levels.items())
    made: list[str] = []

    def with_it(workshop: Workshop) -> Workshop:
        same = (text, node, period, who.name)
        old = next((x for x in workshop.scenarios if (x.name, x.node, x.period, x.author) == same), None)
        new = _composed(workshop, old, text, node, period, basis, kept, who)
        made.append(new.code)
        if old is None:
            return workshop.model_copy(update={"scenarios": (*workshop.scenarios, new)})
        return workshop.model_copy(update={"scenarios": tuple(new if x is old else x for x in workshop.scenarios)})

    change(state, workshop_id, who, with_it)
    return made[-1]


def _composed(
    workshop: Workshop,
    old: Scenario | None,
    name: str,
    node: str,
    period: str,
    basis: Basis,
    levels: tuple[Level, ...],
    who: Who,
) -> Scenario:
    """A scenario in the place of ``old``, or one more."""
    code = old.code if old else numbered("scenario", [one.code for one in workshop.scenarios])
    fields = {"code": code, "name": name, "node": node, "period": period, "basis": basis, "levels": levels}
    return composed(Scenario, {**fields, "author": who.name, "at": now()})


def other_periods(workshop: Workshop, node: str, period: str) -> dict[str, int]:
    """Period key → how many scenarios of the node are saved for it, of all periods but this one."""
    found: dict[str, int] = {}
    for one in workshop.scenarios:
        if one.node == node and one.period != period:
            found[one.period] = found.get(one.period, 0) + 1
    return found


def may_remove(scenario: Scenario, who: Who) -> bool:
    """Members take away what they saved, facilitators any."""
    return may(who, Role.FACILITATOR) or (may(who) and scenario.author == who.name)


def remove_scenario(state: State, workshop_id: str, code: str, who: Who) -> None:
    """Take a scenario away. Raises ``RefusedError('scenario_of_another')``."""

    def without(workshop: Workshop) -> Workshop:
        found = next((one for one in workshop.scenarios if one.code == code), None)
        if found is None:
            raise MissingError("item_missing", item=code)
        if not may_remove(found, who):
            raise RefusedError("scenario_of_another", author=found.author)
        return workshop.model_copy(update={"scenarios": tuple(x for x in workshop.scenarios if x is not found)})

    change(state, workshop_id, who, without)


def scenarios_of(workshop: Workshop, node: str, period: str) -> tuple[Scenario, ...]:
    """The scenarios for a node in a period, in the order in which they were first saved."""
    return tuple(one for one in workshop.scenarios if (one.node, one.period) == (node, period))


def compare(
    state: State, workshop_id: str, node: str, period: str, basis: Basis, chosen: Sequence[Scenario], *, draws: int
) -> tuple[Compared, ...]:
    """Things as they stand, then each scenario, simulated with the data of today."""
    drivers = prospect(state, workshop_id, node, period, basis).order
    found = [Compared(None, simulate(state, workshop_id, node, period, basis=basis, most_swings=0, draws=draws))]
    for one in chosen:
        levels = {level.node: float(level.value) for level in one.levels if level.node in drivers}
        lost = tuple(level.node for level in one.levels if level.node not in drivers)
        told = simulate(state, workshop_id, node, period, levels, basis=one.basis, most_swings=0, draws=draws)
        found.append(Compared(one, told, lost))
    return tuple(found)


def from_history(state: State, workshop_id: str, node: str, period: str, basis: Basis) -> dict[str, dict[str, float]]:
    """A bold and a cautious set of levels: each driver as in the best (worst) quarter of its last 12 known periods.

    A bold driver is never worse than things stand, a cautious one never better; the usual set moves nothing.
    """
    seen = prospect(state, workshop_id, node, period, basis)
    sets: dict[str, dict[str, float]] = {view: {} for view in VIEWS}
    for code in seen.order:
        known = seen.ahead.history[code]
        known = known[np.isfinite(known)][-_LAST:]
        if len(known) < _LAST or not seen.ahead.levers[code]:
            continue
        stands, down = seen.ahead.level(code), seen.here.node(code).direction is Direction.DOWN
        for view, share in _QUARTILE.items():
            level = float(np.percentile(known, 100 - share if down else share))
            better = (view == "bold") is not down
            sets[view][code] = max(level, stands) if better else min(level, stands)
    return sets


def keep_from_history(
    state: State, workshop_id: str, node: str, period: str, basis: Basis, names: Mapping[str, str], who: Who
) -> None:
    """Keep the sets of ``from_history`` as scenarios; ``names``: how each view is called.

    No scenario gives way: a name that is taken gets a number (強気 2). A set that is there already is not kept twice.
    """
    authorise(who)
    sets = from_history(state, workshop_id, node, period, basis)

    def with_them(workshop: Workshop) -> Workshop:
        for view in VIEWS:
            there = scenarios_of(workshop, node, period)
            kept = tuple(Level(node=code, value=value) for code, value in sets[view].items())
            if any(one.name.startswith(names[view]) and (one.basis, one.levels) == (basis, kept) for one in there):
                continue
            name = _free(names[view], {one.name for one in there})
            new = _composed(workshop, None, name, node, period, basis, kept, who)
            workshop = workshop.model_copy(update={"scenarios": (*workshop.scenarios, new)})
        return workshop

    change(state, workshop_id, who, with_them)


def _free(name: str, taken: Collection[str]) -> str:
    """The name, with the next number where it is taken."""
    numbers = (f"{name} {at}" for at in count(2))
    return name if name not in taken else next(each for each in numbers if each not in taken)

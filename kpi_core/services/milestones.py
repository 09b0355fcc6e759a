"""Versions of the tree that got a name, such as the one a quarter began with."""

from __future__ import annotations

from kpi_core.errors import MissingError, RefusedError
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.store import milestones as rows
from kpi_core.store.milestones import Milestone
from kpi_core.store.state import State

__all__ = ["Milestone", "keep_milestone", "milestones", "remove_milestone"]

_LONGEST = 200


def milestones(state: State, workshop_id: str) -> tuple[Milestone, ...]:
    """The named versions, newest first; ``tree_at(state, workshop_id, milestone.change)`` gives one."""
    snapshot(state, workshop_id)
    return rows.milestones_of(state.connection, workshop_id)


def keep_milestone(state: State, workshop_id: str, name: str, who: Who) -> int:
    """Name the workshop as it is now; gives the milestone's number. Raises ``RefusedError('name_needed')``."""
    authorise(who)
    if not name.strip():
        raise RefusedError("name_needed")
    with state.writing() as connection:
        change = snapshot(state, workshop_id).change
        return rows.add_milestone(connection, workshop_id, change, name.strip()[:_LONGEST], who.name)


def remove_milestone(state: State, workshop_id: str, number: int, who: Who) -> None:
    """Take a name away; the version itself stays readable by its date. Raises ``MissingError('item_missing')``."""
    authorise(who)
    with state.writing() as connection:
        snapshot(state, workshop_id)
        if not rows.remove_milestone(connection, workshop_id, number):
            raise MissingError("item_missing", item=str(number))

"""The change feed: what happened in a workshop since a page last looked."""

from __future__ import annotations

from collections.abc import Collection

from kpi_core.errors import MissingError
from kpi_core.services.snapshots import snapshot
from kpi_core.store import room
from kpi_core.store.changes import Change, count_since, since
from kpi_core.store.state import State

__all__ = ["Change", "changes_in", "changes_since", "pulse"]


def pulse(state: State, workshop_id: str) -> tuple[int, int]:
    """(number of the last change, of the last one in the room): what an open page asks every second.

    One indexed read. Raises ``MissingError`` for an unknown workshop.
    """
    state.admit(workshop_id)
    found = room.pulse(state.connection, workshop_id)
    if found is None:
        raise MissingError("workshop_missing", workshop=workshop_id)
    return found


def changes_in(state: State, workshop_id: str, change: int, sections: Collection[str]) -> int:
    """How many changes after number ``change`` are in one of these sections."""
    snapshot(state, workshop_id)
    return count_since(state.connection, workshop_id, change, sections)


def changes_since(state: State, workshop_id: str, change: int) -> tuple[Change, ...]:
    """The changes after number ``change`` (0: all), oldest first. Raises ``MissingError`` for an unknown workshop."""
    snapshot(state, workshop_id)
    return since(state.connection, workshop_id, change)

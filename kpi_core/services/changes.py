"""The change feed: what happened in a workshop since a page last looked."""

from __future__ import annotations

from kpi_core.services.snapshots import snapshot
from kpi_core.store.changes import Change, since
from kpi_core.store.state import State

__all__ = ["Change", "changes_since"]


def changes_since(state: State, workshop_id: str, change: int) -> tuple[Change, ...]:
    """The changes after number ``change`` (0: all), oldest first. Raises ``MissingError`` for an unknown workshop."""
    snapshot(state, workshop_id)
    return since(state.connection, workshop_id, change)

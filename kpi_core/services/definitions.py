"""A part of a node's definition card stored by itself, so that two people at two parts of it never collide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kpi_core.errors import MissingError
from kpi_core.model.node import Node
from kpi_core.services.composing import composed
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.store.changes import since
from kpi_core.store.state import State


def save_part(
    state: State, workshop_id: str, code: str, fields: Mapping[str, object], revision: int | None, who: Who
) -> int:
    """Store ``fields`` of the node read at ``revision``, the rest as it is now; the node's new revision.

    Raises ``StaleError`` where one of these very fields was changed since, ``MissingError('item_missing')`` where the
    node is gone, and ``RefusedError('change_refused')`` with a problem for each field that does not fit.
    """
    found = snapshot(state, workshop_id)
    node = found.workshop.node(code)
    if node is None:
        raise MissingError("item_missing", item=code)
    stored = found.revisions["nodes", code]
    if revision is not None and not fields_changed(state, workshop_id, code, revision) & set(fields):
        revision = stored
    return save(state, workshop_id, "nodes", composed(Node, fields, node), revision, who)


def fields_changed(state: State, workshop_id: str, code: str, revision: int) -> frozenset[str]:
    """The fields of a node that were changed after ``revision``, whatever they are now."""
    state.admit(workshop_id)
    changed: set[str] = set()
    for entry in since(state.connection, workshop_id, revision):
        if (entry.section, entry.code) == ("nodes", code) and entry.before and entry.after:
            before: dict[str, Any] = json.loads(entry.before)
            after: dict[str, Any] = json.loads(entry.after)
            changed |= {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return frozenset(changed)

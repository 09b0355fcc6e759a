"""A workshop as it is now, with the revision of every row; parsed once and reused while nothing changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from kpi_core.errors import MissingError
from kpi_core.model.base import Model
from kpi_core.model.workshop import Workshop
from kpi_core.store import changes, items
from kpi_core.store.state import State

_KEPT = 64
_cache: OrderedDict[tuple[str, str, str], Snapshot] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Snapshot:
    """``revisions``: (section, code) → revision, to be named when saving. ``change``: the last change's number."""

    id: str
    workshop: Workshop
    revisions: Mapping[tuple[str, str], int]
    change: int


def snapshot(state: State, workshop_id: str) -> Snapshot:
    """The workshop at this moment. Raises ``MissingError('workshop_missing')``, for a foreign one too."""
    state.admit(workshop_id)
    key = (str(state.path), state.instance, workshop_id)
    with state.reading() as connection:
        change = changes.latest(connection, workshop_id)
        if change is None:
            raise MissingError("workshop_missing", workshop=workshop_id)
        cached = _known(state, key)
        if cached is not None and cached.change == change:
            return cached
        rows = items.read_rows(connection, workshop_id)
    found = _parsed(workshop_id, rows, change, cached)
    if state.transaction is None:  # else it may yet be rolled back
        remember(state, found)
    return found


def remember(state: State, found: Snapshot) -> None:
    """Keep a snapshot for the next reader; as the last act of writing, for who writes next in the same transaction."""
    key = (str(state.path), state.instance, found.id)
    if state.transaction is not None:
        state.transaction.known[key] = found
        return
    with _lock:
        known = _cache.get(key)
        if known is None or known.change <= found.change:
            _cache[key] = found
        _cache.move_to_end(key)
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)


def _known(state: State, key: tuple[str, str, str]) -> Snapshot | None:
    if state.transaction is not None:
        found = state.transaction.known.get(key)
        if isinstance(found, Snapshot):
            return found
    with _lock:
        return _cache.get(key)


def _parsed(workshop_id: str, rows: tuple[items.Row, ...], change: int, cached: Snapshot | None) -> Snapshot:
    """Parse only the rows whose revision is not the cached one's."""
    parsed: dict[tuple[str, str], Model] = {}
    if cached is not None:
        for section in items.SECTIONS:
            for item in items.items_of(cached.workshop, section):
                parsed[section, items.code_of(item)] = item

    def known(row: items.Row) -> Model | None:
        key = (row.section, row.code)
        return parsed.get(key) if cached is not None and cached.revisions.get(key) == row.revision else None

    revisions = {(row.section, row.code): row.revision for row in rows}
    return Snapshot(workshop_id, items.assemble(rows, known), revisions, change)

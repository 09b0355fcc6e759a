"""What connected tables were at refreshes so far: measures without a date have no other past (decision 0056)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpi_core.data.tables import Taken
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import table_basis
from kpi_core.store.state import Connection
from kpi_core.store.taken import StoredTaken, put_taken, taken_of


def taken_so_far(connection: Connection, workshop_id: str, workshop: Workshop) -> Mapping[str, tuple[Taken, ...]]:
    """Connected dataset → what was taken of it, as far as it means today what it meant then."""
    connected = [one.code for one in workshop.datasets if workshop.connection_of(one.code)]
    if not connected:
        return {}
    meant = {code: table_basis(workshop, code) for code in connected}
    found: dict[str, list[Taken]] = {}
    for one in taken_of(connection, workshop_id):
        if meant.get(one.dataset) == one.basis:
            found.setdefault(one.dataset, []).append(Taken(one.key, one.as_of, one.segments))
    return {code: tuple(several) for code, several in found.items()}


def keep_taken(
    connection: Connection, workshop_id: str, workshop: Workshop, taken: Iterable[tuple[str, Taken]]
) -> None:
    """Keep what a refresh took, in the transaction of ``connection``."""
    stored = [StoredTaken(code, table_basis(workshop, code), one.key, one.as_of, one.values) for code, one in taken]
    put_taken(connection, workshop_id, stored)

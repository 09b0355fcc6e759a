"""A new workshop in the state."""

from __future__ import annotations

import secrets

from kpi_core.errors import RefusedError
from kpi_core.model.references import broken_references
from kpi_core.model.workshop import Workshop
from kpi_core.services.people import Who, authorise
from kpi_core.store import changes, items, workshops
from kpi_core.store.state import Connection, State
from kpi_core.vocabulary import Role

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_ID_LENGTH = 8


def create_workshop(state: State, workshop: Workshop, who: Who) -> str:
    """Store a workshop, all or nothing, and give its id. Raises ``RefusedError('file_refused')``."""
    authorise(who, Role.FACILITATOR, everywhere=True)
    refuse_broken(workshop)
    with state.writing() as connection:
        return insert_workshop(connection, workshop, who)


def refuse_broken(workshop: Workshop) -> None:
    """Raises ``RefusedError('file_refused')`` with every reference that leads nowhere."""
    problems = broken_references(workshop)
    if problems:
        raise RefusedError("file_refused", problems, count=len(problems))


def insert_workshop(connection: Connection, workshop: Workshop, who: Who) -> str:
    """Store a sound workshop inside the caller's transaction and give its id."""
    workshop_id = "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH))
    workshops.insert(connection, workshop_id)
    number = changes.append(connection, workshop_id, who.name, "workshop", "", "created", None, None)
    items.insert_all(connection, workshop_id, workshop, number)
    return workshop_id

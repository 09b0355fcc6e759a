"""Sharing a workshop: links by which others join it, and the people who did."""

from __future__ import annotations

import secrets
from datetime import timedelta

from kpi_core.errors import MissingError, RefusedError
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.store import people
from kpi_core.store.people import JoinLink, Person
from kpi_core.store.state import State
from kpi_core.vocabulary import Role

__all__ = ["JoinLink", "Person", "links", "make_link", "people_of", "remove_person", "revoke_link"]

#: Letters and digits that are not taken for one another when read aloud: 5 bits each.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_LENGTH = 12
MOST_HOURS = 24 * 30


def make_link(state: State, workshop_id: str | None, role: Role, hours: int, who: Who) -> JoinLink:
    """A new link to a workshop that works for so many hours; without a workshop it leads a facilitator to everything.

    Raises ``RefusedError``: ``hours_wrong``, ``role_everywhere``.
    """
    authorise(who, Role.FACILITATOR, everywhere=workshop_id is None)
    if workshop_id is not None:
        snapshot(state, workshop_id)
    elif role is not Role.FACILITATOR:
        raise RefusedError("role_everywhere")
    if not 1 <= hours <= MOST_HOURS:
        raise RefusedError("hours_wrong", most=MOST_HOURS)
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    with state.writing() as connection:
        return people.add_link(connection, (workshop_id, code, role, who.name), timedelta(hours=hours))


def links(state: State, workshop_id: str, who: Who) -> tuple[JoinLink, ...]:
    """The links to a workshop that work now, the newest first."""
    authorise(who, Role.FACILITATOR)
    snapshot(state, workshop_id)
    return people.links_of(state.connection, workshop_id)


def revoke_link(state: State, workshop_id: str, link: int, who: Who) -> None:
    """Nobody joins by this link any more; who did already stays. Raises ``MissingError('link_missing')``."""
    authorise(who, Role.FACILITATOR)
    snapshot(state, workshop_id)
    with state.writing() as connection:
        if not people.drop_link(connection, workshop_id, link):
            raise MissingError("link_missing")


def people_of(state: State, workshop_id: str, who: Who) -> tuple[Person, ...]:
    """Who joined the workshop and may come in."""
    authorise(who, Role.FACILITATOR)
    snapshot(state, workshop_id)
    return people.people_in(state.connection, workshop_id)


def remove_person(state: State, workshop_id: str, person: str, who: Who) -> None:
    """End a person's access; the member, and what they wrote, stay. Raises ``MissingError('person_missing')``."""
    authorise(who, Role.FACILITATOR)
    snapshot(state, workshop_id)
    with state.writing() as connection:
        if not people.drop_person(connection, workshop_id, person):
            raise MissingError("person_missing")

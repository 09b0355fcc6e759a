"""Joining from elsewhere: by a link's code, with a name and a department, for a token that is one's own from then on.

This is the gate's whole knowledge of people: another way to sign in comes beside ``join`` and ends in a token as well.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.workshop import Member, Workshop
from kpi_core.services.organisation import add_member, change_member
from kpi_core.services.people import NOBODY, Who, reaches
from kpi_core.services.snapshots import snapshot
from kpi_core.store import people
from kpi_core.store.people import JoinLink
from kpi_core.store.state import State
from kpi_core.vocabulary import Role

#: How long a browser stays joined.
STAYS = timedelta(days=30)
_TOKEN_BYTES = 32
MOST_NAME = 60


@dataclass(frozen=True)
class Invitation:
    """What a working link leads to; ``workshop`` is ``None`` for one that leads to everything."""

    link: JoinLink
    workshop: Workshop | None


def invitation(state: State, code: str) -> Invitation:
    """What a code leads to. Raises ``MissingError('link_missing')``: wrong, expired and revoked ones alike."""
    link = people.link_with(state.connection, code_typed(code))
    if link is None:
        raise MissingError("link_missing")
    return Invitation(link, None if link.workshop is None else snapshot(state, link.workshop).workshop)


def code_typed(text: str) -> str:
    """A code as it is stored, from how a person may type it."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).lower() if character.isalnum())


def join(state: State, code: str, name: str, department: str | None) -> str:
    """Join by a link and give the person's token, which is stored nowhere.

    A member whom the facilitator had listed and who is not here yet is met by their name; otherwise a new member comes.
    Raises ``MissingError('link_missing')``, ``RefusedError``: ``your_name_needed``, ``name_in_use``.
    """
    found = invitation(state, code)
    name = " ".join(name.split())[:MOST_NAME]
    if not name or not name.isprintable():
        raise RefusedError("your_name_needed")
    person, token = secrets.token_hex(8), secrets.token_urlsafe(_TOKEN_BYTES)
    member = None
    if found.workshop is not None and found.link.workshop is not None:
        member = _member(state, found.link.workshop, found.workshop, found.link.role, name, department)
    with state.writing() as connection:
        if people.link_with(connection, found.link.code) is None:
            raise MissingError("link_missing")
        entry = (person, found.link.workshop, member, name)
        if not people.add_person(connection, entry, _hashed(token), STAYS):
            raise RefusedError("name_in_use", name=name)
    return token


def person_with(state: State, token: str) -> str | None:
    """The id of the person whose token this is, while they may come in."""
    found = people.person_with(state.connection, _hashed(token))
    return None if found is None else found.id


def who_is(state: State, person: str) -> Who:
    """A person who joined, as they are in their workshop now; ``NOBODY`` once they are not in it any more."""
    found = people.person_of(state.connection, person)
    if found is None:
        return NOBODY
    if found.workshop is None:
        return Who(found.name, Role.FACILITATOR, person=found.id)
    members = snapshot(state, found.workshop).workshop.members
    member = next((one for one in members if one.code == found.member), None)
    if member is None:
        return NOBODY
    only = frozenset({found.workshop})
    return Who(member.name, member.role, member.department, member.code, only, found.id)


def still_in(state: State, asked: frozenset[str], *, here: bool = False) -> frozenset[str]:
    """Which of these people may still come in; with ``here`` they are also noted as seen now."""
    left = frozenset(one for one in asked if who_is(state, one) != NOBODY)
    if here and left:
        with state.writing() as connection:
            people.mark_seen(connection, left)
    return left


def leave(state: State, who: Who) -> None:
    """End one's own access; the member, and what they wrote, stay."""
    if who.person is None:
        return
    with state.writing() as connection:
        found = people.person_of(connection, who.person)
        if found is not None:
            people.drop_person(connection, found.workshop, found.id)


def _member(state: State, workshop_id: str, workshop: Workshop, role: Role, name: str, department: str | None) -> str:
    """The member to be: one listed under this name whose role the link may give, or a new one."""
    known = {one.code for one in workshop.departments}
    department = department if department in known else None
    listed: Member | None = next((one for one in workshop.members if one.name == name), None)
    here = {one.member for one in people.people_in(state.connection, workshop_id)}
    host = Who(name, workshops=frozenset({workshop_id}))
    if listed is None:
        return add_member(state, workshop_id, name, department, host, role)
    if listed.code in here or not reaches(role, listed.role):
        raise RefusedError("name_in_use", name=name)
    if department is not None and department != listed.department:
        revision = snapshot(state, workshop_id).revisions["members", listed.code]
        change_member(state, workshop_id, listed.code, name, department, listed.role, revision, host)
    return listed.code


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

"""Who may come in from elsewhere: join links, and the people who joined. Of a person's token only the hash is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kpi_core.store.state import Connection, now
from kpi_core.vocabulary import Role


@dataclass(frozen=True)
class JoinLink:
    """A way in that lasts for a while; ``workshop`` is ``None`` for one that leads to everything."""

    id: int
    workshop: str | None
    code: str
    role: Role
    made_by: str
    expires_at: datetime


@dataclass(frozen=True)
class Person:
    """Someone who joined; in a workshop they are its ``member`` (code)."""

    id: str
    workshop: str | None
    member: str | None
    name: str
    joined_at: datetime
    seen_at: datetime


_LINK = "id, workshop, code, role, made_by, expires_at"
_PERSON = "id, workshop, member, name, joined_at, seen_at"


def add_link(connection: Connection, link: tuple[str | None, str, Role, str], lasts: timedelta) -> JoinLink:
    """Record a link (workshop, code, role, who made it) that works from now on."""
    workshop, code, role, made_by = link
    ends = _later(lasts)
    cursor = connection.execute(
        "INSERT INTO join_links (workshop, code, role, made_by, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        (workshop, code, role.value, made_by, now(), ends),
    )
    return JoinLink(int(cursor.lastrowid or 0), workshop, code, role, made_by, datetime.fromisoformat(ends))


def links_of(connection: Connection, workshop: str | None) -> tuple[JoinLink, ...]:
    """The links to a workshop (``None``: to everything) that work now, the newest first."""
    query = f"SELECT {_LINK} FROM join_links WHERE workshop IS ? AND expires_at > ? ORDER BY id DESC"  # noqa: S608 - constants only
    return tuple(_link(row) for row in connection.execute(query, (workshop, now())))


def link_with(connection: Connection, code: str) -> JoinLink | None:
    """The link with this code, if it works now."""
    query = f"SELECT {_LINK} FROM join_links WHERE code = ? AND expires_at > ?"  # noqa: S608 - constants only
    row = connection.execute(query, (code, now())).fetchone()
    return None if row is None else _link(row)


def drop_link(connection: Connection, workshop: str | None, number: int) -> bool:
    """Revoke a link; tells whether it was there. Who joined by it stays."""
    done = connection.execute("DELETE FROM join_links WHERE id = ? AND workshop IS ?", (number, workshop))
    return bool(done.rowcount)


def add_person(
    connection: Connection, person: tuple[str, str | None, str | None, str], token: str, lasts: timedelta
) -> bool:
    """Record a person (id, workshop, member, name) by their token's hash; ``False`` where someone is that member."""
    connection.execute("DELETE FROM people WHERE expires_at <= ?", (now(),))
    at = now()
    done = connection.execute(
        "INSERT OR IGNORE INTO people (id, workshop, member, name, token, joined_at, seen_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*person, token, at, at, _later(lasts)),
    )
    return bool(done.rowcount)


def person_of(connection: Connection, person: str) -> Person | None:
    """The person with this id, while they may come in."""
    return _one(connection, "id", person)


def person_with(connection: Connection, token: str) -> Person | None:
    """The person whose token has this hash, while they may come in."""
    return _one(connection, "token", token)


def people_in(connection: Connection, workshop: str | None) -> tuple[Person, ...]:
    """Who joined a workshop (``None``: everything) and may come in, in the order of joining."""
    query = f"SELECT {_PERSON} FROM people WHERE workshop IS ? AND expires_at > ? ORDER BY joined_at"  # noqa: S608 - constants only
    return tuple(_person(row) for row in connection.execute(query, (workshop, now())))


def drop_person(connection: Connection, workshop: str | None, person: str) -> bool:
    """End a person's access; tells whether they had any."""
    return bool(connection.execute("DELETE FROM people WHERE id = ? AND workshop IS ?", (person, workshop)).rowcount)


def drop_member(connection: Connection, workshop: str, member: str) -> None:
    """End the access of whoever is this member, so that a later one of the same code does not inherit it."""
    connection.execute("DELETE FROM people WHERE workshop = ? AND member = ?", (workshop, member))


def mark_seen(connection: Connection, people: Iterable[str]) -> None:
    """These people are here now."""
    connection.executemany("UPDATE people SET seen_at = ? WHERE id = ?", [(now(), one) for one in people])


def forget_everyone(connection: sqlite3.Connection) -> None:
    """No link and no person is left: a copy of the state must not open doors that were closed since."""
    connection.execute("DELETE FROM join_links")
    connection.execute("DELETE FROM people")


def _one(connection: Connection, column: str, value: str) -> Person | None:
    query = f"SELECT {_PERSON} FROM people WHERE {column} = ? AND expires_at > ?"  # noqa: S608 - constants only
    row = connection.execute(query, (value, now())).fetchone()
    return None if row is None else _person(row)


def _later(lasts: timedelta) -> str:
    return (datetime.now(UTC) + lasts).isoformat(timespec="microseconds")


def _link(row: tuple[int, str | None, str, str, str, str]) -> JoinLink:
    number, workshop, code, role, made_by, ends = row
    return JoinLink(number, workshop, code, Role(role), made_by, datetime.fromisoformat(ends))


def _person(row: tuple[str, str | None, str | None, str, str, str]) -> Person:
    person, workshop, member, name, joined, seen = row
    return Person(person, workshop, member, name, datetime.fromisoformat(joined), datetime.fromisoformat(seen))

"""What the room may not see yet (ideas until they are shown, votes until they are closed) and its clock.

None of it is in the workshop file or the change table. ``rooms.change`` counts every change here, so that open pages
notice them as they notice the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kpi_core.store.state import Connection


@dataclass(frozen=True)
class HiddenIdea:
    """An idea that only its author may read: ``person`` is their key (``Who.key``), ``author`` the name they go by."""

    id: int
    person: str
    author: str
    text: str


@dataclass(frozen=True)
class Clock:
    """A time box of ``length`` seconds: ``ends_at`` (seconds since 1970) while it runs, ``left`` while it stands."""

    ends_at: float | None = None
    left: float | None = None
    length: float | None = None


def pulse(connection: Connection, workshop: str) -> tuple[int, int] | None:
    """(number of the last change, of the last one in the room), in one indexed read; ``None`` for no such workshop."""
    query = (
        "SELECT workshops.change, coalesce(rooms.change, 0) FROM workshops "
        "LEFT JOIN rooms ON rooms.workshop = workshops.id WHERE workshops.id = ?"
    )
    row = connection.execute(query, (workshop,)).fetchone()
    return None if row is None else (int(row[0]), int(row[1]))


def touch(connection: Connection, workshop: str) -> None:
    """Count a change in the room, within the transaction that makes it."""
    query = (
        "INSERT INTO rooms (workshop, change) VALUES (?, 1) ON CONFLICT (workshop) DO UPDATE SET change = change + 1"
    )
    connection.execute(query, (workshop,))


def clock(connection: Connection, workshop: str) -> Clock:
    row = connection.execute("SELECT ends_at, left, length FROM rooms WHERE workshop = ?", (workshop,)).fetchone()
    return Clock() if row is None else Clock(*row)


def set_clock(connection: Connection, workshop: str, clock: Clock) -> None:
    touch(connection, workshop)
    values = (clock.ends_at, clock.left, clock.length, workshop)
    connection.execute("UPDATE rooms SET ends_at = ?, left = ?, length = ? WHERE workshop = ?", values)


def add_idea(connection: Connection, workshop: str, round_code: str, by: tuple[str, str], text: str) -> None:
    """Keep an idea; ``by`` is its author's key and name."""
    query = "INSERT INTO hidden_ideas (workshop, round, person, author, text) VALUES (?, ?, ?, ?, ?)"
    connection.execute(query, (workshop, round_code, *by, text))
    touch(connection, workshop)


def drop_idea(connection: Connection, workshop: str, idea: int, person: str) -> bool:
    """Take an own idea back; tells whether there was one."""
    query = "DELETE FROM hidden_ideas WHERE workshop = ? AND id = ? AND person = ?"
    touch(connection, workshop)
    return bool(connection.execute(query, (workshop, idea, person)).rowcount)


def ideas(connection: Connection, workshop: str, round_code: str) -> tuple[HiddenIdea, ...]:
    query = "SELECT id, person, author, text FROM hidden_ideas WHERE workshop = ? AND round = ? ORDER BY id"
    return tuple(HiddenIdea(*row) for row in connection.execute(query, (workshop, round_code)))


def drop_ideas(connection: Connection, workshop: str, round_code: str) -> None:
    connection.execute("DELETE FROM hidden_ideas WHERE workshop = ? AND round = ?", (workshop, round_code))
    touch(connection, workshop)


def votes(connection: Connection, workshop: str, round_code: str) -> Mapping[str, frozenset[str]]:
    """person → the ideas they voted for; who did not vote is absent."""
    query = "SELECT person, idea FROM hidden_votes WHERE workshop = ? AND round = ?"
    found: dict[str, set[str]] = {}
    for person, idea in connection.execute(query, (workshop, round_code)):
        found.setdefault(person, set()).add(idea)
    return {person: frozenset(chosen) for person, chosen in found.items()}


def tally(connection: Connection, workshop: str, round_code: str) -> Counter[str]:
    """idea → its votes."""
    return Counter(idea for chosen in votes(connection, workshop, round_code).values() for idea in chosen)


def set_vote(connection: Connection, workshop: str, round_code: str, idea: str, person: str, given: bool) -> None:
    key = (workshop, round_code, idea, person)
    if given:
        connection.execute("INSERT OR IGNORE INTO hidden_votes VALUES (?, ?, ?, ?)", key)
    else:
        query = "DELETE FROM hidden_votes WHERE workshop = ? AND round = ? AND idea = ? AND person = ?"
        connection.execute(query, key)
    touch(connection, workshop)


def drop_votes(connection: Connection, workshop: str, round_code: str) -> None:
    connection.execute("DELETE FROM hidden_votes WHERE workshop = ? AND round = ?", (workshop, round_code))
    touch(connection, workshop)

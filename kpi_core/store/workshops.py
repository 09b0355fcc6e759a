"""The rows that stand for whole workshops."""

from __future__ import annotations

from kpi_core.store.state import Connection, now


def insert(connection: Connection, workshop: str) -> None:
    """A new, empty workshop; its first change and its items follow in the same transaction."""
    at = now()
    connection.execute("INSERT INTO workshops VALUES (?, ?, ?, 0)", (workshop, at, at))


def delete(connection: Connection, workshop: str) -> bool:
    """Take a workshop with everything that belongs to it away; tells whether it was there."""
    connection.execute("DELETE FROM drafts WHERE workshop = ?", (workshop,))
    return bool(connection.execute("DELETE FROM workshops WHERE id = ?", (workshop,)).rowcount)


def count(connection: Connection) -> int:
    (number,) = connection.execute("SELECT count(*) FROM workshops").fetchone()
    return int(number)


def frames(connection: Connection) -> tuple[tuple[str, str, str, str], ...]:
    """(id, time of the last change, who made it, body of the settings) of every workshop, the latest changed first."""
    query = (
        "SELECT workshops.id, workshops.updated_at, coalesce(changes.who, ''), items.body FROM workshops "
        "LEFT JOIN changes ON changes.id = workshops.change "
        "JOIN items ON items.workshop = workshops.id AND items.section = 'settings' "
        "ORDER BY workshops.updated_at DESC, workshops.id"
    )
    return tuple(connection.execute(query))

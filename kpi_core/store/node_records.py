"""What is on record of a node (forecasts, hypotheses, tests): follows a new code and waits while the node is gone."""

from __future__ import annotations

import sqlite3

_PLACES = (
    ("forecasts", "node"),
    ("hypotheses", "source"),
    ("hypotheses", "target"),
    ("link_tests", "source"),
    ("link_tests", "target"),
)


def follow_code(connection: sqlite3.Connection, workshop: str, code: str, new_code: str) -> None:
    """Let the records go on under the node's new code."""
    for table, column in _PLACES:
        query = f"UPDATE {table} SET {column} = ? WHERE workshop = ? AND {column} = ?"  # noqa: S608 - constants only
        connection.execute(query, (new_code, workshop, code))


def set_aside(connection: sqlite3.Connection, workshop: str, code: str, removal: int) -> None:
    """Keep the records of a node that change number ``removal`` took away from whatever has its code next."""
    follow_code(connection, workshop, code, _aside(code, removal))


def take_back(
    connection: sqlite3.Connection, workshop: str, code: str, body: str | None, act: int | None = None
) -> None:
    """Where a node comes back just as it was last taken away (``body``: its JSON), its records come back with it.

    ``act``: the act that took it away, where that is known; the node may come back with other names of its quarters.
    """
    query = "SELECT max(id) FROM changes WHERE workshop = ? AND section = 'nodes' AND code = ? AND action = 'removed'"
    which, value = ("before = ?", body) if act is None else ("coalesce(act, id) = ?", act)
    (removal,) = connection.execute(f"{query} AND {which}", (workshop, code, value)).fetchone()
    if removal is not None:
        follow_code(connection, workshop, _aside(code, removal), code)


def _aside(code: str, removal: int) -> str:
    """A name that no code can have."""
    return f"{code}~{removal}"

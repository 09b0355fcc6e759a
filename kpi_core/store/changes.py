"""The change table: who changed what, when, from what to what. It is the audit trail and the feed of open pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from kpi_core.store.state import now


@dataclass(frozen=True)
class Change:
    """One change; ``before``/``after`` are JSON as in the workshop file, ``None`` where there was or is nothing.

    ``id`` grows by time over the whole state; it is also the revision of the item it left behind. The changes of one
    transaction are an *act*, named by the first one's ``id``; ``undoes`` is the act that this one takes back.
    """

    id: int
    at: datetime
    who: str
    section: str
    code: str
    action: str
    before: str | None
    after: str | None
    act: int
    undoes: int | None = None


_COLUMNS = "id, at, who, section, code, action, before, after, coalesce(act, id), undoes"


def append(
    connection: sqlite3.Connection,
    workshop: str,
    who: str,
    section: str,
    code: str,
    action: str,
    before: str | None,
    after: str | None,
    *,
    act: int | None = None,
    undoes: int | None = None,
) -> int:
    """Record one change inside the caller's transaction and give its number; without ``act`` it begins one."""
    at = now()
    cursor = connection.execute(
        "INSERT INTO changes (workshop, at, who, section, code, action, before, after, act, undoes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (workshop, at, who, section, code, action, before, after, act, undoes),
    )
    number = int(cursor.lastrowid or 0)
    connection.execute("UPDATE workshops SET change = ?, updated_at = ? WHERE id = ?", (number, at, workshop))
    return number


def since(connection: sqlite3.Connection, workshop: str, change: int) -> tuple[Change, ...]:
    """The changes of a workshop after number ``change``, oldest first."""
    query = f"SELECT {_COLUMNS} FROM changes WHERE workshop = ? AND id > ? ORDER BY id"  # noqa: S608 - constants only
    rows = connection.execute(query, (workshop, change))
    return tuple(Change(number, datetime.fromisoformat(at), *rest) for number, at, *rest in rows)


def count_since(connection: sqlite3.Connection, workshop: str, change: int, sections: Collection[str]) -> int:
    """How many changes after number ``change`` are in one of these sections."""
    query = "SELECT section, count(*) FROM changes WHERE workshop = ? AND id > ? GROUP BY section"
    return sum(count for section, count in connection.execute(query, (workshop, change)) if section in sections)


def recent(connection: sqlite3.Connection, workshop: str, most: int) -> tuple[Change, ...]:
    """The last ``most`` changes of a workshop, newest first."""
    query = f"SELECT {_COLUMNS} FROM changes WHERE workshop = ? ORDER BY id DESC LIMIT ?"  # noqa: S608 - constants only
    rows = connection.execute(query, (workshop, most))
    return tuple(Change(number, datetime.fromisoformat(at), *rest) for number, at, *rest in rows)


def latest(connection: sqlite3.Connection, workshop: str) -> int | None:
    """The number of a workshop's last change; ``None`` when there is no such workshop."""
    row = connection.execute("SELECT change FROM workshops WHERE id = ?", (workshop,)).fetchone()
    return None if row is None else int(row[0])

"""Named moments of a workshop: the number of the last change that belongs to each."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from kpi_core.store.state import now


@dataclass(frozen=True)
class Milestone:
    """``change``: the last change before the moment was named."""

    id: int
    change: int
    name: str
    at: datetime
    who: str


def add_milestone(connection: sqlite3.Connection, workshop: str, change: int, name: str, who: str) -> int:
    """Record a moment inside the caller's transaction and give its number."""
    cursor = connection.execute(
        "INSERT INTO milestones (workshop, change, name, at, who) VALUES (?, ?, ?, ?, ?)",
        (workshop, change, name, now(), who),
    )
    return int(cursor.lastrowid or 0)


def milestones_of(connection: sqlite3.Connection, workshop: str) -> tuple[Milestone, ...]:
    """The named moments, newest first."""
    query = "SELECT id, change, name, at, who FROM milestones WHERE workshop = ? ORDER BY change DESC, id DESC"
    rows = connection.execute(query, (workshop,))
    return tuple(
        Milestone(number, change, name, datetime.fromisoformat(at), who) for number, change, name, at, who in rows
    )


def remove_milestone(connection: sqlite3.Connection, workshop: str, number: int) -> int:
    """Forget a name; gives how many there were."""
    return connection.execute("DELETE FROM milestones WHERE workshop = ? AND id = ?", (workshop, number)).rowcount

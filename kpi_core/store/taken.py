"""What measures without a date took of connected tables, kept by day."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class StoredTaken(NamedTuple):
    """One aggregate of a table on a day, by segment; ``basis`` is what it meant then."""

    dataset: str
    basis: str
    key: str
    as_of: date
    segments: tuple[tuple[str | None, float], ...]


def put_taken(connection: sqlite3.Connection, workshop: str, taken: Iterable[StoredTaken]) -> None:
    """Keep these, in place of what was taken earlier that day."""
    connection.executemany(
        "INSERT OR REPLACE INTO taken (workshop, dataset, basis, key, as_of, segments) VALUES (?, ?, ?, ?, ?, ?)",
        [(workshop, one.dataset, one.basis, one.key, one.as_of.isoformat(), json.dumps(one.segments)) for one in taken],
    )


def taken_of(connection: sqlite3.Connection, workshop: str) -> tuple[StoredTaken, ...]:
    """All that was taken, oldest first."""
    query = "SELECT dataset, basis, key, as_of, segments FROM taken WHERE workshop = ? ORDER BY as_of"
    return tuple(
        StoredTaken(dataset, basis, key, date.fromisoformat(day), tuple((name, value) for name, value in json.loads(s)))
        for dataset, basis, key, day, s in connection.execute(query, (workshop,))
    )

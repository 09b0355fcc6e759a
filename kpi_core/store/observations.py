"""Measured values: replaced node by node as a whole, and gone as soon as what they were computed from has changed."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kpi_core.store.state import now

if TYPE_CHECKING:
    from kpi_core.data.observing import Observation


@dataclass(frozen=True)
class Measured:
    """When and from what a node was measured. ``basis``: a fingerprint of measure, datasets and their rows."""

    node: str
    basis: str
    version: str
    computed_at: datetime
    problems: tuple[dict[str, Any], ...]


def measured(connection: sqlite3.Connection, workshop: str) -> Mapping[str, Measured]:
    """Every node that was measured and is still current, by code."""
    query = "SELECT node, basis, version, computed_at, problems FROM measured WHERE workshop = ?"
    return {
        node: Measured(node, basis, version, datetime.fromisoformat(at), tuple(json.loads(problems)))
        for node, basis, version, at, problems in connection.execute(query, (workshop,))
    }


def replace_observations(
    connection: sqlite3.Connection,
    workshop: str,
    node: str,
    *,
    basis: str,
    version: str,
    observations: Iterable[Observation],
    problems: Iterable[Mapping[str, Any]] = (),
) -> int:
    """Put a node's values in place of all it had; gives how many."""
    at = now()
    connection.execute("DELETE FROM observations WHERE workshop = ? AND node = ?", (workshop, node))
    connection.execute(
        "INSERT OR REPLACE INTO measured (workshop, node, basis, version, computed_at, problems) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (workshop, node, basis, version, at, json.dumps(list(problems), ensure_ascii=False)),
    )
    rows = [
        (workshop, node, seen.period, seen.dimension, seen.segment, seen.value, seen.version, at)
        for seen in observations
        if math.isfinite(seen.value)  # a sum that overflowed has no value
    ]
    connection.executemany("INSERT INTO observations VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return len(rows)


def drop_observations(connection: sqlite3.Connection, workshop: str, nodes: Collection[str]) -> None:
    """Forget the values of these nodes."""
    places = [(workshop, node) for node in nodes]
    connection.executemany("DELETE FROM observations WHERE workshop = ? AND node = ?", places)
    connection.executemany("DELETE FROM measured WHERE workshop = ? AND node = ?", places)


def rename_observations(connection: sqlite3.Connection, workshop: str, node: str, new_code: str) -> None:
    """Let values go on under a node's new code."""
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for table in ("observations", "measured"):
        query = f"UPDATE {table} SET node = ? WHERE workshop = ? AND node = ?"  # noqa: S608 - constants only
        connection.execute(query, (new_code, workshop, node))
    connection.execute("PRAGMA defer_foreign_keys = OFF")  # others may go on in this transaction


def overall(connection: sqlite3.Connection, workshop: str) -> dict[str, dict[str, float]]:
    """node → period key → value, over all rows (no dimension)."""
    found: dict[str, dict[str, float]] = {}
    query = "SELECT node, period, value FROM observations WHERE workshop = ? AND dimension IS NULL"
    for node, period, value in connection.execute(query, (workshop,)):
        found.setdefault(node, {})[period] = value
    return found


def by_segment(
    connection: sqlite3.Connection, workshop: str, dimension: str
) -> dict[str | None, dict[str, dict[str, float]]]:
    """segment → node → period key → value, split by one dimension (``None``: rows without a value in it)."""
    found: dict[str | None, dict[str, dict[str, float]]] = {}
    query = "SELECT segment, node, period, value FROM observations WHERE workshop = ? AND dimension = ?"
    for segment, node, period, value in connection.execute(query, (workshop, dimension)):
        found.setdefault(segment, {}).setdefault(node, {})[period] = value
    return found


def latest_periods(connection: sqlite3.Connection, workshop: str, pattern: str, until: str) -> Mapping[str, str]:
    """node → the key of its last measured period up to ``until``; ``pattern`` is a GLOB that the grain's keys fit."""
    query = (
        "SELECT node, max(period) FROM observations "
        "WHERE workshop = ? AND dimension IS NULL AND period GLOB ? AND period <= ? GROUP BY node"
    )
    return dict(connection.execute(query, (workshop, pattern, until)).fetchall())

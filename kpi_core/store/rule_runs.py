"""The runs of each dataset's quality rules, all of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kpi_core.store.state import now


@dataclass(frozen=True)
class RuleRun:
    """When a dataset's rules were run, over what (its ``version``, with the ``basis``), each rule's result as JSON."""

    dataset: str
    version: str
    basis: str
    run_at: datetime
    results: tuple[dict[str, Any], ...]


def record_run(
    connection: sqlite3.Connection,
    workshop: str,
    dataset: str,
    version: str,
    basis: str,
    results: Sequence[Mapping[str, Any]],
) -> None:
    """Put a run on record behind those before."""
    body = json.dumps(list(results), ensure_ascii=False)
    connection.execute(
        "INSERT INTO rule_runs (workshop, dataset, version, basis, run_at, results) VALUES (?, ?, ?, ?, ?, ?)",
        (workshop, dataset, version, basis, now(), body),
    )


def rule_runs(connection: sqlite3.Connection, workshop: str, *, latest: bool = False) -> tuple[RuleRun, ...]:
    """All runs, newest first; ``latest``: only the last one of each dataset."""
    newest = " AND id IN (SELECT max(id) FROM rule_runs GROUP BY workshop, dataset)" if latest else ""
    query = (
        "SELECT dataset, version, basis, run_at, results FROM rule_runs "  # noqa: S608 - constants only
        f"WHERE workshop = ?{newest} ORDER BY id DESC"
    )
    return tuple(
        RuleRun(dataset, version, basis, datetime.fromisoformat(run_at), tuple(json.loads(results)))
        for dataset, version, basis, run_at, results in connection.execute(query, (workshop,))
    )

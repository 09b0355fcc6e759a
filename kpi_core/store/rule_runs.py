"""The last run of each dataset's quality rules."""

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
    """When a dataset's rules were run, over what (``basis``), and each rule's result as JSON."""

    dataset: str
    basis: str
    run_at: datetime
    results: tuple[dict[str, Any], ...]


def record_run(
    connection: sqlite3.Connection, workshop: str, dataset: str, basis: str, results: Sequence[Mapping[str, Any]]
) -> None:
    """Put a run on record in place of the one before."""
    body = json.dumps(list(results), ensure_ascii=False)
    values = (workshop, dataset, basis, now(), body)
    connection.execute("INSERT OR REPLACE INTO rule_runs VALUES (?, ?, ?, ?, ?)", values)


def rule_runs(connection: sqlite3.Connection, workshop: str) -> Mapping[str, RuleRun]:
    """dataset → its last run."""
    query = "SELECT dataset, basis, run_at, results FROM rule_runs WHERE workshop = ?"
    return {
        dataset: RuleRun(dataset, basis, datetime.fromisoformat(run_at), tuple(json.loads(results)))
        for dataset, basis, run_at, results in connection.execute(query, (workshop,))
    }

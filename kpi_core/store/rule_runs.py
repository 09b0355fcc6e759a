"""The runs of each dataset's quality rules: every one of the last 30 days, before that what a day or a change tells."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kpi_core.store.state import now

#: How long every run is kept.
EVERY_RUN = timedelta(days=30)

#: Older runs that tell nothing of their own: of a version that the runs before and after looked at as well, with the
#: same rules broken (or not checked), and not the last of their day.
_THIN = """
DELETE FROM rule_runs WHERE id IN (
    SELECT id FROM (
        SELECT id, run_at, told, lag(told) OVER one AS earlier, lead(told) OVER one AS later,
            substr(run_at, 1, 10) AS day, lead(substr(run_at, 1, 10)) OVER one AS next_day
        FROM (
            SELECT id, run_at, json_array(version, basis, (
                SELECT json_group_array(json_array(
                    value ->> 'key', value ->> 'on_break', value ->> 'failed' > 0, value ->> 'problem' IS NOT NULL))
                FROM json_each(results)
            )) AS told
            FROM rule_runs WHERE workshop = :workshop AND dataset = :dataset AND run_at < :until
        )
        WINDOW one AS (ORDER BY id)
    )
    WHERE told = earlier AND told = later AND day = next_day
)
"""


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
    """Put a run on record behind those before, and thin out the old ones of the dataset.

    A scheduler that refreshes a connected table every hour leaves one run a day, and those where something changed.
    """
    body = json.dumps(list(results), ensure_ascii=False)
    connection.execute(
        "INSERT INTO rule_runs (workshop, dataset, version, basis, run_at, results) VALUES (?, ?, ?, ?, ?, ?)",
        (workshop, dataset, version, basis, now(), body),
    )
    until = (datetime.now(UTC) - EVERY_RUN).isoformat(timespec="microseconds")
    connection.execute(_THIN, {"workshop": workshop, "dataset": dataset, "until": until})


def rule_runs(connection: sqlite3.Connection, workshop: str, *, latest: bool = False) -> tuple[RuleRun, ...]:
    """The runs kept, newest first; ``latest``: only the last one of each dataset."""
    newest = " AND id IN (SELECT max(id) FROM rule_runs GROUP BY workshop, dataset)" if latest else ""
    query = (
        "SELECT dataset, version, basis, run_at, results FROM rule_runs "  # noqa: S608 - constants only
        f"WHERE workshop = ?{newest} ORDER BY id DESC"
    )
    return tuple(
        RuleRun(dataset, version, basis, datetime.fromisoformat(run_at), tuple(json.loads(results)))
        for dataset, version, basis, run_at, results in connection.execute(query, (workshop,))
    )

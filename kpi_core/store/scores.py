"""The readiness score over time: a row whenever it was seen to be another one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from kpi_core.store.state import now
from kpi_core.vocabulary import Answer


@dataclass(frozen=True)
class Score:
    """The items (1-15) met by verdict, and the agreed answers by item, from ``at`` on."""

    at: datetime
    met: frozenset[int]
    agreed: Mapping[int, Answer]


def record_score(
    connection: sqlite3.Connection, workshop: str, met: Collection[int], agreed: Mapping[int, Answer]
) -> None:
    """Put a score on record, from now on."""
    said = json.dumps({str(item): agreed[item].value for item in sorted(agreed)})
    connection.execute("INSERT INTO scores VALUES (?, ?, ?, ?)", (workshop, now(), json.dumps(sorted(met)), said))


def scores(connection: sqlite3.Connection, workshop: str) -> tuple[Score, ...]:
    """All scores of a workshop, the earliest first."""
    query = "SELECT at, met, agreed FROM scores WHERE workshop = ? ORDER BY at, rowid"
    return tuple(
        Score(
            datetime.fromisoformat(at),
            frozenset(json.loads(met)),
            {int(item): Answer(answer) for item, answer in json.loads(agreed).items()},
        )
        for at, met, agreed in connection.execute(query, (workshop,))
    )

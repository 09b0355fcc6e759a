"""What teams stated of driver links before the data were asked, and what the data answered: both only ever added to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kpi_core.store.state import now
from kpi_core.vocabulary import LinkVerdict, Sign

Ends = tuple[str, str]
"""A link by the codes of its two nodes: (source, target)."""


@dataclass(frozen=True)
class Hypothesis:
    """Sign and lag that a person stated of a link; ``after_test``: a result of this link had been seen before."""

    id: int
    source: str
    target: str
    sign: Sign
    lag: int
    at: datetime
    who: str
    after_test: bool


@dataclass(frozen=True)
class StoredTest:
    """One test's result. ``basis`` is a fingerprint of both nodes' definitions, ``until`` the last common period.

    ``figures`` are those of ``kpi_core.insight.leading.LinkTest`` as JSON.
    """

    id: int
    source: str
    target: str
    hypothesis: int
    basis: str
    until: str | None
    verdict: LinkVerdict
    figures: Mapping[str, Any]
    at: datetime
    who: str


def add_hypothesis(
    connection: sqlite3.Connection, workshop: str, ends: Ends, sign: Sign, lag: int, who: str
) -> Hypothesis:
    """Put a statement on record behind those before."""
    source, target = ends
    seen = connection.execute(
        "SELECT 1 FROM link_tests WHERE workshop = ? AND source = ? AND target = ? LIMIT 1", (workshop, *ends)
    ).fetchone()
    at = now()
    cursor = connection.execute(
        "INSERT INTO hypotheses (workshop, source, target, sign, lag, at, who, after_test) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (workshop, source, target, sign.value, lag, at, who, int(seen is not None)),
    )
    number = int(cursor.lastrowid or 0)
    return Hypothesis(number, source, target, sign, lag, datetime.fromisoformat(at), who, seen is not None)


def hypotheses(connection: sqlite3.Connection, workshop: str) -> dict[Ends, tuple[Hypothesis, ...]]:
    """Every link's statements, oldest first."""
    query = "SELECT id, source, target, sign, lag, at, who, after_test FROM hypotheses WHERE workshop = ? ORDER BY id"
    found: dict[Ends, tuple[Hypothesis, ...]] = {}
    for number, source, target, sign, lag, at, who, after in connection.execute(query, (workshop,)):
        stated = Hypothesis(number, source, target, Sign(sign), lag, datetime.fromisoformat(at), who, bool(after))
        found[source, target] = (*found.get((source, target), ()), stated)
    return found


def add_test(
    connection: sqlite3.Connection,
    workshop: str,
    ends: Ends,
    *,
    hypothesis: int,
    basis: str,
    until: str | None,
    verdict: LinkVerdict,
    figures: Mapping[str, Any],
    who: str,
) -> StoredTest:
    """Put a result on record behind those before."""
    at = now()
    cursor = connection.execute(
        "INSERT INTO link_tests (workshop, source, target, hypothesis, basis, until, verdict, figures, at, who) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (workshop, *ends, hypothesis, basis, until, verdict.value, json.dumps(dict(figures)), at, who),
    )
    number = int(cursor.lastrowid or 0)
    return StoredTest(number, *ends, hypothesis, basis, until, verdict, figures, datetime.fromisoformat(at), who)


def link_tests(connection: sqlite3.Connection, workshop: str) -> dict[Ends, tuple[StoredTest, ...]]:
    """Every link's results, oldest first."""
    columns = "id, source, target, hypothesis, basis, until, verdict, figures, at, who"
    query = f"SELECT {columns} FROM link_tests WHERE workshop = ? ORDER BY id"  # noqa: S608 - constants only
    found: dict[Ends, tuple[StoredTest, ...]] = {}
    for number, source, target, hypothesis, basis, until, verdict, figures, at, who in connection.execute(
        query, (workshop,)
    ):
        told = StoredTest(
            number,
            source,
            target,
            hypothesis,
            basis,
            until,
            LinkVerdict(verdict),
            json.loads(figures),
            datetime.fromisoformat(at),
            who,
        )
        found[source, target] = (*found.get((source, target), ()), told)
    return found


def any_test(connection: sqlite3.Connection, workshop: str) -> bool:
    """Whether a link of the workshop was ever tested."""
    query = "SELECT 1 FROM link_tests WHERE workshop = ? LIMIT 1"
    return connection.execute(query, (workshop,)).fetchone() is not None

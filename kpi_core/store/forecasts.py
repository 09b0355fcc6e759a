"""What was believed about periods not over yet, each with its day: only ever added to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from kpi_core.store.state import now
from kpi_core.vocabulary import LandingMethod


@dataclass(frozen=True)
class Foreseen:
    """One forecast as it is put on record: of ``period`` (its key), made on ``day`` from actuals to ``known_to``.

    ``value`` is ``None`` where a person took an override back. ``reason`` is what a person gave for an override, else
    empty.
    """

    node: str
    period: str
    method: LandingMethod
    day: date
    value: float | None
    low: float | None = None
    high: float | None = None
    known_to: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class StoredForecast:
    """``Foreseen``, with when it was stored and by whom."""

    id: int
    foreseen: Foreseen
    at: datetime
    who: str


def add_forecasts(
    connection: sqlite3.Connection, workshop: str, start: int, foreseen: Iterable[Foreseen], who: str
) -> int:
    """Put forecasts on record, those that say just what their node, period and method said last that day left out.

    ``start`` is the first month of the fiscal year that their periods are named by.
    """
    asked = tuple(foreseen)
    days = {one.day for one in asked}
    known = {_key(one.foreseen): one.foreseen for day in days for one in _read(connection, workshop, start, "day", day)}
    fresh = [one for one in asked if known.get(_key(one)) != one]
    at = now()
    connection.executemany(
        "INSERT INTO forecasts "
        "(workshop, node, period, method, day, value, low, high, known_to, reason, at, who, start) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                workshop,
                one.node,
                one.period,
                one.method.value,
                one.day.isoformat(),
                one.value,
                one.low,
                one.high,
                one.known_to,
                one.reason,
                at,
                who,
                start,
            )
            for one in fresh
        ],
    )
    return len(fresh)


def _key(one: Foreseen) -> tuple[str, str, LandingMethod, date]:
    return one.node, one.period, one.method, one.day


def forecasts(connection: sqlite3.Connection, workshop: str, start: int, node: str) -> tuple[StoredForecast, ...]:
    """All forecasts of one node, oldest first.

    Fiscal quarters and years named while the fiscal year began in another month than ``start`` are left out: the same
    key means other months now. They count again once the year begins there again.
    """
    return _read(connection, workshop, start, "node", node)


def forecasts_by(
    connection: sqlite3.Connection, workshop: str, start: int, method: LandingMethod
) -> tuple[StoredForecast, ...]:
    """All forecasts of one method, oldest first; ``start`` as for ``forecasts``."""
    return _read(connection, workshop, start, "method", method.value)


#: Keys of weeks and months mean the same in every fiscal year.
_CALENDAR = "(start = ? OR period GLOB '*-W*' OR period GLOB '*-[0-9][0-9]')"


def _read(
    connection: sqlite3.Connection, workshop: str, start: int, by: str, value: str | date
) -> tuple[StoredForecast, ...]:
    columns = "id, node, period, method, day, value, low, high, known_to, reason, at, who"
    where = f"workshop = ? AND {by} = ? AND {_CALENDAR}"
    query = f"SELECT {columns} FROM forecasts WHERE {where} ORDER BY id"  # noqa: S608 - constants only
    return tuple(
        StoredForecast(
            number,
            Foreseen(code, period, LandingMethod(method), date.fromisoformat(day), *rest),
            datetime.fromisoformat(at),
            who,
        )
        for number, code, period, method, day, *rest, at, who in connection.execute(
            query, (workshop, str(value), start)
        )
    )

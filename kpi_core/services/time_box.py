"""The time box of a step: one clock a workshop, the same in every browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from kpi_core.errors import RefusedError
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.store import room
from kpi_core.store.room import Clock
from kpi_core.store.state import State
from kpi_core.vocabulary import Role

MINUTE = 60
#: Half a day: more is a slip.
MOST_MINUTES = 720


@dataclass(frozen=True)
class TimeBox:
    """``left`` seconds at the moment asked (0 once over); ``ends_at`` (seconds since 1970) while it runs."""

    left: float
    length: float
    ends_at: float | None

    @property
    def running(self) -> bool:
        return self.ends_at is not None


def time_box(state: State, workshop_id: str, at: float | None = None) -> TimeBox | None:
    """The clock as it stands; ``None`` before anyone started one, and after it was put away."""
    snapshot(state, workshop_id)
    clock = room.clock(state.connection, workshop_id)
    if clock.length is None:
        return None
    return TimeBox(_left(clock, _moment(at)), clock.length, clock.ends_at)


def start(state: State, workshop_id: str, minutes: float, who: Who, at: float | None = None) -> None:
    """Start a new time box. Raises ``RefusedError('room.minutes')`` unless it is of 1 to 720 minutes."""
    if not 0 < minutes <= MOST_MINUTES:
        raise RefusedError("room.minutes", most=MOST_MINUTES)
    seconds = minutes * MINUTE
    _set(state, workshop_id, who, lambda clock: Clock(_moment(at) + seconds, None, seconds))


def pause(state: State, workshop_id: str, who: Who, at: float | None = None) -> None:
    """Stop the clock where it is; nothing happens to one that stands."""
    _set(state, workshop_id, who, lambda clock: Clock(None, _left(clock, _moment(at)), clock.length))


def go_on(state: State, workshop_id: str, who: Who, at: float | None = None) -> None:
    """Let a stopped clock run on; nothing happens to one that runs."""

    def running(clock: Clock) -> Clock:
        return clock if clock.left is None else Clock(_moment(at) + clock.left, None, clock.length)

    _set(state, workshop_id, who, running)


def extend(state: State, workshop_id: str, minutes: float, who: Who, at: float | None = None) -> None:
    """Give more time: from now where it is over already, and then the clock runs again."""
    more = minutes * MINUTE

    def longer(clock: Clock) -> Clock:
        left = min(_left(clock, _moment(at)) + more, MOST_MINUTES * MINUTE)
        length = (clock.length or 0) + more
        return Clock(None, left, length) if clock.left is not None else Clock(_moment(at) + left, None, length)

    _set(state, workshop_id, who, longer)


def put_away(state: State, workshop_id: str, who: Who) -> None:
    """No clock any more."""
    _set(state, workshop_id, who, lambda clock: Clock())


def _set(state: State, workshop_id: str, who: Who, make: Callable[[Clock], Clock]) -> None:
    authorise(who, Role.FACILITATOR)
    with state.writing() as connection:
        snapshot(state, workshop_id)
        room.set_clock(connection, workshop_id, make(room.clock(connection, workshop_id)))


def _left(clock: Clock, moment: float) -> float:
    if clock.ends_at is not None:
        return max(0.0, clock.ends_at - moment)
    return clock.left or 0.0


def _moment(at: float | None) -> float:
    return time.time() if at is None else at

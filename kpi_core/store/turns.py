"""Whose turn it is to write: within a process the one who waits longest, at once.

SQLite lets those who wait look again after ever longer naps: of fifty people who save at the same time some would wait
for seconds while nobody writes. Processes are kept apart by SQLite's own lock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kpi_core.errors import RefusedError


class _Turns:
    """A lock that is handed on in the order of asking."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self, seconds: float) -> bool:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._mutex:
            if mine not in self._waiting:  # it was handed on at the last moment
                return True
            self._waiting.remove(mine)
            return False

    def hand_on(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False

    def __len__(self) -> int:
        return len(self._waiting)


_turns: dict[Path, _Turns] = {}
_finding = threading.Lock()


@contextmanager
def turn(path: Path, seconds: float) -> Iterator[None]:
    """One's own turn to write to the state at ``path``. Raises ``RefusedError('state_busy')`` after ``seconds``."""
    turns = _of(path)
    if not turns.take(seconds):
        raise RefusedError("state_busy")
    try:
        yield
    finally:
        turns.hand_on()


def waiting(path: Path) -> int:
    """How many wait for their turn."""
    return len(_of(path))


def _of(path: Path) -> _Turns:
    with _finding:
        return _turns.setdefault(path.absolute(), _Turns())

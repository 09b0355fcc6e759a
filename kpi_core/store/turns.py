"""Whose turn it is to write: within a process the one who waits longest, at once.

SQLite lets those who wait look again after ever longer naps: of fifty people who save at the same time some would wait
for seconds while nobody writes. Processes are kept apart by SQLite's own lock.
"""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path


class Turns:
    """A lock that is handed on in the order of asking."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self, seconds: float) -> bool:
        """Waits for one's turn; ``False`` when it did not come within ``seconds``."""
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

    def pass_on(self) -> bool:
        """Gives one's turn to the one who waits longest; ``False``, and it is still one's own, where nobody waits."""
        with self._mutex:
            return self._passed()

    def end(self) -> None:
        """Gives one's turn to the one who waits longest, or to whoever comes next."""
        with self._mutex:
            self._taken = self._passed()

    def _passed(self) -> bool:
        if not self._waiting:
            return False
        self._waiting.popleft().release()
        return True

    def __len__(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)


_turns: dict[Path, Turns] = {}
_finding = threading.Lock()


def turns_of(path: Path) -> Turns:
    """The turns of those who write to the state at ``path``."""
    with _finding:
        return _turns.setdefault(path.absolute(), Turns())

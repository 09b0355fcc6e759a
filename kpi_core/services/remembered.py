"""Answers computed from a workshop as it stands, kept while nothing in it changes.

Every write that readers can see appends to the change feed within its own transaction (``store.changes``), so the
number of a workshop's last change names its state: definitions, uploads, measured values and rule results alike.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from kpi_core.services.snapshots import Snapshot, snapshot
from kpi_core.store.state import State

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """The ``most`` answers asked for last, shared by all sessions: answers must not be changed by who gets them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def answer(
        self, state: State, workshop_id: str, about: tuple[Hashable, ...], make: Callable[[Snapshot], Answer]
    ) -> Answer:
        """What ``make`` gives for the workshop as it is now; ``about``: what it depends on besides (the day).

        Inside a writing transaction, which may yet be rolled back, nothing is remembered. Raises as ``snapshot``.
        """
        with state.reading():
            found = snapshot(state, workshop_id)
            if state.transaction is not None:
                return make(found)
            key = (str(state.path), state.instance, workshop_id, found.change, *about)
            with self._lock:
                if key in self._answers:
                    self._answers.move_to_end(key)
                    return self._answers[key]
            made = make(found)
        with self._lock:
            self._answers[key] = made
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return made

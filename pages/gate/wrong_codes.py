"""Guessing codes is slowed down: after many wrong ones an address waits.

A code has 50 random bits, so even this many a minute find none; a whole room, mistyping, may share one address.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

#: So many wrong codes from one address within so many seconds.
MOST, WITHIN = 60, 60.0
_ADDRESSES = 10_000


class WrongCodes:
    """The wrong codes of late, by address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: OrderedDict[str, deque[float]] = OrderedDict()

    def note(self, address: str) -> None:
        """A wrong code came from this address."""
        self._at.setdefault(address, deque(maxlen=MOST)).append(self._clock())
        self._at.move_to_end(address)
        while len(self._at) > _ADDRESSES:
            self._at.popitem(last=False)

    def too_many(self, address: str) -> bool:
        """Whether this address has to wait."""
        found = self._at.get(address)
        return found is not None and len(found) == MOST and self._clock() - found[0] < WITHIN

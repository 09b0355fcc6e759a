"""An action that must end in time: one that does not is left behind in its thread, and whoever waits gets an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, action: Callable[[], Result], *, late: Callable[[Result], object] | None = None) -> Result:
    """What ``action`` gives or raises; raises ``TimeoutError`` when it has not ended after ``seconds``.

    ``late`` gets what it gives after that, so that it can be put away.
    """
    outcome: list[Result] = []
    failure: list[BaseException] = []
    waiting = threading.Lock()
    left = threading.Event()

    def run() -> None:
        try:
            found = action()
        except BaseException as error:
            failure.append(error)
            return
        with waiting:
            if not left.is_set():
                outcome.append(found)
                return
        if late is not None:
            late(found)

    thread = threading.Thread(target=run, name="connection", daemon=True)
    thread.start()
    thread.join(seconds)
    with waiting:
        left.set()
        if outcome:
            return outcome[0]
    if failure:
        raise failure[0]
    raise TimeoutError

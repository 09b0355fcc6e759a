"""Transactions on a state: one writes at a time, and those who wait for each other share a commit.

A commit waits for the disk, and of fifty people who save in the same second each would wait for fifty. So the first
one's transaction is left open to the next who waits, each writes in a savepoint, and the last commits for all. Nobody
is told before that commit: what was told is as durable as with a commit of one's own (group commit).
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kpi_core.errors import RefusedError
from kpi_core.store.opening import BUSY_SECONDS
from kpi_core.store.turns import turns_of

#: A shared transaction takes in no further part after so many, or so many seconds after it began.
_MOST_PARTS, _LONGEST = 64, 0.05


class Transaction:
    """A transaction on one connection, with the write lock from its start; its parts are written one after another."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        #: What finished parts know of the state as they left it, for the parts behind them.
        self.known: dict[Hashable, object] = {}
        self._parts = 0
        self._until = time.monotonic() + _LONGEST
        self._over = threading.Event()
        self._error: sqlite3.Error | None = None
        connection.execute("BEGIN IMMEDIATE")

    @contextmanager
    def part(self) -> Iterator[None]:
        """What one caller writes: it stays entirely or not at all, whatever becomes of the parts around it."""
        alone = not self._parts
        if not alone:
            self.connection.execute("SAVEPOINT part")
        try:
            yield
            if not alone:
                self.connection.execute("RELEASE part")
        except BaseException as error:
            if not self.connection.in_transaction:  # SQLite gave all of it up: a full disk, a failing one
                self._error = error if isinstance(error, sqlite3.Error) else sqlite3.OperationalError("given up")
            elif alone:
                self.connection.execute("ROLLBACK")
            else:
                self.connection.execute("ROLLBACK TO part")
                self.connection.execute("RELEASE part")
            raise
        self._parts += 1

    @property
    def may_go_on(self) -> bool:
        """Whether another part may come before the commit."""
        return self.connection.in_transaction and self._parts < _MOST_PARTS and time.monotonic() < self._until

    def commit(self) -> None:
        """Ends it for all its parts alike; ``wait`` tells each how it ended."""
        try:
            if self.connection.in_transaction:
                self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._error = error
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        self._over.set()

    def wait(self) -> None:
        """Until it is committed. Raises the ``sqlite3.Error`` that undid it."""
        self._over.wait()
        if self._error is not None:
            raise self._error


#: By path, of the one whose turn it is: what the one before left open.
_left_open: dict[Path, Transaction] = {}


@contextmanager
def part_of_a_commit(path: Path, connection: sqlite3.Connection, *, shared: bool) -> Iterator[Transaction]:
    """One's own part, on the transaction's connection; durable when this ends, and gone when the body raises.

    ``connection`` is one's own and begins a transaction where none was left open. Not ``shared``: what others left
    open is committed first, and nobody joins. Raises ``RefusedError('state_busy')`` where the turn does not come, and
    the ``sqlite3.Error`` of a commit that failed.
    """
    turns = turns_of(path)
    if not turns.take(BUSY_SECONDS):
        raise RefusedError("state_busy")
    mine: Transaction | None = None
    try:
        mine = _left_open.pop(path, None)
        if mine is not None and not shared:
            mine.commit()
            mine = None
        mine = mine or Transaction(connection)
        with mine.part():
            yield mine
    finally:
        if mine is not None and shared and mine.may_go_on:
            _left_open[path] = mine
        if path not in _left_open or not turns.pass_on():
            _left_open.pop(path, None)
            if mine is not None:
                mine.commit()
            turns.end()
    mine.wait()

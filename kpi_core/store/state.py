"""The open state: one SQLite connection, transactions on it, and the folder of Parquet files beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType

from kpi_core.errors import MissingError, RefusedError
from kpi_core.store.commits import Transaction, part_of_a_commit
from kpi_core.store.keeping import give_back, take
from kpi_core.store.opening import Identity, identity

Connection = sqlite3.Connection
"""What ``State.reading`` and ``State.writing`` give; only the store runs SQL on it."""


class State:
    """One connection to a state file, for one thread: a page run opens it and closes it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self._file: Identity | None = identity(path)
        #: While this one writes: it may yet be rolled back, so nothing read now may be kept for others.
        self.transaction: Transaction | None = None
        #: The workshops this opening is for; ``None``: all. Any other answers as if it did not exist (``admit``).
        self.only: frozenset[str] | None = None

    @classmethod
    def open(cls, path: Path | str) -> State:
        """The state at ``path``; created when missing, migrated when older.

        Raises ``RefusedError``: ``state_not_ours``, ``state_newer`` or ``state_unreachable``.
        """
        place = Path(path).absolute()
        return cls(place, take(place))

    @property
    def folder(self) -> Path:
        """Where the Parquet files lie."""
        return self.path.with_name(f"{self.path.stem}_files")

    @cached_property
    def instance(self) -> str:
        """A token of this very state: caches use it, and a restored backup gets another one."""
        (token,) = self.connection.execute("SELECT value FROM meta WHERE key = 'instance'").fetchone()
        return str(token)

    def admits(self, workshop: str) -> bool:
        return self.only is None or workshop in self.only

    def admit(self, workshop: str) -> None:
        """Nothing, or ``MissingError('workshop_missing')``, as for a workshop that does not exist."""
        if not self.admits(workshop):
            raise MissingError("workshop_missing", workshop=workshop)

    def close(self) -> None:
        """Ends it, once; what was not committed is rolled back."""
        file, self._file = self._file, None
        if file is not None:
            self._roll_back()
            give_back(self.path, self.connection, file)

    def __enter__(self) -> State:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A stretch in which all reads see the state of one moment."""
        if self.connection.in_transaction:
            yield self.connection
            return
        self.connection.execute("BEGIN")
        try:
            yield self.connection
        finally:
            self._roll_back()  # an error may have ended the transaction already; it must not be hidden by another

    @contextmanager
    def writing(self, *, shared: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start; it happens entirely or not at all.

        ``shared``: for the short writes of many people at once. Those that wait for each other are committed together
        (``store.commits``); the body then writes nowhere else, as it might be undone after it ended.
        Raises ``RefusedError('state_busy')`` when others keep the lock for half a minute and
        ``RefusedError('state_full')`` when the disk is full.
        """
        own = self.connection
        try:
            with part_of_a_commit(self.path, own, shared=shared) as self.transaction:
                self.connection = self.transaction.connection
                try:
                    yield self.connection
                finally:
                    self.connection, self.transaction = own, None
        except sqlite3.OperationalError as error:
            code = _EXPECTED.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
            if code is None:
                raise
            raise RefusedError(code) from error

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")


_EXPECTED = {
    sqlite3.SQLITE_BUSY: "state_busy",
    sqlite3.SQLITE_FULL: "state_full",
    sqlite3.SQLITE_READONLY: "state_read_only",
}


def now() -> str:
    """This moment as the state writes it: UTC, ISO 8601, microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")

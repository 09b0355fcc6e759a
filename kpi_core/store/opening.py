"""Opening a state file: ours or not, its version, a copy before it is migrated, and the connection's settings."""

from __future__ import annotations

import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.abc import MetaPathFinder
from pathlib import Path

from kpi_core.errors import RefusedError

#: "KPIw": marks a SQLite file as a state of this product.
APPLICATION_ID = 0x4B504977
#: How many migrations there are; ``migrations.STEPS`` has as many (a test holds them together).
VERSION = 10
BUSY_SECONDS = 30.0

_MAGIC = b"SQLite format 3\x00"
Identity = tuple[int, int]
"""(device, inode) of a file."""
#: Files whose header this process has seen to be ours.
_looked_at: set[Identity] = set()
_looking = threading.Lock()


def connect(path: Path) -> sqlite3.Connection:
    """An open connection to the state at ``path``, created or migrated where needed; for one thread at a time.

    Raises ``RefusedError``: ``state_not_ours`` for any other file, ``state_newer`` for a state that a newer version of
    the product wrote (the file is not touched), ``state_unreachable`` where the folder cannot be written.
    """
    if identity(path) in _looked_at:
        return _connected(path)
    with _looking:  # of threads that come first, one looks, and the others wait until the file is known
        if identity(path) not in _looked_at:
            _refuse_foreign(path)
        connection = _connected(path)
        found = identity(path)
        if found is not None:
            _looked_at.add(found)
        return connection


def identity(path: Path) -> Identity | None:
    """What tells a file from every other (device, inode); ``None`` while there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connected(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.OperationalError) as error:
        raise RefusedError("state_unreachable", path=str(path)) from error
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def version_of(connection: sqlite3.Connection) -> int:
    """The number of migrations a state has seen; 0 for an empty file. Refuses what is not ours, and newer states."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if application or version or tables:
            raise RefusedError("state_not_ours", path=_place(connection))
    if version > VERSION:
        raise RefusedError("state_newer", found=version, known=VERSION)
    return int(version)


def _refuse_foreign(path: Path) -> None:
    """Look at the file's header alone, so that a foreign or newer file is refused without SQLite touching it.

    Once a file and process: closing a file drops every lock this process has on it (POSIX), also those of SQLite's
    open connections; another process would then take itself for the last one and delete the log under their feet.
    """
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RefusedError("state_unreachable", path=str(path)) from error
    if not header:
        return
    application, version = int.from_bytes(header[68:72], "big"), int.from_bytes(header[60:64], "big")
    if not header.startswith(_MAGIC) or application not in (0, APPLICATION_ID):
        raise RefusedError("state_not_ours", path=str(path))
    if application == APPLICATION_ID and version > VERSION:
        raise RefusedError("state_newer", found=version, known=VERSION)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    try:
        if version_of(connection) < VERSION:
            _migrate(connection, path)
        elif connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise RefusedError("state_unreachable", path=str(path)) from error
        raise RefusedError("state_not_ours", path=str(path)) from error


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    with _without_pandas():
        from sqlite_utils import Database

        from kpi_core.store.migrations import MIGRATIONS

    _write_ahead(connection)
    connection.execute("BEGIN IMMEDIATE")  # of several processes that start at once, one migrates and the others wait
    try:
        found = version_of(connection)
        if found < VERSION:
            if found:
                _copy_aside(path, found)
            MIGRATIONS.apply(Database(connection))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class _NoPandas(MetaPathFinder):
    """Finds no pandas for the threads in ``threads``, and leaves everything else to the finders behind it."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas" and threading.get_ident() in self.threads:
            raise ModuleNotFoundError(name=fullname)


_no_pandas = _NoPandas()


@contextmanager
def _without_pandas() -> Iterator[None]:
    """sqlite-utils takes pandas for its column types when it finds it, a third of the first start; we use none.

    Of this thread only: another one may need it meanwhile. The finder stays, with nothing to do: were it taken out,
    a thread just going through the list would miss the finder behind it.
    """
    if _no_pandas not in sys.meta_path:
        sys.meta_path.insert(0, _no_pandas)
    _no_pandas.threads.add(threading.get_ident())
    try:
        yield
    finally:
        _no_pandas.threads.discard(threading.get_ident())


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to WAL; the switch itself does not wait for others (no busy handler), so ask again for a while."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _copy_aside(path: Path, version: int) -> None:
    """A consistent copy of the state as it was, beside it; an existing copy is kept and the next number taken."""
    number = 0
    while (copy := path.with_name(f"{path.stem}.version-{version}{f'-{number}' if number else ''}.db")).exists():
        number += 1
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _place(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA database_list").fetchone()[2])

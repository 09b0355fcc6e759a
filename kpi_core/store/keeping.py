"""Connections that a server keeps between the runs of its pages: opening one costs as much as a small page's own work.

A kept one belongs to one ``State`` at a time, whatever thread that is in.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kpi_core.store.opening import Identity, connect, identity, version_of

#: Kept at the most; a page run takes one, so this many runs at the same time open none anew.
_MOST = 64
#: By path, only while it is served: connections at rest, each with the file it was opened on.
_resting: dict[Path, list[tuple[Identity, sqlite3.Connection]]] = {}
_finding = threading.Lock()


@contextmanager
def kept_open(path: Path) -> Iterator[None]:
    """While it lasts, a connection to the state at ``path`` that is given back is kept for the next who opens it."""
    with _finding:
        _resting.setdefault(path.absolute(), [])
    try:
        yield
    finally:
        with _finding:
            left = _resting.pop(path.absolute(), [])
        for _, connection in left:
            connection.close()


def take(path: Path) -> sqlite3.Connection:
    """A connection at rest, else a new one. Raises as ``opening.connect``."""
    with _finding:
        resting = _resting.get(path)
        found = resting.pop() if resting else None
    if found is None:
        return connect(path)
    opened_on, connection = found
    if identity(path) != opened_on:  # another file took its place
        connection.close()
        return connect(path)
    try:
        version_of(connection)  # another process may have migrated it
    except BaseException:
        connection.close()
        raise
    return connection


def give_back(path: Path, connection: sqlite3.Connection, opened_on: Identity) -> None:
    """Puts a connection outside of any transaction to rest, or closes it where none is kept."""
    with _finding:
        resting = _resting.get(path)
        if resting is not None and len(resting) < _MOST:
            resting.append((opened_on, connection))
            return
    connection.close()

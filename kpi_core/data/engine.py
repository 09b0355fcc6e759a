"""DuckDB, as this package uses it: an in-memory connection a call, Parquet files bound as views, SQL made by Ibis.

Nothing is written anywhere: no database file, no spilling to disk, no extension fetched. A query that needs more
memory than allowed fails, and its measure is reported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd

ROW_NUMBER = "file_row_number"
"""The column that DuckDB adds on request: a row's position in its file, from 0."""
MAX_THREADS = 4
LEAST_MEMORY_MB = 512

EngineError = duckdb.Error
OutOfMemory = duckdb.OutOfMemoryException


class Session:
    """A connection with its views; not shared between threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._bound = 0

    def columns(self, parquet: Path) -> tuple[str, ...]:
        """The columns as DuckDB names them: it ignores case, so ``amount`` after ``Amount`` is ``amount_1``."""
        return tuple(self._connection.read_parquet(str(parquet)).columns)

    def bind(self, view: str, parquet: Path) -> None:
        """Makes the file's rows readable as ``view``, with their row numbers unless a column has that name."""
        numbered = ROW_NUMBER not in {name.casefold() for name in self.columns(parquet)}
        self._connection.read_parquet(str(parquet), file_row_number=numbered).create_view(view)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows that a query compiled by Ibis gives."""
        return self._connection.execute(sql).fetchall()

    def table(self, sql: str) -> Any:
        """A query's rows as an Ibis table bound to this session, for a library that runs its own queries on it."""
        self._bound += 1
        name = f"bound_{self._bound}"
        self._connection.sql(sql).create_view(name)
        return ibis.duckdb.from_connection(self._connection).table(name)

    def frame(self, sql: str) -> pd.DataFrame:
        """The same as a data frame."""
        return self._connection.execute(sql).df()


@contextmanager
def session() -> Iterator[Session]:
    """A fresh session, closed at the end."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": min(MAX_THREADS, os.cpu_count() or 1),
        "memory_limit": f"{_memory_mb()}MB",
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(":memory:", config=config)
    try:
        yield Session(connection)
    finally:
        connection.close()


def _memory_mb() -> int:
    """Half of the machine's memory."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return max(LEAST_MEMORY_MB, total // 2 // 2**20)

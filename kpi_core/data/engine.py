"""Where queries run: DuckDB for uploads, the database itself for a connected dataset; SQL made by Ibis.

DuckDB is an in-memory connection a call with Parquet files bound as views. Nothing is written anywhere: no database
file, no spilling to disk, no extension fetched. A query that needs more memory than allowed fails, and its measure is
reported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import ibis
import pandas as pd
import pyarrow as pa

from kpi_core.data.connecting.remote import Remote

Result = TypeVar("Result")

ROW_NUMBER = "file_row_number"
"""The column that DuckDB adds on request: a row's position in its file, from 0."""
MAX_THREADS = 4
LEAST_MEMORY_MB = 512

EngineError = duckdb.Error
OutOfMemory = duckdb.OutOfMemoryException


#: The home of uploads; every other home is a connection's name.
HERE = ""


class Session:
    """DuckDB with its views, and each database that a query asked for; not shared between threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, fresh: bool = False) -> None:
        self._connection = connection
        self._bound = 0
        self._fresh = fresh
        self._remotes: dict[str, Remote] = {}

    def remote(self, home: str) -> Remote:
        """The database behind a connection; opened by what is asked of it first."""
        if home not in self._remotes:
            self._remotes[home] = Remote(home, fresh=self._fresh)
        return self._remotes[home]

    def columns(self, parquet: Path) -> tuple[str, ...]:
        """The columns as DuckDB names them: it ignores case, so ``amount`` after ``Amount`` is ``amount_1``."""
        return tuple(self._connection.read_parquet(str(parquet)).columns)

    def bind(self, view: str, parquet: Path) -> None:
        """Makes the file's rows readable as ``view``, with their row numbers unless a column has that name."""
        numbered = ROW_NUMBER not in {name.casefold() for name in self.columns(parquet)}
        self._connection.read_parquet(str(parquet), file_row_number=numbered).create_view(view)

    def lend(self, view: str, rows: pa.Table) -> None:
        """Makes a few rows that lie elsewhere readable as ``view``."""
        self._connection.register(view, rows)

    def fetch(self, sql: str, home: str = HERE) -> list[tuple[Any, ...]]:
        """The rows that a query compiled by Ibis for ``home`` gives."""
        return self.remote(home).fetch(sql) if home else self._connection.execute(sql).fetchall()

    def run(self, action: Callable[[], Result], home: str = HERE) -> Result:
        """What a library finds in tables of ``table``; raises as ``fetch``."""
        return self.remote(home).run(action) if home else action()

    def arrow(self, sql: str) -> pa.Table:
        """The same of uploads, by column."""
        return self._connection.execute(sql).to_arrow_table()

    def frame(self, sql: str, columns: Sequence[str], home: str = HERE) -> pd.DataFrame:
        """The same as a data frame with these column names."""
        if home:
            return pd.DataFrame(self.remote(home).fetch(sql), columns=list(columns))
        return self._connection.execute(sql).df().set_axis(list(columns), axis=1)

    def close(self) -> None:
        for remote in self._remotes.values():
            remote.close()
        self._connection.close()

    def table(self, sql: str, schema: Any = None, home: str = HERE) -> Any:
        """A query's rows as an Ibis table bound to where they lie, for a library that runs its own queries on it."""
        if home:
            return self.remote(home).table(sql, schema)
        self._bound += 1
        name = f"bound_{self._bound}"
        self._connection.sql(sql).create_view(name)
        return ibis.duckdb.from_connection(self._connection).table(name)


@contextmanager
def session(*, fresh: bool = False) -> Iterator[Session]:
    """A new session, closed at the end; ``fresh``: databases are asked anew, and may take longer."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": min(MAX_THREADS, os.cpu_count() or 1),
        "memory_limit": f"{_memory_mb()}MB",
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    opened = Session(duckdb.connect(":memory:", config=config), fresh=fresh)
    try:
        yield opened
    finally:
        opened.close()


def _memory_mb() -> int:
    """Half of the machine's memory."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return max(LEAST_MEMORY_MB, total // 2 // 2**20)

"""A connected database as measures ask it: in time, with an answer in words when it does not, nothing secret in them.

A page asks the same at every rerun: answers are kept for some minutes, a database that could not be reached is let
alone for half a minute. ``fresh`` (what a refresh and a test ask for) looks past both.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar

import ibis

from kpi_core.data.connecting.columns import TableColumn
from kpi_core.data.connecting.deadline import within
from kpi_core.data.connecting.opening import Database, Path, open_database
from kpi_core.data.connecting.secrets import dialect_of, hidden, url_of
from kpi_core.data.uncomputable import UncomputableError

Result = TypeVar("Result")
Row = TypeVar("Row")

CONNECT_SECONDS = 10
SPARK_CONNECT_SECONDS = 120
"""A Spark session starts a Java machine and workers."""
PAGE_SECONDS = 20
REFRESH_SECONDS = 600
KEPT_SECONDS = 300
LEFT_ALONE_SECONDS = 30
_MOST_KEPT = 512
_MOST_KEPT_ROWS = 20_000
_MOST_KEPT_ROWS_IN_ALL = 200_000
_GRACE = 5

_kept: OrderedDict[tuple[str, Hashable], tuple[float, list[Any]]] = OrderedDict()
_failed: dict[str, tuple[float, UncomputableError]] = {}
_lock = threading.Lock()


class Remote:
    """One connection for the length of a session; opened when first asked, closed by ``close``."""

    def __init__(
        self, name: str, *, fresh: bool = False, seconds: int | None = None, connect_seconds: int | None = None
    ) -> None:
        self.name = name
        self.dialect = dialect_of(name)
        self._url = url_of(name)
        self._fresh = fresh
        self._seconds = seconds or (REFRESH_SECONDS if fresh else PAGE_SECONDS)
        spark = self.dialect == "pyspark"
        self._connect_seconds = connect_seconds or (SPARK_CONNECT_SECONDS if spark else CONNECT_SECONDS)
        self._database: Database | None = None
        self._broken: UncomputableError | None = None
        self._lent: dict[str, str] = {}

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query; raises ``UncomputableError``: ``connection_…`` or ``not_computed`` with the detail."""
        whole = self._with_lent(sql)
        return self._known(whole, lambda database: database.fetch(whole))

    def table(self, sql: str, schema: Any) -> Any:
        """A query's rows as an Ibis table bound to the database, for ``run``."""
        whole = self._with_lent(sql)
        return self._asked(lambda database: database.table(whole, schema))

    def run(self, action: Callable[[], Result]) -> Result:
        """What ``action`` finds when it asks the database by itself; in time, and raises as ``fetch``."""
        return self._asked(lambda _: action())

    def lend(self, view: str, rows_sql: str) -> None:
        """Lets queries read ``view``: a few rows that lie elsewhere, as a query that spells them out."""
        self._lent[view] = rows_sql

    def schemas(self) -> list[str]:
        return self._known(("schemas",), lambda database: database.schemas())

    def tables(self, schema: str) -> list[str]:
        return self._known(("tables", schema), lambda database: database.tables(schema))

    def columns(self, path: Path) -> list[TableColumn]:
        return self._known(("columns", *path), lambda database: database.columns(path))

    def count(self, path: Path) -> int:
        """The number of a table's rows."""
        *above, name = path
        catalog, schema = [None, None, *above][-2:]
        table = ibis.table({"any": "string"}, name=name, catalog=catalog, database=schema)
        ((rows,),) = self.fetch(str(ibis.to_sql(table.aggregate(rows=table.count()), dialect=self.dialect)))
        return int(rows)

    def close(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            with suppress(TimeoutError):
                within(_GRACE, database.close)

    def _with_lent(self, sql: str) -> str:
        used = [f"{view} AS ({rows})" for view, rows in self._lent.items() if view in sql]
        if not used:
            return sql
        rest = sql.lstrip()
        return f"WITH {', '.join(used)}{', ' + rest[5:] if rest.startswith('WITH ') else ' ' + rest}"

    def _known(self, question: Hashable, action: Callable[[Database], list[Row]]) -> list[Row]:
        """The answer that is kept of a question, else the database's own."""
        key = (self._url, question)
        with _lock:
            at, rows = _kept.get(key, (None, []))
        if at is not None and not self._fresh and time.monotonic() - at < KEPT_SECONDS:
            return list(rows)
        found = self._asked(action)
        _keep(key, found)
        return list(found)

    def _asked(self, action: Callable[[Database], Result]) -> Result:
        if self._broken is not None:
            raise self._broken
        database = self._opened()
        try:
            return within(self._seconds + _GRACE, lambda: action(database))
        except Exception as error:
            refusal = self._refusal(error)
        if refusal.code != "not_computed":
            self._broken = refusal
            with suppress(Exception):  # TimeoutError, too: it may be silent to this as it was to the question
                within(_GRACE, database.cancel)
            self.close()
        raise refusal

    def _opened(self) -> Database:
        if self._database is not None:
            return self._database
        at, known = _failed.get(self._url, (0.0, None))
        if known is not None and not self._fresh and time.monotonic() - at < LEFT_ALONE_SECONDS:
            raise known
        seconds = self._connect_seconds
        try:
            self._database = within(
                seconds + _GRACE,
                lambda: open_database(self.dialect, self._url, seconds, self._seconds),
                late=lambda database: database.close(),
            )
        except Exception as error:
            refusal = _failed_to_connect(self.name, error, seconds)
        else:
            _failed.pop(self._url, None)
            return self._database
        self._broken = refusal
        _failed[self._url] = (time.monotonic(), refusal)
        raise refusal

    def _refusal(self, error: Exception) -> UncomputableError:
        """What went wrong with a question, in words that tell nothing secret."""
        kind = type(error).__name__
        if isinstance(error, TimeoutError) or kind in ("QueryCanceled", "ConnectionTimeout"):
            return self._failure("connection_timeout", seconds=self._seconds)
        if kind in ("OperationalError", "InterfaceError", "AdminShutdown", "Py4JNetworkError", "ConnectionResetError"):
            return self._failure("connection_lost")
        lines = hidden(str(error), self._url).strip().splitlines() or [kind]
        return UncomputableError("not_computed", detail=lines[0][:200])

    def _failure(self, code: str, **params: int) -> UncomputableError:
        return UncomputableError(code, place="dataset", connection=self.name, **params)


def _keep(key: tuple[str, Hashable], rows: list[Any]) -> None:
    """Keeps an answer; what is past its time goes, and what was kept first where it is too many rows in all."""
    now = time.monotonic()
    with _lock:
        _kept.pop(key, None)
        if len(rows) <= _MOST_KEPT_ROWS:
            _kept[key] = (now, rows)
        in_all = sum(len(kept) for _, kept in _kept.values())
        while _kept:
            at, oldest = next(iter(_kept.values()))
            if now - at < KEPT_SECONDS and len(_kept) <= _MOST_KEPT and in_all <= _MOST_KEPT_ROWS_IN_ALL:
                break
            _kept.popitem(last=False)
            in_all -= len(oldest)


def _failed_to_connect(name: str, error: Exception, seconds: int) -> UncomputableError:
    """Of a failure to connect only its kind is told: drivers quote addresses and users."""
    text = str(error).casefold()
    code = "connection_unreachable"
    if isinstance(error, ImportError):
        code = "connection_driver"
    elif isinstance(error, TimeoutError) or "timeout" in text or "timed out" in text:
        return UncomputableError("connection_timeout", place="dataset", connection=name, seconds=seconds)
    elif "authentication failed" in text or "no password" in text or "password authentication" in text:
        code = "connection_denied"
    elif "does not exist" in text:
        code = "connection_no_database"
    elif isinstance(error, ValueError | AttributeError | TypeError):
        code = "connection_url"
    return UncomputableError(code, place="dataset", connection=name)

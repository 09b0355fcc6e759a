"""Opening a database by its URL, and the little that differs between kinds of databases.

PostgreSQL is opened for reading only, with its own limits on time; Spark through a session of this process, which stays
open (there can be one a process). Whatever else Ibis speaks by URL is opened as Ibis does.
"""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import ibis

from kpi_core.data.connecting.columns import TableColumn, column_of

#: A table's place: schema and table, with a catalog before them where a database has several.
Path = tuple[str, ...]


class Database(Protocol):
    """An open database. All of it may raise whatever the driver raises."""

    def fetch(self, sql: str) -> list[tuple[Any, ...]]: ...

    def table(self, sql: str, schema: Any) -> Any:
        """A query's rows as an Ibis table that asks this database when it is executed."""

    def schemas(self) -> list[str]: ...

    def tables(self, schema: str) -> list[str]: ...

    def columns(self, path: Path) -> list[TableColumn]: ...

    def cancel(self) -> None:
        """Ends what is running, as far as the database lets it."""

    def close(self) -> None: ...


def open_database(dialect: str, url: str, connect_seconds: int, query_seconds: int) -> Database:
    """The database behind ``url``; raises what its driver raises, ``ImportError`` where there is none."""
    if dialect == "postgres":
        return Postgres(url, connect_seconds, query_seconds)
    if dialect == "pyspark":
        return Spark(url)
    return Other(ibis.connect(url))


class Other:
    """A database as Ibis presents every one."""

    #: Schemas of the database's own, which nobody looks for.
    _own: tuple[str, ...] = ("information_schema", "pg_catalog", "pg_toast", "mysql", "performance_schema", "sys")

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._backend.raw_sql(sql).fetchall()]

    def table(self, sql: str, schema: Any) -> Any:
        return self._backend.sql(sql, schema=schema)  # its schema is known: asking for it would create a view

    def schemas(self) -> list[str]:
        return sorted(name for name in self._backend.list_databases() if name not in self._own)

    def tables(self, schema: str) -> list[str]:
        return sorted(self._backend.list_tables(database=schema))

    def columns(self, path: Path) -> list[TableColumn]:
        *above, name = path
        schema = self._backend.table(
            name, database=tuple(above) if len(above) > 1 else next(iter(above), None)
        ).schema()
        return [column_of(name, dtype) for name, dtype in schema.items()]

    def cancel(self) -> None:
        with suppress(Exception):
            self._backend.con.interrupt()

    def close(self) -> None:
        with suppress(Exception):
            self._backend.disconnect()


class Postgres(Other):
    def __init__(self, url: str, connect_seconds: int, query_seconds: int) -> None:
        own = dict(parse_qsl(urlsplit(url).query))
        limits = f"-c default_transaction_read_only=on -c statement_timeout={query_seconds * 1000}"
        backend = ibis.connect(
            url,
            connect_timeout=connect_seconds,
            options=f"{own.get('options', '')} {limits}".strip(),
            application_name="kpi-workshop",
        )
        super().__init__(backend)

    def tables(self, schema: str) -> list[str]:
        listed = self._backend.con.execute(
            "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
            "AND NOT c.relispartition ORDER BY 1",
            (schema,),
        )
        return [name for (name,) in listed.fetchall()]

    def schemas(self) -> list[str]:
        return [name for name in super().schemas() if not name.startswith(("pg_toast", "pg_temp"))]

    def columns(self, path: Path) -> list[TableColumn]:
        schema = self._backend.get_schema(path[-1], database=path[-2] if len(path) > 1 else None)
        padded = self._backend.con.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = %s AND table_name = %s AND data_type = 'character'",
            (path[-2] if len(path) > 1 else self._backend.current_database, path[-1]),
        )
        short = {name for (name,) in padded.fetchall()}  # ``char(5)`` is filled up with spaces until it is cast
        return [column_of(name, dtype, plain_text=name not in short) for name, dtype in schema.items()]

    def cancel(self) -> None:
        with suppress(Exception):
            self._backend.con.cancel()


class Spark(Other):
    def __init__(self, url: str) -> None:
        load_spark()
        super().__init__(ibis.pyspark.connect(_spark_session(url)))

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        rows = self._backend.raw_sql(sql)
        stamped = [field.dataType.typeName() == "timestamp" for field in rows.schema.fields]
        if any(stamped):  # collected, a ``timestamp`` would be told by the clock of this server, not of the session
            numbered = rows.toDF(*(str(at) for at in range(len(stamped))))
            rows = numbered.select(
                *(
                    numbered[str(at)].cast("timestamp_ntz") if one else numbered[str(at)]
                    for at, one in enumerate(stamped)
                )
            )
        return [tuple(row) for row in rows.collect()]

    def columns(self, path: Path) -> list[TableColumn]:
        from ibis.backends.pyspark.datatypes import PySparkType

        place = ".".join(f"`{part.replace('`', '``')}`" for part in path)
        fields = self._backend.raw_sql(f"SELECT * FROM {place} LIMIT 0").schema.fields  # noqa: S608 - quoted
        # an instant is a ``timestamp``; a ``timestamp_ntz`` is a time on the wall, which Ibis does not tell apart
        return [
            column_of(field.name, PySparkType.to_ibis(field.dataType), instant=field.dataType.typeName() == "timestamp")
            for field in fields
        ]

    def cancel(self) -> None:
        with suppress(Exception):
            self._backend._session.sparkContext.cancelAllJobs()

    def close(self) -> None:
        """The session stays: opening one takes seconds."""


def load_spark() -> None:
    """Lets Ibis speak Spark, without Spark's remarks on newer versions of pandas, which it is not asked to use."""
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _ = ibis.pyspark


def _spark_session(url: str) -> Any:
    """``pyspark://?spark.master=spark://host:7077&…``, or ``spark://host:7077`` for the master alone."""
    from pyspark.sql import SparkSession

    parts = urlsplit(url)
    stated = dict(parse_qsl(parts.query))
    if parts.scheme == "spark":
        stated["spark.master"] = f"spark://{parts.netloc}"
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {"spark.ui.enabled": "false", "spark.app.name": "kpi-workshop", **stated}
    builder = SparkSession.builder
    for key, value in settings.items():
        builder = builder.config(key, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = builder.getOrCreate()
    master = session.sparkContext.master
    if stated.get("spark.master", master) != master:
        raise ValueError("one Spark cluster a process")
    return session

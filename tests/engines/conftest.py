"""The same rows in files, in PostgreSQL and on a Spark cluster; the databases as connections known by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import quote

import polars as pl
import psycopg
import pytest

from kpi_core.data.connecting.remote import Remote
from kpi_core.data.connecting.secrets import PREFIX
from kpi_core.data.tables import Connected, Table
from kpi_core.model.workshop import Workshop
from kpi_core.store.state import State

from . import servers
from .rows import FRAMES, POSTGRES_TYPES

Tables = Mapping[str, Sequence[Table]]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[tuple[int, Path]]:
    """The port and the log of a PostgreSQL server with the rows in the schema ``crm`` of the database ``sales``."""
    with servers.postgres() as (port, log):
        with psycopg.connect(postgres_url(port)) as one:
            one.execute("CREATE SCHEMA crm")
            one.execute("CREATE VIEW crm.slow AS SELECT pg_sleep(60)::text AS slept, 1 AS n")
            for name, frame in FRAMES.items():
                types = ", ".join(f'"{column}" {kind}' for column, kind in POSTGRES_TYPES[name].items())
                one.execute(f'CREATE TABLE crm."{name}" ({types})')
                with one.cursor() as cursor, cursor.copy(f'COPY crm."{name}" FROM STDIN') as copying:
                    for row in frame.rows():
                        copying.write_row(row)
        yield port, log


@pytest.fixture(scope="session")
def postgres(postgres_server: tuple[int, Path]) -> Iterator[str]:
    """The name of a connection to that server."""
    with known("pg", postgres_url(postgres_server[0])):
        yield "pg"


def postgres_url(port: int) -> str:
    return f"postgresql://kpi:{quote(servers.PASSWORD, safe='')}@127.0.0.1:{port}/sales"


@pytest.fixture(scope="session")
def spark(files: Path) -> Iterator[str]:
    """The name of a connection to a Spark cluster, with the rows in its database ``crm``."""
    with servers.spark() as master:
        settings = {
            "spark.master": master,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "512m",
            "spark.executor.memory": "512m",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
            "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
            # few rows and many queries: interpreting a query is much faster than compiling it
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.warehouse.dir": str(files / "warehouse"),
            "spark.log.level": "OFF",
        }
        url = "pyspark://?" + "&".join(f"{key}={quote(value, safe='')}" for key, value in settings.items())
        with known("spark", url):
            cluster = Remote("spark", fresh=True)
            cluster.fetch("CREATE DATABASE crm")
            for name, frame in FRAMES.items():
                long = [column for column, kind in POSTGRES_TYPES[name].items() if kind == "numeric(20,0)"]
                frame.with_columns(pl.col(long).cast(pl.Decimal(20, 0))).write_parquet(files / f"spark_{name}.parquet")
                place = files / f"spark_{name}.parquet"
                cluster.fetch(f"CREATE TABLE crm.{name} USING parquet LOCATION '{place}'")
            yield "spark"
            from pyspark.sql import SparkSession

            session = SparkSession.getActiveSession()
            if session is not None:
                session.stop()


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rows as Parquet files."""
    folder = tmp_path_factory.mktemp("rows")
    for name, frame in FRAMES.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="session")
def uploaded(files: Path) -> Callable[[Workshop], Tables]:
    def tables(workshop: Workshop) -> Tables:
        return {
            one.code: [Table(one, files / f"{one.code}.parquet", "v1", date(2026, 11, 27))] for one in workshop.datasets
        }

    return tables


@pytest.fixture(scope="session", params=["postgres", "spark"])
def connected(request: pytest.FixtureRequest) -> Callable[[Workshop], Tables]:
    """The datasets as tables of one of the databases."""
    name = request.getfixturevalue(request.param)

    def tables(workshop: Workshop) -> Tables:
        found = {}
        with closing(Remote(name)) as remote:
            for one in workshop.datasets:
                path = ("crm", one.code)
                place = Connected(name, path, tuple(remote.columns(path)))
                found[one.code] = [Table(one, Path(), "v1", date(2026, 11, 27), place)]
        return found

    return tables


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "state.db") as opened:
        yield opened


@contextmanager
def known(name: str, url: str) -> Iterator[None]:
    """The connection in the environment, whatever it was before."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(f"{PREFIX}{name.upper()}", url)
        yield

"""A connected database is asked in time and not twice for the same; seen through a database that is written here."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kpi_core.data.connecting import remote
from kpi_core.data.connecting.columns import TableColumn
from kpi_core.data.connecting.remote import Remote
from kpi_core.data.connecting.secrets import PREFIX
from kpi_core.errors import RefusedError
from kpi_core.vocabulary import ColumnType


class Counting:
    """Counts what it is asked; a query for ``forever`` ends when ``given_up`` is set, and so does cancelling."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.given_up = threading.Event()

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        self.asked.append(sql)
        if sql == "forever":
            self.given_up.wait(60)
        return [(1,)] * (int(sql) if sql.isdecimal() else 1)

    def schemas(self) -> list[str]:
        self.asked.append("schemas")
        return ["main"]

    def tables(self, schema: str) -> list[str]:
        self.asked.append(schema)
        return ["t"]

    def columns(self, path: tuple[str, ...]) -> list[TableColumn]:
        self.asked.append(path)
        return [TableColumn("x", ColumnType.INTEGER, True, "int64")]

    def cancel(self) -> None:
        self.given_up.wait(60)

    def close(self) -> None:
        pass


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Counting]:
    made = Counting()
    monkeypatch.setenv(f"{PREFIX}X", f"counting://{tmp_path}")
    monkeypatch.setattr(remote, "open_database", lambda *_: made)
    monkeypatch.setattr(remote, "_GRACE", 0.2)
    yield made
    made.given_up.set()


def test_a_database_that_is_silent_when_cancelled_is_left(database: Counting) -> None:
    begun = time.monotonic()
    with pytest.raises(RefusedError) as refused:
        Remote("x", seconds=1).fetch("forever")
    assert refused.value.code == "connection_timeout"
    assert time.monotonic() - begun < 10

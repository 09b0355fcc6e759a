"""A connected database is asked in time and not twice for the same; seen through a database that is written here."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
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


def test_what_a_page_asks_at_each_rerun_is_asked_once(database: Counting) -> None:
    for _ in range(3):
        page = Remote("x")
        assert (page.schemas(), page.tables("main"), page.columns(("main", "t"))[0].name) == (["main"], ["t"], "x")
        assert page.fetch("2") == [(1,), (1,)]
    assert database.asked == ["schemas", "main", ("main", "t"), "2"]
    Remote("x", fresh=True).schemas()  # a refresh and a test look past what is kept
    assert database.asked[4:] == ["schemas"]


def test_what_is_kept_is_bounded_and_goes_with_its_time(database: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_kept", OrderedDict())
    monkeypatch.setattr(remote, "_MOST_KEPT_ROWS_IN_ALL", 10)
    page = Remote("x")
    for question in ("4", "5", "6"):
        page.fetch(question)
    assert [len(rows) for _, rows in remote._kept.values()] == [6]
    monkeypatch.setattr(remote, "KEPT_SECONDS", 0)
    page.fetch("1")
    assert not remote._kept

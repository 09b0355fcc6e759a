"""While a state is served its connections are kept for the next run, whatever thread that is in."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError
from kpi_core.store import opening
from kpi_core.store.keeping import kept_open
from kpi_core.store.state import State


def test_a_served_state_keeps_its_connection_over_threads(tmp_path: Path) -> None:
    file = tmp_path / "w.db"
    with kept_open(file):
        with State.open(file) as first:
            connection = first.connection
        with ThreadPoolExecutor(1) as other, other.submit(State.open, file).result() as second:
            assert second.connection is connection
            assert other.submit(second.connection.execute, "PRAGMA synchronous").result().fetchone() == (2,)  # FULL


def test_two_at_once_have_a_connection_each(tmp_path: Path) -> None:
    file = tmp_path / "w.db"
    with kept_open(file):
        State.open(file).close()
        with State.open(file) as one, State.open(file) as other:
            assert one.connection is not other.connection


def test_closing_twice_hands_a_connection_to_one_only(tmp_path: Path) -> None:
    file = tmp_path / "w.db"
    with kept_open(file):
        closed = State.open(file)
        closed.close()
        closed.close()
        with State.open(file) as one, State.open(file) as other:
            assert one.connection is not other.connection


def test_what_was_not_committed_is_gone_from_a_kept_connection(tmp_path: Path) -> None:
    file = tmp_path / "w.db"
    with kept_open(file):
        with State.open(file) as left:
            left.connection.execute("BEGIN")
            left.connection.execute("INSERT INTO workshops VALUES ('a', '2026-01-01', '2026-01-01', 0)")
        with State.open(file) as after:
            assert after.connection is left.connection
            assert not after.connection.in_transaction
            assert after.connection.execute("SELECT count(*) FROM workshops").fetchone() == (0,)


def test_a_file_put_in_its_place_is_what_the_next_one_reads(tmp_path: Path) -> None:
    file, other = tmp_path / "w.db", tmp_path / "other.db"
    with State.open(other) as filled, filled.writing() as connection:
        connection.execute("INSERT INTO workshops VALUES ('b', '2026-01-01', '2026-01-01', 0)")
    with kept_open(file):
        State.open(file).close()
        for rest in ("-wal", "-shm"):
            file.with_name(f"w.db{rest}").unlink(missing_ok=True)
        other.replace(file)
        with State.open(file) as state:
            assert state.connection.execute("SELECT id FROM workshops").fetchall() == [("b",)]


def test_a_state_that_was_migrated_meanwhile_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "w.db"
    with kept_open(file):
        State.open(file).close()
        newer = sqlite3.connect(file)
        newer.execute(f"PRAGMA user_version = {opening.VERSION + 1}")
        newer.close()
        with pytest.raises(RefusedError, match="state_newer"):
            State.open(file)


def test_connections_end_with_the_serving(tmp_path: Path) -> None:
    file = tmp_path / "w.db"
    with kept_open(file), State.open(file) as state:
        pass
    with pytest.raises(sqlite3.ProgrammingError):
        state.connection.execute("SELECT 1")
    with State.open(file) as alone:
        kept = alone.connection
    with pytest.raises(sqlite3.ProgrammingError):
        kept.execute("SELECT 1")

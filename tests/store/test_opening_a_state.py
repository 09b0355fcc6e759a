"""A state is created, recognised, refused or migrated, and never harmed by it."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from kpi_core.errors import RefusedError
from kpi_core.store import migrations, opening
from kpi_core.store.rule_runs import rule_runs
from kpi_core.store.state import State

PROJECT = Path(__file__).parent.parent.parent


def pragma(path: Path, name: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_missing_state_is_created_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "state.db"
    State.open(path).close()
    assert pragma(path, "application_id") == opening.APPLICATION_ID
    assert pragma(path, "user_version") == opening.VERSION
    assert pragma(path, "journal_mode") == "wal"


def test_a_connection_is_durable_and_keeps_references(state: State) -> None:
    assert state.connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert state.connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert state.connection.execute("PRAGMA busy_timeout").fetchone()[0] >= 5000


def test_every_table_is_strict(state: State) -> None:
    tables = state.connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
    own = {name: strict for name, strict in tables if not name.startswith(("sqlite_", "_sqlite"))}
    assert own
    assert {name for name, strict in own.items() if not strict} == set()


def test_the_version_counts_the_migrations() -> None:
    assert len(migrations.STEPS) == opening.VERSION


def test_each_migration_is_on_record(state: State) -> None:
    names = [name for (name,) in state.connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    assert names == [f"step_{number:03d}" for number in range(1, opening.VERSION + 1)]


@pytest.mark.parametrize("content", [b"not a database at all, but a text file", b"SQLite format 3\x00" + b"\x00" * 84])
def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(content)
    with pytest.raises(RefusedError) as refused:
        State.open(path)
    assert refused.value.code == "state_not_ours"
    assert path.read_bytes() == content


def test_a_database_of_another_product_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE things (name TEXT)")
        other.commit()
    before = fingerprint(path)
    with pytest.raises(RefusedError, match="state_not_ours"):
        State.open(path)
    assert fingerprint(path) == before
    assert [file.name for file in tmp_path.iterdir()] == ["other.db"]


def test_a_state_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    State.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {opening.VERSION + 1}")
    before = fingerprint(path)
    with pytest.raises(RefusedError) as refused:
        State.open(path)
    assert (refused.value.code, refused.value.params["found"]) == ("state_newer", opening.VERSION + 1)
    assert fingerprint(path) == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["state.db"]


def test_a_newer_version_that_only_the_write_ahead_log_knows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with State.open(path) as holder:
        holder.connection.execute(f"PRAGMA user_version = {opening.VERSION + 1}")
        assert int.from_bytes(path.read_bytes()[60:64], "big") <= opening.VERSION  # the file itself is still older
        with pytest.raises(RefusedError, match="state_newer"):
            State.open(path)


def test_an_older_state_is_copied_aside_and_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.db"
    State.open(path).close()
    one_more = migrations.Migrations("kpi_workshop")
    for number, statements in enumerate((*migrations.STEPS, ("CREATE TABLE extra (a TEXT) STRICT",)), start=1):
        one_more(name=f"step_{number:03d}")(migrations._step(number, statements))
    monkeypatch.setattr(migrations, "MIGRATIONS", one_more)
    monkeypatch.setattr(opening, "VERSION", opening.VERSION + 1)
    with State.open(path) as state:
        assert state.connection.execute("SELECT count(*) FROM extra").fetchone() == (0,)
    assert pragma(path, "user_version") == opening.VERSION
    copy = tmp_path / f"state.version-{opening.VERSION - 1}.db"
    assert pragma(copy, "user_version") == opening.VERSION - 1


def test_a_migration_that_fails_leaves_the_state_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.db"
    State.open(path).close()
    broken = migrations.Migrations("kpi_workshop")
    steps = (*migrations.STEPS, ("CREATE TABLE extra (a TEXT) STRICT", "CREATE TABLE extra (a TEXT) STRICT"))
    for number, statements in enumerate(steps, start=1):
        broken(name=f"step_{number:03d}")(migrations._step(number, statements))
    monkeypatch.setattr(migrations, "MIGRATIONS", broken)
    monkeypatch.setattr(opening, "VERSION", opening.VERSION + 1)
    with pytest.raises(RefusedError):
        State.open(path)
    monkeypatch.undo()
    with State.open(path) as state:
        tables = {name for (name,) in state.connection.execute("SELECT name FROM sqlite_schema")}
    assert "extra" not in tables


def test_many_that_open_a_new_state_at_once_all_get_it(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    def instance(_: int) -> str:
        with State.open(path) as state:
            return state.instance

    with ThreadPoolExecutor(12) as pool:
        assert len(set(pool.map(instance, range(24)))) == 1


def test_the_first_start_does_not_wait_for_pandas_and_leaves_it_to_who_needs_it(tmp_path: Path) -> None:
    begin = (
        "import sys; from pathlib import Path; from kpi_core.store.state import State\n"
        f"State.open(Path({str(tmp_path / 'state.db')!r})).close()\n"
        "print('pandas' in sys.modules); import pandas; print(pandas.Series([1, 2]).sum())"
    )
    done = subprocess.run([sys.executable, "-c", begin], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "3"]


def test_another_thread_gets_its_pandas_while_the_first_state_is_made() -> None:
    begin = (
        "import importlib; from concurrent.futures import ThreadPoolExecutor\n"
        "from kpi_core.store.opening import _without_pandas\n"
        "with _without_pandas(), ThreadPoolExecutor(1) as other:\n"
        "    try: import pandas; print('taken')\n"
        "    except ImportError: print('left')\n"
        "    print(other.submit(importlib.import_module, 'pandas').result().Series([1, 2]).sum())"
    )
    done = subprocess.run([sys.executable, "-c", begin], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["left", "3"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RefusedError, match="state_unreachable"):
        State.open(tmp_path / "file" / "state.db")


def test_a_rule_run_from_before_runs_were_kept_becomes_the_first_of_them(tmp_path: Path) -> None:
    """Up to step 8 a dataset's last run was its only one; what it found stays."""
    path = tmp_path / "state.db"
    older = migrations.Migrations("kpi_workshop")
    for number, statements in enumerate(migrations.STEPS[:8], start=1):
        older(name=f"step_{number:03d}")(migrations._step(number, statements))
    db = Database(path)
    older.apply(db)
    db.conn.execute("INSERT INTO workshops VALUES ('w', '2026-01-01', '2026-01-01', 0)")
    db.conn.execute("INSERT INTO rule_runs VALUES ('w', 'deals', 'basis', '2026-01-02T00:00:00+00:00', '[]')")
    db.conn.commit()
    db.close()
    with State.open(path) as state:
        (run,) = rule_runs(state.connection, "w")
    assert (run.dataset, run.basis, run.version, run.results) == ("deals", "basis", "", ())

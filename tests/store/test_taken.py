"""What was taken of connected tables is the only record of their past: a backup carries it."""

from __future__ import annotations

from datetime import date

from kpi_core.store.archive import pack, unpack
from kpi_core.store.state import State
from kpi_core.store.taken import StoredTaken, put_taken, taken_of


def test_a_backup_brings_back_what_tables_were(tmp_path):
    first = StoredTaken("deals", "basis", "count", date(2026, 4, 30), (("東京", 2.0), (None, 3.5)))
    later = first._replace(as_of=date(2026, 5, 1))
    with State.open(tmp_path / "state.db") as state:
        with state.writing() as connection:
            connection.execute("INSERT INTO workshops VALUES ('w', '2026-01-01', '2026-01-01', 0)")
            put_taken(connection, "w", [later, first])
        pack(state, tmp_path / "backup.zip")
    unpack(tmp_path / "backup.zip", tmp_path / "elsewhere" / "state.db")
    with State.open(tmp_path / "elsewhere" / "state.db") as state:
        assert taken_of(state.connection, "w") == (first, later)

"""Several connections of one process and another process on the same state."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kpi_core.store.state import State

OTHER = "import sys; from kpi_core.store.state import State; State.open(sys.argv[1]).close()"


def test_another_process_does_not_take_the_log_from_open_connections(tmp_path: Path) -> None:
    # reading the file's header beside an open connection once dropped its lock; the other process, taking itself for
    # the last one, deleted the log, and the connection failed with "disk I/O error"
    file = tmp_path / "w.db"
    with State.open(file) as held:
        held.connection.execute("SELECT count(*) FROM workshops").fetchone()
        State.open(file).close()
        subprocess.run([sys.executable, "-c", OTHER, str(file)], check=True, cwd=Path(__file__).parents[2])
        assert file.with_name("w.db-wal").exists()
        with held.writing() as connection:
            connection.execute("INSERT INTO workshops VALUES ('a', '2026-01-01', '2026-01-01', 0)")
    with State.open(file) as after:
        assert after.connection.execute("SELECT id FROM workshops").fetchall() == [("a",)]

"""What is wrong with a state, if anything: the file, its rows, and the Parquet files beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from kpi_core.errors import Problem
from kpi_core.store import items
from kpi_core.store.opening import version_of
from kpi_core.store.state import State
from kpi_core.store.versions import FILES, file_of, hash_of
from kpi_core.vocabulary import Severity


@dataclass(frozen=True)
class Examined:
    """``version`` counts the state's migrations, ``files`` the Parquet files that versions name."""

    version: int
    workshops: int
    files: int
    problems: tuple[Problem, ...]


def examine(state: State) -> Examined:
    """Read everything once and tell what does not hold together."""
    with state.reading() as connection:
        version = version_of(connection)
        (workshops,) = connection.execute("SELECT count(*) FROM workshops").fetchone()
        names = [name for (name,) in connection.execute(FILES)]
        problems = (*_database(state), *_rows(state), *_files(state, names))
    return Examined(version, workshops, len(names), problems)


def _database(state: State) -> Iterator[Problem]:
    for (said,) in state.connection.execute("PRAGMA integrity_check(20)"):
        if said != "ok":
            yield Problem("doctor_database", {"detail": str(said)})
    for table, row, *_ in state.connection.execute("PRAGMA foreign_key_check"):
        yield Problem("doctor_database", {"detail": f"{table} {row}"})


def _rows(state: State) -> Iterator[Problem]:
    for (workshop,) in state.connection.execute("SELECT id FROM workshops ORDER BY id").fetchall():
        rows = items.read_rows(state.connection, workshop)
        if not any(row.section == "settings" for row in rows):
            yield Problem("doctor_row", {"workshop": workshop, "item": "settings"})
        for row in rows:
            model = items.SECTIONS.get(row.section)
            try:
                if model is None or items.code_of(model.model_validate_json(row.body)) != row.code:
                    yield Problem("doctor_row", {"workshop": workshop, "item": f"{row.section} {row.code}"})
            except ValidationError:
                yield Problem("doctor_row", {"workshop": workshop, "item": f"{row.section} {row.code}"})


def _files(state: State, names: list[str]) -> Iterator[Problem]:
    for name in names:
        path = file_of(state, name)
        if not path.exists():
            yield Problem("doctor_file_missing", {"file": str(path)})
        elif hash_of(path) != path.stem:
            yield Problem("doctor_file_changed", {"file": str(path)})
    if state.folder.is_dir():
        for path in sorted(state.folder.glob("*.parquet")):
            if path.name not in names:
                yield Problem("doctor_file_unused", {"file": str(path)}, Severity.INFO)

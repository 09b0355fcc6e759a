"""The whole state with its data as one consistent file, put back, and verified."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kpi_core.errors import Problem
from kpi_core.services.people import Who, authorise
from kpi_core.store import archive
from kpi_core.store.checkup import examine
from kpi_core.store.state import State
from kpi_core.store.workshops import count
from kpi_core.vocabulary import Role, Severity


@dataclass(frozen=True)
class BackedUp:
    """What a backup file holds."""

    file: Path
    bytes: int
    workshops: int
    files: int


@dataclass(frozen=True)
class Restored:
    """What was put back; ``kept`` is the backup that was made of the state in place before, if there was one."""

    path: Path
    workshops: int
    kept: Path | None


@dataclass(frozen=True)
class Checkup:
    """How the state is: ``ok`` unless a problem is an error."""

    ok: bool
    version: int
    workshops: int
    files: int
    problems: tuple[Problem, ...]


def backup(state: State, file: Path, who: Who) -> BackedUp:
    """Write everything of one moment into ``file`` (a zip of the SQLite file and its Parquet files).

    Others may go on working. Raises ``RefusedError('backup_unwritable')``.
    """
    authorise(who, Role.FACILITATOR, everywhere=True)
    files, workshops = archive.pack(state, file)
    return BackedUp(file, file.stat().st_size, workshops, files)


def restore(file: Path, path: Path, who: Who) -> Restored:
    """Put a backup in place of the state at ``path``, all or nothing; what was there is backed up beside it first.

    Raises ``RefusedError``: ``backup_unreadable`` for anything that is no sound backup, ``state_newer``.
    """
    authorise(who, Role.FACILITATOR, everywhere=True)
    kept = archive.unpack(file, path)
    with State.open(path) as state:
        return Restored(path, count(state.connection), kept)


def doctor(state: State, who: Who) -> Checkup:
    """Verify the state: SQLite's own checks, every row readable, every Parquet file there and unchanged."""
    authorise(who, Role.FACILITATOR, everywhere=True)
    found = examine(state)
    problems = tuple(found.problems)
    sound = all(problem.severity is not Severity.ERROR for problem in problems)
    return Checkup(sound, found.version, found.workshops, found.files, problems)

"""One consistent file of the state and its Parquet files, and the way back."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from kpi_core.errors import RefusedError
from kpi_core.store.opening import connect, version_of
from kpi_core.store.people import forget_everyone
from kpi_core.store.state import State
from kpi_core.store.versions import FILES, file_of, hash_of

_STATE = "state.db"
_PARQUET = re.compile(r"files/([0-9a-f]{64}\.parquet)")


def pack(state: State, file: Path) -> tuple[int, int]:
    """Write the state of one moment to ``file``, whole or not at all; gives (Parquet files, workshops)."""
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.absolute().parent) as folder:
            copy = Path(folder) / _STATE
            names, workshops = _freeze(state, copy)
            packed = Path(folder) / "backup.zip"
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
                archive.write(copy, _STATE, zipfile.ZIP_DEFLATED)
                for name in names:
                    archive.write(Path(folder) / name, f"files/{name}")
            packed.replace(file)
    except OSError as error:
        raise RefusedError("backup_unwritable", path=str(file), detail=error.strerror or "") from error
    return len(names), workshops


def unpack(file: Path, path: Path) -> Path | None:
    """Put a backup in place of the state at ``path``; gives the backup made of what was there before.

    Open connections simply see the other content: it is written through SQLite in one transaction.
    """
    target = path.absolute()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=target.parent) as folder:
            source = _extracted(file, Path(folder))
            _put_aside_token(source)
            with State.open(target) as state:
                kept = _before(state, target)
                _place_files(state, Path(folder))
                with closing(sqlite3.connect(source)) as backup:
                    backup.backup(state.connection)
    except OSError as error:
        raise RefusedError("backup_unreadable", path=str(file), detail=error.strerror or "") from error
    return kept


def _freeze(state: State, copy: Path) -> tuple[list[str], int]:
    """Copy the database, and link the files it names, while no one else writes."""
    with state.writing(), closing(sqlite3.connect(state.path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        forget_everyone(target)
        target.commit()
        target.execute("PRAGMA journal_mode = DELETE")
        names = [name for (name,) in target.execute(FILES)]
        (workshops,) = target.execute("SELECT count(*) FROM workshops").fetchone()
        for name in names:
            _link(file_of(state, name), copy.with_name(name))
    return names, int(workshops)


def _link(path: Path, other: Path) -> None:
    try:
        os.link(path, other)
    except OSError:
        shutil.copyfile(path, other)


def _extracted(file: Path, folder: Path) -> Path:
    """The archive's database, verified, with its Parquet files beside it; nothing else is taken out of the archive."""
    try:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                match = _PARQUET.fullmatch(name)
                if name == _STATE or match:
                    place = folder / (match[1] if match else _STATE)
                    with archive.open(name) as packed, place.open("wb") as unpacked:
                        shutil.copyfileobj(packed, unpacked)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise RefusedError("backup_unreadable", path=str(file), detail=str(error)) from error
    source = folder / _STATE
    if not source.exists():
        raise RefusedError("backup_unreadable", path=str(file), detail=_STATE)
    _verify(source, folder, file)
    return source


def _verify(source: Path, folder: Path, file: Path) -> None:
    with closing(connect(source)) as connection:  # migrates the copy when it is older; refuses newer and foreign ones
        version_of(connection)
        (state,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        names = [name for (name,) in connection.execute(FILES)]
    broken = next((name for name in names if not _is_sound(folder / name)), None)
    if state != "ok" or broken:
        raise RefusedError("backup_unreadable", path=str(file), detail=broken or str(state))


def _is_sound(path: Path) -> bool:
    return path.exists() and hash_of(path) == path.stem


def _put_aside_token(source: Path) -> None:
    """A restored state is another instance, so that no cache takes its change numbers for the old ones."""
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("UPDATE meta SET value = lower(hex(randomblob(8))) WHERE key = 'instance'")
        forget_everyone(connection)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _before(state: State, target: Path) -> Path | None:
    (workshops,) = state.connection.execute("SELECT count(*) FROM workshops").fetchone()
    if not workshops:
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    kept = target.with_name(f"{target.stem}.before-restore-{stamp}.zip")
    pack(state, kept)
    return kept


def _place_files(state: State, folder: Path) -> None:
    state.folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.parquet"):
        path.replace(file_of(state, path.name))

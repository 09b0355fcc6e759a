"""Dataset versions: what each upload was read as, and its typed rows as a Parquet file named by its content."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kpi_core.store.state import State, now


@dataclass(frozen=True)
class StoredVersion:
    """One immutable upload. ``report`` is the JSON of how it was read; ``parquet`` names the file in the folder."""

    id: int
    dataset: str
    parquet: str
    as_of: date
    uploaded_at: datetime
    uploaded_by: str
    file_name: str
    rows: int
    report: dict[str, Any]


#: The files of all versions; a connected table has none.
FILES = "SELECT DISTINCT parquet FROM versions WHERE parquet <> '' ORDER BY parquet"
#: How folders for files on their way in begin.
INCOMING = ".incoming-"
_OVERLAP = ".overlap.json"
_DAY = 86_400.0
_COLUMNS = "id, dataset, parquet, as_of, uploaded_at, uploaded_by, file_name, rows, report"


def versions_of(connection: sqlite3.Connection, workshop: str, dataset: str | None = None) -> tuple[StoredVersion, ...]:
    """The versions of one dataset, or of all, newest first."""
    where, values = ("", (workshop,)) if dataset is None else (" AND dataset = ?", (workshop, dataset))
    query = f"SELECT {_COLUMNS} FROM versions WHERE workshop = ?{where} ORDER BY id DESC"  # noqa: S608 - constants only
    return tuple(
        StoredVersion(
            number,
            code,
            parquet,
            date.fromisoformat(as_of),
            datetime.fromisoformat(at),
            who,
            name,
            rows,
            json.loads(report),
        )
        for number, code, parquet, as_of, at, who, name, rows, report in connection.execute(query, values)
    )


def newest_version(connection: sqlite3.Connection, workshop: str, dataset: str) -> int | None:
    """The number of a dataset's newest version; ``None`` while it has none."""
    query = "SELECT max(id) FROM versions WHERE workshop = ? AND dataset = ?"
    (number,) = connection.execute(query, (workshop, dataset)).fetchone()
    return None if number is None else int(number)


def newest_days(connection: sqlite3.Connection, workshop: str) -> Mapping[str, date]:
    """dataset → the day its newest version was taken (``as_of``)."""
    query = "SELECT dataset, as_of, max(id) FROM versions WHERE workshop = ? GROUP BY dataset"
    return {code: date.fromisoformat(as_of) for code, as_of, _ in connection.execute(query, (workshop,))}


def add_version(
    connection: sqlite3.Connection,
    workshop: str,
    *,
    dataset: str,
    parquet: str,
    as_of: date,
    who: str,
    file_name: str,
    rows: int,
    report: dict[str, Any],
) -> int:
    """Record a version inside the caller's transaction and give its number."""
    cursor = connection.execute(
        "INSERT INTO versions (workshop, dataset, parquet, as_of, uploaded_at, uploaded_by, file_name, rows, report) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (workshop, dataset, parquet, as_of.isoformat(), now(), who, file_name, rows, _json(report)),
    )
    return int(cursor.lastrowid or 0)


def put_version(
    connection: sqlite3.Connection,
    workshop: str,
    number: int | None,
    *,
    dataset: str,
    parquet: str,
    as_of: date,
    who: str,
    file_name: str,
    rows: int,
    report: dict[str, Any],
) -> int:
    """Bring the only version of a connected table up to now, or record it where there is none (``number`` ``None``)."""
    if number is None:
        return add_version(
            connection,
            workshop,
            dataset=dataset,
            parquet=parquet,
            as_of=as_of,
            who=who,
            file_name=file_name,
            rows=rows,
            report=report,
        )
    connection.execute(
        "UPDATE versions SET as_of = ?, uploaded_at = ?, uploaded_by = ?, file_name = ?, rows = ?, report = ? "
        "WHERE id = ? AND workshop = ?",
        (as_of.isoformat(), now(), who, file_name, rows, _json(report), number, workshop),
    )
    return number


def drop_versions(connection: sqlite3.Connection, workshop: str, dataset: str, version: int | None = None) -> int:
    """Forget one version of a dataset, or all; gives how many. Files go with ``drop_unused_files`` afterwards."""
    where, values = ("", (workshop, dataset)) if version is None else (" AND id = ?", (workshop, dataset, version))
    query = f"DELETE FROM versions WHERE workshop = ? AND dataset = ?{where}"  # noqa: S608 - constants only
    return connection.execute(query, values).rowcount


def overlap_file(one: Path, other: Path) -> Path:
    """Where it is kept what two versions' rows have in common; goes with the files it speaks of."""
    return one.with_name(f"{one.stem}-{other.stem}{_OVERLAP}")


def file_of(state: State, parquet: str) -> Path:
    return state.folder / parquet


def hash_of(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place_file(state: State, temporary: Path) -> str:
    """Move finished rows into the folder under their content's name, on disk for good; call inside ``writing``.

    Holding the write lock keeps ``drop_unused_files`` of another process from taking the file before its row exists.
    """
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    name = f"{hash_of(temporary)}.parquet"
    temporary.replace(file_of(state, name))
    _flush_folder(state.folder)
    return name


def drop_unused_files(state: State) -> int:
    """Remove the files that no version of any workshop uses; gives how many."""
    if not state.folder.is_dir():
        return 0
    with state.writing() as connection:
        used = {name for (name,) in connection.execute("SELECT DISTINCT parquet FROM versions")}
        unused = [path for path in state.folder.glob("*.parquet") if path.name not in used]
        stems = {Path(name).stem for name in used}
        spoken_of = [path for path in state.folder.glob(f"*{_OVERLAP}") if not stems.issuperset(_sides(path))]
        for path in (*unused, *spoken_of):
            path.unlink(missing_ok=True)
    for left in state.folder.glob(f"{INCOMING}*"):  # of a process that was killed while it read a file
        if time.time() - left.stat().st_mtime > _DAY:
            shutil.rmtree(left, ignore_errors=True)
    return len(unused)


def _sides(path: Path) -> list[str]:
    return path.name.removesuffix(_OVERLAP).split("-")


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _json(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False)

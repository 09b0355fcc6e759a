"""Files kept as one new version of a dataset: by its recipe, in place of its rows or beside them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from kpi_core.data.reading import ColumnReport, Reading, ReadOptions
from kpi_core.data.shaping.drift import shape_changes
from kpi_core.errors import Problem, RefusedError
from kpi_core.model.dataset import Dataset
from kpi_core.model.recipe import Recipe
from kpi_core.services.datasets import OvertakenError, Version, keep, tables, today_of, versions
from kpi_core.services.failing_rows import csv_of_failing
from kpi_core.services.inspecting import dataset_of, read_for
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.services.upload_rules import with_incoming
from kpi_core.store import versions as kept_versions
from kpi_core.store.state import State
from kpi_core.vocabulary import Adding, Severity, Twice

_NAMES = 3


@dataclass(frozen=True)
class Upload:
    """A file on disk and the name people know it by."""

    path: Path
    file_name: str


@dataclass(frozen=True)
class Way:
    """How files join the rows there are; ``None`` and ``()``: as the dataset's recipe says.

    ``period``: the column of dates by which a period is found to be covered twice.
    """

    adding: Adding | None = None
    keys: tuple[str, ...] = ()
    twice: Twice | None = None
    new_shape: bool = False
    period: str | None = None


def store_files(
    state: State,
    workshop_id: str,
    dataset_code: str,
    files: Sequence[Upload],
    options: ReadOptions | None,
    who: Who,
    *,
    adding: Adding | None = None,
    keys: Sequence[str] = (),
    twice: Twice | None = None,
    new_shape: bool = False,
    period: str | None = None,
    as_of: date | None = None,
) -> Version:
    """Keep files as one new version: in place of the dataset's rows, after them, or by key (as its recipe says).

    Raises as ``store_upload``, and ``RefusedError('shape_changed')`` for a file of another shape than the recipe's,
    ``('period_covered_twice')`` for a period the rows hold already until ``twice`` says what becomes of it, and for
    keys and types that do not fit; ``('upload_rules_broken')`` where a blocking rule is broken.
    """
    authorise(who)
    how = Way(adding, tuple(keys), twice, new_shape, period)
    names = [file.file_name for file in files]
    name = "、".join(names[:_NAMES]) + ("…" if len(names) > _NAMES else "")
    day = as_of or today_of(snapshot(state, workshop_id).workshop)
    number = None
    while number is None:  # whoever adds rows meanwhile has these added to theirs
        with (
            _combined(state, workshop_id, dataset_code, files, options, how) as (reading, before, built_on),
            suppress(OvertakenError),
        ):
            number = keep(state, workshop_id, dataset_code, reading, name, day, who, built_on=built_on, before=before)
    return next(version for version in versions(state, workshop_id, dataset_code) if version.id == str(number))


@contextmanager
def _combined(
    state: State, workshop_id: str, dataset_code: str, files: Sequence[Upload], options: ReadOptions | None, how: Way
) -> Iterator[tuple[Reading, int, tuple[str, ...] | None]]:
    """The dataset's rows as they would be with these files, as long as the block lasts; nothing is stored.

    Beside them how many of the rows stand before those of the file (0 for several files), and the version whose rows
    they go on from, by its id; ``None`` where they take the place of what is there.

    Raises as ``store_files``.
    """
    dataset = dataset_of(snapshot(state, workshop_id).workshop, dataset_code)
    recipe = dataset.recipe or Recipe()
    adding = how.adding or recipe.adding or Adding.REPLACE
    how = replace(how, adding=adding, keys=how.keys or recipe.keys, period=how.period or recipe.period)
    state.folder.mkdir(parents=True, exist_ok=True)
    incoming = Path(tempfile.mkdtemp(prefix=kept_versions.INCOMING, dir=state.folder))
    try:
        readings = [
            _read(dataset, file, options, incoming / str(at), how.new_shape, at) for at, file in enumerate(files)
        ]
        newest, built_on = next(iter(versions(state, workshop_id, dataset_code)), None), None
        if adding is not Adding.REPLACE:
            built_on = () if newest is None else (newest.id,)
        problems = _told(dataset, newest, readings)
        reading = _together(readings, newest if built_on is not None else None, incoming / "all.parquet", how)
        reading = replace(reading, problems=(*reading.problems, *problems))
        yield reading, reading.rows - readings[0].rows if len(readings) == 1 else 0, built_on
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def failing_csv_of_files(
    state: State,
    workshop_id: str,
    dataset_code: str,
    files: Sequence[Upload],
    options: ReadOptions | None,
    how: Way,
    position: int,
) -> bytes:
    """The rows of files that are not stored which break the rule at ``position``, as ``failing_rows.failing_csv``.

    Raises as ``store_files``.
    """
    workshop = snapshot(state, workshop_id).workshop
    with _combined(state, workshop_id, dataset_code, files, options, how) as (reading, before, _):
        if reading.parquet is None:
            return b""
        kept, day = tables(state, workshop_id), today_of(workshop)
        coming = with_incoming(kept, workshop, dataset_code, reading.parquet, day)
        return csv_of_failing(workshop, coming, dataset_code, position, before)


def _read(
    dataset: Dataset, file: Upload, options: ReadOptions | None, folder: Path, new_shape: bool, at: int
) -> Reading:
    into = folder / str(at)
    reading = read_for(dataset, file.path, file.file_name, options, into=into, new_shape=new_shape, further=at > 0)
    if reading.blocked or reading.parquet is None:
        blocking = [problem for problem in reading.problems if problem.severity is Severity.ERROR]
        shape = bool(blocking) and all(problem.code.startswith("shape_") for problem in blocking)
        code = "shape_changed" if shape else "upload_blocked"
        raise RefusedError(code, reading.problems, file=file.file_name, count=len(blocking))
    return reading


def _told(dataset: Dataset, newest: Version | None, readings: Sequence[Reading]) -> list[Problem]:
    """What is told of files beside the rows there are: numbers of another size, and columns that are called otherwise.

    Where steps are kept their shape has been looked at, and stops a file.
    """
    from kpi_core.data.shaping.magnitude import magnitude_shifts

    if newest is None or not newest.parquet.exists():
        return []
    parts = [reading.parquet for reading in readings if reading.parquet is not None]
    found = [shift.problem for shift in magnitude_shifts(newest.parquet, parts)]
    if dataset.recipe is None or not dataset.recipe.source:
        stored = Recipe(source=tuple(column.name for column in newest.reading.columns))
        for reading in readings:
            if list(reading.source) == [column.name for column in reading.columns]:
                changes = shape_changes(stored, reading)
                found += [replace(one, severity=Severity.WARNING) for one in changes if one.code != "shape_added"]
    return found


def _together(readings: Sequence[Reading], newest: Version | None, target: Path, how: Way) -> Reading:
    """The readings as one, with the rows there are where they stay."""
    from kpi_core.data.shaping.adding import combine, null_counts, overlap

    parts = [reading.parquet for reading in readings if reading.parquet is not None]
    if newest is not None:
        parts.insert(0, newest.parquet)
    adding = how.adding or Adding.REPLACE
    if len(parts) == 1 and adding is not Adding.UPSERT:
        return readings[0]
    if adding is not Adding.UPSERT and how.twice is None and (found := overlap(parts, how.period)):
        periods = ", ".join(found.periods[:6]) + ("…" if len(found.periods) > 6 else "")
        raise RefusedError("period_covered_twice", column=found.column, periods=periods, count=len(found.periods))
    combine(parts, target, adding, how.keys, how.twice, how.period)
    rows, nulls = null_counts(target)
    known = {column.name: column for one in ([newest.reading] if newest else []) for column in one.columns}
    known |= {column.name: column for one in readings for column in one.columns}
    columns = tuple(_counted(known[name], count) for name, count in nulls.items())
    return replace(readings[-1], rows=rows, columns=columns, parquet=target)


def _counted(column: ColumnReport, nulls: int) -> ColumnReport:
    return replace(column, nulls=nulls)

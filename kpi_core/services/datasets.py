"""Uploads: keep a file as a new version of a dataset, list versions, hand their rows to measures."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kpi_core.data.reading import Reading, ReadOptions
from kpi_core.data.rule_results import RuleResult
from kpi_core.data.tables import Connected, Table
from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.dataset import table_path
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import drop_outdated, group_versions
from kpi_core.services.inspecting import dataset_of, read_for
from kpi_core.services.people import Who, authorise
from kpi_core.services.rule_record import put_on_record
from kpi_core.services.snapshots import snapshot
from kpi_core.services.taken import taken_so_far
from kpi_core.services.upload_rules import admitted, with_incoming
from kpi_core.store import changes
from kpi_core.store import versions as kept_versions
from kpi_core.store.state import State
from kpi_core.vocabulary import Severity


@dataclass(frozen=True)
class Version:
    """One kept upload of a dataset: how it was read, by whom and when, and the day a snapshot speaks of."""

    id: str
    dataset: str
    file_name: str
    uploaded_at: datetime
    uploaded_by: str
    as_of: date
    rows: int
    parquet: Path
    reading: Reading


def store_upload(
    state: State,
    workshop_id: str,
    dataset_code: str,
    path: Path,
    file_name: str,
    options: ReadOptions | None,
    who: Who,
    as_of: date | None = None,
) -> Version:
    """Keep a file as the dataset's new version; values measured from older ones are dropped until the next refresh.

    ``as_of`` is the day a snapshot speaks of (today in the workshop's time zone when not given). Raises
    ``MissingError('dataset_missing')``, ``RefusedError`` for a file that cannot be read, and
    ``RefusedError('upload_blocked')`` with the reading's problems while one of them needs a decision.
    """
    authorise(who)
    workshop = snapshot(state, workshop_id).workshop
    dataset = dataset_of(workshop, dataset_code)
    state.folder.mkdir(parents=True, exist_ok=True)
    incoming = Path(tempfile.mkdtemp(prefix=kept_versions.INCOMING, dir=state.folder))
    try:
        reading = read_for(dataset, path, file_name, options, into=incoming)
        if reading.blocked or reading.parquet is None:
            blocking = sum(problem.severity is Severity.ERROR for problem in reading.problems)
            raise RefusedError("upload_blocked", reading.problems, file=file_name, count=blocking)
        day = as_of or today_of(workshop)
        number = keep(state, workshop_id, dataset_code, reading, file_name, day, who)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    return next(version for version in versions(state, workshop_id, dataset_code) if version.id == str(number))


def versions(state: State, workshop_id: str, dataset_code: str | None = None) -> tuple[Version, ...]:
    """The kept versions of a dataset (or of all), newest first. Raises ``MissingError`` for an unknown workshop."""
    snapshot(state, workshop_id)
    return tuple(
        _version(state, kept) for kept in kept_versions.versions_of(state.connection, workshop_id, dataset_code)
    )


def delete_version(state: State, workshop_id: str, dataset_code: str, version: str, who: Who) -> None:
    """Take one version away, with its rows where no other workshop uses them, and the values measured from it."""
    authorise(who)
    with state.writing() as connection:
        workshop = snapshot(state, workshop_id).workshop
        number = int(version) if version.isdecimal() else -1
        if not kept_versions.drop_versions(connection, workshop_id, dataset_code, number):
            raise MissingError("version_missing", version=version)
        before = json.dumps({"version": version})
        changes.append(connection, workshop_id, who.name, "versions", dataset_code, "removed", before, None)
        drop_outdated(connection, workshop_id, workshop)
    kept_versions.drop_unused_files(state)


def tables(state: State, workshop_id: str) -> Mapping[str, Sequence[Table]]:
    """dataset code → its versions' rows, newest first; datasets without an upload are absent."""
    workshop = snapshot(state, workshop_id).workshop
    kept = kept_versions.versions_of(state.connection, workshop_id)
    return tables_of(state, workshop_id, workshop, group_versions(kept))


def tables_of(
    state: State, workshop_id: str, workshop: Workshop, kept: Mapping[str, Sequence[kept_versions.StoredVersion]]
) -> dict[str, tuple[Table, ...]]:
    """The same, of versions that were read already."""
    found: dict[str, tuple[Table, ...]] = {}
    taken = taken_so_far(state.connection, workshop_id, workshop)
    for dataset in workshop.datasets:
        name, path = workshop.connection_of(dataset.code), table_path(dataset.table or "")
        rows = tuple(
            Table(
                dataset,
                kept_versions.file_of(state, version.parquet),
                str(version.id),
                version.as_of,
                place,
                taken.get(dataset.code, ()),
            )
            for version in kept.get(dataset.code, ())
            if ((place := Connected.of(version.report)) is None) is (name is None)
            and (place is None or (place.connection, place.path) == (name, path))  # else of where it was before
        )
        if rows:
            found[dataset.code] = rows
    return found


def today_of(workshop: Workshop) -> date:
    """Today where the team works."""
    return datetime.now(ZoneInfo(workshop.settings.timezone)).date()


class OvertakenError(Exception):
    """Somebody stored another version while rows were put together with the one before."""


def keep(
    state: State,
    workshop_id: str,
    dataset_code: str,
    reading: Reading,
    file_name: str,
    as_of: date,
    who: Who,
    restored: str | None = None,
    built_on: Sequence[str] | None = None,
    before: int = 0,
) -> int:
    """A reading's rows as the dataset's new version, what its rules found in them on record; gives its number.

    ``restored``: the older version whose rows these are, for the change feed. ``built_on``: the newest version, whose
    rows these go on from (nothing where there was none). ``before``: how many of the rows stand before the file's own.

    Raises ``RefusedError('upload_rules_broken')`` before anything is stored where a blocking rule is broken, and
    ``OvertakenError`` where the newest version is another than ``built_on`` by now.
    """
    authorise(who)
    workshop = snapshot(state, workshop_id).workshop
    dataset_of(workshop, dataset_code)
    if workshop.connection_of(dataset_code) is not None:
        raise RefusedError("dataset_connected", dataset=dataset_code)
    if reading.parquet is None:
        raise RefusedError("upload_blocked", reading.problems, file=file_name, count=len(reading.problems))
    while True:  # rules are run outside the write lock; whoever changes datasets meanwhile has them run again
        checked = snapshot(state, workshop_id).workshop.datasets
        results = check_incoming(state, workshop_id, dataset_code, reading.parquet, file_name, as_of, before)
        with state.writing() as connection:
            workshop = snapshot(state, workshop_id).workshop  # it may have changed while the file was read
            dataset_of(workshop, dataset_code)
            if workshop.datasets != checked:
                continue
            newest = kept_versions.newest_version(connection, workshop_id, dataset_code)
            if built_on is not None and tuple(built_on) != (() if newest is None else (str(newest),)):
                raise OvertakenError
            number = kept_versions.add_version(
                connection,
                workshop_id,
                dataset=dataset_code,
                parquet=kept_versions.place_file(state, reading.parquet),
                as_of=as_of,
                who=who.name,
                file_name=file_name,
                rows=reading.rows,
                report=_report(reading),
            )
            after: dict[str, Any] = {"version": str(number), "file_name": file_name, "rows": reading.rows}
            after |= {} if restored is None else {"restored": restored}
            told = json.dumps(after, ensure_ascii=False)
            changes.append(connection, workshop_id, who.name, "versions", dataset_code, "added", None, told)
            drop_outdated(connection, workshop_id, workshop)
            if results:
                kept = group_versions(kept_versions.versions_of(connection, workshop_id))
                put_on_record(connection, workshop_id, workshop, dataset_code, kept, results, who)
        return number


def check_incoming(
    state: State, workshop_id: str, dataset_code: str, parquet: Path, file_name: str, as_of: date, before: int = 0
) -> tuple[RuleResult, ...]:
    """What the dataset's rules find in rows on their way in. Raises ``RefusedError('upload_rules_broken')``."""
    workshop = snapshot(state, workshop_id).workshop
    coming = with_incoming(tables(state, workshop_id), workshop, dataset_code, parquet, as_of)
    day = today_of(workshop)
    return admitted(workshop, coming, dataset_code, today=day, file_name=file_name, before=before)


def _report(reading: Reading) -> dict[str, Any]:
    """The reading without its rows: those lie in the Parquet file alone."""
    return replace(reading, raw=(), head=(), parquet=None, suggestion=None, otherwise=()).to_json()


def _version(state: State, kept: kept_versions.StoredVersion) -> Version:
    path = kept_versions.file_of(state, kept.parquet)
    report = {name: value for name, value in kept.report.items() if name != "connected"}
    return Version(
        str(kept.id),
        kept.dataset,
        kept.file_name,
        kept.uploaded_at,
        kept.uploaded_by,
        kept.as_of,
        kept.rows,
        path,
        replace(Reading.from_json(report), parquet=path),
    )

"""Tables of databases as datasets: connecting one, and looking at it again before it is measured."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kpi_core.data.reading import Reading
from kpi_core.data.reading.contract import ColumnReport
from kpi_core.data.tables import Connected
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.errors import MissingError, Problem, RefusedError
from kpi_core.model.dataset import Dataset, Source, table_path
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import today_of
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.services.sources import add_dataset
from kpi_core.store import changes, versions
from kpi_core.store.state import State
from kpi_core.vocabulary import Role

TABLE = "table"
"""The kind of a version that is no file."""

#: Why a database gave no answer, though it may the next time.
NO_ANSWER = frozenset(
    f"connection_{reason}"
    for reason in ("unknown", "driver", "timeout", "denied", "no_database", "url", "unreachable", "lost")
)


@dataclass(frozen=True)
class Look:
    """A table as it was found: its place, its columns and the number of its rows."""

    connected: Connected
    rows: int


def connect_table(state: State, workshop_id: str, dataset: Dataset, source: Source | None, who: Who) -> None:
    """Store a new dataset that is a table of its source's connection, and the source where that is new too.

    Nothing is stored when the table cannot be read: raises ``connection_…`` with the reason, ``table_unreadable``, and
    as ``editing.save``.
    """
    workshop = snapshot(state, workshop_id).workshop
    authorise(who, Role.FACILITATOR, everywhere=True)
    sources = (*workshop.sources, source) if source is not None else workshop.sources
    planned = workshop.model_copy(update={"sources": sources, "datasets": (*workshop.datasets, dataset)})
    found = look_at(planned, dataset.code)
    add_dataset(state, workshop_id, dataset, source, who)
    _keep(state, workshop_id, {dataset.code: found}, who)


def look_again(
    state: State, workshop_id: str, codes: Collection[str], who: Who
) -> tuple[frozenset[str], tuple[Problem, ...]]:
    """Look at these connected datasets anew; gives those that could not be read, and why.

    What is known of a table that cannot be read now stays as it is. A table that was never looked at is for those who
    may connect one.
    """
    authorise(who)
    workshop = snapshot(state, workshop_id).workshop
    seen = _seen(state, workshop_id)
    found: dict[str, Look] = {}
    problems: list[Problem] = []
    for code in codes:
        try:
            if (code, workshop.connection_of(code), _path_of(workshop, code)) not in seen:
                authorise(who, Role.FACILITATOR, everywhere=True)
            found[code] = look_at(workshop, code)
        except UncomputableError as refusal:
            problems.append(refusal.problem(f"datasets.{code}.table"))
        except RefusedError as refusal:
            problems.append(Problem(refusal.code, refusal.params, path=f"datasets.{code}.table"))
    if found:
        _keep(state, workshop_id, found, who)
    return frozenset(set(codes) - set(found)), tuple(problems)


def look_at(workshop: Workshop, code: str) -> Look:
    """A connected dataset's table as it is now. Raises ``UncomputableError``."""
    dataset, name = workshop.dataset(code), workshop.connection_of(code)
    if dataset is None or name is None:
        raise MissingError("dataset_missing", dataset=code)
    path = table_path(dataset.table or "")
    from kpi_core.data.connecting.remote import Remote

    remote = Remote(name, fresh=True)
    try:
        if not path:
            raise UncomputableError("table_unreadable", place="dataset", table=dataset.table, connection=name)
        try:
            columns = tuple(remote.columns(path))
        except UncomputableError as refusal:
            if refusal.code != "not_computed":
                raise
            raise UncomputableError("table_unreadable", place="dataset", table=dataset.table, connection=name) from None
        return Look(Connected(name, path, columns), remote.count(path))
    finally:
        remote.close()


def _seen(state: State, workshop_id: str) -> set[tuple[str, str | None, tuple[str, ...] | None]]:
    looks = ((one.dataset, Connected.of(one.report)) for one in versions.versions_of(state.connection, workshop_id))
    return {(code, place.connection, place.path) for code, place in looks if place is not None}


def _path_of(workshop: Workshop, code: str) -> tuple[str, ...] | None:
    dataset = workshop.dataset(code)
    return None if dataset is None else table_path(dataset.table or "")


def _keep(state: State, workshop_id: str, found: Mapping[str, Look], who: Who) -> None:
    with state.writing() as connection:
        workshop = snapshot(state, workshop_id).workshop
        for code, look in found.items():
            dataset = workshop.dataset(code)
            if dataset is None or workshop.connection_of(code) != look.connected.connection:
                raise RefusedError("dataset_missing", dataset=code)
            known = versions.versions_of(connection, workshop_id, code)
            same = next((one.id for one in known if Connected.of(one.report) is not None), None)
            number = versions.put_version(
                connection,
                workshop_id,
                same,
                dataset=code,
                parquet="",
                as_of=today_of(workshop),
                who=who.name,
                file_name=dataset.table or "",
                rows=look.rows,
                report=_report(dataset, look),
            )
            told = {"version": str(number), "file_name": dataset.table or "", "rows": look.rows}
            done = "added" if same is None else "refreshed"
            after = json.dumps(told, ensure_ascii=False)
            changes.append(connection, workshop_id, who.name, "versions", code, done, None, after)


def _report(dataset: Dataset, look: Look) -> dict[str, Any]:
    columns = tuple(ColumnReport(one.name, one.type, 0, 0, (), None) for one in look.connected.columns)
    reading = Reading(
        dataset.table or "", "", 0, TABLE, None, None, None, (), 0, look.rows, columns, (), (), (), None, ()
    )
    return {**reading.to_json(), "connected": asdict(look.connected)}

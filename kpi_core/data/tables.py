"""The versions of a dataset's rows that measures are computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kpi_core.data.connecting.columns import TableColumn
from kpi_core.model.dataset import Dataset
from kpi_core.vocabulary import ColumnType


@dataclass(frozen=True)
class Connected:
    """A table where it lies: the connection's name, its place there, and its columns when it was last looked at."""

    connection: str
    path: tuple[str, ...]
    columns: tuple[TableColumn, ...]

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> Connected | None:
        """The table that the report of a version speaks of; ``None`` for a file."""
        stored = report.get("connected")
        if stored is None:
            return None
        columns = tuple(TableColumn(**{**one, "type": ColumnType(one["type"])}) for one in stored["columns"])
        return cls(stored["connection"], tuple(stored["path"]), columns)


@dataclass(frozen=True)
class Taken:
    """What one aggregate of a connected table was on a day, by segment; ``key`` says which aggregate."""

    key: str
    as_of: date
    values: tuple[tuple[str | None, float], ...]


@dataclass(frozen=True)
class Table:
    """One version's typed rows: an immutable Parquet file; ``as_of`` is the day a snapshot speaks of.

    Of a ``connected`` dataset there is one version and no file: the table as it is now, and what was ``taken`` of it
    by measures without a date at refreshes so far.
    """

    dataset: Dataset
    parquet: Path
    version: str
    as_of: date
    connected: Connected | None = None
    taken: tuple[Taken, ...] = ()


#: dataset code → its versions, newest first.
Tables = Mapping[str, Sequence[Table]]


def newest(tables: Tables) -> dict[str, Table]:
    """The newest version of every dataset that has one."""
    return {code: versions[0] for code, versions in tables.items() if versions}

"""What is known of the rows before they are read: each dataset's description and the columns of its Parquet file.

A catalogue is hashable and holds no path, so a query compiled for it is right for every version of the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from kpi_core.data.engine import EngineError, Session
from kpi_core.data.tables import Table
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.model.dataset import Dataset
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import ColumnType


@dataclass(frozen=True)
class StoredColumn:
    """A column of the file: its name as people read it, as the engine calls it, and its type.

    ``plain`` is false for a physical type that reading does not write (a decimal, a list); it is cast on use.
    """

    name: str
    physical: str
    type: ColumnType
    plain: bool = True


@dataclass(frozen=True)
class Layout:
    """One dataset: ``description`` is its part of the workshop file, ``columns`` those of the file."""

    code: str
    description: str
    columns: tuple[StoredColumn, ...]

    @property
    def dataset(self) -> Dataset:
        return _described(self.description)


@dataclass(frozen=True)
class Catalogue:
    """A dataset's layout with those of all datasets its look-ups lead to, each with its view's name."""

    layouts: tuple[Layout, ...]

    def layout(self, code: str) -> Layout | None:
        return next((layout for layout in self.layouts if layout.code == code), None)

    def view(self, code: str) -> str:
        """The name under which the dataset's rows are bound; raises ``ValueError`` for a dataset without rows."""
        return f"rows_{[layout.code for layout in self.layouts].index(code)}"


def catalogue_of(workshop: Workshop, tables: Mapping[str, Table], code: str, session: Session) -> Catalogue:
    """The catalogue for queries on ``code``; raises ``UncomputableError`` where a file cannot be read."""
    layouts = []
    for reached in _reached(workshop, code):
        table = tables.get(reached)
        dataset = workshop.dataset(reached)
        if table is not None and dataset is not None:
            description = dataset.model_dump_json(exclude={"rules", "columns"})
            try:
                columns = stored_columns(table.parquet, session)
            except (OSError, EngineError, pl.exceptions.PolarsError) as error:
                reason = str(error).splitlines()[0][:200]
                raise UncomputableError("rows_unreadable", place="dataset", dataset=reached, reason=reason) from error
            layouts.append(Layout(reached, description, columns))
    return Catalogue(tuple(layouts))


def bind(catalogue: Catalogue, tables: Mapping[str, Table], session: Session) -> None:
    """Makes the catalogue's views readable in a session that has none yet."""
    for layout in catalogue.layouts:
        session.bind(catalogue.view(layout.code), tables[layout.code].parquet)


def stored_columns(parquet: Path, session: Session) -> tuple[StoredColumn, ...]:
    """The columns of a file, in its order."""
    stat = parquet.stat()
    remembered = (str(parquet), stat.st_mtime_ns, stat.st_size)
    if remembered not in _SEEN:
        if len(_SEEN) >= _MOST_SEEN:
            _SEEN.clear()
        schema = pl.read_parquet_schema(parquet)
        physical = session.columns(parquet)
        columns = zip(schema.items(), physical, strict=True)
        _SEEN[remembered] = tuple(StoredColumn(name, known, *_typed(dtype)) for (name, dtype), known in columns)
    return _SEEN[remembered]


_MOST_SEEN = 512
_SEEN: dict[tuple[str, int, int], tuple[StoredColumn, ...]] = {}

_PLAIN: tuple[tuple[type[pl.DataType], ColumnType], ...] = (
    (pl.Int64, ColumnType.INTEGER),
    (pl.Float64, ColumnType.DECIMAL),
    (pl.Boolean, ColumnType.BOOLEAN),
    (pl.Date, ColumnType.DATE),
    (pl.String, ColumnType.TEXT),
)


def _typed(dtype: pl.DataType) -> tuple[ColumnType, bool]:
    for plain, kind in _PLAIN:
        if dtype == plain:
            return kind, True
    if isinstance(dtype, pl.Datetime):
        return ColumnType.DATETIME, dtype.time_zone is None
    if dtype.is_integer():
        return ColumnType.INTEGER, False
    return (ColumnType.DECIMAL if dtype.is_numeric() else ColumnType.TEXT), False


def _reached(workshop: Workshop, code: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    open_codes = [code]
    while open_codes:
        current = open_codes.pop()
        dataset = workshop.dataset(current)
        if current not in found and dataset is not None:
            found[current] = None
            open_codes += [lookup.dataset for lookup in dataset.lookups]
    return tuple(found)


@lru_cache(maxsize=256)
def _described(description: str) -> Dataset:
    return Dataset.model_validate_json(description)

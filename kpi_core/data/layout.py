"""What is known of the rows before they are read: each dataset's description and the columns of its file or table.

A catalogue is hashable and holds no path, so a query compiled for it is right for every version of the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import ibis
import polars as pl

from kpi_core.data.connecting.opening import load_spark
from kpi_core.data.connecting.secrets import dialect_of
from kpi_core.data.engine import HERE, EngineError, Session
from kpi_core.data.tables import Table
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import Value
from kpi_core.model.dataset import Dataset
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import ColumnType


@dataclass(frozen=True)
class StoredColumn:
    """A column of the file: its name as people read it, as the engine calls it, and its type.

    ``plain`` is false for a physical type that reading does not write (a decimal, a list); it is cast on use.
    ``dtype`` is the type of a database's column as Ibis writes it.
    """

    name: str
    physical: str
    type: ColumnType
    plain: bool = True
    dtype: str | None = None


@dataclass(frozen=True)
class Layout:
    """One dataset: ``description`` is its part of the workshop file, ``columns`` those of the file.

    ``home`` is the connection where its rows lie at ``path``; uploads have neither.
    """

    code: str
    description: str
    columns: tuple[StoredColumn, ...]
    home: str = HERE
    path: tuple[str, ...] = ()

    @property
    def dataset(self) -> Dataset:
        return _described(self.description)


@dataclass(frozen=True)
class Catalogue:
    """A dataset's layout with those of all datasets its look-ups lead to, each with its view's name.

    Queries run at the first one's home, in its ``dialect``; a moment in time has its day in ``timezone``.
    """

    layouts: tuple[Layout, ...]
    dialect: str = "duckdb"
    timezone: str = "UTC"

    @property
    def home(self) -> str:
        return self.layouts[0].home if self.layouts else HERE

    def sql(self, query: Value) -> str:
        """The statement for an Ibis expression over this catalogue's rows."""
        if self.dialect == "pyspark":
            load_spark()
        return str(ibis.to_sql(query, dialect=self.dialect))

    def layout(self, code: str) -> Layout | None:
        return next((layout for layout in self.layouts if layout.code == code), None)

    def view(self, code: str) -> str:
        """The name under which the dataset's rows are bound; raises ``ValueError`` for a dataset without rows."""
        return f"rows_{[layout.code for layout in self.layouts].index(code)}"

    def is_numbered(self, code: str) -> bool:
        """Whether rows have a position: those of a file that is read in place."""
        layout = self.layout(code)
        return layout is not None and layout.home == HERE == self.home

    def table(self, code: str, physical: Mapping[str, str]) -> Value:
        """The dataset's rows as Ibis reads them: a view of the session, or the database's own table."""
        layout = self.layout(code)
        if layout is None or layout.home != self.home or layout.home == HERE:
            return ibis.table(dict(physical), name=self.view(code))
        *above, name = layout.path
        catalog, schema = [None, None, *above][-2:]
        return ibis.table(dict(physical), name=name, catalog=catalog, database=schema)


def catalogue_of(workshop: Workshop, tables: Mapping[str, Table], code: str, session: Session) -> Catalogue:
    """The catalogue for queries on ``code``; raises ``UncomputableError`` where a file cannot be read."""
    layouts = [
        _layout(dataset, tables[reached], session)
        for reached in _reached(workshop, code)
        if reached in tables and (dataset := workshop.dataset(reached)) is not None
    ]
    home = layouts[0].home if layouts else HERE
    dialect = dialect_of(home) if home else "duckdb"
    placed = [_as_lent(layout) if layout.home != home else layout for layout in layouts]
    return Catalogue(tuple(placed), dialect, workshop.settings.timezone)


def _layout(dataset: Dataset, table: Table, session: Session) -> Layout:
    description = dataset.model_dump_json(exclude={"rules", "columns"})
    if table.connected is not None:
        found = table.connected
        columns = tuple(StoredColumn(one.name, one.name, one.type, one.plain, one.dtype) for one in found.columns)
        return Layout(dataset.code, description, columns, found.connection, found.path)
    try:
        return Layout(dataset.code, description, stored_columns(table.parquet, session))
    except (OSError, EngineError, pl.exceptions.PolarsError) as error:
        detail = str(error).splitlines()[0][:200]
        raise UncomputableError("rows_unreadable", place="dataset", dataset=dataset.code, detail=detail) from error


def _as_lent(layout: Layout) -> Layout:
    """The columns as a query elsewhere sees them: named by number, of the types that people know."""
    columns = tuple(StoredColumn(one.name, f"c{at}", one.type) for at, one in enumerate(layout.columns))
    return replace(layout, columns=columns)


def placed_alone(workshop: Workshop, table: Table, session: Session) -> Catalogue:
    """The catalogue for a dataset's own columns, where they lie."""
    layout = _layout(table.dataset, table, session)
    dialect = dialect_of(layout.home) if layout.home else "duckdb"
    return Catalogue((layout,), dialect, workshop.settings.timezone)


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

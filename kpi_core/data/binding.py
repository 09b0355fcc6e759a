"""Makes a dataset's rows, and those its look-ups lead to, readable where its queries run.

Rows that lie elsewhere travel there when they are few, as the other side of a look-up mostly is; many are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import sqlglot.expressions as sge

from kpi_core.data.engine import HERE, Session
from kpi_core.data.layout import Catalogue, Layout, catalogue_of, placed_alone
from kpi_core.data.relation import Rows
from kpi_core.data.tables import Table
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import written
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import ColumnType

MOST_TRAVELLING = 5_000
_ARROW = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.DECIMAL: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.DATETIME: pa.timestamp("us"),
    ColumnType.TEXT: pa.string(),
}
_SQL = {
    ColumnType.INTEGER: "bigint",
    ColumnType.DECIMAL: "double",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.DATETIME: "timestamp",
    ColumnType.TEXT: "text",
}
_SQLGLOT = {"pyspark": "spark"}


def bound(workshop: Workshop, tables: Mapping[str, Table], code: str, session: Session) -> Catalogue:
    """The catalogue for queries on ``code``, its rows readable in the session.

    Raises ``UncomputableError``: a file cannot be read, a connection not reached, too many rows would have to travel.
    """
    catalogue = catalogue_of(workshop, tables, code, session)
    for layout in catalogue.layouts:
        if layout.home == catalogue.home == HERE:
            session.bind(catalogue.view(layout.code), tables[layout.code].parquet)
        elif layout.home != catalogue.home:
            _lend(catalogue, layout, _few(workshop, tables, layout, session), session)
    return catalogue


def _few(workshop: Workshop, tables: Mapping[str, Table], layout: Layout, session: Session) -> list[tuple[Any, ...]]:
    """All rows of a dataset that lies elsewhere, its own columns in order."""
    alone = placed_alone(workshop, tables[layout.code], session)
    if alone.home == HERE:
        session.bind(alone.view(layout.code), tables[layout.code].parquet)
    rows = Rows(alone, layout.code)
    cells = {column.physical: rows[column.name] for column in layout.columns}
    found = session.fetch(alone.sql(rows.table.select(**cells).limit(MOST_TRAVELLING + 1)), alone.home)
    if len(found) > MOST_TRAVELLING:
        raise UncomputableError("lookup_too_many", place="dataset", dataset=layout.code, most=MOST_TRAVELLING)
    return found


def _lend(catalogue: Catalogue, layout: Layout, rows: Sequence[tuple[Any, ...]], session: Session) -> None:
    view = catalogue.view(layout.code)
    if catalogue.home == HERE:
        schema = pa.schema([(column.physical, _ARROW[column.type]) for column in layout.columns])
        columns = [
            pa.array([_as_told(row[at], field.type) for row in rows], field.type) for at, field in enumerate(schema)
        ]
        session.lend(view, pa.Table.from_arrays(columns, schema=schema))
    else:
        session.remote(catalogue.home).lend(view, _spelled(layout, rows, catalogue.dialect))


def _as_told(value: Any, dtype: pa.DataType) -> Any:
    """A database's decimal as the number it is; everything else as it came."""
    return float(value) if value is not None and pa.types.is_floating(dtype) else value


def _spelled(layout: Layout, rows: Sequence[tuple[Any, ...]], dialect: str) -> str:
    """A query that gives these rows: every cell as text, cast to its column's type."""
    spoken = _SQLGLOT.get(dialect, dialect)
    names = [column.physical for column in layout.columns]
    casts = ", ".join(
        f"CAST({name} AS {sge.DataType.build(_SQL[column.type]).sql(spoken)}) AS {name}"
        for name, column in zip(names, layout.columns, strict=True)
    )
    shown = rows or [(None,) * len(names)]
    cells = ", ".join(f"({', '.join(_literal(value, spoken) for value in row)})" for row in shown)
    nothing = "" if rows else " WHERE 1 = 0"
    return f"SELECT {casts} FROM (VALUES {cells}) AS lent({', '.join(names)}){nothing}"  # noqa: S608 - literals escaped


def _literal(value: Any, dialect: str) -> str:
    text = repr(value) if isinstance(value, float) else written(value)
    return "NULL" if text is None else sge.Literal.string(text).sql(dialect)

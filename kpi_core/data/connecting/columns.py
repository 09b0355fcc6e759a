"""A database's column as measures see it: what people call its type, and the type by which Ibis reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kpi_core.vocabulary import ColumnType

_WIDEST_INT64 = 18


@dataclass(frozen=True)
class TableColumn:
    """``plain``: used as it is; otherwise cast on use. ``dtype`` is its type in the database as Ibis writes it."""

    name: str
    type: ColumnType
    plain: bool
    dtype: str


def column_of(name: str, dtype: Any, *, instant: bool = False, plain_text: bool = True) -> TableColumn:
    """The column for Ibis's type; ``instant``: a moment in time, which has a day only in a time zone."""
    if dtype.is_timestamp():
        zoned = instant or dtype.timezone is not None
        return TableColumn(name, ColumnType.DATETIME, not zoned, "timestamp('UTC')" if zoned else "timestamp")
    if dtype.is_string():
        return TableColumn(name, ColumnType.TEXT, plain_text, "string" if plain_text else "null")
    if dtype.is_integer():
        return TableColumn(name, ColumnType.INTEGER, dtype.is_int64(), "int64" if dtype.is_int64() else "int32")
    if dtype.is_floating():
        return TableColumn(name, ColumnType.DECIMAL, dtype.is_float64(), "float64" if dtype.is_float64() else "float32")
    if dtype.is_decimal():
        if dtype.scale == 0 and dtype.precision and dtype.precision <= _WIDEST_INT64:
            return TableColumn(name, ColumnType.INTEGER, False, f"decimal({dtype.precision}, 0)")
        whole = dtype.scale == 0  # a long number is kept to its last digit: it may be a key
        return TableColumn(name, ColumnType.DECIMAL, whole, "decimal(38, 0)" if whole else "decimal(38, 9)")
    if dtype.is_boolean():
        return TableColumn(name, ColumnType.BOOLEAN, True, "boolean")
    if dtype.is_date():
        return TableColumn(name, ColumnType.DATE, True, "date")
    return TableColumn(name, ColumnType.TEXT, False, "null")

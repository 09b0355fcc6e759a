"""Ibis values as people mean them: their type, as a number, as text, as a constant of a column's type."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from typing import Any

import ibis

from kpi_core.data.uncomputable import UncomputableError
from kpi_core.model.measure import Scalar
from kpi_core.vocabulary import Aggregate, ColumnType

Value = Any
"""An Ibis value or column; Ibis ships no type information."""

NUMBERS = (ColumnType.INTEGER, ColumnType.DECIMAL)
DAYS = (ColumnType.DATE, ColumnType.DATETIME)
_DTYPES = {
    ColumnType.INTEGER: "int64",
    ColumnType.DECIMAL: "float64",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.DATETIME: "timestamp",
    ColumnType.TEXT: "string",
}
_WHOLE = 2.0**53
_INT64 = 2**63
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")


def dtype_of(kind: ColumnType) -> str:
    """The Ibis type that values of ``kind`` have."""
    return _DTYPES[kind]


def type_of(value: Value) -> ColumnType:
    """What a person calls the type of an Ibis value."""
    dtype = value.type()
    checks = (
        (dtype.is_integer(), ColumnType.INTEGER),
        (dtype.is_boolean(), ColumnType.BOOLEAN),
        (dtype.is_date(), ColumnType.DATE),
        (dtype.is_timestamp(), ColumnType.DATETIME),
        (dtype.is_string(), ColumnType.TEXT),
    )
    return next((kind for is_kind, kind in checks if is_kind), ColumnType.DECIMAL)


def as_number(value: Value) -> Value | None:
    """A number, or a truth as 1 and 0; ``None`` where there is none in it."""
    kind = type_of(value)
    if kind is ColumnType.BOOLEAN:
        return ibis.cases((value, 1), (~value, 0)).cast("int64")  # PostgreSQL casts no truth to a long number
    return value if kind in NUMBERS else None


def number_column(column: Value, name: str, aggregate: Aggregate) -> Value:
    """A column's numbers; raises ``UncomputableError('column_not_number')`` where it holds none to aggregate."""
    number = as_number(column)
    if number is None:
        kind = type_of(column).value
        raise UncomputableError("column_not_number", aggregate=aggregate.value, column=name, type=kind)
    return number


def as_text(value: Value) -> Value:
    """The value as it is written: 12 (also for 12.0), 1.5, true, 2026-04-01."""
    kind = type_of(value)
    if kind is ColumnType.TEXT:
        return value
    if kind is ColumnType.DECIMAL:
        small = ibis.ifelse(value.abs() < _WHOLE, value, ibis.null(value.type())).cast("float64")
        whole = (small == small.floor()).fill_null(False)
        return whole.ifelse(small.floor().cast("int64").cast("string"), value.cast("string"))
    return value.cast("string")


def as_day(value: Value) -> Value:
    """The day of a date or of a naive local time."""
    return value if type_of(value) is ColumnType.DATE else value.cast("date")


def day_column(column: Value, name: str) -> Value:
    """A column's days; raises ``UncomputableError('date_not_date')`` where it holds none."""
    if type_of(column) not in DAYS:
        raise UncomputableError("date_not_date", column=name, type=type_of(column).value)
    return as_day(column)


def written(value: object) -> str | None:
    """A fetched value as ``as_text`` writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    return str(value)


def constant(scalar: Scalar, kind: ColumnType, column: str) -> Value:
    """What a person wrote, as a constant that compares with a column of ``kind``.

    A number against text is its written form; text against numbers, truths and days is read (``1,000``, full-width
    digits, ``true``, ``2026-04-01``, ``2026/4/1``, ``2026-04-01T09:00``). Raises ``UncomputableError('value_type')``
    where it cannot be.
    """
    found = _read(scalar, kind)
    if found is None:
        raise UncomputableError("value_type", value=str(scalar), column=column, type=kind.value)
    return ibis.literal(found)


def _read(scalar: Scalar, kind: ColumnType) -> bool | int | float | str | date | datetime | None:
    if kind is ColumnType.TEXT:
        text = None if isinstance(scalar, bool) else written(scalar)
        return None if text is None or "\x00" in text else text  # the engine's SQL ends at a NUL
    if kind in NUMBERS:
        return _number(scalar)
    if kind is ColumnType.BOOLEAN:
        return _truth(scalar)
    return _moment(scalar) if isinstance(scalar, str) else None


def _number(scalar: Scalar) -> int | float | None:
    if isinstance(scalar, str):
        plain = unicodedata.normalize("NFKC", scalar).replace(",", "").strip()
        if _INTEGER.fullmatch(plain):
            return _number(int(plain))  # to the last digit: a decimal would take 9007199254740993 for …992
        try:
            number = float(plain)
        except ValueError:
            return None
        return number if math.isfinite(number) else None
    if isinstance(scalar, bool):
        return None
    return scalar if abs(scalar) < _INT64 else float(scalar)


def _truth(scalar: Scalar) -> bool | None:
    if isinstance(scalar, str):
        return {"true": True, "false": False, "1": True, "0": False}.get(scalar.strip().casefold())
    return bool(scalar) if scalar in (0, 1) else None


def _moment(text: str) -> date | datetime | None:
    tidy = unicodedata.normalize("NFKC", text).strip()
    day = _DAY.fullmatch(tidy)
    try:
        if day:
            return date(int(day[1]), int(day[2]), int(day[3]))
        moment = datetime.fromisoformat(tidy)
    except ValueError:
        return None
    return None if moment.tzinfo is not None else moment

"""A measure's ``where`` as a condition on rows that is always true or false, never unknown.

An empty cell is a value of its own: it is not equal to ``'Won'``, so ``!=`` and ``not in`` keep it, as the filters of
spreadsheets and BI tools do (SQL alone would drop it). ``==`` and ``!=`` therefore split the rows without loss, and so
do ``in`` and ``not in``. All other comparisons need a value and leave empty cells out.

Text compares exactly as it stands in the cell: case, width (``Ａ`` and ``A``) and inner spaces count; what people
typed differently is for an input rule or an alias, so that a number can always be explained by its cells. A day
compared with a column of times means the whole day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ibis

from kpi_core.data.own_functions import in_order
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import Value, as_text, constant, type_of
from kpi_core.model.measure import Filter, Scalar
from kpi_core.vocabulary import ColumnType, Op

_ORDER: Mapping[Op, Callable[[Value, Value], Value]] = {
    Op.LT: lambda cell, bound: cell < bound,
    Op.LE: lambda cell, bound: cell <= bound,
    Op.GT: lambda cell, bound: cell > bound,
    Op.GE: lambda cell, bound: cell >= bound,
}


def condition(cell: Value, entry: Filter, dialect: str = "duckdb") -> Value:
    """The rows that ``entry`` keeps; ``cell`` is its column. Raises ``UncomputableError`` for an unfit value."""
    values = entry.value if isinstance(entry.value, tuple) else () if entry.value is None else (entry.value,)
    if entry.op in (Op.IS_NULL, Op.NOT_NULL):
        missing = _missing(cell)
        return missing if entry.op is Op.IS_NULL else ~missing
    if entry.op in (Op.EQ, Op.IN):
        return _equal(cell, values, entry.column)
    if entry.op in (Op.NE, Op.NOT_IN):
        return ~_equal(cell, values, entry.column)
    if entry.op in (Op.CONTAINS, Op.STARTS_WITH):
        return _text_part(cell, entry)
    if entry.op is Op.BETWEEN:
        low, high = values
        return _ordered(cell, Op.GE, low, entry, dialect) & _ordered(cell, Op.LE, high, entry, dialect)
    return _ordered(cell, entry.op, values[0], entry, dialect)


def _missing(cell: Value) -> Value:
    """An empty cell; empty text is one too."""
    return cell.isnull() | (cell == "").fill_null(False) if type_of(cell) is ColumnType.TEXT else cell.isnull()


def _equal(cell: Value, values: tuple[Scalar, ...], column: str) -> Value:
    found = ibis.literal(False)
    for days in (True, False):
        constants = [
            made for made in (constant(value, type_of(cell), column) for value in values) if _is_day(made) is days
        ]
        if constants:
            comparable, _ = _comparable(cell, constants[0])
            found = found | comparable.isin(constants)
    return found.fill_null(False)


def _ordered(cell: Value, op: Op, value: Scalar, entry: Filter, dialect: str) -> Value:
    column, kind = entry.column, type_of(cell)
    if kind is ColumnType.BOOLEAN or (kind is ColumnType.TEXT and not isinstance(value, str)):
        raise UncomputableError("value_type", value=str(value), column=column, type=kind.value)
    comparable, bound = _comparable(cell, constant(value, kind, column))
    if kind is ColumnType.TEXT:
        comparable, bound = in_order(comparable, dialect), in_order(bound, dialect)
    return _ORDER[op](comparable, bound).fill_null(False)


def _comparable(cell: Value, bound: Value) -> tuple[Value, Value]:
    """A time against a day is its own day; a day against a time is its midnight."""
    if type_of(cell) is ColumnType.DATETIME and _is_day(bound):
        return cell.cast("date"), bound
    if type_of(cell) is ColumnType.DATE and type_of(bound) is ColumnType.DATETIME:
        return cell.cast("timestamp"), bound
    return cell, bound


def _is_day(value: Value) -> bool:
    return type_of(value) is ColumnType.DATE


def _text_part(cell: Value, entry: Filter) -> Value:
    kind = type_of(cell)
    if kind in (ColumnType.DECIMAL, ColumnType.BOOLEAN) or isinstance(entry.value, bool | tuple):
        raise UncomputableError("value_type", value=str(entry.value), column=entry.column, type=kind.value)
    text, part = as_text(cell), str(entry.value)
    kept = text.contains(part) if entry.op is Op.CONTAINS else text.startswith(part)
    return kept.fill_null(False)

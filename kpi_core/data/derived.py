"""A derived column's expression as an Ibis value over the columns of its row.

A missing input gives no value (``coalesce`` and ``is_null`` are the way out), and so do division by zero, a root of a
negative number and whatever else is no finite number. Arithmetic is in decimals; a truth counts as 1 or 0. ``==`` is
false and ``!=`` true where a side is empty, as in filters; ``< <= > >=`` are unknown there. ``days_between(a, b)`` is
b - a in calendar days, ``hours_between(a, b)`` b - a in hours with fractions, a day being its midnight.
``add_days(a, n)`` is the day n whole days after a (a fraction of n is cut; none beyond a hundred years). ``year`` and
``month`` are the calendar's. ``round`` rounds halves away from zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

import ibis

from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import DAYS, NUMBERS, Value, as_day, as_number, as_text, constant, dtype_of, type_of
from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, Number, Text, calls_in, names_in
from kpi_core.vocabulary import ColumnType

_MICROSECONDS_AN_HOUR = 3_600_000_000
_MOST_DIGITS = 15
_WHOLE = 2.0**53
_CENTURY = 36_525
_LARGEST = 709.0
"""e to this power is nearly the largest number there is."""


def columns_used(expression: Expression) -> tuple[str, ...]:
    """The names of the columns an expression reads: plain names and those in ``col("…")``."""
    quoted = [call.arguments[0] for call in calls_in(expression) if call.function == "col"]
    names = [*names_in(expression), *(part.value for part in quoted if isinstance(part, Text))]
    return tuple(dict.fromkeys(names))


def translate(expression: Expression, column: Callable[[str], Value]) -> Value:
    """The value of ``expression`` over what ``column`` gives; raises ``UncomputableError`` where types do not fit."""
    if isinstance(expression, Number):
        whole = expression.value.is_integer() and abs(expression.value) < 2.0**53
        return ibis.literal(int(expression.value) if whole else expression.value)
    if isinstance(expression, Text):
        return ibis.literal(expression.value)
    if isinstance(expression, Name):
        return column(expression.name)
    if isinstance(expression, Negative):
        return -_number(translate(expression.operand, column), "-")
    if isinstance(expression, Binary):
        left, right = translate(expression.left, column), translate(expression.right, column)
        return (
            _arithmetic(expression.op, left, right)
            if expression.op in _ARITHMETIC
            else _compared(expression, left, right)
        )
    if expression.function == "col":
        name = expression.arguments[0]
        if not isinstance(name, Text):
            raise UncomputableError("col_needs_name")
        return column(name.value)
    arguments = [translate(part, column) for part in expression.arguments]
    return _FUNCTIONS[expression.function](expression, arguments)


def _number(value: Value, function: str) -> Value:
    number = as_number(value)
    if number is None:
        raise UncomputableError("needs_number", function=function, type=type_of(value).value)
    return number.cast("float64")


def _finite(value: Value) -> Value:
    return (value.isnan() | value.isinf()).ifelse(ibis.null("float64"), value)


def _power(base: Value, exponent: Value) -> Value:
    """Where there is a finite one; not every engine answers the others (a root of a negative number, 0 ** -1)."""
    size = exponent * base.abs().nullif(0).ln()
    exists = (base > 0) | ((base == 0) & (exponent >= 0)) | ((base < 0) & (exponent == exponent.floor()))
    known = exists & ((base == 0) | (size < _LARGEST))
    return _finite(ibis.ifelse(known, base, ibis.null("float64")) ** exponent)


_ARITHMETIC: Mapping[str, Callable[[Value, Value], Value]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right.nullif(0),
    "**": lambda left, right: _power(left, right),
}
_COMPARISON: Mapping[str, Callable[[Value, Value], Value]] = {
    "==": lambda left, right: (left == right).fill_null(False),
    "!=": lambda left, right: ~(left == right).fill_null(False),
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _arithmetic(op: str, left: Value, right: Value) -> Value:
    return _ARITHMETIC[op](_number(left, op), _number(right, op))


def _compared(expression: Binary, left: Value, right: Value) -> Value:
    if isinstance(expression.right, Text):
        right = constant(expression.right.value, type_of(left), expression.op)
    elif isinstance(expression.left, Text):
        left = constant(expression.left.value, type_of(right), expression.op)
    left, right = _alike([left, right], expression.op)
    return _COMPARISON[expression.op](left, right)


def _alike(values: Sequence[Value], function: str) -> list[Value]:
    """The values as one type: all numbers, all days (a day among times becomes its midnight), or all the same."""
    kinds = {type_of(value) for value in values}
    if len(kinds) == 1:
        return list(values)
    if kinds <= set(NUMBERS):
        return [value.cast("float64") for value in values]
    if kinds <= set(DAYS):
        return [value.cast("timestamp") for value in values]
    one, other, *_ = sorted(kind.value for kind in kinds)
    raise UncomputableError("types_differ", function=function, type=one, other_type=other)


def _days(values: Sequence[Value], function: str) -> None:
    for value in values:
        if type_of(value) not in DAYS:
            raise UncomputableError("needs_date", function=function, type=type_of(value).value)


def _days_between(call: Call, values: list[Value]) -> Value:
    _days(values, call.function)
    return as_day(values[1]).delta(as_day(values[0]), unit="day")


def _hours_between(call: Call, values: list[Value]) -> Value:
    _days(values, call.function)
    first, second = (value.cast("timestamp") for value in values)
    return second.delta(first, unit="microsecond") / _MICROSECONDS_AN_HOUR


def _add_days(call: Call, values: list[Value]) -> Value:
    _days(values[:1], call.function)
    number = _number(values[1], call.function)
    near = ibis.ifelse(number.abs() <= _CENTURY, number, ibis.null("float64"))
    whole = ibis.ifelse(near < 0, near.ceil(), near.floor()).cast("int64")
    moved = as_day(values[0]).cast("timestamp") + whole.as_interval("D")  # DuckDB makes a time of a day and an interval
    return moved.cast("date")


def _part_of_day(call: Call, values: list[Value]) -> Value:
    _days(values, call.function)
    return (values[0].year() if call.function == "year" else values[0].month()).cast("int64")


def _abs(call: Call, values: list[Value]) -> Value:
    return _number(values[0], call.function).abs()


def _round(call: Call, values: list[Value]) -> Value:
    digits = call.arguments[1] if len(call.arguments) > 1 else Number(0.0)
    negative = isinstance(digits, Negative)
    inner = digits.operand if isinstance(digits, Negative) else digits
    if not isinstance(inner, Number) or not inner.value.is_integer() or abs(inner.value) > _MOST_DIGITS:
        raise UncomputableError("round_digits", most=_MOST_DIGITS)
    places = -int(inner.value) if negative else int(inner.value)
    number = _number(values[0], call.function)
    small = number.abs() * 10.0**places < _WHOLE  # a larger one is whole already, or has no such digits
    scaled = ibis.ifelse(small, number, ibis.null("float64")) * 10.0**places
    half = ibis.ifelse(scaled < 0, (scaled - 0.5).ceil(), (scaled + 0.5).floor()).cast("float64")
    return small.ifelse(half / 10.0**places, number)  # engines round halves each in their own way


def _extreme(call: Call, values: list[Value]) -> Value:
    alike = _alike(values, call.function)
    found = ibis.least(*alike) if call.function == "min" else ibis.greatest(*alike)
    return _unless_missing(alike, found)


def _unless_missing(inputs: Sequence[Value], found: Value) -> Value:
    missing = reduce(lambda left, right: left | right, [value.isnull() for value in inputs])
    return missing.ifelse(ibis.null(found.type()), found)


def _coalesce(call: Call, values: list[Value]) -> Value:
    return ibis.coalesce(*_alike(values, call.function))


def _concat(_: Call, values: list[Value]) -> Value:
    return reduce(lambda left, right: left + right, [as_text(value) for value in values])


def _when(call: Call, values: list[Value]) -> Value:
    test, *choices = values
    if type_of(test) is not ColumnType.BOOLEAN:
        raise UncomputableError("needs_condition", type=type_of(test).value)
    yes, no = _alike(choices, call.function)
    return test.isnull().ifelse(ibis.null(dtype_of(type_of(yes))), test.ifelse(yes, no))


def _is_null(_: Call, values: list[Value]) -> Value:
    return values[0].isnull()


_FUNCTIONS: Mapping[str, Callable[[Call, list[Value]], Value]] = {
    "days_between": _days_between,
    "hours_between": _hours_between,
    "add_days": _add_days,
    "abs": _abs,
    "round": _round,
    "min": _extreme,
    "max": _extreme,
    "coalesce": _coalesce,
    "concat": _concat,
    "when": _when,
    "is_null": _is_null,
    "year": _part_of_day,
    "month": _part_of_day,
}

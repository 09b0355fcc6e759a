"""Formulas as text, written from their tree."""

from __future__ import annotations

from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, Number, Text

_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
_NEGATIVE = 3
_CALL = 5


def written(expression: Expression) -> str:
    """The formula's text, with the fewest brackets; reading it gives the same tree."""
    return _write(expression)[0]


def _write(expression: Expression) -> tuple[str, int]:
    """The text and how tightly its outermost operation binds."""
    match expression:
        case Number(value):
            return _number(value), _CALL
        case Name(name):
            return name, _CALL
        case Text(value):
            return repr(value), _CALL
        case Negative(operand):
            return f"-{_inside(operand, _NEGATIVE)}", _NEGATIVE
        case Binary("**", left, right):
            return f"{_inside(left, _CALL)} ** {_inside(right, _NEGATIVE)}", 4
        case Binary(op, left, right):
            binding = _BINDING.get(op, 0)
            return f"{_inside(left, binding)} {op} {_inside(right, binding + 1)}", binding
        case Call(function, arguments):
            return f"{function}({', '.join(written(argument) for argument in arguments)})", _CALL


def _inside(expression: Expression, least: int) -> str:
    text, binding = _write(expression)
    return text if binding >= least else f"({text})"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)

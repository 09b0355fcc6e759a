"""Formulas as text, written from their tree: with codes to be read back, with names to be read by people."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_core.errors import RefusedError
from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, Number, Text, parse_formula
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Language

_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
_NEGATIVE = 3
_CALL = 5
#: What stands for an operator on paper.
_SIGNS: Mapping[str, str] = {"*": "×", "/": "÷", "-": "−"}
_NO_SIGNS: Mapping[str, str] = {}


def written(expression: Expression) -> str:
    """The formula's text, with the fewest brackets; reading it gives the same tree."""
    return _write(expression)[0]


def formula_in_words(formula: str, workshop: Workshop, language: Language) -> str:
    """The formula with the names that its nodes have in ``language``: ``受注件数 × 平均受注単価``.

    A code without a name, and a formula that cannot be read, stay as they are.
    """
    try:
        expression = parse_formula(formula)
    except RefusedError:
        return formula
    names = {node.code: node.name.in_language(language) or node.code for node in workshop.nodes}
    return _write(_named(expression, names), _SIGNS)[0]


def _named(expression: Expression, names: Mapping[str, str]) -> Expression:
    match expression:
        case Name(name):
            return Name(names.get(name, name))
        case Negative(operand):
            return Negative(_named(operand, names))
        case Binary(op, left, right):
            return Binary(op, _named(left, names), _named(right, names))
        case Call(function, arguments):
            return Call(function, tuple(_named(argument, names) for argument in arguments))
    return expression


def _write(expression: Expression, signs: Mapping[str, str] = _NO_SIGNS) -> tuple[str, int]:
    """The text and how tightly its outermost operation binds; ``signs`` stand for operators."""
    match expression:
        case Number(value):
            return _number(value), _CALL
        case Name(name):
            return name, _CALL
        case Text(value):
            return repr(value), _CALL
        case Negative(operand):
            return f"{signs.get('-', '-')}{_inside(operand, _NEGATIVE, signs)}", _NEGATIVE
        case Binary("**", left, right):
            return f"{_inside(left, _CALL, signs)} ** {_inside(right, _NEGATIVE, signs)}", 4
        case Binary(op, left, right):
            binding = _BINDING.get(op, 0)
            sign = signs.get(op, op)
            return f"{_inside(left, binding, signs)} {sign} {_inside(right, binding + 1, signs)}", binding
        case Call(function, arguments):
            return f"{function}({', '.join(_write(argument, signs)[0] for argument in arguments)})", _CALL


def _inside(expression: Expression, least: int, signs: Mapping[str, str]) -> str:
    text, binding = _write(expression, signs)
    return text if binding >= least else f"({text})"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)

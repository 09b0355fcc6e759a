"""A formula without its names and numbers: formulas of one shape are computed together, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, Number, steps_of

#: A step of the computation in the order a stack machine takes it: (what, how many operands, periods or digits).
Step = tuple[str, int]


@dataclass(frozen=True)
class Shaped:
    """``steps`` is what formulas share; ``names`` and ``numbers`` are its own, one a ``name``/``number`` step."""

    steps: tuple[Step, ...]
    names: tuple[str, ...]
    numbers: tuple[float, ...]


def shaped(expression: Expression) -> Shaped:
    """The shape of a formula with its names (each occurrence counts) and numbers in order."""
    steps: list[Step] = []
    names: list[str] = []
    numbers: list[float] = []
    _take_apart(expression, steps, names, numbers)
    return Shaped(tuple(steps), tuple(names), tuple(numbers))


def _take_apart(expression: Expression, steps: list[Step], names: list[str], numbers: list[float]) -> None:
    match expression:
        case Name(name):
            names.append(name)
            steps.append(("name", 0))
        case Number(value):
            numbers.append(value)
            steps.append(("number", 0))
        case Negative(operand):
            _take_apart(operand, steps, names, numbers)
            steps.append(("negative", 1))
        case Binary(op, left, right):
            _take_apart(left, steps, names, numbers)
            _take_apart(right, steps, names, numbers)
            steps.append((op, 2))
        case Call("sum" | "min" | "max" as function, arguments):
            # from left to right, as a chain of + is
            for position, argument in enumerate(arguments):
                _take_apart(argument, steps, names, numbers)
                if position:
                    steps.append((function, 2))
        case Call(function, arguments):
            _take_apart(arguments[0], steps, names, numbers)
            steps.append((function, steps_of(expression)))
        case _:
            raise TypeError(expression)  # text exists in derived columns only

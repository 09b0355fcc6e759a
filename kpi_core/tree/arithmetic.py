"""Formulas over arrays: one row a formula, one column a period. No value is NaN; no result is ever infinite.

Division by zero, overflow, a root of a negative number and a missing input all give no value, silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kpi_core.tree.shape import Step

Matrix = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Calendar:
    """The columns' fiscal years: (first column, column after the last, whether the year's first period is there)."""

    years: tuple[tuple[int, int, bool], ...]


class Faults:
    """Notices a division by zero or an overflow from the hardware's flags, so that only then NaN is put in."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, kind: str, flag: int) -> None:
        self.seen = True


@dataclass
class Stack:
    """The operands so far; ``own`` marks arrays that may be written over (gathered or computed here)."""

    arrays: list[Matrix] = field(default_factory=list)
    own: list[bool] = field(default_factory=list)

    def push(self, array: Matrix, own: bool) -> None:
        self.arrays.append(array)
        self.own.append(own)

    def pop(self) -> tuple[Matrix, bool]:
        return self.arrays.pop(), self.own.pop()


_BINARY: Mapping[str, np.ufunc] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "sum": np.add,
    "min": np.minimum,
    "max": np.maximum,
}


def compute(
    steps: Sequence[Step],
    matrix: Matrix,
    inputs: Sequence[Rows],
    numbers: Sequence[Matrix],
    calendar: Calendar,
    faults: Faults,
    into: Matrix | None = None,
) -> Matrix:
    """The result of one shape for all its formulas: ``inputs[k]`` are the rows of ``matrix`` for the k-th name.

    Call it within ``np.errstate(call=faults, divide="call", over="call", invalid="ignore")``. ``into`` may take the
    result; what is returned may be narrower than the matrix (one column) when the formula holds numbers only.
    """
    stack = Stack()
    name = number = 0
    last = len(steps) - 1
    for position, (what, count) in enumerate(steps):
        if what == "name":
            stack.push(np.take(matrix, inputs[name], axis=0), True)
            name += 1
        elif what == "number":
            stack.push(numbers[number], False)
            number += 1
        elif what in _BINARY:
            _binary(_BINARY[what], stack, faults, into if position == last else None)
        else:
            array, _ = stack.pop()
            result = _single(what, count, array, matrix.shape[1], calendar)
            stack.push(result, result.shape[1] == matrix.shape[1])
    return stack.arrays[0]


def _binary(operation: np.ufunc, stack: Stack, faults: Faults, into: Matrix | None) -> None:
    right, right_own = stack.pop()
    left, left_own = stack.pop()
    missing = np.isnan(left) | np.isnan(right) if operation is np.power else None
    spare = left if left_own else right if right_own else None
    result = operation(left, right, out=spare if into is None or spare is None else into)
    if missing is not None:
        # numpy holds x ** 0 and 1 ** x for 1 even where x is missing; and its vector code need not set the flags
        result[missing | np.isinf(result)] = np.nan
    elif faults.seen:
        result[np.isinf(result)] = np.nan
    faults.seen = False
    stack.push(result, left_own or right_own)


def _single(what: str, count: int, array: Matrix, width: int, calendar: Calendar) -> Matrix:
    if what == "negative":
        return np.negative(array)
    if what == "abs":
        return np.abs(array)
    if what == "round":
        return round_half_away(array, count)
    full = np.broadcast_to(array, (array.shape[0], width))
    if what == "lag":
        return lag(full, count)
    return rolling(full, count) if what == "rolling" else ytd(full, calendar)


def round_half_away(array: Matrix, digits: int) -> Matrix:
    """四捨五入, as spreadsheets round: 2.5 → 3, -2.5 → -3, and 1.005 to two digits → 1.01.

    One unit in the last place is forgiven, because 1.005 is stored as slightly less.
    """
    factor = 10.0 ** abs(digits)
    size = np.abs(array)
    scaled = size * factor if digits >= 0 else size / factor
    whole = np.floor(scaled + np.spacing(scaled) + 0.5)
    rounded = whole / factor if digits >= 0 else whole * factor
    exact = ~(scaled < 2.0**52)  # no fraction left to round, or no value
    result = np.where(exact, array, np.copysign(rounded, array))
    return np.where(np.isinf(result), np.nan, result)


def lag(array: Matrix, periods: int) -> Matrix:
    """Each column's value from ``periods`` columns before; no value where that lies before the first."""
    moved = np.full(array.shape, np.nan)
    if periods < array.shape[1]:
        moved[:, periods:] = array[:, : array.shape[1] - periods]
    return moved


def ytd(array: Matrix, calendar: Calendar) -> Matrix:
    """The sum since the fiscal year's first period; no value from the first missing period to the year's end."""
    total = np.full(array.shape, np.nan)
    for first, after, complete in calendar.years:
        if complete:
            np.cumsum(array[:, first:after], axis=1, out=total[:, first:after])
    return np.where(np.isinf(total), np.nan, total)


def rolling(array: Matrix, periods: int) -> Matrix:
    """The sum of the latest ``periods`` columns; no value where one of them is missing."""
    total = np.full(array.shape, np.nan)
    if periods <= array.shape[1]:
        windows = np.lib.stride_tricks.sliding_window_view(array, periods, axis=1)
        total[:, periods - 1 :] = windows.sum(axis=-1)
    return np.where(np.isinf(total), np.nan, total)


def guarded(work: Callable[[Faults], None]) -> None:
    """Runs array work with numpy's warnings turned into ``Faults``."""
    faults = Faults()
    with np.errstate(call=faults, divide="call", over="call", invalid="ignore", under="ignore"):
        work(faults)

"""What one number rests on, operation by operation: a node in a period as a graph of scalar steps over its leaves.

Where ``program`` computes all nodes over whole period arrays, a network holds one node's way down to the cells (a leaf
in a period), each step once however many use it. It is evaluated for many states at once (every subset of changed
leaves, every draw of a simulation), backwards (attribution), and only from what changed upwards (what-if).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kpi_core.model.period import Period
from kpi_core.tree.arithmetic import round_half_away

Numbers = NDArray[np.float64]
#: The period on the one side and on the other; ``None`` where that side has no such period (its year is younger).
Slot = tuple[Period | None, Period | None]
Place = tuple[str, Slot]
"""A node in a slot."""


class Operation(NamedTuple):
    """``what``: ``cell``, ``number``, ``total`` (any number of operands), an operator or a function of one.

    ``number`` is a number's value or the digits of ``round``.
    """

    what: str
    operands: tuple[int, ...] = ()
    number: float = 0.0


@dataclass(frozen=True)
class Network:
    """``steps`` come after their operands; ``cells`` and ``nodes`` say which step is which node in which slot."""

    steps: tuple[Operation, ...]
    cells: Mapping[int, Place]
    nodes: Mapping[Place, int]
    top: int

    @property
    def leaves(self) -> tuple[str, ...]:
        """The codes of the cells, each once, in the order of the formula."""
        return tuple(dict.fromkeys(code for _, (code, _) in sorted(self.cells.items())))

    @cached_property
    def own_leaves(self) -> tuple[str, ...]:
        """The leaves that the top rests on: a network may hold other nodes too."""
        seen = {self.top}
        waiting = [self.top]
        for at in waiting:
            fresh = [operand for operand in self.steps[at].operands if operand not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        return tuple(dict.fromkeys(self.cells[at][0] for at in sorted(seen) if at in self.cells))

    @cached_property
    def users(self) -> tuple[tuple[int, ...], ...]:
        """For each step the steps that use it."""
        found: list[list[int]] = [[] for _ in self.steps]
        for at, step in enumerate(self.steps):
            for operand in dict.fromkeys(step.operands):
                found[operand].append(at)
        return tuple(map(tuple, found))

    def run(self, cells: Mapping[int, Numbers]) -> list[Numbers]:
        """Every step's values, for the cells' (arrays of one shape, or of one number)."""
        values: list[Numbers] = []
        with np.errstate(all="ignore"):
            for at, step in enumerate(self.steps):
                values.append(cells[at] if step.what == "cell" else operate(step, [values[k] for k in step.operands]))
        return values

    def run_changed(self, values: Sequence[Numbers], changed: Mapping[int, Numbers]) -> dict[int, Numbers]:
        """The values of the steps that rest on ``changed`` ones (those included); all others stay as in ``values``."""
        fresh = dict(changed)
        with np.errstate(all="ignore"):
            for at in self.above(changed):
                step = self.steps[at]
                fresh[at] = operate(step, [fresh[k] if k in fresh else values[k] for k in step.operands])
        return fresh

    def above(self, changed: Iterable[int]) -> list[int]:
        """The steps that rest on ``changed`` ones, operands first."""
        seen = set(changed)
        waiting = list(seen)
        for at in waiting:
            fresh = [user for user in self.users[at] if user not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        return sorted(seen.difference(changed))


def operate(step: Operation, operands: Sequence[Numbers]) -> Numbers:
    """One step's values; NaN = no value, and nothing is ever infinite. Call it where numpy's warnings are off."""
    what = step.what
    result: Numbers
    if what == "number":
        return np.array([step.number])
    first = operands[0] if operands else np.array([0.0])
    if what == "total":
        result = first
        for operand in operands[1:]:
            result = result + operand
    elif what == "+":
        result = first + operands[1]
    elif what == "-":
        result = first - operands[1]
    elif what == "*":
        result = first * operands[1]
    elif what == "/":
        result = first / operands[1]
    elif what == "**":
        # numpy holds x ** 0 and 1 ** x for 1 even where x is missing
        result = np.where(np.isnan(first) | np.isnan(operands[1]), np.nan, np.power(first, operands[1]))
    elif what in ("min", "max"):
        result = (np.minimum if what == "min" else np.maximum)(first, operands[1])
    elif what == "negative":
        result = np.negative(first)
    elif what == "abs":
        result = np.abs(first)
    elif what == "round":
        return round_half_away(first, int(step.number))
    else:
        raise ValueError(what)
    if np.isinf(result).any():
        result = np.where(np.isinf(result), np.nan, result)
    return result

"""Formulas of typed inputs that were not all entered as far: a coarser period is of the finer ones that all cover.

Won deals typed for three months over leads typed for two are no rate of the quarter: both are taken from the two
months. Only typed values can be late; rows that a month lacks are none, so a measured input never shortens the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from kpi_core.model.expression import TIME_FUNCTIONS, Expression, calls_in, names_in
from kpi_core.tree.arithmetic import Calendar, Matrix
from kpi_core.tree.plan import Flags, Plan
from kpi_core.tree.program import program_of
from kpi_core.tree.roll_up import Spans
from kpi_core.vocabulary import RollUp


class Meeting(NamedTuple):
    """A formula in which several inputs that add up over time meet, some of them typed."""

    code: str
    expression: Expression
    adding: tuple[str, ...]
    typed: tuple[str, ...]
    leaves: tuple[str, ...]


@lru_cache(maxsize=64)
def meetings(plan: Plan) -> tuple[Meeting, ...]:
    """The formulas whose coarser values can be of inputs entered for different finer periods."""
    leaves: dict[str, tuple[str, ...]] = {}
    found: list[Meeting] = []
    for code, expression in plan.expressions.items():
        if code in plan.measured:
            continue
        names = names_in(expression)
        leaves[code] = tuple(dict.fromkeys(leaf for name in names for leaf in leaves.get(name, (name,))))
        adding = tuple(name for name in names if name in plan.months_add_up)
        typed = tuple(name for name in adding if plan.measured.isdisjoint(leaves.get(name, (name,))))
        timed = any(call.function in TIME_FUNCTIONS for call in calls_in(expression))
        if len(adding) > 1 and typed and not timed and plan.rules[code].roll_up is RollUp.FORMULA:
            found.append(Meeting(code, expression, adding, typed, leaves[code]))
    return tuple(found)


def aligned(
    plan: Plan, base: Matrix, values: Matrix, entered: Flags, calendar: Calendar, spans: Spans
) -> list[tuple[int, int, float]]:
    """(row, coarser column, value) of each formula whose inputs cover different finer periods.

    ``base`` are the finer values, ``values`` the coarser ones as they follow from each input alone. ``entered``: what
    was typed for a coarser period itself; nothing is made of finer ones there. NaN where no finer period is common.
    """
    rows = plan.actual.rows
    known = np.isfinite(base)
    found: list[tuple[int, int, float]] = []
    for one in _uneven(plan, known, spans):
        adding, typed = ([rows[name] for name in names] for names in (one.adding, one.typed))
        leaves = [rows[leaf] for leaf in one.leaves if leaf in rows]
        for column, (start, end) in enumerate(zip(spans.first, spans.after, strict=True)):
            common = known[typed, start:end].all(axis=0)
            late = (known[adding, start:end].any(axis=0) & ~common).any()
            if not late or entered[leaves, column].any() or np.isnan(values[rows[one.code], column]):
                continue
            sums = {name: float(np.nansum(base[rows[name], start:end][common])) for name in one.adding}
            value = _value(one.expression, sums, rows, values[:, column], calendar) if common.any() else np.nan
            found.append((rows[one.code], column, value))
    return found


def _uneven(plan: Plan, known: Flags, spans: Spans) -> list[Meeting]:
    """Those whose inputs are not all known in the same finer periods; told by a sum of odd numbers, one a period."""
    met = meetings(plan)
    if not met:
        return []
    marks: Matrix = np.random.default_rng(0).random((known.shape[1],))
    offset, end = int(spans.first[0]), int(spans.after[-1])
    prints: Matrix = np.add.reduceat(known[:, offset:end] * marks[offset:end], spans.first - offset, axis=1)
    flat = np.array([plan.actual.rows[name] for one in met for name in one.adding], dtype=np.intp)
    starts = np.cumsum([0, *(len(one.adding) for one in met[:-1])])
    most, least = (reduce.reduceat(prints[flat], starts, axis=0) for reduce in (np.maximum, np.minimum))
    uneven = np.any(most != least, axis=1)
    return [one for one, differs in zip(met, uneven, strict=True) if differs]


def _value(
    expression: Expression, sums: Mapping[str, float], rows: Mapping[str, int], others: Matrix, calendar: Calendar
) -> float:
    names = names_in(expression)
    program = program_of({"#": expression}, {name: at for at, name in enumerate((*names, "#"))})
    matrix = np.full((program.height, 1), np.nan)
    for at, name in enumerate(names):
        matrix[at] = sums[name] if name in sums else others[rows[name]] if name in rows else np.nan
    program.run(matrix, calendar)
    return float(matrix[len(names), 0])

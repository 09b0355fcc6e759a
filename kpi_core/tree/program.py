"""Many formulas compiled into few array operations: those of the same depth and shape are computed at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_core.model.expression import Expression, names_in
from kpi_core.tree.arithmetic import Calendar, Faults, Matrix, Rows, compute, guarded, lag
from kpi_core.tree.cycles import levels
from kpi_core.tree.shape import Step, shaped


@dataclass(frozen=True)
class Group:
    """Formulas of one shape: ``inputs[k]`` are the rows of the k-th name, ``numbers[k]`` the k-th number, a column."""

    steps: tuple[Step, ...]
    inputs: tuple[Rows, ...]
    numbers: tuple[Matrix, ...]
    out: Rows
    block: slice | None
    """``out`` where the rows lie side by side."""


@dataclass(frozen=True)
class Program:
    """``rows`` says which row of a matrix belongs to which name; the row ``missing`` stays empty."""

    rows: Mapping[str, int]
    groups: tuple[Group, ...]

    @property
    def height(self) -> int:
        return len(self.rows) + 1

    @property
    def missing(self) -> int:
        return len(self.rows)

    def run(self, matrix: Matrix, calendar: Calendar, *, filled: NDArray[np.bool_] | None = None) -> None:
        """Fills the formulas' rows of ``matrix`` in place, where they hold no value yet.

        ``filled`` marks the rows that may hold values before (all the others are overwritten unseen).
        """
        before = np.zeros(self.height, dtype=np.bool_) if filled is None else filled

        def work(faults: Faults) -> None:
            for group in self.groups:
                held = bool(before[group.out].any())
                into = matrix[group.block] if group.block is not None and not held else None
                result = compute(group.steps, matrix, group.inputs, group.numbers, calendar, faults, into)
                if held:
                    kept = matrix[group.out]
                    matrix[group.out] = np.where(np.isnan(kept), result, kept)
                elif result is not into:
                    matrix[group.out] = result

        guarded(work)

    def spread_coverage(self, coverage: Matrix, held: NDArray[np.bool_]) -> None:
        """Gives each formula the least coverage of its inputs, where ``held`` does not say that it has its own."""
        for group in self.groups:
            name = 0
            found: list[Matrix] = []
            for what, count in group.steps:
                if what == "name":
                    found.append(coverage[group.inputs[name]])
                    name += 1
                elif what == "lag" and found:
                    found[-1] = np.nan_to_num(lag(found[-1], count))
            least = np.minimum.reduce(found) if found else np.ones((len(group.out), coverage.shape[1]))
            coverage[group.out] = np.where(held[group.out], coverage[group.out], least)


def program_of(
    expressions: Mapping[str, Expression], rows: Mapping[str, int] | None = None, others: Sequence[str] = ()
) -> Program:
    """The program for ``expressions`` (name → formula), with the ``others`` as given rows.

    Rows are laid out so that a group's results lie side by side, unless ``rows`` prescribes them. Formulas in a circle
    are left out (their rows stay as given); names that have no row read the empty one.
    """
    parts = {name: shaped(expression) for name, expression in expressions.items()}
    level = levels({name: names_in(expression) for name, expression in expressions.items()})
    alike: dict[tuple[int, tuple[Step, ...]], list[str]] = {}
    for name, depth in level.items():
        alike.setdefault((depth, parts[name].steps), []).append(name)
    batches = sorted(alike.items(), key=lambda item: item[0][0])
    if rows is None:
        computed = [name for _, names in batches for name in names]
        given = [name for name in (*others, *expressions) if name not in level]
        rows = {name: row for row, name in enumerate(dict.fromkeys([*given, *computed]))}
    missing = len(rows)
    groups = []
    for (_, steps), names in batches:
        out = np.array([rows[name] for name in names], dtype=np.intp)
        inputs = [[rows.get(used, missing) for used in parts[name].names] for name in names]
        numbers = [parts[name].numbers for name in names]
        groups.append(
            Group(
                steps,
                tuple(np.array(column, dtype=np.intp) for column in zip(*inputs, strict=True)),
                tuple(np.array(column, dtype=np.float64)[:, None] for column in zip(*numbers, strict=True)),
                out,
                slice(int(out[0]), int(out[-1]) + 1) if bool((np.diff(out) == 1).all()) else None,
            )
        )
    return Program(rows, tuple(groups))

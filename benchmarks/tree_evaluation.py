"""Tree evaluation: the core of ``evaluate`` against the same arithmetic by hand in numpy, batched by level.

Both start from the leaves' values as an array and end with every node's; reading dictionaries is outside both, and
measured apart: ``python -m benchmarks.tree_evaluation`` prints it to standard error.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kpi_core.model.period import parse_period, periods_between
from kpi_core.model.workshop import Workshop
from kpi_core.tree.arithmetic import Calendar
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.plan import plan_of, structure_of

PERIODS = 36
SIZES = (1_000, 10_000)
ROUNDS = 15
REACH = 3
Matrix = NDArray[np.float64]

#: The shapes of formulas, taken in turn: {0} {1} are a node's children.
SHAPES = ("{0} * {1}", "{0} + {1}", "{0} / {1}", "{0} - {1} * 0.5")


def binary_tree(size: int) -> tuple[list[int], list[str]]:
    """Node i has children 2i+1 and 2i+2; (nodes that have both, every node's formula or "")."""
    parents = [node for node in range(size) if 2 * node + 2 < size]
    formulas = [""] * size
    for node in parents:
        formulas[node] = SHAPES[node % len(SHAPES)].format(f"n{2 * node + 1}", f"n{2 * node + 2}")
    return parents, formulas


def workshop_of(formulas: list[str]) -> Workshop:
    nodes = [
        {"code": f"n{node}", "kind": "kgi" if node == 0 else "kpi", **({"formula": formula} if formula else {})}
        for node, formula in enumerate(formulas)
    ]
    return Workshop.model_validate({"format": "kpi-workshop/1", "workshop": {"name": "benchmark"}, "nodes": nodes})


def by_hand(size: int) -> Callable[[Matrix], None]:
    """What one would write for exactly this tree: level by level, shape by shape, with fancy indices prepared."""
    parents = np.array(binary_tree(size)[0])
    depth = np.floor(np.log2(parents + 1)).astype(int)
    batches = []
    for level in range(depth.max(), -1, -1):
        for shape in range(len(SHAPES)):
            out = parents[(depth == level) & (parents % len(SHAPES) == shape)]
            if len(out):
                batches.append((shape, out, 2 * out + 1, 2 * out + 2))

    def run(values: Matrix) -> None:
        with np.errstate(all="ignore"):
            for shape, out, first, second in batches:
                a, b = values[first], values[second]
                if shape == 0:
                    result = a * b
                elif shape == 1:
                    result = a + b
                elif shape == 2:
                    result = a / b
                    result[np.isinf(result)] = np.nan
                else:
                    result = a - b * 0.5
                values[out] = result

    return run


def ratio(size: int, rounds: int = ROUNDS) -> float:
    """Seconds of ours over seconds by hand, the median over alternating rounds; the results are compared first."""
    parents, formulas = binary_tree(size)
    plan = plan_of(structure_of(workshop_of(formulas)))
    leaves = np.random.default_rng(2).uniform(0.5, 2.0, (size, PERIODS))
    leaves[parents] = np.nan
    rows = np.array([plan.actual.rows[f"n{node}"] for node in range(size)])
    calendar = Calendar(((0, PERIODS, True),))
    start = np.full((plan.actual.height, PERIODS), np.nan)
    start[rows] = leaves
    hand = by_hand(size)
    ours, theirs = start.copy(), leaves.copy()
    plan.actual.run(ours, calendar)
    hand(theirs)
    np.testing.assert_allclose(ours[rows], theirs, rtol=1e-12)
    ratios = []
    for _ in range(rounds):
        ours, theirs = start.copy(), leaves.copy()
        ratios.append(_seconds(lambda: plan.actual.run(ours, calendar)) / _seconds(lambda: hand(theirs)))  # noqa: B023
    return statistics.median(ratios)


def whole_call(size: int) -> float:
    """Milliseconds of ``evaluate`` with a plan at hand, dictionaries in and out (for information)."""
    _, formulas = binary_tree(size)
    workshop = workshop_of(formulas)
    periods = periods_between(parse_period("2024-04"), parse_period("2027-03"))
    values = {
        f"n{node}": {period.key: 1.0 + node % 7 for period in periods}
        for node, formula in enumerate(formulas)
        if not formula
    }
    evaluate(workshop, values, periods)
    return statistics.median(_seconds(lambda: evaluate(workshop, values, periods)) for _ in range(5)) * 1000


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of this process alone: on a shared machine the clock on the wall also counts the neighbours."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main() -> list[dict[str, object]]:
    """One row a size, as ``benchmarks`` collects them."""
    return [
        {"row": f"tree evaluation, {size:,} nodes", "ratio": round(ratio(size), 3), "reach": REACH} for size in SIZES
    ]


if __name__ == "__main__":
    for row in main():
        print(json.dumps(row))
    for size in SIZES:
        print(f"evaluate() of {size:,} nodes x {PERIODS} months: {whole_call(size):.1f} ms", file=sys.stderr)

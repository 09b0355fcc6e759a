"""The arithmetic of why and what-if: exact Shapley against LMDI, one changed driver against a whole tree."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.tree_evaluation import PERIODS, binary_tree, workshop_of
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.tree.arithmetic import Calendar
from kpi_core.tree.attribution import contributions
from kpi_core.tree.matching import match
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.tree.unrolling import unroll
from kpi_core.vocabulary import AttributionMethod

LEAVES = 12
NODES = 10_000
ROUNDS = 15
SHAPLEY_REACH = 100
CHANGED_REACH = 0.02


def shapley_over_lmdi(rounds: int = ROUNDS) -> float:
    """Seconds of exact Shapley over those of LMDI, of one change of a sum of products with twelve leaves."""
    leaves = [f"x{at}" for at in range(LEAVES)]
    formula = " + ".join(" * ".join(leaves[at : at + 3]) for at in range(0, LEAVES, 3))
    nodes = [{"code": "f", "kind": "kgi", "formula": formula}, *({"code": leaf, "kind": "kpi"} for leaf in leaves)]
    workshop = Workshop.model_validate({"workshop": {"name": "benchmark"}, "nodes": nodes})
    random = np.random.default_rng(2)
    values = {leaf: dict(zip(("2026-04", "2026-05"), random.uniform(1, 9, 2).tolist(), strict=True)) for leaf in leaves}
    found = match(workshop, values, "f", (parse_period("2026-04"), parse_period("2026-05")))
    ratios = []
    for _ in range(rounds):
        exact = _seconds(lambda: contributions(found, AttributionMethod.SHAPLEY))
        ratios.append(exact / _seconds(lambda: contributions(found, AttributionMethod.LMDI)))
    return statistics.median(ratios)


def changed_over_full(rounds: int = ROUNDS) -> float:
    """Seconds to recompute what one changed leaf reaches over those of the whole tree, both of 36 periods."""
    parents, formulas = binary_tree(NODES)
    plan = plan_of(structure_of(workshop_of(formulas)))
    leaves = np.random.default_rng(2).uniform(0.5, 2.0, (NODES, PERIODS))
    leaves[parents] = np.nan
    rows = np.array([plan.actual.rows[f"n{node}"] for node in range(NODES)])
    calendar = Calendar(((0, PERIODS, True),))
    start = np.full((plan.actual.height, PERIODS), np.nan)
    start[rows] = leaves
    period = parse_period("2026-04")
    network = unroll(plan, "n0", (period, period))
    series = {at: leaves[int(code[1:])] for at, (code, _) in network.cells.items()}
    values = network.run(series)
    deepest = 2 * parents[-1] + 2
    driver = f"n{deepest}"
    at = network.nodes[driver, (period, period)]
    new = leaves[deepest] * 1.1
    changed = start.copy()
    changed[plan.actual.rows[driver]] = new
    plan.actual.run(changed, calendar)
    fresh = network.run_changed(values, {at: new})
    np.testing.assert_allclose(fresh[network.top], changed[plan.actual.rows["n0"]], rtol=1e-12)
    ratios = []
    for _ in range(rounds):
        full = start.copy()
        whole = _seconds(lambda: plan.actual.run(full, calendar))  # noqa: B023
        ratios.append(_seconds(lambda: network.run_changed(values, {at: new})) / whole)
    return statistics.median(ratios)


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of this process alone, the best of five, which a busy machine does not stretch."""
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best


def main() -> list[dict[str, object]]:
    return [
        {"row": f"Shapley, {LEAVES} leaves, over LMDI", "ratio": round(shapley_over_lmdi(), 1), "reach": SHAPLEY_REACH},
        {
            "row": f"one driver changed in {NODES:,} nodes, over all",
            "ratio": round(changed_over_full(), 4),
            "reach": CHANGED_REACH,
        },
    ]


if __name__ == "__main__":
    for row in main():
        print(json.dumps(row))

"""The arithmetic of why and what-if: exact Shapley against LMDI, one changed driver against a whole tree."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.tree_evaluation import PERIODS, Matrix, binary_tree, workshop_of
from kpi_core.model.period import parse_period, periods_between
from kpi_core.model.workshop import Workshop
from kpi_core.tree.arithmetic import Calendar
from kpi_core.tree.attribution import contributions
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.matching import match
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.tree.unrolling import unroll
from kpi_core.vocabulary import AttributionMethod

LEAVES = 12
NODES = 10_000
ROUNDS = 7
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


def changed_over_full(rounds: int = ROUNDS) -> tuple[float, float]:
    """Seconds to recompute what one changed leaf reaches (36 periods), over those of ``evaluate`` of the whole tree.

    The second figure is the same over the compiled arrays alone, without reading and giving dictionaries.
    """
    parents, formulas = binary_tree(NODES)
    workshop = workshop_of(formulas)
    periods = periods_between(parse_period("2024-04"), parse_period("2027-03"))
    numbers = np.random.default_rng(2).uniform(0.5, 2.0, (NODES, PERIODS))
    keys = [period.key for period in periods]
    values = {
        f"n{node}": dict(zip(keys, numbers[node].tolist(), strict=True)) for node in range(NODES) if not formulas[node]
    }
    slot = (periods[0], periods[0])
    network = unroll(plan_of(structure_of(workshop)), "n0", slot)
    before = network.run({at: numbers[int(code[1:])] for at, (code, _) in network.cells.items()})
    deepest = 2 * parents[-1] + 2
    at, new = network.nodes[f"n{deepest}", slot], numbers[deepest] * 1.1
    changed = {**values, f"n{deepest}": dict(zip(keys, new.tolist(), strict=True))}
    expected = evaluate(workshop, changed, periods).actual["n0"]
    np.testing.assert_allclose(network.run_changed(before, {at: new})[network.top], expected, rtol=1e-12)
    arrays, calendar = _arrays(workshop, numbers, parents)
    plan = plan_of(structure_of(workshop))
    ratios, alone = [], []
    for _ in range(rounds):
        one = _seconds(lambda: network.run_changed(before, {at: new}))
        ratios.append(one / _seconds(lambda: evaluate(workshop, values, periods)))
        alone.append(one / _seconds(lambda: plan.actual.run(arrays, calendar)))
    return statistics.median(ratios), statistics.median(alone)


def _arrays(workshop: Workshop, numbers: Matrix, parents: list[int]) -> tuple[Matrix, Calendar]:
    program = plan_of(structure_of(workshop)).actual
    arrays = np.full((program.height, PERIODS), np.nan)
    inner = set(parents)
    leaves = [node for node in range(NODES) if node not in inner]
    arrays[[program.rows[f"n{node}"] for node in leaves]] = numbers[leaves]
    return arrays, Calendar(((0, PERIODS, True),))


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of this process alone, the best of three, which a busy machine does not stretch."""
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best


def main() -> list[dict[str, object]]:
    changed, alone = changed_over_full()
    return [
        {"row": f"Shapley, {LEAVES} leaves, over LMDI", "ratio": round(shapley_over_lmdi(), 1), "reach": SHAPLEY_REACH},
        {
            "row": f"one driver changed in {NODES:,} nodes, over evaluating all",
            "ratio": round(changed, 5),
            "reach": CHANGED_REACH,
            "over the arrays alone": round(alone, 3),
        },
    ]


if __name__ == "__main__":
    for row in main():
        print(json.dumps(row))

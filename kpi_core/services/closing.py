"""Closure of the workshop's nodes: where a formula and a measure (or typed values) both say what a node is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kpi_core.insight.closure import Closure, closure
from kpi_core.insight.landing import bare_workshop
from kpi_core.model.expression import names_in, parse_formula
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.actuals import Actuals, actuals
from kpi_core.services.remembered import Remembered
from kpi_core.services.snapshots import Snapshot
from kpi_core.store.state import State
from kpi_core.tree.evaluation import evaluate
from kpi_core.vocabulary import ClosureVerdict

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class NodeClosure:
    """A node whose formula and own values are both there, over ``periods``, the ended ones, oldest first.

    The measured value stays the node's actual everywhere else; its formula serves targets, and this comparison.
    """

    node: str
    periods: tuple[Period, ...]
    found: Closure


_kept: Remembered[tuple[NodeClosure, ...]] = Remembered(16)


def closures(state: State, workshop_id: str, *, today: date) -> tuple[NodeClosure, ...]:
    """Every node with a formula and own values, in the workshop's order."""
    return _kept.answer(state, workshop_id, (today,), lambda found: _closures(state, found, today))


def _closures(state: State, found: Snapshot, today: date) -> tuple[NodeClosure, ...]:
    workshop = found.workshop
    both = {node.code: node for node in workshop.nodes if node.formula and (node.measure or node.manual)}
    if not both:
        return ()
    known = actuals(state, found.id, today=today)
    made: dict[str, Closure] = {}
    for node in _inner_first(both):
        gaps = [code for code, one in made.items() if one.verdict not in _FITS]
        made[node.code] = _closure(workshop, node, known, gaps)
    return tuple(NodeClosure(code, known.periods, made[code]) for code in both)


_FITS = (ClosureVerdict.CLOSES, ClosureVerdict.NOT_ENOUGH_DATA)


def _inner_first(nodes: Mapping[str, Node]) -> list[Node]:
    """The nodes, each after those of them that its own formula names."""
    placed: dict[str, Node] = {}

    def place(node: Node, above: frozenset[str]) -> None:
        for name in names_in(parse_formula(node.formula or "0")):
            if name in nodes and name not in above:
                place(nodes[name], above | {name})
        placed.setdefault(node.code, node)

    for node in nodes.values():
        place(node, frozenset({node.code}))
    return list(placed.values())


def _closure(workshop: Workshop, node: Node, known: Actuals, own_gaps: list[str]) -> Closure:
    names = [name for name in names_in(parse_formula(node.formula or "0")) if name in known.series]
    alone = bare_workshop(workshop, dict.fromkeys(names))
    bare = node.model_copy(update={"measure": None, "manual": (), "roll_up": None})
    alone = alone.model_copy(update={"nodes": tuple(bare if one.code == node.code else one for one in alone.nodes)})
    keys = [period.key for period in known.periods]

    def compute(children: Mapping[str, Numbers]) -> Numbers:
        values = {
            code: {key: float(value) for key, value in zip(keys, numbers, strict=True) if np.isfinite(value)}
            for code, numbers in children.items()
        }
        return evaluate(alone, values, known.periods, nodes=[node.code]).actual[node.code]

    return closure(known.series[node.code], {name: known.series[name] for name in names}, compute, own_gaps)

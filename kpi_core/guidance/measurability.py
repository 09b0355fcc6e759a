"""Whether a node's number comes from somewhere: rows, a formula over such nodes, or a named person."""

from __future__ import annotations

from kpi_core.model.expression import names_in, parse_formula
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop


def is_measurable(workshop: Workshop, node: Node) -> bool:
    """A measure, manual entry with a named updater, or a formula over measurable nodes only."""
    return _reachable(workshop, node, frozenset())


def _reachable(workshop: Workshop, node: Node, seen: frozenset[str]) -> bool:
    if node.code in seen:
        return False
    if node.measure is not None or node.updater.strip():
        return True
    if node.formula is None:
        return False
    inputs = [workshop.node(name) for name in names_in(parse_formula(node.formula))]
    return bool(inputs) and all(
        found is not None and _reachable(workshop, found, seen | {node.code}) for found in inputs
    )

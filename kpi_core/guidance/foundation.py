"""Which datasets a node rests on: by its own measure, by its formula, or through what drives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_core.guidance.data_items import typed_in
from kpi_core.model.measure import columns_of
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import edges, formula_leaves
from kpi_core.vocabulary import NodeStatus, Through


@dataclass(frozen=True)
class Rest:
    """A dataset a node rests on, and ``via`` which node's measure it comes in (the node itself by ``MEASURE``)."""

    dataset: str
    through: Through
    via: str


def foundations(workshop: Workshop) -> Mapping[str, tuple[Rest, ...]]:
    """Node → the datasets it rests on, those of its number first; each dataset once, by the nearest way.

    A measure stands for its datasets and those whose columns it looks up. A node with a measure rests on nothing else
    by number; one with a formula on what the formula's leaves measure. Everything else that serves a node, over any
    number of edges, drives it.
    """
    live = {node.code: node for node in workshop.nodes if node.status is not NodeStatus.RETIRED}
    numbers = {code: _by_number(workshop, live, code) for code in live}
    below: dict[str, list[str]] = {}
    for edge in edges(workshop):
        below.setdefault(edge.target, []).append(edge.source)
    found: dict[str, tuple[Rest, ...]] = {}
    for code in live:
        rests = {rest.dataset: rest for rest in numbers[code]}
        for source in _serving(below, code):
            for rest in numbers.get(source, ()):
                rests.setdefault(rest.dataset, Rest(rest.dataset, Through.DRIVER, rest.via))
        found[code] = tuple(rests.values())
    return found


def measured_from(workshop: Workshop, node: Node) -> tuple[str, ...]:
    """The datasets a node's measure reads, and those that the looked-up columns it uses come from."""
    if node.measure is None:
        return ()
    found = dict.fromkeys(part.dataset for part in node.measure.parts)
    for code, column in columns_of(node.measure):
        dataset = workshop.dataset(code)
        if dataset is not None:
            found.update(dict.fromkeys(origin for origin, _ in typed_in(dataset, column)))
    return tuple(found)


def _by_number(workshop: Workshop, nodes: Mapping[str, Node], code: str) -> tuple[Rest, ...]:
    node = nodes[code]
    if node.measure is not None:
        return tuple(Rest(dataset, Through.MEASURE, code) for dataset in measured_from(workshop, node))
    if node.formula is None:
        return ()
    leaves = [nodes[leaf] for leaf in formula_leaves(workshop, code) if leaf in nodes]
    rests = {dataset: leaf.code for leaf in reversed(leaves) for dataset in measured_from(workshop, leaf)}
    return tuple(Rest(dataset, Through.FORMULA, via) for dataset, via in rests.items())


def _serving(below: Mapping[str, list[str]], code: str) -> tuple[str, ...]:
    """What serves a node over any number of edges, the nearest first."""
    seen = {code}
    found = list(below.get(code, ()))
    order: list[str] = []
    for source in found:
        if source not in seen:
            seen.add(source)
            order.append(source)
            found += below.get(source, ())
    return tuple(order)

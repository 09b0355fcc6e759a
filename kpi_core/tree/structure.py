"""The tree's shape: who hangs below whom, whose formula uses whom, and what each edge means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kpi_core.model.expression import names_in, parse_formula
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.cycles import cycles
from kpi_core.vocabulary import NodeKind, Relation, Sign


@dataclass(frozen=True)
class Edge:
    """From a child (``source``) to what it serves (``target``); ``stated`` when a person said the relation.

    ``relation`` is ``None`` while nobody stated it and no formula says it; ``lag`` is in periods of the grain.
    """

    source: str
    target: str
    relation: Relation | None
    sign: Sign | None
    lag: int | None
    stated: bool


def children(workshop: Workshop, code: str) -> tuple[Node, ...]:
    """The nodes directly below ``code``, in the workshop's order."""
    return tuple(node for node in workshop.nodes if node.parent == code)


def descendants(workshop: Workshop, code: str) -> tuple[Node, ...]:
    """Every node below ``code``, in outline order, ``code`` itself not included."""
    return tuple(node for node in _outline(_below(workshop), [code]) if node.code != code)


def ancestors(workshop: Workshop, code: str) -> tuple[Node, ...]:
    """The nodes above ``code``, the parent first, the root last."""
    nodes = {node.code: node for node in workshop.nodes}
    found: dict[str, Node] = {}
    current = nodes.get(code)
    while current is not None and current.parent in nodes and current.parent not in found and current.parent != code:
        current = nodes[current.parent]
        found[current.code] = current
    return tuple(found.values())


def depth(workshop: Workshop, code: str) -> int:
    """How many nodes stand above ``code`` (0 for a root)."""
    return len(ancestors(workshop, code))


def order(workshop: Workshop) -> tuple[Node, ...]:
    """Every node once, in outline order: a parent before its children, orphans (no or an unknown parent) last."""
    codes = {node.code for node in workshop.nodes}
    below = _below(workshop)
    roots = [node for node in workshop.nodes if node.parent not in codes]
    first = [node.code for node in roots if node.kind is NodeKind.KGI]
    rest = [node.code for node in roots if node.kind is not NodeKind.KGI]
    nodes = {node.code: node for node in workshop.nodes}
    placed = {node.code: node for node in _outline(below, [*first, *rest], nodes)}
    # what is left hangs below itself; it is shown rather than lost
    return (*placed.values(), *(node for node in workshop.nodes if node.code not in placed))


def _below(workshop: Workshop) -> dict[str, list[Node]]:
    below: dict[str, list[Node]] = {}
    for node in workshop.nodes:
        if node.parent is not None:
            below.setdefault(node.parent, []).append(node)
    return below


def _outline(
    below: Mapping[str, list[Node]], roots: Iterable[str], nodes: Mapping[str, Node] | None = None
) -> list[Node]:
    seen: set[str] = set()
    found: list[Node] = []
    waiting = [(code, nodes[code] if nodes else None) for code in reversed(list(roots))]
    while waiting:
        code, node = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        if node is not None:
            found.append(node)
        waiting.extend((child.code, child) for child in reversed(below.get(code, [])))
    return found


def formula_names(workshop: Workshop) -> dict[str, tuple[str, ...]]:
    """Node code → the names its formula uses (empty without a formula), in the workshop's order."""
    return {node.code: names_in(parse_formula(node.formula)) if node.formula else () for node in workshop.nodes}


def formula_cycles(workshop: Workshop) -> tuple[tuple[str, ...], ...]:
    """Every circle of formulas as a closed path: ``("a", "b", "a")`` where a uses b and b uses a."""
    return cycles(formula_names(workshop))


def unknown_names(workshop: Workshop) -> tuple[tuple[str, str], ...]:
    """(node, name) for every name in a formula that is no node's code."""
    used = formula_names(workshop)
    return tuple((code, name) for code, names in used.items() for name in names if name not in used)


def dependants(workshop: Workshop, code: str) -> tuple[str, ...]:
    """The nodes whose formulas rest on ``code``, directly or through other formulas, the nearest first."""
    users: dict[str, list[str]] = {}
    for node, names in formula_names(workshop).items():
        for name in names:
            users.setdefault(name, []).append(node)
    found: dict[str, None] = {}
    waiting = [code]
    for current in waiting:
        for user in users.get(current, ()):
            if user not in found and user != code:
                found[user] = None
                waiting.append(user)
    return tuple(found)


def formula_leaves(workshop: Workshop, code: str) -> tuple[str, ...]:
    """The names ``code`` finally rests on: those without a formula, or with a measure (``code`` itself if it is one).

    A measure ends the descent because its value is the actual one, whatever its formula says.
    """
    nodes = {node.code: node for node in workshop.nodes}
    found: dict[str, None] = {}
    seen = {code}
    waiting = [code]
    while waiting:
        current = waiting.pop()
        node = nodes.get(current)
        if node is None or node.formula is None or node.measure is not None:
            found[current] = None
            continue
        fresh = [name for name in names_in(parse_formula(node.formula)) if name not in seen]
        seen.update(fresh)
        waiting.extend(reversed(fresh))
    return tuple(found)


def measured_leaves(workshop: Workshop, code: str) -> tuple[str, ...]:
    """Those of ``formula_leaves`` that have a measure or manual values."""
    nodes = {node.code: node for node in workshop.nodes}
    leaves = (nodes[leaf] for leaf in formula_leaves(workshop, code) if leaf in nodes)
    return tuple(leaf.code for leaf in leaves if leaf.measure is not None or leaf.manual)


def edges(workshop: Workshop) -> tuple[Edge, ...]:
    """The parent edges in outline order, then the links.

    A parent edge is a component where it was stated, or where the formula of a node above uses the child (for a KSF:
    any node below the KSF). A driver is a hypothesis and only ever stated.
    """
    outline = order(workshop)
    parents = {node.code: node.parent for node in outline}
    used = formula_names(workshop)
    # a KSF has no value of its own: arithmetic runs through it when a formula above uses a node below
    carrying: set[str] = set()
    for user, names in used.items():
        for name in names:
            carrying |= _climb(name, user, parents)
    ksf = {node.code for node in outline if node.kind is NodeKind.KSF}
    direct = {name for user, names in used.items() for name in names if _climb(name, user, parents)}
    found = [
        _parent_edge(node, node.parent, node.code in direct or (node.code in ksf and node.code in carrying))
        for node in outline
        if node.parent is not None and node.parent in parents
    ]
    found += [Edge(link.source, link.target, link.relation, link.sign, link.lag, True) for link in workshop.links]
    return tuple(found)


def _climb(code: str, top: str, parents: Mapping[str, str | None]) -> set[str]:
    """The nodes on the way from ``code`` up to just below ``top``; nothing when ``top`` is not above."""
    passed: set[str] = set()
    current: str | None = code
    while current is not None and current in parents and current not in passed:
        if current == top:
            return passed
        passed.add(current)
        current = parents[current]
    return set()


def _parent_edge(node: Node, parent: str, arithmetic: bool) -> Edge:
    if node.relation is not None:
        return Edge(node.code, parent, node.relation, node.sign, node.lag, True)
    return Edge(node.code, parent, Relation.COMPONENT if arithmetic else None, node.sign, node.lag, False)

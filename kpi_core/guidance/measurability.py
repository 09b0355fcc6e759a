"""Whether a node's number comes from somewhere: rows, a formula over such nodes, or a named person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from kpi_core.guidance.scope import in_force
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import formula_names
from kpi_core.vocabulary import NodeKind


def measurable(workshop: Workshop) -> frozenset[str]:
    """The nodes with a measure, manual entry by a named updater, or a formula over measurable nodes only."""
    return reached(workshop, lambda node: node.measure is not None or bool(node.updater.strip()))


#: What keeps a node from being measurable: nothing is said at all, typed values without a named person who enters
#: them, or a formula that uses nodes which are not measurable themselves.
Obstacle = Literal["nothing", "updater", "inputs"]
OBSTACLES: tuple[Obstacle, ...] = ("nothing", "updater", "inputs")


def obstacles(workshop: Workshop) -> Mapping[str, Obstacle]:
    """The KGI and KPIs in force that are not measurable → what each lacks, in the file's order."""
    known = measurable(workshop)
    carrying = [node for node in in_force(workshop) if node.kind is not NodeKind.KSF and node.code not in known]
    return {node.code: _lacks(node) for node in carrying}


def _lacks(node: Node) -> Obstacle:
    if node.manual:
        return "updater"
    return "inputs" if node.formula is not None else "nothing"


def reached(workshop: Workshop, given: Callable[[Node], bool]) -> frozenset[str]:
    """The nodes that are ``given``, and those whose formula uses only nodes that are reached (circles never are)."""
    found = {node.code for node in workshop.nodes if given(node)}
    waiting = {code: set(names) - found for code, names in formula_names(workshop).items() if names}
    users: dict[str, list[str]] = {}
    for code, names in waiting.items():
        for name in names:
            users.setdefault(name, []).append(code)
    fresh = [code for code, names in waiting.items() if not names and code not in found]
    while fresh:
        code = fresh.pop()
        if code in found:
            continue
        found.add(code)
        for user in users.get(code, ()):
            waiting[user].discard(code)
            if not waiting[user]:
                fresh.append(user)
    return frozenset(found)

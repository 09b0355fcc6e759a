"""Where a tree's nodes stand on a drawing: left to right, a column a level, nothing overlapping, always the same.

The place of every node follows from the tree alone, so that a drawing stays put from one rerun to the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import order
from kpi_core.vocabulary import NodeKind

_LEAST_LEVEL = {NodeKind.KGI: 0, NodeKind.KSF: 1, NodeKind.KPI: 2}


@dataclass(frozen=True)
class Place:
    """The middle of a node: ``x`` grows to the right, ``y`` downwards; ``level`` 0 is the KGI's column."""

    x: float
    y: float
    level: int


def shown_nodes(workshop: Workshop, folded: Collection[str] = ()) -> tuple[Node, ...]:
    """The nodes in outline order without those below a folded one."""
    shown: list[Node] = []
    hidden: set[str] = set()
    for node in order(workshop):
        if node.parent is not None and (node.parent in hidden or node.parent in folded):
            hidden.add(node.code)
        else:
            shown.append(node)
    return tuple(shown)


def counts_below(workshop: Workshop) -> dict[str, int]:
    """How many nodes hang below each node, at any depth."""
    outline = order(workshop)
    parents = {node.code: node.parent for node in outline}
    counts = dict.fromkeys(parents, 0)
    for node in outline:
        seen = {node.code}
        above = node.parent
        while above is not None and above in counts and above not in seen:
            counts[above] += 1
            seen.add(above)
            above = parents[above]
    return counts


def levels(workshop: Workshop) -> dict[str, int]:
    """The column of each node: KGI 0, KSF 1, a KPI at least 2 and one deeper than its parent."""
    found: dict[str, int] = {}
    for node in order(workshop):
        above = found.get(node.parent, -1) if node.parent else -1
        found[node.code] = max(_LEAST_LEVEL[node.kind], above + 1)
    return found


def folded_to_fit(workshop: Workshop, most: int) -> frozenset[str]:
    """What to fold so that about ``most`` nodes are in sight: the deepest levels first; nothing for a small tree."""
    level = levels(workshop)
    inner = [node for node in order(workshop) if counts_below(workshop)[node.code]] if len(level) > most else []
    folded: set[str] = set()
    for deepest in sorted({level[node.code] for node in inner}, reverse=True):
        if len(shown_nodes(workshop, folded)) <= most or deepest == 0:
            break
        folded |= {node.code for node in inner if level[node.code] == deepest}
    return frozenset(folded)


def opened_to(workshop: Workshop, folded: Collection[str], code: str | None) -> frozenset[str]:
    """``folded`` without the nodes above ``code``, so that it is in sight."""
    parents = {node.code: node.parent for node in workshop.nodes}
    left = set(folded)
    seen: set[str] = set()
    above = parents.get(code) if code else None
    while above is not None and above not in seen:
        left.discard(above)
        seen.add(above)
        above = parents.get(above)
    return frozenset(left)


def layout(
    workshop: Workshop,
    heights: Mapping[str, float],
    *,
    folded: Collection[str] = (),
    column: float = 280,
    gap: float = 18,
    family_gap: float = 16,
) -> dict[str, Place]:
    """The place of every shown node: leaves in outline order down the page, a parent at the middle of its children.

    ``heights`` holds each shown node's height; ``gap`` is kept between neighbours, ``family_gap`` more between
    cousins. A parent taller than its children pushes what follows down, so no two nodes of a column overlap.
    """
    level = levels(workshop)
    shown = shown_nodes(workshop, folded)
    codes = {node.code for node in shown}
    below: dict[str | None, list[str]] = {}
    for node in shown:
        below.setdefault(node.parent if node.parent in codes else None, []).append(node.code)
    bottoms: dict[int, float] = {}
    places: dict[str, Place] = {}
    last_parent: dict[int, str | None] = {}
    for node in reversed(shown):  # any node that no root reaches (a circle of parents) becomes its own root
        if node.code not in _reached(below):
            below.setdefault(None, []).append(node.code)
            break
    for root in below.get(None, ()):
        _place(root, None, below, level, heights, (column, gap, family_gap), bottoms, last_parent, places)
    return places


def _reached(below: Mapping[str | None, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(below.get(None, ()))
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += below.get(code, [])
    return found

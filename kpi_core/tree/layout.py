"""Where a tree's nodes stand on a drawing: left to right, a column a level, nothing overlapping, always the same.

The place of every node follows from the tree alone, so that a drawing stays put from one rerun to the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
    level, below = levels(workshop), counts_below(workshop)
    inner = [node for node in order(workshop) if below[node.code]]
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
    gap: float = 16,
    family_gap: float = 20,
) -> dict[str, Place]:
    """The place of every shown node; the first one's band begins at y = 0.

    Every subtree has a band of its own down the page, in outline order, so neither nodes nor branches overlap; a
    parent stands halfway between its first and last child. ``heights`` holds each shown node's height; ``gap`` is
    kept between neighbours, ``family_gap`` more beside a node with children.
    """
    shown = shown_nodes(workshop, folded)
    roots, below = _families(shown)
    level = levels(workshop)

    def spacing(codes: Sequence[str]) -> list[float]:
        """The room in front of each sibling; none before the first."""
        pairs = pairwise(codes)
        return [0.0, *(gap + (family_gap if below[one] or below[other] else 0.0) for one, other in pairs)]

    band: dict[str, float] = {}
    for node in reversed(shown):
        inside = below[node.code]
        band[node.code] = max(heights[node.code], sum(band[code] for code in inside) + sum(spacing(inside)))
    top: dict[str, float] = {}
    _stack(roots, spacing(roots), band, 0.0, top)
    for node in shown:
        inside = below[node.code]
        room = band[node.code] - sum(band[code] for code in inside) - sum(spacing(inside))
        _stack(inside, spacing(inside), band, top[node.code] + room / 2, top)
    middle: dict[str, float] = {}
    for node in reversed(shown):
        code, inside, half = node.code, below[node.code], heights[node.code] / 2
        between = (middle[inside[0]] + middle[inside[-1]]) / 2 if inside else top[code] + band[code] / 2
        middle[code] = min(max(between, top[code] + half), top[code] + band[code] - half)
    return {node.code: Place(level[node.code] * column, middle[node.code], level[node.code]) for node in shown}


def _families(shown: Sequence[Node]) -> tuple[list[str], dict[str, list[str]]]:
    """The roots, and every node's shown children. A parent stands before its child in the outline, else it is none."""
    roots: list[str] = []
    below: dict[str, list[str]] = {}
    for node in shown:
        siblings = below.get(node.parent, roots) if node.parent is not None else roots
        siblings.append(node.code)
        below[node.code] = []
    return roots, below


def _stack(
    codes: Sequence[str], spacing: Sequence[float], band: Mapping[str, float], start: float, into: dict[str, float]
) -> None:
    for code, before in zip(codes, spacing, strict=False):
        into[code] = start + before
        start = into[code] + band[code]

"""Contributions of leaves, gathered at one level of the tree: what a node's direct inputs stand for, level by level.

An input stands for the leaves that only it leads to; a leaf that several inputs share stands for itself. So every level
adds up to the same, and going down one input shows what that input was made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_core.model.expression import names_in
from kpi_core.tree.plan import Plan


@dataclass(frozen=True)
class Share:
    """``leaves``: what it stands for. ``shared``: a leaf that several inputs of this level lead to."""

    node: str
    value: float
    leaves: tuple[str, ...]
    shared: bool


def shares_at(plan: Plan, contributions: Mapping[str, float], code: str) -> tuple[Share, ...]:
    """The shares of the direct inputs of ``code``'s formula, of ``contributions`` (leaf → value).

    Leaves that do not lie below ``code`` are left out. A leaf below itself gives its own share.
    """
    if code not in plan.expressions:
        return (Share(code, contributions[code], (code,), False),) if code in contributions else ()
    inputs = names_in(plan.expressions[code])
    reached = {name: leaves_below(plan, contributions, name) for name in inputs}
    counted: dict[str, int] = {}
    for leaves in reached.values():
        for leaf in leaves:
            counted[leaf] = counted.get(leaf, 0) + 1
    found = []
    for name in inputs:
        own = tuple(leaf for leaf in reached[name] if counted[leaf] == 1)
        if own:
            found.append(Share(name, sum(contributions[leaf] for leaf in own), own, False))
    shared = [leaf for leaf, count in counted.items() if count > 1]
    return (*found, *(Share(leaf, contributions[leaf], (leaf,), True) for leaf in shared))


def leaves_below(plan: Plan, contributions: Mapping[str, float], code: str) -> tuple[str, ...]:
    """The leaves among ``contributions`` that ``code`` rests on, itself if it is one."""
    found: dict[str, None] = {}
    seen = {code}
    waiting = [code]
    for current in waiting:
        if current in contributions:
            found[current] = None
        else:
            fresh = (
                [name for name in names_in(plan.expressions[current]) if name not in seen]
                if (current in plan.expressions)
                else []
            )
            seen.update(fresh)
            waiting.extend(fresh)
    return tuple(found)

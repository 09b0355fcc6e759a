"""Contributions of leaves, gathered at one level of the tree: what a node's direct inputs stand for, level by level.

An input stands for the leaves that only it leads to; a leaf that several inputs share stands for itself, and the inputs
say that they stand without it. So the shares of a level add up to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_core.model.expression import names_in
from kpi_core.tree.plan import Plan


@dataclass(frozen=True)
class Share:
    """``leaves``: what it stands for; ``without``: the leaves of an input that stand for themselves beside it.

    ``of``: of a leaf that stands for itself, the inputs of this level that lead to it.
    """

    node: str
    value: float
    leaves: tuple[str, ...]
    without: tuple[str, ...] = ()
    of: tuple[str, ...] = ()


def shares_at(plan: Plan, contributions: Mapping[str, float], code: str) -> tuple[Share, ...]:
    """The shares of the direct inputs of ``code``'s formula, of ``contributions`` (leaf → value).

    Leaves that do not lie below ``code`` are left out. A leaf below itself gives its own share.
    """
    if code not in plan.expressions:
        return (Share(code, contributions[code], (code,)),) if code in contributions else ()
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
            without = tuple(leaf for leaf in reached[name] if counted[leaf] > 1)
            found.append(Share(name, sum(contributions[leaf] for leaf in own), own, without))
    for leaf in (leaf for leaf, count in counted.items() if count > 1):
        found.append(
            Share(leaf, contributions[leaf], (leaf,), of=tuple(name for name in inputs if leaf in reached[name]))
        )
    return tuple(found)


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

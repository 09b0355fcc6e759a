"""Where a node lands at the end of the running period and of the fiscal year (着地見込み), by three methods.

What is foreseen are the leaves, the nodes whose own values count; everything above follows through the formulas, so a
KGI always lands where its tree does. A rate's numerator and denominator are foreseen apart: its year is Σ/Σ. Decision
0026 says what each method does at a leaf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_core.insight.tracks import Leaf, Rest, rest_of
from kpi_core.model.expression import names_in, parse_formula
from kpi_core.model.period import Period, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.tree.rules import FROM_FINER, Rule
from kpi_core.vocabulary import LandingMethod, RollUp

Numbers = NDArray[np.float64]

#: Simulated futures, and the share of them that an interval holds.
PATHS = 200
CONFIDENCE = 0.8


@dataclass(frozen=True)
class Foreseen:
    """What a method says of one node and period; ``code`` says why there is no value, ``about`` which leaf lacks it."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    code: str | None = None
    about: str | None = None


def leaves_of(workshop: Workshop, code: str, *, pipelines: bool = False) -> tuple[str, ...]:
    """The nodes whose own values make up ``code``: measured or typed ones, and those without a formula.

    ``pipelines``: a node with a pipeline stands for itself too.
    """
    nodes = {node.code: node for node in workshop.nodes}
    found: dict[str, None] = {}
    seen = {code}
    waiting = [code]
    for current in waiting:
        node = nodes.get(current)
        own = node is None or node.formula is None or node.measure is not None or bool(node.manual)
        if own or (pipelines and node is not None and node.pipeline is not None):
            found[current] = None
            continue
        fresh = [name for name in names_in(parse_formula(node.formula or "0")) if name not in seen]  # type: ignore[union-attr]  # own otherwise
        seen.update(fresh)
        waiting.extend(fresh)
    return tuple(found)


def foresee(
    workshop: Workshop,
    leaves: Mapping[str, Leaf],
    codes: Sequence[str],
    method: LandingMethod,
    until: int,
    year: Period,
    targets: Sequence[Period],
    *,
    paths: int = 0,
) -> dict[tuple[str, str], Foreseen]:
    """(node, period key) → what ``method`` says of each of ``codes`` in each of ``targets`` within ``year``.

    Known are the first ``until`` periods of the leaves' axis. ``paths`` asks for that many simulated futures, from
    which intervals are taken; only smoothing has any.
    """
    pipelines = method is LandingMethod.PIPELINE
    rests: dict[str, Rest | str] = {}
    able: list[str] = []
    found: dict[tuple[str, str], Foreseen] = {}
    for code in codes:
        needed = leaves_of(workshop, code, pipelines=pipelines)
        for leaf in needed:
            if leaf not in rests:
                rests[leaf] = rest_of(leaves[leaf], until, year, method, paths=paths) if leaf in leaves else "no_values"
        lacking = next(((leaf, rest) for leaf in needed if isinstance(rest := rests[leaf], str)), None)
        if lacking is None:
            able.append(code)
            continue
        leaf, why = lacking
        for target in targets:
            found[code, target.key] = Foreseen(code=why, about=None if leaf == code else leaf)
    kept = {code: rest for code, rest in rests.items() if isinstance(rest, Rest)}
    return found | _through_tree(workshop, leaves, kept, able, year, targets, paths)


def _through_tree(
    workshop: Workshop,
    leaves: Mapping[str, Leaf],
    rests: Mapping[str, Rest],
    codes: Sequence[str],
    year: Period,
    targets: Sequence[Period],
    paths: int,
) -> dict[tuple[str, str], Foreseen]:
    if not codes:
        return {}
    bare = bare_workshop(workshop, rests)
    values = {code: filled(leaves[code], rest.known, rest.ahead, year) for code, rest in rests.items()}
    point = evaluate(bare, values, targets, nodes=codes).actual
    simulated: list[Mapping[str, Numbers]] = []
    if paths and any(rest.paths for rest in rests.values()):
        for path in range(paths):
            drawn = {
                code: filled(leaves[code], rest.known, np.array([track[path] for track in rest.paths]), year)
                for code, rest in rests.items()
                if rest.paths
            }
            simulated.append(evaluate(bare, {**values, **drawn}, targets, nodes=codes).actual)
    found: dict[tuple[str, str], Foreseen] = {}
    for code in codes:
        for at, target in enumerate(targets):
            value = float(point[code][at])
            if np.isnan(value):
                found[code, target.key] = Foreseen(code="not_from_periods")
                continue
            ends = np.array([one[code][at] for one in simulated])
            low, high = _interval(ends, value) if len(ends) and np.isfinite(ends).all() else (None, None)
            found[code, target.key] = Foreseen(value, low, high)
    return found


def _interval(ends: Numbers, value: float) -> tuple[float, float]:
    """The middle share of the simulated ends; it holds the value itself, whichever way the formula bends."""
    edge = (1 - CONFIDENCE) / 2
    low, high = np.quantile(ends, [edge, 1 - edge])
    return min(float(low), value), max(float(high), value)


def bare_workshop(workshop: Workshop, leaves: Mapping[str, object]) -> Workshop:
    """The workshop with nothing typed in, no targets and no formula at its leaves: every value comes from outside.

    A leaf rolls up as it does in the whole workshop, also where that follows from a formula that is gone here; a level
    whose weight is in a formula that is still there is weighted by it.
    """
    plan = plan_of(structure_of(workshop))
    left = {name for code, formula in plan.expressions.items() if code not in leaves for name in names_in(formula)}
    nodes = []
    for node in workshop.nodes:
        bare: dict[str, object] = {"manual": (), "targets": ()}
        if node.code in leaves:
            bare["formula"] = None
            if node.measure is None and not (node.code in plan.weighings and node.code in left):
                bare["roll_up"] = _kept_rule(plan.rules[node.code])
        nodes.append(node.model_copy(update=bare))
    return workshop.model_copy(update={"nodes": tuple(nodes)})


def _kept_rule(rule: Rule) -> RollUp:
    if rule.roll_up in FROM_FINER:
        return rule.roll_up
    return RollUp.SUM if rule.degree == 1 else RollUp.FORMULA  # without a formula the latter gives no value


def filled(leaf: Leaf, known: int, ahead: Numbers, year: Period) -> dict[str, float]:
    """A leaf's values by period key: known ones, then those ahead; of a rate also the year's Σ/Σ."""
    axis = leaf.axis[:known]
    tracks = [np.concatenate([track[:known], row]) for track, row in zip(leaf.tracks, ahead, strict=True)]
    after = [axis[-1].shift(step + 1) for step in range(ahead.shape[1])] if known else []
    periods = [*axis, *after]
    if not leaf.is_rate:
        return _by_key(periods, tracks[0])
    inside = {period.key for period in periods_within(year, leaf.axis[0].grain)}
    within = np.array([period.key in inside for period in periods])
    whole = [np.array([track[within].sum()]) for track in tracks]
    with np.errstate(all="ignore"):
        return _by_key(periods, tracks[0] / tracks[1]) | _by_key([year], whole[0] / whole[1])


def _by_key(periods: Sequence[Period], values: Numbers) -> dict[str, float]:
    return {period.key: float(value) for period, value in zip(periods, values, strict=True) if np.isfinite(value)}


#: The methods that foresee; an override is a person's.
METHODS = (LandingMethod.CUMULATIVE_SHARE, LandingMethod.SMOOTHING, LandingMethod.PIPELINE)

"""How far a landing method was off in the past: for every past year and period, what it would have said by then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kpi_core.insight.landing import bare_workshop, filled, foresee, leaves_of
from kpi_core.insight.tracks import Leaf
from kpi_core.model.period import Period, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.evaluation import evaluate
from kpi_core.vocabulary import Grain, LandingMethod

#: Past years that are looked at, the latest ones.
YEARS = 2


@dataclass(frozen=True)
class Accuracy:
    """Bias and error with ``to_go`` periods to go, as shares of the actual: over ``tests`` past landings.

    ``bias`` is the mean of (foreseen - actual) ÷ |actual|, positive where the method promises too much; ``error`` the
    mean of its size.
    """

    to_go: int
    tests: int
    bias: float
    error: float


@dataclass(frozen=True)
class Missed:
    """One past landing: with how many periods to go, what was foreseen, what came; ``of`` is its period's key."""

    to_go: int
    foreseen: float
    actual: float
    of: str = ""


def accuracies(past: Iterable[Missed]) -> tuple[Accuracy, ...]:
    """Bias and error by periods to go, the fewest first; an actual of 0 has no share to be off by and is left out."""
    shares: dict[int, list[float]] = defaultdict(list)
    for one in past:
        if one.actual:
            shares[one.to_go].append((one.foreseen - one.actual) / abs(one.actual))
    return tuple(
        Accuracy(to_go, len(found), float(np.mean(found)), float(np.mean(np.abs(found))))
        for to_go, found in sorted(shares.items())
    )


def misses(past: Iterable[Missed], to_go: int) -> dict[str, float]:
    """Period key → by what share of the actual it was missed with so many periods to go (the last one there is)."""
    return {
        one.of: abs(one.foreseen - one.actual) / abs(one.actual) for one in past if one.to_go == to_go and one.actual
    }


def past_landings(
    workshop: Workshop, leaves: Mapping[str, Leaf], codes: Sequence[str], method: LandingMethod, *, until: int
) -> dict[tuple[str, Grain], list[Missed]]:
    """(node, grain of the target) → what ``method`` would have said of past years and of each next period.

    At every origin only the periods before it are known: the first ``until`` of the leaves' axis at the most.
    """
    found: dict[tuple[str, Grain], list[Missed]] = {(code, grain): [] for code in codes for grain in _grains(leaves)}
    if not leaves:
        return found
    axis = next(iter(leaves.values())).axis[:until]
    for year, places in _full_years(axis)[-YEARS:]:
        came = _what_came(workshop, leaves, codes, year, axis)
        for origin, place in pairwise([places[0] - 1, *places]):
            coming = axis[place]
            said = foresee(workshop, leaves, codes, method, origin + 1, year, (coming, year))
            for code in codes:
                for target, to_go in ((year, places[-1] - origin), (coming, 1)):
                    value, actual = said[code, target.key].value, came.get((code, target.key), np.nan)
                    if value is not None and np.isfinite(actual):
                        found[code, target.grain].append(Missed(to_go, value, actual, target.key))
    return found


def _grains(leaves: Mapping[str, Leaf]) -> tuple[Grain, ...]:
    fine = {leaf.axis[0].grain for leaf in leaves.values() if leaf.axis}
    return (*fine, Grain.YEAR)


def _full_years(axis: Sequence[Period]) -> list[tuple[Period, list[int]]]:
    """Every fiscal year all of whose periods lie on the axis, with their places."""
    places: dict[Period, list[int]] = {}
    for at, period in enumerate(axis):
        places.setdefault(period.at(Grain.YEAR), []).append(at)
    return [(year, found) for year, found in places.items() if len(found) == len(periods_within(year, axis[0].grain))]


def _what_came(
    workshop: Workshop, leaves: Mapping[str, Leaf], codes: Sequence[str], year: Period, axis: Sequence[Period]
) -> dict[tuple[str, str], float]:
    """(node, period key) → the actual of ``year`` and of its periods, through the same tree."""
    needed = {leaf for code in codes for leaf in leaves_of(workshop, code)} & leaves.keys()
    values = {}
    for code in needed:
        leaf = leaves[code]
        values[code] = filled(leaf, len(axis), np.empty((len(leaf.tracks), 0)), year)
    inside = periods_within(year, axis[0].grain)
    targets = (*inside, year)
    complete = {code for code in codes if all(_is_whole(values.get(leaf, {}), inside) for leaf in _of(workshop, code))}
    actual = evaluate(bare_workshop(workshop, dict.fromkeys(needed)), values, targets, nodes=codes).actual
    return {
        (code, target.key): float(actual[code][at])
        for code in codes
        for at, target in enumerate(targets)
        if target is not year or code in complete
    }


def _of(workshop: Workshop, code: str) -> tuple[str, ...]:
    return leaves_of(workshop, code)


def _is_whole(values: Mapping[str, float], inside: Sequence[Period]) -> bool:
    return all(period.key in values for period in inside)

"""Attributions of several pairs of periods taken together: step by step, or a fiscal year's total against another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from kpi_core.model.period import Period, periods_between, periods_within
from kpi_core.tree.attribution import Attribution
from kpi_core.vocabulary import AttributionMethod, Grain

Pairs = tuple[tuple[Period, Period], ...]


def steps_between(start: Period, end: Period) -> Pairs:
    """Each period and the next one, from ``start`` to ``end``: their changes add up to the whole change.

    From a period to itself is one step: nothing changes, or its target becomes its actual.
    """
    return tuple(pairwise(periods_between(start, end))) or ((start, end),)


def years_to(start: Period, end: Period) -> Pairs:
    """The periods of two fiscal years up to ``start`` and ``end``, side by side from the first.

    The two are as long as the shorter one, or the longer year would seem to have grown.
    """
    first, second = (periods_between(_begin(period), period) for period in (start, end))
    return tuple(zip(first, second, strict=False))


def _begin(period: Period) -> Period:
    return periods_within(period.at(Grain.YEAR), period.grain)[0]


def added(parts: Sequence[Attribution], *, chained: bool) -> Attribution:
    """The sum of attributions of one node. ``chained``: each begins where the one before ends (values are the ends').

    Else before and after are totals. Where one has no contributions, neither has the sum, and what is missing is named.
    """
    methods = {part.method for part in parts}
    method = methods.pop() if len(methods) == 1 else AttributionMethod.CHAIN
    leaves = tuple(dict.fromkeys(leaf for part in parts for leaf in part.leaves))
    before, after = _ends(parts) if chained else (_total([p.before for p in parts]), _total([p.after for p in parts]))
    whole = Attribution(parts[0].node, method, before, after, leaves, None)
    if any(part.contributions is None for part in parts):
        missing = tuple(dict.fromkeys(each for part in parts for each in part.missing))
        return replace(whole, missing=missing, singular=any(part.singular for part in parts))
    total = dict.fromkeys(leaves, 0.0)
    for part in parts:
        for leaf, value in (part.contributions or {}).items():
            total[leaf] += value
    return replace(whole, contributions=total, gap=sum(part.gap for part in parts))


def _ends(parts: Sequence[Attribution]) -> tuple[float | None, float | None]:
    return parts[0].before, parts[-1].after


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None

"""Quarters and years from the months that were asked for: what adds up is not asked of the rows again.

A count, a sum, the smallest, the largest and the last value of a quarter follow from those of its months, and a mean
from sum and count. A median and a distinct count do not; each grain asks the rows for them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kpi_core.data.calendar import coarser
from kpi_core.data.query import Grouping, Term
from kpi_core.data.running import Result
from kpi_core.vocabulary import Aggregate, Grain

_NESTED = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
Asked = Mapping[Grouping, tuple[Term, ...]]


def base_of(grouping: Grouping, asked: Asked) -> Grouping | None:
    """The grouping by the finest period that ``grouping``'s consist of, where that is asked for, too."""
    if grouping.grain not in _NESTED:
        return None
    finer = (replace(grouping, grain=grain) for grain in _NESTED[: _NESTED.index(grouping.grain)])
    return next((one for one in finer if one in asked), None)


def planned(asked: Asked) -> dict[Grouping, tuple[Term, ...]]:
    """What the rows are asked: coarse groupings keep what does not add up, their bases get what means are made of."""
    plan = {grouping: dict.fromkeys(terms) for grouping, terms in asked.items()}
    for grouping, terms in asked.items():
        base = base_of(grouping, asked)
        if base is not None:
            plan[base] |= dict.fromkeys(part for term in terms if term in asked[base] for part in _parts(term))
            plan[grouping] = dict.fromkeys(term for term in terms if not _adds_up(term) or term not in asked[base])
    return {grouping: tuple(sorted(terms, key=repr)) for grouping, terms in plan.items()}


def rolled(result: Result | None, base: Result, grouping: Grouping, finer: Grouping, start: int) -> Result:
    """The grouping's whole result: what the rows answered to it, and what follows from its base."""
    if grouping.grain is None or finer.grain is None:
        raise ValueError(grouping)
    to = {number: coarser(number, finer.grain, grouping.grain, start) for number, _ in base.groups}
    groups = dict.fromkeys((to[number], segment) for number, segment in base.groups)
    places: dict[tuple[int, str | None], list[int]] = {group: [] for group in groups}
    for at in sorted(range(len(base.groups)), key=lambda at: base.groups[at][0]):
        number, segment = base.groups[at]
        places[to[number], segment].append(at)
    values: dict[Term, Sequence[float | None]] = {}
    if result is not None:
        found = {group: at for at, group in enumerate(result.groups)}
        for term, numbers in result.values.items():
            values[term] = [numbers[found[group]] if group in found else None for group in groups]
    for term in base.values:
        if term not in values and _adds_up(term):
            values[term] = [_of(term, base, there) for there in places.values()]
    return Result(tuple(groups), values, {**base.refused, **(result.refused if result is not None else {})})


def _adds_up(term: Term) -> bool:
    return term.aggregate is Aggregate.MEAN or term.aggregate in _TOGETHER


def _parts(term: Term) -> tuple[Term, ...]:
    if term.aggregate is not Aggregate.MEAN:
        return ()
    return tuple(replace(term, aggregate=aggregate) for aggregate in (Aggregate.SUM, Aggregate.COUNT))


def _of(term: Term, base: Result, places: Sequence[int]) -> float | None:
    """One value from those of the finer periods, in the order of time."""
    if term.aggregate is Aggregate.MEAN:
        sums, counts = (base.values.get(part) for part in _parts(term))
        if sums is None or counts is None:
            return None
        total = _sum([counts[at] or 0 for at in places])
        return _sum([sums[at] or 0 for at in places]) / total if total else None
    there = [value for at in places if (value := base.values[term][at]) is not None]
    if not there:
        return None
    if term.aggregate is not Aggregate.LAST and any(map(math.isnan, there)):
        return math.nan
    return _TOGETHER[term.aggregate](there)


def _sum(values: Sequence[float]) -> float:
    """The exact sum; no number where it, or what was summed, runs over."""
    try:
        total = math.fsum(values)
    except (OverflowError, ValueError):  # ValueError: of infinities of both signs
        return math.nan
    return total if math.isfinite(total) else math.nan


_TOGETHER: Mapping[Aggregate, Callable[[Sequence[float]], float]] = {
    Aggregate.COUNT: _sum,
    Aggregate.SUM: _sum,
    Aggregate.MIN: min,
    Aggregate.MAX: max,
    Aggregate.LAST: lambda values: values[-1],
}

"""How much of a period a node's values speak of: the share of each period of the workshop's grain that is measured.

Rows speak from the first period they have a value in to the day their newest upload was taken; a typed value speaks of
the period it was typed for. A formula speaks of what all its inputs speak of, of those that add up where it adds up
itself: a price that was typed once goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from kpi_core.errors import RefusedError
from kpi_core.insight.goals import ToDate
from kpi_core.model.expression import TIME_FUNCTIONS, calls_in, names_in
from kpi_core.model.node import Node
from kpi_core.model.period import GRAINS, Period, grain_of_key, parse_period, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.entries import Values
from kpi_core.tree.evaluation import Evaluation
from kpi_core.tree.plan import Plan, plan_of, structure_of
from kpi_core.tree.structure import formula_leaves
from kpi_core.vocabulary import Grain

Numbers = NDArray[np.float64]

_DAY = timedelta(days=1)
#: Finer targets that add up to the coarser one but for this share of it are its parts.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Parts:
    """Node → a number (0-1) for each period of ``axis`` (of the workshop's grain, in order).

    ``measured`` is the share of it that the node's values speak of, ``over`` the same up to today.
    """

    axis: tuple[Period, ...]
    measured: Mapping[str, Numbers]
    over: Mapping[str, Numbers]

    def within(self, periods: Sequence[Period]) -> NDArray[np.bool_]:
        """A row for each of ``periods``: which periods of the axis belong to it (it itself, at the axis' own grain)."""
        found = np.zeros((len(periods), len(self.axis)), dtype=np.bool_)
        row = {period: at for at, period in enumerate(periods)}
        for grain in {period.grain for period in periods}:
            for column, one in enumerate(self.axis):
                at = row.get(one if grain is one.grain else one.at(grain))
                if at is not None:
                    found[at, column] = True
        return found


def measured_parts(
    workshop: Workshop,
    values: Values,
    uploaded: Mapping[str, date],
    axis: Sequence[Period],
    found: Evaluation,
    codes: Collection[str],
    *,
    today: date,
) -> Parts:
    """What the values of ``codes`` speak of. ``found`` holds the periods of ``axis``; ``uploaded``: dataset → the day
    its newest upload was taken."""
    column = {period: at for at, period in enumerate(found.periods)}
    here = np.array([column[period] for period in axis], dtype=np.intp)
    keys = np.array([period.key for period in axis])
    begun = _shares_until(axis, today)
    nodes = {node.code: node for node in workshop.nodes}
    own: dict[str, Numbers] = {}

    def of_leaf(code: str) -> Numbers:
        if code not in own:
            own[code] = _own_parts(nodes[code], values, uploaded, axis, keys, _row(found.coverage, code, here), today)
        return own[code]

    measured: dict[str, Numbers] = {}
    elsewhere = looking_back(plan_of(structure_of(workshop)))
    for code in codes:
        node = nodes[code]
        if node.formula is None or node.measure is not None:
            measured[code] = of_leaf(code)
            continue
        actual = _row(found.actual, code, here)
        leaves = [leaf for leaf in formula_leaves(workshop, code) if leaf in nodes]
        adding = [leaf for leaf in leaves if leaf in found.additive] if code in found.additive else []
        if code in elsewhere:
            parts = np.isfinite(actual).astype(np.float64)
        else:
            parts = np.minimum.reduce([of_leaf(leaf) for leaf in adding or leaves] or [np.ones(len(axis))])
        typed = _typed_parts(node, axis[0], keys) if node.manual else np.zeros(len(axis))
        measured[code] = np.maximum(parts, typed)
    return Parts(tuple(axis), measured, {code: np.minimum(parts, begun) for code, parts in measured.items()})


def to_date(
    parts: Parts, code: str, periods: Sequence[Period], within: NDArray[np.bool_], target: Numbers, found: Evaluation
) -> ToDate:
    """The goals of what is measured of each period, of a node that adds up over time.

    ``target`` are the whole periods' targets, ``within`` is ``parts.within(periods)``, and ``found`` holds the targets
    of all grains between. Where finer targets add up to the whole one, what is measured has the sum of its own, one
    that is measured in part its share; else the whole one is prorated by days.
    """
    over = parts.over[code]
    counts = within @ over
    aims = np.array(target, dtype=np.float64)
    for at in np.flatnonzero((counts > 0) & (counts < within.sum(axis=1)) & np.isfinite(aims)).tolist():
        inside = np.flatnonzero(within[at])
        axis, share = [parts.axis[place] for place in inside], over[inside]
        aims[at] = _part_of_target(periods[at], axis, share, float(target[at]), code, found)
    return ToDate(aims, counts)


def _part_of_target(
    period: Period, axis: Sequence[Period], share: Numbers, target: float, code: str, found: Evaluation
) -> float:
    column = {one: at for at, one in enumerate(found.periods)}
    days = np.array([one.days for one in axis], dtype=np.float64)
    for grain in finer_grains(axis[0].grain, period.grain):
        pieces = [one if one.grain is grain else one.at(grain) for one in axis]
        own = {one: float(found.target[code][column[one]]) for one in pieces}
        if not np.isfinite(list(own.values())).all() or not _adds_up_to(list(own.values()), target):
            continue
        whole = dict.fromkeys(own, 0.0)
        for one, length in zip(pieces, days, strict=True):
            whole[one] += length
        told = zip(pieces, share * days, strict=True)
        return float(sum(own[one] * weight / whole[one] for one, weight in told))
    return target * float((share * days).sum() / days.sum())


def _adds_up_to(parts: Sequence[float], whole: float) -> bool:
    return abs(sum(parts) - whole) <= _SAME * sum(map(abs, parts))


def finer_grains(base: Grain, coarse: Grain) -> tuple[Grain, ...]:
    """The grains from the workshop's own up to, not including, a coarser one."""
    return GRAINS[GRAINS.index(base) : GRAINS.index(coarse)]


def finest(period: Period, base: Grain) -> tuple[Period, ...]:
    """The periods of the workshop's grain that a period is made of; it itself, if it is one."""
    return (period,) if period.grain is base else periods_within(period, base)


def looking_back(plan: Plan) -> frozenset[str]:
    """The nodes whose formulas take values of other periods, themselves or on the way down."""
    found: set[str] = set()
    for code, expression in plan.expressions.items():  # inputs come before who uses them
        if code in plan.measured:
            continue
        if any(call.function in TIME_FUNCTIONS for call in calls_in(expression)) or found & set(names_in(expression)):
            found.add(code)
    return frozenset(found)


def _row(series: Mapping[str, Numbers], code: str, here: NDArray[np.intp]) -> Numbers:
    return series[code][here] if code in series else np.zeros(len(here))


def _shares_until(axis: Sequence[Period], day: date) -> Numbers:
    return np.array([min(max((day - one.start).days / one.days, 0.0), 1.0) for one in axis], dtype=np.float64)


def _own_parts(
    node: Node,
    values: Values,
    uploaded: Mapping[str, date],
    axis: Sequence[Period],
    keys: NDArray[np.str_],
    known: Numbers,
    today: date,
) -> Numbers:
    """Of a node whose own values count: by its rows, filled up with what was typed."""
    typed = np.maximum(_typed_parts(node, axis[0], keys), known if node.measure is None else 0.0)
    if node.measure is None:
        return typed
    told = [key for key in values.get(node.code, ()) if grain_of_key(key) is axis[0].grain]
    if not told:
        return typed
    first = min(told)  # of one grain they sort as they follow each other
    taken = [uploaded[part.dataset] for part in node.measure.parts if part.dataset in uploaded]
    shares = _shares_until(axis, min(taken) + _DAY if taken else today)
    return np.maximum(np.where(keys >= first, shares, 0.0), typed)


def _typed_parts(node: Node, one: Period, keys: NDArray[np.str_]) -> Numbers:
    """1 where a value was typed for the period or a coarser one that holds it; ``one``: any of the periods."""
    spoken: set[str] = set()
    for entry in node.manual:
        grain = grain_of_key(entry.period)
        if grain is one.grain:
            spoken.add(entry.period)
            continue
        try:
            period = parse_period(entry.period, one.fiscal_year_start)
        except RefusedError:  # a period no calendar holds any more
            continue
        if GRAINS.index(grain) > GRAINS.index(one.grain):
            spoken.update(part.key for part in periods_within(period, one.grain))
    return np.array([key in spoken for key in keys.tolist()], dtype=np.float64)

"""What nodes' values are compared with: the same stretch of the period before, and of a year before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np

from kpi_core.data.observing import observe_measures
from kpi_core.errors import KpiError
from kpi_core.insight.aims import aimed
from kpi_core.insight.like_for_like import WHOLE, Stretch, held_to, kept_periods, shared_stretch
from kpi_core.insight.measured_part import Parts, finest, looking_back, measured_parts
from kpi_core.model.measure import SimpleMeasure
from kpi_core.model.period import Period
from kpi_core.services.datasets import tables
from kpi_core.services.rates import fraction
from kpi_core.services.standing import Standpoint
from kpi_core.store.state import State
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.vocabulary import Aggregate, RollUp

#: Aggregates whose periods can add up.
_COUNTED = (Aggregate.COUNT, Aggregate.SUM, Aggregate.COUNT_DISTINCT)


@dataclass(frozen=True)
class Earlier:
    """A node's value of another period over the same stretch; ``None`` = none.

    ``unlike``: both periods have a value, but not over the same stretch.
    """

    value: float | None
    unlike: bool = False


def parts_of(here: Standpoint, codes: Collection[str], periods: Collection[Period], *, today: date) -> Parts:
    """What the values of ``codes`` speak of in ``periods``."""
    axis = sorted({part for period in periods for part in finest(period, here.workshop.settings.grain)})
    found = evaluate(here.workshop, here.values, axis, nodes=codes, whole=True)
    listed = [code for code in codes if code in found.actual]
    return measured_parts(here.workshop, here.values, here.uploaded, axis, found, listed, today=today)


def stretch_of(here: Standpoint, parts: Parts, code: str, period: Period, other: Period) -> Stretch | None:
    """What ``code`` can be compared over in ``period`` and ``other`` (of one grain)."""
    plan = plan_of(structure_of(here.workshop))
    column = {one: at for at, one in enumerate(parts.axis)}
    over = parts.over[code]
    first, second = (
        np.array([over[column[part]] for part in finest(one, here.workshop.settings.grain)]) for one in (period, other)
    )
    rule = plan.rules[code]
    found = shared_stretch(first, second, adds_up=code in plan.additive, last=rule.roll_up is RollUp.LAST)
    looks_back = found is not None and not found.whole and code in looking_back(plan)
    return None if looks_back else found


def cut(
    here: Standpoint, other: Period, stretch: Stretch, rates: Mapping[str, float] = MappingProxyType({})
) -> Standpoint:
    """The workshop as if only that stretch of ``other`` were known.

    ``rates`` are measured rates and means over it, which only the rows tell (``rates_over``).
    """
    if stretch.whole:
        return here
    workshop, values = held_to(here.workshop, here.values, other, kept_periods(here.workshop, other, stretch))
    for code, rate in rates.items():
        values.setdefault(code, {})[other.key] = rate
    return Standpoint(here.id, workshop, values, here.uploaded)


def rates_over(state: State, here: Standpoint, code: str, other: Period, kept: Sequence[Period]) -> Mapping[str, float]:
    """The measured rates and means that ``code`` rests on (or is), Σ/Σ over ``kept`` of ``other``, from the rows.

    Distinct counts are added up only where they count nothing twice within the period.
    """
    workshop = here.workshop
    asked: dict[str, SimpleMeasure] = {}
    for name in plan_of(structure_of(workshop), frozenset({code})).rules:
        parts = fraction(here.node(name))
        if parts is None or any(part.date is None or part.aggregate not in _COUNTED for part in parts.values()):
            continue
        asked |= {f"{name}/{side}": part.model_copy(update={"dimensions": ()}) for side, part in parts.items()}
    if not asked:
        return {}
    rows = tables(state, here.id)
    try:
        by_part, by_whole = (
            observe_measures(workshop, rows, asked, grain=grain).observations
            for grain in (workshop.settings.grain, other.grain)
        )
    except KpiError:  # rows that cannot be read now
        return {}
    keys, total = {one.key for one in kept}, dict.fromkeys(asked, 0.0)
    rest = {row.node: row.value for row in by_whole if row.period == other.key and row.dimension is None}
    inside = {one.key for one in finest(other, workshop.settings.grain)}
    for row in by_part:
        if row.dimension is None and row.period in keys:
            total[row.node] += row.value
        if row.dimension is None and row.period in inside:
            rest[row.node] = rest.get(row.node, 0.0) - row.value
    twice = {name for name, part in asked.items() if part.aggregate is Aggregate.COUNT_DISTINCT and rest.get(name)}
    names = dict.fromkeys(name.partition("/")[0] for name in asked)
    sides = {name: (total[f"{name}/numerator"], total[f"{name}/denominator"]) for name in names}
    once = {name for name in names if not twice & {f"{name}/numerator", f"{name}/denominator"}}
    return {name: part / whole for name, (part, whole) in sides.items() if whole and name in once}


@dataclass(frozen=True)
class Footing:
    """What both sides of a difference are taken from, so that they speak of the same.

    ``part``: not of the whole periods; ``kept`` are then the finer periods of the other one (none against a target).
    """

    ground: Standpoint
    part: bool = False
    kept: tuple[Period, ...] = ()


def footings(
    state: State, here: Standpoint, code: str, pairs: Sequence[tuple[Period, Period]], *, from_target: bool, today: date
) -> list[Footing | None]:
    """For each pair (the other period, the period that is told) its footing; ``None`` where there is no common one.

    ``from_target``: the other side is the target of the period that is told.
    """
    parts = parts_of(here, [code], {period for pair in pairs for period in pair}, today=today)
    if code not in parts.over:
        return [Footing(here) for _ in pairs]
    found: list[Footing | None] = []
    for other, period in pairs:
        if from_target:
            workshop = aimed(here.workshop, code, period, parts)
            changed = workshop is not here.workshop
            ground = Standpoint(here.id, workshop, here.values, here.uploaded) if changed else here
            found.append(Footing(ground, part=changed and _in_part(here, parts, code, period)))
            continue
        stretch = WHOLE if other == period else stretch_of(here, parts, code, period, other)
        if stretch is None:
            found.append(None)
            continue
        kept = kept_periods(here.workshop, other, stretch)
        rates = {} if stretch.whole else rates_over(state, here, code, other, kept)
        found.append(Footing(cut(here, other, stretch, rates), part=not stretch.whole, kept=kept))
    return found


def _in_part(here: Standpoint, parts: Parts, code: str, period: Period) -> bool:
    share = parts.over[code][parts.within([period])[0]]
    return code in plan_of(structure_of(here.workshop)).additive and bool((share < 1).any() and share.any())


def earlier_values(
    here: Standpoint, codes: Collection[str], period: Period, other: Period, *, today: date
) -> Mapping[str, Earlier]:
    """Each node's value of ``other`` over the stretch that ``period`` has so far."""
    plain = evaluate(here.workshop, here.values, [period, other], nodes=codes, whole=True)
    known = [code for code in codes if code in plain.actual and np.isfinite(plain.actual[code]).all()]
    parts = parts_of(here, known, (period, other), today=today) if known else None
    groups: dict[Stretch, list[str]] = {}
    found = {code: Earlier(None) for code in codes}
    for code in codes:
        values = plain.actual.get(code)
        if values is not None and np.isfinite(values[1]) and np.isnan(values[0]):
            found[code] = Earlier(float(values[1]))  # nothing to compare it with: it is told as it is
    for code in known:
        stretch = stretch_of(here, parts, code, period, other) if parts is not None else None
        if stretch is None:
            found[code] = Earlier(None, unlike=True)
        elif stretch.whole:
            found[code] = Earlier(float(plain.actual[code][1]))
        else:
            groups.setdefault(stretch, []).append(code)
    for stretch, members in groups.items():
        part = cut(here, other, stretch)
        told = evaluate(part.workshop, part.values, [other], nodes=members, whole=True)
        for code in members:
            value = float(told.actual[code][0])
            found[code] = Earlier(None, unlike=True) if np.isnan(value) else Earlier(value)
    return found

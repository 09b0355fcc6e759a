"""Targets over a fiscal year: its periods, what last year was, dividing a year's number, and putting them together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kpi_core.insight.allocation import even_split, seasonal_split
from kpi_core.model.base import PeriodValue
from kpi_core.model.node import Node
from kpi_core.model.period import Period, parse_period, period_of, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import today_of
from kpi_core.services.evaluating import evaluate
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.tree.units import COUNT, RATIO, is_currency, unit_kind
from kpi_core.vocabulary import Grain, RollUp


@dataclass(frozen=True)
class Course:
    """A node's values over a year's periods: this year's and last year's; NaN = no value."""

    actual: tuple[float, ...]
    previous_year: tuple[float, ...]


def year_in_focus(workshop: Workshop, node: Node | None) -> Period:
    """The fiscal year to begin with: the current one, unless the targets or the due day are all elsewhere."""
    settings = workshop.settings
    this = period_of(today_of(workshop), Grain.YEAR, settings.fiscal_year_start)
    if node is None:
        return this
    stated = [parse_period(entry.period, settings.fiscal_year_start).at(Grain.YEAR) for entry in node.targets]
    if this in stated:
        return this
    if stated:
        return max(stated)
    return this if node.due is None else max(this, period_of(node.due, Grain.YEAR, settings.fiscal_year_start))


def periods_of_year(workshop: Workshop, year: Period) -> tuple[Period, ...]:
    """The year's periods of the workshop's grain."""
    return periods_within(year, workshop.settings.grain)


def adds_up(unit: str, roll_up: RollUp | None) -> bool:
    """Whether a year's target is the sum of its periods'; else every period has the year's own."""
    if roll_up in (RollUp.LAST, RollUp.MEAN, RollUp.RATIO):
        return False
    return roll_up is RollUp.SUM or unit_kind(unit) == COUNT or is_currency(unit)


def course(state: State, workshop_id: str, code: str, periods: Sequence[Period]) -> Course:
    """A node's actual values over ``periods`` and those of a year before."""
    if snapshot(state, workshop_id).workshop.node(code) is None:
        nothing = tuple(math.nan for _ in periods)
        return Course(nothing, nothing)
    found = evaluate(state, workshop_id, first=periods[0].key, last=periods[-1].key, nodes=[code])
    series = found.series[code, None]
    return Course(tuple(series.actual.tolist()), tuple(series.previous_year.tolist()))


def divided(
    total: float, count: int, *, sums: bool, shape: Sequence[float] | None = None, decimals: int = 0
) -> tuple[float, ...] | None:
    """A year's number for each of its ``count`` periods: parts that add up to it, or (``sums=False``) itself.

    ``shape``: last year's values, whose proportions the parts take. ``None`` where they give none: a gap, a negative
    value, or nothing but zeros.
    """
    if not sums:
        return (total,) * count
    if shape is None:
        return even_split(total, count, decimals)
    return seasonal_split(total, shape, decimals) if all(math.isfinite(value) for value in shape) else None


def grown(previous: Sequence[float], factor: float, unit: str, decimals: int | None) -> tuple[float | None, ...]:
    """Last year's values times ``factor`` as targets, in whole numbers for money and counts; no value stays none."""
    whole = is_currency(unit) or unit_kind(unit) == COUNT
    places = decimals if decimals is not None and unit_kind(unit) != "ratio" else 0 if whole else 4
    return tuple(
        None
        if not math.isfinite(value)
        else int(part)
        if (part := round(value * factor, places)).is_integer()
        else part
        for value in previous
    )


def whole_target(value: float, node: Node, *, up: bool) -> float:
    """A computed value as one states a target, rounded on the way it moves so that it still suffices: whole money and
    counts, shares to a tenth of a per cent, others to their decimals (1 unless stated)."""
    kind = unit_kind(node.unit)
    whole = is_currency(node.unit) or kind == COUNT
    places = 0 if whole else 3 if kind == RATIO else 1
    if node.decimals is not None:
        places = node.decimals + 2 if kind == RATIO else node.decimals
    scaled = value * 10**places
    # a value that is whole but for the last bits is that whole number
    nearest = round(scaled)
    exact = abs(scaled - nearest) <= 1e-9 * max(1.0, abs(scaled))
    number = nearest if exact else math.ceil(scaled) if up else math.floor(scaled)
    return float(number) / 10**places if places > 0 else float(number)


def with_targets(
    stated: Sequence[PeriodValue], typed: Mapping[str, float | None], fiscal_year_start: int
) -> tuple[PeriodValue, ...]:
    """The targets with those ``typed`` by period key in their place (``None``: none).

    A year or quarter stated as such gives way where its finer targets were changed: two different targets for the
    same year would contradict each other.
    """
    before = {entry.period: entry.value for entry in stated}
    changed = [key for key, value in typed.items() if before.get(key) != value]
    outdated = {
        parse_period(key, fiscal_year_start).at(grain).key for key in changed for grain in (Grain.QUARTER, Grain.YEAR)
    } - set(typed)
    merged: dict[str, float | None] = {key: value for key, value in before.items() if key not in outdated}
    merged.update(typed)
    ordered = sorted(merged, key=lambda key: parse_period(key, fiscal_year_start))
    return tuple(PeriodValue(period=key, value=value) for key in ordered if (value := merged[key]) is not None)

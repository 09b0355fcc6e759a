"""The same stretch of two periods: of a year so far, the same months of the year before; where there is none, nothing.

What adds up over time can only be compared over the same finer periods, each measured to its end. A rate, price or
stock compares over those that have begun to be measured, a stock (``last``) where it stands at the same place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_core.errors import RefusedError
from kpi_core.model.base import PeriodValue
from kpi_core.model.period import GRAINS, Period, parse_period, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.entries import Values
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.vocabulary import RollUp

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Stretch:
    """Places of the finer periods within a period, from 0, that both sides have; ``whole``: all of both."""

    kept: tuple[int, ...] = ()
    whole: bool = False


WHOLE = Stretch(whole=True)


def shared_stretch(here: Numbers, there: Numbers, *, adds_up: bool, last: bool = False) -> Stretch | None:
    """What two periods can be compared over, from how much of their finer periods is measured (0-1 each).

    ``here`` is the period that is told, ``there`` the one it is compared with. ``None``: nothing alike.
    """
    if last:
        known = np.flatnonzero(here > 0)
        if not len(known):
            return None
        newest = int(known[-1])
        if newest == len(here) - 1:
            return WHOLE if there[-1] > 0 else None
        return Stretch(tuple(range(newest + 1))) if newest < len(there) and there[newest] > 0 else None
    if (here == 1).all():
        return WHOLE if (there == 1).all() else None
    kept = np.flatnonzero(here > 0)
    if adds_up and (here[kept] < 1).any():
        return None
    if not len(kept) or kept[-1] >= len(there) or (there[kept] < 1).any():
        return None
    return WHOLE if len(kept) == len(here) == len(there) else Stretch(tuple(kept.tolist()))


def held_to(
    workshop: Workshop, values: Values, period: Period, kept: Collection[Period]
) -> tuple[Workshop, dict[str, dict[str, float]]]:
    """The workshop and its measured values with nothing known of ``period`` but its finer periods ``kept``.

    What was measured of the whole period gives way to what its kept parts make of it: a sum, or the last of them; of
    other aggregates (a median, a rate), which no finer values make, nothing is left. Distinct counts that add up to
    that of the whole period count nothing twice, so those of its parts are added up, too.
    """
    base = workshop.settings.grain
    inside = periods_within(period, base)
    keys = {one.key for one in kept}
    gone = {one.key for one in inside} - keys
    coarser = {one.at(grain).key for one in inside for grain in GRAINS[GRAINS.index(base) + 1 :]}
    coarser = {key for key in coarser if _lies_within(key, period)}
    rules = plan_of(structure_of(workshop)).rules
    left: dict[str, dict[str, float]] = {}
    for code, series in values.items():
        own = {key: value for key, value in series.items() if key not in gone and key not in coarser}
        parts = [own[one.key] for one in inside if one.key in own]
        rule = rules.get(code)
        sums = rule is not None and (
            rule.roll_up is RollUp.SUM or (rule.degree is None and _adds_up(series, inside, period))
        )
        if parts and sums:
            own[period.key] = sum(parts)
        elif parts and rule is not None and rule.roll_up is RollUp.LAST:
            own[period.key] = parts[-1]
        left[code] = own

    def stays(entry: PeriodValue) -> bool:
        try:
            spoken = parse_period(entry.period, period.fiscal_year_start)
        except RefusedError:  # a period no calendar holds any more
            return True
        if GRAINS.index(spoken.grain) <= GRAINS.index(base):
            return spoken.at(base).key not in gone
        return not _lies_within(entry.period, period) or all(one.key in keys for one in periods_within(spoken, base))

    nodes = tuple(
        node.model_copy(update={"manual": tuple(filter(stays, node.manual))}) if node.manual else node
        for node in workshop.nodes
    )
    return workshop.model_copy(update={"nodes": nodes}), left


def kept_periods(workshop: Workshop, period: Period, stretch: Stretch) -> tuple[Period, ...]:
    """The finer periods of ``period`` that a stretch keeps."""
    inside: Sequence[Period] = periods_within(period, workshop.settings.grain)
    return tuple(inside[at] for at in stretch.kept)


def _adds_up(series: Mapping[str, float], inside: Sequence[Period], period: Period) -> bool:
    return sum(series.get(one.key, 0.0) for one in inside) == series.get(period.key)


def _lies_within(key: str, period: Period) -> bool:
    return period.holds(parse_period(key, period.fiscal_year_start))

"""A year's target beside where it starts from: like compared with like, or not at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kpi_core.model.period import GRAINS, Period, periods_within
from kpi_core.vocabulary import Grain


@dataclass(frozen=True)
class Step:
    """From ``baseline`` to ``target``; ``share`` is the relative change, of a positive start (0.25: a quarter more)."""

    baseline: float
    target: float

    @property
    def change(self) -> float:
        return self.target - self.baseline

    @property
    def share(self) -> float | None:
        return self.change / self.baseline if self.baseline > 0 else None


def level(value: float, period: Period, grain: Grain, *, adds_up: bool) -> float | None:
    """What a baseline is for one period of ``grain``: its mean part where values add up, else itself.

    A year of 120 that adds up is 10 a month; ``None`` for a baseline of a finer period than ``grain``.
    """
    if GRAINS.index(period.grain) < GRAINS.index(grain):
        return None
    return value / len(periods_within(period, grain)) if adds_up and period.grain is not grain else value


def step(value: float, period: Period, targets: Sequence[float | None], *, adds_up: bool) -> Step | None:
    """From a baseline to a year's ``targets`` (one a period of the year, in order).

    Where values add up, a year's baseline is compared with the sum, once every period has its target; a month's is
    not: its season would pass for growth. Elsewhere the baseline is compared with the last target.
    """
    given = [target for target in targets if target is not None]
    if not given:
        return None
    if not adds_up:
        return Step(value, given[-1])
    if period.grain is not Grain.YEAR or len(given) < len(targets):
        return None
    return Step(value, math.fsum(given))

"""A rate over segments: how much of its change is the segments' own rates, and how much their weights (the mix).

R = Σ numerator / Σ denominator = Σ w·r with w a segment's share of the denominators. For each segment
rate = mean(w)·Δr and mix = Δw·(mean(r) - mean(R)); together they are Δ(w·r) - Δw·mean(R), which also holds where a
segment is new (w1·(r1 - mean(R))), lost (-w0·(r0 - mean(R))) or has a numerator without a denominator: all mix then.
The sum over all segments is ΔR exactly, because the weights add up to 1 on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

Parts = Mapping[str, float]
"""Segment → value; an absent segment has no rows, so it adds nothing."""


@dataclass(frozen=True)
class Mixed:
    """``before``/``after`` are the rates over all segments; ``rate``/``mix`` are in the rate's unit, by segment.

    A segment that is new or lost has no ``rate``.
    """

    before: float
    after: float
    rate: Mapping[str, float]
    mix: Mapping[str, float]


def mix_and_rate(numerators: tuple[Parts, Parts], denominators: tuple[Parts, Parts]) -> Mixed | None:
    """The rate's change from the first side to the second; ``None`` where one has no rate (denominators add up to 0).

    >>> found = mix_and_rate(({"a": 10, "b": 10}, {"a": 30, "b": 5}), ({"a": 100, "b": 50}, {"a": 150, "b": 50}))
    >>> {name: round(value, 6) for name, value in found.rate.items()}
    {'a': 0.070833, 'b': -0.029167}
    """
    totals = [math.fsum(side.values()) for side in denominators]
    if not all(totals):
        return None
    before, after = (math.fsum(side.values()) / total for side, total in zip(numerators, totals, strict=True))
    middle = (before + after) / 2
    rate: dict[str, float] = {}
    mix: dict[str, float] = {}
    for segment in dict.fromkeys(name for side in (*denominators, *numerators) for name in side):
        above = [side.get(segment, 0.0) for side in numerators]
        below = [side.get(segment, 0.0) for side in denominators]
        weights = [part / total for part, total in zip(below, totals, strict=True)]
        if all(below):
            first, second = (part / whole for part, whole in zip(above, below, strict=True))
            rate[segment] = (weights[0] + weights[1]) / 2 * (second - first)
            mix[segment] = (weights[1] - weights[0]) * ((first + second) / 2 - middle)
        else:
            stood = [part / total for part, total in zip(above, totals, strict=True)]
            mix[segment] = (stood[1] - stood[0]) - (weights[1] - weights[0]) * middle
    return Mixed(before, after, rate, mix)


def by_part(sides: tuple[Parts, Parts]) -> dict[str, float]:
    """Each segment's part of the change of a number that is the sum over its segments."""
    first, second = sides
    return {name: second.get(name, 0.0) - first.get(name, 0.0) for name in dict.fromkeys((*first, *second))}

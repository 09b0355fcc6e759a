"""The sentence a chart's title says: how a value stands to its target or to last year.

Careful where a percentage would mislead: two ratios differ by points; against a goal of zero or below, or one far
exceeded, the difference is told in the unit; lower-is-better says met or missed, not only above or below.
"""

from __future__ import annotations

import math

from kpi_core.charts.writing import Writing
from kpi_core.text import say
from kpi_core.text.numbers import format_percent, format_percent_points
from kpi_core.vocabulary import Direction

#: From here on (three times the goal) a percentage is no longer a picture anyone has.
_LARGEST_SHARE = 2.0


def gap(actual: float, reference: float, writing: Writing) -> str:
    """The size of the difference in words, unsigned: ``8%``, ``2.1ポイント``, ``3件``; empty when they read alike."""
    difference = abs(actual - reference)
    if writing.unit == "ratio":
        nothing = format_percent_points(0.0, writing.language, decimals=1, signed=False)
        points = format_percent_points(difference, writing.language, decimals=1, signed=False)
        return "" if points == nothing else points
    if reference > 0 and difference / reference < _LARGEST_SHARE:
        share = format_percent(difference / reference, writing.language, decimals=0)
        if share != format_percent(0.0, writing.language, decimals=0):
            return share
        share = format_percent(difference / reference, writing.language, decimals=1)
        return "" if share == format_percent(0.0, writing.language, decimals=1) else share
    return "" if writing.value(actual) == writing.value(reference) else writing.value(difference)


def without_days(period: str) -> str:
    """A period in words without the days or months it spans: 2026年度Q2 of 2026年度Q2 (7–9月)."""
    return period.partition(" (")[0]


def finding(
    name: str,
    period: str,
    actual: float | None,
    target: float | None,
    previous_year: float | None,
    writing: Writing,
    direction: Direction = Direction.UP,
) -> str:
    """``受注金額は目標を8%下回る(2026年4月)``: against the target, else last year, else the value alone.

    ``period`` is already in words. No actual: says that it is not measured.
    """
    language, period = writing.language, without_days(period)
    if actual is None or not math.isfinite(actual):
        key = "charts.finding.unmeasured" if period else "charts.finding.never_measured"
        return say(key, language, name=name, period=period)
    for reference, against in ((target, "target"), (previous_year, "previous_year")):
        if reference is None or not math.isfinite(reference):
            continue
        difference = gap(actual, reference, writing)
        side = "equal" if not difference else "above" if actual > reference else "below"
        manner = direction.value if against == "target" else "up"
        return say(f"charts.finding.{against}.{manner}.{side}", language, name=name, gap=difference, period=period)
    return say("charts.finding.value", language, name=name, value=writing.value(actual), period=period)

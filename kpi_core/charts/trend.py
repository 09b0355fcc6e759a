"""Actual by period with the target outlined and the previous year in grey.

Answers: is it getting better, and is it where it should be?
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, flags, floats, given, last_given, texts
from kpi_core.charts.finding import finding
from kpi_core.charts.notation import (
    LABEL_SIZE,
    TEXT_SIZE,
    Spec,
    amount_axis,
    cached_spec,
    finished,
    hatched,
    key_to_series,
    note,
    period_axis,
    pointer,
    value_label,
)
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.charts.writing import Writing
from kpi_core.model.period import Period
from kpi_core.text import say
from kpi_core.text.numbers import format_period
from kpi_core.text.wrapping import text_width
from kpi_core.vocabulary import Direction, Grain, Language

HEIGHT = 240
#: Pixels for the axis at the left, the same for the chart of differences below.
AXIS_ROOM = 44


def frame(
    periods: Sequence[Period],
    actual: Sequence[float | None],
    target: Sequence[float | None],
    previous_year: Sequence[float | None],
    writing: Writing,
    *,
    today: date,
    domain: tuple[float, float] | None = None,
    signals: Collection[str] = (),
    limits: tuple[float, float] | None = None,
    immature: Collection[str] = (),
) -> Frame:
    """One row per period, in order; a period without a value keeps its row, so that the gap is seen.

    Columns: ``period`` (key), ``actual``, ``target``, ``previous_year`` (float64, null = none), ``running`` (bool:
    holds ``today``), ``gap`` (bool: over and unmeasured), ``label`` (the latest value in words, else empty),
    ``period_text``, ``actual_text``, ``target_text``, ``previous_text`` (for the pointer), ``low``, ``high`` (float64:
    the range the axis must hold; give ``domain`` for charts that are compared). ``signal`` (bool): the periods whose
    keys are ``signals``; ``lower``, ``upper`` (float64, null without them): the ``limits`` of usual variation.
    ``immature`` (bool): cohorts that are too young, by their keys.
    """
    actual, target, previous_year = given(actual), given(target), given(previous_year)
    latest = last_given(actual)
    low, high = domain if domain is not None else (0.0, 0.0)
    return pa.table(
        {
            "period": texts(period.key for period in periods),
            "actual": floats(actual),
            "target": floats(target),
            "previous_year": floats(previous_year),
            "running": flags(period.start <= today < period.end for period in periods),
            "gap": flags(value is None and period.end <= today for period, value in zip(periods, actual, strict=True)),
            "label": texts(writing.value(v, compact=True) if at == latest else "" for at, v in enumerate(actual)),
            "period_text": texts(format_period(period, writing.language) for period in periods),
            "actual_text": texts(writing.value(value, short=True) for value in actual),
            "target_text": texts(writing.value(value, short=True) for value in target),
            "previous_text": texts(writing.value(value, short=True) for value in previous_year),
            "signal": flags(period.key in signals for period in periods),
            "immature": flags(period.key in immature for period in periods),
            "lower": floats([None if limits is None else limits[0]] * len(periods)),
            "upper": floats([None if limits is None else limits[1]] * len(periods)),
            "low": floats([low] * len(periods)),
            "high": floats([high] * len(periods)),
        }
    )


@cached_spec
def spec(
    writing: Writing,
    grain: Grain = Grain.MONTH,
    *,
    target: bool = True,
    previous_year: bool = True,
    signals: bool = False,
    immature: bool = False,
    height: int = HEIGHT,
    colours: Palette = LIGHT,
) -> Spec:
    """Bars over ``period``; the running period is lighter, an unmeasured one a ``–`` at the zero line.

    ``signals``: the band of usual variation behind the bars, and a ring at the end of each bar that is a signal.
    ``immature``: bars of cohorts that are too young are hatched, as what is expected is.
    """
    language = writing.language
    x = alt.X(
        "period:O", sort=None, axis=period_axis(grain, language), scale=alt.Scale(paddingInner=0.3, paddingOuter=0.2)
    )
    base = alt.Chart()
    shift = alt.ExprRef("bandwidth('x')*0.07")

    def bars(column: str, band: float, shift: float, **mark: Any) -> alt.Chart:
        y = alt.Y(
            f"{column}:Q", stack=None, axis=amount_axis(writing, room=AXIS_ROOM), scale=alt.Scale(nice=True, zero=True)
        )
        drawn: alt.Chart = base.mark_bar(
            width=alt.RelativeBandSize(band), xOffset=alt.ExprRef(f"bandwidth('x')*{shift}"), **mark
        ).encode(x=x, y=y)
        return drawn

    layers: list[alt.Chart] = [base.mark_point(opacity=0).encode(x=x, y=f"{column}:Q") for column in ("low", "high")]
    if signals:
        layers += _limits(base, colours)
    if previous_year:
        layers.append(bars("previous_year", 0.5, -0.25, color=colours.previous_year))
    if target:
        layers.append(bars("target", 0.86, 0.07, fillOpacity=0, stroke=colours.target, strokeWidth=1.2))
    layers.append(
        bars("actual", 0.56, 0.07, color=colours.actual).encode(
            color=alt.condition("datum.running", alt.value(colours.running), alt.value(colours.actual))
        )
    )
    if immature:
        young = bars("actual", 0.56, 0.07, color=hatched(colours), stroke=colours.actual, strokeWidth=1)
        layers.append(young.transform_filter("datum.immature"))
    layers.append(base.mark_rule(color=colours.muted, strokeWidth=1).encode(y=alt.datum(0)))
    layers.append(
        base.transform_filter("datum.gap")
        .mark_text(text="–", dy=-8, color=colours.none_text, fontSize=18, fontWeight="bold")
        .encode(x=x, y=alt.datum(0))
    )
    label = (
        base.transform_filter("datum.label != ''")
        .transform_calculate(above="max(datum.actual, isValid(datum.target) ? datum.target : datum.actual, 0)")
        .encode(x=x, y="above:Q", text="label:N")
    )
    above = alt.ExprRef("datum.signal ? -17 : -9")
    layers += value_label(label, colours, dy=above, xOffset=shift, fontWeight="bold", fontSize=TEXT_SIZE)
    if signals:
        layers.append(
            base.transform_filter("datum.signal")
            .mark_point(size=170, opacity=1, strokeWidth=2, color=colours.text, xOffset=shift, fill=colours.background)
            .encode(x=x, y="actual:Q")
        )
    layers += _signal_key(language, colours, signals=signals, immature=immature)
    shown = [("period_text", "charts.columns.period"), ("actual_text", "charts.series.actual")]
    shown += [("target_text", "charts.series.target")] if target else []
    shown += [("previous_text", "charts.series.previous_year")] if previous_year else []
    layers.append(pointer(x, shown, language))
    layers += key_to_series(language, colours, target=target, previous_year=previous_year)
    return finished(layers, say("charts.trend.description", language), colours, height=height)


def _limits(base: alt.Chart, colours: Palette) -> list[alt.Chart]:
    """The band between the natural limits, over the whole width."""
    within = base.transform_filter("isValid(datum.lower)").transform_aggregate(lower="min(lower)", upper="max(upper)")
    band = within.mark_rect(color=colours.line, opacity=0.55).encode(
        x=alt.value(0), x2=alt.value("width"), y="lower:Q", y2="upper:Q"
    )
    return [band]


def _signal_key(language: Language, colours: Palette, *, signals: bool, immature: bool) -> list[alt.Chart]:
    """What band, ring and hatching mean, in a line of their own above the key to the series."""
    layers: list[alt.Chart] = []
    left = 0.0
    marks = [("■", colours.line, "usual", signals), ("○", colours.text, "signal", signals)]
    for sign, colour, name, is_on in [*marks, ("▨", colours.actual, "immature", immature)]:
        if not is_on:
            continue
        word = say(f"charts.trend.{name}", language)
        layers += [note(sign, colour, left, above=34), note(word, colours.muted, left + 17, above=34)]
        left += 17 + text_width(word) * LABEL_SIZE + 14
    return layers


def title(name: str, rows: Frame, writing: Writing, direction: Direction = Direction.UP) -> str:
    """The finding of the latest measured period that is over (else of the running one)."""
    measured = [row for row in rows.to_pylist() if row["actual"] is not None]
    if not measured:
        period = rows["period_text"][-1].as_py() if rows.num_rows else ""
        return finding(name, period, None, None, None, writing, direction)
    row = ([row for row in measured if not row["running"]] or measured)[-1]
    values = (row["actual"], row["target"], row["previous_year"])
    return finding(name, row["period_text"], *values, writing, direction)

"""The fiscal year's running total against the cumulative target and last year's.

Answers: at this pace, will the year's goal be met?
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Column, Frame, flags, floats, given, last_given, texts
from kpi_core.charts.finding import gap, without_days
from kpi_core.charts.notation import (
    FORECAST_DASH,
    Spec,
    amount_axis,
    cached_spec,
    finished,
    hatched,
    period_axis,
    pointer,
    value_label,
)
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.charts.writing import Writing
from kpi_core.model.period import Period
from kpi_core.text import say
from kpi_core.text.numbers import format_period
from kpi_core.vocabulary import Grain

HEIGHT = 260
_COLUMNS = {"actual": "actual", "target": "target", "previous": "previous_year", "landing": "landing"}
#: Pixels a label takes, and of the chart's height those that the axes take.
_LABEL_HEIGHT, _AXES = 17, 62
#: Pixels kept free at the right for the lines' names.
_LABEL_ROOM = 112


class Landing(NamedTuple):
    """Where the year's total is expected to end, and the interval around it (``None`` = not told)."""

    value: float
    low: float | None = None
    high: float | None = None


def frame(
    periods: Sequence[Period],
    actual: Sequence[float | None],
    target: Sequence[float | None],
    previous_year: Sequence[float | None],
    writing: Writing,
    *,
    today: date,
    landing: Landing | None = None,
    height: float = HEIGHT,
) -> Frame:
    """One row per period of ONE fiscal year, in order, for a node whose periods add up.

    Given are the periods' own values; columns ``actual``, ``target``, ``previous_year`` (float64) hold their running
    totals. A total stops at the first missing value: what comes after it is not known. Also ``period`` (key),
    ``running`` (bool), ``actual_label``, ``target_label``, ``previous_label`` (name and value at each line's end, else
    empty), ``actual_at``, ``target_at``, ``previous_at`` (float64: where those labels stand, moved apart), and for the
    pointer ``period_text``, ``actual_text``, ``target_text``, ``previous_text``. ``landing``, ``landing_low``,
    ``landing_high`` (with ``landing_label``, ``landing_at``, ``landing_text``) have the last ended period's total and
    the year's end; elsewhere null, everywhere where ``landing`` is not given. ``height``: that of the chart, by
    which labels are moved apart.
    """
    ends = len(periods) - 1
    columns: dict[str, Column] = {
        "period": texts(period.key for period in periods),
        "running": flags(period.start <= today < period.end for period in periods),
        "period_text": texts(format_period(period, writing.language) for period in periods),
    }
    totals = {"actual": _totals(actual), "target": _totals(target), "previous": _totals(previous_year)}
    totals["landing"], low, high = _ahead(totals["actual"], [period.end <= today for period in periods], landing)
    columns |= {"landing_low": floats(low), "landing_high": floats(high)}
    for short, places in _places(totals, ends, height).items():
        total, last = totals[short], last_given(totals[short])
        column = _COLUMNS[short]
        word = say(f"charts.series.{column}", writing.language)
        columns[column] = floats(total)
        columns[f"{short}_at"] = floats(places)
        columns[f"{short}_label"] = texts(
            f"{word} {writing.value(value, compact=True)}" if at == last and (short != "landing" or at == ends) else ""
            for at, value in enumerate(total)
        )
        columns[f"{short}_text"] = texts(writing.value(value, short=True) for value in total)
    return pa.table(columns)


def _totals(values: Sequence[float | None]) -> list[float | None]:
    numbers = given(values)
    until = numbers.index(None) if None in numbers else len(numbers)
    running: list[float | None] = list(accumulate(value for value in numbers[:until] if value is not None))
    return running + [None] * (len(numbers) - until)


def _ahead(
    actual: list[float | None], ended: Sequence[bool], landing: Landing | None
) -> tuple[list[float | None], list[float | None], list[float | None]]:
    """The way from the last ended period's total to the landing: the value, its lower and its upper end."""
    nothing: list[float | None] = [None] * len(actual)
    if landing is None or not actual or (ended[-1] and actual[-1] is not None):
        return nothing, list(nothing), list(nothing)
    known = last_given([value if over else None for value, over in zip(actual, ended, strict=True)])
    found = []
    for end in landing:
        line = list(nothing)
        if known is not None and end is not None:
            line[known] = actual[known]
        line[-1] = end
        found.append(line)
    return found[0], found[1], found[2]


def _places(totals: dict[str, list[float | None]], end: int, height: float) -> dict[str, list[float | None]]:
    """Where the labels stand: those at the year's end moved apart, the higher total above; a shorter actual's below."""
    places = {short: list(total) for short, total in totals.items()}
    share = _LABEL_HEIGHT / max(height - _AXES, 4 * _LABEL_HEIGHT)
    room = share * max((abs(v) for total in totals.values() for v in total if v is not None), default=0.0)
    if last_given(totals["actual"]) != end:
        places["actual"] = [None if value is None else value - room for value in totals["actual"]]
    at_end = sorted((total[end], short) for short, total in totals.items() if total and total[end] is not None)
    for (_, below), (value, above) in pairwise(at_end):
        places[above][end] = max(value or 0.0, (places[below][end] or 0.0) + room)
    return places


@cached_spec
def spec(
    writing: Writing,
    grain: Grain = Grain.MONTH,
    *,
    landing: bool = False,
    height: int = HEIGHT,
    colours: Palette = LIGHT,
) -> Spec:
    """Three lines over ``period``, each named at its end; the running period's point is hollow.

    ``landing``: the actual goes on dashed to where it is expected to end, its interval hatched.
    """
    language = writing.language
    x = alt.X(
        "period:O",
        sort=None,
        axis=period_axis(grain, language),
        scale=alt.Scale(padding=0.3, range=[0, alt.ExprRef(f"width-{_LABEL_ROOM}")]),
    )
    base = alt.Chart()

    def line(column: str, **mark: Any) -> alt.Chart:
        y = alt.Y(f"{column}:Q", axis=amount_axis(writing), scale=alt.Scale(nice=True, zero=True))
        drawn: alt.Chart = base.mark_line(**mark).encode(x=x, y=y)
        return drawn

    layers: list[alt.Chart] = [
        line("previous_year", color=colours.previous_year, strokeWidth=2.5),  # all periods: the axis takes its order
        *(_landing_layers(base, x, colours) if landing else ()),
        line("target", color=colours.target, strokeWidth=1.5, strokeDash=[5, 4]),
        line("actual", color=colours.actual, strokeWidth=3.5),
        base.mark_rule(color=colours.muted).encode(y=alt.datum(0)),
        base.mark_point(size=70, opacity=1, strokeWidth=2, stroke=colours.actual).encode(
            x=x,
            y="actual:Q",
            fill=alt.condition("datum.running", alt.value(colours.background), alt.value(colours.actual)),
        ),
    ]
    ends = [("previous", colours.muted), ("target", colours.target), ("actual", colours.text)]
    for short, colour in [*ends, *([("landing", colours.text)] if landing else [])]:
        label = base.transform_filter(f"datum.{short}_label != ''").encode(
            x=x, y=f"{short}_at:Q", text=f"{short}_label:N"
        )
        weight = "bold" if short in ("actual", "landing") else "normal"
        layers += value_label(label, colours, align="left", dx=10, color=colour, fontWeight=weight)
    shown = [("period_text", "charts.columns.period"), ("actual_text", "charts.series.actual")]
    shown += [("target_text", "charts.series.target"), ("previous_text", "charts.series.previous_year")]
    shown += [("landing_text", "charts.series.landing")] if landing else []
    layers.append(pointer(x, shown, language))
    return finished(layers, say("charts.pace.description", language), colours, height=height)


def _landing_layers(base: alt.Chart, x: alt.X, colours: Palette) -> list[alt.Chart]:
    """The interval as a hatched wedge that opens from the last total, and the way to the landing as a dashed line."""
    within = base.transform_filter("isValid(datum.landing_low)")
    way = base.transform_filter("isValid(datum.landing)")
    wedge = within.mark_area(color=hatched(colours, stripes=14), opacity=0.45)
    return [
        wedge.encode(x=x, y="landing_low:Q", y2="landing_high:Q"),
        way.mark_line(color=colours.actual, strokeWidth=2.5, strokeDash=list(FORECAST_DASH)).encode(x=x, y="landing:Q"),
        way.transform_filter("datum.landing_label != ''")
        .mark_point(size=70, opacity=1, strokeWidth=2, stroke=colours.actual, fill=colours.background)
        .encode(x=x, y="landing:Q"),
    ]


def title(name: str, year: str, rows: Frame, writing: Writing) -> str:
    """The finding at the last finished period with a total (the running one where there is no other).

    ``year`` in words. A running total is compared only where the target reaches as far.
    """
    measured = [row for row in rows.to_pylist() if row["actual"] is not None]
    if not measured:
        return say("charts.pace.unmeasured", writing.language, name=name, year=year)
    row = ([row for row in measured if not row["running"]] or measured)[-1]
    actual, target, period = row["actual"], row["target"], without_days(row["period_text"])
    if target is None:
        return say("charts.pace.value", writing.language, name=name, value=writing.value(actual), period=period)
    difference = gap(actual, target, writing)
    side = "equal" if not difference else "above" if actual > target else "below"
    return say(f"charts.pace.{side}", writing.language, name=name, gap=difference, period=period)

"""One KPI split by a dimension: bars for a period, and small panels over time on one scale.

Answers: where does it come from, and who differs?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, flags, floats, given, known, texts
from kpi_core.charts.finding import without_days
from kpi_core.charts.notation import TEXT_SIZE, Spec, amount_axis, cached_spec, finished, period_axis, pointer
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.charts.writing import Writing
from kpi_core.model.period import Period
from kpi_core.text import say
from kpi_core.text.numbers import format_percent, format_period
from kpi_core.vocabulary import Grain

LIMIT = 10
PANEL_HEIGHT = 120


def frame(
    segments: Sequence[tuple[str | None, float | None]], writing: Writing, *, limit: int = LIMIT, adds_up: bool = True
) -> Frame:
    """One row per segment with a value, largest first, at most ``limit`` and then the rest as その他.

    ``segments``: name (None: blank in the data) and value; unmeasured ones are left out. ``adds_up``: the values are
    parts of a whole (sums, counts), so the rest is their sum and each has a share; else (rates) the rest is left out.
    Columns: ``segment``, ``value``, ``share`` (float64; null where there is none), ``value_text`` (with the share),
    ``rest`` (bool).
    """
    named = [(say("charts.axis.none", writing.language) if name is None else name, value) for name, value in segments]
    measured = sorted(
        ((name, float(value)) for name, value in named if value is not None and known(value)), key=lambda pair: -pair[1]
    )
    shown, rest = measured[:limit], measured[limit:]
    if rest and adds_up:
        shown.append((say("charts.split.other", writing.language, count=len(rest)), sum(value for _, value in rest)))
    whole = sum(value for _, value in measured)
    has_shares = adds_up and whole > 0 and all(value >= 0 for _, value in measured)
    shares = [value / whole if has_shares else None for _, value in shown]
    return pa.table(
        {
            "segment": texts(name for name, _ in shown),
            "value": floats(value for _, value in shown),
            "share": floats(shares),
            "value_text": texts(
                _in_words(value, share, writing) for (_, value), share in zip(shown, shares, strict=True)
            ),
            "rest": flags(position >= limit for position in range(len(shown))),
        }
    )


def _in_words(value: float, share: float | None, writing: Writing) -> str:
    text = writing.value(value, compact=True)
    return text if share is None else f"{text} ({format_percent(share, writing.language, decimals=0)})"


@cached_spec
def spec(writing: Writing, *, colours: Palette = LIGHT) -> Spec:
    """A bar a segment with its name and value above it, the rest in grey."""
    y = alt.Y("segment:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0.64, paddingOuter=0.55))
    base = alt.Chart()
    heads = [
        alt.Tooltip("segment:N", title=say("charts.columns.segment", writing.language)),
        alt.Tooltip("value_text:N", title=say("charts.series.actual", writing.language)),
    ]
    shade = alt.condition("datum.rest", alt.value(colours.previous_year), alt.value(colours.actual))
    layers = [
        base.mark_bar(tooltip=True).encode(
            y=y, x=alt.X("value:Q", axis=None, scale=alt.Scale(zero=True, nice=False)), color=shade, tooltip=heads
        ),
        base.mark_rule(color=colours.muted).encode(x=alt.datum(0)),
        base.mark_text(align="left", dx=4, dy=-17, fontSize=TEXT_SIZE, limit=alt.ExprRef("width-130")).encode(
            y=y, x=alt.value(0), text="segment:N"
        ),
        base.mark_text(align="right", dy=-17, fontWeight="bold", fontSize=TEXT_SIZE).encode(
            y=y, x=alt.value("width"), text="value_text:N"
        ),
    ]
    return finished(layers, say("charts.split.description", writing.language), colours, height=alt.Step(42))


def title(name: str, rows: Frame, period: str, writing: Writing, *, adds_up: bool = True) -> str:
    """Which segment is largest, with its share; for rates, which is highest. ``period`` in words."""
    language, period = writing.language, without_days(period)
    if not rows.num_rows:
        return say("charts.split.none", language, name=name, period=period)
    first = rows.slice(0, 1).to_pylist()[0]
    if adds_up and first["share"] is not None:
        share = format_percent(first["share"], language, decimals=0)
        return say("charts.split.leads", language, name=name, segment=first["segment"], share=share, period=period)
    value = writing.value(first["value"])
    return say("charts.split.highest", language, name=name, segment=first["segment"], value=value, period=period)


def domain(series: Iterable[Sequence[float | None]]) -> tuple[float, float]:
    """The range, zero included, that all panels share: smallest and largest value of all series."""
    values = [value for one in series for value in one if value is not None and known(value)]
    return min([0.0, *values]), max([0.0, *values])


def panel_frame(
    periods: Sequence[Period], values: Sequence[float | None], writing: Writing, *, domain: tuple[float, float]
) -> Frame:
    """One segment over time: one row per period, gaps kept. ``domain``: that of all panels (``domain``).

    Columns: ``period`` (key), ``value``, ``low``, ``high`` (float64), ``period_text``, ``value_text``.
    """
    values, (low, high) = given(values), domain
    return pa.table(
        {
            "period": texts(period.key for period in periods),
            "value": floats(values),
            "low": floats([low] * len(periods)),
            "high": floats([high] * len(periods)),
            "period_text": texts(format_period(period, writing.language) for period in periods),
            "value_text": texts(writing.value(value, short=True) for value in values),
        }
    )


@cached_spec
def panel_spec(writing: Writing, grain: Grain = Grain.MONTH, *, colours: Palette = LIGHT) -> Spec:
    """One small panel; several beside each other have the same scale through ``low`` and ``high``."""
    x = alt.X("period:O", sort=None, axis=period_axis(grain, writing.language), scale=alt.Scale(padding=0.3))
    base = alt.Chart()
    layers = [
        *(base.mark_point(opacity=0).encode(x=x, y=alt.Y(f"{column}:Q")) for column in ("low", "high")),
        base.mark_bar(color=colours.actual).encode(
            x=x, y=alt.Y("value:Q", stack=None, axis=amount_axis(writing, ticks=3), scale=alt.Scale(zero=True))
        ),
        base.mark_rule(color=colours.muted).encode(y=alt.datum(0)),
        pointer(
            x, [("period_text", "charts.columns.period"), ("value_text", "charts.series.actual")], writing.language
        ),
    ]
    text = say("charts.split.description_panel", writing.language)
    return finished(layers, text, colours, height=PANEL_HEIGHT)

"""The difference to the target by period, in status colours, below a trend on the same periods.

Answers: how often, and since when, is it better or worse than planned?
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, floats, given, last_given, texts
from kpi_core.charts.notation import (
    Spec,
    amount_axis,
    cached_spec,
    finished,
    note,
    pointer,
    value_label,
)
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.charts.trend import AXIS_ROOM
from kpi_core.charts.writing import Writing
from kpi_core.model.period import Period
from kpi_core.text import say
from kpi_core.text.numbers import format_period
from kpi_core.text.wrapping import text_width
from kpi_core.vocabulary import Direction

HEIGHT = 80


def frame(
    periods: Sequence[Period],
    actual: Sequence[float | None],
    target: Sequence[float | None],
    writing: Writing,
    direction: Direction = Direction.UP,
    *,
    today: date,
) -> Frame:
    """One row per period, in order; a period that is not over has no difference yet.

    Columns: ``period`` (key), ``variance`` (float64: actual − target; null = none), ``side`` (``good``, ``bad``;
    ``neither`` for a band and for no difference), ``label`` (the latest difference in words, else empty),
    ``period_text``, ``variance_text``.
    """
    pairs = zip(periods, given(actual), given(target), strict=True)
    values = [None if now is None or aim is None or period.end > today else now - aim for period, now, aim in pairs]
    latest = last_given(values)
    words = ["–" if value is None else writing.change(value) for value in values]
    return pa.table(
        {
            "period": texts(period.key for period in periods),
            "variance": floats(values),
            "side": texts(_side(value, direction) for value in values),
            "label": texts(word if at == latest else "" for at, word in enumerate(words)),
            "period_text": texts(format_period(period, writing.language) for period in periods),
            "variance_text": texts(words),
        }
    )


def _side(value: float | None, direction: Direction) -> str:
    if not value or direction is Direction.RANGE:
        return "neither"
    return "good" if (value > 0) == (direction is Direction.UP) else "bad"


@cached_spec
def spec(writing: Writing, *, height: int = HEIGHT, colours: Palette = LIGHT) -> Spec:
    """Thin bars up and down from the zero line; what the colours mean stands above them with its sign.

    The periods are named by the trend above, which has them at the same places.
    """
    language = writing.language
    x = alt.X("period:O", sort=None, axis=None, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.2))
    axis = amount_axis(writing, ticks=2, room=AXIS_ROOM)
    axis.title = None
    y = alt.Y("variance:Q", stack=None, axis=axis, scale=alt.Scale(nice=True, zero=True))
    shades = alt.Scale(domain=["good", "bad", "neither"], range=[colours.on_track, colours.off_track, colours.none])
    base = alt.Chart()
    label = base.transform_filter("datum.label != ''").encode(x=x, y=y, text="label:N")
    layers = [
        base.mark_point(opacity=0).encode(x=x, y=alt.datum(0)),  # all periods in order, also those without a bar
        base.mark_bar(width=alt.RelativeBandSize(0.4)).encode(
            x=x, y=y, color=alt.Color("side:N", scale=shades, legend=None)
        ),
        base.mark_rule(color=colours.muted, strokeWidth=1).encode(y=alt.datum(0)),
        *value_label(
            label, colours, dy=alt.ExprRef("datum.variance < 0 ? 10 : -9"), align="right", xOffset=12, fontWeight="bold"
        ),
        pointer(x, [("period_text", "charts.columns.period"), ("variance_text", "charts.columns.variance")], language),
    ]
    left = 0.0
    title, good, bad = (say(f"charts.variance.{name}", language) for name in ("title", "good", "bad"))
    for text, colour in ((title, colours.muted), (good, colours.on_track_text), (bad, colours.off_track_text)):
        layers.append(note(text, colour, left))
        left += text_width(text) * 12 + 14
    return finished(layers, say("charts.variance.description", language), colours, height=height)

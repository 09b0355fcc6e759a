"""A tile's small line: the recent values, the target as a thin line, a dot on the latest, the achievement as a bar.

Drawn as a spec of its own rather than ``st.metric(chart_data=…)``: that one has no target, closes gaps, and starts
its axis at the smallest value.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, flags, floats, given, last_given, positions, texts
from kpi_core.charts.finding import finding
from kpi_core.charts.notation import Spec, cached_spec, finished
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.charts.writing import Writing
from kpi_core.model.period import Period
from kpi_core.text import say
from kpi_core.text.numbers import format_period
from kpi_core.vocabulary import Direction, Status

HEIGHT = 64
#: The bar below the line: its thickness, and how far it reaches at 100 %, as a share of the width.
_BAR = 6
_WHOLE = 0.8


def frame(
    periods: Sequence[Period],
    actual: Sequence[float | None],
    target: Sequence[float | None],
    writing: Writing,
    achievement: float | None = None,
    signals: Collection[str] = (),
) -> Frame:
    """One row per period, in order, gaps kept; ``achievement`` is the share of the goal reached in the last period.

    ``signals``: the keys of the periods that are no usual variation.

    Columns: ``position`` (int64), ``actual``, ``target`` (float64), ``latest`` (bool), ``bar`` (float64: the bar's
    length as a share of the width, in the last row alone, null without an achievement), ``signal`` (bool),
    ``period_text``, ``actual_text``, ``target_text``.
    """
    actual, target = given(actual), given(target)
    latest = last_given(actual)
    bar = None if achievement is None else min(max(achievement * _WHOLE, 0.0), 1.0)
    return pa.table(
        {
            "position": positions(len(periods)),
            "actual": floats(actual),
            "target": floats(target),
            "latest": flags(at == latest for at in range(len(periods))),
            "bar": floats(bar if at == len(periods) - 1 else None for at in range(len(periods))),
            "signal": flags(period.key in signals for period in periods),
            "period_text": texts(format_period(period, writing.language) for period in periods),
            "actual_text": texts(writing.value(value, short=True) for value in actual),
            "target_text": texts(writing.value(value, short=True) for value in target),
        }
    )


@cached_spec
def spec(writing: Writing, status: Status = Status.NONE, *, height: int = HEIGHT, colours: Palette = LIGHT) -> Spec:
    """A line without axes; dot and bar have the status's colour, the tick across the bar stands at 100 %.

    A ring is around each signal.
    """
    language = writing.language
    x = alt.X("position:Q", axis=None, scale=alt.Scale(nice=False, padding=6))
    base = alt.Chart()

    def y(column: str) -> alt.Y:
        room = alt.Scale(zero=False, nice=False, padding=6, range=[alt.ExprRef(f"height-{_BAR + 6}"), 0])
        return alt.Y(f"{column}:Q", axis=None, scale=room)

    pointer = [
        alt.Tooltip("period_text:N", title=say("charts.columns.period", language)),
        alt.Tooltip("actual_text:N", title=say("charts.series.actual", language)),
        alt.Tooltip("target_text:N", title=say("charts.series.target", language)),
    ]
    reached = base.transform_filter("isValid(datum.bar)")

    def bar(colour: str, until: str) -> alt.Chart:
        top, foot = alt.ExprRef(f"height-{_BAR}"), alt.ExprRef("height")
        drawn: alt.Chart = reached.mark_rect(color=colour).encode(
            x=alt.value(0), x2=alt.value(alt.ExprRef(until)), y=alt.value(top), y2=alt.value(foot)
        )
        return drawn

    layers = [
        bar(colours.line, "width"),
        bar(colours.status(status), "width*datum.bar"),
        reached.mark_rule(color=colours.target, strokeWidth=2).encode(
            x=alt.value(alt.ExprRef(f"width*{_WHOLE}")),
            y=alt.value(alt.ExprRef(f"height-{_BAR + 3}")),
            y2=alt.value(alt.ExprRef("height")),
        ),
        base.mark_line(color=colours.target, strokeWidth=1, strokeDash=[3, 3], opacity=0.6).encode(x=x, y=y("target")),
        base.mark_line(color=colours.actual, strokeWidth=2).encode(x=x, y=y("actual")),
        base.mark_circle(size=12, color=colours.actual, opacity=1).encode(x=x, y=y("actual")),
        base.transform_filter("datum.latest")
        .mark_circle(size=70, opacity=1, color=colours.status(status))
        .encode(x=x, y=y("actual")),
        base.transform_filter("datum.signal")
        .mark_point(size=150, opacity=1, filled=False, strokeWidth=1.5, color=colours.text)
        .encode(x=x, y=y("actual")),
        base.mark_rule(opacity=0, strokeWidth=14).encode(x=x, y=alt.value(0), y2=alt.value("height"), tooltip=pointer),
    ]
    drawn = finished(layers, say("charts.sparkline.description", language), colours, height=height, top=2)
    drawn["padding"] = {"left": 0, "right": 0, "top": 2, "bottom": 2}
    return drawn


def title(name: str, rows: Frame, writing: Writing, direction: Direction = Direction.UP) -> str:
    """The finding at the latest value, for screen readers."""
    latest = [row for row in rows.to_pylist() if row["latest"]]
    if not latest:
        period = rows["period_text"][-1].as_py() if rows.num_rows else ""
        return finding(name, period, None, None, None, writing, direction)
    row = latest[0]
    return finding(name, row["period_text"], row["actual"], row["target"], None, writing, direction)

"""How much each driver moves the goal when it alone goes 10 % down or up: a tornado, the widest bar first.

Answers: where is pushing worth it?
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, floats, texts
from kpi_core.charts.notation import Spec, cached_spec, finished, lying_amount_axis, named_target
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.charts.writing import Writing
from kpi_core.text import say

STEP = 50
#: Of a step: the bar below, its driver and the differences in words above.
_BAR, _ABOVE, _BELOW = 14, -13, 9


class Bar(NamedTuple):
    """A driver by name, and the goal with the driver lower and higher; ``None`` = no value there."""

    name: str
    low: float | None
    high: float | None


def frame(bars: Sequence[Bar], stands: float, target: float | None, writing: Writing) -> Frame:
    """Two rows a driver, in order: ``name``, ``side`` (``less``, ``more``), ``value``, ``stands`` and ``target``
    (float64; null = none), ``target_text``, ``label`` (the difference in words), ``value_text``,
    ``heading`` (driver and both differences; of the first row only)."""

    def moved(value: float | None) -> str:
        return "–" if value is None else writing.change(value - stands)

    rows = [(bar.name, side, value) for bar in bars for side, value in (("less", bar.low), ("more", bar.high))]
    return pa.table(
        {
            "name": texts(name for name, _, _ in rows),
            "side": texts(side for _, side, _ in rows),
            "value": floats(value for _, _, value in rows),
            "stands": floats(stands for _ in rows),
            "target": floats(target for _ in rows),
            "target_text": texts(writing.value(target, compact=True) for _ in rows),
            "label": texts("" if value is None else moved(value) for _, _, value in rows),
            "value_text": texts(writing.value(value, compact=True) for _, _, value in rows),
            "heading": texts(
                text for bar in bars for text in (f"{bar.name}\u2003{moved(bar.low)} / {moved(bar.high)}", "")
            ),
        }
    )


def title(bars: Sequence[Bar], writing: Writing) -> str:
    """What the chart finds: which driver moves the goal most."""
    widest = next((bar for bar in bars if bar.low is not None and bar.high is not None), None)
    if widest is None or widest.low is None or widest.high is None:
        return say("charts.tornado.nothing", writing.language)
    width = abs(widest.high - widest.low) / 2
    return say("charts.tornado.title", writing.language, name=widest.name, width=writing.value(width, compact=True))


@cached_spec
def spec(writing: Writing, *, colours: Palette = LIGHT) -> Spec:
    """Bars from where things stand; 10 % less in light grey, 10 % more dark; the target a dashed line with its name."""
    language = writing.language
    axis = lying_amount_axis(writing)
    y = alt.Y("name:N", sort=None, title=None, axis=None)
    x = alt.X("value:Q", axis=axis, scale=alt.Scale(zero=False, nice=True, padding=8))
    shades = alt.Scale(domain=["less", "more"], range=[colours.previous_year, colours.actual])
    words = {side: say(f"charts.tornado.{side}", language) for side in ("less", "more")}
    key = alt.Legend(
        orient="top", offset=24, title=None, labelExpr=f"datum.value == 'less' ? '{words['less']}' : '{words['more']}'"
    )
    base = alt.Chart().transform_filter("isValid(datum.value)")
    tooltip = [
        alt.Tooltip("name:N", title=say("charts.columns.node", language)),
        alt.Tooltip("value_text:N", title=say("charts.tornado.goal", language)),
        alt.Tooltip("label:N", title=say("charts.tornado.change", language)),
    ]
    layers = [
        base.mark_bar(height=_BAR, yOffset=_BELOW).encode(
            y=y, x=x, x2="stands:Q", color=alt.Color("side:N", scale=shades, legend=key), tooltip=tooltip
        ),
        alt.Chart().mark_rule(color=colours.muted).encode(x="mean(stands):Q"),
        *named_target(language, colours),
    ]
    heading = alt.Chart().encode(y=y, x=alt.value(0), text="heading:N")
    layers += [  # readable where the lines pass behind
        heading.mark_text(align="left", dy=_ABOVE, stroke=colours.background, strokeWidth=4),
        heading.mark_text(align="left", dy=_ABOVE),
    ]
    return finished(layers, say("charts.tornado.description", language), colours, height=alt.Step(STEP))

"""Where the goal may come out: the middle half and nine in ten of the simulated futures, against the target.

Answers: how sure is it?
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, floats, texts
from kpi_core.charts.notation import Spec, cached_spec, finished, lying_amount_axis
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.charts.writing import Writing
from kpi_core.text import say

HEIGHT = 150
#: Where the box lies, from the top: the axis and its unit take what is below.
_MIDDLE = 55


def frame(percentiles: Mapping[int, float], target: float | None, writing: Writing) -> Frame:
    """One row: ``p5``, ``p25``, ``p50``, ``p75``, ``p95``, ``target`` (float64; null = none) and each ``…_text``."""
    named: dict[str, float | None] = {f"p{share}": percentiles.get(share) for share in (5, 25, 50, 75, 95)}
    named["target"] = target
    columns = {name: floats([value]) for name, value in named.items()}
    columns |= {f"{name}_text": texts([writing.value(value, compact=True)]) for name, value in named.items()}
    return pa.table(columns)


@cached_spec
def spec(writing: Writing, *, colours: Palette = LIGHT) -> Spec:
    """A thin line over nine in ten futures, a box over the middle half, a dot for the middle; the target dashed."""
    language = writing.language
    axis = lying_amount_axis(writing)

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", axis=axis, title=None, scale=alt.Scale(zero=False, nice=True, padding=40))

    heads = [("p5", "low"), ("p25", "lower"), ("p50", "middle"), ("p75", "upper"), ("p95", "high")]
    tooltip = [alt.Tooltip(f"{name}_text:N", title=say(f"charts.spread.{key}", language)) for name, key in heads]
    base = alt.Chart().encode(y=alt.value(_MIDDLE), tooltip=tooltip)
    aim = alt.Chart().transform_filter("isValid(datum.target)")
    layers = [
        base.mark_rule(color=colours.running, strokeWidth=3).encode(x=x("p5"), x2="p95:Q"),
        base.mark_bar(color=colours.running, height=26).encode(x=x("p25"), x2="p75:Q"),
        base.mark_point(color=colours.actual, filled=True, size=130, opacity=1).encode(x=x("p50")),
        *(
            base.mark_text(dy=30, color=colours.muted).encode(x=x(name), text=f"{name}_text:N")
            for name in ("p5", "p95")
        ),
        base.mark_text(dy=-24, fontWeight="bold").encode(x=x("p50"), text="p50_text:N"),
        aim.mark_rule(color=colours.target, strokeDash=[4, 3], strokeWidth=1.5).encode(x=x("target")),
        aim.transform_calculate(words=f"'{say('charts.series.target', language)} ' + datum.target_text")
        .mark_text(align="left", dx=5, y=6)
        .encode(x=x("target"), text="words:N"),
    ]
    return finished(layers, say("charts.spread.description", language), colours, height=HEIGHT)

"""A few named counts as bars, what needs attention in its colour.

Answers: how many of which kind?
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, flags, floats, texts
from kpi_core.charts.notation import TEXT_SIZE, Spec, cached_spec, finished
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.text import say
from kpi_core.vocabulary import Language

_ROW = 40


def frame(counts: Sequence[tuple[str, int, bool]]) -> Frame:
    """One row per count in the order given: ``name``, ``count`` (float64), ``text``, ``marked`` (bool)."""
    return pa.table(
        {
            "name": texts(name for name, *_ in counts),
            "count": floats(count for _, count, _ in counts),
            "text": texts(f"{count:,}" for _, count, _ in counts),
            "marked": flags(marked for *_, marked in counts),
        }
    )


@cached_spec
def spec(language: Language, *, colours: Palette = LIGHT) -> Spec:
    """A bar a count with its name above and its number behind; marked ones in the colour of what is off track."""
    y = alt.Y("name:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0.64, paddingOuter=0.55))
    base = alt.Chart()
    shade = alt.condition("datum.marked", alt.value(colours.off_track), alt.value(colours.actual))
    x = alt.X("count:Q", axis=None, scale=alt.Scale(zero=True, nice=False, domainMin=0))
    layers = [
        base.mark_bar().encode(y=y, x=x, color=shade),
        base.mark_rule(color=colours.muted).encode(x=alt.datum(0)),
        base.mark_text(align="left", dx=4, dy=-17, fontSize=TEXT_SIZE, limit=alt.ExprRef("width-60")).encode(
            y=y, x=alt.value(0), text="name:N"
        ),
        base.mark_text(align="right", dx=-2, dy=-17, fontSize=TEXT_SIZE, fontWeight="bold").encode(
            y=y, x=alt.value("width"), text="text:N"
        ),
    ]
    return finished(layers, say("charts.counts.description", language), colours, height=alt.Step(_ROW))

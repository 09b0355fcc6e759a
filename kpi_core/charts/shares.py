"""A counted share by period with the interval that its count leaves open.

Answers: does it get better, and how sure is that?
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, floats, texts
from kpi_core.charts.notation import Spec, cached_spec, finished, period_axis, pointer
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.model.period import Period
from kpi_core.text import say
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Grain, Language

HEIGHT = 150


class Counted(NamedTuple):
    """``part`` of ``whole`` in a period, and the interval of the rate (0-1)."""

    period: Period
    part: int
    whole: int
    low: float
    high: float


def frame(shares: Sequence[Counted], language: Language) -> Frame:
    """One row per period with a share, oldest first.

    Columns: ``period`` (key), ``period_text``, ``share``, ``low``, ``high`` (float64, 0-1), ``share_text``,
    ``range_text``, ``count_text`` (``46/133``).
    """

    def percent(share: float) -> str:
        return format_percent(share, language, decimals=0, short=True)

    return pa.table(
        {
            "period": texts(one.period.key for one in shares),
            "period_text": texts(format_period(one.period, language) for one in shares),
            "share": floats(one.part / one.whole for one in shares),
            "low": floats(one.low for one in shares),
            "high": floats(one.high for one in shares),
            "share_text": texts(percent(one.part / one.whole) for one in shares),
            "range_text": texts(
                say("charts.shares.range", language, low=percent(one.low), high=percent(one.high)) for one in shares
            ),
            "count_text": texts(f"{one.part:,}/{one.whole:,}" for one in shares),
        }
    )


@cached_spec
def spec(language: Language, grain: Grain, *, colours: Palette = LIGHT) -> Spec:
    """A line over the band of its interval, from 0 to 100 %; the last value is written beside it."""
    x = alt.X("period:O", axis=period_axis(grain, language), scale=alt.Scale(paddingOuter=0.6))
    axis = alt.Axis(format="%", values=[0, 0.5, 1], title=None)
    scale = alt.Scale(domain=[0, 1], nice=False)
    base = alt.Chart()
    heads = [
        ("period_text", "charts.columns.period"),
        ("share_text", "charts.shares.share"),
        ("range_text", "charts.shares.interval"),
        ("count_text", "charts.shares.counts"),
    ]
    last = base.transform_window(at="row_number()").transform_joinaggregate(most="max(at)")
    last = last.transform_filter("datum.at == datum.most")
    layers = [
        base.mark_area(color=colours.running, opacity=0.35).encode(
            x=x, y=alt.Y("low:Q", axis=axis, scale=scale), y2="high:Q"
        ),
        base.mark_line(color=colours.actual, strokeWidth=2, point=alt.OverlayMarkDef(color=colours.actual)).encode(
            x=x, y=alt.Y("share:Q", axis=axis, scale=scale)
        ),
        last.mark_text(align="center", dy=-9, fontWeight="bold").encode(
            x=x, y=alt.Y("high:Q", axis=axis, scale=scale), text="share_text:N"
        ),
        pointer(x, heads, language),
    ]
    return finished(layers, say("charts.shares.description", language), colours, height=HEIGHT)

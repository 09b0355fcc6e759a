"""A node split by a dimension: bars of the period, and each part over time in small panels on one scale."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts import split
from kpi_core.charts.columns import Frame
from kpi_core.charts.writing import Writing
from kpi_core.services.dashboards import SPARK_PERIODS, Board, Tile
from kpi_core.services.splitting import Segment, Split, added, split_of
from kpi_core.text import enumerated, say
from kpi_core.text.periods import format_period
from pages.components.chart import chart, colours, titled_chart
from pages.components.plain import plain
from pages.components.session import current, state, t
from pages.components.tile import name_of

#: Names of segments without a value that are told one by one.
_NAMED = 8


def split_charts(board: Board, one: Tile, writing: Writing, dimensions: tuple[str, ...], *, key: str) -> Split | None:
    """The choice of the dimension and its bars in the period; gives the parts, for ``split_panels``."""
    by = st.segmented_control(
        t("dashboard.split_by"),
        dimensions,
        format_func=plain,
        key=f"{key}.by.{one.node.code}",
        default=dimensions[0],
        required=True,
    )
    code, adds_up = one.node.code, one.node.code in board.evaluated.additive
    if board.period is None or by is None:
        return None
    period = board.period
    periods = board.trend(code, SPARK_PERIODS).periods

    def parted() -> Split:
        with state() as here:
            return split_of(here, current().workshop or "", periods, code, by, today=board.today)

    found = board.once(("parts", code, by), parted)

    def drawn() -> tuple[Frame, str]:
        rows = split.frame(found.latest, writing, adds_up=adds_up)
        words = format_period(period, writing.language)
        return rows, split.title(name_of(one), rows, words, writing, adds_up=adds_up)

    rows, finding = board.once(("split", code, by, writing.language), drawn)
    heads = {"segment": "charts.columns.segment", "value_text": "charts.series.actual"}
    titled_chart(rows, split.spec(writing, colours=colours()), finding, heads, key=f"{key}.split.{code}")
    _without(found, writing)
    return found


def _without(found: Split, writing: Writing) -> None:
    """Which segments have no value in this period: absent, not zero."""
    if not found.without:
        return
    names = [_name(name, writing) for name in found.without[:_NAMED]]
    more = len(found.without) - len(names)
    text = enumerated(names, writing.language)
    st.caption(t("dashboard.segments_without", names=text) + (f" +{more}" if more else ""))


def split_panels(board: Board, one: Tile, found: Split, writing: Writing, *, key: str) -> None:
    """A panel a segment over time; the rest together where its sum means something, else told."""
    if len(found.segments) < 2:
        return
    adds_up = one.node.code in board.evaluated.additive
    shown, rest = found.panels()
    named = [(_name(segment.name, writing), segment) for segment in shown]
    if rest and adds_up:
        other = say("charts.split.other", writing.language, count=len(rest))
        named.append((other, Segment(None, added(rest))))
    words = t("dashboard.segments_over_time", name=name_of(one))
    st.markdown(f"**{words}** :small[:gray[{t('dashboard.same_scale')}]]")
    domain = split.domain(segment.values for _, segment in named)
    grain = found.periods[-1].grain
    spec = split.panel_spec(writing, grain, colours=colours())
    with st.grid(6, min_column_width=200):
        for at, (name, segment) in enumerate(named):
            with st.container(gap="xxsmall"):
                st.markdown(f":small[{plain(name)}]")
                rows = split.panel_frame(found.periods, segment.values, writing, domain=domain)
                chart(rows, spec, f"{name_of(one)}: {name}", key=f"{key}.panel.{one.node.code}.{at}")
    if rest and not adds_up:
        st.caption(t("dashboard.segments_left", count=len(rest)))


def _name(name: str | None, writing: Writing) -> str:
    return say("charts.axis.none", writing.language) if name is None else name

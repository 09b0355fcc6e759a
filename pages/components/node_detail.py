"""One KPI large: its trend, the split by a dimension, and the rows behind the number."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.charts import split
from kpi_core.charts.writing import Writing
from kpi_core.model.measure import dimensions_of
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile, rows_behind_number, segments
from kpi_core.services.datasets import today_of
from kpi_core.text.periods import format_period
from pages.components.executive_board import trend_chart
from pages.components.frame import named
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.status import status_badge
from pages.components.tile import name_of, target_line, value_with_change


def node_detail(board: Board, workshop: Workshop, one: Tile, today: date) -> None:
    """The panel of one node; it reruns alone."""
    writing = Writing.of(one.node, workshop.settings, current().language)
    with st.container(border=True, key="node_detail"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(named(name_of(one)), anchor=False, width="content")
            status_badge(one.standing.status)
        left, right = st.columns([1, 3], gap="large")
        with left:
            value_with_change(one, writing)
            target_line(one, writing)
        with right:
            trend_chart(board, one, writing, today, key=f"dashboard.trend.{one.node.code}")
        if one.node.measure is not None:
            dimensions = dimensions_of(one.node.measure)
            if dimensions:
                _split(board, workshop, one, writing, dimensions)
            _rows(board, one)


def _split(board: Board, workshop: Workshop, one: Tile, writing: Writing, dimensions: tuple[str, ...]) -> None:
    by = st.segmented_control(
        t("dashboard.split_by"),
        dimensions,
        format_func=plain,
        key=f"dashboard.by.{one.node.code}",
        default=dimensions[0],
        required=True,
    )
    if board.period is None or by is None:
        return
    with state() as here:
        parts = segments(here, current().workshop or "", board.period, one.node.code, by, today=today_of(workshop))
    adds_up = one.node.code in board.evaluated.additive
    rows = split.frame(parts, writing, adds_up=adds_up)
    period = format_period(board.period, current().language)
    st.markdown(f"**{plain(split.title(name_of(one), rows, period, writing, adds_up=adds_up))}**")
    st.vega_lite_chart(rows, split.spec(writing), key=f"dashboard.split.{one.node.code}")


def _rows(board: Board, one: Tile) -> None:
    if board.period is None:
        return
    with st.expander(t("dashboard.rows_behind"), on_change="rerun", key=f"dashboard.rows.{one.node.code}") as shown:
        if not shown.open:
            return
        with state() as here:
            found = rows_behind_number(here, current().workshop or "", one.node.code, board.period)
        st.caption(t("dashboard.rows_caption", count=len(found)))
        st.dataframe(found, hide_index=True, placeholder=raw("dashboard.no_rows"))

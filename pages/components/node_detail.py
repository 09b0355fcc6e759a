"""One KPI large, beside the page: its trend, the split by a dimension, the rows behind the number, its definition."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts import split
from kpi_core.charts.columns import Frame
from kpi_core.charts.writing import Writing
from kpi_core.model.measure import dimensions_of
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile, rows_behind_number, segments
from kpi_core.services.exporting import csv_bytes
from kpi_core.text.periods import format_period
from pages.components.chart import chart, colours
from pages.components.downloads import file_stem
from pages.components.executive_board import trend_chart
from pages.components.frame import named
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.status import status_badge
from pages.components.tile import definition, fresh_line, name_of, target_line, value_with_change


def node_detail(board: Board, workshop: Workshop, one: Tile) -> None:
    """Opens the drawer of one node; it reruns alone, and closing it leaves the page where it was."""

    @st.dialog(named(name_of(one)), width=760, position="right", on_dismiss="rerun")
    def drawer() -> None:
        _drawn(board, workshop, one)

    drawer()


def _drawn(board: Board, workshop: Workshop, one: Tile) -> None:
    writing = Writing.of(one.node, workshop.settings, current().language)
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badge(one.standing.status)
        if board.period is not None:
            st.caption(plain(format_period(board.period, current().language)), width="content")
    value_with_change(one, writing)
    st.markdown(target_line(one, writing))
    trend_chart(board, one, writing, key=f"dashboard.trend.{one.node.code}")
    if one.node.measure is None:
        st.caption(fresh_line(one, workshop))
    else:
        dimensions = dimensions_of(one.node.measure)
        if dimensions and one.standing.actual is not None:
            _split(board, one, writing, dimensions)
        _rows(board, one)
    with st.expander(t("dashboard.about"), key=f"dashboard.definition.{one.node.code}", on_change="rerun") as shown:
        if shown.open:
            definition(one, workshop)


def _split(board: Board, one: Tile, writing: Writing, dimensions: tuple[str, ...]) -> None:
    by = st.segmented_control(
        t("dashboard.split_by"),
        dimensions,
        format_func=plain,
        key=f"dashboard.by.{one.node.code}",
        default=dimensions[0],
        required=True,
    )
    period, code = board.period, one.node.code
    if period is None or by is None:
        return
    adds_up = code in board.evaluated.additive

    def drawn() -> tuple[Frame, str]:
        with state() as here:
            parts = segments(here, current().workshop or "", period, code, by, today=board.today)
        rows = split.frame(parts, writing, adds_up=adds_up)
        words = format_period(period, writing.language)
        return rows, split.title(name_of(one), rows, words, writing, adds_up=adds_up)

    rows, finding = board.once(("split", code, by, writing.language), drawn)
    st.markdown(f"**{plain(finding)}**")
    spec = split.spec(writing, colours=colours())
    chart(rows, spec, finding, key=f"dashboard.split.{code}")


def _rows(board: Board, one: Tile) -> None:
    code, period = one.node.code, board.period
    if period is None:
        return
    with st.expander(t("dashboard.rows_behind"), on_change="rerun", key=f"dashboard.rows.{code}") as shown:
        if not shown.open:
            return
        with state() as here:
            found = rows_behind_number(here, current().workshop or "", code, period)
        st.caption(t("dashboard.rows_caption", count=len(found)))
        st.dataframe(found, hide_index=True, placeholder=raw("dashboard.no_rows"))
        st.download_button(
            t("dashboard.download_rows"),
            data=lambda: csv_bytes(list(found.columns), found.itertuples(index=False, name=None)),
            file_name=f"{file_stem(f'{name_of(one)}_{period.key}')}.csv",
            mime="text/csv",
            key=f"dashboard.download.{code}",
            icon=":material/download:",
            on_click="ignore",
            disabled=found.empty,
        )

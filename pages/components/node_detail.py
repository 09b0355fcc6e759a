"""One KPI large: its trend, the split by a dimension, the rows behind the number, its definition."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.model.measure import dimensions_of
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile
from kpi_core.services.splitting import Split
from kpi_core.text.periods import format_period
from kpi_core.tree.structure import formula_names
from pages.components.certainty import certainty, closure_part
from pages.components.data_grade import grade_note
from pages.components.frame import named
from pages.components.lineage import lineage_part
from pages.components.plain import plain
from pages.components.presenting import presenting
from pages.components.rows_behind import rows_behind
from pages.components.session import current, t
from pages.components.split_charts import split_charts, split_panels
from pages.components.tile import (
    has_reasons,
    name_of,
    standing_badge,
    target_line,
    value_with_change,
)
from pages.components.tile_definition import definition, fresh_line
from pages.components.trend_chart import trend_chart
from pages.components.variation import variation_note
from pages.components.why import why_part


def node_detail(board: Board, workshop: Workshop, one: Tile) -> None:
    """Opens the drawer of one node; it reruns alone, and closing it leaves the page where it was."""

    @st.dialog(named(name_of(one)), width=760, position="right", on_dismiss="rerun")
    def drawer() -> None:
        writing = Writing.of(one.node, workshop.settings, current().language)
        _numbers(board, workshop, one, writing)
        trend_chart(board, workshop, one, writing, key=f"dashboard.trend.{one.node.code}")
        st.caption(fresh_line(one, workshop))
        _why(board, workshop, one, key="dashboard")
        _parts(board, workshop, one, writing, key="dashboard")
        _ground(board, workshop, one, writing, key="dashboard")

    drawer()


def node_large(board: Board, workshop: Workshop, one: Tile) -> None:
    """The same across the page: the course at the left, the parts at the right, the panels and rows below."""
    writing = Writing.of(one.node, workshop.settings, current().language)
    left, right = st.columns(2, gap="large")
    with left:
        _numbers(board, workshop, one, writing)
        trend_chart(board, workshop, one, writing, key=f"dashboard.large.trend.{one.node.code}")
        _why(board, workshop, one, key="dashboard.large")
    with right:
        st.caption(fresh_line(one, workshop))
        found = _parts(board, workshop, one, writing, key="dashboard.large")
    if found is not None:
        split_panels(board, one, found, writing, key="dashboard.large")
    if not presenting():
        _ground(board, workshop, one, writing, key="dashboard.large")


def _numbers(board: Board, workshop: Workshop, one: Tile, writing: Writing) -> None:
    period = "" if board.period is None else f" :small[{plain(format_period(board.period, writing.language))}]"
    st.markdown(f"{standing_badge(one)}{period}")
    value_with_change(one, writing)
    note = grade_note(board, one.node.code)
    st.markdown(target_line(one, writing, variation_note(board, workshop, one), note))
    certainty(board, workshop, one, writing)


def _why(board: Board, workshop: Workshop, one: Tile, *, key: str) -> None:
    """Closed at first; the reasons are computed when it is opened."""
    if presenting() or board.period is None or not has_reasons(one):
        return
    code = one.node.code
    with st.expander(f"**{t('why.button')}**", key=f"{key}.why_open.{code}", on_change="rerun") as shown:
        if shown.open:
            why_part(workshop, one.node, board.period, key=f"{key}.why_part")


def _parts(board: Board, workshop: Workshop, one: Tile, writing: Writing, *, key: str) -> Split | None:
    """What the number is made of: the segments of a measure, the inputs of a formula."""
    if one.node.measure is None:
        if one.node.formula:
            _inputs(board, workshop, one)
        return None
    dimensions = dimensions_of(one.node.measure)
    if not dimensions or one.standing.actual is None:
        return None
    return split_charts(board, one, writing, dimensions, key=key)


def _ground(board: Board, workshop: Workshop, one: Tile, writing: Writing, *, key: str) -> None:
    """What it stands on: the rows it was computed from, and its definition."""
    code = one.node.code
    closure_part(board, workshop, one, writing, key=key)
    if board.period is not None:
        with st.expander(t("lineage.title_short"), key=f"{key}.lineage.{code}", on_change="rerun") as chain:
            if chain.open:
                lineage_part(workshop, one.node, board.period, key=f"{key}.chain", rows=False)
    rows_behind(one.node, board.period, one.standing.actual, writing, key=key)
    with st.expander(t("dashboard.about"), key=f"{key}.definition.{code}", on_change="rerun") as shown:
        if shown.open:
            definition(board, one, workshop)


def _inputs(board: Board, workshop: Workshop, one: Tile) -> None:
    """A computed number's inputs in the same period."""
    inputs = [board.tiles[code] for code in formula_names(workshop).get(one.node.code, ()) if code in board.tiles]
    if not inputs:
        return
    lines = []
    for part in inputs:
        writing = Writing.of(part.node, workshop.settings, current().language)
        lines.append(
            f"- {named(name_of(part))} **{plain(writing.value(part.standing.actual))}** {standing_badge(part)}"
        )
    st.markdown(f"**{t('dashboard.inputs')}**  :small[{plain(one.node.formula)}]\n\n" + "\n".join(lines))

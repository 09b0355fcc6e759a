"""The executive view: the KGI and its pace, the tree in status colours, what is off track with its action."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.charts import pace, trend
from kpi_core.charts.writing import Writing
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile, ksf_of, off_track, running_total
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Page
from pages.components.frame import address, named, script_of
from pages.components.plain import plain
from pages.components.session import current, t
from pages.components.status import status_badge
from pages.components.tile import name_of, target_line, tile, value_with_change
from pages.components.tree_view import tree_view


def executive_board(board: Board, workshop: Workshop, codes: tuple[str, ...], today: date) -> None:
    """Three rows; ``codes`` are the nodes the view holds, in its order."""
    if workshop.kgi is not None and workshop.kgi.code in board.tiles:
        _kgi(board, workshop, board.tiles[workshop.kgi.code], today)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _tree(board, workshop)
    with right:
        _off_track(board, workshop)
    _others(board, workshop, codes)


def _kgi(board: Board, workshop: Workshop, one: Tile, today: date) -> None:
    writing = Writing.of(one.node, workshop.settings, current().language)
    with st.container(border=True):
        left, right = st.columns([1, 2], gap="large")
        with left:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**KGI {named(one.node.name.in_language(current().language) or one.node.code)}**")
                status_badge(one.standing.status)
            value_with_change(one, writing)
            target_line(one, writing)
        with right:
            total = running_total(board, one.node.code)
            if total is not None:
                year, course = total
                rows = pace.frame(*course, writing, today=today)
                words = format_period(year, current().language)
                st.markdown(f"**{plain(pace.title(name_of(one), words, rows, writing))}**")
                st.vega_lite_chart(rows, pace.spec(writing, course.periods[0].grain), key="dashboard.pace")
            else:
                trend_chart(board, one, writing, today, key="dashboard.kgi_trend")


def trend_chart(board: Board, one: Tile, writing: Writing, today: date, *, key: str) -> None:
    """A node's actual, target and previous year over the last periods, with the finding as its title."""
    course = board.trend(one.node.code)
    rows = trend.frame(*course, writing, today=today)
    st.markdown(f"**{plain(trend.title(name_of(one), rows, writing, one.node.direction))}**")
    st.vega_lite_chart(rows, trend.spec(writing, course.periods[-1].grain), key=key)


def _tree(board: Board, workshop: Workshop) -> None:
    st.subheader(t("dashboard.tree"), anchor=False)
    language = current().language
    values = {
        code: Writing.of(one.node, workshop.settings, language).value(one.standing.actual, short=True, compact=True)
        for code, one in board.tiles.items()
    }
    clicked = tree_view(
        workshop,
        key="dashboard.tree",
        colour="status",
        statuses=board.statuses,
        values=values,
        selected=st.session_state.get("dashboard.node"),
        folded=frozenset(),
        height=460,
    )
    if clicked is not None:
        st.session_state["dashboard.node"] = clicked


def _off_track(board: Board, workshop: Workshop) -> None:
    st.subheader(t("dashboard.off_track"), anchor=False)
    behind = off_track(board)
    if not behind:
        st.success(t("dashboard.nothing_off_track"))
    for one in behind:
        writing = Writing.of(one.node, workshop.settings, current().language)
        ksf = ksf_of(workshop, one.node.code)
        with st.container(border=True):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.markdown(f"**{named(name_of(one))}**")
                status_badge(one.standing.status)
            actual, goal = writing.value(one.standing.actual), writing.value(one.standing.goal_to_date, short=True)
            st.markdown(t("dashboard.actual_of_goal", actual=actual, goal=goal))
            if ksf is not None:
                st.caption(t("dashboard.below_ksf", ksf=ksf.name.in_language(current().language) or ksf.code))
            if one.node.action.strip():
                st.caption(t("dashboard.standard_action", action=one.node.action, owner=one.node.owner or "–"))
    if behind:
        st.page_link(script_of(Page.REVIEWS), label=t("dashboard.to_review"), icon=":material/arrow_forward:", query_params=address())


def _others(board: Board, workshop: Workshop, codes: tuple[str, ...]) -> None:
    shown = [board.tiles[code] for code in codes if code in board.tiles and board.tiles[code].node != workshop.kgi]
    if not shown:
        return
    st.subheader(t("dashboard.key_figures"), anchor=False)
    with st.grid(4, min_column_width=240):
        for one in shown:
            tile(one, workshop)


def _name(one: Tile) -> str:
    return one.node.name.in_language(current().language) or one.node.code

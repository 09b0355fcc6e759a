"""The executive view: the KGI and its pace, the tree in status colours, what is off track with its action."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from kpi_core.charts import pace, trend
from kpi_core.charts.columns import Frame
from kpi_core.charts.writing import Writing
from kpi_core.model.operation import View
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile, ksf_of, off_track, running_total
from kpi_core.services.meetings import next_review
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_date, format_period
from kpi_core.vocabulary import ActionStatus, Page
from pages.components.chart import chart, colours
from pages.components.frame import address, named, script_of
from pages.components.plain import plain
from pages.components.session import current, t
from pages.components.status import badge_text
from pages.components.tile import fresh_line, name_of, show, target_line, tile, value_with_change
from pages.components.tree_view import tree_view

_STYLE = Path(__file__).with_name("dashboard.css")
_TREE_HEIGHT = 660


def executive_board(board: Board, workshop: Workshop, view: View) -> None:
    """Three rows: the KGI; the tree beside what is off track; the tiles of the view's nodes, in its order."""
    if workshop.kgi is not None and workshop.kgi.code in board.tiles:
        _kgi(board, workshop, board.tiles[workshop.kgi.code])
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _tree(board, workshop)
    with right:
        _off_track(board, workshop, view)
    shown = [board.tiles[code] for code in view.nodes if code in board.tiles and board.tiles[code].node != workshop.kgi]
    if shown:
        st.subheader(t("dashboard.key_figures"), anchor=False)
        tiles(board, shown, workshop)


def tiles(board: Board, shown: list[Tile], workshop: Workshop) -> None:
    """Tiles four a row, fewer on narrow screens."""
    with st.grid(4, min_column_width=240):
        for one in shown:
            tile(board, one, workshop)


def trend_chart(board: Board, one: Tile, writing: Writing, *, key: str) -> None:
    """A node's actual, target and previous year over the last periods, with the finding as its title."""

    def drawn() -> tuple[Frame, str]:
        course = board.trend(one.node.code)
        rows = trend.frame(*course, writing, today=board.today)
        return rows, trend.title(name_of(one), rows, writing, one.node.direction)

    rows, finding = board.once(("trend", one.node.code, writing.language), drawn)
    grain = board.evaluated.periods[-1].grain
    st.markdown(f"**{plain(finding)}**")
    spec = trend.spec(writing, grain, colours=colours())
    chart(rows, spec, finding, key=key)


def _kgi(board: Board, workshop: Workshop, one: Tile) -> None:
    writing = Writing.of(one.node, workshop.settings, current().language)
    st.html(_STYLE)
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="large")
        with left:
            st.markdown(f"**KGI {named(name_of(one))}** {badge_text(one.standing.status)}")
            with st.container(key="dashboard_headline"):
                value_with_change(one, writing)
            _goal(one, writing)
            st.caption(fresh_line(one, workshop))
        with right:
            _pace(board, one, writing)


def _goal(one: Tile, writing: Writing) -> None:
    """Target and achievement as large as a tile's value; in words where there is none."""
    goal, share = one.standing.goal_to_date, one.achievement
    if goal is None or share is None:
        st.caption(target_line(one, writing))
        return
    with st.container(horizontal=True, gap="large"):
        st.metric(t("dashboard.target_label"), plain(writing.value(goal)), width="content")
        text = format_percent(share, writing.language, decimals=0, short=True)
        st.metric(t("dashboard.achieved"), plain(text), width="content")


def _pace(board: Board, one: Tile, writing: Writing) -> None:
    """The running total of the fiscal year; the trend where adding up means nothing."""

    def drawn() -> tuple[Frame, str] | None:
        total = running_total(board, one.node.code)
        if total is None:
            return None
        year, course = total
        rows = pace.frame(*course, writing, today=board.today)
        return rows, pace.title(name_of(one), format_period(year, writing.language), rows, writing)

    found = board.once(("pace", one.node.code, writing.language), drawn)
    if found is None or board.period is None:
        trend_chart(board, one, writing, key="dashboard.kgi_trend")
        return
    rows, finding = found
    st.markdown(f"**{plain(finding)}**")
    spec = pace.spec(writing, board.period.grain, colours=colours())
    chart(rows, spec, finding, key="dashboard.pace")


def _tree(board: Board, workshop: Workshop) -> None:
    st.subheader(t("dashboard.tree"), anchor=False)
    language = current().language

    def written() -> Mapping[str, str]:
        settings = workshop.settings
        return {
            code: Writing.of(one.node, settings, language).value(one.standing.actual, short=True, compact=True)
            for code, one in board.tiles.items()
            if one.standing.actual is not None
        }

    tree_view(
        workshop,
        key="dashboard.tree",
        colour="status",
        statuses=board.once("statuses", lambda: board.statuses),
        values=board.once(("values", language), written),
        height=_TREE_HEIGHT,
        on_select=show,
    )


def _off_track(board: Board, workshop: Workshop, view: View) -> None:
    st.subheader(t("dashboard.off_track"), anchor=False)
    behind = off_track(board)
    if not behind:
        st.success(t("dashboard.nothing_off_track"))
        return
    for one in behind:
        _behind(one, workshop)
    coming = next_review(workshop, view.code, board.today)
    if coming is not None:
        review, day = coming
        name = review.name.in_language(current().language) or review.code
        st.caption(t("dashboard.next_review", name=name, day=format_date(day, current().language, weekday=True)))
    st.page_link(
        script_of(Page.REVIEWS),
        label=t("dashboard.to_review"),
        icon=":material/arrow_forward:",
        query_params=address(),
    )


def _behind(one: Tile, workshop: Workshop) -> None:
    """A KPI to act on: how far off, below which factor, and what was decided, else its standard action."""
    language, code = current().language, one.node.code
    writing = Writing.of(one.node, workshop.settings, language)
    actual, goal = writing.value(one.standing.actual), writing.value(one.standing.goal_to_date, short=True)
    lines = []
    ksf = ksf_of(workshop, code)
    if ksf is not None:
        lines.append(t("dashboard.below_ksf", ksf=ksf.name.in_language(language) or ksf.code))
    decided = [action for action in workshop.actions if action.node == code and action.status is ActionStatus.OPEN]
    for action in decided:
        due = format_date(action.due, language, year=False) if action.due else "–"
        lines.append(t("dashboard.open_action", title=action.title, owner=action.owner or "–", due=due))
    if not decided and one.node.action.strip():
        lines.append(t("dashboard.standard_action", action=one.node.action, owner=one.node.owner or "–"))
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{named(name_of(one))}** {badge_text(one.standing.status)}")
            st.button(
                t("dashboard.larger"), key=f"dashboard.behind.{code}", type="tertiary", on_click=show, args=(code,)
            )
        st.markdown(t("dashboard.actual_of_goal", actual=actual, goal=goal))
        if lines:
            st.caption("  \n".join(lines))

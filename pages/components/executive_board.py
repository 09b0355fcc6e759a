"""The executive view: where we are (the KGI and its pace), why (the tree by status), what to do (by KSF)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from kpi_core.charts import pace
from kpi_core.charts.columns import Frame
from kpi_core.charts.writing import Writing
from kpi_core.model.operation import View
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile, running_total
from kpi_core.services.landing import Landing
from kpi_core.services.landing_words import ahead
from kpi_core.services.unjudged import unjudged
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_period
from kpi_core.tree.layout import folded_to_fit
from kpi_core.tree.structure import depth, order
from kpi_core.vocabulary import Status, Unjudged
from pages.components.attention_list import attention_list
from pages.components.chart import OVER_TIME, PROJECTED, colours, titled_chart
from pages.components.data_grade import board_grades, grade_note, marked_grade
from pages.components.frame import named
from pages.components.landing import with_landing
from pages.components.lineage import lineage_button
from pages.components.plain import plain
from pages.components.presenting import presenting
from pages.components.session import current, t
from pages.components.status import in_status_colour, status_words
from pages.components.tile import (
    goal_line,
    name_of,
    not_alike,
    partly_measured,
    show,
    standing_badge,
    tiles,
    value_with_change,
)
from pages.components.tile_definition import fresh_line
from pages.components.tree_view import tree_view
from pages.components.trend_chart import trend_chart
from pages.components.variation import variation_note
from pages.components.why import why_button

_TREE_HEIGHT = 600
#: On a projected screen of 1440 × 900 pixels the KGI, the tree and what to do fit without scrolling.
_TREE_PROJECTED = 410
#: Boxes one above the other that are read from the back of a room; more is put away.
_TREE_LINES = 10
_PACE_HEIGHT = 220
_PACE_PROJECTED = 185


def executive_board(board: Board, workshop: Workshop, view: View) -> None:
    """Three rows: the KGI; the tree beside what is off track; the tiles of the view's nodes, in its order."""
    if workshop.kgi is not None and workshop.kgi.code in board.tiles:
        _kgi(board, workshop, board.tiles[workshop.kgi.code])
    left, right = st.columns([5, 7] if presenting() else 2, gap="medium")
    with left:
        _tree(board, workshop)
    with right:
        attention_list(board, workshop, view)
    shown = [board.tiles[code] for code in view.nodes if code in board.tiles and board.tiles[code].node != workshop.kgi]
    if shown:
        st.subheader(t("dashboard.key_figures"), anchor=False)
        tiles(board, shown, workshop)


def _kgi(board: Board, workshop: Workshop, one: Tile) -> None:
    writing = Writing.of(one.node, workshop.settings, current().language)
    with st.container(border=True, key="dashboard_kgi"):
        left, right = st.columns([5, 7], gap="large")
        with left:
            running = f" :gray-badge[{t('dashboard.running')}]" if board.running else ""
            st.markdown(f"**KGI {named(name_of(one))}** {standing_badge(one)}{running}")
            with st.container(key="dashboard_headline"):
                value_with_change(one, writing)
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                note = variation_note(board, workshop, one)
                if note:
                    st.markdown(f":small[{note}]", width="content")
                why_button(one.node.code, key="dashboard.why_kgi", icon=":material/help:")
                lineage_button(one.node.code, key="dashboard.lineage_kgi")
            _goal(one, writing)
            told = [*partly_measured(one, writing), *not_alike(one), _fresh_and_grade(board, workshop, one)]
            st.caption("  \n".join(told))
        with right:
            with_landing(board, workshop, one, writing, partial(_pace, board, workshop, one, writing))


def _fresh_and_grade(board: Board, workshop: Workshop, one: Tile) -> str:
    found = board_grades(board).nodes.get(one.node.code)
    words = "" if found is None else plain(marked_grade(found))  # a caption is faint already: no grey in it
    return fresh_line(one, workshop) + (f" ・ {words}" if words else "")


def _goal(one: Tile, writing: Writing) -> None:
    """Target, achievement and last year's value beside each other; in words where there is no target."""
    goal, share = one.standing.goal_to_date, one.achievement
    if goal is None or share is None:
        st.caption(goal_line(one, writing))
        return
    part = "target_label_to_date" if one.standing.elapsed < 1 else "target_label_measured"
    with st.container(horizontal=True, gap="large", key="dashboard_goal"):
        label = t(f"dashboard.{part if one.goal_of_part else 'target_label'}")
        st.metric(label, plain(writing.value(goal)), width="content")
        text = format_percent(share, writing.language, decimals=0, short=True)
        st.metric(t("dashboard.achieved"), plain(text), width="content")
        if one.previous_year is not None:
            st.metric(t("dashboard.previous_year"), plain(writing.value(one.previous_year)), width="content")


def _pace(board: Board, workshop: Workshop, one: Tile, writing: Writing, landing: Landing | None) -> None:
    """The running total of the fiscal year and where it lands; the trend where adding up means nothing."""

    def drawn() -> tuple[Frame, str] | None:
        total = running_total(board, one.node.code)
        if total is None:
            return None
        year, course = total
        rows = pace.frame(*course, writing, today=board.today, landing=ends, height=room)
        return rows, pace.title(name_of(one), format_period(year, writing.language), rows, writing)

    ends = None if landing is None else ahead(landing)
    height = _PACE_PROJECTED if presenting() else _PACE_HEIGHT
    room = height / PROJECTED if presenting() else height  # letters are larger then
    found = board.once(("pace", one.node.code, writing.language, ends, room), drawn)
    if found is None or board.period is None:
        trend_chart(board, workshop, one, writing, key="dashboard.kgi_trend", differences=False)
        return
    rows, finding = found
    lands = rows["landing"].null_count < rows.num_rows
    spec = pace.spec(writing, board.period.grain, landing=lands, height=height, colours=colours())
    heads = {**OVER_TIME, "landing_text": "charts.series.landing"} if lands else OVER_TIME
    titled_chart(rows, spec, finding, heads, key="dashboard.pace")


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

    statuses, values = board.once("statuses", lambda: board.statuses), board.once(("values", language), written)
    reasons = board.once("unjudged", lambda: unjudged(board))
    with st.container(key="dashboard_tree"):
        tree_view(
            workshop,
            key="dashboard.tree.shown" if presenting() else "dashboard.tree",
            colour="status",
            statuses=statuses,
            values=values,
            unjudged=reasons,
            notes={} if presenting() else _grade_notes(board),
            folded=folded_to_fit(workshop, _TREE_LINES) if presenting() else frozenset(),
            room=presenting(),
            height=_TREE_PROJECTED if presenting() else _TREE_HEIGHT,
            on_select=show,
        )
    if not presenting():
        st.caption(t("quality.legend"))
        _tree_in_words(board, workshop, statuses, values, reasons)


def _grade_notes(board: Board) -> Mapping[str, str]:
    """Node code → the grade of its data, in words."""
    return board.once(
        ("grade words", current().language),
        lambda: {code: marked_grade(one) for code, one in board_grades(board).nodes.items()},
    )


def _tree_in_words(
    board: Board,
    workshop: Workshop,
    statuses: Mapping[str, Status],
    values: Mapping[str, str],
    reasons: Mapping[str, Unjudged],
) -> None:
    """The same tree as lines of text: for screen readers, and for phones, where boxes would be too small."""
    with st.expander(t("dashboard.tree_in_words"), on_change="rerun", key="dashboard.tree_words") as shown:
        if not shown.open:
            return
        lines = []
        for node in order(workshop):
            if node.code not in statuses:
                continue
            status = statuses[node.code]
            name = named(node.name.in_language(current().language) or node.code)
            value = plain(values.get(node.code, ""))
            indent = "  " * depth(workshop, node.code)
            told = f"{indent}- {in_status_colour(status_words(status, reasons.get(node.code)), status)} {name}"
            note = grade_note(board, node.code)
            lines.append(told + (f" **{value}**" if value else "") + (f" :small[{note}]" if note else ""))
        st.markdown("\n".join(lines))

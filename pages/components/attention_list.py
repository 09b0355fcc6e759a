"""What to do: the success factors with their states, below each the KPIs off track with what is done about them."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.model.operation import View
from kpi_core.model.workshop import Workshop
from kpi_core.services.attention import Attention, Factor, attention
from kpi_core.services.dashboards import Board, Tile
from kpi_core.services.meetings import next_review
from kpi_core.services.unjudged import unjudged
from kpi_core.text.periods import format_date
from kpi_core.vocabulary import ActionStatus, Page, Unjudged
from pages.components.frame import address, entry_of, named
from pages.components.nothing_behind import nothing_behind
from pages.components.presenting import presenting
from pages.components.session import allowed, current, t
from pages.components.status import badge_text, in_status_colour, status_words
from pages.components.tile import name_of, show


def attention_list(board: Board, workshop: Workshop, view: View) -> None:
    """The KPIs to act on by success factor, the factors that are well in one line, and the next review."""
    st.subheader(t("dashboard.off_track"), anchor=False)
    found = board.once("attention", lambda: attention(board, workshop))
    urgent = [factor for factor in found.factors if factor.behind]
    if not urgent:
        nothing_behind(board)
    elif not presenting():
        st.caption(t("dashboard.off_track_order"))
    for factor in urgent:
        _factor(factor, board, workshop)
    _left(found, board, workshop)
    _others(found, board)
    _next(board, workshop, view)


def _why(board: Board, factor: Factor) -> Unjudged | None:
    """Why a factor has no status."""
    reasons = board.once("unjudged", lambda: unjudged(board))
    return None if factor.node is None else reasons.get(factor.node.code)


def _factor(factor: Factor, board: Board, workshop: Workshop) -> None:
    name = t("dashboard.no_ksf") if factor.node is None else named(factor.node.name.in_language(current().language))
    code = "none" if factor.node is None else factor.node.code
    with st.container(border=True, gap="xsmall", key=f"dashboard_factor_{code}"):
        st.markdown(f":small[KSF] **{name}** {badge_text(factor.status, _why(board, factor))}")
        for one in factor.behind:
            _behind(one, board, workshop)


def _behind(one: Tile, board: Board, workshop: Workshop) -> None:
    """A KPI to act on: how far off, and what was decided, else its standard action."""
    code = one.node.code
    writing = Writing.of(one.node, workshop.settings, current().language)
    actual, goal = writing.value(one.standing.actual), writing.value(one.standing.goal_to_date, short=True)
    name = f"{in_status_colour(status_words(one.standing.status), one.standing.status)} **{named(name_of(one))}**"
    lines = [f"{name} {t('dashboard.actual_of_goal', actual=actual, goal=goal)}"]
    lines += [f":small[:gray[{line}]]" for line in _done_about(one, board, workshop)]
    with st.container(horizontal=True, gap="small", key=f"dashboard_behind_{code}"):
        st.markdown("  \n".join(lines), width="stretch")
        if not presenting():
            st.button(
                t("dashboard.larger"), key=f"dashboard.behind.{code}", type="tertiary", on_click=show, args=(code,)
            )


def _done_about(one: Tile, board: Board, workshop: Workshop) -> list[str]:
    """The open actions on a KPI with owner and due day, else its standard action."""
    language = current().language
    lines = []
    for action in workshop.actions:
        if action.node != one.node.code or action.status is not ActionStatus.OPEN:
            continue
        due = format_date(action.due, language, year=False) if action.due else "–"
        line = t("dashboard.open_action", title=action.title, owner=action.owner or "–", due=due)
        late = action.due is not None and action.due < board.today
        lines.append(f"{line} {t('dashboard.overdue')}" if late else line)
    if not lines and one.node.action.strip():
        lines.append(t("dashboard.standard_action", action=one.node.action, owner=one.node.owner or "–"))
    return lines or [t("dashboard.no_action")]


def _left(found: Attention, board: Board, workshop: Workshop) -> None:
    """The less urgent ones: how many, and on a click which."""
    if not found.left:
        return
    words = t("dashboard.more_off_track", count=len(found.left))
    if presenting():
        st.markdown(f":small[{words}]")
        return
    with st.popover(words, type="tertiary", key="dashboard.more_behind", on_change="rerun") as shown:
        if shown.open:
            for one in found.left:
                _behind(one, board, workshop)


def _others(found: Attention, board: Board) -> None:
    others = [
        f"{in_status_colour(status_words(factor.status, _why(board, factor)), factor.status)} "
        f"{named(factor.node.name.in_language(current().language))}"
        for factor in found.factors
        if factor.node is not None and not factor.behind
    ]
    if others:
        st.markdown(f":small[{t('dashboard.other_ksfs')} {'　'.join(others)}]")


def _next(board: Board, workshop: Workshop, view: View) -> None:
    language = current().language
    coming = next_review(workshop, view.code, board.today)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if coming is not None:
            review, day = coming
            name = review.name.in_language(language) or review.code
            words = t("dashboard.next_review", name=name, day=format_date(day, language, weekday=True))
            st.markdown(f":small[{words}]", width="content")
        if allowed() and not presenting():
            st.page_link(
                entry_of(Page.REVIEWS),
                label=t("dashboard.to_review"),
                icon=":material/arrow_forward:",
                query_params=address(),
            )

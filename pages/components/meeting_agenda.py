"""What a meeting talks about: each KPI behind its goal with a note and an action, and notes taken on others."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.services.dashboards import Board, Tile
from kpi_core.services.unjudged import why_of
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_period
from kpi_core.vocabulary import ActionStatus, Status
from pages.components.action_form import action_form
from pages.components.draft import Draft
from pages.components.frame import named
from pages.components.nothing_behind import nothing_behind
from pages.components.plain import plain
from pages.components.session import current, raw, t
from pages.components.status import status_badge

#: Fields of a meeting's draft: the codes of actions made in it, and a note per KPI.
MADE = "actions"
NOTE = "note."


def kgi_line(snap: Snapshot, found: Board) -> None:
    """What all of it is for, in one line."""
    kgi = snap.workshop.kgi
    one = found.tiles.get(kgi.code) if kgi is not None else None
    if one is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{t('reviews.kgi_line', name=_name(one))}**")
        st.markdown(_numbers(snap, one))
        status_badge(one.standing.status, why_of(one))


def agenda(snap: Snapshot, draft: Draft, behind: tuple[Tile, ...], found: Board, today: date) -> None:
    language = current().language
    period = format_period(found.period, language) if found.period else ""
    st.subheader(t("reviews.to_discuss", period=period), anchor=False)
    if not behind:
        nothing_behind(found, "reviews.nothing_off_track")
    watched = [one for one in behind if one.standing.status is Status.WATCH]
    for one in behind:
        if one not in watched:
            _kpi(snap, draft, one, today)
    if watched:
        noted = any(draft.value(f"{NOTE}{one.node.code}") for one in watched)
        alone = len(watched) == len(behind)
        with st.expander(t("reviews.watched", count=len(watched)), expanded=noted or alone):
            for one in watched:
                _kpi(snap, draft, one, today)


def other_notes(snap: Snapshot, draft: Draft, shown: set[str]) -> None:
    """Notes of this meeting on KPIs that are no longer behind stay in sight and in the record."""
    noted = [field for field, text in draft.values.items() if field.startswith(NOTE) and (text or field in draft.base)]
    others = [field for field in noted if field.removeprefix(NOTE) not in shown]
    if not others:
        return
    st.markdown(f"**{t('reviews.recovered')}**")
    st.caption(t("reviews.recovered_help"))
    for field in others:
        node = snap.workshop.node(field.removeprefix(NOTE))
        name = node.name.in_language(current().language) if node else ""
        draft.area(field, plain(name or field.removeprefix(NOTE)), height=80)


def _kpi(snap: Snapshot, draft: Draft, one: Tile, today: date) -> None:
    code = one.node.code
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{named(_name(one))}**")
                status_badge(one.standing.status, why_of(one))
            st.markdown(_numbers(snap, one))
            if one.node.action.strip():
                st.caption(t("dashboard.standard_action", action=one.node.action, owner=one.node.owner or "–"))
        with right:
            draft.area(f"{NOTE}{code}", t("reviews.note"), placeholder=raw("reviews.note_hint"), height=80)
            _actions_on(snap, code, today)
            action_form(
                snap,
                f"meeting.{code}",
                node=code,
                today=today,
                owner=one.node.owner,
                title=one.node.action,
                made=lambda action: draft.put(MADE, [*(draft.value(MADE) or []), action]),
            )


def _actions_on(snap: Snapshot, node: str, today: date) -> None:
    language = current().language
    for action in snap.workshop.actions:
        if action.node == node and action.status is ActionStatus.OPEN:
            due = format_date(action.due, language, year=False) if action.due else "–"
            late = action.due is not None and action.due < today
            words = t(
                "reviews.late_action" if late else "reviews.open_action",
                title=action.title,
                owner=action.owner or "–",
                due=due,
            )
            st.caption(f":red[{words}]" if late else f"→ {words}")


def _numbers(snap: Snapshot, one: Tile) -> str:
    writing = Writing.of(one.node, snap.workshop.settings, current().language)
    actual, goal = writing.value(one.standing.actual), writing.value(one.standing.goal_to_date, short=True)
    return t("dashboard.actual_of_goal", actual=actual, goal=goal)


def _name(one: Tile) -> str:
    return one.node.name.in_language(current().language) or one.node.code

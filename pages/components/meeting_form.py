"""Holding a review: each KPI off track with a note and an action, then the decisions, kept as one meeting."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.model.operation import Meeting, Review
from kpi_core.services.composing import composed
from kpi_core.services.dashboards import Board, Tile, board, off_track
from kpi_core.services.editing import save
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import ActionStatus, Cadence, Grain
from pages.components.action_list import action_form
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.status import status_badge
from pages.components.tile import name_of

#: The grain a meeting looks at, by how often it meets.
_GRAIN = {Cadence.QUARTER: Grain.QUARTER, Cadence.YEAR: Grain.YEAR}


def meeting_form(snap: Snapshot, review: Review, today: date) -> None:
    """The meeting of ``review`` held today: its red and amber KPIs, notes, actions, decisions."""
    grain = _GRAIN.get(review.cadence, snap.workshop.settings.grain)
    with state() as here:
        found = board(here, snap.id, grain, st.session_state.get(f"reviews.period.{review.code}"), today=today)
    if found.period is None:
        st.info(t("reviews.nothing_measured"))
        return
    _period_choice(review, found)
    code = f"{review.code}_{today:%Y%m%d}"
    held = next((meeting for meeting in snap.workshop.meetings if meeting.code == code), None)
    behind = [one for one in off_track(found) if _in_scope(snap, review, one)]
    draft = Draft(f"meetings.{code}", _read(held), snap.revisions.get(("meetings", code)), _read)
    if not behind:
        st.success(t("reviews.nothing_off_track"))
    for one in behind:
        _kpi(snap, draft, one, code, today)
    draft.area("decisions", t("reviews.decisions"), help=t("reviews.decisions_help"), height=100)
    period = found.period.key
    workshop_id, who = snap.id, current().who

    def store(values: Values, revision: int | None) -> None:
        notes = {field.removeprefix("note."): text for field, text in values.items() if field.startswith("note.")}
        fields = {
            "code": code,
            "review": review.code,
            "held_on": today,
            "period": period,
            "notes": [{"node": node, "text": text} for node, text in notes.items() if text and text.strip()],
            "decisions": [line.strip() for line in (values["decisions"] or "").splitlines() if line.strip()],
        }
        with state() as here:
            save(here, workshop_id, "meetings", composed(Meeting, fields), revision, who)

    draft.foot(store, label=t("reviews.keep_meeting"), done="reviews.kept")


def _period_choice(review: Review, found: Board) -> None:
    words = {period.key: format_period(period, current().language) for period in reversed(found.periods)}
    key = f"reviews.period_list.{review.code}"
    st.session_state[key] = found.period.key if found.period else None

    def keep() -> None:
        st.session_state[f"reviews.period.{review.code}"] = st.session_state[key]

    label = raw("reviews.period")
    st.selectbox(label, list(words), format_func=lambda one: words[one], key=key, on_change=keep, width=260)


def _in_scope(snap: Snapshot, review: Review, one: Tile) -> bool:
    """Whether the review's views hold the KPI; a review without views looks at all."""
    if not review.views:
        return True
    return any(one.node.code in view.nodes for view in snap.workshop.views if view.code in review.views)


def _kpi(snap: Snapshot, draft: Draft, one: Tile, meeting: str, today: date) -> None:
    writing = Writing.of(one.node, snap.workshop.settings, current().language)
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{named(name_of(one))}**")
                status_badge(one.standing.status)
            actual, goal = writing.value(one.standing.actual), writing.value(one.standing.goal_to_date, short=True)
            st.markdown(t("dashboard.actual_of_goal", actual=actual, goal=goal))
            if one.node.action.strip():
                st.caption(t("dashboard.standard_action", action=one.node.action, owner=one.node.owner or "–"))
        with right:
            draft.area(f"note.{one.node.code}", t("reviews.note"), placeholder=raw("reviews.note_hint"), height=80)
            for action in snap.workshop.actions:
                if action.node == one.node.code and action.status is ActionStatus.OPEN:
                    st.caption(t("reviews.open_action", title=plain(action.title), owner=action.owner or "–"))
            with st.popover(t("reviews.add_action"), icon=":material/add:"):
                action_form(snap, one.node.code, meeting, today, owner=one.node.owner, title=one.node.action)


def _read(meeting: Meeting | None) -> Values:
    if meeting is None:
        return {"decisions": ""}
    notes = {f"note.{note.node}": note.text for note in meeting.notes}
    return {"decisions": "\n".join(meeting.decisions), **notes}

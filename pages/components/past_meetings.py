"""The meetings on record, the latest first: notes, decisions and the actions decided in each."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.operation import Meeting
from kpi_core.services.meetings import drop_meeting
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_period
from pages.components.frame import named
from pages.components.outcome import attempt
from pages.components.part_tabs import open_part
from pages.components.session import current, state, t


def past_meetings(snap: Snapshot) -> None:
    """An expander a meeting."""
    language, start = current().language, snap.workshop.settings.fiscal_year_start
    names = {review.code: review.name.in_language(language) or review.code for review in snap.workshop.reviews}
    if not snap.workshop.meetings:
        st.info(t("reviews.no_meetings"))
    for at, meeting in enumerate(sorted(snap.workshop.meetings, key=lambda one: one.held_on, reverse=True)):
        title = t(
            "reviews.meeting_title",
            date=format_date(meeting.held_on, language, weekday=True),
            name=names.get(meeting.review, meeting.review),
            period=format_period(meeting.period, language, start),
        )
        with st.expander(title, expanded=at == 0):
            _contents(snap, meeting)
            _changes(snap, meeting)


def _contents(snap: Snapshot, meeting: Meeting) -> None:
    language = current().language
    for note in meeting.notes:
        node = snap.workshop.node(note.node)
        name = (node.name.in_language(language) if node else "") or note.node
        st.markdown(f"**{named(name)}**  \n{named(note.text)}")
    if meeting.decisions:
        st.markdown(f"**{t('reviews.decisions')}**")
        st.markdown("\n".join(f"- {named(decision)}" for decision in meeting.decisions))
    actions = [action for action in snap.workshop.actions if action.meeting == meeting.code]
    if actions:
        st.markdown(f"**{t('reviews.actions_made')}**")
        lines = [f"- {named(one.title)}({t(f'vocabulary.action_status.{one.status.value}')})" for one in actions]
        st.markdown("\n".join(lines))
    if not (meeting.notes or meeting.decisions or actions):
        st.caption(t("reviews.no_notes"))


def _changes(snap: Snapshot, meeting: Meeting) -> None:
    with st.container(horizontal=True):
        if any(review.code == meeting.review for review in snap.workshop.reviews):
            st.button(
                t("reviews.reopen_meeting"),
                key=f"reviews.correct.{meeting.code}",
                icon=":material/edit:",
                on_click=_correct,
                args=(meeting,),
            )
        with st.popover(t("reviews.drop_meeting"), type="tertiary"):
            st.markdown(t("reviews.drop_meeting_sure"))
            st.button(
                t("reviews.drop_meeting_do"),
                key=f"reviews.drop.{meeting.code}",
                on_click=_drop,
                args=(snap, meeting),
            )


def _correct(meeting: Meeting) -> None:
    """Opens the meeting where meetings are held, on its day and period."""
    st.session_state["reviews.which"] = meeting.review
    st.session_state[f"reviews.held_on.{meeting.review}"] = meeting.held_on
    st.session_state[f"reviews.period.{meeting.review}"] = meeting.period
    open_part("reviews.part", "hold")


def _drop(snap: Snapshot, meeting: Meeting) -> None:
    def store() -> None:
        with state() as here:
            revision = snap.revisions["meetings", meeting.code]
            drop_meeting(here, snap.id, meeting.code, revision, current().who)

    attempt(store, "reviews.meeting_dropped")

"""Review meetings: hold one (what is off track first), follow up actions, set the meetings up."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.operation import Review
from kpi_core.services.datasets import today_of
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_period
from kpi_core.vocabulary import Page
from pages.components.action_list import action_list
from pages.components.frame import heading, named, needs_workshop
from pages.components.meeting_form import meeting_form
from pages.components.review_setup import review_setup
from pages.components.session import current, opened, t


def main() -> None:
    snap = opened()
    if needs_workshop(Page.REVIEWS) or snap is None:
        return
    heading(Page.REVIEWS)
    hold, follow, past, setup = st.tabs([t(f"reviews.tab_{name}") for name in ("hold", "actions", "past", "setup")])
    with hold:
        _hold(snap)
    with follow:
        action_list(snap, today_of(snap.workshop))
    with past:
        _past(snap)
    with setup:
        review_setup(snap)


def _hold(snap: Snapshot) -> None:
    reviews = {review.code: review for review in snap.workshop.reviews}
    if not reviews:
        st.info(t("reviews.no_reviews"))
        return
    chosen = st.segmented_control(
        t("reviews.which"),
        list(reviews),
        format_func=lambda code: named(_name(reviews[code])),
        key="reviews.which",
        default=next(iter(reviews)),
        required=True,
        persist_state="session",
    )
    meeting_form(snap, reviews.get(chosen or "", next(iter(reviews.values()))), today_of(snap.workshop))


def _past(snap: Snapshot) -> None:
    language = current().language
    reviews = {review.code: review for review in snap.workshop.reviews}
    start = snap.workshop.settings.fiscal_year_start
    if not snap.workshop.meetings:
        st.info(t("reviews.no_meetings"))
    for meeting in sorted(snap.workshop.meetings, key=lambda one: one.held_on, reverse=True):
        review = reviews.get(meeting.review)
        title = t(
            "reviews.meeting_title",
            date=format_date(meeting.held_on, language),
            name=_name(review) if review else meeting.review,
            period=format_period(meeting.period, language, start),
        )
        with st.expander(title):
            for note in meeting.notes:
                node = snap.workshop.node(note.node)
                name = (node.name.in_language(language) if node else "") or note.node
                st.markdown(f"**{named(name)}**  \n{named(note.text)}")
            if meeting.decisions:
                st.markdown(f"**{t('reviews.decisions')}**")
                for decision in meeting.decisions:
                    st.markdown(f"- {named(decision)}")


def _name(review: Review) -> str:
    return review.name.in_language(current().language) or review.code


main()

"""Holding a review: actions so far, each KPI off track with a note and an action, the decisions, kept as one record."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.model.operation import Meeting, Review
from kpi_core.services.composing import composed
from kpi_core.services.dashboards import Board, Tile, board
from kpi_core.services.datasets import today_of
from kpi_core.services.meetings import (
    held_days,
    is_overdue,
    last_meeting,
    left_open,
    meeting_code,
    next_meeting,
    open_actions,
    record_meeting,
    to_discuss,
)
from kpi_core.services.revising import revising_review
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_period
from kpi_core.vocabulary import Cadence, Grain
from pages.components.action_list import action_row
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.meeting_agenda import MADE, NOTE, agenda, kgi_line, other_notes
from pages.components.part_tabs import open_part
from pages.components.session import current, raw, state, t

#: The grain a meeting looks at, by how often it meets.
_GRAIN = {Cadence.QUARTER: Grain.QUARTER, Cadence.YEAR: Grain.YEAR}


def hold_meeting(snap: Snapshot) -> None:
    """The chosen review, held today unless another day is chosen."""
    reviews = {review.code: review for review in snap.workshop.reviews}
    if not reviews:
        st.info(t("reviews.no_reviews"))
        st.button(
            t("reviews.tab_setup"),
            type="primary",
            key="reviews.to_setup",
            icon=":material/arrow_forward:",
            on_click=open_part,
            args=("reviews.part", "setup"),
        )
        return
    if st.session_state.get("reviews.which") not in reviews:
        st.session_state["reviews.which"] = next(iter(reviews))
    chosen = st.segmented_control(
        t("reviews.which"),
        list(reviews),
        format_func=distinct(reviews, lambda code: named(reviews[code].name.in_language(current().language) or code)),
        key="reviews.which",
        required=True,
        persist_state="session",
    )
    review = reviews.get(chosen or "", next(iter(reviews.values())))
    today = today_of(snap.workshop)
    _next(snap, review, today)
    if review == revising_review(snap.workshop):
        st.button(
            t("revisions.to_revision"),
            key="reviews.to_revision",
            icon=":material/rule:",
            on_click=open_part,
            args=("reviews.part", "revision"),
        )
    _meeting(snap, review, today)


def _next(snap: Snapshot, review: Review, today: date) -> None:
    language = current().language
    held = held_days(snap.workshop, review.code)
    due = next_meeting(review, today, held, snap.workshop.settings.fiscal_year_start)
    if due is None:
        st.caption(t("reviews.next_open"))
        return
    day = " ".join([format_date(due, language, year=False, weekday=True), review.time]).strip()
    st.caption(t("reviews.today_it_is" if due == today else "reviews.next_on", date=day))


def _meeting(snap: Snapshot, review: Review, today: date) -> None:
    grain = _GRAIN.get(review.cadence, snap.workshop.settings.grain)
    with state() as here:
        found = board(here, snap.id, grain, st.session_state.get(f"reviews.period.{review.code}"), today=today)
    if found.period is None:
        st.info(t("reviews.nothing_measured"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _period_choice(snap, review, found)
        held_on = st.date_input(
            t("reviews.held_on"),
            value=today,
            max_value=today,
            format="YYYY/MM/DD",
            key=f"reviews.held_on.{review.code}",
            persist_state="session",
            width=160,
        )
    held_on = held_on if isinstance(held_on, date) else today
    held = (meeting for meeting in snap.workshop.meetings if meeting.review == review.code)
    record = next((meeting for meeting in held if meeting.held_on == held_on), None)
    code = record.code if record is not None else meeting_code(review, held_on)
    if record is not None:
        st.caption(f"✓ {t('reviews.held_already', date=format_date(held_on, current().language))}")
    draft = Draft(f"meetings.{code}", _read(record), snap.revisions.get(("meetings", code)), _read)
    draft.labels[MADE] = t("reviews.actions_made")
    kgi_line(snap, found)
    made = {*(draft.value(MADE) or ()), *(one.code for one in snap.workshop.actions if one.meeting == code)}
    _follow_up(snap, review, today, held_on, made)
    behind = to_discuss(snap.workshop, review, found)
    agenda(snap, draft, behind, found, today)
    other_notes(snap, draft, {one.node.code for one in behind})
    draft.area("decisions", t("reviews.decisions"), help=t("reviews.decisions_help"), height=100)
    _left_open(snap, draft, behind)
    _record(snap, draft, {"code": code, "review": review.code, "held_on": held_on, "period": found.period.key})


def _follow_up(snap: Snapshot, review: Review, today: date, held_on: date, made: set[str]) -> None:
    """The open actions: first those of the last meeting, then the others; what this meeting ``made`` is at its KPI."""
    language = current().language
    actions = [action for action in open_actions(snap.workshop, review) if action.code not in made]
    last = last_meeting(snap.workshop, review.code, held_on)
    decided = [one for one in snap.workshop.actions if last is not None and one.meeting == last.code]
    mine = [action for action in actions if action in decided]
    if last is not None and decided:
        day = format_date(last.held_on, language, year=False)
        st.markdown(f"**{t('reviews.last_actions', date=day, done=len(decided) - len(mine), count=len(decided))}**")
        for action in mine:
            action_row(snap, action, today, place="last")
    others = [action for action in actions if action not in mine]
    if not actions:
        st.caption(t("reviews.follow_up_none"))
    if others:
        late = sum(is_overdue(action, today) for action in others)
        title = t("reviews.follow_up_others" if mine else "reviews.follow_up", count=len(others), late=late)
        with st.expander(title, expanded=late > 0):
            for action in others:
                action_row(snap, action, today, place="meeting")


def _left_open(snap: Snapshot, draft: Draft, behind: tuple[Tile, ...]) -> None:
    """Which red KPIs still lack a note or an action, before the meeting is recorded."""
    noted = [field.removeprefix(NOTE) for field, text in draft.values.items() if field.startswith(NOTE) and text]
    language = current().language
    for word, tiles in zip(("no_note", "no_action"), left_open(snap.workshop, behind, noted), strict=True):
        if tiles:
            names = raw("guidance.list.separator").join(
                one.node.name.in_language(language) or one.node.code for one in tiles
            )
            st.markdown(f":small[:orange[▲] {t(f'reviews.{word}', names=names)}]")


def _record(snap: Snapshot, draft: Draft, meeting: dict[str, object]) -> None:
    workshop_id, who = snap.id, current().who

    def store(values: Values, revision: int | None) -> None:
        notes = {field.removeprefix(NOTE): text for field, text in values.items() if field.startswith(NOTE)}
        fields = {
            **meeting,
            "notes": [{"node": node, "text": text.strip()} for node, text in notes.items() if text and text.strip()],
            "decisions": [line.strip() for line in (values["decisions"] or "").splitlines() if line.strip()],
        }
        with state() as here:
            record_meeting(here, workshop_id, composed(Meeting, fields), values.get(MADE) or (), revision, who)

    if draft.revision is None:
        st.caption(t("reviews.unrecorded"))
    draft.foot(store, label=t("reviews.keep_meeting"), done="reviews.kept")


def _period_choice(snap: Snapshot, review: Review, found: Board) -> None:
    language, start = current().language, snap.workshop.settings.fiscal_year_start
    words = {period.key: format_period(period, language, start) for period in reversed(found.periods)}
    if found.period is not None:
        words.setdefault(found.period.key, format_period(found.period, language, start))
    key = f"reviews.period_list.{review.code}"
    st.session_state[key] = found.period.key if found.period else None

    def keep() -> None:
        st.session_state[f"reviews.period.{review.code}"] = st.session_state[key]

    label = t("reviews.period")
    st.selectbox(label, list(words), format_func=lambda one: words.get(one, one), key=key, on_change=keep, width=260)


def _read(meeting: Meeting | None) -> Values:
    if meeting is None:
        return {"decisions": "", MADE: []}
    notes = {f"{NOTE}{note.node}": note.text for note in meeting.notes}
    return {"decisions": "\n".join(meeting.decisions), MADE: [], **notes}

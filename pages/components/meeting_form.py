"""Holding a review: actions so far, each KPI off track with a note and an action, the decisions, kept as one record."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.model.operation import Meeting, Review
from kpi_core.services.composing import composed
from kpi_core.services.dashboards import Board, Tile, board
from kpi_core.services.datasets import today_of
from kpi_core.services.meetings import (
    held_days,
    meeting_code,
    next_meeting,
    open_actions,
    record_meeting,
    to_discuss,
)
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_period
from kpi_core.vocabulary import ActionStatus, Cadence, Grain, Status
from pages.components.action_form import action_form
from pages.components.action_list import action_row
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.part_tabs import open_part
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.status import status_badge

#: The grain a meeting looks at, by how often it meets.
_GRAIN = {Cadence.QUARTER: Grain.QUARTER, Cadence.YEAR: Grain.YEAR}
_MADE = "actions"
_NOTE = "note."


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
    draft.labels[_MADE] = t("reviews.actions_made")
    _kgi(snap, found)
    made = {*(draft.value(_MADE) or ()), *(one.code for one in snap.workshop.actions if one.meeting == code)}
    _follow_up(snap, review, today, made)
    behind = to_discuss(snap.workshop, review, found)
    _agenda(snap, draft, behind, found, today)
    _other_notes(snap, draft, {one.node.code for one in behind})
    draft.area("decisions", t("reviews.decisions"), help=t("reviews.decisions_help"), height=100)
    _record(snap, draft, {"code": code, "review": review.code, "held_on": held_on, "period": found.period.key})


def _kgi(snap: Snapshot, found: Board) -> None:
    """What all of it is for, in one line."""
    kgi = snap.workshop.kgi
    one = found.tiles.get(kgi.code) if kgi is not None else None
    if one is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{t('reviews.kgi_line', name=_name(one))}**")
        st.markdown(_numbers(snap, one))
        status_badge(one.standing.status)


def _follow_up(snap: Snapshot, review: Review, today: date, made: set[str]) -> None:
    """The open actions of before; those ``made`` in this meeting stand at their KPIs."""
    actions = [action for action in open_actions(snap.workshop, review) if action.code not in made]
    if not actions:
        st.caption(t("reviews.follow_up_none"))
        return
    late = sum(1 for action in actions if action.due is not None and action.due < today)
    with st.expander(t("reviews.follow_up", count=len(actions), late=late), expanded=late > 0):
        for action in actions:
            action_row(snap, action, today, place="meeting")


def _agenda(snap: Snapshot, draft: Draft, behind: tuple[Tile, ...], found: Board, today: date) -> None:
    language = current().language
    period = format_period(found.period, language) if found.period else ""
    st.subheader(t("reviews.to_discuss", period=period), anchor=False)
    if not behind:
        st.success(t("reviews.nothing_off_track"), icon=":material/check_circle:")
    watched = [one for one in behind if one.standing.status is Status.WATCH]
    for one in behind:
        if one not in watched:
            _kpi(snap, draft, one, today)
    if watched:
        noted = any(draft.value(f"{_NOTE}{one.node.code}") for one in watched)
        alone = len(watched) == len(behind)
        with st.expander(t("reviews.watched", count=len(watched)), expanded=noted or alone):
            for one in watched:
                _kpi(snap, draft, one, today)


def _kpi(snap: Snapshot, draft: Draft, one: Tile, today: date) -> None:
    code = one.node.code
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{named(_name(one))}**")
                status_badge(one.standing.status)
            st.markdown(_numbers(snap, one))
            if one.node.action.strip():
                st.caption(t("dashboard.standard_action", action=one.node.action, owner=one.node.owner or "–"))
        with right:
            draft.area(f"{_NOTE}{code}", t("reviews.note"), placeholder=raw("reviews.note_hint"), height=80)
            _actions_on(snap, code, today)
            action_form(
                snap,
                f"meeting.{code}",
                node=code,
                today=today,
                owner=one.node.owner,
                title=one.node.action,
                made=lambda action: draft.put(_MADE, [*(draft.value(_MADE) or []), action]),
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


def _other_notes(snap: Snapshot, draft: Draft, shown: set[str]) -> None:
    """Notes of this meeting on KPIs that are no longer behind stay in sight and in the record."""
    noted = [field for field, text in draft.values.items() if field.startswith(_NOTE) and (text or field in draft.base)]
    others = [field for field in noted if field.removeprefix(_NOTE) not in shown]
    if not others:
        return
    st.markdown(f"**{t('reviews.recovered')}**")
    st.caption(t("reviews.recovered_help"))
    for field in others:
        node = snap.workshop.node(field.removeprefix(_NOTE))
        name = node.name.in_language(current().language) if node else ""
        draft.area(field, plain(name or field.removeprefix(_NOTE)), height=80)


def _record(snap: Snapshot, draft: Draft, meeting: dict[str, object]) -> None:
    workshop_id, who = snap.id, current().who

    def store(values: Values, revision: int | None) -> None:
        notes = {field.removeprefix(_NOTE): text for field, text in values.items() if field.startswith(_NOTE)}
        fields = {
            **meeting,
            "notes": [{"node": node, "text": text.strip()} for node, text in notes.items() if text and text.strip()],
            "decisions": [line.strip() for line in (values["decisions"] or "").splitlines() if line.strip()],
        }
        with state() as here:
            record_meeting(here, workshop_id, composed(Meeting, fields), values.get(_MADE) or (), revision, who)

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


def _numbers(snap: Snapshot, one: Tile) -> str:
    writing = Writing.of(one.node, snap.workshop.settings, current().language)
    actual, goal = writing.value(one.standing.actual), writing.value(one.standing.goal_to_date, short=True)
    return t("dashboard.actual_of_goal", actual=actual, goal=goal)


def _name(one: Tile) -> str:
    return one.node.name.in_language(current().language) or one.node.code


def _read(meeting: Meeting | None) -> Values:
    if meeting is None:
        return {"decisions": "", _MADE: []}
    notes = {f"{_NOTE}{note.node}": note.text for note in meeting.notes}
    return {"decisions": "\n".join(meeting.decisions), _MADE: [], **notes}

"""Improvement actions: the open ones by due day with what is overdue first, done and dropped ones on request."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.model.operation import Action
from kpi_core.services.datasets import today_of
from kpi_core.services.editing import save
from kpi_core.services.meetings import by_due, by_owner, is_overdue
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date
from kpi_core.vocabulary import ActionStatus
from pages.components.action_form import action_editor, action_form
from pages.components.frame import named
from pages.components.outcome import attempt
from pages.components.session import current, state, t

#: Pixels of an action's words; on a phone the buttons go below them.
_WORDS_WIDTH = 640


def action_list(snap: Snapshot) -> None:
    """One row an action, the most urgent first."""
    today = today_of(snap.workshop)
    counts = {one: sum(action.status is one for action in snap.workshop.actions) for one in ActionStatus}
    shown = st.segmented_control(
        t("reviews.which_actions"),
        list(ActionStatus),
        format_func=lambda one: (
            f"{t(f'vocabulary.action_status.{ActionStatus(one).value}')} {counts[ActionStatus(one)]}"
        ),
        key="reviews.actions",
        default=ActionStatus.OPEN,
        required=True,
    )
    actions = [action for action in snap.workshop.actions if action.status is shown]
    if shown is ActionStatus.OPEN:
        actions = _of_owner(actions, today)
    if not actions:
        st.info(t("reviews.no_actions"))
    for action in sorted(actions, key=by_due, reverse=shown is not ActionStatus.OPEN):
        action_row(snap, action, today, place="list")
    action_form(snap, "list", today=today)


def _of_owner(actions: list[Action], today: date) -> list[Action]:
    """Who has what: a choice of one person's actions, with the overdue ones counted."""
    owners = {owner: (count, late) for owner, count, late in by_owner(actions, today)}
    if len(owners) < 2:
        return actions

    def words(owner: str) -> str:
        count, late = owners[owner]
        name = named(owner) if owner else t("reviews.nobody")
        return f"{name} {count}" + (f" :red[▼{late}]" if late else "")

    chosen = st.pills(
        t("reviews.whose"), list(owners), format_func=words, key="reviews.owner", help=t("reviews.whose_help")
    )
    return actions if chosen is None else [action for action in actions if action.owner.strip() == chosen]


def action_row(snap: Snapshot, action: Action, today: date, *, place: str) -> None:
    """An action with what can be done to it; ``place`` tells the same action's rows apart."""
    editing = f"actions.edit.{place}.{action.code}"
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(width=_WORDS_WIDTH, gap=None):
                _words(snap, action, today)
            with st.container(horizontal=True, width="content", vertical_alignment="center"):
                _buttons(snap, action, place, editing)
        if st.session_state.get(editing):
            action_editor(snap, action, editing)


def _words(snap: Snapshot, action: Action, today: date) -> None:
    language = current().language
    late = is_overdue(action, today)
    badge = f" :red-badge[▼ {t('reviews.overdue')}]" if late else ""
    st.markdown(f"**{named(action.title)}**{badge}")
    node = snap.workshop.node(action.node) if action.node else None
    kpi = (node.name.in_language(language) if node else "") or action.node or t("reviews.no_kpi")
    due = format_date(action.due, language) if action.due else "–"
    st.caption(t("reviews.action_line", kpi=kpi, owner=action.owner or "–", due=due))
    if action.note.strip():
        st.caption(named(action.note))


def _buttons(snap: Snapshot, action: Action, place: str, editing: str) -> None:
    following = (
        {ActionStatus.DONE: "mark_done", ActionStatus.DROPPED: "mark_dropped"}
        if action.status is ActionStatus.OPEN
        else {ActionStatus.OPEN: "reopen"}
    )
    for status, word in following.items():
        st.button(
            t(f"reviews.{word}"),
            key=f"reviews.{place}.{word}.{action.code}",
            type="secondary" if status is not ActionStatus.DROPPED else "tertiary",
            on_click=_mark,
            args=(snap, action, status),
        )
    if not st.session_state.get(editing):
        st.button(
            t("reviews.action_edit"),
            key=f"{editing}.button",
            type="tertiary",
            on_click=lambda: st.session_state.update({editing: True}),
        )


def _mark(snap: Snapshot, action: Action, status: ActionStatus) -> None:
    def store() -> None:
        with state() as here:
            revision = snap.revisions["actions", action.code]
            save(here, snap.id, "actions", action.model_copy(update={"status": status}), revision, current().who)

    attempt(store, "reviews.action_marked")

"""Improvement actions: open ones by due date with what is overdue, done ones on request, the form of a new one."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from kpi_core.model.base import Bilingual
from kpi_core.model.operation import Action
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.editing import save
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date
from kpi_core.vocabulary import ActionStatus
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.outcome import attempt
from pages.components.session import current, state, t

#: A new action is due in two weeks unless said otherwise.
_USUAL_DUE = timedelta(days=14)


def action_list(snap: Snapshot, today: date) -> None:
    """One row an action, the most urgent first."""
    shown = st.segmented_control(
        t("reviews.which_actions"),
        list(ActionStatus),
        format_func=lambda one: t(f"vocabulary.action_status.{ActionStatus(one).value}"),
        key="reviews.actions",
        default=ActionStatus.OPEN,
        required=True,
    )
    actions = [action for action in snap.workshop.actions if action.status is shown]
    if not actions:
        st.info(t("reviews.no_actions"))
    for action in sorted(actions, key=lambda one: (one.due is None, one.due)):
        _row(snap, action, today)
    with st.popover(t("reviews.add_action"), icon=":material/add:"):
        action_form(snap, None, None, today)


def _row(snap: Snapshot, action: Action, today: date) -> None:
    language = current().language
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="stretch"):
            st.markdown(f"**{named(action.title)}**")
            node = snap.workshop.node(action.node) if action.node else None
            kpi = (node.name.in_language(language) if node else "") or action.node or "–"
            due = format_date(action.due, language) if action.due else "–"
            st.caption(t("reviews.action_line", kpi=kpi, owner=action.owner or "–", due=due))
            if action.note.strip():
                st.caption(named(action.note))
        if action.status is ActionStatus.OPEN:
            if action.due and action.due < today:
                st.badge(f"▼ {t('reviews.overdue')}", color="red")
            for status in (ActionStatus.DONE, ActionStatus.DROPPED):
                st.button(
                    t(f"reviews.mark_{status.value}"),
                    key=f"reviews.{status.value}.{action.code}",
                    on_click=_mark,
                    args=(snap, action, status),
                )
        else:
            st.button(
                t("reviews.reopen"),
                key=f"reviews.reopen.{action.code}",
                on_click=_mark,
                args=(snap, action, ActionStatus.OPEN),
            )


def action_form(
    snap: Snapshot, node: str | None, meeting: str | None, today: date, *, owner: str = "", title: str = ""
) -> None:
    """A new action on ``node``; the standard action and owner are proposed."""
    proposed = {"title": title[:200], "owner": owner, "due": today + _USUAL_DUE, "note": ""}
    draft = Draft(f"actions.new.{node}", proposed, None)
    draft.text("title", t("reviews.action_title"), max_chars=200)
    draft.text("owner", t("reviews.action_owner"))
    draft.date("due", t("reviews.action_due"))
    draft.area("note", t("reviews.action_note"), height=80)
    workshop, workshop_id, who = snap.workshop, snap.id, current().who

    def store(values: Values, _: int | None) -> None:
        fields = {
            "code": code_from(Bilingual(), "action", {one.code for one in workshop.actions}),
            "title": values["title"].strip(),
            "node": node,
            "meeting": meeting if any(one.code == meeting for one in workshop.meetings) else None,
            "owner": values["owner"].strip(),
            "due": values["due"],
            "note": values["note"] or "",
        }
        with state() as here:
            save(here, workshop_id, "actions", composed(Action, fields), None, who)

    empty = not (draft.value("title") or "").strip()
    draft.foot(
        store,
        label=t("reviews.save_action"),
        done="reviews.action_added",
        disabled=empty,
    )


def _mark(snap: Snapshot, action: Action, status: ActionStatus) -> None:
    def store() -> None:
        with state() as here:
            revision = snap.revisions["actions", action.code]
            save(here, snap.id, "actions", action.model_copy(update={"status": status}), revision, current().who)

    attempt(store, "reviews.action_marked")

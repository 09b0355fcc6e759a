"""The workshop's members: add, change, and remove with what they answered named."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kpi_core.model.workshop import Member
from kpi_core.services.organisation import add_member, change_member, remove_member
from kpi_core.services.sharing import people_of
from kpi_core.services.workshops import Snapshot
from kpi_core.text.numbers import ago
from kpi_core.vocabulary import Role
from pages.components.dialog import begin, foot, told_or_closed
from pages.components.draft import Draft, Values
from pages.components.outcome import attempt, tell_outcome
from pages.components.plain import plain
from pages.components.session import current, raw, state, t

_CLOSE = "settings.member.close"


def member_list(snap: Snapshot) -> None:
    """A line a member: name, department, role; change and remove."""
    language = current().language
    st.caption(t("settings.members_help"))
    if not snap.workshop.members:
        st.markdown(t("settings.members_none"))
    with state() as here:
        seen = {one.member: one.seen_at for one in people_of(here, snap.id, current().who)}
    for member in snap.workshop.members:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap="xxsmall"):
                st.markdown(f"**{plain(member.name)}**")
                department = plain(snap.workshop.department_name(member.department, language)) or "–"
                here_now = t("sharing.seen", ago=ago(seen[member.code], language)) if member.code in seen else ""
                st.caption(f"{department} ・ {here_now}" if here_now else department)
            st.badge(t(f"vocabulary.role.{member.role.value}"), color="gray")
            if st.button(t("settings.change"), key=f"settings.member.change.{member.code}"):
                _change(snap, member)
            if st.button(t("settings.remove"), key=f"settings.member.remove.{member.code}", type="tertiary"):
                _remove(snap, member)
    if st.button(t("settings.add_member"), key="settings.member.add", icon=":material/add:"):
        _change(snap, None)


def _change(snap: Snapshot, member: Member | None) -> None:
    language = current().language
    code = member.code if member else ""
    departments = [one.code for one in snap.workshop.departments]

    begin()

    @st.dialog(t("settings.member_title"))
    def change() -> None:
        told_or_closed()
        draft = Draft(f"member.{code}", _read(member), snap.revisions.get(("members", code)))
        draft.text("name", t("settings.member_name"), max_chars=200)
        draft.choice(
            "department",
            t("settings.member_department"),
            departments,
            lambda one: snap.workshop.department_name(one, language),
            placeholder=raw("checklist.add_department_hint"),
        )
        draft.segments(
            "role",
            t("settings.member_role"),
            [one.value for one in Role],
            lambda one: t(f"vocabulary.role.{one}"),
            required=True,
        )
        write = partial(_store, draft, snap.id, code)
        foot(draft, write, t("pages.frame.save"), "pages.frame.saved", key="settings.member.save")

    change()


def _read(member: Member | None) -> Values:
    if member is None:
        return {"name": "", "department": None, "role": Role.MEMBER.value}
    return {"name": member.name, "department": member.department, "role": member.role.value}


def _store(draft: Draft, workshop_id: str, code: str) -> None:
    typed, who = draft.values, current().who
    name, department, role = typed["name"], typed["department"], Role(typed["role"])
    with state() as here:
        if code:
            change_member(here, workshop_id, code, name, department, role, draft.revision or 0, who)
        else:
            add_member(here, workshop_id, name, department, who, role)


def _remove(snap: Snapshot, member: Member) -> None:
    @st.dialog(t("settings.remove_member_title"))
    def ask() -> None:
        answers = sum(one.member == member.code for one in snap.workshop.checklist.answers)
        st.markdown(t("settings.remove_member", name=member.name))
        if answers:
            st.markdown(t("settings.remove_member_answers", count=answers))
        st.button(
            t("settings.remove_sure"),
            type="primary",
            key="settings.member.sure",
            on_click=_take_away,
            args=(snap, member),
        )
        _close_when_done()

    ask()


def _take_away(snap: Snapshot, member: Member) -> None:
    def removed() -> None:
        with state() as here:
            remove_member(here, snap.id, member.code, snap.revisions["members", member.code], current().who)

    st.session_state[_CLOSE] = attempt(removed, "pages.frame.removed")


def _close_when_done() -> None:
    tell_outcome()
    if st.session_state.pop(_CLOSE, False):
        st.rerun()

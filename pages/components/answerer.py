"""Who answers the checklist: a member of the workshop, or a new one; kept for the session."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.base import MAX_LINE
from kpi_core.services.answering import Asked
from kpi_core.services.organisation import add_member
from kpi_core.services.workshops import Snapshot
from pages.components.dialog import begin, foot, told_or_closed
from pages.components.draft import Draft
from pages.components.labels import distinct
from pages.components.session import current, raw, state, t

_MEMBER = "checklist.member"


def answerer(snap: Snapshot) -> Asked | None:
    """The picker; ``None`` until someone is picked. A member who left the workshop is forgotten."""
    workshop, language, who = snap.workshop, current().language, current().who
    if who.member is not None:  # who joined answers as themselves
        return Asked(who.member, who.department if workshop.department_name(who.department, language) else None)
    known = {member.code: member for member in workshop.members}
    if st.session_state.get(_MEMBER) not in known:
        st.session_state[_MEMBER] = None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("checklist.who"),
            list(known),
            format_func=distinct(known, lambda code: _shown(snap, code)),
            key=_MEMBER,
            persist_state="session",
            placeholder=raw("checklist.who_hint") if known else raw("checklist.who_none"),
            width=320,
        )
        if st.button(t("checklist.add_self"), key="checklist.add_self"):
            _add(snap)
    chosen = known.get(st.session_state.get(_MEMBER) or "")
    if chosen is None:
        return None
    name = workshop.department_name(chosen.department, language)
    return Asked(chosen.code, chosen.department if name else None)


def _shown(snap: Snapshot, code: str) -> str:
    member = next((one for one in snap.workshop.members if one.code == code), None)
    if member is None:
        return ""
    department = snap.workshop.department_name(member.department, current().language)
    return raw("checklist.member_of", name=member.name, department=department) if department else member.name


def _add(snap: Snapshot) -> None:
    @st.dialog(t("checklist.add_title"))
    def add() -> None:
        language = current().language
        told_or_closed()
        draft = Draft("members.answerer", {"name": "", "department": None}, None)
        draft.text("name", t("checklist.add_name"), placeholder=raw("checklist.add_name_hint"), max_chars=MAX_LINE)
        draft.choice(
            "department",
            t("checklist.add_department"),
            [department.code for department in snap.workshop.departments],
            lambda code: snap.workshop.department_name(code, language),
            placeholder=raw("checklist.add_department_hint"),
        )

        def added() -> None:
            with state() as here:
                typed = draft.values
                member = add_member(here, snap.id, typed["name"], typed["department"], current().who)
                st.session_state[_MEMBER] = member

        foot(draft, added, t("checklist.add_go"), "checklist.was_added", key="checklist.add.go")

    begin()
    add()

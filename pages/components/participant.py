"""Under which name a person takes part: the name they joined with, else one that they choose once per browser."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from kpi_core.model.base import MAX_LINE
from kpi_core.services import drafts
from kpi_core.services.people import Who
from kpi_core.services.workshops import Snapshot
from pages.components.browser import browser
from pages.components.session import current, raw, state, t

_NAME = "room.name"
_FIELD = "room.name.field"


def participant() -> Who:
    """The person; without a name until they gave one."""
    who = current().who
    if who.name:
        return who
    if _NAME not in st.session_state:
        st.session_state[_NAME] = _known()
    return replace(who, name=st.session_state[_NAME])


def name_field(snap: Snapshot) -> None:
    """Where one chooses or types a name; one line once that is done. Draws nothing for people who joined by name."""
    if current().who.name:
        return
    name = participant().name
    if name:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(t("room.me", name=name), width="stretch")
            st.button(t("room.change_me"), key="room.name.change", type="tertiary", on_click=_forget)
        return
    st.selectbox(
        t("room.who"),
        sorted({member.name for member in snap.workshop.members if member.name.strip()}),
        index=None,
        key=_FIELD,
        accept_new_options=True,
        placeholder=raw("room.who_hint"),
        help=t("room.who_help"),
        on_change=_keep,
    )


def _keep() -> None:
    name = str(st.session_state.get(_FIELD) or "").strip()[:MAX_LINE]
    if name:
        st.session_state[_NAME] = name
        if browser():
            with state() as here:
                drafts.keep(here, "", _NAME, None, {"name": name}, Who(name=browser()))


def _known() -> str:
    """The name that this browser took part under before; none where it keeps no cookies."""
    if not browser():
        return ""
    with state() as here:
        found = drafts.kept(here, "", _NAME, Who(name=browser()))
    return str(found.values["name"]) if found else ""


def _forget() -> None:
    if browser():
        with state() as here:
            drafts.drop(here, "", _NAME, Who(name=browser()))
    st.session_state[_NAME] = ""
    st.session_state.pop(_FIELD, None)

"""Who one is here, for people who joined by a link, with a way to leave."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.joining import leave
from pages.components.frame import named
from pages.components.outcome import attempt
from pages.components.session import current, opened, raw, state, t


def joined_as() -> None:
    """Name and department; behind it what the role may do, and *leave*. Nothing for the owner."""
    session, snap = current(), opened()
    who = session.who
    if who.person is None:
        return
    department = snap.workshop.department_name(who.department, session.language) if snap is not None else ""
    label = f"{named(who.name)} ({named(department)})" if department else named(who.name)
    with st.popover(label, icon=":material/person:", type="tertiary", key="joined_as"):
        st.markdown(t("sharing.joined_as", name=raw("sharing.name_of", name=who.name)))
        st.caption(t(f"sharing.as_{who.role.value}"))
        st.button(t("sharing.leave"), key="sharing.leave", icon=":material/logout:", on_click=_leave)
        st.caption(t("sharing.leave_help"))


def _leave() -> None:
    def left() -> None:
        with state() as here:
            leave(here, current().who)

    attempt(left)

"""A page shown to a room, alone on the screen: kept in the address (``present=1``); the dashboard's way in and out."""

from __future__ import annotations

import streamlit as st

from kpi_core.vocabulary import Page
from pages.components.session import once_a_run, t
from pages.components.style import style

_PRESENT = "present"
#: Pages that can be shown so.
_SHOWN = (Page.KPI_DESIGN, Page.DASHBOARD)
#: What a shared link to a shown dashboard says besides, and where the page keeps it.
_CHOICES = {"view": "dashboard.view", "grain": "dashboard.grain", "period": "dashboard.period"}


def presenting() -> bool:
    """Whether the page is shown to a room in this run: without the frame and what one presses."""
    return once_a_run("presenting", _presenting)


def _presenting() -> bool:
    return st.query_params.get(_PRESENT) == "1" and st.session_state.get("page") in [page.value for page in _SHOWN]


def present() -> None:
    """In a callback: the page alone from the next draw on."""
    st.query_params[_PRESENT] = "1"


def end() -> None:
    """In a callback: back to the page with all around it."""
    for name in (_PRESENT, *_CHOICES):
        st.query_params.pop(name, None)


def present_button() -> None:
    """The way in."""
    st.button(
        t("dashboard.present"),
        key="dashboard.present",
        icon=":material/present_to_all:",
        help=t("dashboard.present_help"),
        on_click=_begin,
    )


def way_out() -> None:
    """The page's style while it is shown, and the small button that ends it."""
    style("presenting")
    st.button(
        t("dashboard.present_end"),
        key="dashboard_present_end",
        icon=":material/close_fullscreen:",
        type="tertiary",
        on_click=end,
    )


def choices_of_address() -> None:
    """Before the page's pickers: what a link to a shown dashboard says, where the session has not chosen yet."""
    if presenting():
        for name, key in _CHOICES.items():
            if key not in st.session_state and name in st.query_params:
                st.session_state[key] = st.query_params[name]


def _begin() -> None:
    present()
    for name, key in _CHOICES.items():
        chosen = st.session_state.get(key)
        if chosen is not None:
            st.query_params[name] = str(chosen)

"""The first screen after the sample is opened: whose workshop it is, what each step shows, and where to begin."""

from __future__ import annotations

import streamlit as st

from kpi_core.vocabulary import Page
from pages.components.frame import STEPS, address, entry_of
from pages.components.going import go_to
from pages.components.session import current, t

_SHOWN_FOR = "sample.welcome"


def show_welcome(workshop_id: str) -> None:
    """In a callback: the sample was opened; Home introduces it."""
    st.session_state[_SHOWN_FOR] = workshop_id
    go_to(Page.HOME)


def sample_welcome() -> bool:
    """Draws the introduction while the sample that was just opened is the chosen workshop; whether it did."""
    if current().workshop is None or st.session_state.get(_SHOWN_FOR) != current().workshop:
        return False
    with st.container(border=True, key="sample_welcome"):
        st.subheader(t("sample.title"), anchor=False)
        st.markdown(t("sample.company"))
        st.markdown(t("sample.story"))
        with st.grid(5, min_column_width=180, border=True):
            for number, page in enumerate(STEPS, start=1):
                with st.container():
                    st.markdown(f":primary-badge[{number}] **{t(f'pages.{page.value}.menu')}**")
                    st.caption(t(f"sample.step.{page.value}"))
                    st.page_link(entry_of(page), label=t("sample.look"), query_params=address())
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(t("sample.begin"), type="primary", key="sample.begin", on_click=go_to, args=(Page.DASHBOARD,))
            st.button(t("sample.from_start"), key="sample.from_start", on_click=go_to, args=(Page.KGI,))
        st.caption(t("sample.dates"))
    return True

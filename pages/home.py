"""Home: go on with a workshop or begin one; a first visit says what this is and where to start."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.workshops import list_workshops
from kpi_core.vocabulary import Page
from pages.components.beginnings import beginnings
from pages.components.frame import STEPS, heading
from pages.components.going import go_on
from pages.components.sample_welcome import sample_welcome
from pages.components.session import everywhere, state, t
from pages.components.workshop_card import workshop_card

#: Cards in sight before the rest is asked for.
_SHOWN = 9


def introduction() -> None:
    """What this is, why, and how the five steps go."""
    st.markdown(f"#### {t('home.why')}")
    st.markdown(t("home.what"))
    with st.grid(5, min_column_width=180, border=True):
        for number, page in enumerate(STEPS, start=1):
            with st.container():
                st.markdown(f":primary-badge[{number}] **{t(f'pages.{page.value}.menu')}**")
                st.caption(t(f"pages.{page.value}.purpose"))


go_on()
heading(Page.HOME)
sample_welcome()
with state() as here:
    cards = list_workshops(here)
if cards:
    st.subheader(t("home.go_on"), anchor=False)
    shown = cards if st.session_state.get("home.all") else cards[:_SHOWN]
    with st.grid(3, min_column_width=290, border=True):
        for position, card in enumerate(shown):
            with st.container():
                workshop_card(card, first=position == 0)
    if len(shown) < len(cards):
        st.toggle(t("home.show_all", count=len(cards)), key="home.all")
else:
    introduction()
if everywhere():
    st.subheader(t("home.begin"), anchor=False)
    beginnings(first_visit=not cards)

"""Going to another page after a callback: the callback names the page, the next draw goes there."""

from __future__ import annotations

import streamlit as st

from kpi_core.vocabulary import Page
from pages.components.frame import address, entry_of

_ASKED = "going.page"


def go_to(page: Page) -> None:
    """In a callback: the page to show next."""
    st.session_state[_ASKED] = page


def go_on() -> None:
    """At the top of a page, and at the end of a dialog: leave when a callback asked for it."""
    asked: Page | None = st.session_state.pop(_ASKED, None)
    if asked is not None:
        st.switch_page(entry_of(asked), query_params=address())

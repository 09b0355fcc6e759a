"""A field that saves at once: it shows what is stored, and never takes back what the person chose meanwhile.

A value that a run gives to its widget reaches the browser after the next click may have been made there; given in each
run, it would undo that click, and the one after it would save the old value. So a widget is given what is news only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st


def follow(key: str, stored: Any) -> None:
    """Before the widget: it shows what is stored where that changed since it was drawn, else what stands in it."""
    seen = f"{key}/seen"
    if key not in st.session_state or seen not in st.session_state or st.session_state[seen] != stored:
        st.session_state[key] = stored
        st.session_state[seen] = stored


def store(key: str, action: Callable[[], object]) -> None:
    """In the widget's callback: ``action`` stores what stands in it; where it gives ``False`` or fails, the widget
    gives way to what is stored."""
    seen = f"{key}/seen"
    st.session_state.pop(seen, None)
    if action() is not False:
        st.session_state[seen] = st.session_state[key]

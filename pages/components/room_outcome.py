"""What a click in a piece of the room did, told within that piece: the page around it is not drawn again."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.errors import KpiError
from pages.components.session import t
from pages.components.trouble import show_error


def act(piece: str, action: Callable[[], object], done: str | None = None, /, **params: object) -> bool:
    """In a callback: runs a write and keeps what to say of it; tells whether it went well."""
    st.session_state.pop(f"{piece}.failed", None)
    try:
        action()
    except KpiError as error:
        st.session_state[f"{piece}.failed"] = error
        return False
    if done is not None:
        st.session_state[f"{piece}.done"] = t(done, **params)
    return True


def told(piece: str) -> None:
    """At the top of the piece: a toast for what went well, a box until the next try for what did not."""
    done = st.session_state.pop(f"{piece}.done", None)
    if done is not None:
        st.toast(done, icon=":material/check_circle:")
    failed = st.session_state.get(f"{piece}.failed")
    if failed is not None:
        show_error(failed)

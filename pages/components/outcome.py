"""What a callback did, told on the next draw: writes happen in callbacks, words follow after them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.errors import KpiError
from pages.components.session import t
from pages.components.trouble import show_error

_FAILED = "outcome.failed"
_DONE = "outcome.done"


def attempt(action: Callable[[], object], done: str | None = None, /, **params: object) -> bool:
    """Runs a write in a callback and keeps what to say of it: ``done`` or the failure; tells whether it went well."""
    st.session_state.pop(_FAILED, None)
    try:
        action()
    except KpiError as error:
        st.session_state[_FAILED] = error
        return False
    if done is not None:
        st.session_state[_DONE] = t(done, **params)
    return True


def tell_outcome() -> None:
    """Shows what the last callback did: a toast when it went well, a box that stays until the next try when not."""
    done = st.session_state.pop(_DONE, None)
    if done is not None:
        st.toast(done, icon=":material/check_circle:")
    failed = st.session_state.get(_FAILED)
    if failed is not None:
        show_error(failed)


def forget_outcome() -> None:
    """Drops a failure that was told, as when the page changes."""
    st.session_state.pop(_FAILED, None)
